//! The seams between the engine and whatever keeps leases, and reservations beside those of the configuration.
//!
//! Few operations, each saying what it expects; a conflict is a normal answer, never a lock the caller sees.
//! The futures of an in-memory store are ready at the first poll, those of a database are not; the engine
//! cannot tell. This crate keeps nothing itself, does no I/O and knows no runtime. `conformance` is the
//! suite that every backend runs.

mod bells;
pub mod conformance;
mod error;
mod host;
mod host_sources;
mod lease;
mod relayed;
mod shared;

use std::future::Future;
use std::sync::Arc;

use kotare_model::{LeaseType, SubnetId, Timestamp};
use smallvec::SmallVec;

pub use bells::{ring, ring_together};
pub use error::{Failure, StoreError};
pub use host::{Edited, HostCursor, HostKey, HostPage, HostQuery, HostSource, HostStore, Reserved};
pub use host_sources::{
    AnyHostStore, Cached, FoundHosts, HostAnswer, HostCache, HostPlace, HostSources, Wanted,
};
pub use kotare_model::Tally;
pub use lease::{By4, By6, FEW, Ia, Lease};
pub use relayed::{RelayIds, Relayed, relay_ids};
pub use shared::{NextFree, Queue, QueueChange, SharedPool};

/// The leases found: almost always none or one.
pub type Found<L> = SmallVec<[L; 1]>;

/// One change of one address's lease: what must be there now, and what shall be.
#[derive(Clone, Debug)]
pub struct Change<'a, L: Lease> {
    /// The address changed.
    pub address: L::Address,
    /// The lease that must be there for the change to happen (as it was read), or `None` for no lease.
    pub from: Option<&'a L>,
    /// The lease that shall be there, or `None` to remove it. Its address is `address`.
    pub to: Option<&'a L>,
}

/// What became of a [`Change`].
#[derive(Clone, Debug, PartialEq)]
pub enum Put<L> {
    /// The change was made.
    Done,
    /// Something else was there; nothing was changed. This is what is there now, boxed so that the answer that nearly
    /// always comes is a small one.
    Conflict(Option<Box<L>>),
}

/// Assigned leases of one kind that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted<'a> {
    /// Those whose user context says that their client is of this class (`ISC`, `client-classes`).
    OfClass(&'a str, LeaseType),
    /// Those of a subnet.
    OfSubnet(SubnetId, LeaseType),
}

/// Something that has to be written down before leases are.
pub trait Ahead: Send + Sync {
    /// Writes down what there is until now. What cannot be written is that one's own affair.
    fn write(&self);

    /// The same if neither a disk nor somebody who is writing has to be waited for; whether it was done.
    fn write_at_once(&self) -> bool;
}

/// Which leases [`LeaseStore::page`] lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageFilter<'a> {
    /// Only leases of this subnet.
    pub subnet: Option<SubnetId>,
    /// Only leases whose clients came through a relay agent that said so, as their user contexts tell.
    pub relayed: Option<Relayed<'a>>,
}

impl PageFilter<'_> {
    /// Whether a lease is listed.
    pub fn admits(&self, lease: &impl Lease) -> bool {
        let said =
            |wanted| relay_ids(lease.user_context()).iter().any(|ids| ids.iter().any(|id| id == wanted));
        self.subnet.is_none_or(|subnet| lease.subnet_id() == subnet) && self.relayed.is_none_or(said)
    }
}

/// Keeps leases.
///
/// A failed call says in its [`StoreError::failure`] whether asking again can help. Reading changes nothing, so a read
/// that failed may simply be repeated; of a [`put`](LeaseStore::put) that failed as unavailable it is unknown whether
/// the change was made, and only a [`get`](LeaseStore::get) of the address can tell. The same holds for a future that
/// is dropped before it is ready.
pub trait LeaseStore<L: Lease>: Send + Sync {
    /// Whether there is anything that can be read. Where there is nothing yet, nobody can be served from it, and
    /// nothing of it has to be known.
    fn is_there(&self) -> bool {
        true
    }

    /// Whether an answer takes its time, so that who has several questions does best to ask them all at once.
    fn is_far(&self) -> bool {
        false
    }

