//! What depends on leases, found by the lease.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_model::SubnetId;
use kotare_stats::SubnetStats;

use crate::alloc::{PoolMap, SubnetAllocator};
use crate::hooks::Observer4;

/// What depends on the leases of one configuration, or of several that are in use at the same time.
#[derive(Clone, Debug, Default)]
pub(super) struct Registry {
    /// Every pool's map, by first address. Maps can overlap: of overlapping subnets, and of an old and a new pool.
    maps: Vec<Arc<PoolMap>>,
    /// For each map, the highest address of it and of those before it.
    reach: Vec<u32>,
    allocators: HashMap<SubnetId, Arc<SubnetAllocator>>,
    stats: HashMap<SubnetId, SubnetStats>,
    /// Who is told of changes.
    observers: Vec<Arc<dyn Observer4>>,
}

impl Registry {
    pub(super) fn new(
        allocators: HashMap<SubnetId, Arc<SubnetAllocator>>,
        stats: HashMap<SubnetId, SubnetStats>,
    ) -> Self {
        let maps = allocators.values().flat_map(|allocator| allocator.pools()).cloned().collect();
        Self::with_maps(maps, allocators, stats)
    }

    fn with_maps(
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
        Self { reach: reach.collect(), maps, allocators, stats, observers: Vec::new() }
    }

    /// All of these, oldest first; where several have a subnet, the newest one's statistics.
    pub(super) fn union<'a>(registries: impl Iterator<Item = &'a Arc<Self>>) -> Arc<Self> {
        registries
            .fold(None, |older: Option<Arc<Self>>, newer| {
                Some(older.map_or_else(|| newer.clone(), |older| Arc::new(older.joined(newer))))
            })
            .unwrap_or_default()
    }

    fn joined(&self, newer: &Self) -> Self {
        let mut allocators = self.allocators.clone();
        allocators.extend(newer.allocators.clone());
        let mut stats = self.stats.clone();
        for (&id, new) in &newer.stats {
            let joined = stats.get(&id).map_or_else(|| new.clone(), |old| new.with_pools_of(old));
            stats.insert(id, joined);
        }
        let maps = self.maps.iter().chain(&newer.maps).cloned().collect();
        // A module that lives on in the newer configuration is told once.
        let new =
            newer.observers.iter().filter(|new| !self.observers.iter().any(|old| Arc::ptr_eq(old, new)));
        let observers = self.observers.iter().chain(new).cloned().collect();
        Self { observers, ..Self::with_maps(maps, allocators, stats) }
    }

    /// The same, with observers.
    pub(super) fn observed(&self, observers: &[Arc<dyn Observer4>]) -> Self {
        Self { observers: observers.to_vec(), ..self.clone() }
    }

    /// Who is told of changes.
    pub(super) fn observers(&self) -> &[Arc<dyn Observer4>] {
        &self.observers
    }

    /// Every pool's map.
    pub(super) fn maps(&self) -> &[Arc<PoolMap>] {
        &self.maps
    }

    /// Every map that holds the address.
    pub(super) fn of(&self, address: Ipv4Addr, mut note: impl FnMut(&PoolMap)) {
        let number = u32::from(address);
        let before = self.maps.partition_point(|map| map.key().first <= number);
        for at in (0..before).rev().take_while(|&at| self.reach[at] >= number) {
            if self.maps[at].contains(address) {
                note(&self.maps[at]);
            }
        }
    }

    /// The allocator of a subnet.
    pub(super) fn allocator(&self, id: SubnetId) -> Option<&SubnetAllocator> {
        self.allocators.get(&id).map(|allocator| &**allocator)
    }

    /// The statistics of a subnet.
    pub(super) fn stats(&self, id: SubnetId) -> Option<&SubnetStats> {
        self.stats.get(&id)
    }
}
