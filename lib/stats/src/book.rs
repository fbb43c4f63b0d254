//! What the lock of the statistics guards: who counts what, and the samples.

use std::collections::BTreeMap;
use std::iter::zip;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use kotare_model::{SubnetId, Tally};

use crate::cell::{Cell, Gauges, raise};
use crate::changed::{Changed, Place, Watched};
use crate::counters::{Cells, cells};
use crate::histogram::Histogram;
use crate::name::Name;
use crate::samples::Samples;
use crate::statistics::{PreparedStatistics, PreparedSubnet, SubnetLayout};
use crate::{Counters4, Limit, PoolStats, Stat4, SubnetStats};

#[derive(Debug)]
pub(crate) struct Book {
    /// The limit of statistics to come.
    pub(crate) limit: Limit,
    pub(crate) workers: Vec<Arc<Cells<{ Stat4::GLOBALS }>>>,
    /// What is taken off the workers' sums; resetting raises it, so that only workers write their counters.
    pub(crate) taken_off: [i64; Stat4::GLOBALS],
    globals: [Samples; Stat4::GLOBALS],
    pub(crate) subnets: BTreeMap<SubnetId, SubnetBook>,
    /// What was counted for and not sampled yet; and an empty list to exchange its list for.
    pub(crate) changed: Arc<Changed>,
    spare: Vec<Place>,
    /// What is to be taken off the workers' sums for the gauges to say how many leases there are, since there is a subnet.
    pub(crate) truth: Option<Gauges>,
}

#[derive(Debug)]
pub(crate) struct SubnetBook {
    pub(crate) stats: SubnetStats,
    pub(crate) samples: Box<[Samples; Stat4::SUBNETS]>,
    pub(crate) taken_off: Gauges,
    /// For each of `stats.pools`.
    pub(crate) pools: Vec<PoolBook>,
}

#[derive(Debug)]
pub(crate) struct PoolBook {
    pub(crate) samples: [Samples; Stat4::POOLS],
    pub(crate) taken_off: Gauges,
}

impl Book {
    pub(crate) fn new(now: Duration) -> Self {
        let limit = Limit::default();
        let mut globals: [Samples; Stat4::GLOBALS] = absent(limit);
        for samples in &mut globals[..Stat4::FIRST_OF_POOL] {
            samples.restart(0, now);
        }
        Self {
            limit,
            workers: Vec::new(),
            taken_off: [0; Stat4::GLOBALS],
            globals,
            subnets: BTreeMap::new(),
            changed: Arc::default(),
            spare: Vec::new(),
            truth: None,
        }
    }

    pub(crate) fn worker(&mut self) -> Counters4 {
        // Nobody else can clone an `Arc` that only we hold, so a count of one is final.
        if let Some(idle) = self.workers.iter().find(|cells| Arc::strong_count(cells) == 1) {
            return Counters4(idle.clone());
        }
        let fresh = Arc::new(Cells(cells(), Histogram::default()));
        self.workers.push(fresh.clone());
        Counters4(fresh)
    }

