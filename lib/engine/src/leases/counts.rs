//! What of a lease is counted.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use kotare_model::{LeaseState, LeaseType, SubnetId, Timestamp};
use kotare_stats::Counters;
use kotare_store::Lease;

use super::leased::Leased;
use super::registry::Registry;

/// What of a lease is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    subnet: SubnetId,
    lease_type: LeaseType,
    pool_id: u32,
    state: LeaseState,
}

impl Counts {
    pub(super) fn of<L: Lease>(lease: &L) -> Self {
        Self {
            subnet: lease.subnet_id(),
            lease_type: lease.lease_type(),
            pool_id: lease.pool_id(),
            state: lease.state(),
        }
    }

    /// Assigned, registered or in probation; reclaimed and released leases are kept, but their addresses are free.
    pub(super) fn taken(&self) -> bool {
        matches!(self.state, LeaseState::Assigned | LeaseState::Declined | LeaseState::Registered)
    }
}

/// Whose doing a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// A client asked for it.
    Client,
    /// The time of the lease is up.
    Reclamation,
    /// An operator wants it: what there is changes, but nothing was given to a client or taken from one.
    Operator,
}

/// Whether anything is counted when a lease that was `from` is `to`. A renewal changes nothing that is.
pub(super) fn counts<L: Lease>(from: Option<&L>, to: Option<Counts>, by: By, now: Timestamp) -> bool {
    let expired = by != By::Operator && from.is_some_and(|from| from.expires() <= now);
    expired || from.map(Counts::of) != to
}

/// Changes that are counted, from before they are made until they are.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    begun: AtomicU64,
    ended: AtomicU64,
}

/// One of them.
pub(super) struct Counting<'a>(&'a UnderWay);

impl UnderWay {
    pub(super) fn begin(&self) -> Counting<'_> {
        self.begun.fetch_add(1, SeqCst);
        Counting(self)
    }

    /// How many there were so far, if none is under way.
    pub(super) fn settled(&self) -> Option<u64> {
        let ended = self.ended.load(SeqCst);
        (self.begun.load(SeqCst) == ended).then_some(ended)
    }
}

impl Drop for Counting<'_> {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, SeqCst);
    }
}

/// Counts that a lease which was `from` is `to` now.
///
/// As in Kea a lease is reclaimed when it is taken from a client who let it expire or gave it back: by reclamation, or
/// because it becomes somebody's again before reclamation got to it. Not when it is given back after its end, or removed.
pub(super) fn count<L: Leased>(
    counters: &Counters<L::Stat>,
    registry: &Registry<L>,
    from: Option<&L>,
    to: Option<Counts>,
    by: By,
    now: Timestamp,
) {
    if !counts(from, to, by, now) {
        return;
    }
    let expired = by != By::Operator && from.is_some_and(|from| from.expires() <= now);
    let before = from.map(Counts::of);
    let add = |at: Counts, stat, delta| {
        let subnet = registry.stats(at.subnet);
        let pool = subnet.and_then(|subnet| subnet.pool_of(at.lease_type.into(), at.pool_id));
        counters.add_in(stat, delta, subnet, pool);
    };
    let held = |counts: &Counts| L::held(counts.lease_type, counts.state);
    let had = before.filter(Counts::taken);
    if let Some(before) = before {
        let declined = before.state == LeaseState::Declined;
        if before.taken() {
            add(before, held(&before).now, -1);
        }
        if declined {
            add(before, L::DECLINED, -1);
        }
        let ends = to.map_or(by == By::Reclamation, |to| to.state != LeaseState::Released);
        if expired && ends && before.state != LeaseState::ExpiredReclaimed {
            add(before, L::RECLAIMED, 1);
            if declined {
                add(before, L::RECLAIMED_DECLINED, 1);
            }
        }
    }
    if let Some(after) = to.filter(Counts::taken) {
        add(after, held(&after).now, 1);
        if after.state == LeaseState::Declined {
            add(after, L::DECLINED, 1);
        }
        if by != By::Operator && (expired || had.map(|had| held(&had).ever) != Some(held(&after).ever)) {
            add(after, held(&after).ever, 1);
        }
    }
}
