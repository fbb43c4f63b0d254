//! What a lease of DHCPv6 takes.

use std::fmt;
use std::net::Ipv6Addr;

use kotare_config::Prefix6;
use kotare_model::{Lease6, LeaseType};

/// What a lease of DHCPv6 takes: an address or a prefix. An address and a prefix that it is in are not in each other's
/// way: the client of a prefix can have an address of what it must not use itself (RFC 6603).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place6 {
    /// One address.
    Address(Ipv6Addr),
    /// All addresses that begin with the same bits.
    Prefix(Prefix6),
}

impl Place6 {
    /// What a lease takes.
    pub(crate) fn of(lease: &Lease6) -> Self {
        let prefix = || Prefix6::new(lease.address, lease.prefix_len);
        match lease.lease_type {
            LeaseType::Pd => prefix().map_or(Self::Address(lease.address), Self::Prefix),
            LeaseType::Na | LeaseType::Ta => Self::Address(lease.address),
        }
    }

    /// Its first address.
    pub(crate) fn address(self) -> Ipv6Addr {
        match self {
            Self::Address(address) => address,
            Self::Prefix(prefix) => prefix.network(),
        }
    }

    /// Its last address.
    pub(crate) fn last(self) -> Ipv6Addr {
        match self {
            Self::Address(address) => address,
            Self::Prefix(prefix) => prefix.last(),
        }
    }

    /// Whether it is a prefix that can be delegated.
    pub(crate) fn is_prefix(self) -> bool {
        matches!(self, Self::Prefix(_))
    }

    /// The bits that all of it begins with.
    pub(crate) fn prefix(self) -> Option<Prefix6> {
        match self {
            Self::Address(address) => Prefix6::new(address, 128),
            Self::Prefix(prefix) => Some(prefix),
        }
    }
}

impl fmt::Display for Place6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Prefix(prefix) => prefix.fmt(f),
        }
    }
}
