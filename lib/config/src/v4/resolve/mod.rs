//! From the configuration as written to [`Config4`]: inheritance, encoding, indexes.
//!
//! The configuration comes in the keywords of today ([`crate::schema::modern`]). The schema has judged keywords, types
//! and ranges before; here a value of the wrong type reads as absent, so that nothing is reported twice. What is
//! reported here is what only resolution can see: options that do not encode.

mod options;
mod params;
mod server;
mod subnets;

use kotare_model::Lifetime;

use super::{Config4, SubnetLookup};
use crate::json::{Diagnostics, Value};
use crate::level::Level;
use crate::schema::tables::DHCP4;

/// Resolves the map under `Dhcp4`. Errors and warnings go to `diagnostics`; with errors the result serves nobody.
pub fn resolve(dhcp4: &Value, diagnostics: &mut Diagnostics) -> Config4 {
    let global = Level::of(&DHCP4, dhcp4);
    let definitions = options::definitions(dhcp4, diagnostics);
    let (subnets, networks) = subnets::resolve(global, &definitions, diagnostics);
    Config4 {
        interfaces: server::interfaces(global),
        lookup: SubnetLookup::new(&subnets),
        subnets,
        networks,
        options: options::global(dhcp4, &definitions, diagnostics),
        params: params::resolve(global),
        echo_client_id: global.bool("echo-client-id"),
        decline_probation: Lifetime(global.count("decline-probation-period")),
        stash_agent_options: global.bool("stash-agent-options"),
        compatibility: server::compatibility(global),
        expired_leases: server::expired_leases(global),
        lease_database: server::lease_database(global),
        control_sockets: server::control_sockets(global),
        loggers: server::loggers(global),
        multi_threading: server::multi_threading(global),
        sampling: server::sampling(global),
        server_tag: global.text("server-tag").into(),
        definitions,
    }
}
