//! `lease4-write`, `lease6-write`: writes all leases to a lease file.

use kotare_control::{Request, Response};

use super::family::Commanded;
use super::messages::LEASE_CMDS_PATH_SECURITY_WARNING;
use super::scene::{Done, Scene};
use crate::arguments::Arguments;

/// `lease4-write`, `lease6-write`.
pub(super) fn write<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    let arguments = Arguments::of(request, "no parameters specified for the command")?;
    let name = arguments.get("filename").ok_or("'filename' parameter not specified")?;
    let name = name.as_str().ok_or("'filename' parameter must be a string")?;
    let written = scene.server.write_leases(name)?;
    if let Some(warning) = written.warning {
        LEASE_CMDS_PATH_SECURITY_WARNING(warning);
    }
    Ok(Response::success(format!("{} lease database into '{}'.", L::WORDS.ip, written.path.display())))
}
