//! Parameters of a subnet, inherited from its shared network and from the global scope.

use std::net::Ipv4Addr;

use kotare_model::Lifetime;

use super::scope::Scope;
use crate::v4::{Allocator, LifetimeRange, Params4, TeeTimes};

/// `valid-lifetime` where none is written, seconds.
const DEFAULT_VALID_LIFETIME: u32 = 7200;

pub(super) fn resolve(scope: Scope<'_>) -> Params4 {
    let default = scope.lifetime("valid-lifetime", DEFAULT_VALID_LIFETIME);
    let bound = |key| scope.number(key).map_or(default, Lifetime);
    Params4 {
        valid_lifetime: LifetimeRange {
            min: bound("min-valid-lifetime").min(default),
            default,
            max: bound("max-valid-lifetime").max(default),
        },
        tee_times: TeeTimes {
            renew: scope.number("renew-timer"),
            rebind: scope.number("rebind-timer"),
            calculate: scope.bool("calculate-tee-times", false),
            t1_percent: scope.real("t1-percent", 0.5),
            t2_percent: scope.real("t2-percent", 0.875),
        },
        match_client_id: scope.bool("match-client-id", true),
        authoritative: scope.bool("authoritative", false),
        next_server: scope.address("next-server").unwrap_or(Ipv4Addr::UNSPECIFIED),
        server_hostname: scope.text("server-hostname").into(),
        boot_file_name: scope.text("boot-file-name").into(),
        allocator: match scope.text("allocator") {
            "random" => Allocator::Random,
            "flq" => Allocator::FreeLeaseQueue,
            _ => Allocator::Iterative,
        },
        offer_lifetime: scope.number("offer-lifetime").unwrap_or(0),
        store_extended_info: scope.bool("store-extended-info", false),
        cache_threshold: Some(scope.real("cache-threshold", 0.25)).filter(|part| *part > 0.0),
        cache_max_age: scope.number("cache-max-age"),
    }
}
