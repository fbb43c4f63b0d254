//! What ordinary tests give to the bodies of the fuzz targets: samples, and what a seed makes of them.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `check` on every sample, then on `count` inputs that changes make of them, the same in every run. `words` are
/// what means something in such an input.
///
/// # Panics
/// If `check` does; the message has the input.
pub(crate) fn run(samples: &[Vec<u8>], words: &[&str], count: usize, check: fn(&[u8])) {
    let mut chance = Chance(0x6b6f_7461_7265);
    let changed = std::iter::repeat_with(|| chance.changed(samples, words)).take(count);
    for input in samples.iter().cloned().chain(changed) {
        let survived = catch_unwind(AssertUnwindSafe(|| check(&input)));
        assert!(survived.is_ok(), "the input was b\"{}\"", input.escape_ascii());
    }
}

/// Choices that a seed makes: the steps of xorshift64*.
struct Chance(u64);

impl Chance {
    /// A number below `bound`, or 0.
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let mixed = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        mixed as usize % bound.max(1)
    }

    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// A sample with up to eight changes, more often with few.
    fn changed(&mut self, samples: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
        let mut bytes = self.of(samples).clone();
        for _ in 0..1 << self.below(4) {
            self.change(&mut bytes, samples, words);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, samples: &[Vec<u8>], words: &[&str]) {
        // Most changes are small ones.
        let from = self.below(bytes.len() + 1);
        let most = 1 << self.below(9);
        let to = bytes.len().min(from + self.below(most + 1));
        match self.below(16) {
            0 if from < to => bytes[from] = self.below(256) as u8,
            1 if from < to => bytes[from] ^= 1 << self.below(8),
            2 => drop(bytes.drain(from..to)),
            3 => {
                let again = bytes[from..to].to_vec();
                let at = self.below(bytes.len() + 1);
                bytes.splice(at..at, again);
            }
            4 => {
                let other = self.of(samples);
                let at = self.below(other.len() + 1);
                bytes.splice(from.., other[at..].iter().copied());
            }
            5..12 => {
                let other = self.of(samples);
                let (place, word) = (self.word(bytes), self.word(other));
                let is_number =
                    |bytes: &[u8], word: &Range<usize>| bytes[word.clone()].iter().all(u8::is_ascii_digit);
                if is_number(bytes, &place) == is_number(other, &word) {
                    bytes.splice(place, other[word].iter().copied());
                }
            }
            12 | 13 if !words.is_empty() => drop(bytes.splice(from..to, self.of(words).bytes())),
            _ if !words.is_empty() => drop(bytes.splice(from..from, self.of(words).bytes())),
            _ => bytes.insert(from, self.below(256) as u8),
        }
    }

    /// Where a word is, or a number, or an address.
    fn word(&mut self, bytes: &[u8]) -> Range<usize> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let at = self.below(bytes.len() + 1);
        let at = at + bytes[at..].iter().position(is_part).unwrap_or(bytes.len() - at);
        let from = bytes[..at].iter().rposition(|byte| !is_part(byte)).map_or(0, |before| before + 1);
        let to = bytes[at..].iter().position(|byte| !is_part(byte)).map_or(bytes.len(), |len| at + len);
        from..to
    }
}
