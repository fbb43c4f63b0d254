//! `libdhcp_lease_query.so`: leases for those who ask about them (manual, "Leasequery Support").
//!
//! Access concentrators and others who filter traffic ask by message which lease an address or a client has (RFC 4388,
//! RFC 5007), or through TCP for all leases of a client, a relay agent or a link (RFC 6926, RFC 5460). Only those who are
//! configured are answered.
//!
//! - `parameters`: what is configured; `requesters`: who may ask.
//! - `v4`, `v6`: queries by message ([`LeaseQuery4`], [`LeaseQuery6`]).
//! - `active4`, `client_data6`: how leases are told of; `relays6`: and what relay agents said of their clients.
//! - `label`: how the log names a query.
//! - `bulk`: queries through TCP.
//! - `upgrade`: a command for what relays said in the form of earlier releases.
//!
//! [`LeaseQuery4`]: kotare_engine::hooks::v4::LeaseQuery4
//! [`LeaseQuery6`]: kotare_engine::hooks::v6::LeaseQuery6

mod active4;
mod bulk;
mod client_data6;
mod label;
mod messages;
mod parameters;
mod relays6;
mod requesters;
#[cfg(test)]
mod tests4;
#[cfg(test)]
mod tests6;
#[cfg(test)]
mod tests_bulk6;
mod upgrade;
mod v4;
mod v6;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use kotare_config::Address;
use kotare_config::json::Diagnostics;
use kotare_control::{Bound, Facts};
use kotare_model::{Lease4, Lease6};
use kotare_store::Lease;
use serde_json::{Map, Value as Json};

use self::bulk::{Bulked, Listener};
use self::messages::*;
use self::parameters::Settings;
use crate::{Around, Companion, Entry, Hooked, Library, Module, Modules, ServerLink};

/// The module.
pub const LIBRARY: Library = Library {
    name: "lease_query",
    parameters: &parameters::PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| LEASE_QUERY_LOAD_FAILED(reason),
    loaded: || LEASE_QUERY_LOAD_OK(),
    unloaded: || LEASE_QUERY_UNLOAD_OK(),
    v4: Some(module::<Lease4>()),
    v6: Some(module::<Lease6>()),
};

const fn module<L: Bulked>() -> Module<L> {
    Module { judge, build, commands: || Facts::of(L::COMMANDS), ..Module::NOTHING }
}

/// A family whose leases are asked about. There are two of them.
trait Queried: Hooked<Address: Address + Into<IpAddr>> {
    /// Where those are heard who come through TCP, if nothing is configured.
    const LOOPBACK: Self::Address;
    /// And at which port.
    const PORT: u16;

    /// Has the module answer queries of a configuration.
    fn register(config: &Self::Config, hooks: &mut Self::Hooks, module: LeaseQuery<Self>);
}

/// The module of a configuration.
struct LeaseQuery<L: Queried> {
    settings: Settings<L::Address>,
}

/// What commands are about, and what the next configuration carries on with.
struct Built<L: Bulked> {
    server: ServerLink<L, L::Engine>,
    settings: Settings<L::Address>,
    listener: Option<Arc<Listener<L>>>,
}

fn judge<L: Queried>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) {
    Settings::read(entry, diagnostics);
}

fn build<L: Bulked>(
    entry: &Entry<'_, L>,
    around: &Around<'_, L>,
    modules: &mut Modules<L>,
    diagnostics: &mut Diagnostics,
) {
    let Some(settings) = Settings::read(entry, diagnostics) else { return };
    let former = around.former::<Built<L>>(entry).filter(|former| former.settings == settings);
    let listener = match (former, &settings.bulk) {
        (_, None) => None,
        // Whoever is connected stays so.
        (Some(former), Some(_)) => former.listener.clone(),
        (None, Some(bulk)) => {
            Some(Arc::new(Listener::new(bulk.clone(), settings.clone(), around.environment)))
        }
    };
    if let Some(listener) = &listener {
        modules.beside.companions.push(listener.clone());
    }
    L::register(entry.config, &mut modules.hooks, LeaseQuery { settings: settings.clone() });
    let built = Arc::new(Built { server: around.environment.server.clone(), settings, listener });
    modules.beside.companions.push(built.clone());
    modules.commands.push(Bound::new(L::COMMANDS, &built));
    modules.keep(entry, built);
}

impl<L: Bulked> Companion for Built<L> {
    fn begin(&self) {}

    fn end(&self) {}

    /// Whether leases are found by what relay agents said, where the protocol has tables for that.
    fn report(&self, status: &mut Map<String, Json>) {
        if let Some(tables) = status.get_mut("extended-info-tables") {
            *tables = self.settings.relayed.into();
        }
    }
}

/// Whether somebody has a lease.
fn is_active<L: Lease>(lease: &L, now: kotare_model::Timestamp) -> bool {
    lease.state() == kotare_model::LeaseState::Assigned && lease.expires() > now
}

/// The leases that somebody has, of those found, the newest first.
fn active<L: Lease>(found: impl IntoIterator<Item = L>, now: kotare_model::Timestamp) -> Vec<L> {
    let mut leases: Vec<L> = found.into_iter().filter(|lease| is_active(lease, now)).collect();
    leases.sort_by_key(|lease| (std::cmp::Reverse(lease.cltt()), lease.address()));
    leases
}

/// How many seconds ago a lease was given or extended; none, if that is to come.
fn elapsed<L: Lease>(lease: &L, now: kotare_model::Timestamp) -> u32 {
    u32::try_from(now.since(lease.cltt())).unwrap_or(0)
}

impl<L: Queried> fmt::Debug for LeaseQuery<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeaseQuery").field("settings", &self.settings).finish()
    }
}