    /// The leases asked for, in no particular order.
    ///
    /// # Errors
    /// Unavailable, when the store cannot be read. No lease is no error.
    fn get(&self, by: L::By<'_>) -> impl Future<Output = Result<Found<L>, StoreError>> + Send;

    /// Makes a change if what it expects is still so (compare and set). That it is not is no error but
    /// [`Put::Conflict`].
    ///
    /// # Errors
    /// Refused, when such a lease cannot be kept: nothing was changed. Unavailable, when the store cannot be written:
    /// the change may have been made all the same.
    fn put(&self, change: Change<'_, L>) -> impl Future<Output = Result<Put<L>, StoreError>> + Send;

    /// Up to `limit` leases of one subnet or of all that expired at or before `now` and were not reclaimed yet
    /// (in any other state), the longest expired first.
    ///
    /// # Errors
    /// Unavailable, when the store cannot be read.
    fn expired(
        &self,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<L>, StoreError>> + Send;

    /// Removes up to `limit` reclaimed leases that expired at or before `before`; says how many.
    ///
    /// # Errors
    /// Unavailable, when the store cannot be written: some of them may be gone. Repeating it removes the others.
    fn remove_reclaimed(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;

    /// Up to `limit` leases with an address above `after`, by address.
    ///
    /// # Errors
    /// Unavailable, when the store cannot be read. Refused, when it cannot find leases by what relay agents said.
    fn page(
        &self,
        after: Option<L::Address>,
        limit: usize,
        filter: PageFilter<'_>,
    ) -> impl Future<Output = Result<Vec<L>, StoreError>> + Send;

    /// Sees to it that these leases, as they were just read, are found by what their user contexts say that relay agents said,
    /// however they came here; of how many it was not so. A store that looks at the contexts themselves has nothing to do.
    ///
    /// # Errors
    /// Unavailable, when the store cannot be written: some of them may be found now.
    fn index_relayed(&self, _: &[L]) -> impl Future<Output = Result<u64, StoreError>> + Send {
        std::future::ready(Ok(0))
    }

    /// Sees to it that there are queues of what is free of these pools, which all share who have this store.
    ///
    /// # Errors
    /// Unavailable, when the store cannot be written; refused, when it cannot have such a queue.
    fn share(&self, _: Vec<SharedPool<L::Address>>) -> impl Future<Output = Result<(), StoreError>> + Send {
        std::future::ready(Ok(()))
    }

    /// What the queue of a pool has next.
    ///
    /// # Errors
    /// Unavailable, when the store cannot be read or written.
    fn next_free(
        &self,
        _: SharedPool<L::Address>,
    ) -> impl Future<Output = Result<NextFree<L::Address>, StoreError>> + Send {
        std::future::ready(Ok(NextFree::NoQueue))
    }

    /// The queues there are, by subnet and address; `None` if the store keeps none.
    ///
    /// # Errors
    /// Unavailable, when the store cannot be read.
    fn queues(&self) -> impl Future<Output = Result<Option<Vec<Queue<L::Address>>>, StoreError>> + Send {
        std::future::ready(Ok(None))
    }

    /// Changes the queue of a pool, if it is there.
    ///
    /// # Errors
    /// Unavailable, when the store cannot be written: it is as it was.
    fn change_queue(
        &self,
        _: SharedPool<L::Address>,
        _: QueueChange,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        std::future::ready(Ok(()))
    }

    /// How many leases are in which state, by subnet, kind and pool.
    ///
    /// # Errors
    /// Unavailable, when the store cannot be read.
    fn tally(&self) -> impl Future<Output = Result<Vec<Tally>, StoreError>> + Send;

    /// How many leases there are, whoever gave them; `None` if the store keeps no such counts.
    ///
    /// # Errors
    /// Unavailable, when the store cannot be read.
    fn count(&self, _: Counted<'_>) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send {
        std::future::ready(Ok(None))
    }

    /// From now on `ahead` writes before anything is kept that is put after this call; whether it does. Where it does not, because what
    /// is put is kept at once or never, it is for the caller to have it written before.
    fn precede(&self, _ahead: &Arc<dyn Ahead>) -> bool {
        false
    }

    /// What was put before is now as durable as configured; only then may a reply that promises it leave.
    ///
    /// # Errors
    /// Unavailable, when it is not. Nothing is lost by that: what was put stays put, and the next flush tries again.
    fn flush(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The same for a thread that must not be held up: done if neither a disk nor somebody who is writing has to be waited for,
    /// longer than for a moment. Whether it was; if not, what was put still has to be flushed. A store that is waited for without
    /// a thread always does it.
    ///
    /// # Errors
    /// As of [`flush`](LeaseStore::flush).
    fn flush_at_once(&self) -> impl Future<Output = Result<bool, StoreError>> + Send {
        async { self.flush().await.map(|()| true) }
    }
}

/// A store that several share.
impl<L: Lease, S: LeaseStore<L>> LeaseStore<L> for Arc<S> {
    fn is_there(&self) -> bool {
        (**self).is_there()
    }

    fn is_far(&self) -> bool {
        (**self).is_far()
    }

    fn get(&self, by: L::By<'_>) -> impl Future<Output = Result<Found<L>, StoreError>> + Send {
        (**self).get(by)
    }

    fn put(&self, change: Change<'_, L>) -> impl Future<Output = Result<Put<L>, StoreError>> + Send {
        (**self).put(change)
    }

    fn expired(
        &self,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<L>, StoreError>> + Send {
        (**self).expired(subnet, now, limit)
    }

    fn remove_reclaimed(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<usize, StoreError>> + Send {
        (**self).remove_reclaimed(before, limit)
    }

    fn page(
        &self,
        after: Option<L::Address>,
        limit: usize,
        filter: PageFilter<'_>,
    ) -> impl Future<Output = Result<Vec<L>, StoreError>> + Send {
        (**self).page(after, limit, filter)
    }

    fn index_relayed(&self, leases: &[L]) -> impl Future<Output = Result<u64, StoreError>> + Send {
        (**self).index_relayed(leases)
    }

    fn share(
        &self,
        pools: Vec<SharedPool<L::Address>>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        (**self).share(pools)
    }

    fn next_free(
        &self,
        pool: SharedPool<L::Address>,
    ) -> impl Future<Output = Result<NextFree<L::Address>, StoreError>> + Send {
        (**self).next_free(pool)
    }

    fn queues(&self) -> impl Future<Output = Result<Option<Vec<Queue<L::Address>>>, StoreError>> + Send {
        (**self).queues()
    }

    fn change_queue(
        &self,
        pool: SharedPool<L::Address>,
        change: QueueChange,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        (**self).change_queue(pool, change)
    }

    fn tally(&self) -> impl Future<Output = Result<Vec<Tally>, StoreError>> + Send {
        (**self).tally()
    }

    fn count(&self, of: Counted<'_>) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send {
        (**self).count(of)
    }

    fn precede(&self, ahead: &Arc<dyn Ahead>) -> bool {
        (**self).precede(ahead)
    }

    fn flush(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        (**self).flush()
    }

    fn flush_at_once(&self) -> impl Future<Output = Result<bool, StoreError>> + Send {
        (**self).flush_at_once()
    }
}
