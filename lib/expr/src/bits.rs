//! Sets of small numbers.

use smallvec::SmallVec;

/// A set of numbers, a bit each. With numbers below 256 it does not allocate.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits(SmallVec<[u64; 4]>);

impl Bits {
    pub(crate) const EMPTY: Self = Self(SmallVec::new_const());

    /// Adds a number; whether it is new.
    pub(crate) fn insert(&mut self, number: u32) -> bool {
        let (word, bit) = place(number);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        new
    }

    pub(crate) fn contains(&self, number: u32) -> bool {
        let (word, bit) = place(number);
        self.0.get(word).is_some_and(|it| it & bit != 0)
    }

    /// Whether they have a number in common.
    pub(crate) fn intersects(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(one, other)| one & other != 0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    /// The numbers, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        let words = (0..).zip(&self.0);
        words.flat_map(|(at, &word)| {
            let rest = std::iter::successors(Some(word), |word| Some(word & word.wrapping_sub(1)));
            rest.take_while(|word| *word != 0).map(move |word| at * 64 + word.trailing_zeros())
        })
    }

    pub(crate) fn remove_all(&mut self, others: &Self) {
        self.0.iter_mut().zip(&others.0).for_each(|(word, others)| *word &= !others);
    }
}

impl PartialEq for Bits {
    fn eq(&self, other: &Self) -> bool {
        let longest = self.0.len().max(other.0.len());
        let word = |set: &Self, at| set.0.get(at).copied().unwrap_or(0);
        (0..longest).all(|at| word(self, at) == word(other, at))
    }
}

impl Eq for Bits {}

impl FromIterator<u32> for Bits {
    fn from_iter<T: IntoIterator<Item = u32>>(numbers: T) -> Self {
        let mut set = Self::default();
        numbers.into_iter().for_each(|number| _ = set.insert(number));
        set
    }
}

/// The word of a number, and its bit in there.
fn place(number: u32) -> (usize, u64) {
    (number as usize / 64, 1 << (number % 64))
}
