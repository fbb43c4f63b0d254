//! What the lock of the statistics guards: who counts what, and the samples.

use std::collections::{BTreeMap, HashSet};
use std::iter::zip;
use std::sync::Arc;
use std::time::Duration;

use kotare_model::{SubnetId, Tally};

use crate::cell::{Cell, Gauges, Known};
use crate::changed::{Changed, Place, PoolKey, Watched};
use crate::counters::Cells;
use crate::name::Name;
use crate::samples::Samples;
use crate::statistic::{Array, PoolKind};
use crate::statistics::{PreparedStatistics, PreparedSubnet, SubnetLayout};
use crate::{Counters, Limit, PoolStats, Statistic, SubnetStats};

#[derive(Debug)]
pub(crate) struct Book<S: Statistic> {
    /// The limit of statistics to come.
    pub(crate) limit: Limit,
    pub(crate) workers: Vec<Arc<Cells<S>>>,
    /// What is taken off the workers' sums; resetting raises it, so that only workers write their counters.
    pub(crate) taken_off: S::OfServer<i64>,
    globals: S::OfServer<Samples>,
    pub(crate) subnets: BTreeMap<SubnetId, SubnetBook<S>>,
    /// What modules report under names of their own.
    pub(crate) reported: BTreeMap<Box<str>, Samples>,
    /// What was counted for and not sampled yet; and an empty list to exchange its list for.
    pub(crate) changed: Arc<Changed>,
    spare: Vec<Place>,
    /// What is to be taken off the workers' sums for the gauges to say how many leases there are, since there is a subnet.
    pub(crate) truth: Option<Gauges>,
}

#[derive(Debug)]
pub(crate) struct SubnetBook<S: Statistic> {
    pub(crate) stats: SubnetStats<S>,
    pub(crate) samples: Box<S::OfSubnet<Samples>>,
    pub(crate) known: Known,
    /// For each of `stats.pools`.
    pub(crate) pools: Vec<PoolBook<S>>,
}

#[derive(Debug)]
pub(crate) struct PoolBook<S: Statistic> {
    pub(crate) samples: S::OfPool<Samples>,
    pub(crate) known: Known,
}

impl<S: Statistic> Book<S> {
    pub(crate) fn new(now: Duration) -> Self {
        let limit = Limit::default();
        let mut globals: S::OfServer<Samples> = absent(limit);
        for samples in &mut globals.as_mut()[..S::FIRST_OF_LEASES] {
            samples.restart(0, now);
        }
        Self {
            limit,
            workers: Vec::new(),
            taken_off: S::OfServer::from_fn(|_| 0),
            globals,
            subnets: BTreeMap::new(),
            reported: BTreeMap::new(),
            changed: Arc::default(),
            spare: Vec::new(),
            truth: None,
        }
    }

    pub(crate) fn worker(&mut self) -> Counters<S> {
        // Nobody else can clone an `Arc` that only we hold, so a count of one is final.
        if let Some(idle) = self.workers.iter().find(|cells| Arc::strong_count(cells) == 1) {
            return Counters(idle.clone());
        }
        let fresh = Arc::new(Cells::new());
        self.workers.push(fresh.clone());
        Counters(fresh)
    }

    pub(crate) fn prepare(&self, layout: &[SubnetLayout]) -> PreparedStatistics<S> {
        let mut merged: BTreeMap<SubnetId, BTreeMap<PoolKey, u128>> = BTreeMap::new();
        for subnet in layout {
            let pools = merged.entry(subnet.id).or_default();
            for pool in &subnet.pools {
                let total = pools.entry(PoolKey { kind: pool.kind, id: pool.id }).or_default();
                *total = total.saturating_add(pool.total);
            }
        }
        let subnets = merged.into_iter().map(|(id, pools)| {
            let old = self.subnets.get(&id).map(|subnet| &subnet.stats);
            let stats = SubnetStats {
                id,
                cells: old.map_or_else(
                    || Arc::new(Watched::new(Place { subnet: id, pool: None }, &self.changed)),
                    |old| old.cells.clone(),
                ),
                pools: pools
                    .keys()
                    .map(|&pool| {
                        old.and_then(|old| old.pool_of(pool.kind, pool.id).cloned())
                            .unwrap_or_else(|| PoolStats::new(id, pool, &self.changed))
                    })
                    .collect(),
            };
            let before = (Gauges::default(), vec![Gauges::default(); pools.len()]);
            (id, PreparedSubnet { stats, totals: pools.into_values().collect(), before })
        });
        PreparedStatistics { subnets: subnets.collect(), gone: None }
    }

