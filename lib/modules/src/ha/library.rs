//! The module of a configuration, with what it needs of files.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use kotare_config::Process;
use kotare_config::json::{Diagnostics, Source};
use kotare_control::http::{Authentication, ListenerConfig, Quick, Settings, Tls, Turns};
use kotare_control::{Apart, Bound, Facts};
use kotare_ha::{Peer, Place, Relationship};
use kotare_model::{Lease4, Lease6};

use super::family::Partnered;
use super::gate::Gate;
use super::messages::*;
use super::parameters::{PARAMETERS, read};
use super::peer::PeerLink;
use super::relations::{Relations, Ways};
use crate::{Around, Companion, Entry, Hooked, Library, Module, Modules};

/// The module.
pub const LIBRARY: Library = Library {
    name: "ha",
    parameters: &PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| HA_CONFIGURATION_FAILED(reason),
    loaded: || {
        HA_CONFIGURATION_SUCCESSFUL();
        HA_INIT_OK();
    },
    unloaded: || HA_DEINIT_OK(),
    v4: Some(Module {
        judge,
        build,
        commands: || Facts::of(Relations::<Lease4>::COMMANDS),
        ..Module::NOTHING
    }),
    v6: Some(Module {
        judge,
        build,
        commands: || Facts::of(Relations::<Lease6>::COMMANDS),
        ..Module::NOTHING
    }),
};

/// How many commands may be on their way to a server at once, if the configuration leaves it open.
const CONNECTIONS: usize = 16;

/// How long a user or a password in a file may be, in bytes.
const LONGEST: u64 = 4096;

/// How long a file of TLS may be to be compared: the authorities of all the world take a quarter of a megabyte.
const LONGEST_FILE: u64 = 4 << 20;

/// What this server tells its partners that it is.
const AGENT: &str = concat!("Kotare/", env!("CARGO_PKG_VERSION"));

fn judge<L: Hooked>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) {
    if entry.parameters().own("high-availability").is_none() {
        HA_MISSING_CONFIGURATION();
        let missing = "missing parameter 'high-availability'";
        return diagnostics.error(&entry.written.source, missing);
    }
    read(entry.parameters(), diagnostics);
}

fn build<L: Partnered>(
    entry: &Entry<'_, L>,
    around: &Around<'_, L>,
    modules: &mut Modules<L>,
    diagnostics: &mut Diagnostics,
) {
    let before = diagnostics.error_count();
    let locked = read(entry.parameters(), diagnostics);
    let unlocked = locked.into_iter().filter_map(|it| it.unlock(first_line, diagnostics)).collect();
    if diagnostics.error_count() > before {
        return;
    }
    let relationships: Vec<Relationship> = unlocked;
    let source = &entry.written.source;
    let process: &Process = entry.config.as_ref();
    let files: Vec<_> = relationships.iter().flat_map(contents).collect();
    let former = around.former::<Relations<L>>(entry);
    let (former, other) = match former {
        Some(former) if former.are(&relationships, &files) => (Some(former), None),
        other => (None, other),
    };
    let apart = || Apart::new("partners", around.environment.runtime.clone());
    let apart = former.as_ref().map_or_else(apart, |former| former.apart.clone());
    let mut all = Vec::new();
    for relationship in &relationships {
        tell(relationship, process);
        match ways(relationship, &apart) {
            Ok(ways) => all.push(ways),
            Err(reason) => diagnostics.error(source, reason),
        }
        if listens(relationship, process) {
            match listener::<L>(relationship, source, &apart) {
                Ok(listener) => modules.beside.listeners.push(listener),
                Err(reason) => diagnostics.error(source, reason),
            }
        }
    }
    if diagnostics.error_count() > before {
        return;
    }
    let relations = former.unwrap_or_else(|| {
        let environment = around.environment;
        let (server, runtime) = (environment.server.clone(), environment.runtime.clone());
        Arc::new(Relations::new(relationships, files, all, server, runtime, apart).after(other))
    });
    let gate = Arc::new(Gate::new(entry.config, relations.clone()));
    L::register(gate, modules);
    modules.commands.push(Bound::new(Relations::<L>::COMMANDS, &relations));
    modules.beside.unheard = Some(L::UNHEARD);
    modules.beside.companions.push(Arc::clone(&relations) as Arc<dyn Companion>);
    modules.keep(entry, relations);
}

