//! The parameters of `radius`, and what they mean.

use std::fs::File;
use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use kotare_config::Level;
use kotare_config::json::{Diagnostics, Source, Value};
use kotare_config::schema::{Table, Type, param};
use kotare_model::HostIdType;
use kotare_radius::{Dictionary, MAX_DICTIONARY, Plan};

use super::Served;
use super::attributes::Configured;
use super::ports::Ports;
use crate::Entry;

const U32: i64 = u32::MAX as i64;
/// The longest `timeout`, in seconds.
const LONGEST: i64 = i64::MAX / 1000;
/// Where a dictionary is looked for unasked; without one there, what is built in counts.
const DICTIONARY: &str = "/etc/kea/radius/dictionary";
/// Secrets of examples, which everybody knows.
const KNOWN_SECRETS: [&str; 2] = ["1234", "*****"];

/// The `parameters` of the library.
pub(super) static PARAMETERS: Table = Table {
    name: "parameters",
    groups: &[&[
        param("access", Type::Map(&ACCESS)),
        param("accounting", Type::Map(&ACCOUNTING)),
        param("tls", Type::Map(&TLS)),
        param("bindaddr", Type::Text).or_text("*"),
        param("canonical-mac-address", Type::Bool).or_bool(false),
        param("client-id-pop0", Type::Bool).or_bool(false),
        param("client-id-printable", Type::Bool).or_bool(false),
        param("deadtime", Type::Int(0, U32)).or_int(0),
        param("dictionary", Type::Text).or_text(DICTIONARY),
        param("extract-duid", Type::Bool).or_bool(true),
        param("identifier-type4", Type::Text).or_text("client-id"),
        param("identifier-type6", Type::Text).or_text("duid"),
        param("nas-ports", Type::Maps(&NAS_PORTS)),
        param("protocol", Type::Text).or_text("UDP"),
        param("reselect-subnet-address", Type::Bool).or_bool(false),
        param("reselect-subnet-pool", Type::Bool).or_bool(false),
        param("retries", Type::Int(0, U32)).or_int(3),
        param("session-history", Type::Text).or_text(""),
        // Requests are tasks, which need no threads.
        param("thread-pool-size", Type::Int(0, U32)).or_int(0).moot(),
        param("timeout", Type::Int(0, LONGEST)).or_int(10),
        // By the protocol.
        param("use-message-authenticator", Type::Bool),
        param("comment", Type::Text),
    ]],
    ..Table::EMPTY
};

macro_rules! service {
    ($name:ident, $keyword:literal) => {
        static $name: Table = Table {
            name: $keyword,
            groups: &[&[
                param("enabled", Type::Bool),
                param("servers", Type::Maps(&SERVERS)),
                param("attributes", Type::Maps(&ATTRIBUTES)),
                param("peer-updates", Type::Bool).or_bool(true),
                param("max-pending-requests", Type::Int(0, U32)).or_int(0),
                param("idle-timer-interval", Type::Int(0, U32)).or_int(0),
            ]],
            ..Table::EMPTY
        };
    };
}

service!(ACCESS, "access");
service!(ACCOUNTING, "accounting");
service!(TLS, "tls");

static SERVERS: Table = Table {
    name: "servers",
    groups: &[&[
        param("name", Type::Text).required(),
        // By the service.
        param("port", Type::Int(0, u16::MAX as i64)),
        param("secret", Type::Text),
        param("trust-anchor", Type::Text),
        param("cert-file", Type::Text),
        param("key-file", Type::Text),
    ]],
    open: true,
    ..Table::EMPTY
};

/// An entry of `attributes`.
pub(super) static ATTRIBUTES: Table = Table {
    name: "attributes",
    groups: &[&[
        param("name", Type::Text),
        param("type", Type::Int(i64::MIN, i64::MAX)),
        param("data", Type::Text).or_text(""),
        param("expr", Type::Expression).or_text(""),
        param("raw", Type::Text).or_text(""),
        param("vendor", Type::Text).or_text(""),
    ]],
    open: true,
    ..Table::EMPTY
};

/// An entry of `nas-ports`.
pub(super) static NAS_PORTS: Table = Table {
    name: "nas-ports",
    groups: &[&[
        param("port", Type::Int(0, U32)),
        param("subnet-id", Type::Int(0, U32)),
        param("subnet-prefix", Type::Text),
        param("shared-network-name", Type::Text),
    ]],
    open: true,
    ..Table::EMPTY
};

/// How servers are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Udp,
    Tls,
}

/// A service that is used.
#[derive(Clone, Debug)]
pub(super) struct Service {
    /// The servers as written; those of `tls` are those of both.
    pub(super) servers: Vec<WrittenServer>,
    pub(super) attributes: Vec<Configured>,
    /// `idle-timer-interval`
    pub(super) idle: Option<Duration>,
}

/// A server as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrittenServer {
    pub(super) name: Box<str>,
    pub(super) port: u16,
    pub(super) secret: Box<str>,
    /// `trust-anchor`, `cert-file`, `key-file`
    pub(super) tls: Option<[PathBuf; 3]>,
    pub(super) source: Source,
}

