//! Looking for leases: what both families do.

use kotare_store::Found;

use super::Memfile;
use crate::clients::Candidates;
use crate::kept::Kept;
use crate::view::View;

impl<L: Kept> Memfile<L> {
    /// The lease of an address.
    pub(super) fn at(&self, address: L::Address) -> Found<L> {
        self.shard(address).find(address).map(View::to_lease).into_iter().collect()
    }

    /// The leases of `candidates` that are what was looked for.
    pub(super) fn verified(&self, candidates: Candidates, wanted: impl Fn(&View<'_, L>) -> bool) -> Found<L> {
        let mut found = Found::new();
        for candidate in candidates {
            let (shard, handle) = L::inside(candidate);
            if let Some(lease) = self.shards[shard].lock().at(handle).filter(&wanted) {
                found.push(lease.to_lease());
            }
        }
        found
    }

    /// The leases that are `wanted`, by a look at all of them.
    pub(super) fn all(&self, wanted: impl Fn(&View<'_, L>) -> bool) -> Found<L> {
        /// So many units are looked at before others get the lock.
        const AT_ONCE: usize = 64;
        let mut found = Found::new();
        for shard in &self.shards {
            let mut next = std::ops::Bound::Unbounded;
            loop {
                let shard = shard.lock();
                let units = shard.units(next, AT_ONCE);
                let Some(&last) = units.last() else { break };
                let leases = units.into_iter().flat_map(|unit| shard.unit(unit));
                found.extend(leases.filter(&wanted).map(View::to_lease));
                next = std::ops::Bound::Excluded(last);
            }
        }
        found
    }
}
