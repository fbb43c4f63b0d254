//! How long exchanges take: a histogram of each worker, added up when somebody reads.

use std::array;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper bounds of the buckets: in seconds as they are shown, and in nanoseconds. What takes longer is in a last bucket.
pub const BOUNDS: [(&str, u64); 17] = [
    ("0.00001", 10_000),
    ("0.000025", 25_000),
    ("0.00005", 50_000),
    ("0.0001", 100_000),
    ("0.00025", 250_000),
    ("0.0005", 500_000),
    ("0.001", 1_000_000),
    ("0.0025", 2_500_000),
    ("0.005", 5_000_000),
    ("0.01", 10_000_000),
    ("0.025", 25_000_000),
    ("0.05", 50_000_000),
    ("0.1", 100_000_000),
    ("0.25", 250_000_000),
    ("0.5", 500_000_000),
    ("1.0", 1_000_000_000),
    ("2.5", 2_500_000_000),
];

const BUCKETS: usize = BOUNDS.len() + 1;

/// One worker's. Nobody else writes to it.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    buckets: [AtomicU64; BUCKETS],
    nanos: AtomicU64,
}

/// The exchanges of all workers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchanges {
    /// How many took at most as long as each of [`BOUNDS`], and longer than the one before; then those that took longer.
    pub buckets: [u64; BUCKETS],
    /// How long they took together, in nanoseconds.
    pub nanos: u64,
}

impl Histogram {
    /// Counts `count` exchanges that `took` so long, each.
    #[inline]
    pub(crate) fn add(&self, took: Duration, count: u64) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        // Nearly all are in one of the first buckets.
        let bucket = BOUNDS.iter().position(|&(_, bound)| nanos <= bound).unwrap_or(BOUNDS.len());
        self.buckets[bucket].fetch_add(count, Ordering::Relaxed);
        self.nanos.fetch_add(nanos.saturating_mul(count), Ordering::Relaxed);
    }
}

impl Exchanges {
    pub(crate) fn of<'a>(workers: impl Iterator<Item = &'a Histogram>) -> Self {
        workers.fold(Self::default(), |sum, worker| Self {
            buckets: array::from_fn(|at| sum.buckets[at] + worker.buckets[at].load(Ordering::Relaxed)),
            nanos: sum.nanos.wrapping_add(worker.nanos.load(Ordering::Relaxed)),
        })
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bound belongs to its bucket; what no bound is above is in the last one.
    #[test]
    fn each_exchange_is_in_one_bucket() {
        let (one, other) = (Histogram::default(), Histogram::default());
        one.add(Duration::ZERO, 1);
        one.add(Duration::from_nanos(10_000), 2);
        one.add(Duration::from_nanos(10_001), 3);
        other.add(Duration::from_millis(2_500), 4);
        other.add(Duration::from_secs(9), 5);
        let read = Exchanges::of([&one, &other].into_iter());
        let filled = |at: usize| read.buckets[at];
        assert_eq!([filled(0), filled(1), filled(16), filled(17)], [3, 3, 4, 5]);
        assert_eq!(read.count(), 15);
        assert_eq!(read.nanos, 20_000 + 30_003 + 10_000_000_000 + 45_000_000_000);
    }

    /// What is shown is what is compared with, in order.
    #[test]
    fn bounds_are_shown_as_they_are() {
        assert!(BOUNDS.is_sorted_by(|one, next| one.1 < next.1));
        for (shown, nanos) in BOUNDS {
            assert_eq!(shown.parse::<f64>().map(|seconds| (seconds * 1e9).round() as u64), Ok(nanos));
        }
    }
}
