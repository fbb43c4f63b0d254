//! A lease store whose calls wait, fail, or are ready, as the test says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use kotare_model::{SubnetId, Timestamp};
use kotare_server::Store;
use kotare_store::{Change, Found, LeaseStore, PageFilter, Put, StoreError, Tally};
use kotare_store_memfile::{Kept, Memfile};
use kotare_testkit::{Asked, Memory, MemoryStore, SuspendingStore};

use crate::protocol::Protocol;

/// That of a server of a protocol.
pub(crate) type DatabaseOf<P> = Database<Memory<<P as Protocol>::Lease>>;

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

impl<L: Asked> Database<Memory<L>> {
    /// An empty one that answers at once.
    pub(crate) fn new() -> Self {
        Self {
            gate: SuspendingStore::new(Memory::new()),
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

impl<L: Asked + Kept> Store<L> for Database<Memory<L>> {
    fn waits(&self) -> bool {
        true
    }

    fn memfile(&self) -> Option<&Memfile<L>> {
        None
    }
}

// For whatever store inside: of a known one the compiler cannot prove that its futures may be sent (rust#100013).
impl<L: Asked, S: LeaseStore<L>> LeaseStore<L> for Database<S> {
    async fn get(&self, by: L::By<'_>) -> Result<Found<L>, StoreError> {
        self.gate.get(by).await
    }

    async fn put(&self, change: Change<'_, L>) -> Result<Put<L>, StoreError> {
        self.gate.put(change).await
    }

    async fn expired(
        &self,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<L>, StoreError> {
        self.gate.inner().expired(subnet, now, limit).await
    }

    async fn remove_reclaimed(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.gate.inner().remove_reclaimed(before, limit).await
    }

    async fn page(
        &self,
        after: Option<L::Address>,
        limit: usize,
        filter: PageFilter<'_>,
    ) -> Result<Vec<L>, StoreError> {
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