    pub(crate) fn prepare(&self, layout: &[SubnetLayout]) -> PreparedStatistics {
        let mut merged: BTreeMap<SubnetId, BTreeMap<u32, u64>> = BTreeMap::new();
        for subnet in layout {
            let pools = merged.entry(subnet.id).or_default();
            for pool in &subnet.pools {
                let addresses = pools.entry(pool.id).or_default();
                *addresses = addresses.saturating_add(pool.addresses);
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
                        old.and_then(|old| old.pool(pool).cloned())
                            .unwrap_or_else(|| PoolStats::new(id, pool, &self.changed))
                    })
                    .collect(),
            };
            let before = (Gauges::default(), vec![Gauges::default(); pools.len()]);
            (id, PreparedSubnet { stats, addresses: pools.into_values().collect(), before })
        });
        PreparedStatistics { subnets: subnets.collect() }
    }

    pub(crate) fn publish(&mut self, prepared: PreparedStatistics, counted: &[Tally], now: Duration) {
        let counts = Counts::new(counted);
        if !prepared.subnets.is_empty() {
            self.begin_lease_statistics(counts.of_all(), now);
        }
        let mut old = std::mem::take(&mut self.subnets);
        for (id, PreparedSubnet { stats, addresses, before }) in prepared.subnets {
            let kept = old.remove(&id).filter(|kept| Arc::ptr_eq(&kept.stats.cells, &stats.cells));
            let mut subnet = SubnetBook::new(stats, kept, (&counts, &before), self.limit);
            subnet.begin(&addresses, now);
            self.subnets.insert(id, subnet);
        }
    }

    /// The server's lease statistics exist from the first configuration with a subnet on, and again when a configuration
    /// comes after they were removed. The first one says how many leases there are; since then they are counted.
    fn begin_lease_statistics(&mut self, (assigned, declined): (i64, i64), now: Duration) {
        let count = |stat| sum(&self.workers, stat as usize);
        let [assigned, declined] = *self.truth.get_or_insert_with(|| {
            [count(Stat4::AssignedAddresses) - assigned, count(Stat4::DeclinedAddresses) - declined]
        });
        self.taken_off[Stat4::AssignedAddresses as usize] = assigned;
        self.taken_off[Stat4::DeclinedAddresses as usize] = declined;
        for place in Stat4::FIRST_OF_POOL..Stat4::GLOBALS {
            let sum = sum(&self.workers, place);
            let cell = Cell::summed(Stat4::ALL[place], sum, &mut self.taken_off[place]);
            self.globals[place].begin(cell.value(), now);
        }
    }

    /// Calls `f` for every statistic, in no useful order.
    pub(crate) fn visit(&mut self, mut f: impl FnMut(Name, &mut Samples, Cell<'_>)) {
        for (place, (samples, taken_off)) in zip(&mut self.globals, &mut self.taken_off).enumerate() {
            let stat = Stat4::ALL[place];
            f(Name::Global(stat), samples, Cell::summed(stat, sum(&self.workers, place), taken_off));
        }
        for (&id, subnet) in &mut self.subnets {
            let (cells, samples) = (subnet.stats.cells.cells(), &mut *subnet.samples);
            each(cells, samples, &mut subnet.taken_off, |stat, samples, cell| {
                f(Name::Subnet(id, stat), samples, cell);
            });
            for (pool, book) in zip(subnet.stats.pools.iter(), &mut subnet.pools) {
                each(pool.cells.cells(), &mut book.samples, &mut book.taken_off, |stat, samples, cell| {
                    f(Name::Pool(id, pool.id, stat), samples, cell);
                });
            }
        }
    }

    /// Samples all statistics of the server as a whole.
    pub(crate) fn observe_globals(&mut self, now: Duration) {
        (0..Stat4::GLOBALS).for_each(|place| self.observe_global(place, now));
    }

    /// Samples a statistic of the server as a whole.
    pub(crate) fn observe_global(&mut self, place: usize, now: Duration) {
        let sum = sum(&self.workers, place);
        let cell = Cell::summed(Stat4::ALL[place], sum, &mut self.taken_off[place]);
        self.globals[place].observe(cell.value(), now);
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
                None => observe(&stats.cells, &mut subnet.samples, &mut subnet.taken_off, now),
                Some(id) => {
                    if let Some(at) = stats.pools.iter().position(|pool| pool.id == id) {
                        let PoolBook { samples, taken_off } = &mut subnet.pools[at];
                        observe(&stats.pools[at].cells, samples, taken_off, now);
                    }
                }
            }
        }
        (Stat4::FIRST_OF_POOL..Stat4::GLOBALS).for_each(|place| self.observe_global(place, now));
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

    fn find(&mut self, name: Name) -> Option<(&mut Samples, Cell<'_>)> {
        Some(match name {
            Name::Global(stat) => {
                let place = stat as usize;
                let cell = Cell::summed(stat, sum(&self.workers, place), &mut self.taken_off[place]);
                (&mut self.globals[place], cell)
            }
            Name::Subnet(id, stat) => {
                let subnet = self.subnets.get_mut(&id)?;
                let place = stat as usize - Stat4::FIRST_OF_SUBNET;
                let cell = Cell::shared(stat, &subnet.stats.cells.cells()[place], &mut subnet.taken_off);
                (&mut subnet.samples[place], cell)
            }
            Name::Pool(id, pool, stat) => {
                let subnet = self.subnets.get_mut(&id)?;
                let at = subnet.stats.pools.iter().position(|known| known.id == pool)?;
                let place = stat as usize - Stat4::FIRST_OF_POOL;
                let (pool, book) = (&subnet.stats.pools[at], &mut subnet.pools[at]);
                let cell = Cell::shared(stat, &pool.cells.cells()[place], &mut book.taken_off);
                (&mut book.samples[place], cell)
            }
        })
    }
}

