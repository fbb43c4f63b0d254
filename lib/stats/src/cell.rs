//! Where the values of statistics are, and what a reset does to them.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::Stat4;

/// Where a statistic's value is.
pub(crate) enum Cell<'a> {
    /// The sum of the workers' counters, and what is taken off it.
    Summed(i64, &'a mut i64),
    Shared(&'a AtomicI64),
    /// How many there are, and what is taken off that.
    Gauge(i64, &'a mut i64),
}

impl<'a> Cell<'a> {
    /// That of a subnet or a pool.
    pub(crate) fn shared(stat: Stat4, cell: &'a AtomicI64, taken_off: &'a mut Gauges) -> Self {
        match gauge(stat) {
            Some(place) => Self::Gauge(cell.load(Ordering::SeqCst), &mut taken_off[place]),
            None => Self::Shared(cell),
        }
    }

    /// That of the whole server.
    pub(crate) fn summed(stat: Stat4, sum: i64, taken_off: &'a mut i64) -> Self {
        if gauge(stat).is_some() { Self::Gauge(sum, taken_off) } else { Self::Summed(sum, taken_off) }
    }

    pub(crate) fn value(&self) -> i64 {
        match self {
            Self::Summed(sum, taken_off) => sum.wrapping_sub(**taken_off),
            Self::Shared(cell) => cell.load(Ordering::SeqCst),
            // There are never less than none, also when one goes that was there before it was reset.
            Self::Gauge(count, taken_off) => count.wrapping_sub(**taken_off).max(0),
        }
    }

    /// Sets the value to 0; what workers add meanwhile is kept.
    pub(crate) fn zero(&mut self) {
        match self {
            Self::Summed(count, taken_off) | Self::Gauge(count, taken_off) => **taken_off = *count,
            Self::Shared(cell) => cell.store(0, Ordering::Relaxed),
        }
    }
}

/// A number for each statistic that says how many leases there are now. It goes up and down, and resetting it must not
/// lose count: the next configuration shows it as it is again.
pub(crate) type Gauges = [i64; 2];

/// The statistics that [`Gauges`] are of, by place.
pub(crate) const GAUGES: [Stat4; 2] = [Stat4::AssignedAddresses, Stat4::DeclinedAddresses];

/// The gauges among the last statistics of the table.
pub(crate) fn gauges<const N: usize>(cells: &[AtomicI64; N]) -> Gauges {
    GAUGES.map(|stat| cells[place::<N>(stat)].load(Ordering::SeqCst))
}

/// Adds to the gauges among the last statistics of the table.
pub(crate) fn raise<const N: usize>(cells: &[AtomicI64; N], by: Gauges) {
    for (stat, by) in GAUGES.into_iter().zip(by) {
        cells[place::<N>(stat)].fetch_add(by, Ordering::SeqCst);
    }
}

/// The place of a statistic among the last of the table.
fn place<const N: usize>(stat: Stat4) -> usize {
    stat as usize + N - Stat4::ALL.len()
}

/// The place of a statistic in [`Gauges`].
fn gauge(stat: Stat4) -> Option<usize> {
    GAUGES.iter().position(|&gauge| gauge == stat)
}
