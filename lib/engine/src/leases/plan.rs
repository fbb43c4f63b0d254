//! What one configuration needs of the leases, for as long as it is in use.
//!
//! Several configurations can be in use at the same time: one is served while the next is prepared, and an exchange
//! that waits keeps its own. A change of a lease must reach the maps and statistics of all of them. So [`Plans`] knows
//! every plan there is, weakly, and publishes the union of what they need; a plan joins when it is made and leaves when
//! the last that uses it lets go. Nobody has to say when that is.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Weak};

use arc_swap::{ArcSwap, Guard};
use kotare_config::v4::{Config4, Hosts4, NetworkAt, Subnet4, SubnetAt};
use kotare_model::{Lease4, SubnetId};
use kotare_stats::SubnetStats;
use kotare_store::{By4, LeaseStore, PageFilter, StoreError};
use parking_lot::Mutex;

use super::Leases;
use super::counts::Counts;
use super::registry::Registry;
use crate::alloc::{PoolKey, PoolMap, SubnetAllocator};
use crate::hooks::Observer4;

/// How many leases are read at once when a map is filled.
const PAGE: usize = 1024;

/// The part of [`Leases`] that one configuration uses: occupancy and statistics of its subnets. Cheap to clone; when
/// the last clone is dropped, the leases forget it.
#[derive(Clone, Debug)]
pub struct Plan(Arc<Planned>);

#[derive(Debug)]
struct Planned {
    /// By [`SubnetAt`].
    allocators: Vec<Arc<SubnetAllocator>>,
    /// By [`NetworkAt`]: the member that gave an address last.
    preferred: Vec<AtomicUsize>,
    bars: Arc<Bars>,
    /// What must be kept right for this configuration.
    registry: Arc<Registry>,
    plans: Arc<Plans>,
}

/// The plans there are.
#[derive(Debug, Default)]
pub(super) struct Plans {
    /// Oldest first.
    alive: Mutex<Vec<Weak<Planned>>>,
    /// What all of them need.
    union: ArcSwap<Registry>,
}

impl Plans {
    /// What depends on leases now.
    pub(super) fn registry(&self) -> Guard<Arc<Registry>> {
        self.union.load()
    }

    /// See [`Leases::plan`].
    pub(super) async fn make<S: LeaseStore<Lease4>>(
        self: &Arc<Self>,
        leases: &Leases<S>,
        config: &Config4,
        stats: &[SubnetStats],
    ) -> Result<Plan, StoreError> {
        let plan = self.join(config, stats);
        fill(leases, &plan.0.registry).await?;
        Ok(plan)
    }

    /// Makes a plan that shares the maps of those there are. From here on changes reach the new maps, too, so that
    /// what their filling misses is noted by whoever makes it.
    fn join(self: &Arc<Self>, config: &Config4, stats: &[SubnetStats]) -> Plan {
        // Held so that no plan whose maps are shared leaves before this one is there: its maps would miss changes.
        let former = self.all();
        let known = former.iter().flat_map(|plan| plan.registry.maps()).map(|map| (map.key(), map)).collect();
        let allocators: Vec<_> = config
            .subnets
            .iter()
            .map(|subnet| {
                let before = former.iter().rev().find_map(|plan| plan.registry.allocator(subnet.id));
                Arc::new(allocator(subnet, config.compatibility.exclude_first_last_24, &known, before))
            })
            .collect();
        let ids = config.subnets.iter().map(|subnet| subnet.id);
        let registry = Arc::new(Registry::new(
            ids.zip(allocators.iter().cloned()).collect(),
            stats.iter().map(|stats| (stats.id(), stats.clone())).collect(),
        ));
        let bars = Bars::new(&config.hosts, &registry);
        Plan::join(self, allocators, config.networks.len(), bars, registry)
    }

    /// The plans there are, oldest first. None of them leaves before it is let go.
    fn all(&self) -> Vec<Arc<Planned>> {
        // The guard must go before what is returned can be: the last to let go of a plan takes the lock again.
        let alive = self.alive.lock();
        alive.iter().filter_map(Weak::upgrade).collect()
    }

    /// Publishes the union of the plans there are, of which `new` is one from now on.
    fn publish(&self, new: Option<&Arc<Planned>>) {
        // Declared before the guard, so let go after it; see `all`.
        let plans: Vec<_>;
        let mut alive = self.alive.lock();
        alive.retain(|plan| plan.strong_count() > 0);
        alive.extend(new.map(Arc::downgrade));
        plans = alive.iter().filter_map(Weak::upgrade).collect::<Vec<_>>();
        self.union.store(Registry::union(plans.iter().map(|plan| &plan.registry)));
    }
}

/// The reserved addresses of a configuration, which are not proposed to anybody for as long as it is in use.
#[derive(Debug)]
struct Bars {
    hosts: Hosts4,
    registry: Arc<Registry>,
}

