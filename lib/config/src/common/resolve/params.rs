//! Parameters that both protocols have, inherited from shared network and global scope.

use kotare_model::Lifetime;

use crate::Level;
use crate::common::{Allocator, LifetimeRange, Reservations, TeeTimes};

/// `valid-lifetime` and its bounds.
pub(crate) fn valid_lifetime(level: Level<'_>) -> LifetimeRange {
    let default = Lifetime(level.count("valid-lifetime"));
    let bound = |keyword| level.lifetime(keyword).unwrap_or(default);
    LifetimeRange {
        min: bound("min-valid-lifetime").min(default),
        default,
        max: bound("max-valid-lifetime").max(default),
    }
}

/// When clients renew.
pub(crate) fn tee_times(level: Level<'_>) -> TeeTimes {
    TeeTimes {
        renew: level.lifetime("renew-timer"),
        rebind: level.lifetime("rebind-timer"),
        calculate: level.bool("calculate-tee-times"),
        t1_percent: level.real("t1-percent").unwrap_or_default(),
        t2_percent: level.real("t2-percent").unwrap_or_default(),
    }
}

/// The way to look for what is free.
pub(crate) fn allocator(level: Level<'_>, keyword: &str) -> Allocator {
    match level.text(keyword) {
        "random" => Allocator::Random,
        "flq" => Allocator::FreeLeaseQueue,
        "shared-flq" => Allocator::SharedFreeLeaseQueue,
        _ => Allocator::Iterative,
    }
}

/// Which reservations count.
pub(crate) fn reservations(level: Level<'_>) -> Reservations {
    Reservations {
        global: level.bool("reservations-global"),
        in_subnet: level.bool("reservations-in-subnet"),
        out_of_pool: level.bool("reservations-out-of-pool"),
    }
}

/// `adaptive-lease-time-threshold`, where it can be passed.
pub(crate) fn adaptive_threshold(level: Level<'_>) -> Option<f64> {
    level.real("adaptive-lease-time-threshold").filter(|part| *part < 1.0)
}

/// `cache-threshold`, where leases are cached.
pub(crate) fn cache_threshold(level: Level<'_>) -> Option<f64> {
    level.real("cache-threshold").filter(|part| *part > 0.0)
}
