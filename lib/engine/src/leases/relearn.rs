//! What others who keep leases in the same store made free.
//!
//! A map learns of what is taken when it is stumbled over, and of what is freed by whoever frees it. What another server
//! frees nobody tells. So when nothing free is found in a store that others change, the store is looked through, and what it
//! has no lease of counts as free again.

use std::collections::HashSet;
use std::iter::once;

use kotare_store::{LeaseStore, PageFilter, StoreError};

use super::Leases;
use super::counts::Counts;
use super::leased::Leased;
use super::plan::PAGE;
use crate::alloc::{Count, Map};

/// Pools with more places than this one are not looked through: they do not run out.
const MOST: f64 = 1_048_576.0;

/// Frees the places that the store has no lease of; how many that are.
pub(super) async fn relearn<L: Leased, S: LeaseStore<L>>(leases: &Leases<S, L>) -> Result<u64, StoreError> {
    let maps: Vec<_> = leases.plans.registry().maps().cloned().collect();
    let mut freed = 0;
    for map in maps.iter().filter(|map| map.size().as_f64() <= MOST && !map.is_filling()) {
        let Some((mut after, last)) = L::span(once(map.key())) else { continue };
        let mut taken = HashSet::new();
        loop {
            let page = leases.store().page(after, PAGE, PageFilter::default()).await?;
            taken.extend(page.iter().filter(|lease| Counts::of(*lease).taken()).map(L::address));
            match page.last().map(L::address) {
                Some(address) if address < last => after = Some(address),
                _ => break,
            }
        }
        let mut offset = Default::default();
        while offset < map.size() {
            let place = map.place(offset);
            if map.next_free(offset) != Some(offset) && !taken.contains(&L::address_of(place)) {
                freed += 1;
                // Whoever was given the place since the store was looked through is stumbled over, unless others overlap it.
                match L::can_overlap(place) {
                    true => leases.plans.doubts.add(place),
                    false => leases.plans.registry().of(place, |map| map.free(place)),
                }
            }
            offset = offset.after();
        }
    }
    Ok(freed)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::tz::TimeZone;
    use kotare_config::common::SubnetAt;
    use kotare_model::{Lease4, LeaseState};
    use kotare_stats::Statistics4;
    use kotare_store::{Change, Put};
    use kotare_testkit::{Config, MemoryStore, Subnet, run};

    use super::*;
    use crate::hooks::Cause;
    use crate::leases::plan::tests::{NOW, lease};

    /// What another server frees is proposed again once the store was looked through, and nothing that somebody has.
    #[test]
    fn what_others_free_is_found() {
        let store = Arc::new(MemoryStore::new());
        let worker = || Statistics4::new(TimeZone::UTC, std::time::Duration::ZERO).worker();
        let [ours, theirs] = [(); 2].map(|()| Leases::new(store.clone(), worker()));
        let config =
            Config::new().subnet(Subnet::new(1, "192.0.2.0/24").pool("192.0.2.10", "192.0.2.12")).build();
        let plan = run(ours.plan(&config, &[])).unwrap();
        let put = |leases: &Leases<_>, from: Option<&Lease4>, to: Option<&Lease4>| {
            let address = from.or(to).expect("a lease").address;
            run(leases.put(Change { address, from, to }, Cause::Command, NOW)).expect("an answer")
        };
        let all = ["192.0.2.10", "192.0.2.11", "192.0.2.12"].map(lease);
        for lease in &all {
            assert_eq!(put(&theirs, None, Some(lease)), Put::Done);
            // We come later, and learn that it is taken.
            assert!(matches!(put(&ours, None, Some(lease)), Put::Conflict(_)));
        }
        let proposed = || plan.allocator(SubnetAt::new(0)).propose(0, |_| true);
        assert_eq!(proposed(), None);
        assert_eq!(run(relearn(&ours)).unwrap(), 0);
        let reclaimed = Lease4 { state: LeaseState::ExpiredReclaimed, ..all[2].clone() };
        assert_eq!(put(&theirs, Some(&all[0]), None), Put::Done);
        assert_eq!(put(&theirs, Some(&all[2]), Some(&reclaimed)), Put::Done);
        assert_eq!(proposed(), None);
        assert_eq!(run(relearn(&ours)).unwrap(), 2);
        assert_eq!(
            [proposed(), proposed(), proposed()].map(|it| it.map(|it| it.octets()[3])),
            [Some(10), Some(12), Some(10)]
        );
    }
}
