//! A set of numbers of any size, as runs.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included};

/// A set of numbers that keeps the first and the last of each run of neighbours. What it costs depends on how many runs
/// there are, not on how large the numbers may be; finding the next absent one is one look.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs(BTreeMap<u128, u128>);

impl Runs {
    /// Adds the numbers from `first` to `last`.
    pub(super) fn insert(&mut self, mut first: u128, mut last: u128) {
        if let Some((&start, &end)) = self.0.range(..=first).next_back()
            && end.saturating_add(1) >= first
        {
            if end >= last {
                return;
            }
            first = start;
        }
        while let Some((&start, &end)) =
            self.0.range((Excluded(first), Included(last.saturating_add(1)))).next()
        {
            self.0.remove(&start);
            last = last.max(end);
        }
        self.0.insert(first, last);
    }

    /// Removes the numbers from `first` to `last`.
    pub(super) fn remove(&mut self, first: u128, last: u128) {
        if let Some((&start, &end)) = self.0.range(..first).next_back()
            && end >= first
        {
            self.0.insert(start, first - 1);
            if end > last {
                self.0.insert(last + 1, end);
                return;
            }
        }
        while let Some((&start, &end)) = self.0.range(first..=last).next() {
            self.0.remove(&start);
            if end > last {
                self.0.insert(last + 1, end);
            }
        }
    }

    /// Whether a number is in the set.
    pub(super) fn contains(&self, number: u128) -> bool {
        self.0.range(..=number).next_back().is_some_and(|(_, &end)| end >= number)
    }

    /// The lowest absent number that is not below `from`.
    pub(super) fn next_absent(&self, from: u128) -> Option<u128> {
        match self.0.range(..=from).next_back() {
            Some((_, &end)) if end >= from => end.checked_add(1),
            _ => Some(from),
        }
    }

    /// The runs between `first` and `last`, as far as they are between them.
    pub(super) fn between(&self, first: u128, last: u128) -> impl Iterator<Item = (u128, u128)> {
        let before = self.0.range(..first).next_back().filter(|(_, end)| **end >= first);
        let runs = before.into_iter().chain(self.0.range(first..=last));
        runs.map(move |(&start, &end)| (start.max(first), end.min(last)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is added and removed: the runs are those of the set, no two of them touch.
        #[test]
        fn runs_are_a_set(changes in prop::collection::vec((any::<bool>(), 0..60_u128, 0..12_u128), 1..60)) {
            let (mut runs, mut set) = (Runs::default(), BTreeSet::new());
            for (adds, first, more) in changes {
                let last = first + more;
                if adds {
                    runs.insert(first, last);
                    set.extend(first..=last);
                } else {
                    runs.remove(first, last);
                    set.retain(|number| !(first..=last).contains(number));
                }
                for number in 0..80 {
                    prop_assert_eq!(runs.contains(number), set.contains(&number));
                    prop_assert_eq!(runs.next_absent(number), (number..).find(|it| !set.contains(it)));
                }
                let mut between = runs.between(first, last).flat_map(|(first, last)| first..=last);
                prop_assert!((first..=last).filter(|it| set.contains(it)).all(|it| between.next() == Some(it)));
                prop_assert_eq!(between.next(), None);
                let ends: Vec<_> = runs.0.iter().collect();
                prop_assert!(ends.windows(2).all(|pair| *pair[0].1 + 1 < *pair[1].0));
            }
        }
    }

    /// The highest number there is has none behind it.
    #[test]
    fn numbers_end() {
        let mut runs = Runs::default();
        runs.insert(u128::MAX - 1, u128::MAX);
        assert_eq!(runs.next_absent(u128::MAX - 1), None);
        runs.insert(0, u128::MAX - 2);
        assert_eq!((runs.0.len(), runs.next_absent(0)), (1, None));
        runs.remove(7, 7);
        assert_eq!(runs.next_absent(0), Some(7));
    }
}
