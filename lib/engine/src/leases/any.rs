//! Leases, whatever they are kept in.

use std::pin::Pin;

use kotare_model::{Lease4, Lease6, Tally, Timestamp};
use kotare_store::{
    Change, Counted, Found, LeaseStore, PageFilter, Put, Queue, QueueChange, SharedPool, StoreError,
};

use super::Leases;
use super::leased::Leased;
use crate::hooks::Cause;

/// An answer of a store, when it is there.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// [`Leases`] for whoever does not know the store behind them: commands, modules. Each call costs an allocation, so
/// this is not for the way of a packet. A store in memory works while the answer is polled.
///
/// What is said there of each call holds here, too.
pub trait AnyLeases<L: Leased>: Send + Sync {
    /// See [`LeaseStore::is_far`].
    fn is_far(&self) -> bool;

    /// See [`Leases::get`].
    fn get<'a>(&'a self, by: L::By<'a>) -> Answer<'a, Found<L>>;

    /// See [`Leases::put`].
    fn put<'a>(
        &'a self,
        change: Change<'a, L>,
        cause: Cause<'a, L::Query>,
        now: Timestamp,
    ) -> Answer<'a, Put<L>>;

    /// See [`LeaseStore::page`].
    fn page<'a>(
        &'a self,
        after: Option<L::Address>,
        limit: usize,
        filter: PageFilter<'a>,
    ) -> Answer<'a, Vec<L>>;

    /// See [`LeaseStore::index_relayed`].
    fn index_relayed<'a>(&'a self, leases: &'a [L]) -> Answer<'a, u64>;

    /// See [`LeaseStore::queues`].
    fn queues(&self) -> Answer<'_, Option<Vec<Queue<L::Address>>>>;

    /// See [`LeaseStore::change_queue`].
    fn change_queue(&self, pool: SharedPool<L::Address>, change: QueueChange) -> Answer<'_, ()>;

    /// See [`LeaseStore::tally`].
    fn tally(&self) -> Answer<'_, Vec<Tally>>;

    /// See [`LeaseStore::count`].
    fn count<'a>(&'a self, of: Counted<'a>) -> Answer<'a, Option<u64>>;

    /// See [`LeaseStore::flush`].
    fn flush(&self) -> Answer<'_, ()>;

    /// See [`LeaseStore::flush_at_once`].
    fn flush_at_once(&self) -> Answer<'_, bool>;
}

/// Leases of DHCPv4, whatever they are kept in.
pub trait AnyLeases4: AnyLeases<Lease4> {}

impl<T: AnyLeases<Lease4>> AnyLeases4 for T {}

/// Leases of DHCPv6, whatever they are kept in.
pub trait AnyLeases6: AnyLeases<Lease6> {}

impl<T: AnyLeases<Lease6>> AnyLeases6 for T {}

impl<L: Leased, S: LeaseStore<L>> AnyLeases<L> for Leases<S, L> {
    fn is_far(&self) -> bool {
        self.store().is_far()
    }

    fn get<'a>(&'a self, by: L::By<'a>) -> Answer<'a, Found<L>> {
        Box::pin(Self::get(self, by))
    }

    fn put<'a>(
        &'a self,
        change: Change<'a, L>,
        cause: Cause<'a, L::Query>,
        now: Timestamp,
    ) -> Answer<'a, Put<L>> {
        Box::pin(Self::put(self, change, cause, now))
    }

    fn page<'a>(
        &'a self,
        after: Option<L::Address>,
        limit: usize,
        filter: PageFilter<'a>,
    ) -> Answer<'a, Vec<L>> {
        Box::pin(self.store().page(after, limit, filter))
    }

    fn index_relayed<'a>(&'a self, leases: &'a [L]) -> Answer<'a, u64> {
        Box::pin(self.store().index_relayed(leases))
    }

    fn queues(&self) -> Answer<'_, Option<Vec<Queue<L::Address>>>> {
        Box::pin(self.store().queues())
    }

    fn change_queue(&self, pool: SharedPool<L::Address>, change: QueueChange) -> Answer<'_, ()> {
        Box::pin(self.store().change_queue(pool, change))
    }

    fn tally(&self) -> Answer<'_, Vec<Tally>> {
        Box::pin(self.store().tally())
    }

    fn count<'a>(&'a self, of: Counted<'a>) -> Answer<'a, Option<u64>> {
        Box::pin(self.store().count(of))
    }

    fn flush(&self) -> Answer<'_, ()> {
        Box::pin(self.store().flush())
    }

    fn flush_at_once(&self) -> Answer<'_, bool> {
        Box::pin(self.store().flush_at_once())
    }
}