impl SubnetBook {
    /// What `kept` knows of the subnet and its pools; what is new has what `counts` says, and what was counted after the
    /// gauges said what they did `before`. Nothing is taken off the gauges any more.
    fn new(
        stats: SubnetStats,
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
                raise(stats.cells.cells(), less(counts.of_subnet(stats.id), before.0));
                Box::new(absent(limit))
            }
        };
        let pools = zip(stats.pools.iter(), &before.1).map(|(pool, before)| {
            if let Some(place) = old_pools.iter().position(|(old, _)| Arc::ptr_eq(&old.cells, &pool.cells)) {
                return old_pools.swap_remove(place).1;
            }
            raise(pool.cells.cells(), less(counts.of_pool(stats.id, pool.id), *before));
            absent(limit)
        });
        let pools = pools.map(|samples| PoolBook { samples, taken_off: Gauges::default() });
        let pools = pools.collect();
        Self { stats, samples, taken_off: Gauges::default(), pools }
    }

    /// Makes the statistics exist, with so many `addresses` in each pool.
    fn begin(&mut self, addresses: &[u64], now: Duration) {
        let total = addresses.iter().fold(0, |sum: u64, &addresses| sum.saturating_add(addresses));
        self.stats.set(Stat4::TotalAddresses, signed(total));
        self.stats.cells.unmark();
        // Failures to allocate appear with the first one, as in Kea.
        for &stat in Stat4::ALL.iter().filter(|&&stat| stat >= Stat4::ReservationConflicts) {
            self.samples[stat as usize - Stat4::FIRST_OF_SUBNET].begin(self.stats.value(stat), now);
        }
        for ((pool, book), &addresses) in zip(zip(self.stats.pools.iter(), &mut self.pools), addresses) {
            pool.set(Stat4::TotalAddresses, signed(addresses));
            pool.cells.unmark();
            for (samples, cell) in zip(&mut book.samples, pool.cells.cells()) {
                samples.begin(cell.load(Ordering::Relaxed), now);
            }
        }
    }
}

/// How many leases there are, assigned (which includes declined) and declined.
pub(crate) struct Counts(BTreeMap<(SubnetId, u32), (i64, i64)>);

impl Counts {
    pub(crate) fn new(counted: &[Tally]) -> Self {
        let mut counts = BTreeMap::new();
        for row in counted {
            let count = (signed(row.assigned.saturating_add(row.declined)), signed(row.declined));
            let sum = counts.entry((row.subnet, row.pool_id)).or_default();
            *sum = add(*sum, count);
        }
        Self(counts)
    }

    pub(crate) fn of_all(&self) -> (i64, i64) {
        self.0.values().copied().fold((0, 0), add)
    }

    pub(crate) fn of_subnet(&self, id: SubnetId) -> (i64, i64) {
        self.0.range((id, 0)..=(id, u32::MAX)).map(|(_, &count)| count).fold((0, 0), add)
    }

    pub(crate) fn of_pool(&self, subnet: SubnetId, pool: u32) -> (i64, i64) {
        self.0.get(&(subnet, pool)).copied().unwrap_or_default()
    }
}

/// Calls `f` for each statistic of a subnet or a pool, which have the last ones of the table.
fn each<const N: usize>(
    cells: &[AtomicI64; N],
    samples: &mut [Samples; N],
    taken_off: &mut Gauges,
    mut f: impl FnMut(Stat4, &mut Samples, Cell<'_>),
) {
    let stats = &Stat4::ALL[Stat4::ALL.len() - N..];
    for ((&stat, samples), cell) in zip(zip(stats, samples), cells) {
        f(stat, samples, Cell::shared(stat, cell, taken_off));
    }
}

pub(crate) fn observe<const N: usize>(
    counted: &Watched<N>,
    samples: &mut [Samples; N],
    taken_off: &mut Gauges,
    now: Duration,
) {
    counted.unmark();
    each(counted.cells(), samples, taken_off, |_, samples, cell| samples.observe(cell.value(), now));
}

/// A count without what was counted before it.
pub(crate) fn less((assigned, declined): (i64, i64), before: Gauges) -> Gauges {
    [assigned.wrapping_sub(before[0]), declined.wrapping_sub(before[1])]
}

fn add(one: (i64, i64), other: (i64, i64)) -> (i64, i64) {
    (one.0.saturating_add(other.0), one.1.saturating_add(other.1))
}

fn absent<const N: usize>(limit: Limit) -> [Samples; N] {
    std::array::from_fn(|_| Samples::absent(limit))
}

pub(crate) fn sum(workers: &[Arc<Cells<{ Stat4::GLOBALS }>>], place: usize) -> i64 {
    workers.iter().fold(0, |sum, cells| sum.wrapping_add(cells.0[place].load(Ordering::Relaxed)))
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
