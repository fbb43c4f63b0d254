//! The one door to the leases.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_config::v4::Config4;
use kotare_model::{Lease4, Timestamp};
use kotare_stats::{Counters4, Stat4, SubnetStats};
use kotare_store::{By4, Change, Found, LeaseStore, Put, StoreError, Tally};

use super::Plan;
use super::counts::{By, Counts, UnderWay, count, counts};
use super::plan::Plans;
use super::registry::Registry;
use crate::hooks::{Cause, LeaseEvent4};

/// How often leases are counted because some changed meanwhile.
const TALLIES: usize = 100;

/// The lease store together with everything derived from it: which addresses of the pools are taken, and the
/// statistics of leases. Whoever changes a lease (an exchange, reclamation, a command) does it here.
///
/// It lives as long as the store is open; configurations come and go with their plans ([`Leases::plan`]).
#[derive(Debug)]
pub struct Leases<S> {
    store: S,
    counters: Counters4,
    under_way: UnderWay,
    pub(super) plans: Arc<Plans>,
}

// Futures that callers send to other threads are not `async fn`s: that they can be sent is promised in the signature,
// where the compiler proves it for every store. For a known store it cannot (rust-lang/rust#100013).
impl<S: LeaseStore<Lease4>> Leases<S> {
    /// A door to `store`. `counters` takes the server-wide lease statistics.
    pub fn new(store: S, counters: Counters4) -> Self {
        Self { store, counters, under_way: UnderWay::default(), plans: Arc::default() }
    }

    /// The store, for reading (pages, tallies) and `flush`. Changes go through [`Leases::put`].
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Gives the store back.
    pub(crate) fn into_store(self) -> S {
        self.store
    }

    /// Prepares for serving `config`, whose subnets' statistics are `stats`: pools that stay as they are keep their
    /// map of taken addresses, those of new ones are filled from the store. May run while other configurations are
    /// served, but not twice at a time. To give up, before or after it is ready, drop it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn plan<'a>(
        &'a self,
        config: &'a Config4,
        stats: &'a [SubnetStats],
    ) -> impl Future<Output = Result<Plan, StoreError>> + Send + 'a {
        self.plans.make(self, config, stats)
    }

    /// How many leases there are. `mark` is called when they are counted, at a time when no change is under way: all that
    /// were counted before it, and none that is counted after it, are in the result. Where leases change all the time, or
    /// one waits for the store, a few of those that change meanwhile may be on the other side.
    ///
    /// # Errors
    /// When the store cannot count them.
    pub async fn tally(&self, mut mark: impl FnMut() + Send) -> Result<Vec<Tally>, StoreError> {
        for _ in 0..TALLIES {
            let before = self.under_way.settled();
            mark();
            let tally = self.store.tally().await?;
            if before.is_some() && self.under_way.settled() == before {
                return Ok(tally);
            }
        }
        mark();
        self.store.tally().await
    }

    /// The leases asked for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn get<'a>(
        &'a self,
        by: By4<'a>,
    ) -> impl Future<Output = Result<Found<Lease4>, StoreError>> + Send + 'a {
        self.store.get(by)
    }

    /// Changes a lease if it still is as expected, and everything derived from it, and tells the observers. `now` tells
    /// whether the lease before had expired, which is counted.
    ///
    /// # Errors
    /// When the store fails; it is unknown then whether the change was made.
    pub fn put<'a>(
        &'a self,
        change: Change<'a, Lease4>,
        cause: Cause<'a>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Put<Lease4>, StoreError>> + Send + 'a {
        self.change(change, cause, now)
    }

    async fn change(
        &self,
        change: Change<'_, Lease4>,
        cause: Cause<'_>,
        now: Timestamp,
    ) -> Result<Put<Lease4>, StoreError> {
        let Change { address, from, to: after } = change;
        let to = after.map(Counts::of);
        let by = match cause {
            Cause::Query(_) | Cause::InUse(_) => By::Client,
            Cause::Reclamation => By::Reclamation,
            Cause::Command => By::Operator,
        };
        let _counting = counts(from, to, by, now).then(|| self.under_way.begin());
        let mark = Mark::set(&self.plans, address, from.map(Counts::of), to);
        let put = match self.store.put(change).await {
            Ok(put) => put,
            Err(error) => {
                // Whether the change was made is unknown, but the store may be able to tell.
                if let Ok(found) = self.store.get(By4::Address(address)).await {
                    mark.stands();
                    self.note(address, found.first());
                }
                return Err(error);
            }
        };
        mark.stands();
        let registry = self.plans.registry();
        match &put {
            Put::Done => {
                if !to.is_some_and(|to| to.taken()) {
                    registry.of(address, |map| map.free(address));
                }
                count(&self.counters, &registry, from, to, by, now);
                if !registry.observers().is_empty() {
                    let event = LeaseEvent4::of(cause, from, after, now);
                    registry.observers().iter().for_each(|observer| observer.lease4(&event));
                }
            }
            Put::Conflict(there) => correct(&registry, address, there.as_deref()),
        }
        Ok(put)
    }

    /// Counts that a reserved address cannot be given because of this lease.
    pub(crate) fn count_conflict(&self, lease: &Lease4) {
        let registry = self.plans.registry();
        self.counters.add_in(Stat4::ReservationConflicts, 1, registry.stats(lease.subnet_id), None);
    }

    /// What the store really has at an address that was believed to be free, or that a change stumbled over.
    pub(crate) fn note(&self, address: Ipv4Addr, there: Option<&Lease4>) {
        correct(&self.plans.registry(), address, there);
    }
}

/// The mark of an address as taken, which is set before its lease is written, so that nobody else is offered it. If it
/// stays unknown whether the lease was written (the store fails, or the exchange is given up), the address counts as
/// free again: a map is only a hint, and whoever is offered an address that is taken after all sets it right.
struct Mark<'a> {
    plans: &'a Plans,
    address: Ipv4Addr,
    /// Whether it goes when it is dropped.
    goes: bool,
}

impl<'a> Mark<'a> {
    /// Sets it for a lease that was `from` and shall be `to`, if that takes the address.
    fn set(plans: &'a Plans, address: Ipv4Addr, from: Option<Counts>, to: Option<Counts>) -> Self {
        let taken = |counts: Option<Counts>| counts.is_some_and(|counts| counts.taken());
        if taken(to) {
            plans.registry().of(address, |map| map.take(address));
        }
        Self { plans, address, goes: taken(to) && !taken(from) }
    }

    /// What the store has at the address is known.
    fn stands(mut self) {
        self.goes = false;
    }
}

impl Drop for Mark<'_> {
    fn drop(&mut self) {
        if self.goes {
            self.plans.registry().of(self.address, |map| map.free(self.address));
        }
    }
}

fn correct(registry: &Registry, address: Ipv4Addr, there: Option<&Lease4>) {
    let taken = there.is_some_and(|lease| Counts::of(lease).taken());
    registry.of(address, |map| if taken { map.take(address) } else { map.free(address) });
}
