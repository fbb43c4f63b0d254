//! From the configuration as written to [`Config4`]: inheritance, encoding, indexes.
//!
//! The configuration comes in the keywords of today. The schema has judged keywords, types and ranges before; here a
//! value of the wrong type reads as absent, so that nothing is reported twice. What is reported here is what only
//! resolution can see: options that do not encode, expressions that do not compile.

mod classes;
mod hosts;
mod names;
mod options;
mod params;
mod server;
mod subnets;

use kotare_expr::{ClassId, ClassSet};
use kotare_model::{Lifetime, SubnetId};
use kotare_options::Definitions;

use self::names::Names;
pub(crate) use self::options::definitions_of_class;
use super::{Classes, Config4, Guard, Host4, Hosts4, SubnetLookup};
use crate::common::HostIndex;
use crate::json::{Diagnostics, Value};
use crate::review::{self, Review};
use crate::schema::File;
use crate::{Configuration, Level, Process, check};

/// What names in the configuration mean, and who hears of what is wrong.
struct Scope<'a> {
    definitions: &'a Definitions,
    classes: &'a mut Classes,
    /// The reservations that were come across.
    hosts: HostIndex<Host4>,
    diagnostics: &'a mut Diagnostics,
}

impl Scope<'_> {
    /// The classes in the list under `keyword`. One that nobody configured may still be given by modules or
    /// reservations.
    fn class_list(&mut self, map: &Value, keyword: &str) -> Box<[ClassId]> {
        let names = map.list(keyword).iter().filter_map(Value::as_str);
        names.map(|name| self.classes.intern(name)).collect()
    }

    /// `client-classes`.
    fn guard(&mut self, map: &Value) -> Guard {
        let classes: ClassSet = self.class_list(map, "client-classes").iter().copied().collect();
        Guard::of(classes)
    }
}

impl Configuration for Config4 {
    fn resolve(global: Level<'_>, file: &File, diagnostics: &mut Diagnostics) -> Self {
        check::dhcp4(global, diagnostics);
        let definitions = options::definitions(global, diagnostics);
        let (mut classes, configured) = classes::resolve(global, &definitions, diagnostics);
        let hosts = HostIndex::default();
        let mut scope = Scope { definitions: &definitions, classes: &mut classes, hosts, diagnostics };
        hosts::resolve(SubnetId::GLOBAL, global.items("reservations"), &mut scope);
        let names = Names::resolve(global, scope.diagnostics);
        let (subnets, networks) = subnets::resolve(global, &names, &mut scope);
        let options = options::global(global, &mut scope);
        classes::give(global, &mut scope);
        let hosts = Hosts4::new(scope.hosts);
        let process = Process::resolve(global, file, diagnostics);
        classes::mentioned(&process.libraries, file, &mut classes, &definitions);
        classes.complete(&configured);
        if classes.count() > ClassId::LIMIT
            && let Some(map) = global.map()
        {
            let message = format!("{} names of classes are too many", classes.count());
            let hint =
                format!("{} are the most, with those that only guards and reservations name", ClassId::LIMIT);
            diagnostics.error_with_hint(map.source(), message, hint);
        }
        Self {
            interfaces: server::interfaces(global),
            lookup: SubnetLookup::new(&subnets),
            subnets,
            networks,
            classes,
            hosts,
            host_ids: hosts::identifiers(global),
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
