//! The one door to the leases.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use kotare_model::{Lease4, SubnetId, Timestamp};
use kotare_stats::{Counters, Stat4, SubnetStats};
use kotare_store::{Change, Found, LeaseStore, Put, StoreError, Tally};
use smallvec::SmallVec;

use super::Plan;
use super::counts::{By, Counts, UnderWay, count, counts};
use super::leased::{Bound, Leased, Place};
use super::plan::Plans;
use super::registry::Registry;
use super::relearn::relearn;
use super::turns::{Turn, Turns};
use crate::alloc::Map;
use crate::hooks::{Cause, Foretold, LeaseEvent};

/// How often leases in memory are counted because some changed meanwhile.
const TALLIES: usize = 100;
/// The same of leases in a database, of which some change all the time where there are clients: whoever waits for it does not
/// wait for that.
const FAR_TALLIES: usize = 2;

/// The lease store together with everything derived from it: which addresses of the pools are taken, and the
/// statistics of leases. Whoever changes a lease (an exchange, reclamation, a command) does it here.
///
/// It lives as long as the store is open; configurations come and go with their plans ([`Leases::plan`]).
#[derive(Debug)]
pub struct Leases<S, L: Leased = Lease4> {
    store: S,
    counters: Counters<L::Stat>,
    under_way: UnderWay,
    /// The changes of leases that are made: no two go on that have something in common, so observers hear of them in the order
    /// in which the store has them.
    turns: Turns<Bound<L>>,
    /// Somebody found nothing free.
    exhausted: AtomicBool,
    pub(super) plans: Arc<Plans<L>>,
}

