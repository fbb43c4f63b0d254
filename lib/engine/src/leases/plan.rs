//! What one configuration needs of the leases, for as long as it is in use.
//!
//! Several configurations can be in use at the same time: one is served while the next is prepared, and an exchange
//! that waits keeps its own. A change of a lease must reach the maps and statistics of all of them. So [`Plans`] knows
//! every plan there is, weakly, and publishes the union of what they need; a plan joins when it is made and leaves when
//! the last that uses it lets go. Nobody has to say when that is.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Weak};

use arc_swap::{ArcSwap, Guard};
use kotare_config::common::{HostPart, Hosts, NetworkAt, Reservation, SubnetAt};
use kotare_model::{Lease4, SubnetId};
use kotare_stats::{PoolKind, SubnetStats};
use kotare_store::{LeaseStore, PageFilter, StoreError};
use parking_lot::Mutex;

use super::Leases;
use super::counts::Counts;
use super::doubts::Doubts;
use super::leased::{Key, Leased, Place};
use super::registry::Registry;
use crate::alloc::Map;

/// How many leases are read at once when a map is filled.
pub(super) const PAGE: usize = 1024;

/// The part of [`Leases`] that one configuration uses: occupancy and statistics of its subnets. Cheap to clone; when
/// the last clone is dropped, the leases forget it.
#[derive(Clone, Debug)]
pub struct Plan<L: Leased = Lease4>(Arc<Planned<L>>);

#[derive(Debug)]
struct Planned<L: Leased> {
    /// By [`SubnetAt`].
    allocators: Arc<[Arc<L::Allocators>]>,
    /// By [`NetworkAt`]: the member where something was looked for last, of each [`PoolKind`].
    preferred: Arc<[[AtomicUsize; 2]]>,
    bars: Arc<[Bars<L>]>,
    /// What must be kept right for this configuration.
    registry: Arc<Registry<L>>,
    plans: Arc<Plans<L>>,
}

/// What becomes of the subnets of another plan: all stay but these.
pub(super) type Rest<'a, L> = Option<(&'a Plan<L>, &'a HashSet<SubnetId>)>;

/// The plans there are.
#[derive(Debug)]
pub(super) struct Plans<L: Leased> {
    /// Oldest first.
    alive: Mutex<Vec<Weak<Planned<L>>>>,
    /// What all of them need.
    union: ArcSwap<Registry<L>>,
    /// Places that may be taken.
    pub(super) doubts: Doubts<Place<L>>,
}

impl<L: Leased> Default for Plans<L> {
    fn default() -> Self {
        Self { alive: Mutex::default(), union: ArcSwap::default(), doubts: Doubts::default() }
    }
}

impl<L: Leased> Plans<L> {
    /// What depends on leases now.
    pub(super) fn registry(&self) -> Guard<Arc<Registry<L>>> {
        self.union.load()
    }

    /// See [`Leases::plan`] and [`Leases::plan_exchange`].
    pub(super) async fn make<S: LeaseStore<L>>(
        self: &Arc<Self>,
        leases: &Leases<S, L>,
        config: &L::Config,
        stats: &[SubnetStats<L::Stat>],
        rest: Rest<'_, L>,
    ) -> Result<Plan<L>, StoreError> {
        if !leases.store().is_there() {
            return Ok(self.join(config, stats, rest).0);
        }
        leases.store().share(L::shared(config)).await?;
        let (plan, new) = self.join(config, stats, rest);
        fill(leases, &plan.0.registry, &new).await?;
        Ok(plan)
    }

