//! Leases, whatever they are kept in.

use std::net::Ipv4Addr;
use std::pin::Pin;

use kotare_model::{Lease4, Tally, Timestamp};
use kotare_store::{By4, Change, Found, LeaseStore, PageFilter, Put, StoreError};

use super::Leases;
use crate::hooks::Cause;

/// An answer of a store, when it is there.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// [`Leases`] for whoever does not know the store behind them: commands, modules. Each call costs an allocation, so
/// this is not for the way of a packet. A store in memory works while the answer is polled.
///
/// What is said there of each call holds here, too.
pub trait AnyLeases4: Send + Sync {
    /// See [`Leases::get`].
    fn get<'a>(&'a self, by: By4<'a>) -> Answer<'a, Found<Lease4>>;

    /// See [`Leases::put`].
    fn put<'a>(
        &'a self,
        change: Change<'a, Lease4>,
        cause: Cause<'a>,
        now: Timestamp,
    ) -> Answer<'a, Put<Lease4>>;

    /// See [`LeaseStore::page`].
    fn page(&self, after: Option<Ipv4Addr>, limit: usize, filter: PageFilter) -> Answer<'_, Vec<Lease4>>;

    /// See [`LeaseStore::tally`].
    fn tally(&self) -> Answer<'_, Vec<Tally>>;

    /// See [`LeaseStore::flush`].
    fn flush(&self) -> Answer<'_, ()>;
}

impl<S: LeaseStore<Lease4>> AnyLeases4 for Leases<S> {
    fn get<'a>(&'a self, by: By4<'a>) -> Answer<'a, Found<Lease4>> {
        Box::pin(Self::get(self, by))
    }

    fn put<'a>(
        &'a self,
        change: Change<'a, Lease4>,
        cause: Cause<'a>,
        now: Timestamp,
    ) -> Answer<'a, Put<Lease4>> {
        Box::pin(Self::put(self, change, cause, now))
    }

    fn page(&self, after: Option<Ipv4Addr>, limit: usize, filter: PageFilter) -> Answer<'_, Vec<Lease4>> {
        Box::pin(self.store().page(after, limit, filter))
    }

    fn tally(&self) -> Answer<'_, Vec<Tally>> {
        Box::pin(self.store().tally())
    }

    fn flush(&self) -> Answer<'_, ()> {
        Box::pin(self.store().flush())
    }
}
