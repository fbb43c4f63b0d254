//! From the configuration as written to [`Config4`]: inheritance, encoding, indexes.
//!
//! The configuration comes in the keywords of today. The schema has judged keywords, types and ranges before; here a
//! value of the wrong type reads as absent, so that nothing is reported twice. What is reported here is what only
//! resolution can see: options that do not encode, expressions that do not compile.

mod hosts;
mod params;
mod protocol;
mod server;
mod subnets;

pub use hosts::write_reservation;
use kotare_model::{Lifetime, SubnetId};
use kotare_options::Definitions;

pub(crate) use self::protocol::Dhcp4;
use super::{Config4, HostIdType, Hosts4, SubnetLookup};
use crate::common::HostIndex;
use crate::common::resolve::{self, classes, names::LevelNames, options};
use crate::json::Diagnostics;
use crate::review::{self, Review};
use crate::schema::File;
use crate::{Configuration, Level, Process, check};

type Scope<'a> = resolve::Scope<'a, Dhcp4>;

/// The definitions as a class has them, if it has its own `option-def`.
pub(crate) fn definitions_of_class(
    class: Level<'_>,
    definitions: &Definitions,
    diagnostics: &mut Diagnostics,
) -> Option<Definitions> {
    options::definitions_of_class::<Dhcp4>(class, definitions, diagnostics)
}

impl Configuration for Config4 {
    fn resolve(global: Level<'_>, file: &File, diagnostics: &mut Diagnostics) -> Self {
        check::dhcp4(global, diagnostics);
        let definitions = options::definitions::<Dhcp4>(global, diagnostics);
        let (mut classes, configured) = classes::resolve::<Dhcp4>(global, &definitions, diagnostics);
        let hosts = HostIndex::default();
        let mut scope = Scope { definitions: &definitions, classes: &mut classes, hosts, diagnostics };
        hosts::resolve(SubnetId::GLOBAL, global.items("reservations"), &mut scope);
        let names = LevelNames::resolve(global, scope.diagnostics);
        let (subnets, networks) = subnets::resolve(global, &names, &mut scope);
        let options = options::global(global, &mut scope);
        classes::give(global, &mut scope);
        let hosts = Hosts4::new(scope.hosts);
        let process = Process::resolve(global, file, diagnostics);
        classes::mentioned(&process.libraries, file, &mut classes, &definitions);
        classes.complete(&configured);
        classes::check_count(&classes, global, diagnostics);
        Self {
            interfaces: server::interfaces(global),
            lookup: SubnetLookup::new(&subnets).into(),
            subnets: subnets.into(),
            networks: networks.into(),
            classes: classes.into(),
            hosts,
            host_ids: resolve::hosts::identifiers(global, &HostIdType::ALL),
            early_global_hosts: global.bool("early-global-reservations-lookup"),
            unique_reservations: global.bool("ip-reservations-unique"),
            options,
            params: params::resolve(global, names.here),
            echo_client_id: global.bool("echo-client-id"),
            decline_probation: Lifetime(global.count("decline-probation-period")),
            stash_agent_options: global.bool("stash-agent-options"),
            compatibility: server::compatibility(global),
            process,
            definitions,
        }
    }

    fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    fn reviews() -> Vec<Review<Self>> {
        review::reviews().into_iter().chain(super::review::REVIEWS.iter().copied()).collect()
    }
}
