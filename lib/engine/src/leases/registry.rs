//! What depends on leases, found by the lease.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use kotare_model::SubnetId;
use kotare_stats::SubnetStats;

use super::leased::{Bound, Key, Leased, Place};
use crate::alloc::Map;

/// By subnet. Whoever writes the configuration chooses the numbers, so no harm comes of those that collide.
pub(super) type BySubnet<T> = HashMap<SubnetId, T, FixedState>;

/// What depends on the leases of one configuration, or of several that are in use at the same time.
#[derive(Debug)]
pub(super) struct Registry<L: Leased> {
    /// Every pool's map, by first end. Maps can overlap: of overlapping subnets, and of an old and a new pool.
    maps: Vec<Arc<L::Map>>,
    /// For each map, the highest end of it and of those before it.
    reach: Vec<Bound<L>>,
    allocators: BySubnet<Arc<L::Allocators>>,
    stats: BySubnet<SubnetStats<L::Stat>>,
    /// Who is told of changes.
    observers: Vec<Arc<L::Observer>>,
}

impl<L: Leased> Default for Registry<L> {
    fn default() -> Self {
        Self::new(BySubnet::default(), BySubnet::default())
    }
}

impl<L: Leased> Registry<L> {
    pub(super) fn new(
        allocators: BySubnet<Arc<L::Allocators>>,
        stats: BySubnet<SubnetStats<L::Stat>>,
    ) -> Self {
        let maps = allocators.values().flat_map(|it| L::maps(it)).cloned().collect();
        Self::with_maps(maps, allocators, stats)
    }

    fn with_maps(
        mut maps: Vec<Arc<L::Map>>,
        allocators: BySubnet<Arc<L::Allocators>>,
        stats: BySubnet<SubnetStats<L::Stat>>,
    ) -> Self {
        maps.sort_by_key(|map| (map.key(), Arc::as_ptr(map)));
        maps.dedup_by(|a, b| Arc::ptr_eq(a, b));
        let mut reach = Bound::<L>::default();
        let reach = maps.iter().map(|map| {
            reach = map.ends().1.max(reach);
            reach
        });
        Self { reach: reach.collect(), maps, allocators, stats, observers: Vec::new() }
    }

    /// All of these, oldest first; where several have a subnet, the newest one's statistics.
    pub(super) fn union<'a>(registries: impl Iterator<Item = &'a Arc<Self>>) -> Arc<Self> {
        // A configuration that only reserves something else than the one before needs the same.
        let mut last = None;
        let registries = registries.filter(|it| last.replace(Arc::as_ptr(it)) != Some(Arc::as_ptr(it)));
        registries
            .fold(None, |older: Option<Arc<Self>>, newer| {
                Some(older.map_or_else(|| newer.clone(), |older| Arc::new(older.joined(newer))))
            })
            .unwrap_or_default()
    }

    fn joined(&self, newer: &Self) -> Self {
        // Most of what a newer one has is nearly always the same.
        let mut allocators = self.allocators.clone();
        for (&id, new) in &newer.allocators {
            if !allocators.get(&id).is_some_and(|old| Arc::ptr_eq(old, new)) {
                allocators.insert(id, new.clone());
            }
        }
        let mut stats = self.stats.clone();
        for (&id, new) in &newer.stats {
            let joined = match stats.get(&id) {
                Some(old) if old.is_same(new) => continue,
                Some(old) => new.with_pools_of(old),
                None => new.clone(),
            };
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
    pub(super) fn observed(&self, observers: &[Arc<L::Observer>]) -> Self {
        let Self { maps, reach, allocators, stats, observers: _ } = self;
        let (maps, reach) = (maps.clone(), reach.clone());
        let (allocators, stats) = (allocators.clone(), stats.clone());
        Self { maps, reach, allocators, stats, observers: observers.to_vec() }
    }

    /// Who is told of changes.
    pub(super) fn observers(&self) -> &[Arc<L::Observer>] {
        &self.observers
    }

    /// Every pool's map.
    pub(super) fn maps(&self) -> &[Arc<L::Map>] {
        &self.maps
    }

    /// The map of a pool.
    pub(super) fn map(&self, key: Key<L>) -> Option<&Arc<L::Map>> {
        let at = self.maps.partition_point(|map| map.key() < key);
        self.maps.get(at).filter(|map| map.key() == key)
    }

    /// Every map that holds something of the place.
    pub(super) fn of(&self, place: Place<L>, mut note: impl FnMut(&L::Map)) {
        let (first, last) = L::Map::ends_of(place);
        let before = self.maps.partition_point(|map| map.ends().0 <= last);
        for at in (0..before).rev().take_while(|&at| self.reach[at] >= first) {
            if self.maps[at].touches(place) {
                note(&self.maps[at]);
            }
        }
    }

    /// What proposes the places of a subnet.
    pub(super) fn allocators(&self, id: SubnetId) -> Option<&Arc<L::Allocators>> {
        self.allocators.get(&id)
    }

    /// The statistics of a subnet.
    pub(super) fn stats(&self, id: SubnetId) -> Option<&SubnetStats<L::Stat>> {
        self.stats.get(&id)
    }
}
