//! What the server that updates the DNS runs from: where requests come from, which DNS servers are asked, with which keys.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use kotare_options::Definitions;

use crate::json::{Diagnostics, Source, Value};
use crate::process::{
    HookLibrary, HttpSocket, Logger, RequestQueue, Secret, UnixSocket, Way, WrittenPath, http_sockets,
    libraries, loggers, unix_sockets,
};
use crate::schema::File;
use crate::schema::tables::{
    DDNS, DDNS_DOMAIN, DDNS_TOP, DHCP_SERVER, DNS_SERVER, FORWARD_DDNS, REQUEST_QUEUE, REVERSE_DDNS, TSIG_KEY,
};
use crate::{Configuration, Level, check};

/// The file of a server that knows no hook library.
pub const FILE: File =
    File { top: &DDNS_TOP, global: &DDNS, libraries: &[], loopback: IpAddr::V4(Ipv4Addr::LOCALHOST) };

/// What the server that updates the DNS runs from.
#[derive(Clone, Debug)]
pub struct ConfigDdns {
    /// `ip-address` and `port`: where requests come to.
    pub at: SocketAddr,
    /// `dns-server-timeout`: how long the answer of a DNS server may take.
    pub patience: Duration,
    /// `changes-per-update`: of how many requests one message to a DNS server has the changes at most.
    pub changes_per_update: usize,
    /// `request-queue`.
    pub queue: RequestQueue,
    /// `tsig-keys`.
    pub keys: Vec<TsigKey>,
    /// `forward-ddns`.
    pub forward: Vec<DdnsDomain>,
    /// `reverse-ddns`.
    pub reverse: Vec<DdnsDomain>,
    /// `dhcp-servers`: whose leases zones are compared with, and how long an answer of theirs may take.
    pub dhcp_servers: Vec<(Way, Duration)>,
    /// The entries of `control-sockets` of type `unix`.
    pub control_sockets: Vec<UnixSocket>,
    /// Those of type `http` and `https`.
    pub http_sockets: Vec<HttpSocket>,
    /// `hooks-libraries`, in the order written.
    pub libraries: Vec<HookLibrary>,
    /// `loggers`.
    pub loggers: Vec<Logger>,
    /// There are no options; `config-get` of every daemon asks for their definitions.
    definitions: Definitions,
}

/// A key that messages to DNS servers are signed with.
#[derive(Clone, Debug)]
pub struct TsigKey {
    /// `name`.
    pub name: Named,
    /// `algorithm`, in Kea's spelling: `HMAC-SHA256`.
    pub algorithm: Box<str>,
    /// `digest-bits`: how much of a digest is sent; 0 for all of it.
    pub digest_bits: u32,
    /// `secret` or `secret-file`.
    pub secret: Secret,
}

/// A zone that may be updated.
#[derive(Clone, Debug)]
pub struct DdnsDomain {
    /// `name`.
    pub name: Named,
    /// `dns-servers`, in the order in which they are tried; at least one.
    pub servers: Vec<DnsServer>,
}

/// A DNS server of a zone.
#[derive(Clone, Debug)]
pub struct DnsServer {
    /// `ip-address` and `port`.
    pub at: SocketAddr,
    /// The name in [`ConfigDdns::keys`] of its own `key-name` or that of the domain; `None` if nothing is signed.
    pub key: Option<Box<str>>,
}

/// A name as written, and where.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name, unjudged.
    pub text: Box<str>,
    /// Where it is written.
    pub source: Source,
}

impl Configuration for ConfigDdns {
    fn resolve(global: Level<'_>, file: &File, diagnostics: &mut Diagnostics) -> Self {
        check::ddns(global, diagnostics);
        let keys: Vec<_> = global.list(&TSIG_KEY).filter_map(key).collect();
        let domains = |table| {
            let domains = global.section(table).list(&DDNS_DOMAIN);
            domains.filter_map(|it| domain(it, &keys)).collect()
        };
        Self {
            at: address(global).unwrap_or((Ipv4Addr::LOCALHOST, global.count("port")).into()),
            patience: global.millis("dns-server-timeout"),
            changes_per_update: global.count("changes-per-update"),
            forward: domains(&FORWARD_DDNS),
            reverse: domains(&REVERSE_DDNS),
            dhcp_servers: global
                .list(&DHCP_SERVER)
                .filter_map(|level| Some((Way::of(level)?, level.seconds("timeout"))))
                .collect(),
            control_sockets: unix_sockets(global),
            http_sockets: http_sockets(global, file.loopback),
            libraries: libraries(global, file, diagnostics),
            loggers: loggers(global),
            definitions: Definitions::default(),
            queue: RequestQueue::resolve(global.section(&REQUEST_QUEUE)),
            keys,
        }
    }

    fn definitions(&self) -> &Definitions {
        &self.definitions
    }
}

/// Whether two names are the same in the DNS, where case and the last dot mean nothing.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    let bare = |name: &str| name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    bare(one) == bare(other)
}

/// `ip-address` and `port` of a map; `None` if the address is none, which is reported.
fn address(level: Level<'_>) -> Option<SocketAddr> {
    let address: IpAddr = level.text("ip-address").parse().ok()?;
    Some(SocketAddr::new(address, level.count("port")))
}

/// `None` for a key that lacks something, which is reported.
fn key(level: Level<'_>) -> Option<TsigKey> {
    let clear = || {
        let secret = level.own("secret")?;
        Some(Secret::Clear(secret.as_str()?.into(), secret.source().clone()))
    };
    let file = level.own("secret-file").and_then(WrittenPath::of).map(Secret::File);
    Some(TsigKey {
        name: named(level.own("name")?)?,
        algorithm: level.text("algorithm").into(),
        digest_bits: level.count("digest-bits"),
        secret: file.or_else(clear)?,
    })
}

fn domain(level: Level<'_>, keys: &[TsigKey]) -> Option<DdnsDomain> {
    let servers = level.list(&DNS_SERVER).filter_map(|server| {
        let name =
            [server.text("key-name"), level.text("key-name")].into_iter().find(|name| !name.is_empty());
        let key = name.and_then(|name| keys.iter().find(|key| same_name(&key.name.text, name)));
        Some(DnsServer { at: address(server)?, key: key.map(|key| key.name.text.clone()) })
    });
    Some(DdnsDomain { name: named(level.own("name")?)?, servers: servers.collect() })
}

fn named(value: &Value) -> Option<Named> {
    Some(Named { text: value.as_str()?.into(), source: value.source().clone() })
}
