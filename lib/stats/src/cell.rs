//! Where the values of statistics are, and what a reset does to them.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::statistic::{GAUGES, PoolKind};
use crate::{PoolStats, Statistic, SubnetStats};

/// Where a statistic's value is.
pub(crate) enum Cell<'a> {
    /// The sum of the workers' counters, and what is taken off it.
    Summed(i64, &'a mut i64),
    Shared(&'a AtomicI64),
    /// How many there are, and what is taken off that.
    Gauge(i64, &'a mut i64),
    /// What a configuration says.
    Total(&'a mut u128),
}

/// What is known of a subnet or a pool and not counted.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) taken_off: Gauges,
    /// How many addresses and prefixes there are.
    pub(crate) totals: [u128; PoolKind::ALL.len()],
}

impl<'a> Cell<'a> {
    /// That of a subnet or a pool.
    pub(crate) fn shared<S: Statistic>(stat: S, cell: &'a AtomicI64, known: &'a mut Known) -> Self {
        if let Some(kind) = stat.total_of() {
            return Self::Total(&mut known.totals[kind as usize]);
        }
        match gauge(stat) {
            Some(place) => Self::Gauge(cell.load(Ordering::SeqCst), &mut known.taken_off[place]),
            None => Self::Shared(cell),
        }
    }

    /// That of the whole server.
    pub(crate) fn summed<S: Statistic>(stat: S, sum: i64, taken_off: &'a mut i64) -> Self {
        if gauge(stat).is_some() { Self::Gauge(sum, taken_off) } else { Self::Summed(sum, taken_off) }
    }

    pub(crate) fn value(&self) -> i128 {
        match self {
            Self::Summed(sum, taken_off) => sum.wrapping_sub(**taken_off).into(),
            Self::Shared(cell) => cell.load(Ordering::SeqCst).into(),
            // There are never less than none, also when one goes that was there before it was reset.
            Self::Gauge(count, taken_off) => count.wrapping_sub(**taken_off).max(0).into(),
            Self::Total(total) => i128::try_from(**total).unwrap_or(i128::MAX),
        }
    }

    /// Sets the value to 0; what workers add meanwhile is kept.
    pub(crate) fn zero(&mut self) {
        match self {
            Self::Summed(count, taken_off) | Self::Gauge(count, taken_off) => **taken_off = *count,
            Self::Shared(cell) => cell.store(0, Ordering::Relaxed),
            Self::Total(total) => **total = 0,
        }
    }
}

/// A number for each statistic that says how many leases there are now. It goes up and down, and resetting it must not
/// lose count: the next configuration shows it as it is again.
pub(crate) type Gauges = [i64; GAUGES];

impl<S: Statistic> SubnetStats<S> {
    /// What the gauges say now.
    pub(crate) fn gauges(&self) -> Gauges {
        read(self.cells.cells(), Self::place)
    }

    /// Adds to the gauges.
    pub(crate) fn raise(&self, by: Gauges) {
        raise(self.cells.cells(), Self::place, by);
    }
}

impl<S: Statistic> PoolStats<S> {
    /// What the gauges say now.
    pub(crate) fn gauges(&self) -> Gauges {
        read(self.cells.cells(), |stat| self.place(stat))
    }

    /// Adds to the gauges.
    pub(crate) fn raise(&self, by: Gauges) {
        raise(self.cells.cells(), |stat| self.place(stat), by);
    }
}

fn read<S: Statistic>(cells: &[AtomicI64], place: impl Fn(S) -> Option<usize>) -> Gauges {
    S::GAUGES.map(|stat| stat.and_then(&place).map_or(0, |place| cells[place].load(Ordering::SeqCst)))
}

fn raise<S: Statistic>(cells: &[AtomicI64], place: impl Fn(S) -> Option<usize>, by: Gauges) {
    for (stat, by) in S::GAUGES.into_iter().zip(by) {
        if let Some(place) = stat.and_then(&place) {
            cells[place].fetch_add(by, Ordering::SeqCst);
        }
    }
}

/// The place of a statistic in [`Gauges`].
fn gauge<S: Statistic>(stat: S) -> Option<usize> {
    S::GAUGES.iter().position(|&gauge| gauge == Some(stat))
}
