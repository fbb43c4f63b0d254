//! Prefixes, and ranges of addresses written as pools, of either family.

use std::fmt;
use std::hash::Hash;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// An address of one family.
pub trait Address: Copy + Ord + Hash + fmt::Display + fmt::Debug + FromStr {
    /// How many bits it has.
    const BITS: u8;
    /// What it is called: `IPv4`.
    const FAMILY: &'static str;
    /// An address that might be meant.
    const EXAMPLE: &'static str;
    /// A prefix that might be meant.
    const PREFIX: &'static str;
    /// Pools that might be meant.
    const POOLS: &'static str;

    /// The address with all but the first `len` bits cleared.
    #[must_use]
    fn first_of(self, len: u8) -> Self;

    /// The address with all but the first `len` bits set.
    #[must_use]
    fn last_of(self, len: u8) -> Self;

    /// The number it is.
    fn number(self) -> u128;
}

/// The address type of a family, whose number has the type `$bits`.
macro_rules! address {
    ($address:ty, $bits:ty, $family:literal, $example:literal, $prefix:literal, $pools:literal) => {
        impl Address for $address {
            const BITS: u8 = <$bits>::BITS as u8;
            const FAMILY: &'static str = $family;
            const EXAMPLE: &'static str = $example;
            const PREFIX: &'static str = $prefix;
            const POOLS: &'static str = $pools;

            fn first_of(self, len: u8) -> Self {
                let mask = <$bits>::MAX.checked_shl(<$bits>::BITS - u32::from(len)).unwrap_or(0);
                (<$bits>::from(self) & mask).into()
            }

            fn last_of(self, len: u8) -> Self {
                (<$bits>::from(self) | <$bits>::MAX.checked_shr(len.into()).unwrap_or(0)).into()
            }

            fn number(self) -> u128 {
                <$bits>::from(self).into()
            }
        }
    };
}

address!(Ipv4Addr, u32, "IPv4", "192.0.2.1", "192.0.2.0/24", "'192.0.2.10 - 192.0.2.20' or '192.0.2.16/28'");
address!(
    Ipv6Addr,
    u128,
    "IPv6",
    "2001:db8::1",
    "2001:db8::/64",
    "'2001:db8::10 - 2001:db8::20' or '2001:db8::/80'"
);

/// A prefix, `192.0.2.0/24`; host bits are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix<A> {
    network: A,
    len: u8,
}

/// An IPv4 prefix.
pub type Prefix4 = Prefix<Ipv4Addr>;
/// An IPv6 prefix.
pub type Prefix6 = Prefix<Ipv6Addr>;

impl<A: Address> Prefix<A> {
    /// The prefix of length `len` that holds `address`, host bits cleared; `None` when an address has fewer bits.
    pub fn new(address: A, len: u8) -> Option<Self> {
        (len <= A::BITS).then(|| Self { network: address.first_of(len), len })
    }

    /// The prefix of `address` alone.
    pub fn host(address: A) -> Self {
        Self { network: address, len: A::BITS }
    }

    /// The first address.
    pub fn network(self) -> A {
        self.network
    }

    /// The number of leading bits that are fixed, 0 to 32 or 128.
    pub fn prefix_len(self) -> u8 {
        self.len
    }

    /// The last address.
    pub fn last(self) -> A {
        self.network.last_of(self.len)
    }

    /// Whether `address` lies in the prefix.
    pub fn contains(self, address: A) -> bool {
        address.first_of(self.len) == self.network
    }

    /// Whether all of `other` lies in the prefix.
    pub fn covers(self, other: Self) -> bool {
        self.len <= other.len && self.contains(other.network)
    }
}

impl Prefix4 {
    /// The netmask, as option 1 carries it.
    pub fn netmask(self) -> Ipv4Addr {
        Ipv4Addr::BROADCAST.first_of(self.len)
    }
}

/// A text is no prefix of the family of `A`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPrefix {
    family: &'static str,
    example: &'static str,
}

impl NoPrefix {
    fn of<A: Address>() -> Self {
        Self { family: A::FAMILY, example: A::PREFIX }
    }
}

impl fmt::Display for NoPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is not an {} prefix such as '{}'", self.family, self.example)
    }
}

impl std::error::Error for NoPrefix {}

impl<A: Address> FromStr for Prefix<A> {
    type Err = NoPrefix;

    /// Reads `192.0.2.0/24`. Host bits may be set; they are cleared, as Kea does.
    fn from_str(text: &str) -> Result<Self, NoPrefix> {
        let read = || {
            let (address, len) = text.split_once('/')?;
            Self::new(address.trim().parse().ok()?, len.trim().parse().ok()?)
        };
        read().ok_or_else(NoPrefix::of::<A>)
    }
}

impl<A: Address> fmt::Display for Prefix<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.len)
    }
}

/// Why a text is no `pool`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPool {
    /// It is neither two addresses nor a prefix. With pools that might be meant.
    Unreadable(&'static str),
    /// The first address is above the last.
    Reversed,
}

