//! A set of offsets of a pool, in whatever form suits its size.

use super::bitmap::Bitmap;
use super::runs::Runs;

/// Up to so many offsets are kept as bits, 8 KiB of them. A server can have ten thousand pools.
const FEW: u128 = 1 << 16;

/// A set of the numbers below `size`, of which there can be 2¹²⁸.
#[derive(Debug)]
pub(super) struct Set {
    size: u128,
    form: Form,
}

#[derive(Debug)]
enum Form {
    Bits(Bitmap),
    Runs(Runs),
}

impl Set {
    /// An empty set of numbers below `size`, which is not 0.
    pub(super) fn new(size: u128) -> Self {
        let form =
            if size <= FEW { Form::Bits(Bitmap::new(size as usize)) } else { Form::Runs(Runs::default()) };
        Self { size, form }
    }

    /// Another one like it.
    pub(super) fn copy(&self) -> Self {
        let mut copy = Self::new(self.size);
        match &self.form {
            Form::Bits(_) => {
                self.between(0, self.size - 1).for_each(|(first, last)| copy.insert(first, last))
            }
            Form::Runs(runs) => copy.form = Form::Runs(runs.clone()),
        }
        copy
    }

    /// Adds the numbers from `first` to `last`, which are below the size.
    pub(super) fn insert(&mut self, first: u128, last: u128) {
        match &mut self.form {
            Form::Runs(runs) => runs.insert(first, last),
            Form::Bits(bits) => (first..=last).for_each(|number| {
                bits.insert(number as usize);
            }),
        }
    }

    /// Removes the numbers from `first` to `last`, which are below the size.
    pub(super) fn remove(&mut self, first: u128, last: u128) {
        match &mut self.form {
            Form::Runs(runs) => runs.remove(first, last),
            Form::Bits(bits) => (first..=last).for_each(|number| {
                bits.remove(number as usize);
            }),
        }
    }

    /// Whether a number below the size is in the set.
    pub(super) fn contains(&self, number: u128) -> bool {
        match &self.form {
            Form::Runs(runs) => runs.contains(number),
            Form::Bits(bits) => bits.contains(number as usize),
        }
    }

    /// The lowest absent number that is not below `from`.
    pub(super) fn next_absent(&self, from: u128) -> Option<u128> {
        match &self.form {
            Form::Runs(runs) => runs.next_absent(from),
            Form::Bits(bits) => bits.next_absent(from as usize).map(|number| number as u128),
        }
        .filter(|number| *number < self.size)
    }

    /// Numbers of the set between `first` and `last`, which are below the size: the ends of runs, which may touch.
    pub(super) fn between(&self, first: u128, last: u128) -> impl Iterator<Item = (u128, u128)> {
        let (bits, runs) = match &self.form {
            Form::Bits(bits) => (Some(bits), None),
            Form::Runs(runs) => (None, Some(runs.between(first, last))),
        };
        let bits = bits.into_iter().flat_map(move |bits| {
            (first..=last).filter(|number| bits.contains(*number as usize)).map(|number| (number, number))
        });
        bits.chain(runs.into_iter().flatten())
    }
}
