//! Sets of option codes.

use std::fmt;

use kotare_wire::v4;
use smallvec::SmallVec;

use crate::common::CodeSet;

/// A set of option codes. Those below 256, which are nearly all, are bits; a few others take no memory either.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codes6 {
    low: v4::Codes,
    /// Those of 256 and above, ascending.
    high: SmallVec<[u16; 8]>,
}

impl Codes6 {
    /// Adds a code.
    pub fn insert(&mut self, code: u16) {
        match u8::try_from(code) {
            Ok(code) => self.low.insert(code),
            Err(_) => {
                if let Err(at) = self.high.binary_search(&code) {
                    self.high.insert(at, code);
                }
            }
        }
    }

    /// Takes a code out.
    pub fn remove(&mut self, code: u16) {
        match u8::try_from(code) {
            Ok(code) => self.low.remove(code),
            Err(_) => self.high.retain(|other| *other != code),
        }
    }

    /// Whether the code is in it.
    pub fn contains(&self, code: u16) -> bool {
        match u8::try_from(code) {
            Ok(code) => self.low.contains(code),
            Err(_) => self.high.binary_search(&code).is_ok(),
        }
    }

    /// Whether there is none in it.
    pub fn is_empty(&self) -> bool {
        self.low.is_empty() && self.high.is_empty()
    }

    /// The codes, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u16> + use<'_> {
        self.low.iter().map(u16::from).chain(self.high.iter().copied())
    }
}

impl CodeSet for Codes6 {
    type Code = u16;

    fn insert_if(&mut self, there: bool, code: u16) {
        if there {
            self.insert(code);
        }
    }

    fn add(&mut self, other: &Self) {
        self.low.add(&other.low);
        other.high.iter().for_each(|code| self.insert(*code));
    }

    fn keep(&mut self, other: &Self) {
        self.low.keep(&other.low);
        self.high.retain(|code| other.contains(*code));
    }

    fn take_out(&mut self, other: &Self) {
        self.low.take_out(&other.low);
        self.high.retain(|code| !other.contains(*code));
    }
}

impl fmt::Display for Codes6 {
    /// The codes, separated by commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().enumerate().try_for_each(|(nth, code)| {
            let separator = if nth == 0 { "" } else { ", " };
            write!(f, "{separator}{code}")
        })
    }
}

impl Extend<u16> for Codes6 {
    fn extend<T: IntoIterator<Item = u16>>(&mut self, codes: T) {
        codes.into_iter().for_each(|code| self.insert(code));
    }
}

impl FromIterator<u16> for Codes6 {
    fn from_iter<T: IntoIterator<Item = u16>>(codes: T) -> Self {
        let mut set = Self::default();
        set.extend(codes);
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn codes() -> impl Strategy<Value = BTreeSet<u16>> {
        proptest::collection::btree_set(prop_oneof![0_u16..8, 250_u16..262, any::<u16>()], 0..12)
    }

    proptest! {
        /// It is a set as any other, whatever its codes.
        #[test]
        fn codes_are_a_set(one in codes(), other in codes()) {
            let set = |codes: &BTreeSet<u16>| codes.iter().rev().copied().collect::<Codes6>();
            prop_assert_eq!(set(&one).iter().collect::<BTreeSet<_>>(), one.clone());
            prop_assert!(set(&one).iter().is_sorted() && set(&one).is_empty() == one.is_empty());
            let (mut both, mut kept, mut rest) = (set(&one), set(&one), set(&one));
            both.add(&set(&other));
            kept.keep(&set(&other));
            rest.take_out(&set(&other));
            prop_assert_eq!(both, set(&(&one | &other)));
            prop_assert_eq!(kept, set(&(&one & &other)));
            prop_assert_eq!(rest, set(&(&one - &other)));
            let mut fewer = set(&one);
            other.iter().for_each(|code| fewer.remove(*code));
            prop_assert_eq!(fewer, set(&(&one - &other)));
            prop_assert!(one.iter().all(|code| set(&one).contains(*code)));
        }
    }
}
