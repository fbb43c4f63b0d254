//! `libddns_gss_tsig.so`: keys that are agreed on with DNS servers by Kerberos (manual, "GSS-TSIG").
//!
//! - `parameters`: what is configured.
//! - `server`: a server and its keys, of which one signs what is sent to it.
//! - `keeper`: the task of each server that has another key agreed on in time; `agree`: how.
//! - `commands`: the commands.
//!
//! What the messages are and how keys stand is `kotare_ddns::gss_tsig`'s; Kerberos is `kotare_net::gssapi`'s.

mod agree;
pub(crate) mod commands;
mod keeper;
pub(crate) mod messages;
mod parameters;
mod server;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use kotare_config::ddns::ConfigDdns;
use kotare_config::json::{Diagnostics, Source};
use kotare_config::schema::LibrarySchema;
use kotare_ddns::gss_tsig::KeySource;
use kotare_ddns::{Name, Zone};
use kotare_net::gssapi::Gssapi;

use self::messages::*;
use self::parameters::PARAMETERS;
use self::server::Server;
use crate::daemon::Daemon;
use crate::stats::Statistics;

/// What its parameters may be.
pub(crate) const SCHEMA: LibrarySchema = LibrarySchema { name: "ddns_gss_tsig", parameters: &PARAMETERS };

/// The library of one configuration.
#[derive(Debug)]
pub(crate) struct GssTsig {
    api: Gssapi,
    servers: Vec<(Arc<Server>, Source)>,
}

impl GssTsig {
    /// That of a configuration, if there is one: servers of whom the same is said as in `former` keep their keys. What is
    /// wrong goes to `diagnostics`.
    pub(crate) fn of(
        config: &ConfigDdns,
        former: Option<&Self>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let entry = config.libraries.iter().find(|library| &*library.name == SCHEMA.name)?;
        let settings = parameters::read(entry.level(&PARAMETERS), diagnostics);
        let api = match Gssapi::load() {
            Ok(api) => api,
            Err(error) => {
                GSS_TSIG_LOAD_FAILED(&error);
                diagnostics.error(&entry.source, error.to_string());
                return None;
            }
        };
        let formers = || former.iter().flat_map(|former| &former.servers);
        let servers = settings.into_iter().map(|(settings, source)| {
            let same = formers().find(|(server, _)| server.settings == settings);
            let server = same.map_or_else(|| Arc::new(Server::new(settings)), |(server, _)| server.clone());
            (server, source)
        });
        Some(Self { api, servers: servers.collect() })
    }

    /// Lets DNS servers of these zones have the keys that are agreed on with them. What does not fit together goes to
    /// `diagnostics`.
    pub(crate) fn equip<'a>(&self, zones: impl Iterator<Item = &'a mut Zone>, diagnostics: &mut Diagnostics) {
        let mut uses: Vec<(bool, Vec<&Name>)> = Vec::new();
        uses.resize_with(self.servers.len(), Default::default);
        for zone in zones {
            for dns_server in &mut zone.servers {
                for ((server, source), (is_used, seen)) in self.servers.iter().zip(&mut uses) {
                    let settings = &server.settings;
                    let of_zone = settings.domains.iter().find(|domain| **domain == zone.name);
                    if settings.at != dns_server.at || (of_zone.is_none() && !settings.domains.is_empty()) {
                        continue;
                    }
                    *is_used = true;
                    seen.extend(of_zone);
                    if dns_server.agreed.is_some() {
                        let (zone, at) = (&zone.name, dns_server.at);
                        let message = format!("the DNS server {at} of '{zone}' has another entry already");
                        diagnostics.error(source, message);
                    }
                    dns_server.agreed = Some(server.clone() as Arc<dyn KeySource>);
                }
            }
        }
        for ((server, source), (is_used, seen)) in self.servers.iter().zip(&uses) {
            let Server { settings, .. } = &**server;
            if !is_used {
                let message = format!("no domain has the DNS server {} of this entry", settings.at);
                diagnostics.error(source, message);
            } else if let Some(domain) = settings.domains.iter().find(|domain| !seen.contains(domain)) {
                let message = format!("there is no domain '{domain}' with the DNS server {}", settings.at);
                diagnostics.error(source, message);
            }
        }
    }

    fn servers(&self) -> impl Iterator<Item = &Arc<Server>> {
        self.servers.iter().map(|(server, _)| server)
    }

    fn server(&self, id: &str) -> Option<&Arc<Server>> {
        self.servers().find(|server| &*server.settings.id == id)
    }

    /// What is counted.
    fn counted(&self, statistics: &Statistics, now: Duration) {
        let ids: Vec<&str> = self.servers().map(|server| &*server.settings.id).collect();
        statistics.set_gss_tsig(Some(&ids), now);
        for server in self.servers() {
            server.ring.lock().keys().iter().for_each(|key| statistics.add_key(&key.name, now));
        }
    }
}

/// The library of a configuration that is in effect now begins to work, and that of the former one ends.
pub(crate) fn begin(daemon: &Arc<Daemon>, former: Option<&GssTsig>, now: Option<&GssTsig>) {
    let (statistics, at) = (daemon.statistics(), daemon.clock().since_epoch());
    match (former, now) {
        (None, Some(_)) => GSS_TSIG_LOAD_OK(),
        (Some(_), None) => GSS_TSIG_UNLOAD_OK(),
        _ => {}
    }
    if former.is_some() {
        GSS_TSIG_MANAGER_STOPPED();
    }
    let Some(library) = now else { return statistics.set_gss_tsig(None, at) };
    library.counted(statistics, at);
    GSS_TSIG_MANAGER_STARTED();
    let longest = library.servers().map(|server| server.settings.timing.lifetime).max().unwrap_or_default();
    for server in library.servers() {
        keeper::start(daemon, library.api, server, longest);
    }
}