    /// Makes a plan that shares the maps of those there are; and which maps are to be filled. From here on changes reach these,
    /// too, so that what their filling misses is noted by whoever makes it.
    fn join(
        self: &Arc<Self>,
        config: &L::Config,
        stats: &[SubnetStats<L::Stat>],
        rest: Rest<'_, L>,
    ) -> (Plan<L>, Vec<Arc<L::Map>>) {
        // Held so that no plan whose maps are shared leaves before this one is there: its maps would miss changes.
        let former = self.all();
        let new = RefCell::new(Vec::new());
        let map = |key: Key<L>| {
            let known = former.iter().rev().find_map(|plan| plan.registry.map(key));
            let map = known.map_or_else(|| Arc::new(L::Map::new(key)), Arc::clone);
            if map.is_filling() {
                new.borrow_mut().push(map.clone());
            }
            map
        };
        let before = |id| former.iter().rev().find_map(|plan| plan.registry.allocators(id));
        let stays = |id: &SubnetId| rest.is_some_and(|(_, exchanged)| !exchanged.contains(id));
        let kept = |id: SubnetId| rest?.0.0.registry.allocators(id).filter(|_| stays(&id)).cloned();
        let allocators = L::subnets(config).enumerate().map(|(at, id)| {
            let before = || before(id).map(|allocators| &**allocators);
            let made = || Arc::new(L::allocators(config, SubnetAt::new(at), map, before()));
            kept(id).unwrap_or_else(made)
        });
        let allocators: Vec<_> = allocators.collect();
        let stats = stats.iter().map(|stats| (stats.id(), stats.clone())).collect();
        let by_subnet = L::subnets(config).zip(&allocators).filter(|(id, _)| !stays(id));
        let by_subnet = by_subnet.map(|(id, allocators)| (id, allocators.clone())).collect();
        let registry = Arc::new(match rest {
            None => Registry::new(by_subnet, stats),
            Some((former, exchanged)) => former.0.registry.exchanged(exchanged, by_subnet, stats),
        });
        // Nothing is reserved in subnets that are exchanged.
        let bars = Bars::of(L::hosts(config), &registry, rest.map_or(&[], |(former, _)| &former.0.bars));
        let plan = Plan::join(self, allocators.into(), nowhere(L::networks(config)), bars, registry);
        (plan, new.into_inner())
    }

    /// The plans there are, oldest first. None of them leaves before it is let go.
    fn all(&self) -> Vec<Arc<Planned<L>>> {
        // The guard must go before what is returned can be: the last to let go of a plan takes the lock again.
        let alive = self.alive.lock();
        alive.iter().filter_map(Weak::upgrade).collect()
    }

    /// Publishes the union of the plans there are, of which `new` is one from now on.
    fn publish(&self, new: Option<&Arc<Planned<L>>>) {
        // Declared before the guard, so let go after it; see `all`.
        let plans: Vec<_>;
        let mut alive = self.alive.lock();
        alive.retain(|plan| plan.strong_count() > 0);
        alive.extend(new.map(Arc::downgrade));
        plans = alive.iter().filter_map(Weak::upgrade).collect::<Vec<_>>();
        self.union.store(Registry::union(plans.iter().map(|plan| &plan.registry)));
    }
}

/// A part of what a configuration reserves, which is not proposed to anybody for as long as it is in use. A configuration with
/// other reservations has those parts in common with this one that are the same.
#[derive(Debug)]
struct Bars<L: Leased>(Arc<Barred<L>>);

#[derive(Debug)]
struct Barred<L: Leased> {
    part: HostPart<L::Host>,
    registry: Arc<Registry<L>>,
}

impl<L: Leased> Bars<L> {
    /// Those of all reservations; parts that are among those `before` are taken over.
    fn of(hosts: &Hosts<L::Host>, registry: &Arc<Registry<L>>, before: &[Self]) -> Arc<[Self]> {
        let parts = hosts.parts().enumerate();
        let bars = parts.map(|(at, part)| match before.get(at) {
            Some(Self(bars)) if bars.part.is_same(&part) => Self(bars.clone()),
            _ => {
                let bars = Barred { part, registry: registry.clone() };
                bars.each(L::bar);
                Self(Arc::new(bars))
            }
        });
        bars.collect()
    }
}

impl<L: Leased> Barred<L> {
    fn each(&self, act: impl Fn(&L::Allocators, Place<L>)) {
        for host in self.part.iter() {
            if let Some(allocators) = self.registry.allocators(host.subnet()) {
                L::each_reserved(host, |place| act(allocators, place));
            }
        }
    }
}

impl<L: Leased> Drop for Barred<L> {
    fn drop(&mut self) {
        self.each(L::unbar);
    }
}

/// Of as many shared networks, that nothing was looked for yet.
fn nowhere(networks: usize) -> Arc<[[AtomicUsize; 2]]> {
    (0..networks).map(|_| [(); 2].map(|()| AtomicUsize::new(usize::MAX))).collect()
}

