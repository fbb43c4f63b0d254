//! What the control agent runs from: where it listens, and where the daemons are.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use kotare_options::Definitions;

use crate::json::{Diagnostics, Kind, Map, Value};
use crate::process::{HookLibrary, HttpSocket, Logger, Way, http_socket, libraries, loggers};
use crate::schema::File;
use crate::schema::tables::{AGENT_SOCKET, AGENT_TOP, CONTROL_AGENT};
use crate::{Configuration, Level, check};

/// The file of a control agent that knows no hook library.
pub const FILE: File = File {
    top: &AGENT_TOP,
    global: &CONTROL_AGENT,
    libraries: &[],
    loopback: IpAddr::V4(Ipv4Addr::LOCALHOST),
};

/// The daemons that there may be, as commands call them.
pub const SERVICES: [&str; 3] = ["dhcp4", "dhcp6", "d2"];

/// What the address of the agent is under.
const ADDRESS: [&str; 2] = ["http-host", "http-port"];

/// What the control agent runs from.
#[derive(Clone, Debug)]
pub struct ConfigAgent {
    /// `http-host`, `http-port`, and whom to let in there.
    pub http: Option<HttpSocket>,
    /// `control-sockets`.
    pub daemons: Vec<Daemon>,
    /// `hooks-libraries`, in the order written.
    pub libraries: Vec<HookLibrary>,
    /// `loggers`.
    pub loggers: Vec<Logger>,
    /// There are no options; `config-get` of every daemon asks for their definitions.
    definitions: Definitions,
}

/// A daemon that commands are passed to.
#[derive(Clone, Debug)]
pub struct Daemon {
    /// What commands call it: one of [`SERVICES`].
    pub service: &'static str,
    /// Where it is.
    pub way: Way,
    /// `timeout`: how long its answer may take.
    pub patience: Duration,
}

impl Configuration for ConfigAgent {
    fn resolve(global: Level<'_>, file: &File, diagnostics: &mut Diagnostics) -> Self {
        check::agent(global, diagnostics);
        let sockets = global.own("control-sockets");
        let daemon = |service| {
            let map = sockets?.get(service)?;
            self::daemon(service, Level::of(&AGENT_SOCKET, map))
        };
        Self {
            http: http(global),
            daemons: SERVICES.into_iter().filter_map(daemon).collect(),
            libraries: libraries(global, file, diagnostics),
            loggers: loggers(global),
            definitions: Definitions::default(),
        }
    }

    fn definitions(&self) -> &Definitions {
        &self.definitions
    }
}

/// Where the agent listens. To be told from others, it is shown by its address alone.
fn http(global: Level<'_>) -> Option<HttpSocket> {
    let map = global.map()?;
    let address = map.entries().iter().filter(|entry| ADDRESS.contains(&&*entry.key)).cloned().collect();
    let written = Value::new(map.source().clone(), Kind::Map(Map::new(address).ok()?));
    Some(HttpSocket { written, ..http_socket(global, ADDRESS, FILE.loopback)? })
}

/// `None` without the name of a UNIX socket, which is reported.
fn daemon(service: &'static str, level: Level<'_>) -> Option<Daemon> {
    Some(Daemon { service, way: Way::of(level)?, patience: level.seconds("timeout") })
}
