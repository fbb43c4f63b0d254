//! From the configuration as written to [`Config4`]: inheritance, encoding, indexes.
//!
//! The configuration comes in the keywords of today. The schema has judged keywords, types and ranges before; here a
//! value of the wrong type reads as absent, so that nothing is reported twice. What is reported here is what only
//! resolution can see: options that do not encode, expressions that do not compile.

mod classes;
mod options;
mod params;
mod server;
mod subnets;

use kotare_model::Lifetime;
use kotare_options::Definitions;

use super::{Config4, SubnetLookup};
use crate::json::Diagnostics;
use crate::schema::File;
use crate::{Configuration, Level, Process, check};

impl Configuration for Config4 {
    fn resolve(global: Level<'_>, file: &File, diagnostics: &mut Diagnostics) -> Self {
        check::dhcp4(global, diagnostics);
        let definitions = options::definitions(global, diagnostics);
        let (subnets, networks) = subnets::resolve(global, &definitions, diagnostics);
        Self {
            interfaces: server::interfaces(global),
            lookup: SubnetLookup::new(&subnets),
            subnets,
            networks,
            classes: classes::resolve(global, &definitions, diagnostics),
            options: options::global(global, &definitions, diagnostics),
            params: params::resolve(global),
            echo_client_id: global.bool("echo-client-id"),
            decline_probation: Lifetime(global.count("decline-probation-period")),
            stash_agent_options: global.bool("stash-agent-options"),
            compatibility: server::compatibility(global),
            process: Process::resolve(global, file, diagnostics),
            definitions,
        }
    }

    fn definitions(&self) -> &Definitions {
        &self.definitions
    }
}
