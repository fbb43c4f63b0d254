//! What depends on leases, found by the lease.
//!
//! A configuration may have very many subnets, and the one after it may differ in one of them. So what depends on leases is in
//! two parts: one of many subnets, which several configurations share, and one of the few that they have otherwise.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::FixedState;
use kotare_model::SubnetId;
use kotare_stats::{Statistic, SubnetStats};

use super::leased::{Bound, Key, Leased, Place};
use crate::alloc::Map;

/// By subnet. Whoever writes the configuration chooses the numbers, so no harm comes of those that collide.
pub(super) type BySubnet<T> = HashMap<SubnetId, T, FixedState>;
/// Numbers of subnets.
type Ids = HashSet<SubnetId, FixedState>;

/// What proposes the places of each subnet.
type AllocatorsOf<L> = BySubnet<Arc<<L as Leased>::Allocators>>;
/// The statistics of each subnet.
type StatsOf<L> = BySubnet<SubnetStats<<L as Leased>::Stat>>;

/// As many subnets are kept beside the many at least, before all are put together anew.
const FEW: usize = 128;
/// Or such a part of the many.
const PART: usize = 16;

/// What depends on the leases of one configuration, or of several that are in use at the same time.
#[derive(Debug)]
pub(super) struct Registry<L: Leased> {
    /// What many subnets have.
    many: Arc<Subnets<L>>,
    /// What others have, or some of these have now. No map is in both.
    few: Arc<Subnets<L>>,
    /// Which of the many are not there, or among the few. Their maps are kept right, as nobody knows who shares them.
    gone: Arc<Ids>,
    /// Who is told of changes.
    observers: Vec<Arc<L::Observer>>,
}

/// What depends on the leases of some subnets.
#[derive(Debug)]
struct Subnets<L: Leased> {
    /// Every pool's map, by first end. Maps can overlap: of overlapping subnets, and of an old and a new pool.
    maps: Vec<Arc<L::Map>>,
    /// For each map, the highest end of it and of those before it.
    reach: Vec<Bound<L>>,
    allocators: AllocatorsOf<L>,
    stats: StatsOf<L>,
}

impl<L: Leased> Default for Registry<L> {
    fn default() -> Self {
        Self::new(BySubnet::default(), BySubnet::default())
    }
}

impl<L: Leased> Registry<L> {
    pub(super) fn new(allocators: AllocatorsOf<L>, stats: StatsOf<L>) -> Self {
        let maps = allocators.values().flat_map(|it| L::maps(it)).cloned().collect();
        Self::whole(Subnets::new(maps, allocators, stats), Vec::new())
    }

    fn whole(many: Subnets<L>, observers: Vec<Arc<L::Observer>>) -> Self {
        let few = Arc::new(Subnets::new(Vec::new(), BySubnet::default(), BySubnet::default()));
        Self { many: Arc::new(many), few, gone: Arc::default(), observers }
    }

    /// The same, but that these subnets have this, or are not there. Nobody is told of changes.
    pub(super) fn exchanged(
        &self,
        exchanged: &HashSet<SubnetId>,
        allocators: AllocatorsOf<L>,
        stats: StatsOf<L>,
    ) -> Self {
        let there = exchanged.iter().filter(|id| self.many.has(**id));
        let gone: Ids = self.gone.iter().chain(there).copied().collect();
        let mut few = (self.few.allocators.clone(), self.few.stats.clone());
        few.0.retain(|id, _| !exchanged.contains(id));
        few.1.retain(|id, _| !exchanged.contains(id));
        few.0.extend(allocators);
        few.1.extend(stats);
        if few.0.len() + gone.len() > FEW.max(self.many.allocators.len() / PART) {
            let (mut allocators, mut stats) = self.many.without(&gone);
            allocators.extend(few.0);
            stats.extend(few.1);
            return Self::new(allocators, stats);
        }
        let maps = few.0.values().flat_map(|it| L::maps(it)).filter(|map| !self.many.has_map(map));
        let maps = maps.cloned().collect();
        Self {
            many: self.many.clone(),
            few: Arc::new(Subnets::new(maps, few.0, few.1)),
            gone: Arc::new(gone),
            observers: Vec::new(),
        }
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
        // A module that lives on in the newer configuration is told once.
        let new =
            newer.observers.iter().filter(|new| !self.observers.iter().any(|old| Arc::ptr_eq(old, new)));
        let observers = self.observers.iter().chain(new).cloned().collect();
        if Arc::ptr_eq(&self.many, &newer.many) {
            let (few, gone) = self.joined_few(newer);
            return Self { many: self.many.clone(), few: Arc::new(few), gone: Arc::new(gone), observers };
        }
        let (mut allocators, mut stats) = self.all();
        let (newer_allocators, newer_stats) = newer.all();
        allocators.extend(newer_allocators);
        for (id, new) in newer_stats {
            let joined = joined(stats.get(&id), &new);
            stats.insert(id, joined);
        }
        let maps = self.maps().chain(newer.maps()).cloned().collect();
        Self::whole(Subnets::new(maps, allocators, stats), observers)
    }