impl fmt::Display for NoPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(pools) => write!(f, "is not a pool such as {pools}"),
            Self::Reversed => f.write_str("is a pool that begins above its end"),
        }
    }
}

impl std::error::Error for NoPool {}

/// Reads a `pool`: `192.0.2.10 - 192.0.2.20` or `192.0.2.16/28`; the lowest and the highest address.
///
/// # Errors
/// When it is none.
pub fn parse_pool<A: Address>(text: &str) -> Result<(A, A), NoPool> {
    let unreadable = NoPool::Unreadable(A::POOLS);
    if let Some((first, last)) = text.split_once('-') {
        let address = |text: &str| text.trim().parse::<A>().map_err(|_| unreadable);
        let (first, last) = (address(first)?, address(last)?);
        return if first > last { Err(NoPool::Reversed) } else { Ok((first, last)) };
    }
    let prefix: Prefix<A> = text.parse().map_err(|_| unreadable)?;
    Ok((prefix.network(), prefix.last()))
}

/// A range of addresses as `config-get` shows it: as a prefix if it is one, else as `first-last`.
pub(crate) fn range_text<A: Address>(first: A, last: A) -> String {
    let differing = first.number() ^ last.number();
    // Those from a prefix's first address to its last differ in all low bits, and only there.
    let len = A::BITS.saturating_sub(differing.count_ones() as u8);
    match Prefix::new(first, len) {
        Some(prefix) if (prefix.network(), prefix.last()) == (first, last) => prefix.to_string(),
        _ => format!("{first}-{last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ends of the range of prefix lengths work, which shifts by 32 would not.
    #[test]
    fn every_length_has_its_mask() {
        let all = Prefix4::new(Ipv4Addr::new(192, 0, 2, 77), 0).unwrap();
        assert_eq!((all.network(), all.last()), (Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST));
        let one = Prefix4::new(Ipv4Addr::new(192, 0, 2, 77), 32).unwrap();
        assert!(one.contains(Ipv4Addr::new(192, 0, 2, 77)) && !one.contains(Ipv4Addr::new(192, 0, 2, 78)));
        let net = Prefix4::new(Ipv4Addr::new(192, 0, 2, 77), 24).unwrap();
        assert_eq!(net.to_string(), "192.0.2.0/24");
        assert_eq!(net.netmask(), Ipv4Addr::new(255, 255, 255, 0));
        assert!(Prefix4::new(Ipv4Addr::LOCALHOST, 33).is_none());
        let all = Prefix6::new(Ipv6Addr::LOCALHOST, 0).unwrap();
        assert_eq!((all.network(), all.last()), (Ipv6Addr::UNSPECIFIED, Ipv6Addr::from(u128::MAX)));
        let net: Prefix6 = "2001:DB8::77/64".parse().unwrap();
        assert_eq!(net.to_string(), "2001:db8::/64");
        assert_eq!(net.last().to_string(), "2001:db8::ffff:ffff:ffff:ffff");
        assert!(Prefix6::new(Ipv6Addr::LOCALHOST, 129).is_none());
    }

    /// A prefix covers itself and what is longer, within it.
    #[test]
    fn prefixes_cover_longer_ones() {
        let [net, own, other]: [Prefix6; 3] =
            ["2001:db8::/48", "2001:db8:0:ff::/56", "2001:db8:1::/56"].map(|text| text.parse().unwrap());
        assert!(net.covers(net) && net.covers(own) && !own.covers(net) && !net.covers(other));
    }

    /// Pools are shown as prefixes where they are such.
    #[test]
    fn ranges_are_shown_as_prefixes() {
        let four = |text| parse_pool::<Ipv4Addr>(text).map(|(first, last)| range_text(first, last));
        assert_eq!(four("10.0.0.0 - 10.0.0.255").as_deref(), Ok("10.0.0.0/24"));
        assert_eq!(four("10.0.0.1-10.0.0.254").as_deref(), Ok("10.0.0.1-10.0.0.254"));
        assert_eq!(four("10.0.0.7-10.0.0.7").as_deref(), Ok("10.0.0.7/32"));
        assert_eq!(four("0.0.0.0 - 255.255.255.255").as_deref(), Ok("0.0.0.0/0"));
        assert_eq!(four("10.0.0.7-10.0.0.6"), Err(NoPool::Reversed));
        let six = |text| parse_pool::<Ipv6Addr>(text).map(|(first, last)| range_text(first, last));
        assert_eq!(six("2001:db8::-2001:db8::ffff").as_deref(), Ok("2001:db8::/112"));
        assert_eq!(six("2001:db8::1 - 2001:db8::FFFF").as_deref(), Ok("2001:db8::1-2001:db8::ffff"));
        assert_eq!(six("::/0").as_deref(), Ok("::/0"));
        assert!(six("10.0.0.0/8").is_err() && six("2001:db8::/129").is_err());
    }
}
