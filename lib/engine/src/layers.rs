//! Sets of option codes, and the rule by which a client's options are chosen from several layers.
//!
//! What applies to a client is configured on levels: its pool, its subnet, the shared network, the whole server. Its
//! reply is made from these as layers, the most specific first. A value is that of the first layer which has one, but
//! the flags hold whichever layer sets them: what one level always or never sends is always or never sent, also where
//! another level gives the value. This is Kea's rule.

use std::fmt;

/// A set of option codes of one byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Codes([u64; 4]);

impl Codes {
    /// The set of these codes.
    pub(crate) const fn of(codes: &[u8]) -> Self {
        let mut words = [0; 4];
        let mut at = 0;
        while at < codes.len() {
            words[codes[at] as usize / 64] |= 1 << (codes[at] % 64);
            at += 1;
        }
        Self(words)
    }

    pub(crate) fn insert(&mut self, code: u8) {
        self.0[usize::from(code / 64)] |= 1 << (code % 64);
    }

    pub(crate) fn contains(&self, code: u8) -> bool {
        self.0[usize::from(code / 64)] & (1 << (code % 64)) != 0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }

    pub(crate) fn intersection(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & other.0[at]))
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & !other.0[at]))
    }

    /// The codes, ascending.
    pub(crate) fn iter(self) -> impl Iterator<Item = u8> {
        (0..4).flat_map(move |at| {
            let mut word = self.0[at];
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros();
                word &= word.checked_sub(1)?;
                Some(at as u8 * 64 + bit as u8)
            })
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

impl FromIterator<u8> for Codes {
    fn from_iter<T: IntoIterator<Item = u8>>(codes: T) -> Self {
        let mut set = Self::default();
        codes.into_iter().for_each(|code| set.insert(code));
        set
    }
}

/// What a layer says of which options are sent, or what several say together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Options that have a value.
    pub(crate) has: Codes,
    /// `always-send`: sent whether or not the client asks.
    pub(crate) always: Codes,
    /// `never-send`: not sent, whatever the client asks and other layers say.
    pub(crate) never: Codes,
}

impl Choice {
    /// Adds an option of the layer.
    pub(crate) fn insert(&mut self, code: u8, always_send: bool, never_send: bool) {
        self.has.insert(code);
        if always_send {
            self.always.insert(code);
        }
        if never_send {
            self.never.insert(code);
        }
    }

    /// What this layer and the others say.
    pub(crate) fn and(self, others: Self) -> Self {
        Self {
            has: self.has.union(others.has),
            always: self.always.union(others.always),
            never: self.never.union(others.never),
        }
    }

    /// What a client gets that asks for these.
    pub(crate) fn of(self, requested: Codes) -> Codes {
        self.always.union(requested).intersection(self.has).without(self.never)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A set holds what was put in, in order, up to the highest code.
    #[test]
    fn codes_are_a_set() {
        const SET: Codes = Codes::of(&[255, 0, 63, 64]);
        assert_eq!(SET.iter().collect::<Vec<_>>(), [0, 63, 64, 255]);
        assert_eq!((SET.to_string(), Codes::default().to_string()), ("0, 63, 64, 255".into(), String::new()));
        assert_eq!(SET, [64, 0, 255, 63, 0].into_iter().collect());
        assert!(SET.contains(64) && !SET.contains(65) && !SET.is_empty() && Codes::default().is_empty());
        assert_eq!(SET.without(Codes::of(&[0, 255])).union(Codes::of(&[1])), Codes::of(&[1, 63, 64]));
    }

    /// Flags hold on whichever layer they stand; only what some layer has is sent.
    #[test]
    fn flags_hold_whichever_layer_sets_them() {
        let layer = |rows: &[(u8, bool, bool)]| {
            let mut choice = Choice::default();
            rows.iter().for_each(|&(code, always, never)| choice.insert(code, always, never));
            choice
        };
        let subnet = layer(&[(3, false, false), (6, false, false), (7, true, false)]);
        let global = layer(&[(3, true, false), (6, true, true), (7, false, false), (8, false, false)]);
        assert_eq!(subnet.and(global).of(Codes::default()), Codes::of(&[3, 7]));
        assert_eq!(global.and(subnet).of(Codes::of(&[6, 8, 9])), Codes::of(&[3, 7, 8]));
    }
}