// Futures that callers send to other threads are not `async fn`s: that they can be sent is promised in the signature,
// where the compiler proves it for every store. For a known store it cannot (rust-lang/rust#100013).
impl<L: Leased, S: LeaseStore<L>> Leases<S, L> {
    /// A door to `store`. `counters` takes the server-wide lease statistics.
    pub fn new(store: S, counters: Counters<L::Stat>) -> Self {
        Self {
            store,
            counters,
            under_way: UnderWay::default(),
            turns: Turns::default(),
            exhausted: AtomicBool::new(false),
            plans: Arc::default(),
        }
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
        config: &'a L::Config,
        stats: &'a [SubnetStats<L::Stat>],
    ) -> impl Future<Output = Result<Plan<L>, StoreError>> + Send + 'a {
        self.plans.make(self, config, stats, None)
    }

    /// The same for a configuration that differs from that of `former` in the subnets `exchanged` alone, in which nothing is
    /// reserved, and which have these `stats`: what others have is shared.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn plan_exchange<'a>(
        &'a self,
        former: &'a Plan<L>,
        config: &'a L::Config,
        stats: &'a [SubnetStats<L::Stat>],
        exchanged: &'a HashSet<SubnetId>,
    ) -> impl Future<Output = Result<Plan<L>, StoreError>> + Send + 'a {
        self.plans.make(self, config, stats, Some((former, exchanged)))
    }

    /// How many leases there are. `mark` is called when they are counted, at a time when no change is under way: all that
    /// were counted before it, and none that is counted after it, are in the result. Where leases change all the time, or
    /// one waits for the store, a few of those that change meanwhile may be on the other side.
    ///
    /// # Errors
    /// When the store cannot count them.
    pub async fn tally(&self, mut mark: impl FnMut() + Send) -> Result<Vec<Tally>, StoreError> {
        let mut tries = if self.store.is_far() { FAR_TALLIES } else { TALLIES };
        loop {
            let before = self.under_way.settled();
            mark();
            let tally = self.store.tally().await?;
            tries -= 1;
            if tries == 0 || before.is_some() && self.under_way.settled() == before {
                return Ok(tally);
            }
        }
    }

    /// Notes that nothing free was found for somebody.
    pub(crate) fn exhausted(&self) {
        self.exhausted.store(true, Relaxed);
    }

    /// Whether nothing free was found for somebody since this was asked last.
    pub fn was_exhausted(&self) -> bool {
        self.exhausted.swap(false, Relaxed)
    }

    /// Looks through a store that others change, too, for what they freed; how many places are free now that were believed to
    /// be taken.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn relearn(&self) -> impl Future<Output = Result<u64, StoreError>> + Send + '_ {
        relearn(self)
    }

    /// The leases asked for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn get<'a>(
        &'a self,
        by: L::By<'a>,
    ) -> impl Future<Output = Result<Found<L>, StoreError>> + Send + 'a {
        let found = self.store.get(by);
        async move {
            self.settle().await;
            found.await
        }
    }

    /// Changes a lease if it still is as expected, and everything derived from it, and tells the observers, before anybody
    /// else changes it. `now` tells whether the lease before had expired, which is counted.
    ///
    /// # Errors
    /// When the store fails; it is unknown then whether the change was made.
    pub fn put<'a>(
        &'a self,
        change: Change<'a, L>,
        cause: Cause<'a, L::Query>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Put<L>, StoreError>> + Send + 'a {
        let Change { address, from, to, .. } = change;
        let place = to.or(from).map_or_else(|| L::place_of(address), L::place);
        async move {
            if L::can_overlap(place) {
                self.settle().await;
            }
            // If both are given up the turn ends after the change.
            let mut turn = self.turn(place, from);
            let changed = pin!(self.change(change, place, cause, now));
            turn.make(self.store.is_far(), changed).await
        }
    }

    /// The turn of a change of a place, where the lease is this one now.
    fn turn(&self, place: Place<L>, from: Option<&L>) -> Turn<'_, Bound<L>> {
        let span = span::<L>(place, from);
        match L::can_overlap(place) {
            true => self.turns.among_all(span),
            false => self.turns.of(L::address_of(place), span),
        }
    }

    /// Looks up a place of which it is unknown whether it was given, if there is one.
    async fn settle(&self) {
        let Some(place) = self.plans.doubts.first() else { return };
        // Apart, so that those who have no cause for it are not larger.
        drop(Box::pin(self.learn(place)).await);
    }

    /// Asks the store for what it has at a place, in which nothing changes meanwhile, and notes that.
    async fn learn(&self, place: Place<L>) -> Result<(), StoreError> {
        let mut turn = self.turn(place, None);
        turn.make(self.store.is_far(), pin!(self.look(place))).await
    }

    /// The same, unless a lease of the place is being changed: who does that notes what there is, too.
    pub(super) async fn learn_now(&self, place: Place<L>) -> Result<(), StoreError> {
        let mut turn = self.turn(place, None);
        turn.make_now(self.store.is_far(), pin!(self.look(place))).await.unwrap_or_else(|| {
            // Who changes something else of it says nothing of the rest.
            if L::can_overlap(place) {
                self.plans.doubts.add(place);
            }
            Ok(())
        })
    }

    /// In a turn: what the store has at a place.
    async fn look(&self, place: Place<L>) -> Result<(), StoreError> {
        let found = self.store.get(L::by_address(L::address_of(place))).await?;
        correct(&self.plans.registry(), place, found.first());
        self.plans.doubts.remove(place);
        Ok(())
    }

    async fn change(
        &self,
        change: Change<'_, L>,
        place: Place<L>,
        cause: Cause<'_, L::Query>,
        now: Timestamp,
    ) -> Result<Put<L>, StoreError> {
        let Change { address, from, to: after } = change;
        let to = after.map(Counts::of);
        let by = match cause {
            Cause::Query(_) | Cause::InUse(_) => By::Client,
            Cause::Reclamation | Cause::Forgetting => By::Reclamation,
            Cause::Command => By::Operator,
        };
        let _counting = counts(from, to, by, now).then(|| self.under_way.begin());
        let foretold = foretell(&self.plans.registry(), &LeaseEvent::of(cause, from, after, now));
        for ahead in foretold.iter().filter_map(|foretold| foretold.ahead()) {
            if !self.store.precede(&ahead) {
                ahead.write();
            }
        }
        let came = |made| foretold.into_iter().for_each(|foretold| foretold.came(made));
        let mark = Mark::set(&self.plans, place, from.map(Counts::of), to);
        if mark.overlaps && by == By::Client {
            // The mark may have been there before, of a lease that somebody has.
            if let Ok(found) = self.store.get(L::by_address(address)).await {
                mark.stands();
                correct(&self.plans.registry(), place, found.first());
            }
            came(false);
            return Ok(Put::Conflict(None));
        }
        let put = match self.store.put(change).await {
            Ok(put) => put,
            Err(error) => {
                // Whether the change was made is unknown, but the store may be able to tell.
                if let Ok(found) = self.store.get(L::by_address(address)).await {
                    mark.stands();
                    correct(&self.plans.registry(), place, found.first());
                }
                return Err(error);
            }
        };
        mark.stands();
        came(put == Put::Done);
        let registry = self.plans.registry();
        match &put {
            Put::Done => {
                if !to.is_some_and(|to| to.taken()) {
                    registry.of(place, |map| map.free(place));
                }
                if let Some(former) = from.map(L::place).filter(|former| *former != place) {
                    registry.of(former, |map| map.free(former));
                }
                count(&self.counters, &registry, from, to, by, now);
                if !registry.observers().is_empty() {
                    let event = LeaseEvent::of(cause, from, after, now);
                    registry.observers().iter().for_each(|observer| L::tell(&**observer, &event));
                }
            }
            Put::Conflict(there) => correct(&registry, place, there.as_deref()),
        }
        Ok(put)
    }

    /// What the store really has at a place that was believed to be free, or that a change stumbled over.
    pub(crate) fn note(&self, place: Place<L>, there: Option<&L>) {
        if !L::can_overlap(place) {
            return correct(&self.plans.registry(), place, there);
        }
        // Since the store was read somebody may have been given the place. That it is free is noted only by the change that
        // freed it, or found it so, in its turn.
        self.turns.alone(|| mark_taken(&self.plans.registry(), there));
    }
}

