//! The addresses that servers of DHCP are there for.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// Sets of addresses, found fast however many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges {
    /// The first address of each range of IPv4 and its last one.
    v4: BTreeMap<u128, u128>,
    v6: BTreeMap<u128, u128>,
}

impl Ranges {
    /// Takes in the subnet of this address in which so many bits are the same. Subnets are apart or one in another.
    pub fn add(&mut self, address: IpAddr, length: u8) {
        let (ranges, bits, width) = match address {
            IpAddr::V4(address) => (&mut self.v4, u128::from(address.to_bits()), 32),
            IpAddr::V6(address) => (&mut self.v6, address.to_bits(), 128),
        };
        let free = u32::from(width - length.min(width));
        let host = 1_u128.checked_shl(free).map_or(u128::MAX, |size| size - 1);
        let (first, last) = (bits & !host, bits | host);
        let before = ranges.range(..=first).next_back();
        if before.is_none_or(|(_, end)| *end < last) {
            // Those within it are part of it from now on, so that all are apart.
            let within: Vec<u128> = ranges.range(first..=last).map(|(start, _)| *start).collect();
            within.iter().for_each(|start| _ = ranges.remove(start));
            ranges.insert(first, last);
        }
    }

    /// Whether an address is in one of them.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (ranges, bits) = match address {
            IpAddr::V4(address) => (&self.v4, u128::from(address.to_bits())),
            IpAddr::V6(address) => (&self.v6, address.to_bits()),
        };
        ranges.range(..=bits).next_back().is_some_and(|(_, last)| bits <= *last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_subnets() {
        let mut ranges = Ranges::default();
        for (address, length) in
            [("192.0.2.0", 25), ("10.1.0.0", 24), ("10.0.0.0", 8), ("10.2.0.0", 24), ("2001:db8::", 64)]
        {
            ranges.add(address.parse().expect("an address"), length);
        }
        for (address, is_in) in [
            ("192.0.2.127", true),
            ("192.0.2.128", false),
            ("192.0.1.255", false),
            ("10.1.1.1", true),
            ("10.255.255.255", true),
            ("9.255.255.255", false),
            ("2001:db8::1", true),
            ("2001:db8:0:1::", false),
            ("::a00:1", false),
        ] {
            assert_eq!(ranges.contains(address.parse().expect("an address")), is_in, "{address}");
        }
        let mut all = Ranges::default();
        all.add("::".parse().expect("an address"), 0);
        assert!(all.contains("ffff::1".parse().expect("an address")));
        assert!(!all.contains("192.0.2.1".parse().expect("an address")));
    }
}
