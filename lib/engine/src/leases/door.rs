//! The one door to the leases.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use arc_swap::ArcSwap;
use kotare_config::v4::Config4;
use kotare_model::{Lease4, Timestamp};
use kotare_stats::{Counters4, SubnetStats};
use kotare_store::{By4, Change, Found, LeaseStore, PageFilter, Put, StoreError};

use super::Plan;
use super::counts::{Counts, count};
use super::registry::Registry;
use crate::alloc::{PoolMap, SubnetAllocator};

/// How many leases are read at once when a map is filled.
const PAGE: usize = 1024;

/// The lease store together with everything derived from it: which addresses of the pools are taken, and the
/// statistics of leases. Whoever changes a lease (an exchange, reclamation, a command) does it here.
///
/// One for the life of the process; configurations come and go by [`Leases::plan`] and [`Leases::retire`].
#[derive(Debug)]
pub struct Leases<S> {
    store: S,
    counters: Counters4,
    registry: ArcSwap<Registry>,
}

// Futures that callers send to other threads are not `async fn`s: that they can be sent is promised in the signature,
// where the compiler proves it for every store. For a known store it cannot (rust-lang/rust#100013).
impl<S: LeaseStore<Lease4>> Leases<S> {
    /// A door to `store`. `counters` takes the server-wide lease statistics.
    pub fn new(store: S, counters: Counters4) -> Self {
        Self { store, counters, registry: ArcSwap::default() }
    }

    /// The store, for reading (pages, tallies) and `flush`. Changes go through [`Leases::put`].
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Prepares for serving `config`, whose subnets' statistics are `stats`: pools that stay as they are keep their
    /// map of taken addresses, those of new ones are filled from the store. May run while another configuration is
    /// served, but not twice at a time; drop the plan (and [`Leases::retire`] the others) to give up.
    ///
    /// # Errors
    /// When the store cannot be read.
    // `Send` is said where the compiler can prove it for every store: at a call for one store it cannot (rust#100013).
    pub fn plan<'a>(
        &'a self,
        config: &'a Config4,
        stats: &'a [SubnetStats],
    ) -> impl Future<Output = Result<Plan, StoreError>> + Send + 'a {
        self.make_plan(config, stats)
    }

    async fn make_plan(&self, config: &Config4, stats: &[SubnetStats]) -> Result<Plan, StoreError> {
        let current = self.registry.load_full();
        let known: HashMap<_, _> = current.maps().iter().map(|map| (map.key(), map)).collect();
        let allocators: Vec<_> = config
            .subnets
            .iter()
            .map(|subnet| {
                let maps = SubnetAllocator::keys(subnet, config.compatibility.exclude_first_last_24)
                    .map(|key| {
                        known.get(&key).map_or_else(|| Arc::new(PoolMap::new(key)), |&map| map.clone())
                    })
                    .collect();
                let before = current.allocator(subnet.id);
                Arc::new(SubnetAllocator::new(subnet.params.allocator, maps, before))
            })
            .collect();
        let ids = config.subnets.iter().map(|subnet| subnet.id);
        let registry = Arc::new(Registry::new(
            ids.zip(allocators.iter().cloned()).collect(),
            stats.iter().map(|stats| (stats.id(), stats.clone())).collect(),
        ));
        // From here on changes reach the new maps, so that what the filling misses is noted by whoever makes it.
        self.registry.store(Arc::new(current.joined(&registry)));
        if let Err(error) = self.fill(&registry).await {
            self.registry.store(current);
            return Err(error);
        }
        let preferred = config.networks.iter().map(|_| AtomicUsize::new(usize::MAX)).collect();
        Ok(Plan::new(allocators, preferred, registry))
    }

    /// Forgets all plans but `current`. Call it when exchanges of other configurations have ended.
    pub fn retire(&self, current: &Plan) {
        self.registry.store(current.registry().clone());
    }

    /// The leases asked for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn get<'a>(
        &'a self,
        by: By4<'a>,
    ) -> impl Future<Output = Result<Found<Lease4>, StoreError>> + Send + 'a {
        self.store.get(by)
    }

    /// Changes a lease if it still is as expected, and everything derived from it. `now` tells whether the lease
    /// before had expired: a lease that ends or changes hands after its end counts as reclaimed.
    ///
    /// # Errors
    /// When the store fails; it is unknown then whether the change was made.
    pub fn put<'a>(
        &'a self,
        change: Change<'a, Lease4>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Put<Lease4>, StoreError>> + Send + 'a {
        self.change(change, now)
    }

    async fn change(&self, change: Change<'_, Lease4>, now: Timestamp) -> Result<Put<Lease4>, StoreError> {
        let address = change.address;
        let from = change.from;
        let to = change.to.as_ref().map(Counts::of);
        if to.is_some_and(|to| to.taken) {
            self.registry.load().of(address, |map| map.take(address));
        }
        let put = match self.store.put(change).await {
            Ok(put) => put,
            Err(error) => {
                // Whether the change was made is unknown. If the store can tell, no address is lost to a failure.
                if let Ok(found) = self.store.get(By4::Address(address)).await {
                    self.note(address, found.first());
                }
                return Err(error);
            }
        };
        let registry = self.registry.load();
        match &put {
            Put::Done => {
                if !to.is_some_and(|to| to.taken) {
                    registry.of(address, |map| map.free(address));
                }
                count(&self.counters, &registry, from, to, now);
            }
            Put::Conflict(there) => self.correct(&registry, address, there.as_ref()),
        }
        Ok(put)
    }

    /// What the store really has at an address that was believed to be free, or that a change stumbled over.
    pub(crate) fn note(&self, address: Ipv4Addr, there: Option<&Lease4>) {
        self.correct(&self.registry.load(), address, there);
    }

    fn correct(&self, registry: &Registry, address: Ipv4Addr, there: Option<&Lease4>) {
        let taken = there.is_some_and(|lease| Counts::of(lease).taken);
        registry.of(address, |map| if taken { map.take(address) } else { map.free(address) });
    }

    /// Marks what is taken in the maps that are new.
    async fn fill(&self, registry: &Registry) -> Result<(), StoreError> {
        let new: Vec<_> = registry.maps().iter().filter(|map| map.is_filling()).collect();
        let (Some(first), Some(last)) =
            (new.iter().map(|map| map.key().first).min(), new.iter().map(|map| map.key().last).max())
        else {
            return Ok(());
        };
        let mut after = first.checked_sub(1).map(Ipv4Addr::from);
        loop {
            let page = self.store.page(after, PAGE, PageFilter::default()).await?;
            for lease in &page {
                if Counts::of(lease).taken {
                    registry.of(lease.address, |map| map.take(lease.address));
                }
            }
            match page.last() {
                Some(lease) if u32::from(lease.address) < last => after = Some(lease.address),
                _ => break,
            }
        }
        for map in new {
            for address in map.filled() {
                let found = self.store.get(By4::Address(address)).await?;
                self.note(address, found.first());
            }
        }
        Ok(())
    }
}
