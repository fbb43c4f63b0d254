//! A lease store for tests.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::task::Poll;

use kotare_model::{Lease4, LeaseState, SubnetId, Timestamp};
use kotare_store::{By4, Change, Found, Lease, LeaseStore, PageFilter, Put, StoreError, Tally};
use parking_lot::{Mutex, MutexGuard};

/// Keeps leases in a map. Cheap to clone; clones are the same store.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    leases: Mutex<BTreeMap<Ipv4Addr, Lease4>>,
    gets: AtomicUsize,
    puts: AtomicUsize,
    scans: AtomicUsize,
    slow: AtomicBool,
    failing: AtomicBool,
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

impl MemoryStore {
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

    /// How often it was asked since the last time this was asked.
    pub fn calls(&self) -> Calls {
        let take = |counter: &AtomicUsize| counter.swap(0, SeqCst);
        Calls { gets: take(&self.0.gets), puts: take(&self.0.puts), scans: take(&self.0.scans) }
    }

    /// The lease of an address.
    pub fn lease(&self, address: Ipv4Addr) -> Option<Lease4> {
        self.leases().get(&address).cloned()
    }

    /// All leases, by address.
    pub fn all(&self) -> Vec<Lease4> {
        self.leases().values().cloned().collect()
    }

    /// Puts a lease behind everybody's back.
    pub fn plant(&self, lease: Lease4) {
        self.leases().insert(lease.address, lease);
    }

    /// Removes a lease behind everybody's back.
    pub fn uproot(&self, address: Ipv4Addr) -> Option<Lease4> {
        self.leases().remove(&address)
    }

    fn leases(&self) -> MutexGuard<'_, BTreeMap<Ipv4Addr, Lease4>> {
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

impl LeaseStore<Lease4> for MemoryStore {
    /// Leases without the key asked for are found by nobody.
    async fn get(&self, by: <Lease4 as Lease>::By<'_>) -> Result<Found<Lease4>, StoreError> {
        self.called(&self.0.gets).await?;
        let leases = self.leases();
        let all = |fits: &dyn Fn(&Lease4) -> bool| -> Found<Lease4> {
            leases.values().filter(|lease| fits(lease)).cloned().collect()
        };
        let latest = |link: &[SubnetId], fits: &dyn Fn(&Lease4) -> bool| {
            let mut found: Found<Lease4> = Found::new();
            for lease in leases.values().filter(|lease| link.contains(&lease.subnet_id) && fits(lease)) {
                let kind = |lease: &Lease4| (lease.subnet_id, lease.client_id.is_some());
                match found.iter_mut().find(|other| kind(other) == kind(lease)) {
                    Some(other) if other.cltt > lease.cltt => {}
                    // Leases come by address.
                    Some(other) => other.clone_from(lease),
                    None => found.push(lease.clone()),
                }
            }
            found
        };
        Ok(match by {
            By4::Address(address) => leases.get(&address).into_iter().cloned().collect(),
            By4::ClientId(id) => {
                all(&|lease| lease.client_id.as_ref().is_some_and(|own| own.as_bytes() == id))
            }
            By4::HwAddr(hwaddr) => all(&|lease| !hwaddr.is_empty() && lease.hwaddr == *hwaddr),
            By4::ClientIdOn(id, link) => {
                latest(link, &|lease| lease.client_id.as_ref().is_some_and(|own| own.as_bytes() == id))
            }
            By4::HwAddrOn(hwaddr, link) => {
                latest(link, &|lease| !hwaddr.is_empty() && lease.hwaddr == *hwaddr)
            }
            By4::NamelessOn(hwaddr, link) => latest(link, &|lease| {
                lease.client_id.is_none() && !hwaddr.is_empty() && lease.hwaddr == *hwaddr
            }),
            By4::Hostname(name) => all(&|lease| !name.is_empty() && lease.hostname == name),
        })
    }

    async fn put(&self, change: Change<'_, Lease4>) -> Result<Put<Lease4>, StoreError> {
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
    ) -> Result<Vec<Lease4>, StoreError> {
        self.called(&self.0.scans).await?;
        let mut expired: Vec<_> = self
            .leases()
            .values()
            .filter(|lease| {
                subnet.is_none_or(|subnet| lease.subnet_id == subnet)
                    && lease.state != LeaseState::ExpiredReclaimed
                    && lease.expired(now)
            })
            .cloned()
            .collect();
        expired.sort_by_key(|lease| (lease.expires(), lease.address));
        expired.truncate(limit);
        Ok(expired)
    }

    async fn remove_reclaimed(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.called(&self.0.scans).await?;
        let mut left = limit;
        self.leases().retain(|_, lease| {
            let reclaimed = lease.state == LeaseState::ExpiredReclaimed;
            let goes = left > 0 && reclaimed && lease.expires() <= before;
            left -= usize::from(goes);
            !goes
        });
        Ok(limit - left)
    }

    async fn page(
        &self,
        after: Option<Ipv4Addr>,
        limit: usize,
        filter: PageFilter,
    ) -> Result<Vec<Lease4>, StoreError> {
        self.called(&self.0.scans).await?;
        let leases = self.leases();
        let wanted = |lease: &&Lease4| {
            after.is_none_or(|after| lease.address > after)
                && filter.subnet.is_none_or(|subnet| lease.subnet_id == subnet)
        };
        Ok(leases.values().filter(wanted).take(limit).cloned().collect())
    }

    async fn tally(&self) -> Result<Vec<Tally>, StoreError> {
        self.called(&self.0.scans).await?;
        let mut tallies = BTreeMap::new();
        for lease in self.leases().values() {
            let (subnet, pool_id) = (lease.subnet_id, lease.pool_id);
            let tally =
                tallies.entry((subnet, pool_id)).or_insert(Tally { subnet, pool_id, ..Tally::default() });
            match lease.state {
                LeaseState::Assigned => tally.assigned += 1,
                LeaseState::Declined => tally.declined += 1,
                _ => {}
            }
        }
        Ok(tallies.into_values().collect())
    }

    async fn flush(&self) -> Result<(), StoreError> {
        self.called(&self.0.scans).await
    }
}

#[cfg(test)]
mod tests {
    use kotare_store::conformance::PollOnce;

    use super::*;

    /// The test's own store keeps the promises of the seam.
    #[test]
    fn it_conforms() {
        kotare_store::conformance::run(MemoryStore::new, &PollOnce);
    }
}