    pub(crate) fn prepare_exchange(
        &self,
        layout: &[SubnetLayout],
        exchanged: &HashSet<SubnetId>,
    ) -> PreparedStatistics<S> {
        let gone = exchanged.iter().copied().collect();
        PreparedStatistics { gone: Some(gone), ..self.prepare(layout) }
    }

    pub(crate) fn publish(&mut self, prepared: PreparedStatistics<S>, counted: &[Tally], now: Duration) {
        let counts = Counts::new::<S>(counted);
        if !prepared.subnets.is_empty() {
            self.begin_lease_statistics(counts.of_all(), now);
        }
        let mut old = match &prepared.gone {
            None => std::mem::take(&mut self.subnets),
            Some(gone) => gone.iter().filter_map(|id| self.subnets.remove_entry(id)).collect(),
        };
        for (id, PreparedSubnet { stats, totals, before }) in prepared.subnets {
            let kept = old.remove(&id).filter(|kept| Arc::ptr_eq(&kept.stats.cells, &stats.cells));
            let mut subnet = SubnetBook::new(stats, kept, (&counts, &before), self.limit);
            subnet.begin(&totals, now);
            self.subnets.insert(id, subnet);
        }
    }

    /// The server's lease statistics exist from the first configuration with a subnet on, and again when a configuration
    /// comes after they were removed. The first one says how many leases there are; since then they are counted.
    fn begin_lease_statistics(&mut self, leases: Gauges, now: Duration) {
        self.begin_gauges(self.truth.unwrap_or_else(|| less(self.gauges(), leases)));
        for place in S::FIRST_OF_LEASES..S::GLOBALS {
            let value = self.global(place).value();
            self.globals.as_mut()[place].begin(value, now);
        }
    }

    /// The server's gauges say how many leases there are when this is taken off the workers' sums.
    pub(crate) fn begin_gauges(&mut self, truth: Gauges) {
        self.truth = Some(truth);
        for (stat, taken_off) in zip(S::GAUGES, truth) {
            if let Some(stat) = stat.filter(|stat| stat.is_global()) {
                self.taken_off.as_mut()[stat.place()] = taken_off;
            }
        }
    }

    /// What the workers have counted of the gauges.
    pub(crate) fn gauges(&self) -> Gauges {
        S::GAUGES.map(|stat| {
            stat.filter(|stat| stat.is_global()).map_or(0, |stat| sum(&self.workers, stat.place()))
        })
    }

