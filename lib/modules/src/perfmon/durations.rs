//! How long things took, by what they are of: summed up for an interval after the other.

use std::collections::HashMap;
use std::time::Duration;

use super::key::Key;

/// No more durations than this are kept; of subnets beyond that only those of the whole server.
const MOST: usize = 100_000;

/// What was summed up in an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    /// When it began, since 1970-01-01T00:00:00Z.
    pub(super) start: Duration,
    pub(super) occurrences: u32,
    pub(super) least: Duration,
    pub(super) most: Duration,
    pub(super) total: Duration,
}

impl Interval {
    fn new(start: Duration) -> Self {
        let (least, most, total) = (Duration::MAX, Duration::ZERO, Duration::ZERO);
        Self { start, occurrences: 0, least, most, total }
    }

    fn add(&mut self, took: Duration) {
        self.occurrences = self.occurrences.saturating_add(1);
        self.least = self.least.min(took);
        self.most = self.most.max(took);
        self.total = self.total.saturating_add(took);
    }

    /// The mean.
    pub(super) fn mean(&self) -> Duration {
        self.total.checked_div(self.occurrences).unwrap_or_default()
    }
}

/// The durations of one kind.
#[derive(Clone, Copy, Debug)]
struct Duration1 {
    current: Interval,
    last: Option<Interval>,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Durations {
    width: Duration,
    all: HashMap<Key, Duration1>,
}

impl Durations {
    /// None yet; intervals are so long.
    pub(super) fn new(width: Duration) -> Self {
        Self { width, all: HashMap::new() }
    }

    /// One more, which ended at `now`; the interval before, if that is over with it.
    pub(super) fn add(&mut self, key: Key, took: Duration, now: Duration) -> Option<Interval> {
        if self.all.len() >= MOST && !self.all.contains_key(&key) {
            return None;
        }
        let of_key = self.all.entry(key).or_insert(Duration1 { current: Interval::new(now), last: None });
        if now < of_key.current.start {
            // The clock was put back: what was summed up is of no time that can be told.
            of_key.current = Interval::new(now);
        }
        let is_over = now.saturating_sub(of_key.current.start) > self.width;
        if is_over {
            of_key.last = Some(of_key.current);
            of_key.current = Interval::new(now);
        }
        of_key.current.add(took);
        of_key.last.filter(|_| is_over)
    }

    /// The last interval of each, by what they are of.
    pub(super) fn all(&self) -> Vec<(Key, Option<Interval>)> {
        let mut all: Vec<_> = self.all.iter().map(|(key, it)| (*key, it.last)).collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::perfmon::key::Between;

    /// An interval is told of by the first that comes after it.
    #[test]
    fn intervals_follow_each_other() {
        let key = Key { asked: 1, replied: 2, between: Between::Whole, subnet: 0 };
        let (ms, at) = (Duration::from_millis, Duration::from_secs);
        let mut durations = Durations::new(at(5));
        assert_eq!(durations.add(key, ms(4), at(100)), None);
        assert_eq!(durations.add(key, ms(1), at(105)), None);
        assert_eq!(durations.all(), [(key, None)]);
        let last = durations.add(key, ms(9), at(106)).expect("an interval is over");
        let expected = Interval { start: at(100), occurrences: 2, least: ms(1), most: ms(4), total: ms(5) };
        assert_eq!((last, last.mean()), (expected, Duration::from_micros(2500)));
        assert_eq!(durations.all(), [(key, Some(expected))]);
        // A clock that was put back begins an interval anew, which ends as others do.
        assert_eq!(durations.add(key, ms(9), at(50)), None);
        let last = durations.add(key, ms(1), at(56)).expect("an interval is over");
        assert_eq!((last.start, last.occurrences, last.total), (at(50), 1, ms(9)));
    }

    /// What is kept has its end.
    #[test]
    fn there_are_not_more_than_so_many() {
        let mut durations = Durations::new(Duration::from_secs(5));
        for subnet in 0..u32::try_from(MOST).unwrap() + 10 {
            let key = Key { asked: 1, replied: 2, between: Between::Whole, subnet };
            durations.add(key, Duration::ZERO, Duration::ZERO);
        }
        assert_eq!(durations.all().len(), MOST);
    }
}
