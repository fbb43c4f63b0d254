//! Setting the statistics of leases by a new count of the leases, while workers go on counting.

use std::iter::zip;
use std::time::Duration;

use kotare_model::Tally;

use crate::book::{Book, Counts, less, observe, observe_pool};
use crate::cell::Gauges;
use crate::{Stat4, Statistic, SubnetStats};

/// What the statistics of how many leases there are said when a count of the leases began.
#[derive(Debug)]
pub struct Marks<S: Statistic = Stat4> {
    server: Gauges,
    subnets: Vec<(SubnetStats<S>, Gauges, Vec<Gauges>)>,
}

impl<S: Statistic> Default for Marks<S> {
    fn default() -> Self {
        Self { server: Gauges::default(), subnets: Vec::new() }
    }
}

impl<S: Statistic> Book<S> {
    pub(crate) fn marks(&self) -> Marks<S> {
        let pools = |stats: &SubnetStats<S>| stats.pools.iter().map(|pool| pool.gauges()).collect();
        let subnets = self.subnets.values().map(|subnet| &subnet.stats);
        Marks {
            server: self.gauges(),
            subnets: subnets.map(|stats| (stats.clone(), stats.gauges(), pools(stats))).collect(),
        }
    }

    /// What was counted since `marks` comes on top of `counted`. Subnets and pools that came since were counted then;
    /// those that went are nobody's any more.
    pub(crate) fn recount(&mut self, marks: &Marks<S>, counted: &[Tally], now: Duration) {
        let counts = Counts::new::<S>(counted);
        for (stats, before, pools) in &marks.subnets {
            stats.raise(less(counts.of_subnet(stats.id), *before));
            for (pool, before) in zip(stats.pools.iter(), pools) {
                pool.raise(less(counts.of_pool(stats.id, pool.pool), *before));
            }
        }
        if self.truth.is_some() {
            self.begin_gauges(less(marks.server, counts.of_all()));
        }
        for subnet in self.subnets.values_mut() {
            subnet.known.taken_off = Gauges::default();
            observe(&subnet.stats, &mut subnet.samples, &mut subnet.known, now);
            for (pool, book) in zip(subnet.stats.pools.iter(), &mut subnet.pools) {
                book.known.taken_off = Gauges::default();
                observe_pool(pool, book, now);
            }
        }
        self.observe_globals(now);
    }
}