impl WrittenServer {
    /// Whether both are the same server, wherever they are written.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let all = |it: &Self| (it.name.clone(), it.port, it.secret.clone(), it.tls.clone());
        all(self) == all(other)
    }
}

/// How a client is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Calling {
    /// `identifier-type4` or `identifier-type6`
    pub(super) kind: HostIdType,
    /// `canonical-mac-address`
    pub(super) canonical: bool,
    /// `client-id-pop0`
    pub(super) pop0: bool,
    /// `client-id-printable`
    pub(super) printable: bool,
    /// `extract-duid`
    pub(super) extract_duid: bool,
}

/// What is configured.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) dictionary: Arc<Dictionary>,
    pub(super) protocol: Protocol,
    /// `bindaddr`, if it is one.
    pub(super) local: Option<IpAddr>,
    pub(super) calling: Calling,
    pub(super) plan: Plan,
    /// `timeout`
    pub(super) timeout: Duration,
    /// `use-message-authenticator`
    pub(super) signed: bool,
    /// `reselect-subnet-pool` and `reselect-subnet-address`
    pub(super) reselects: [bool; 2],
    /// `session-history`
    pub(super) history: Option<PathBuf>,
    pub(super) ports: Ports,
    pub(super) access: Option<Service>,
    pub(super) accounting: Option<Service>,
    /// `max-pending-requests` of `access`; 0 is no limit.
    pub(super) most_pending: usize,
    /// `peer-updates` of `accounting`
    pub(super) peer_updates: bool,
}

impl Settings {
    /// What an entry says. What is wrong goes to `diagnostics`, all of it.
    pub(super) fn read<L: Served>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let (level, before) = (entry.parameters(), diagnostics.error_count());
        let at = |keyword: &str| level.own(keyword).map_or(&entry.written.source, Value::source);
        let dictionary = match dictionary(level) {
            Ok(dictionary) => Arc::new(dictionary),
            Err(error) => {
                diagnostics.error(at("dictionary"), format!("can't read radius dictionary: {error}"));
                return None;
            }
        };
        let protocol = match level.text("protocol") {
            "UDP" => Protocol::Udp,
            "TLS" => Protocol::Tls,
            "TCP" => {
                diagnostics.error(at("protocol"), "protocol 'TCP' is not supported");
                Protocol::Udp
            }
            other => {
                diagnostics.error(at("protocol"), format!("unknown protocol {other}"));
                Protocol::Udp
            }
        };
        let local = match level.text("bindaddr") {
            "*" => None,
            written => {
                let local = written.parse();
                if local.is_err() {
                    diagnostics.error(at("bindaddr"), format!("bad local address '{written}'"));
                }
                local.ok()
            }
        };
        let kind = HostIdType::of(level.text(L::IDENTIFIER)).filter(|kind| L::KINDS.contains(kind));
        if kind.is_none() {
            let text = format!("unsupported identifier type '{}'", level.text(L::IDENTIFIER));
            let hint = format!("it may be {}", names(L::KINDS));
            diagnostics.error_with_hint(at(L::IDENTIFIER), text, hint);
        }
        let tls = level.own("tls").map(|_| level.section(&TLS));
        if tls.is_some() && protocol != Protocol::Tls {
            let text = "'tls' service can't be configured when protocol is not 'TLS'";
            diagnostics.error(at("tls"), text);
        }
        let tls = tls.filter(|_| protocol == Protocol::Tls);
        let tls_servers = tls.map_or_else(Vec::new, |tls| servers(tls, "tls", 2083, diagnostics));
        let service = |table: &'static Table, port: u16, diagnostics: &mut Diagnostics| {
            let section = level.own(table.name).map(|_| level.section(table))?;
            let cross = Cross { section, name: table.name, protocol };
            cross.check(diagnostics);
            let attributes = Configured::all(entry, section, &dictionary, diagnostics);
            let own = servers(section, table.name, port, diagnostics);
            let (servers, enabled, idle) = match protocol {
                Protocol::Udp => (own, true, section),
                Protocol::Tls => {
                    let enabled = section.own("enabled").and_then(Value::as_bool).unwrap_or(true);
                    (tls_servers.clone(), enabled, tls.unwrap_or(section))
                }
            };
            let idle = Some(idle.seconds("idle-timer-interval")).filter(|idle| !idle.is_zero());
            (enabled && !servers.is_empty()).then_some(Service { servers, attributes, idle })
        };
        let (access, accounting) =
            (service(&ACCESS, 1812, diagnostics), service(&ACCOUNTING, 1813, diagnostics));
        if let Some(tls) = tls {
            Cross { section: tls, name: "tls", protocol }.check(diagnostics);
        }
        if accounting.as_ref().is_some_and(|service| service.attributes.iter().any(Configured::is_spoken)) {
            diagnostics.error(at("accounting"), "Expressions are not yet supported in accounting");
        }
        let ports = Ports::read(entry, diagnostics);
        let history = Some(level.text("session-history")).filter(|path| !path.is_empty()).map(PathBuf::from);
        let signed = level.own("use-message-authenticator").and_then(Value::as_bool);
        let settings = Self {
            dictionary: dictionary.clone(),
            protocol,
            local,
            calling: Calling {
                kind: kind.unwrap_or(HostIdType::Duid),
                canonical: level.bool("canonical-mac-address"),
                pop0: level.bool("client-id-pop0"),
                printable: level.bool("client-id-printable"),
                extract_duid: level.bool("extract-duid"),
            },
            plan: Plan {
                // What comes through a connection arrives, or the connection is lost: asking again says nothing new.
                retries: if protocol == Protocol::Tls { 0 } else { level.count("retries") },
                deadtime: level.seconds("deadtime"),
            },
            timeout: level.seconds("timeout").max(Duration::from_secs(1)),
            signed: signed.unwrap_or(protocol != Protocol::Tls),
            reselects: ["reselect-subnet-pool", "reselect-subnet-address"].map(|keyword| level.bool(keyword)),
            history,
            ports,
            access,
            accounting,
            most_pending: level.section(&ACCESS).count("max-pending-requests"),
            peer_updates: level.section(&ACCOUNTING).bool("peer-updates"),
        };
        (diagnostics.error_count() == before).then_some(settings)
    }
}

