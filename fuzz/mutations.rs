//! What ordinary tests give to the bodies of the fuzz targets: samples, and what a seed makes of them.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use kotare_model::Chance;

/// Runs `check` on every sample, then on `count` inputs that changes make of them, the same in every run. `words` are
/// what means something in such an input.
///
/// # Panics
/// If `check` does; the message has the input.
pub(crate) fn run(samples: &[Vec<u8>], words: &[&str], count: usize, check: fn(&[u8])) {
    let mut mutator = Mutator(Chance::new(0x6b6f_7461_7265));
    let changed = std::iter::repeat_with(|| mutator.changed(samples, words)).take(count);
    for input in samples.iter().cloned().chain(changed) {
        let survived = catch_unwind(AssertUnwindSafe(|| check(&input)));
        assert!(survived.is_ok(), "the input was b\"{}\"", input.escape_ascii());
    }
}

/// Changes samples as chance has it.
struct Mutator(Chance);

impl Mutator {
    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.0.below(choices.len())]
    }

    /// A sample with up to eight changes, more often with few.
    fn changed(&mut self, samples: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
        let mut bytes = self.of(samples).clone();
        for _ in 0..1 << self.0.below(4) {
            self.change(&mut bytes, samples, words);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, samples: &[Vec<u8>], words: &[&str]) {
        // Most changes are small ones.
        let from = self.0.below(bytes.len() + 1);
        let most = 1 << self.0.below(9);
        let to = bytes.len().min(from + self.0.below(most + 1));
        match self.0.below(16) {
            0 if from < to => bytes[from] = self.0.below(256) as u8,
            1 if from < to => bytes[from] ^= 1 << self.0.below(8),
            2 => drop(bytes.drain(from..to)),
            3 => {
                let again = bytes[from..to].to_vec();
                let at = self.0.below(bytes.len() + 1);
                bytes.splice(at..at, again);
            }
            4 => {
                let other = self.of(samples);
                let at = self.0.below(other.len() + 1);
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
            _ => bytes.insert(from, self.0.below(256) as u8),
        }
    }

    /// Where a word is, or a number, or an address.
    fn word(&mut self, bytes: &[u8]) -> Range<usize> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let at = self.0.below(bytes.len() + 1);
        let at = at + bytes[at..].iter().position(is_part).unwrap_or(bytes.len() - at);
        let from = bytes[..at].iter().rposition(|byte| !is_part(byte)).map_or(0, |before| before + 1);
        let to = bytes[at..].iter().position(|byte| !is_part(byte)).map_or(bytes.len(), |len| at + len);
        from..to
    }
}
