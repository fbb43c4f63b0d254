//! From the configuration as written to [`Config6`]: inheritance, encoding, indexes.
//!
//! As for DHCPv4, what is reported here is what only resolution can see: options that do not encode, expressions that do
//! not compile. A value of the wrong type reads as absent, so that nothing is reported twice.

mod follow;
mod hosts;
mod params;
mod prefix_routes;
mod protocol;
mod server;
mod subnets;

pub use hosts::write_reservation;
use kotare_model::{Lifetime, SubnetId};
use kotare_options::Definitions;

pub(crate) use self::protocol::Dhcp6;
use super::{Config6, HostIdType, Hosts6, Prefix6, PrefixSource, SubnetLookup};
use crate::common::HostIndex;
use crate::common::resolve::{self, classes, names::LevelNames, options};
use crate::json::Diagnostics;
use crate::review::{self, Review};
use crate::schema::File;
use crate::{Configuration, Level, Process, Written, check};

type Scope<'a> = resolve::Scope<'a, Dhcp6>;

impl Configuration for Config6 {
    fn resolve(global: Level<'_>, file: &File, diagnostics: &mut Diagnostics) -> Self {
        let map = global.map().filter(|map| follow::judge(map, file, diagnostics));
        map.and_then(|map| follow::unlearned(map, file)).unwrap_or_else(|| whole(global, file, diagnostics))
    }

    fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    fn reviews() -> Vec<Review<Self>> {
        review::reviews().into_iter().chain(super::review::REVIEWS.iter().copied()).collect()
    }
}

impl Config6 {
    /// The same configuration with these prefixes learned, for those of its subnets that follow one (`prefix-from`); `None` if
    /// there is none. Until then none of those is in it.
    #[must_use]
    pub fn with_learned(
        written: &Written,
        learned: impl FnMut(&PrefixSource) -> Option<Prefix6>,
    ) -> Option<Self> {
        follow::resolve(written, learned)
    }
}

/// All that is written, of subnets that lie where they are written.
fn whole(global: Level<'_>, file: &File, diagnostics: &mut Diagnostics) -> Config6 {
    check::dhcp6(global, diagnostics);
    let definitions = options::definitions::<Dhcp6>(global, diagnostics);
    let (mut classes, configured) = classes::resolve::<Dhcp6>(global, &definitions, diagnostics);
    let hosts = HostIndex::default();
    let mut scope = Scope { definitions: &definitions, classes: &mut classes, hosts, diagnostics };
    hosts::resolve(SubnetId::GLOBAL, global.items("reservations"), &mut scope);
    let names = LevelNames::resolve(global, scope.diagnostics);
    let (subnets, networks) = subnets::resolve(global, &names, &mut scope);
    let options = options::global(global, &mut scope);
    classes::give(global, &mut scope);
    let hosts = Hosts6::new(scope.hosts);
    let process = Process::resolve(global, file, diagnostics);
    classes::mentioned(&process.libraries, file, &mut classes, &definitions);
    classes.complete(&configured);
    classes::check_count(&classes, global, diagnostics);
    Config6 {
        interfaces: server::interfaces(global),
        lookup: SubnetLookup::new(&subnets).into(),
        subnets: subnets.into(),
        networks: networks.into(),
        classes: classes.into(),
        hosts,
        host_ids: resolve::hosts::identifiers(global, &HostIdType::V6),
        early_global_hosts: global.bool("early-global-reservations-lookup"),
        unique_reservations: global.bool("ip-reservations-unique"),
        options,
        params: params::resolve(global, false, names.here),
        server_id: server::server_id(global),
        mac_sources: server::mac_sources(global),
        relay_supplied_options: server::relay_supplied_options(global, &definitions, diagnostics),
        decline_probation: Lifetime(global.count("decline-probation-period")),
        address_registration: global.bool("allow-address-registration"),
        prefix_routes: prefix_routes::resolve(global),
        followers: Vec::new(),
        process,
        definitions,
    }
}
