//! The parameters a client is served with, after inheritance global → shared network → subnet.

use std::sync::Arc;

use kotare_model::Lifetime;

use super::{Allocator, LifetimeRange, Names, Reservations, TeeTimes};

/// The effective parameters of one subnet.
#[derive(Clone, Debug, PartialEq)]
pub struct Params6 {
    /// Valid lifetimes of leases.
    pub valid_lifetime: LifetimeRange,
    /// Preferred lifetimes of leases: where none is written, five eighths of the valid one.
    pub preferred_lifetime: Option<LifetimeRange>,
    /// T1 and T2.
    pub tee_times: TeeTimes,
    /// `rapid-commit`: whether a SOLICIT that offers it is answered with a REPLY. Not inherited from the global map.
    pub rapid_commit: bool,
    /// `allocator`: the order in which free addresses are given.
    pub allocator: Allocator,
    /// `pd-allocator`: the order in which free prefixes are given.
    pub pd_allocator: Allocator,
    /// `adaptive-lease-time-threshold`: the part of a subnet's addresses above which new leases are as short as may be;
    /// `None` when they never are.
    pub adaptive_threshold: Option<f64>,
    /// How clients' names are made.
    pub names: Arc<Names>,
    /// Which reservations count.
    pub reservations: Reservations,
    /// `store-extended-info`: whether relay information goes into the lease's user context.
    pub store_extended_info: bool,
    /// `cache-threshold`: a renewal within this fraction of the lifetime reuses the lease without a write;
    /// `None` when lease caching is off.
    pub cache_threshold: Option<f64>,
    /// `cache-max-age`: the age up to which a lease is reused without a write; `None` is no limit of its own.
    pub cache_max_age: Option<Lifetime>,
}
