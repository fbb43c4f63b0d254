//! The one door to the leases.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use arc_swap::ArcSwap;
use kotare_config::v4::Config4;
use kotare_model::{Lease4, LeaseState, SubnetId, Timestamp};
use kotare_stats::{Counters4, Stat4, SubnetStats};
use kotare_store::{By4, Change, Found, LeaseStore, PageFilter, Put, StoreError};

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

/// The part of [`Leases`] that one configuration uses: occupancy and statistics of its subnets. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Plan(Arc<Planned>);

#[derive(Debug)]
struct Planned {
    /// By index into `Config4::subnets`.
    allocators: Vec<Arc<SubnetAllocator>>,
    /// By index into `Config4::networks`: the member that gave an address last.
    preferred: Vec<AtomicUsize>,
    /// What [`Leases`] must keep right for this configuration.
    registry: Arc<Registry>,
}

/// What depends on leases, found by the lease.
#[derive(Debug, Default)]
struct Registry {
    /// Every pool's map, by first address. Maps can overlap: of overlapping subnets, and of an old and a new pool.
    maps: Vec<Arc<PoolMap>>,
    /// For each map, the highest address of it and of those before it.
    reach: Vec<u32>,
    allocators: HashMap<SubnetId, Arc<SubnetAllocator>>,
    stats: HashMap<SubnetId, SubnetStats>,
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
        let known: HashMap<_, _> = current.maps.iter().map(|map| (map.key(), map)).collect();
        let allocators: Vec<_> = config
            .subnets
            .iter()
            .map(|subnet| {
                let maps = SubnetAllocator::keys(subnet, config.compatibility.exclude_first_last_24)
                    .map(|key| {
                        known.get(&key).map_or_else(|| Arc::new(PoolMap::new(key)), |&map| map.clone())
                    })
                    .collect();
                let before = current.allocators.get(&subnet.id).map(|before| &**before);
                Arc::new(SubnetAllocator::new(subnet.params.allocator, maps, before))
            })
            .collect();
        let ids = config.subnets.iter().map(|subnet| subnet.id);
        let registry = Arc::new(Registry::new(
            allocators.iter().flat_map(|allocator| allocator.pools()).cloned().collect(),
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
        Ok(Plan(Arc::new(Planned { allocators, preferred, registry })))
    }

    /// Forgets all plans but `current`. Call it when exchanges of other configurations have ended.
    pub fn retire(&self, current: &Plan) {
        self.registry.store(current.0.registry.clone());
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
                self.count(&registry, from, to, now);
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
        let new: Vec<_> = registry.maps.iter().filter(|map| map.is_filling()).collect();
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

    fn count(&self, registry: &Registry, from: Option<&Lease4>, to: Option<Counts>, now: Timestamp) {
        let expired = from.is_some_and(|from| from.expired(now));
        let before = from.map(Counts::of).filter(|before| before.taken);
        let after = to.filter(|to| to.taken);
        let add = |at: Counts, stat, delta| {
            let subnet = registry.stats.get(&at.subnet);
            self.counters.add_in(stat, delta, subnet, subnet.and_then(|subnet| subnet.pool(at.pool_id)));
        };
        // A renewal changes nothing that is counted.
        if before == after && !expired {
            return;
        }
        if let Some(before) = before {
            add(before, Stat4::AssignedAddresses, -1);
            if before.declined {
                add(before, Stat4::DeclinedAddresses, -1);
            }
            if expired {
                add(before, Stat4::ReclaimedLeases, 1);
                if before.declined {
                    add(before, Stat4::ReclaimedDeclinedAddresses, 1);
                }
            }
        }
        if let Some(after) = after {
            add(after, Stat4::AssignedAddresses, 1);
            if after.declined {
                add(after, Stat4::DeclinedAddresses, 1);
            }
            if before.is_none() || expired {
                add(after, Stat4::CumulativeAssignedAddresses, 1);
            }
        }
    }
}

impl Plan {
    /// The allocator of a subnet, by index into `Config4::subnets`.
    pub(crate) fn allocator(&self, subnet: usize) -> &SubnetAllocator {
        &self.0.allocators[subnet]
    }

    /// The statistics of a subnet.
    pub(crate) fn stats(&self, id: SubnetId) -> Option<&SubnetStats> {
        self.0.registry.stats.get(&id)
    }

    /// The member of a shared network that gave an address last.
    pub(crate) fn preferred(&self, network: usize) -> Option<usize> {
        Some(self.0.preferred[network].load(Relaxed)).filter(|&subnet| subnet != usize::MAX)
    }

    /// Remembers the member of a shared network where an address was looked for.
    pub(crate) fn prefer(&self, network: usize, subnet: usize) {
        self.0.preferred[network].store(subnet, Relaxed);
    }
}

impl Registry {
    fn new(
        mut maps: Vec<Arc<PoolMap>>,
        allocators: HashMap<SubnetId, Arc<SubnetAllocator>>,
        stats: HashMap<SubnetId, SubnetStats>,
    ) -> Self {
        maps.sort_by_key(|map| (map.key(), Arc::as_ptr(map)));
        maps.dedup_by(|a, b| Arc::ptr_eq(a, b));
        let mut reach = 0;
        let reach = maps.iter().map(|map| {
            reach = map.key().last.max(reach);
            reach
        });
        Self { reach: reach.collect(), maps, allocators, stats }
    }

    /// These and those; where both have a subnet, those.
    fn joined(&self, newer: &Self) -> Self {
        let mut allocators = self.allocators.clone();
        allocators.extend(newer.allocators.clone());
        let mut stats = self.stats.clone();
        stats.extend(newer.stats.clone());
        Self::new(self.maps.iter().chain(&newer.maps).cloned().collect(), allocators, stats)
    }

    /// Every map that holds the address.
    fn of(&self, address: Ipv4Addr, mut note: impl FnMut(&PoolMap)) {
        let number = u32::from(address);
        let before = self.maps.partition_point(|map| map.key().first <= number);
        for at in (0..before).rev().take_while(|&at| self.reach[at] >= number) {
            if self.maps[at].contains(address) {
                note(&self.maps[at]);
            }
        }
    }
}

/// What of a lease is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counts {
    subnet: SubnetId,
    pool_id: u32,
    /// Assigned or in probation; reclaimed and released leases are kept, but their addresses are free.
    taken: bool,
    declined: bool,
}

impl Counts {
    fn of(lease: &Lease4) -> Self {
        Self {
            subnet: lease.subnet_id,
            pool_id: lease.pool_id,
            taken: matches!(lease.state, LeaseState::Assigned | LeaseState::Declined),
            declined: lease.state == LeaseState::Declined,
        }
    }
}
