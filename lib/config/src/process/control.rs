//! `control-sockets`.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::WrittenPath;
use crate::Level;
use crate::json::{Source, Value};
use crate::schema::tables::{AUTHENTICATION, AUTHENTICATION_CLIENT, CONTROL_SOCKET, HTTP_HEADER, MONITORING};

/// A UNIX control socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnixSocket {
    /// `socket-name` as written; the daemon supplies the folder for a bare name and checks it.
    pub name: WrittenPath,
}

/// An HTTP or HTTPS control socket.
#[derive(Clone, Debug)]
pub struct HttpSocket {
    /// The entry as written, to be shown without its secrets.
    pub written: Value,
    /// `socket-address` and `socket-port`.
    pub at: SocketAddr,
    /// `authentication`, if written.
    pub authentication: Option<HttpAuthentication>,
    /// `http-headers`.
    pub headers: Vec<HttpHeader>,
    /// What makes it HTTPS.
    pub tls: Option<HttpTls>,
    /// `monitoring`, its own or that of its `user-context`.
    pub monitoring: Option<Monitoring>,
}

/// What an HTTP socket tells programs that watch the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Monitoring {
    /// `detail`: what there are metrics of.
    pub detail: Detail,
    /// `authentication`: whether who asks must say a name and a password, where those who send commands must.
    pub authentication: bool,
}

/// What there are metrics of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// The server as a whole.
    Server,
    /// Its subnets, too.
    Subnets,
    /// Their pools, too.
    Pools,
}

/// `authentication` of an HTTP socket.
#[derive(Clone, Debug)]
pub struct HttpAuthentication {
    /// `realm`, if written, or else where it would stand.
    pub realm: (Option<Box<str>>, Source),
    /// `directory`: what the paths of the clients' files begin with.
    pub directory: Box<str>,
    /// `clients`.
    pub clients: Vec<HttpClient>,
}

/// A client who may send commands. At least one of user and password is written.
#[derive(Clone, Debug)]
pub struct HttpClient {
    /// `user` or `user-file`; without, `password-file` has both.
    pub user: Option<Secret>,
    /// `password` or `password-file`; without, the password is empty.
    pub password: Option<Secret>,
}

/// What should not be known to everybody.
#[derive(Clone)]
pub enum Secret {
    /// As it is.
    Clear(Box<str>, Source),
    /// In a file.
    File(WrittenPath),
}

/// A header to add to answers.
#[derive(Clone, Debug)]
pub struct HttpHeader {
    /// `name`.
    pub name: Box<str>,
    /// `value`.
    pub value: Box<str>,
    /// Where it is written.
    pub source: Source,
}

/// What TLS needs.
#[derive(Clone, Debug)]
pub struct HttpTls {
    /// `trust-anchor`.
    pub trust_anchor: WrittenPath,
    /// `cert-file`.
    pub certificate: WrittenPath,
    /// `key-file`.
    pub key: WrittenPath,
    /// `cert-required`: whether clients must show a certificate.
    pub required: bool,
}

/// What holds if nothing is written. No rows of the table have it, because Kea does not show it.
const PORT: u16 = 8000;
const CERT_REQUIRED: bool = true;

/// Every entry of type `unix`.
pub(crate) fn unix(global: Level<'_>) -> Vec<UnixSocket> {
    let unix = global.list(&CONTROL_SOCKET).filter(|socket| socket.text("socket-type") == "unix");
    unix.filter_map(|socket| Some(UnixSocket { name: WrittenPath::of(socket.own("socket-name")?)? }))
        .collect()
}

/// Every entry of type `http` or `https`, at this address if none is written.
pub(crate) fn http(global: Level<'_>, unwritten: IpAddr) -> Vec<HttpSocket> {
    let http = global.list(&CONTROL_SOCKET);
    http.filter(|socket| ["http", "https"].contains(&socket.text("socket-type")))
        .filter_map(|socket| http_socket(socket, ["socket-address", "socket-port"], unwritten))
        .collect()
}

/// The socket that a map describes, its address and its port under these keywords, and that address if none is written;
/// `None` if the map is not written.
pub(crate) fn http_socket(
    socket: Level<'_>,
    [address, port]: [&str; 2],
    unwritten: IpAddr,
) -> Option<HttpSocket> {
    let written = socket.map()?;
    let address = socket.text(address).parse().unwrap_or(unwritten);
    let port = socket.int(port).unwrap_or(PORT);
    let authentication = socket.own("authentication").map(authentication);
    let headers = socket.list(&HTTP_HEADER).filter_map(|header| {
        let source = header.map()?.source().clone();
        Some(HttpHeader { name: header.text("name").into(), value: header.text("value").into(), source })
    });
    let [trust_anchor, certificate, key] = tls_paths(socket);
    let tls = trust_anchor.zip(certificate).zip(key);
    Some(HttpSocket {
        written: written.clone(),
        at: SocketAddr::new(address, port),
        authentication,
        headers: headers.collect(),
        tls: tls.map(|((trust_anchor, certificate), key)| HttpTls {
            trust_anchor,
            certificate,
            key,
            required: socket.own("cert-required").and_then(Value::as_bool).unwrap_or(CERT_REQUIRED),
        }),
        // Kea refuses a keyword that it does not know; in `user-context` it reads over it.
        monitoring: socket
            .own("monitoring")
            .or_else(|| written.at(&["user-context", "monitoring"]))
            .map(monitoring),
    })
}

/// `trust-anchor`, `cert-file` and `key-file`, as far as they are written.
pub(crate) fn tls_paths(level: Level<'_>) -> [Option<WrittenPath>; 3] {
    let path = |keyword| level.own(keyword).and_then(WrittenPath::of).filter(|path| !path.path.is_empty());
    ["trust-anchor", "cert-file", "key-file"].map(path)
}

fn monitoring(map: &Value) -> Monitoring {
    let level = Level::of(&MONITORING, map);
    // In `user-context` words stay in the letter case they are written in.
    let detail = match level.text("detail") {
        word if word.eq_ignore_ascii_case("server") => Detail::Server,
        word if word.eq_ignore_ascii_case("subnets") => Detail::Subnets,
        _ => Detail::Pools,
    };
    Monitoring { detail, authentication: level.bool("authentication") }
}

fn authentication(map: &Value) -> HttpAuthentication {
    let level = Level::of(&AUTHENTICATION, map);
    let realm = level.own("realm");
    HttpAuthentication {
        realm: (
            realm.and_then(Value::as_str).map(Into::into),
            realm.map_or(map.source(), |realm| realm.source()).clone(),
        ),
        directory: level.text("directory").into(),
        clients: level.list(&AUTHENTICATION_CLIENT).map(http_client).collect(),
    }
}

/// A name and a password, as far as they are written.
pub(crate) fn http_client(client: Level<'_>) -> HttpClient {
    let secret = |clear, file| match client.own(clear) {
        Some(text) => Some(Secret::Clear(text.as_str()?.into(), text.source().clone())),
        None => client.own(file).and_then(WrittenPath::of).map(Secret::File),
    };
    HttpClient { user: secret("user", "user-file"), password: secret("password", "password-file") }
}

impl fmt::Debug for Secret {
    /// Where it is, not what it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clear(_, source) => f.debug_tuple("Clear").field(source).finish(),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}
