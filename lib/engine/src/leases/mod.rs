//! Leases and everything that is derived from them, for both families.
//!
//! - [`door`](Leases): the one door to the lease store; whoever changes a lease does it here.
//! - [`any`](AnyLeases): the same for whoever does not know the store.
//! - [`plan`](Plan): what one configuration needs of it, for as long as the configuration is in use.
//! - [`rehearsal`](Rehearsal): a view that keeps no change.
//! - [`leased`](Leased): what differs between the families; `v4` and `v6` say it.
//! - `doubts`: of what it is unknown whether it was given.
//! - `registry`: what depends on a lease, found by what it takes or its subnet.
//! - `counts`: what of a lease is counted.
//! - `relearn`: what others freed who have the same store.
//! - `shared`: what is free of pools of which servers share a queue.
//! - `turns`: changes that have something in common wait for each other.

mod any;
mod counts;
mod door;
mod doubts;
mod leased;
mod plan;
mod registry;
mod rehearsal;
mod relearn;
mod shared;
mod turns;
mod v4;
mod v6;

pub use any::{Answer, AnyLeases, AnyLeases4, AnyLeases6};
pub use door::Leases;
pub use leased::Leased;
pub use plan::Plan;
pub use rehearsal::{LeaseChanged, Rehearsal};
pub(crate) use shared::{pd_pool6, pool4, pool6};

use kotare_model::{Lease4, Lease6};

/// Leases of DHCPv4.
pub type Leases4<S> = Leases<S, Lease4>;
/// What a configuration of DHCPv4 needs of its leases.
pub type Plan4 = Plan<Lease4>;
/// Leases of DHCPv6.
pub type Leases6<S> = Leases<S, Lease6>;
/// What a configuration of DHCPv6 needs of its leases.
pub type Plan6 = Plan<Lease6>;
