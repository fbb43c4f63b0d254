//! Parameters of a subnet, inherited from its shared network and from the global scope.

use std::sync::Arc;

use kotare_model::Lifetime;

use crate::Level;
use crate::v4::{Allocator, LifetimeRange, Names4, Params4, Reservations, TeeTimes};

pub(super) fn resolve(level: Level<'_>, names: Arc<Names4>) -> Params4 {
    let default = Lifetime(level.count("valid-lifetime"));
    let bound = |keyword| level.lifetime(keyword).unwrap_or(default);
    Params4 {
        valid_lifetime: LifetimeRange {
            min: bound("min-valid-lifetime").min(default),
            default,
            max: bound("max-valid-lifetime").max(default),
        },
        tee_times: TeeTimes {
            renew: level.lifetime("renew-timer"),
            rebind: level.lifetime("rebind-timer"),
            calculate: level.bool("calculate-tee-times"),
            t1_percent: level.real("t1-percent").unwrap_or_default(),
            t2_percent: level.real("t2-percent").unwrap_or_default(),
        },
        match_client_id: level.bool("match-client-id"),
        authoritative: level.bool("authoritative"),
        next_server: level.address("next-server"),
        server_hostname: level.text("server-hostname").into(),
        boot_file_name: level.text("boot-file-name").into(),
        allocator: match level.text("allocator") {
            "random" => Allocator::Random,
            "flq" => Allocator::FreeLeaseQueue,
            _ => Allocator::Iterative,
        },
        adaptive_threshold: level.real("adaptive-lease-time-threshold").filter(|part| *part < 1.0),
        names,
        offer_lifetime: level.lifetime("offer-lifetime").filter(|span| *span != Lifetime(0)),
        reservations: Reservations {
            global: level.bool("reservations-global"),
            in_subnet: level.bool("reservations-in-subnet"),
            out_of_pool: level.bool("reservations-out-of-pool"),
        },
        store_extended_info: level.bool("store-extended-info"),
        cache_threshold: level.real("cache-threshold").filter(|part| *part > 0.0),
        cache_max_age: level.lifetime("cache-max-age"),
    }
}
