//! From the configuration as written to [`Config4`]: inheritance, encoding, indexes.
//!
//! The configuration comes in the keywords of today ([`crate::schema::modern`]). The schema has judged keywords, types and ranges before; here a value of the wrong type reads as absent, so that
//! nothing is reported twice. What is reported here is what only resolution can see: options that do not encode.

mod options;
mod params;
mod scope;
mod server;
mod subnets;

use super::{Config4, SubnetIndex};
use crate::json::{Diagnostics, Value};
use scope::Scope;

/// Resolves the map under `Dhcp4`. Errors and warnings go to `diagnostics`; with errors the result serves nobody.
pub fn resolve(dhcp4: &Value, diagnostics: &mut Diagnostics) -> Config4 {
    let global = Scope::global(dhcp4);
    let definitions = options::definitions(dhcp4, diagnostics);
    let (subnets, networks) = subnets::resolve(global, &definitions, diagnostics);
    Config4 {
        interfaces: server::interfaces(dhcp4),
        index: SubnetIndex::new(&subnets),
        subnets,
        networks,
        options: options::global(dhcp4, &definitions, diagnostics),
        params: params::resolve(global),
        echo_client_id: global.bool("echo-client-id", true),
        decline_probation: global.lifetime("decline-probation-period", 86_400),
        stash_agent_options: global.bool("stash-agent-options", false),
        compatibility: server::compatibility(dhcp4),
        expired_leases: server::expired_leases(dhcp4),
        lease_database: server::lease_database(dhcp4),
        control_sockets: server::control_sockets(dhcp4),
        loggers: server::loggers(dhcp4),
        multi_threading: server::multi_threading(dhcp4),
        sampling: server::sampling(global),
        server_tag: global.text("server-tag").into(),
        definitions,
    }
}