impl<S: LeaseStore<Lease4>> Leases<S> {
    /// Counts that a reserved address cannot be given because of this lease.
    pub(crate) fn count_conflict(&self, lease: &Lease4) {
        let registry = self.plans.registry();
        self.counters.add_in(Stat4::ReservationConflicts, 1, registry.stats(lease.subnet_id), None);
    }
}

/// The mark of a place as taken, which is set before its lease is written, so that nobody else is offered it. If it
/// stays unknown whether the lease was written (the store fails, or the exchange is given up), the place counts as
/// free again: a map is only a hint, and whoever is offered a place that is taken after all sets it right. Of places that
/// others overlap nobody would notice: they stay taken until the store tells ([`Doubts`]).
struct Mark<'a, L: Leased> {
    plans: &'a Plans<L>,
    place: Place<L>,
    /// Whether something of the place belongs to another lease. Nobody else changes anything of it at the same time.
    overlaps: bool,
    /// Whether it goes when it is dropped.
    goes: bool,
}

impl<'a, L: Leased> Mark<'a, L> {
    /// Sets it for a lease that was `from` and shall be `to`, if that takes the place.
    fn set(plans: &'a Plans<L>, place: Place<L>, from: Option<Counts>, to: Option<Counts>) -> Self {
        let taken = |counts: Option<Counts>| counts.is_some_and(|counts| counts.taken());
        let mut is_free = true;
        if taken(to) {
            plans.registry().of(place, |map| is_free &= map.take(place));
        }
        let goes = taken(to) && !taken(from);
        Self { plans, place, overlaps: goes && !is_free, goes }
    }

    /// What the store has at the place is known.
    fn stands(mut self) {
        self.goes = false;
    }
}

impl<L: Leased> Drop for Mark<'_, L> {
    fn drop(&mut self) {
        match self.goes {
            true if L::can_overlap(self.place) => self.plans.doubts.add(self.place),
            true => self.plans.registry().of(self.place, |map| map.free(self.place)),
            false => {}
        }
    }
}

/// What a change is about: its place, and that of the lease before, which has the same address but may be longer.
fn span<L: Leased>(place: Place<L>, from: Option<&L>) -> (Bound<L>, Bound<L>) {
    let (first, last) = L::Map::ends_of(place);
    match from.map(|from| L::Map::ends_of(from.place())) {
        Some((low, high)) => (first.min(low), last.max(high)),
        None => (first, last),
    }
}

/// Tells observers of a change that is going to be made.
fn foretell<L: Leased>(
    registry: &Registry<L>,
    event: &LeaseEvent<'_, L>,
) -> SmallVec<[Box<dyn Foretold>; 1]> {
    registry.observers().iter().filter_map(|observer| L::foretell(&**observer, event)).collect()
}

fn correct<L: Leased>(registry: &Registry<L>, place: Place<L>, there: Option<&L>) {
    if mark_taken(registry, there) != Some(place) {
        registry.of(place, |map| map.free(place));
    }
}

/// Notes that a lease takes its place, if it does: which.
fn mark_taken<L: Leased>(registry: &Registry<L>, there: Option<&L>) -> Option<Place<L>> {
    let taken = there.filter(|lease| Counts::of(*lease).taken()).map(L::place)?;
    registry.of(taken, |map| {
        map.take(taken);
    });
    Some(taken)
}
