//! Leases and everything that is derived from them.
//!
//! - [`door`](Leases): the one door to the lease store; whoever changes a lease does it here.
//! - [`any`](AnyLeases4): the same for whoever does not know the store.
//! - [`plan`](Plan): what one configuration needs of it, for as long as the configuration is in use.
//! - [`rehearsal`](Rehearsal): a view that keeps no change.
//! - `registry`: what depends on a lease, found by its address or its subnet.
//! - `counts`: what of a lease is counted.

mod any;
mod counts;
mod door;
mod plan;
mod registry;
mod rehearsal;

pub use any::{Answer, AnyLeases4};
pub use door::Leases;
pub use plan::Plan;
pub use rehearsal::{LeaseChanged, Rehearsal};
