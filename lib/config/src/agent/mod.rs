//! What the control agent runs from: where it listens, and where the daemons are.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use kotare_options::Definitions;

use crate::json::{Diagnostics, Kind, Map, Value};
use crate::process::{
    HookLibrary, HttpClient, HttpSocket, Logger, WrittenPath, http_client, http_socket, libraries, loggers,
    tls_paths,
};
use crate::schema::File;
use crate::schema::tables::{AGENT_CREDENTIALS, AGENT_SOCKET, AGENT_TOP, CONTROL_AGENT};
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

/// The port of a daemon that is reached over HTTP, where none is written.
const PORT: u16 = 8000;

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

/// The way to a daemon.
#[derive(Clone, Debug)]
pub enum Way {
    /// Its UNIX control socket, as written.
    Unix(WrittenPath),
    /// Its HTTP control socket.
    Http(Box<HttpWay>),
}

/// The way to the HTTP control socket of a daemon.
#[derive(Clone, Debug)]
pub struct HttpWay {
    /// `socket-address` and `socket-port`.
    pub at: SocketAddr,
    /// `authentication`: who the agent is there, and the directory of the files that tell.
    pub user: Option<(HttpClient, Box<str>)>,
    /// What makes it HTTPS: `trust-anchor`.
    pub trust_anchor: Option<WrittenPath>,
    /// `cert-file` and `key-file`: what the agent shows.
    pub own: Option<(WrittenPath, WrittenPath)>,
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
    let way = match level.text("socket-type") {
        "unix" => Way::Unix(WrittenPath::of(level.own("socket-name")?)?),
        _ => Way::Http(http_way(level).into()),
    };
    Some(Daemon { service, way, patience: level.seconds("timeout") })
}

fn http_way(level: Level<'_>) -> HttpWay {
    let user = level.own("authentication").map(|map| {
        let level = Level::of(&AGENT_CREDENTIALS, map);
        (http_client(level), level.text("directory").into())
    });
    let [trust_anchor, certificate, key] = tls_paths(level);
    HttpWay { at: http_address(level), user, trust_anchor, own: certificate.zip(key) }
}

/// Where a daemon is reached over HTTP.
pub(crate) fn http_address(level: Level<'_>) -> SocketAddr {
    let address = level.own("socket-address").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let address = address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    SocketAddr::new(address, level.int("socket-port").unwrap_or(PORT))
}
