//! What keeps places of a pool from being given although no lease of the pool's own has them.

use std::collections::BTreeMap;

use kotare_config::Prefix6;

/// Prefixes that are not to be given, nor anything of them: because they are reserved, or because somebody has a lease of
/// that length. Two of them are apart, or one is in the other.
#[derive(Debug, Default)]
pub(super) struct Bars {
    /// By first address and length.
    bars: BTreeMap<(u128, u8), Bar>,
    /// How many there are of each length there is.
    lengths: BTreeMap<u8, usize>,
    /// How many are leased.
    leased: usize,
}

/// Why a prefix is not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bar {
    /// How often it is reserved: in several configurations, and for several clients.
    reserved: u32,
    /// Whether there is a lease of it.
    leased: bool,
}

impl Bars {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.bars.is_empty()
    }

    /// One more reservation of a prefix.
    pub(super) fn reserve(&mut self, prefix: Prefix6) {
        self.change(prefix, |bar| bar.reserved += 1);
    }

    /// One reservation less; whether it was the last thing to bar the prefix.
    pub(super) fn cancel(&mut self, prefix: Prefix6) -> bool {
        self.change(prefix, |bar| bar.reserved = bar.reserved.saturating_sub(1))
    }

    /// There is a lease of a prefix.
    pub(super) fn lease(&mut self, prefix: Prefix6) {
        self.change(prefix, |bar| bar.leased = true);
    }

    /// There is none; whether it was the last thing to bar the prefix.
    pub(super) fn end(&mut self, prefix: Prefix6) -> bool {
        self.change(prefix, |bar| bar.leased = false)
    }

    /// Changes what bars a prefix; whether something did and nothing does any more.
    fn change(&mut self, prefix: Prefix6, change: impl FnOnce(&mut Bar)) -> bool {
        let (key, none) = (key(prefix), Bar::default());
        let before = self.bars.get(&key).copied().unwrap_or_default();
        let mut after = before;
        change(&mut after);
        self.leased = self.leased + usize::from(after.leased) - usize::from(before.leased);
        let lengths = self.lengths.entry(key.1).or_default();
        *lengths = *lengths + usize::from(after != none) - usize::from(before != none);
        if *lengths == 0 {
            self.lengths.remove(&key.1);
        }
        if after == none {
            self.bars.remove(&key);
        } else {
            self.bars.insert(key, after);
        }
        before != none && after == none
    }

    /// Whether a prefix is one of them or in one of them.
    pub(super) fn cover(&self, prefix: Prefix6) -> bool {
        self.covering(prefix).next().is_some()
    }

    /// Those that are longer than a prefix and in it.
    pub(super) fn within(&self, prefix: Prefix6) -> impl Iterator<Item = Prefix6> {
        self.inside(prefix).filter_map(|((first, len), _)| Prefix6::new((*first).into(), *len))
    }

    /// Whether another lease than that of a prefix has something of it.
    pub(super) fn lease_over(&self, prefix: Prefix6) -> bool {
        let other = |(at, bar): (&(u128, u8), &Bar)| bar.leased && *at != key(prefix);
        self.leased > 0 && (self.covering(prefix).any(other) || self.inside(prefix).any(other))
    }

    fn covering(&self, prefix: Prefix6) -> impl Iterator<Item = (&(u128, u8), &Bar)> {
        self.lengths
            .range(..=prefix.prefix_len())
            .filter_map(move |(len, _)| self.bars.get_key_value(&key(Prefix6::new(prefix.network(), *len)?)))
    }

    fn inside(&self, prefix: Prefix6) -> impl Iterator<Item = (&(u128, u8), &Bar)> {
        let (first, last) = (prefix.network().into(), prefix.last().into());
        let longer = move |((_, len), _): &(&(u128, u8), &Bar)| *len > prefix.prefix_len();
        self.bars.range((first, 0)..=(last, u8::MAX)).filter(longer)
    }
}

fn key(prefix: Prefix6) -> (u128, u8) {
    (prefix.network().into(), prefix.prefix_len())
}