impl Bars {
    fn new(hosts: &Hosts4, registry: &Arc<Registry>) -> Arc<Self> {
        let bars = Self { hosts: hosts.clone(), registry: registry.clone() };
        bars.each(SubnetAllocator::bar);
        Arc::new(bars)
    }

    fn each(&self, act: impl Fn(&SubnetAllocator, Ipv4Addr)) {
        self.hosts.each_address(|subnet, address| {
            if let Some(allocator) = self.registry.allocator(subnet) {
                act(allocator, address);
            }
        });
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.each(SubnetAllocator::unbar);
    }
}

impl Drop for Planned {
    /// The leases forget what only this plan needed.
    fn drop(&mut self) {
        self.plans.publish(None);
    }
}

impl Plan {
    fn join(
        plans: &Arc<Plans>,
        allocators: Vec<Arc<SubnetAllocator>>,
        networks: usize,
        bars: Arc<Bars>,
        registry: Arc<Registry>,
    ) -> Self {
        let planned = Arc::new(Planned {
            allocators,
            preferred: (0..networks).map(|_| AtomicUsize::new(usize::MAX)).collect(),
            bars,
            registry,
            plans: plans.clone(),
        });
        plans.publish(Some(&planned));
        Self(planned)
    }

    /// The same plan, with observers who are told of every change of a lease for as long as it is in use.
    pub(crate) fn observed(self, observers: &[Arc<dyn Observer4>]) -> Self {
        if observers.is_empty() {
            return self;
        }
        let Planned { allocators, preferred, bars, registry, plans } = &*self.0;
        let registry = Arc::new(registry.observed(observers));
        Self::join(plans, allocators.clone(), preferred.len(), bars.clone(), registry)
    }

    /// A plan that tells what this one would propose and remembers nothing of it. No change of a lease reaches it, and
    /// none of those of its leases reaches anything else.
    pub(crate) fn rehearsal(&self) -> Self {
        let preferred = self.0.preferred.iter().map(|it| AtomicUsize::new(it.load(Relaxed))).collect();
        Self(Arc::new(Planned {
            allocators: self.0.allocators.iter().map(|it| Arc::new(it.rehearsal())).collect(),
            preferred,
            bars: self.0.bars.clone(),
            registry: Arc::default(),
            plans: Arc::default(),
        }))
    }

    /// The allocator of a subnet.
    pub(crate) fn allocator(&self, subnet: SubnetAt) -> &SubnetAllocator {
        &self.0.allocators[subnet.index()]
    }

    /// The statistics of a subnet.
    pub(crate) fn stats(&self, id: SubnetId) -> Option<&SubnetStats> {
        self.0.registry.stats(id)
    }

    /// The member of a shared network that gave an address last.
    pub(crate) fn preferred(&self, network: NetworkAt) -> Option<SubnetAt> {
        Some(self.0.preferred[network.index()].load(Relaxed))
            .filter(|&at| at != usize::MAX)
            .map(SubnetAt::new)
    }

    /// Remembers the member of a shared network where an address was looked for.
    pub(crate) fn prefer(&self, network: NetworkAt, subnet: SubnetAt) {
        self.0.preferred[network.index()].store(subnet.index(), Relaxed);
    }
}

/// The allocator of a subnet: on maps that are `known` where there are, taking turns with the one `before`.
fn allocator(
    subnet: &Subnet4,
    exclude_first_last_24: bool,
    known: &HashMap<PoolKey, &Arc<PoolMap>>,
    before: Option<&SubnetAllocator>,
) -> SubnetAllocator {
    let map = |key| known.get(&key).map_or_else(|| Arc::new(PoolMap::new(key)), |&map| map.clone());
    let maps = SubnetAllocator::keys(subnet, exclude_first_last_24).map(map).collect();
    SubnetAllocator::new(subnet.params.allocator, maps, before)
        .reserving(subnet.params.reservations.in_pool())
}

/// Marks what is taken in the maps that are new.
async fn fill<S: LeaseStore<Lease4>>(leases: &Leases<S>, registry: &Registry) -> Result<(), StoreError> {
    let store = leases.store();
    let new: Vec<_> = registry.maps().iter().filter(|map| map.is_filling()).collect();
    let (Some(first), Some(last)) =
        (new.iter().map(|map| map.key().first).min(), new.iter().map(|map| map.key().last).max())
    else {
        return Ok(());
    };
    let mut after = first.checked_sub(1).map(Ipv4Addr::from);
    loop {
        let page = store.page(after, PAGE, PageFilter::default()).await?;
        for lease in &page {
            if Counts::of(lease).taken() {
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
            let found = store.get(By4::Address(address)).await?;
            leases.note(address, found.first());
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