    /// A statistic of the server as a whole.
    fn global(&mut self, place: usize) -> Cell<'_> {
        let sum = sum(&self.workers, place);
        Cell::summed(S::ALL[place], sum, &mut self.taken_off.as_mut()[place])
    }

    /// Calls `f` for every statistic, in no useful order.
    pub(crate) fn visit(&mut self, mut f: impl FnMut(Name<S>, &mut Samples, Cell<'_>)) {
        for (place, (samples, taken_off)) in zip(self.globals.as_mut(), self.taken_off.as_mut()).enumerate() {
            let stat = S::ALL[place];
            f(Name::Global(stat), samples, Cell::summed(stat, sum(&self.workers, place), taken_off));
        }
        for (&id, subnet) in &mut self.subnets {
            each_of_subnet(
                &subnet.stats,
                subnet.samples.as_mut().as_mut(),
                &mut subnet.known,
                |stat, samples, cell| f(Name::Subnet(id, stat), samples, cell),
            );
            for (pool, book) in zip(subnet.stats.pools.iter(), &mut subnet.pools) {
                each_of_pool(pool, book, |stat, samples, cell| {
                    f(Name::Pool(id, pool.pool, stat), samples, cell);
                });
            }
        }
    }

    /// Samples all statistics of the server as a whole.
    pub(crate) fn observe_globals(&mut self, now: Duration) {
        (0..S::GLOBALS).for_each(|place| self.observe_global(place, now));
    }

    /// Samples a statistic of the server as a whole.
    pub(crate) fn observe_global(&mut self, place: usize, now: Duration) {
        let value = self.global(place).value();
        self.globals.as_mut()[place].observe(value, now);
    }

    /// Samples the subnets and pools that were counted for, and with them the server's lease statistics.
    pub(crate) fn observe_changed(&mut self, now: Duration) {
        self.changed.take(&mut self.spare);
        if self.spare.is_empty() {
            return;
        }
        for Place { subnet, pool } in self.spare.drain(..) {
            // Who is counted for under a configuration that is gone, or does not serve yet, is not shown.
            let Some(subnet) = self.subnets.get_mut(&subnet) else { continue };
            let stats = &subnet.stats;
            match pool {
                None => observe(stats, &mut subnet.samples, &mut subnet.known, now),
                Some(key) => {
                    if let Some(at) = stats.pools.iter().position(|pool| pool.pool == key) {
                        observe_pool(&stats.pools[at], &mut subnet.pools[at], now);
                    }
                }
            }
        }
        (S::FIRST_OF_LEASES..S::GLOBALS).for_each(|place| self.observe_global(place, now));
    }

    /// Samples the statistic of this name and calls `f` with it. False, without a call, if there is none.
    pub(crate) fn with(&mut self, name: &str, now: Duration, f: impl FnOnce(&mut Samples, Cell<'_>)) -> bool {
        let Some((samples, cell)) = Name::parse(name).and_then(|name| self.find(name)) else { return false };
        samples.observe(cell.value(), now);
        let exists = samples.exists();
        if exists {
            f(samples, cell);
        }
        exists
    }

    fn find(&mut self, name: Name<S>) -> Option<(&mut Samples, Cell<'_>)> {
        Some(match name {
            Name::Global(stat) => {
                let place = stat.place();
                let cell = Cell::summed(stat, sum(&self.workers, place), &mut self.taken_off.as_mut()[place]);
                (&mut self.globals.as_mut()[place], cell)
            }
            Name::Subnet(id, stat) => {
                let subnet = self.subnets.get_mut(&id)?;
                let place = stat.place() - S::FIRST_OF_SUBNET;
                let cell = Cell::shared(stat, &subnet.stats.cells.cells()[place], &mut subnet.known);
                (&mut subnet.samples.as_mut().as_mut()[place], cell)
            }
            Name::Pool(id, key, stat) => {
                let subnet = self.subnets.get_mut(&id)?;
                let at = subnet.stats.pools.iter().position(|known| known.pool == key)?;
                let (pool, book) = (&subnet.stats.pools[at], &mut subnet.pools[at]);
                let place = pool.place(stat)?;
                let cell = Cell::shared(stat, &pool.cells.cells()[place], &mut book.known);
                (&mut book.samples.as_mut()[place], cell)
            }
        })
    }
}

impl<S: Statistic> SubnetBook<S> {
    /// What `kept` knows of the subnet and its pools; what is new has what `counts` says, and what was counted after the
    /// gauges said what they did `before`. Nothing is taken off the gauges any more.
    fn new(
        stats: SubnetStats<S>,
        kept: Option<Self>,
        (counts, before): (&Counts, &(Gauges, Vec<Gauges>)),
        limit: Limit,
    ) -> Self {
        let mut old_pools = Vec::new();
        let samples = match kept {
            Some(kept) => {
                let samples = kept.pools.into_iter().map(|pool| pool.samples);
                old_pools = zip(kept.stats.pools.iter().cloned(), samples).collect();
                kept.samples
            }
            None => {
                stats.raise(less(counts.of_subnet(stats.id), before.0));
                Box::new(absent(limit))
            }
        };
        let pools = zip(stats.pools.iter(), &before.1).map(|(pool, before)| {
            if let Some(place) = old_pools.iter().position(|(old, _)| Arc::ptr_eq(&old.cells, &pool.cells)) {
                return old_pools.swap_remove(place).1;
            }
            pool.raise(less(counts.of_pool(stats.id, pool.pool), *before));
            absent(limit)
        });
        let pools = pools.map(|samples| PoolBook { samples, known: Known::default() }).collect();
        Self { stats, samples, known: Known::default(), pools }
    }

    /// Makes the statistics exist, with so much in each pool.
    fn begin(&mut self, totals: &[u128], now: Duration) {
        for (pool, &total) in zip(self.stats.pools.iter(), totals) {
            let of_subnet = &mut self.known.totals[pool.kind() as usize];
            *of_subnet = of_subnet.saturating_add(total);
        }
        self.stats.cells.unmark();
        // Failures to allocate appear with the first one, as in Kea.
        each_of_subnet(
            &self.stats,
            self.samples.as_mut().as_mut(),
            &mut self.known,
            |stat, samples, cell| {
                if stat.place() >= S::FIRST_SHOWN {
                    samples.begin(cell.value(), now);
                }
            },
        );
        for ((pool, book), &total) in zip(zip(self.stats.pools.iter(), &mut self.pools), totals) {
            book.known.totals[pool.kind() as usize] = total;
            pool.cells.unmark();
            each_of_pool(pool, book, |_, samples, cell| samples.begin(cell.value(), now));
        }
    }
}

/// How many leases there are, for each gauge, in pools of each kind and number of each subnet.
pub(crate) struct Counts(BTreeMap<(SubnetId, PoolKey), Gauges>);

impl Counts {
    pub(crate) fn new<S: Statistic>(counted: &[Tally]) -> Self {
        let mut counts: BTreeMap<_, Gauges> = BTreeMap::new();
        for row in counted {
            let count = S::gauges(row).map(|count| i64::try_from(count).unwrap_or(i64::MAX));
            let sum = counts.entry((row.subnet, PoolKey { kind: row.lease_type.into(), id: row.pool_id }));
            let sum = sum.or_default();
            *sum = add(*sum, count);
        }
        Self(counts)
    }

    pub(crate) fn of_all(&self) -> Gauges {
        self.0.values().copied().fold(Gauges::default(), add)
    }

    pub(crate) fn of_subnet(&self, id: SubnetId) -> Gauges {
        let first = PoolKey { kind: PoolKind::Addresses, id: 0 };
        let last = PoolKey { kind: PoolKind::Prefixes, id: u32::MAX };
        self.0.range((id, first)..=(id, last)).map(|(_, &count)| count).fold(Gauges::default(), add)
    }

    pub(crate) fn of_pool(&self, subnet: SubnetId, pool: PoolKey) -> Gauges {
        self.0.get(&(subnet, pool)).copied().unwrap_or_default()
    }
}

/// Calls `f` for each statistic of a subnet, which has the last ones of the table.
fn each_of_subnet<S: Statistic>(
    stats: &SubnetStats<S>,
    samples: &mut [Samples],
    known: &mut Known,
    mut f: impl FnMut(S, &mut Samples, Cell<'_>),
) {
    let of_subnet = &S::ALL[S::FIRST_OF_SUBNET..];
    for ((&stat, samples), cell) in zip(zip(of_subnet, samples), stats.cells.cells()) {
        f(stat, samples, Cell::shared(stat, cell, known));
    }
}

/// Calls `f` for each statistic of a pool.
fn each_of_pool<S: Statistic>(
    pool: &PoolStats<S>,
    book: &mut PoolBook<S>,
    mut f: impl FnMut(S, &mut Samples, Cell<'_>),
) {
    let of_pool = S::of_pool(pool.kind());
    for ((&stat, samples), cell) in zip(zip(of_pool, book.samples.as_mut()), pool.cells.cells()) {
        f(stat, samples, Cell::shared(stat, cell, &mut book.known));
    }
}

/// Samples all statistics of a subnet.
pub(crate) fn observe<S: Statistic>(
    stats: &SubnetStats<S>,
    samples: &mut S::OfSubnet<Samples>,
    known: &mut Known,
    now: Duration,
) {
    stats.cells.unmark();
    each_of_subnet(stats, samples.as_mut(), known, |_, samples, cell| samples.observe(cell.value(), now));
}

/// Samples all statistics of a pool.
pub(crate) fn observe_pool<S: Statistic>(pool: &PoolStats<S>, book: &mut PoolBook<S>, now: Duration) {
    pool.cells.unmark();
    each_of_pool(pool, book, |_, samples, cell| samples.observe(cell.value(), now));
}

/// A count without another one.
pub(crate) fn less(count: Gauges, other: Gauges) -> Gauges {
    std::array::from_fn(|at| count[at].wrapping_sub(other[at]))
}

fn add(one: Gauges, other: Gauges) -> Gauges {
    std::array::from_fn(|at| one[at].saturating_add(other[at]))
}

fn absent<A: Array<Samples>>(limit: Limit) -> A {
    A::from_fn(|_| Samples::absent(limit))
}

pub(crate) fn sum<S: Statistic>(workers: &[Arc<Cells<S>>], place: usize) -> i64 {
    workers.iter().fold(0, |sum, cells| sum.wrapping_add(cells.count(place)))
}
