//! Pools of addresses and of prefixes.

use std::net::Ipv6Addr;
use std::sync::Arc;

use kotare_expr::{ClassId, ClassSet};

use super::{Guard, Names, Options6, Prefix6};
use crate::Address;
use crate::prefix::range_text;

/// A `pools` entry: addresses that are given dynamically.
#[derive(Clone, Debug)]
pub struct Pool6 {
    /// The lowest address.
    pub first: Ipv6Addr,
    /// The highest address, not below `first`.
    pub last: Ipv6Addr,
    /// `pool-id`, 0 if none is written.
    pub id: u32,
    /// `client-classes`.
    pub guard: Guard,
    /// `evaluate-additional-classes`, in the order written.
    pub additional: Box<[ClassId]>,
    /// Options of the pool alone.
    pub options: Options6,
    /// How the names of its clients are made.
    pub names: Arc<Names>,
}

impl Pool6 {
    /// Whether it is for clients of these classes. Those of its subnet are another question.
    pub fn fits(&self, classes: &ClassSet) -> bool {
        self.guard.admits(classes)
    }

    /// Whether `address` is one of the pool's.
    pub fn contains(&self, address: Ipv6Addr) -> bool {
        (self.first..=self.last).contains(&address)
    }

    /// Its addresses, as `config-get` shows them.
    pub fn range(&self) -> String {
        range_text(self.first, self.last)
    }

    /// How many addresses the pool has; `u128::MAX` for all there are, which is one more.
    pub fn size(&self) -> u128 {
        (u128::from(self.last) - u128::from(self.first)).saturating_add(1)
    }
}

/// A `pd-pools` entry: prefixes that are given dynamically.
#[derive(Clone, Debug)]
pub struct PdPool6 {
    /// `prefix` and `prefix-len`: where they are.
    pub prefix: Prefix6,
    /// `delegated-len`: how long each is; not less than the length of `prefix`, not more than 128.
    pub delegated_len: u8,
    /// `excluded-prefix` and `excluded-prefix-len`, as written: what a client must not use of its prefix (RFC 6603).
    /// Of other prefixes than the first, [`PdPool6::excluded_from`] it says.
    pub excluded: Option<Prefix6>,
    /// `pool-id`, 0 if none is written.
    pub id: u32,
    /// `client-classes`.
    pub guard: Guard,
    /// `evaluate-additional-classes`, in the order written.
    pub additional: Box<[ClassId]>,
    /// Options of the pool alone.
    pub options: Options6,
}

impl PdPool6 {
    /// Whether it is for clients of these classes. Those of its subnet are another question.
    pub fn fits(&self, classes: &ClassSet) -> bool {
        self.guard.admits(classes)
    }

    /// The prefix of the pool that holds `address`; `None` if the pool does not.
    pub fn prefix_at(&self, address: Ipv6Addr) -> Option<Prefix6> {
        let inside = self.prefix.contains(address);
        inside.then(|| Prefix6::new(address, self.delegated_len)).flatten()
    }

    /// What the client that has this prefix of the pool must not use of it: the same bits behind it as are written.
    pub fn excluded_from(&self, delegated: Ipv6Addr) -> Option<Prefix6> {
        let excluded = self.excluded?;
        let bits =
            u128::from(excluded.network()) ^ u128::from(excluded.network().first_of(self.delegated_len));
        Prefix6::new((u128::from(delegated) | bits).into(), excluded.prefix_len())
    }

    /// Its first and its last prefix.
    pub fn ends(&self) -> (Ipv6Addr, Ipv6Addr) {
        let last = Prefix6::new(self.prefix.last(), self.delegated_len);
        (self.prefix.network(), last.map_or(self.prefix.network(), Prefix6::network))
    }

    /// How many prefixes the pool has; `u128::MAX` for 2¹²⁸, which is one more.
    pub fn size(&self) -> u128 {
        let bits = self.delegated_len.saturating_sub(self.prefix.prefix_len());
        1_u128.checked_shl(bits.into()).unwrap_or(u128::MAX)
    }
}
