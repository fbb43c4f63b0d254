//! Sets of option codes.

use std::fmt;

use super::OptionCode;

/// A set of option codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Codes([u64; 4]);

impl Codes {
    /// The set of these codes.
    pub const fn of(codes: &[OptionCode]) -> Self {
        let mut words = [0; 4];
        let mut at = 0;
        while at < codes.len() {
            words[codes[at].0 as usize / 64] |= 1 << (codes[at].0 % 64);
            at += 1;
        }
        Self(words)
    }

    /// Adds a code.
    pub fn insert(&mut self, code: u8) {
        self.0[usize::from(code / 64)] |= 1 << (code % 64);
    }

    /// Adds a code if `there`, without asking twice.
    pub fn insert_if(&mut self, there: bool, code: OptionCode) {
        self.0[usize::from(code.0 / 64)] |= u64::from(there) << (code.0 % 64);
    }

    /// Takes a code out.
    pub fn remove(&mut self, code: u8) {
        self.0[usize::from(code / 64)] &= !(1 << (code % 64));
    }

    /// Whether the code is in it.
    pub fn contains(&self, code: u8) -> bool {
        self.0[usize::from(code / 64)] & (1 << (code % 64)) != 0
    }

    /// Whether there is none in it.
    pub fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    /// The codes of both.
    pub fn union(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }

    /// The codes that both have.
    pub fn intersection(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & other.0[at]))
    }

    /// The codes that the other has not.
    pub fn without(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & !other.0[at]))
    }

    /// The codes, ascending.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        let mut words = self.0;
        let mut at = 0;
        std::iter::from_fn(move || {
            loop {
                let word = words.get_mut(at)?;
                if *word != 0 {
                    let bit = word.trailing_zeros();
                    *word &= *word - 1;
                    return Some(at as u8 * 64 + bit as u8);
                }
                at += 1;
            }
        })
    }
}

impl fmt::Display for Codes {
    /// The codes, separated by commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().enumerate().try_for_each(|(nth, code)| {
            let separator = if nth == 0 { "" } else { ", " };
            write!(f, "{separator}{code}")
        })
    }
}

impl Extend<u8> for Codes {
    fn extend<T: IntoIterator<Item = u8>>(&mut self, codes: T) {
        codes.into_iter().for_each(|code| self.insert(code));
    }
}

impl FromIterator<u8> for Codes {
    fn from_iter<T: IntoIterator<Item = u8>>(codes: T) -> Self {
        let mut set = Self::default();
        set.extend(codes);
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A set holds what was put in, in order, up to the highest code.
    #[test]
    fn codes_are_a_set() {
        const SET: Codes = Codes::of(&[OptionCode(255), OptionCode(0), OptionCode(63), OptionCode(64)]);
        let of = |codes: &[u8]| codes.iter().copied().collect::<Codes>();
        assert_eq!(SET.iter().collect::<Vec<_>>(), [0, 63, 64, 255]);
        assert_eq!((SET.to_string(), Codes::default().to_string()), ("0, 63, 64, 255".into(), String::new()));
        assert_eq!(SET, of(&[64, 0, 255, 63, 0]));
        assert!(SET.contains(64) && !SET.contains(65) && !SET.is_empty() && Codes::default().is_empty());
        assert_eq!(SET.without(of(&[0, 255])).union(of(&[1])), of(&[1, 63, 64]));
        let mut some = Codes::default();
        some.insert_if(true, OptionCode(255));
        some.insert_if(false, OptionCode(1));
        some.insert(7);
        some.remove(7);
        assert_eq!(some, SET.intersection(of(&[255, 1])));
    }
}
