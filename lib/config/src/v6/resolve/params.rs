//! Parameters of a subnet, inherited from its shared network and from the global scope.

use std::sync::Arc;

use crate::Level;
use crate::common::resolve::params::{
    adaptive_threshold, allocator, cache_threshold, reservations, tee_times, valid_lifetime,
};
use crate::v6::{LifetimeRange, Names, Params6};

pub(super) fn resolve(level: Level<'_>, rapid_commit: bool, names: Arc<Names>) -> Params6 {
    Params6 {
        valid_lifetime: valid_lifetime(level),
        preferred_lifetime: preferred_lifetime(level),
        tee_times: tee_times(level),
        rapid_commit,
        allocator: allocator(level, "allocator"),
        pd_allocator: allocator(level, "pd-allocator"),
        adaptive_threshold: adaptive_threshold(level),
        names,
        reservations: reservations(level),
        store_extended_info: level.bool("store-extended-info"),
        cache_threshold: cache_threshold(level),
        cache_max_age: level.lifetime("cache-max-age"),
    }
}

/// `preferred-lifetime` and its bounds: one that is missing is as the others.
fn preferred_lifetime(level: Level<'_>) -> Option<LifetimeRange> {
    let [min, default, max] = ["min-preferred-lifetime", "preferred-lifetime", "max-preferred-lifetime"]
        .map(|keyword| level.lifetime(keyword));
    let default = default.or(min).or(max)?;
    Some(LifetimeRange {
        min: min.unwrap_or(default).min(default),
        default,
        max: max.unwrap_or(default).max(default),
    })
}
