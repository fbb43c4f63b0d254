//! A lease store for tests.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use std::thread::{self, ThreadId};

use kotare_model::{Lease4, Lease6, LeaseState, SubnetId, Timestamp};
use kotare_store::{Change, Found, LeaseStore, PageFilter, Put, StoreError, Tally};
use parking_lot::{Mutex, MutexGuard};

use crate::asked::Asked;

/// A store of DHCPv4 leases in a map.
pub type MemoryStore = Memory<Lease4>;

/// A store of DHCPv6 leases in a map.
pub type MemoryStore6 = Memory<Lease6>;

/// Keeps leases in a map. Cheap to clone; clones are the same store.
#[derive(Debug)]
pub struct Memory<L: Asked>(Arc<Inner<L>>);

impl<L: Asked> Clone for Memory<L> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<L: Asked> Default for Memory<L> {
    fn default() -> Self {
        Self(Arc::new(Inner {
            leases: Mutex::default(),
            gets: AtomicUsize::default(),
            puts: AtomicUsize::default(),
            scans: AtomicUsize::default(),
            slow: AtomicBool::default(),
            failing: AtomicBool::default(),
            busy: AtomicBool::default(),
            flushed_on: Mutex::default(),
        }))
    }
}

#[derive(Debug)]
struct Inner<L: Asked> {
    leases: Mutex<BTreeMap<L::Address, L>>,
    gets: AtomicUsize,
    puts: AtomicUsize,
    scans: AtomicUsize,
    slow: AtomicBool,
    failing: AtomicBool,
    busy: AtomicBool,
    flushed_on: Mutex<Option<ThreadId>>,
}

/// How often a store was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Calls of `get`.
    pub gets: usize,
    /// Calls of `put`.
    pub puts: usize,
    /// Calls of everything that looks at many leases.
    pub scans: usize,
}

impl<L: Asked> Memory<L> {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether its futures are pending once before they are ready, as those of a database are.
    pub fn slow(&self, slow: bool) {
        self.0.slow.store(slow, SeqCst);
    }

    /// Whether everything fails.
    pub fn fail(&self, failing: bool) {
        self.0.failing.store(failing, SeqCst);
    }

    /// Whether who flushes it has to wait.
    pub fn be_busy(&self, busy: bool) {
        self.0.busy.store(busy, SeqCst);
    }

    /// The thread that flushed it last.
    pub fn flushed_on(&self) -> Option<ThreadId> {
        *self.0.flushed_on.lock()
    }

    /// How often it was asked since the last time this was asked.
    pub fn calls(&self) -> Calls {
        let take = |counter: &AtomicUsize| counter.swap(0, SeqCst);
        Calls { gets: take(&self.0.gets), puts: take(&self.0.puts), scans: take(&self.0.scans) }
    }

    /// The lease of an address.
    pub fn lease(&self, address: L::Address) -> Option<L> {
        self.leases().get(&address).cloned()
    }

    /// All leases, by address.
    pub fn all(&self) -> Vec<L> {
        self.leases().values().cloned().collect()
    }

    /// Puts a lease behind everybody's back.
    pub fn plant(&self, lease: L) {
        self.leases().insert(lease.address(), lease);
    }

    /// Removes a lease behind everybody's back.
    pub fn uproot(&self, address: L::Address) -> Option<L> {
        self.leases().remove(&address)
    }

