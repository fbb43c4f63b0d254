//! What the servers of the two families are called, and what each needs to be told.

use std::fmt;
use std::path::Path;

use serde_json::{Value, json};

/// DHCPv4 or DHCPv6.
pub trait Family: fmt::Debug + Send + Sync + 'static {
    /// The server's program.
    const SERVER: &'static str;
    /// The map of its configuration.
    const MAP: &'static str;
    /// Its control socket in an installation.
    const CONTROL_SOCKET: &'static str;

    /// Whether it keeps a file in its data directory that no configuration names: the DUID.
    const KEEPS_DUID: bool;

    /// What a configuration needs beside a control socket and a lease file; `folder` is the server's.
    fn defaults(folder: &Path) -> Option<(&'static str, Value)>;
}

/// DHCPv4.
#[derive(Debug)]
pub enum V4 {}

/// DHCPv6.
#[derive(Debug)]
pub enum V6 {}

impl Family for V4 {
    const SERVER: &'static str = "kea-dhcp4";
    const MAP: &'static str = "Dhcp4";
    const CONTROL_SOCKET: &'static str = "kea4-ctrl-socket";
    const KEEPS_DUID: bool = false;

    fn defaults(_: &Path) -> Option<(&'static str, Value)> {
        None
    }
}

impl Family for V6 {
    const SERVER: &'static str = "kea-dhcp6";
    const MAP: &'static str = "Dhcp6";
    const CONTROL_SOCKET: &'static str = "kea6-ctrl-socket";
    const KEEPS_DUID: bool = true;

    /// A DUID made of the folder's name: Kea 2.2 would keep a generated one outside the folder.
    fn defaults(folder: &Path) -> Option<(&'static str, Value)> {
        let name = folder.file_name().unwrap_or_default().as_encoded_bytes();
        let identifier: String = name.iter().map(|byte| format!("{byte:02X}")).collect();
        let id =
            json!({"type": "EN", "enterprise-id": ENTERPRISE, "identifier": identifier, "persist": false});
        Some(("server-id", id))
    }
}

/// The enterprise number of examples (RFC 5612).
const ENTERPRISE: u32 = 32473;

/// The DUID of the server whose folder has this name, as Kea writes DUIDs.
pub fn server_duid(name: &str) -> String {
    let bytes = [&[0, 2][..], &ENTERPRISE.to_be_bytes(), name.as_bytes()].concat();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}
