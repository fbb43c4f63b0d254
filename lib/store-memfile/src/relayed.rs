//! Which leases came through which relay agent: an index that is there once somebody asked.
//!
//! Few servers are ever asked (Bulk Leasequery), and few leases say it. So it is made when it is wanted first, of all leases,
//! and follows their changes from then on. It keeps hashes, so it may name a lease too many; whoever asks looks at the lease.
//! Its lock is taken below an address shard's and never the other way round.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;
use std::ops::Bound;
use std::sync::Once;

use foldhash::fast::FixedState;
use kotare_store::{Relayed, relay_ids};
use parking_lot::Mutex;

use crate::kept::Kept;
use crate::view::View;

/// Addresses of leases by the hash of what a relay agent said.
#[derive(Debug)]
pub(crate) struct RelayIndex<L: Kept> {
    seed: FixedState,
    addresses: Mutex<BTreeMap<u64, BTreeSet<L::Address>>>,
    filled: Once,
}

impl<L: Kept> RelayIndex<L> {
    /// An index with hashes that depend on `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed: FixedState::with_seed(seed), addresses: Mutex::default(), filled: Once::new() }
    }

    /// Has the first one who asks put all leases there are into it; others wait for that.
    pub(crate) fn fill(&self, fill: impl FnOnce()) {
        self.filled.call_once(fill);
    }

    /// Notes a lease.
    pub(crate) fn insert(&self, new: &View<'_, L>) {
        for hash in self.hashes(new) {
            self.addresses.lock().entry(hash).or_default().insert(new.address);
        }
    }

    /// Forgets a lease.
    pub(crate) fn remove(&self, old: &View<'_, L>) {
        for hash in self.hashes(old) {
            let mut addresses = self.addresses.lock();
            if let Some(of_hash) = addresses.get_mut(&hash) {
                of_hash.remove(&old.address);
                if of_hash.is_empty() {
                    addresses.remove(&hash);
                }
            }
        }
    }

    /// Up to `limit` addresses above `after` whose leases may be wanted, in order.
    pub(crate) fn after(
        &self,
        wanted: Relayed<'_>,
        after: Option<L::Address>,
        limit: usize,
    ) -> Vec<L::Address> {
        let addresses = self.addresses.lock();
        let Some(of_hash) = addresses.get(&self.seed.hash_one(wanted)) else { return Vec::new() };
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        of_hash.range((from, Bound::Unbounded)).take(limit).copied().collect()
    }

    fn hashes(&self, lease: &View<'_, L>) -> Vec<u64> {
        let context = lease.user_context.and_then(|text| std::str::from_utf8(text).ok());
        relay_ids(context).iter().flat_map(|ids| ids.iter()).map(|id| self.seed.hash_one(id)).collect()
    }
}
