//! The suites every backend of leases, and of reservations, runs: what the engine relies on, said as tests.
//!
//! A plain module, not a feature: it needs nothing that the crate does not have, and a feature that any one
//! backend's tests turn on would be on for everybody built with them.
//!
//! A backend's test is one call, [`run`], [`run6`], [`run_relayed`] or [`run_hosts`], with a function that makes an empty store and an [`Executor`] that
//! polls its futures: [`PollOnce`] for stores in memory, a runtime's `block_on` for others.

mod changes;
mod expiry;
mod hosts;
mod keys4;
mod keys6;
mod relayed;
mod specimen;

use std::future::Future;
use std::net::IpAddr;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use kotare_model::{Lease4, Lease6, SubnetId, Tally};

use crate::{Change, Lease, LeaseStore, PageFilter, Put};

pub use hosts::{HostSpecimen, run as run_hosts};
pub use relayed::{run as run_relayed, run6 as run_relayed6};
pub use specimen::{Parts, Specimen, lease, lease6};

/// Runs futures to their end, each the way the backend needs it.
pub trait Executor {
    /// The output of `future`.
    fn run<F: Future>(&self, future: F) -> F::Output;
}

/// For stores in memory, whose futures are ready at the first poll. Panics if one is not.
#[derive(Clone, Copy, Debug, Default)]
pub struct PollOnce;

impl Executor for PollOnce {
    fn run<F: Future>(&self, future: F) -> F::Output {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("a future of this store was not ready at its first poll"),
        }
    }
}

/// Runs the whole suite of DHCPv4, each test on an empty store made by `fresh`. Panics at the first promise broken.
pub fn run<S: LeaseStore<Lease4>>(fresh: impl Fn() -> S, executor: &impl Executor) {
    keys4::run(&fresh, executor);
    changes::run::<Lease4, S>(&fresh, executor);
    expiry::run::<Lease4, S>(&fresh, executor);
}

/// Runs the whole suite of DHCPv6 in the same way.
pub fn run6<S: LeaseStore<Lease6>>(fresh: impl Fn() -> S, executor: &impl Executor) {
    keys6::run(&fresh, executor);
    changes::run::<Lease6, S>(&fresh, executor);
    expiry::run::<Lease6, S>(&fresh, executor);
}

fn put<L: Lease>(
    store: &impl LeaseStore<L>,
    executor: &impl Executor,
    from: Option<&L>,
    to: Option<L>,
) -> Put<L> {
    let address = from.or(to.as_ref()).expect("a change of something").address();
    executor.run(store.put(Change { address, from, to: to.as_ref() })).expect("a put works")
}

fn conflict<L: Lease>(there: &L) -> Put<L> {
    Put::Conflict(Some(Box::new(there.clone())))
}

fn done<L: Lease>(put: Put<L>) {
    assert_eq!(put, Put::Done);
}

fn add<L: Lease>(store: &impl LeaseStore<L>, executor: &impl Executor, lease: &L) {
    done(put(store, executor, None, Some(lease.clone())));
}

fn found<L: Lease>(store: &impl LeaseStore<L>, executor: &impl Executor, by: L::By<'_>) -> Vec<L> {
    let mut found = executor.run(store.get(by)).expect("a get works").into_vec();
    found.sort_by_key(Lease::address);
    found
}

/// The last octets of the leases on a page.
fn page<L: Lease>(
    store: &impl LeaseStore<L>,
    executor: &impl Executor,
    after: Option<L::Address>,
    limit: usize,
    subnet: Option<SubnetId>,
) -> Vec<u8> {
    hosts(executor.run(store.page(after, limit, PageFilter { subnet, relayed: None })).expect("a page works"))
}

/// The last octets of their addresses.
fn hosts<L: Lease>(leases: Vec<L>) -> Vec<u8> {
    let last = |lease: L| match lease.address().into() {
        IpAddr::V4(address) => address.octets()[3],
        IpAddr::V6(address) => address.octets()[15],
    };
    leases.into_iter().map(last).collect()
}

/// Counts that are not all zero, by subnet, kind and pool.
fn tally<L: Lease>(store: &impl LeaseStore<L>, executor: &impl Executor) -> Vec<Tally> {
    let mut tallies = executor.run(store.tally()).expect("a tally works");
    tallies.retain(|tally| !tally.is_empty());
    tallies.sort_by_key(|tally| (tally.subnet, tally.lease_type, tally.pool_id));
    tallies
}