impl<L: Leased> Drop for Planned<L> {
    /// The leases forget what only this plan needed.
    fn drop(&mut self) {
        self.plans.publish(None);
    }
}

impl<L: Leased> Plan<L> {
    fn join(
        plans: &Arc<Plans<L>>,
        allocators: Arc<[Arc<L::Allocators>]>,
        preferred: Arc<[[AtomicUsize; 2]]>,
        bars: Arc<[Bars<L>]>,
        registry: Arc<Registry<L>>,
    ) -> Self {
        let planned = Arc::new(Planned { allocators, preferred, bars, registry, plans: plans.clone() });
        plans.publish(Some(&planned));
        Self(planned)
    }

    /// The same plan, with observers who are told of every change of a lease for as long as it is in use.
    pub(crate) fn observed(self, observers: &[Arc<L::Observer>]) -> Self {
        if observers.is_empty() {
            return self;
        }
        let Planned { allocators, preferred, bars, registry, plans } = &*self.0;
        let registry = Arc::new(registry.observed(observers));
        Self::join(plans, allocators.clone(), preferred.clone(), bars.clone(), registry)
    }

    /// A plan of the same subnets, where this is reserved.
    pub(crate) fn reserving(&self, hosts: &Hosts<L::Host>) -> Self {
        let Planned { allocators, preferred, bars, registry, plans } = &*self.0;
        let bars = Bars::of(hosts, registry, bars);
        Self::join(plans, allocators.clone(), preferred.clone(), bars, registry.clone())
    }

    /// A plan that tells what this one would propose and remembers nothing of it. No change of a lease reaches it, and
    /// none of those of its leases reaches anything else.
    pub(crate) fn rehearsal(&self) -> Self {
        let copied = |it: &AtomicUsize| AtomicUsize::new(it.load(Relaxed));
        let preferred = self.0.preferred.iter().map(|both| both.each_ref().map(copied)).collect();
        Self(Arc::new(Planned {
            allocators: self.0.allocators.iter().map(|it| Arc::new(L::rehearsal(it))).collect(),
            preferred,
            bars: self.0.bars.clone(),
            registry: Arc::default(),
            plans: Arc::default(),
        }))
    }

    /// What proposes the places of a subnet.
    pub(crate) fn allocator(&self, subnet: SubnetAt) -> &L::Allocators {
        &self.0.allocators[subnet.index()]
    }

    /// The statistics of a subnet.
    pub(crate) fn stats(&self, id: SubnetId) -> Option<&SubnetStats<L::Stat>> {
        self.0.registry.stats(id)
    }

    /// The member of a shared network where something of this kind was looked for last.
    pub(crate) fn preferred(&self, network: NetworkAt, kind: PoolKind) -> Option<SubnetAt> {
        Some(self.0.preferred[network.index()][kind as usize].load(Relaxed))
            .filter(|&at| at != usize::MAX)
            .map(SubnetAt::new)
    }

    /// Remembers the member of a shared network where something of this kind was looked for.
    pub(crate) fn prefer(&self, network: NetworkAt, kind: PoolKind, subnet: SubnetAt) {
        self.0.preferred[network.index()][kind as usize].store(subnet.index(), Relaxed);
    }
}

/// Marks what is taken in the maps that are new.
async fn fill<L: Leased, S: LeaseStore<L>>(
    leases: &Leases<S, L>,
    registry: &Registry<L>,
    new: &[Arc<L::Map>],
) -> Result<(), StoreError> {
    let store = leases.store();
    let Some((mut after, last)) = L::span(new.iter().map(|map| map.key())) else { return Ok(()) };
    let mark = |lease: &L| {
        if Counts::of(lease).taken() {
            let place = lease.place();
            registry.of(place, |map| {
                map.take(place);
            });
        }
    };
    loop {
        let page = store.page(after, PAGE, PageFilter::default()).await?;
        page.iter().for_each(mark);
        match page.last().map(L::address) {
            Some(address) if address < last => after = Some(address),
            _ => break,
        }
    }
    // What was freed meanwhile may have been marked after that.
    for map in new {
        for place in map.filled() {
            leases.learn_now(place).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "plan_tests.rs"]
pub(super) mod tests;
