//! The way to the control socket of another daemon.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::WrittenPath;
use super::control::{HttpClient, http_client, tls_paths};
use crate::Level;
use crate::json::Value;
use crate::schema::tables::AGENT_CREDENTIALS;

/// The port of a daemon that is reached over HTTP, where none is written.
const PORT: u16 = 8000;

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
    /// `authentication`: who asks is there, and the directory of the files that tell.
    pub user: Option<(HttpClient, Box<str>)>,
    /// What makes it HTTPS: `trust-anchor`.
    pub trust_anchor: Option<WrittenPath>,
    /// `cert-file` and `key-file`: what who asks shows.
    pub own: Option<(WrittenPath, WrittenPath)>,
}

impl Way {
    /// What a map says; `None` without the name of a UNIX socket, which is reported.
    pub(crate) fn of(level: Level<'_>) -> Option<Self> {
        Some(match level.text("socket-type") {
            "unix" => Self::Unix(WrittenPath::of(level.own("socket-name")?)?),
            _ => Self::Http(HttpWay::of(level).into()),
        })
    }
}

impl HttpWay {
    fn of(level: Level<'_>) -> Self {
        let user = level.own("authentication").map(|map| {
            let level = Level::of(&AGENT_CREDENTIALS, map);
            (http_client(level), level.text("directory").into())
        });
        let [trust_anchor, certificate, key] = tls_paths(level);
        Self { at: http_address(level), user, trust_anchor, own: certificate.zip(key) }
    }
}

/// Where a daemon is reached over HTTP.
pub(crate) fn http_address(level: Level<'_>) -> SocketAddr {
    let address = level.own("socket-address").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let address = address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    SocketAddr::new(address, level.int("socket-port").unwrap_or(PORT))
}
