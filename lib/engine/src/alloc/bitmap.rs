//! A set of small numbers that finds the next absent one in logarithmic time (base 64).

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

const BITS: usize = u64::BITS as usize;

/// A concurrent set of numbers below a fixed size.
///
/// Level 0 has a bit a number. A bit of a higher level is set when its word of the level below is full. The top level
/// is one word, so that even four thousand million numbers take six levels, and finding an absent number looks at
/// two words a level at most.
///
/// A summary bit may for a moment, or after a race, say "not full" of a full word: that costs a look. It never says
/// "full" of a word that is not for longer than the [`Bitmap::remove`] or [`Bitmap::insert`] under way.
#[derive(Debug)]
pub(super) struct Bitmap {
    size: usize,
    levels: Vec<Box<[AtomicU64]>>,
}

impl Bitmap {
    /// An empty set of numbers below `size`, which is not 0.
    pub(super) fn new(size: usize) -> Self {
        let mut levels = Vec::new();
        let mut bits = size;
        loop {
            let words = bits.div_ceil(BITS);
            let level: Box<[AtomicU64]> = (0..words).map(|_| AtomicU64::new(0)).collect();
            // What is beyond the end is never absent.
            if !bits.is_multiple_of(BITS) {
                level[words - 1].store(u64::MAX << (bits % BITS), SeqCst);
            }
            levels.push(level);
            if words <= 1 {
                return Self { size, levels };
            }
            bits = words;
        }
    }

    /// Adds a number; says whether it was absent.
    pub(super) fn insert(&self, number: usize) -> bool {
        self.mark(0, number)
    }

    /// Removes a number; says whether it was there.
    pub(super) fn remove(&self, number: usize) -> bool {
        self.unmark(0, number)
    }

    /// Whether the number is in the set.
    pub(super) fn contains(&self, number: usize) -> bool {
        self.levels[0][number / BITS].load(SeqCst) & bit(number) != 0
    }

    /// The lowest absent number that is not below `from`.
    pub(super) fn next_absent(&self, from: usize) -> Option<usize> {
        if from >= self.size { None } else { self.next_unmarked(0, from, &mut 0) }
    }

    fn mark(&self, level: usize, index: usize) -> bool {
        let at = index / BITS;
        let word = &self.levels[level][at];
        let before = word.fetch_or(bit(index), SeqCst);
        let absent = before & bit(index) == 0;
        if absent && before | bit(index) == u64::MAX && level + 1 < self.levels.len() {
            self.mark(level + 1, at);
            // A removal may have come between; it found no summary bit to clear, so it is ours to clear.
            if word.load(SeqCst) != u64::MAX {
                self.unmark(level + 1, at);
            }
        }
        absent
    }

    fn unmark(&self, level: usize, index: usize) -> bool {
        let at = index / BITS;
        let before = self.levels[level][at].fetch_and(!bit(index), SeqCst);
        if before == u64::MAX && level + 1 < self.levels.len() {
            self.unmark(level + 1, at);
        }
        before & bit(index) != 0
    }

    /// `looks` counts the words looked at.
    fn next_unmarked(&self, level: usize, mut from: usize, looks: &mut u32) -> Option<usize> {
        let words = &self.levels[level];
        loop {
            let at = from / BITS;
            *looks += 1;
            let unmarked = !words.get(at)?.load(SeqCst) & (u64::MAX << (from % BITS));
            if unmarked != 0 {
                return Some(at * BITS + unmarked.trailing_zeros() as usize);
            }
            if level + 1 == self.levels.len() {
                return None;
            }
            from = self.next_unmarked(level + 1, at + 1, looks)? * BITS;
        }
    }
}

fn bit(index: usize) -> u64 {
    1 << (index % BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sizes around the word and level limits: every number can be added once, and nothing beyond the end appears.
    #[test]
    fn every_number_below_the_size_is_found_once() {
        for size in [1, 2, 63, 64, 65, 4095, 4096, 4097, 64 * 64 * 3 + 5] {
            let set = Bitmap::new(size);
            let mut found = Vec::new();
            while let Some(number) = set.next_absent(0) {
                assert!(set.insert(number));
                found.push(number);
            }
            assert_eq!(found, (0..size).collect::<Vec<_>>());
            assert_eq!(set.next_absent(size), None);
            assert!(set.remove(size - 1) && !set.remove(size - 1));
            assert_eq!(set.next_absent(0), Some(size - 1));
        }
    }

    /// The promise of the summary levels: a search in a set of 16 million that is full but for one number looks at
    /// few words, wherever it begins.
    #[test]
    fn a_full_set_costs_no_more_than_an_empty_one() {
        let size = 1 << 24;
        let set = Bitmap::new(size);
        (0..size).filter(|&number| number != size / 2 + 7).for_each(|number| {
            set.insert(number);
        });
        for from in [0, 1, 4095, size / 2, size / 2 + 7, size / 2 + 8, size - 1] {
            let mut looks = 0;
            let found = set.next_unmarked(0, from, &mut looks);
            assert_eq!(found, (from <= size / 2 + 7).then_some(size / 2 + 7));
            assert!(looks <= 8, "{looks} words from {from}");
        }
    }

    /// Threads that add and remove leave no number behind: whatever is absent is found.
    #[test]
    fn races_lose_no_number() {
        let set = Bitmap::new(64 * 64);
        std::thread::scope(|scope| {
            for offset in 0..4 {
                let set = &set;
                scope.spawn(move || {
                    for _ in 0..200 {
                        let own = || (0..64 * 64).filter(move |number| number % 4 == offset);
                        own().for_each(|number| assert!(set.insert(number)));
                        own().for_each(|number| assert!(set.remove(number)));
                    }
                });
            }
        });
        let found = (0..64 * 64).filter(|&number| set.next_absent(number) == Some(number)).count();
        assert_eq!(found, 64 * 64);
        assert!(set.levels.iter().flatten().all(|word| word.load(SeqCst) != u64::MAX));
    }
}
