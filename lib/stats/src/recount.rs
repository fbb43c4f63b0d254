//! Setting the statistics of leases by a new count of the leases, while workers go on counting.

use std::iter::zip;
use std::time::Duration;

use kotare_model::Tally;

use crate::SubnetStats;
use crate::book::{Book, Counts, less, observe, sum};
use crate::cell::{GAUGES, Gauges, gauges, raise};

/// What the statistics of how many leases there are said when a count of the leases began.
#[derive(Debug, Default)]
pub struct Marks {
    server: Gauges,
    subnets: Vec<(SubnetStats, Gauges, Vec<Gauges>)>,
}

impl Book {
    pub(crate) fn marks(&self) -> Marks {
        let pools = |stats: &SubnetStats| stats.pools.iter().map(|pool| gauges(pool.cells.cells())).collect();
        let subnets = self.subnets.values().map(|subnet| &subnet.stats);
        Marks {
            server: GAUGES.map(|stat| sum(&self.workers, stat as usize)),
            subnets: subnets
                .map(|stats| (stats.clone(), gauges(stats.cells.cells()), pools(stats)))
                .collect(),
        }
    }

    /// What was counted since `marks` comes on top of `counted`. Subnets and pools that came since were counted then;
    /// those that went are nobody's any more.
    pub(crate) fn recount(&mut self, marks: &Marks, counted: &[Tally], now: Duration) {
        let counts = Counts::new(counted);
        for (stats, before, pools) in &marks.subnets {
            raise(stats.cells.cells(), less(counts.of_subnet(stats.id), *before));
            for (pool, before) in zip(stats.pools.iter(), pools) {
                raise(pool.cells.cells(), less(counts.of_pool(stats.id, pool.id), *before));
            }
        }
        if let Some(truth) = &mut self.truth {
            let (assigned, declined) = counts.of_all();
            *truth = [marks.server[0] - assigned, marks.server[1] - declined];
            for (stat, taken_off) in zip(GAUGES, *truth) {
                self.taken_off[stat as usize] = taken_off;
            }
        }
        for subnet in self.subnets.values_mut() {
            subnet.taken_off = Gauges::default();
            observe(&subnet.stats.cells, &mut subnet.samples, &mut subnet.taken_off, now);
            for (pool, book) in zip(subnet.stats.pools.iter(), &mut subnet.pools) {
                book.taken_off = Gauges::default();
                observe(&pool.cells, &mut book.samples, &mut book.taken_off, now);
            }
        }
        self.observe_globals(now);
    }
}
