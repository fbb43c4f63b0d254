//! IPv4 prefixes.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// An IPv4 prefix, `192.0.2.0/24`; host bits are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix4 {
    network: Ipv4Addr,
    len: u8,
}

impl Prefix4 {
    /// The prefix of length `len` that holds `address`, host bits cleared; `None` when `len` is over 32.
    pub fn new(address: Ipv4Addr, len: u8) -> Option<Self> {
        (len <= 32).then(|| Self { network: (u32::from(address) & Self::mask_of(len)).into(), len })
    }

    /// The first address.
    pub fn network(self) -> Ipv4Addr {
        self.network
    }

    /// The number of leading bits that are fixed, 0 to 32.
    pub fn prefix_len(self) -> u8 {
        self.len
    }

    /// The netmask, as option 1 carries it.
    pub fn netmask(self) -> Ipv4Addr {
        Self::mask_of(self.len).into()
    }

    /// The last address.
    pub fn last(self) -> Ipv4Addr {
        (u32::from(self.network) | !Self::mask_of(self.len)).into()
    }

    /// Whether `address` lies in the prefix.
    pub fn contains(self, address: Ipv4Addr) -> bool {
        u32::from(address) & Self::mask_of(self.len) == u32::from(self.network)
    }

    fn mask_of(len: u8) -> u32 {
        u32::MAX.checked_shl(32 - u32::from(len)).unwrap_or(0)
    }
}

/// A text is no IPv4 prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPrefix;

impl fmt::Display for NoPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not an IPv4 prefix such as '192.0.2.0/24'")
    }
}

impl std::error::Error for NoPrefix {}

impl FromStr for Prefix4 {
    type Err = NoPrefix;

    /// Reads `192.0.2.0/24`. Host bits may be set; they are cleared, as Kea does.
    fn from_str(text: &str) -> Result<Self, NoPrefix> {
        let (address, len) = text.split_once('/').ok_or(NoPrefix)?;
        let address = address.trim().parse().map_err(|_| NoPrefix)?;
        Self::new(address, len.trim().parse().map_err(|_| NoPrefix)?).ok_or(NoPrefix)
    }
}

impl fmt::Display for Prefix4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.len)
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
    }
}
