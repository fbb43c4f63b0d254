//! Leases of DHCPv6.

use std::fmt;
use std::net::Ipv6Addr;

use crate::lease::ends;
use crate::{Duid, HostName, HwAddr, LeaseState, Lifetime, SubnetId, Timestamp};

/// What a DHCPv6 lease is of, with the numbers lease files and databases carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum LeaseType {
    /// An address, of an IA_NA.
    #[default]
    Na = 0,
    /// A temporary address, of an IA_TA. Nobody gives such leases; files may have them.
    Ta = 1,
    /// A prefix, of an IA_PD.
    Pd = 2,
}

impl LeaseType {
    /// The type of this number, if there is one.
    pub fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::Na,
            1 => Self::Ta,
            2 => Self::Pd,
            _ => return None,
        })
    }

    /// Kea's name: `IA_NA`, `IA_TA`, `IA_PD`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Na => "IA_NA",
            Self::Ta => "IA_TA",
            Self::Pd => "IA_PD",
        }
    }
}

impl fmt::Display for LeaseType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a client's hardware address was found (`mac-sources`), with the bits lease files and databases carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum HwAddrSource {
    /// Nobody noted it.
    #[default]
    Unknown = 0,
    /// In the frame of the message.
    Raw = 0x01,
    /// In the client's DUID.
    Duid = 0x02,
    /// In the client's link-local address, which was made of it.
    Ipv6LinkLocal = 0x04,
    /// In the option of a relay agent (79, RFC 6939).
    ClientAddrRelayOption = 0x08,
    /// In the remote identifier of a relay agent.
    RemoteId = 0x10,
    /// In the subscriber identifier of a relay agent.
    SubscriberId = 0x20,
    /// In what a cable modem termination system says of a modem.
    DocsisCmts = 0x40,
    /// In what a cable modem says of itself.
    DocsisModem = 0x80,
}

impl HwAddrSource {
    /// The source of this bit, if there is one.
    pub fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::Unknown,
            0x01 => Self::Raw,
            0x02 => Self::Duid,
            0x04 => Self::Ipv6LinkLocal,
            0x08 => Self::ClientAddrRelayOption,
            0x10 => Self::RemoteId,
            0x20 => Self::SubscriberId,
            0x40 => Self::DocsisCmts,
            0x80 => Self::DocsisModem,
            _ => return None,
        })
    }
}

/// A DHCPv6 client's hardware address, and where it was found. Unlike those of DHCPv4, lease files keep its type.
#[derive(Clone, Copy, Debug)]
pub struct HwAddr6 {
    /// The address and its type.
    pub address: HwAddr,
    /// Where it was found.
    pub source: HwAddrSource,
}

impl PartialEq for HwAddr6 {
    fn eq(&self, other: &Self) -> bool {
        (self.address, self.address.htype(), self.source)
            == (other.address, other.address.htype(), other.source)
    }
}

impl Eq for HwAddr6 {}

/// A DHCPv6 lease. Its fields are the columns of Kea's `kea-leases6.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease6 {
    /// The leased address or prefix: the key. No two leases begin with the same bits.
    pub address: Ipv6Addr,
    /// How many bits of it are the client's to choose the rest: 128 for an address.
    pub prefix_len: u8,
    /// What it is a lease of.
    pub lease_type: LeaseType,
    /// Which of its client's associations it belongs to.
    pub iaid: u32,
    /// Whose it is; [empty](Duid::empty) for a declined lease.
    pub duid: Duid,
    /// How long it is to be used for what begins, from `cltt`.
    pub preferred_lifetime: Lifetime,
    /// How long the lease is valid from `cltt`.
    pub valid_lifetime: Lifetime,
    /// Client last transaction time: when the lease was given or extended.
    pub cltt: Timestamp,
    /// The subnet it was given from.
    pub subnet_id: SubnetId,
    /// Whether the server updated the forward (AAAA) record.
    pub fqdn_fwd: bool,
    /// Whether the server updated the reverse (PTR) record.
    pub fqdn_rev: bool,
    /// The client's name as sent to it or to DNS; empty if none. Lower case.
    pub hostname: HostName,
    /// The client's hardware address, if one was found.
    pub hwaddr: Option<HwAddr6>,
    /// What became of the lease.
    pub state: LeaseState,
    /// JSON text of a map, or none.
    pub user_context: Option<Box<str>>,
    /// `pool-id` of the pool it came from; 0 if it has none.
    pub pool_id: u32,
}

ends!(Lease6);

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of lease files name what they name, and others nothing.
    #[test]
    fn numbers_are_those_of_lease_files() {
        for number in 0..300 {
            assert!(LeaseType::from_number(number).is_none_or(|kind| kind as u32 == number));
            assert!(HwAddrSource::from_number(number).is_none_or(|source| source as u32 == number));
        }
        assert_eq!((0..300).filter_map(LeaseType::from_number).count(), 3);
        assert_eq!((0..300).filter_map(HwAddrSource::from_number).count(), 9);
    }
}