/// Tells what of a relationship is unusual.
fn tell(relationship: &Relationship, process: &Process) {
    let Relationship { this_server: name, sends_updates, syncs_leases, threading, .. } = relationship;
    if !sends_updates {
        HA_CONFIG_LEASE_UPDATES_DISABLED(name);
    }
    if !syncs_leases {
        HA_CONFIG_LEASE_SYNCING_DISABLED(name);
    }
    if sends_updates != syncs_leases {
        HA_CONFIG_LEASE_UPDATES_AND_SYNCING_DIFFER(name, sends_updates, syncs_leases);
    }
    if relationship.own().is_some_and(|own| !own.fails_over) {
        HA_CONFIG_AUTO_FAILOVER_DISABLED(name);
    }
    if threading.enabled && !process.multi_threading.enabled {
        HA_CONFIG_DHCP_MT_DISABLED(name);
    }
    if !threading.enabled && process.multi_threading.enabled {
        HA_CONFIG_DHCP_MT_DISABLED_AND_KEA_MT_ENABLED(name);
    }
}

/// The ways to the other servers.
fn ways(relationship: &Relationship, apart: &Arc<Apart>) -> Result<Ways, String> {
    let connections = match relationship.threading.client_threads as usize {
        0 => CONNECTIONS,
        some => some,
    };
    let way = |peer: &Peer| {
        let link = PeerLink::new(relationship, peer, connections, AGENT)?.apart(apart.clone());
        Ok((peer.name.clone(), link))
    };
    relationship.others().map(way).collect()
}

/// Whether partners send their commands to a listener of their own.
fn listens(relationship: &Relationship, process: &Process) -> bool {
    let threading = &relationship.threading;
    threading.enabled && threading.listens && process.multi_threading.enabled
}

/// Where they do: at this server's own URL.
fn listener<L: Partnered>(
    relationship: &Relationship,
    source: &Source,
    apart: &Arc<Apart>,
) -> Result<ListenerConfig, String> {
    let own = relationship.own().ok_or("this server is none of the peers")?;
    let place = Place::of(&own.url)?;
    let address: IpAddr =
        place.host.parse().map_err(|_| format!("server Url:{} is not a valid IP address", place.host))?;
    let authentication = match &own.login {
        None => None,
        Some((user, password)) => {
            let mut authentication = Authentication::new("")?;
            authentication.permit(user, password);
            Some(authentication)
        }
    };
    let tls = match relationship.tls_of(own) {
        [Some(anchor), Some(certificate), Some(key)] => {
            let [anchor, certificate, key] = [anchor, certificate, key].map(Path::new);
            Some(Tls::read(anchor, certificate, key, relationship.requires_client_certs)?)
        }
        _ => None,
    };
    let accepts = relationship.restricts_commands.then_some(L::COMMANDS);
    let turns = match relationship.threading.listener_threads as usize {
        0 => None,
        some => Some(Turns::new(some)),
    };
    let settings = Settings { authentication, tls, accepts, turns, ..Settings::default() };
    Ok(ListenerConfig {
        at: SocketAddr::new(address, place.port),
        settings: Arc::new(settings),
        source: source.clone(),
        quick: Some(Quick { apart: apart.clone(), commands: &["lease4-bulk-apply", "lease6-bulk-apply"] }),
    })
}

/// What the files of TLS have in them, to know them again. One that cannot be read is told of by who needs it.
fn contents(relationship: &Relationship) -> Vec<Vec<u8>> {
    let paths = relationship.peers.iter().flat_map(|peer| relationship.tls_of(peer)).flatten();
    let content = |path: &str| {
        let mut content = Vec::new();
        let is_file = fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
        if is_file && let Ok(file) = File::open(path) {
            let _ = file.take(LONGEST_FILE).read_to_end(&mut content);
        }
        content
    };
    paths.map(content).collect()
}

/// The first line of a file with a user or a password.
fn first_line(path: &str) -> Result<String, String> {
    let metadata =
        fs::metadata(path).map_err(|error| format!("Expected a file at path '{path}': {error}"))?;
    if !metadata.is_file() {
        return Err(format!("Expected '{path}' to be a regular file"));
    }
    let file = File::open(path).map_err(|error| format!("Cannot open '{path}': {error}"))?;
    let mut line = String::new();
    let read = BufReader::new(file.take(LONGEST + 1)).read_line(&mut line);
    read.map_err(|error| format!("Cannot read '{path}': {error}"))?;
    match line.len() as u64 > LONGEST {
        true => Err(format!("the first line of '{path}' is longer than {LONGEST} bytes")),
        false => Ok(line.trim_end_matches('\n').to_owned()),
    }
}
