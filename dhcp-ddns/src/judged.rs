//! What a configuration asks of files, and what its names mean to the DNS.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use kotare_config::ddns::{ConfigDdns, DdnsDomain, Named, TsigKey};
use kotare_config::json::Diagnostics;
use kotare_daemon::logging::LoggingConfig;
use kotare_daemon::{PathKind, Paths};
use kotare_ddns::{Algorithm, DnsServer, Key, Name, Zone, Zones};
use kotare_process::{ControlConfig, Judge, http_listeners, key_secret};

use crate::gss_tsig::GssTsig;
use crate::reconcile::DhcpServer;

/// What clients are told to log in to where nothing is written.
const REALM: &str = "kea-dhcp-ddns-server";

/// The file of requests where none is written.
const QUEUE_FILE: &str = "kea-dhcp-ddns.queue";

/// What a configuration needs to be used.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) logging: LoggingConfig,
    pub(crate) control: ControlConfig,
    pub(crate) keys: Vec<Arc<Key>>,
    pub(crate) zones: Zones,
    /// What agrees on keys with their servers.
    pub(crate) gss_tsig: Option<GssTsig>,
    /// Whose leases zones are compared with.
    pub(crate) dhcp_servers: Vec<DhcpServer>,
    /// What keeps requests; `None` if nothing does.
    pub(crate) queue_file: Option<PathBuf>,
}

impl Judged {
    /// Judges a configuration. What is wrong goes to `diagnostics`; with errors the result serves nobody. Keys that are agreed
    /// on with servers may be those of `former`.
    pub(crate) fn of(
        config: &ConfigDdns,
        paths: &Paths,
        former: Option<&GssTsig>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut judge = Judge { paths, diagnostics };
        let logging = judge.logging(&config.loggers);
        let unix = judge.unix_sockets(&config.control_sockets);
        let queue_file = match (config.queue.persist, &config.queue.name) {
            (false, _) => None,
            (true, Some(name)) => judge.path(PathKind::Data, name),
            (true, None) => Some(paths.directory(PathKind::Data).join(QUEUE_FILE)),
        };
        let ways = config.dhcp_servers.iter();
        let dhcp_servers = ways.filter_map(|(way, patience)| {
            Some(DhcpServer { way: judge.way(way, "Kea-dhcp-ddns")?, patience: *patience })
        });
        let dhcp_servers = dhcp_servers.collect();
        let http = http_listeners(&config.http_sockets, REALM, paths.enforced(), diagnostics);
        let keys: BTreeMap<&str, Arc<Key>> = config
            .keys
            .iter()
            .filter_map(|written| {
                let key = key(written, paths.enforced(), diagnostics)?;
                Some((&*written.name.text, Arc::new(key)))
            })
            .collect();
        let mut zones = |domains: &[DdnsDomain]| -> Vec<Zone> {
            domains.iter().filter_map(|domain| zone(domain, &keys, diagnostics)).collect()
        };
        let (mut forward, mut reverse) = (zones(&config.forward), zones(&config.reverse));
        let gss_tsig = GssTsig::of(config, former, diagnostics);
        if let Some(library) = &gss_tsig {
            library.equip(forward.iter_mut().chain(&mut reverse), diagnostics);
        }
        let zones = Zones::new(forward, reverse);
        let control = ControlConfig { unix, http, partners: Vec::new() };
        let keys = keys.into_values().collect();
        Self { logging, control, keys, zones, gss_tsig, dhcp_servers, queue_file }
    }
}

fn key(written: &TsigKey, enforced: bool, diagnostics: &mut Diagnostics) -> Option<Key> {
    let secret = key_secret(&written.secret, enforced, diagnostics)?;
    let name = name(&written.name, diagnostics)?;
    // The tables have judged the algorithm.
    let algorithm = Algorithm::of(&written.algorithm)?;
    match Key::new(name, algorithm, &secret, written.digest_bits) {
        Ok(key) => Some(key),
        Err(reason) => {
            let message = format!("the key '{}' cannot be used: {reason}", written.name.text);
            diagnostics.error(&written.name.source, message);
            None
        }
    }
}

fn zone(
    written: &DdnsDomain,
    keys: &BTreeMap<&str, Arc<Key>>,
    diagnostics: &mut Diagnostics,
) -> Option<Zone> {
    let servers = written.servers.iter().map(|server| DnsServer {
        at: server.at,
        key: server.key.as_deref().and_then(|key| keys.get(key)).cloned(),
        agreed: None,
    });
    Some(Zone { name: name(&written.name, diagnostics)?, servers: servers.collect() })
}

fn name(written: &Named, diagnostics: &mut Diagnostics) -> Option<Name> {
    match written.text.parse() {
        Ok(name) => Some(name),
        Err(reason) => {
            diagnostics
                .error(&written.source, format!("'{}' is not a name of the DNS: {reason}", written.text));
            None
        }
    }
}