/// The kinds of identifiers in words.
fn names(kinds: &[HostIdType]) -> String {
    kinds.iter().map(|kind| kind.keyword()).collect::<Vec<_>>().join(", ")
}

/// What one parameter of a service means for another.
struct Cross<'a> {
    section: Level<'a>,
    name: &'static str,
    protocol: Protocol,
}

impl Cross<'_> {
    fn check(&self, diagnostics: &mut Diagnostics) {
        let Self { section, name, protocol } = *self;
        let mut refuse = |keyword: &str, text: String| {
            if let Some(written) = section.own(keyword) {
                diagnostics.error(written.source(), text);
            }
        };
        match (protocol, name) {
            (Protocol::Udp, _) => refuse("enabled", "'enabled' makes sense only with TLS".to_owned()),
            (_, "tls") => {
                refuse("enabled", "can't set enabled in 'tls'".to_owned());
                refuse("attributes", "can't define attributes in 'tls'".to_owned());
            }
            _ => {
                refuse("servers", format!("can't have servers entry in '{name}' with TLS"));
                let text = format!("can't have idle-timer-interval entry in '{name}' with TLS");
                refuse("idle-timer-interval", text);
            }
        }
        for (keyword, service) in [("peer-updates", "accounting"), ("max-pending-requests", "access")] {
            if name != service {
                let text = format!(
                    "{keyword} configured for the {name} service, but it is only supported for the {service} service"
                );
                refuse(keyword, text);
            }
        }
    }
}

/// The servers of a service.
fn servers(section: Level<'_>, name: &str, port: u16, diagnostics: &mut Diagnostics) -> Vec<WrittenServer> {
    let mut all = Vec::new();
    for server in section.list(&SERVERS) {
        let Some(map) = server.map() else { continue };
        let source = map.source();
        let secret = match (server.own("secret"), name) {
            (None, "tls") => "radsec",
            (None, _) => {
                diagnostics.error(source, "missing parameter 'secret'");
                continue;
            }
            (Some(_), _) => server.text("secret"),
        };
        if secret.is_empty() {
            diagnostics.error(source, "empty secret");
        }
        if KNOWN_SECRETS.contains(&secret) {
            let text = "the secret is one of an example, which everybody knows";
            diagnostics.warning_with_hint(source, text, "choose another one here and at the server");
        }
        let tls = (name == "tls").then(|| {
            ["trust-anchor", "cert-file", "key-file"].map(|keyword| {
                if server.own(keyword).is_none() {
                    diagnostics.error(source, format!("missing parameter '{keyword}'"));
                }
                PathBuf::from(server.text(keyword))
            })
        });
        all.push(WrittenServer {
            name: server.text("name").into(),
            port: server.int("port").unwrap_or(port),
            secret: secret.into(),
            tls,
            source: source.clone(),
        });
    }
    all
}

/// What attributes are called.
fn dictionary(level: Level<'_>) -> Result<Dictionary, String> {
    let path = level.text("dictionary");
    if level.own("dictionary").is_none() && !Path::new(path).exists() {
        return Ok(Dictionary::standard());
    }
    let folder = Path::new(path).parent().unwrap_or(Path::new("/"));
    Dictionary::read(path, |file| {
        // What is included lies beside what includes it, if it does not say where it lies.
        let mut text = String::new();
        let file = if file == path { PathBuf::from(path) } else { folder.join(file) };
        let opened = File::open(file).map_err(|error| error.to_string())?;
        let most = MAX_DICTIONARY as u64 + 1;
        opened.take(most).read_to_string(&mut text).map_err(|error| error.to_string())?;
        Ok(text)
    })
}
