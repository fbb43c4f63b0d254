//! Which lease file and which server are meant.

use std::path::{Path, PathBuf};

use kotare_daemon::{Environment, PathKind, Paths};

use crate::args::Task;
use crate::leases::Leases;

/// Where leases are, and who serves them.
pub(crate) struct Place<L: Leases> {
    /// The lease file.
    pub(crate) file: PathBuf,
    /// The control socket of the server, if one is named.
    pub(crate) socket: Option<PathBuf>,
    /// The configuration of the server, if it is given.
    pub(crate) config: Option<Box<L::Config>>,
}

impl<L: Leases> Place<L> {
    /// What the options say: what is named counts, then the configuration, then what Kea's servers do by default.
    pub(crate) fn of(task: &Task) -> Result<Self, String> {
        // Where files may be is the server's to judge.
        let paths = Paths::new(&Environment::of_process(), false);
        let config = task.config.as_deref().map(|path| L::configuration(path).map(Box::new)).transpose()?;
        let process = config.as_deref().map(AsRef::<kotare_config::Process>::as_ref);
        let in_folder = |kind, written: &str| {
            let judged = paths.file(kind, written);
            judged.map(|good| PathBuf::from(good.path)).map_err(|error| error.to_string())
        };
        let database = process.map(|process| &process.lease_database);
        if database.is_some_and(|database| database.memfile().is_none()) && task.name.is_none() {
            return Err(format!(
                "{} keeps its leases in a database, not in a file; name one with -n",
                shown(task.config.as_deref())
            ));
        }
        let configured = match database.and_then(|database| database.memfile()) {
            Some(memfile) if !memfile.persist && task.name.is_none() => {
                return Err(format!(
                    "{} has no lease file: 'persist' of its lease-database is false; name one with -n",
                    shown(task.config.as_deref())
                ));
            }
            Some(memfile) => memfile.name.as_ref(),
            None => None,
        };
        let file = match (&task.name, configured) {
            (Some(name), _) => name.clone(),
            (None, Some(written)) => in_folder(PathKind::Data, &written.path)?,
            (None, None) => paths.directory(PathKind::Data).join(L::LEASE_FILE),
        };
        let sockets = process.map(|process| process.control_sockets.as_slice()).unwrap_or_default();
        let socket = match (&task.socket, sockets.first()) {
            (Some(socket), _) => Some(socket.clone()),
            (None, Some(configured)) => Some(in_folder(PathKind::ControlSocket, &configured.name.path)?),
            (None, None) => None,
        };
        Ok(Self { file, socket, config })
    }
}

fn shown(path: Option<&Path>) -> impl std::fmt::Display {
    path.map(|path| path.display().to_string()).unwrap_or_default()
}