    fn leases(&self) -> MutexGuard<'_, BTreeMap<L::Address, L>> {
        self.0.leases.lock()
    }

    /// Counts a call, waits if the store is slow, fails if it fails.
    async fn called(&self, counter: &AtomicUsize) -> Result<(), StoreError> {
        counter.fetch_add(1, SeqCst);
        let mut waits = self.0.slow.load(SeqCst);
        poll_fn(|context| {
            if std::mem::take(&mut waits) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
        if self.0.failing.load(SeqCst) {
            return Err(StoreError::unavailable("ask the test's store", "it was told to fail"));
        }
        Ok(())
    }
}

impl<L: Asked> LeaseStore<L> for Memory<L> {
    fn is_far(&self) -> bool {
        self.0.slow.load(SeqCst)
    }

    async fn get(&self, by: L::By<'_>) -> Result<Found<L>, StoreError> {
        self.called(&self.0.gets).await?;
        Ok(L::answer(by, &self.leases()))
    }

    async fn put(&self, change: Change<'_, L>) -> Result<Put<L>, StoreError> {
        self.called(&self.0.puts).await?;
        let mut leases = self.leases();
        let there = leases.get(&change.address);
        if there != change.from {
            return Ok(Put::Conflict(there.cloned().map(Box::new)));
        }
        match change.to {
            Some(lease) => leases.insert(change.address, lease.clone()),
            None => leases.remove(&change.address),
        };
        Ok(Put::Done)
    }

    async fn expired(
        &self,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<L>, StoreError> {
        self.called(&self.0.scans).await?;
        let mut expired: Vec<_> = self
            .leases()
            .values()
            .filter(|lease| {
                subnet.is_none_or(|subnet| lease.subnet_id() == subnet)
                    && lease.state() != LeaseState::ExpiredReclaimed
                    && lease.expires() <= now
            })
            .cloned()
            .collect();
        expired.sort_by_key(|lease| (lease.expires(), lease.address()));
        expired.truncate(limit);
        Ok(expired)
    }

    async fn remove_reclaimed(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.called(&self.0.scans).await?;
        let mut left = limit;
        self.leases().retain(|_, lease| {
            let reclaimed = lease.state() == LeaseState::ExpiredReclaimed;
            let goes = left > 0 && reclaimed && lease.expires() <= before;
            left -= usize::from(goes);
            !goes
        });
        Ok(limit - left)
    }

    async fn page(
        &self,
        after: Option<L::Address>,
        limit: usize,
        filter: PageFilter<'_>,
    ) -> Result<Vec<L>, StoreError> {
        self.called(&self.0.scans).await?;
        let leases = self.leases();
        let wanted = |lease: &&L| after.is_none_or(|after| lease.address() > after) && filter.admits(*lease);
        Ok(leases.values().filter(wanted).take(limit).cloned().collect())
    }

    async fn tally(&self) -> Result<Vec<Tally>, StoreError> {
        self.called(&self.0.scans).await?;
        let mut tallies = BTreeMap::new();
        for lease in self.leases().values() {
            let (subnet, lease_type, pool_id) = (lease.subnet_id(), lease.lease_type(), lease.pool_id());
            let tally = tallies.entry((subnet, lease_type, pool_id)).or_insert(Tally {
                subnet,
                lease_type,
                pool_id,
                ..Tally::default()
            });
            match lease.state() {
                LeaseState::Assigned => tally.assigned += 1,
                LeaseState::Declined => tally.declined += 1,
                LeaseState::Registered => tally.registered += 1,
                _ => {}
            }
        }
        Ok(tallies.into_values().collect())
    }

    async fn flush(&self) -> Result<(), StoreError> {
        *self.0.flushed_on.lock() = Some(thread::current().id());
        self.called(&self.0.scans).await
    }

    async fn flush_at_once(&self) -> Result<bool, StoreError> {
        match self.0.busy.load(SeqCst) {
            true => Ok(false),
            false => self.flush().await.map(|()| true),
        }
    }
}

#[cfg(test)]
mod tests {
    use kotare_store::conformance::PollOnce;

    use super::*;

    /// The test's own stores keep the promises of the seam.
    #[test]
    fn they_conform() {
        kotare_store::conformance::run(MemoryStore::new, &PollOnce);
        kotare_store::conformance::run6(MemoryStore6::new, &PollOnce);
        kotare_store::conformance::run_relayed(MemoryStore::new, &PollOnce);
        kotare_store::conformance::run_relayed6(MemoryStore6::new, &PollOnce);
    }
}
