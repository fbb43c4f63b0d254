//! Who may ask.

use std::collections::HashSet;
use std::hash::Hash;

use kotare_config::{Address, Prefix};

use crate::arguments::ip_address;

/// Addresses and prefixes of those who may ask.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Requesters<A: Eq + Hash> {
    addresses: HashSet<A>,
    prefixes: Vec<Prefix<A>>,
}

impl<A: Address> Requesters<A> {
    /// Adds what is written: an address, or a prefix.
    ///
    /// # Errors
    /// Why it is neither, or that it is there already.
    pub(super) fn add(&mut self, text: &str) -> Result<(), String> {
        let address = |text: &str| {
            text.parse::<A>().map_err(|_| match ip_address(text) {
                Ok(_) => format!("not a {} address", A::FAMILY),
                Err(reason) => reason,
            })
        };
        match text.split_once('/') {
            None => {
                let address = address(text)?;
                if self.contains_one(address) {
                    return Err("address is already in the list".to_owned());
                }
                self.addresses.insert(address);
            }
            Some((first, len)) => {
                let first = address(first)?;
                let prefix = len.parse().ok().and_then(|len| Prefix::new(first, len));
                let prefix = prefix.ok_or_else(|| format!("prefix length {len} is out of range"))?;
                if self.prefixes.contains(&prefix) {
                    return Err("entry already exists".to_owned());
                }
                self.prefixes.push(prefix);
            }
        }
        Ok(())
    }

    /// Whether who has this address may ask.
    pub(super) fn contain(&self, address: A) -> bool {
        self.contains_one(address) || self.prefixes.iter().any(|prefix| prefix.contains(address))
    }

    /// Whether there can be more than one.
    pub(super) fn are_several(&self) -> bool {
        self.addresses.len() > 1 || !self.prefixes.is_empty()
    }

    fn contains_one(&self, address: A) -> bool {
        self.addresses.contains(&address)
    }
}

impl<A: Eq + Hash> Default for Requesters<A> {
    fn default() -> Self {
        Self { addresses: HashSet::new(), prefixes: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    /// Addresses and what lies in prefixes; nothing twice, nothing of the other family.
    #[test]
    fn addresses_and_prefixes_may_ask() {
        let mut requesters = Requesters::<Ipv4Addr>::default();
        assert_eq!(requesters.add("192.0.2.1"), Ok(()));
        assert!(!requesters.are_several());
        assert_eq!(requesters.add("10.0.0.0/24"), Ok(()));
        assert!(requesters.are_several());
        for wrong in
            ["192.0.2.1", "10.0.0.0/24", "2001:db8::1", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "x", ""]
        {
            assert!(requesters.add(wrong).is_err(), "{wrong}");
        }
        let may = |text: &str| requesters.contain(text.parse().unwrap());
        assert!(may("192.0.2.1") && may("10.0.0.0") && may("10.0.0.255"));
        assert!(!may("192.0.2.2") && !may("10.0.1.0"));
        let mut requesters = Requesters::<Ipv6Addr>::default();
        assert!(requesters.add("2001:db8::/64").is_ok() && requesters.add("192.0.2.1").is_err());
        assert!(requesters.contain("2001:db8::7".parse().unwrap()));
    }
}