    /// What is beside the many, which both have.
    fn joined_few(&self, newer: &Self) -> (Subnets<L>, Ids) {
        let ids = self.gone.iter().chain(newer.gone.iter());
        let ids = ids.chain(self.few.allocators.keys()).chain(newer.few.allocators.keys());
        let (mut allocators, mut stats) = (BySubnet::default(), BySubnet::default());
        let ids: Ids = ids.copied().collect();
        for &id in &ids {
            allocators.extend(newer.allocators(id).or(self.allocators(id)).map(|it| (id, it.clone())));
            let of_both = match (self.stats(id), newer.stats(id)) {
                (old, Some(new)) => Some(joined(old, new)),
                (old, None) => old.cloned(),
            };
            stats.extend(of_both.map(|stats| (id, stats)));
        }
        let gone = ids.into_iter().filter(|id| self.many.has(*id)).collect();
        let maps = self.few.maps.iter().chain(&newer.few.maps).cloned().collect();
        (Subnets::new(maps, allocators, stats), gone)
    }

    /// What all subnets have.
    fn all(&self) -> (AllocatorsOf<L>, StatsOf<L>) {
        let (mut allocators, mut stats) = self.many.without(&self.gone);
        allocators.extend(self.few.allocators.iter().map(|(id, it)| (*id, it.clone())));
        stats.extend(self.few.stats.iter().map(|(id, it)| (*id, it.clone())));
        (allocators, stats)
    }

    /// The same, with observers.
    pub(super) fn observed(&self, observers: &[Arc<L::Observer>]) -> Self {
        let Self { many, few, gone, observers: _ } = self;
        let (many, few, gone) = (many.clone(), few.clone(), gone.clone());
        Self { many, few, gone, observers: observers.to_vec() }
    }

    /// Who is told of changes.
    pub(super) fn observers(&self) -> &[Arc<L::Observer>] {
        &self.observers
    }

    /// Every pool's map.
    pub(super) fn maps(&self) -> impl Iterator<Item = &Arc<L::Map>> {
        self.many.maps.iter().chain(&self.few.maps)
    }

    /// The map of a pool.
    pub(super) fn map(&self, key: Key<L>) -> Option<&Arc<L::Map>> {
        self.few.map(key).or_else(|| self.many.map(key))
    }

    /// Every map that holds something of the place.
    pub(super) fn of(&self, place: Place<L>, mut note: impl FnMut(&L::Map)) {
        self.few.of(place, &mut note);
        self.many.of(place, &mut note);
    }

    /// What proposes the places of a subnet.
    pub(super) fn allocators(&self, id: SubnetId) -> Option<&Arc<L::Allocators>> {
        self.find(id, |subnets| &subnets.allocators)
    }

    /// The statistics of a subnet.
    pub(super) fn stats(&self, id: SubnetId) -> Option<&SubnetStats<L::Stat>> {
        self.find(id, |subnets| &subnets.stats)
    }

    fn find<T>(&self, id: SubnetId, of: impl Fn(&Subnets<L>) -> &BySubnet<T>) -> Option<&T> {
        let of_many = || of(&self.many).get(&id).filter(|_| !self.gone.contains(&id));
        of(&self.few).get(&id).or_else(of_many)
    }
}

/// The statistics of a subnet that two configurations have.
fn joined<S: Statistic>(older: Option<&SubnetStats<S>>, newer: &SubnetStats<S>) -> SubnetStats<S> {
    match older {
        Some(older) if !older.is_same(newer) => newer.with_pools_of(older),
        _ => newer.clone(),
    }
}

impl<L: Leased> Subnets<L> {
    fn new(mut maps: Vec<Arc<L::Map>>, allocators: AllocatorsOf<L>, stats: StatsOf<L>) -> Self {
        maps.sort_by_key(in_order);
        maps.dedup_by(|a, b| Arc::ptr_eq(a, b));
        let mut reach = Bound::<L>::default();
        let reach = maps.iter().map(|map| {
            reach = map.ends().1.max(reach);
            reach
        });
        Self { reach: reach.collect(), maps, allocators, stats }
    }

    fn has(&self, id: SubnetId) -> bool {
        self.allocators.contains_key(&id) || self.stats.contains_key(&id)
    }

    fn has_map(&self, map: &Arc<L::Map>) -> bool {
        self.maps.binary_search_by_key(&in_order(map), in_order).is_ok()
    }

    /// What all have but these.
    fn without(&self, gone: &Ids) -> (AllocatorsOf<L>, StatsOf<L>) {
        let (mut allocators, mut stats) = (self.allocators.clone(), self.stats.clone());
        for id in gone {
            allocators.remove(id);
            stats.remove(id);
        }
        (allocators, stats)
    }

    fn map(&self, key: Key<L>) -> Option<&Arc<L::Map>> {
        let at = self.maps.partition_point(|map| map.key() < key);
        self.maps.get(at).filter(|map| map.key() == key)
    }

    fn of(&self, place: Place<L>, note: &mut impl FnMut(&L::Map)) {
        let (first, last) = L::Map::ends_of(place);
        let before = self.maps.partition_point(|map| map.ends().0 <= last);
        for at in (0..before).rev().take_while(|&at| self.reach[at] >= first) {
            if self.maps[at].touches(place) {
                note(&self.maps[at]);
            }
        }
    }
}

fn in_order<M: Map>(map: &Arc<M>) -> (M::Key, *const M) {
    (map.key(), Arc::as_ptr(map))
}
