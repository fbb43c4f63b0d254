//! A lease store whose calls wait, fail, or are ready, as the test says.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use kotare_model::{Lease4, SubnetId, Timestamp};
use kotare_server::Store;
use kotare_store::{Change, Found, Lease, LeaseStore, PageFilter, Put, StoreError, Tally};
use kotare_store_memfile::Memfile4;
use kotare_testkit::{MemoryStore, SuspendingStore};

/// Keeps leases as a database does, that one may have to wait for. Clones are the same store.
///
/// Exchanges ask through the [`SuspendingStore`]; what the server asks for itself (pages, tallies) never waits.
#[derive(Clone, Debug)]
pub(crate) struct Database<S = MemoryStore> {
    /// Holds up the calls of exchanges.
    pub(crate) gate: SuspendingStore<S>,
    /// Whether what was put cannot be kept.
    pub(crate) unkept: Arc<AtomicBool>,
    /// Whether leases cannot be counted.
    pub(crate) uncountable: Arc<AtomicBool>,
    /// Counts the clones.
    pub(crate) handles: Arc<()>,
}

impl Database {
    /// An empty one that answers at once.
    pub(crate) fn new() -> Self {
        Self {
            gate: SuspendingStore::new(MemoryStore::new()),
            unkept: Arc::default(),
            uncountable: Arc::default(),
            handles: Arc::default(),
        }
    }

    /// Lets everything go on that waits, and what comes later go straight through.
    pub(crate) fn release(&self) {
        self.gate.suspend(false);
        self.gate.waiting().into_iter().for_each(|(call, _)| self.gate.resume(call));
    }
}

impl Store<Lease4> for Database {
    fn waits(&self) -> bool {
        true
    }

    fn memfile(&self) -> Option<&Memfile4> {
        None
    }
}

// For whatever store inside: of a known one the compiler cannot prove that its futures may be sent (rust#100013).
impl<S: LeaseStore<Lease4>> LeaseStore<Lease4> for Database<S> {
    async fn get(&self, by: <Lease4 as Lease>::By<'_>) -> Result<Found<Lease4>, StoreError> {
        self.gate.get(by).await
    }

    async fn put(&self, change: Change<'_, Lease4>) -> Result<Put<Lease4>, StoreError> {
        self.gate.put(change).await
    }

    async fn expired(
        &self,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Lease4>, StoreError> {
        self.gate.inner().expired(subnet, now, limit).await
    }

    async fn remove_reclaimed(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.gate.inner().remove_reclaimed(before, limit).await
    }

    async fn page(
        &self,
        after: Option<Ipv4Addr>,
        limit: usize,
        filter: PageFilter,
    ) -> Result<Vec<Lease4>, StoreError> {
        self.gate.inner().page(after, limit, filter).await
    }

    async fn tally(&self) -> Result<Vec<Tally>, StoreError> {
        refuse(&self.uncountable)?;
        self.gate.inner().tally().await
    }

    async fn flush(&self) -> Result<(), StoreError> {
        refuse(&self.unkept)
    }
}

fn refuse(when: &AtomicBool) -> Result<(), StoreError> {
    match when.load(SeqCst) {
        true => Err(StoreError::unavailable("ask the test's database", "the test says no")),
        false => Ok(()),
    }
}
