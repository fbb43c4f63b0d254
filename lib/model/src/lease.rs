//! Leases: which address a client holds, until when, and in what state.

use std::fmt;
use std::net::Ipv4Addr;

use crate::{ClientId, HostName, HwAddr, LeaseType, Lifetime, Timestamp};

/// A subnet's identifier, `id` in the configuration: 1 to 4294967294. 0 is "none" (global) in statistics and
/// reservations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubnetId(pub u32);

impl SubnetId {
    /// No subnet in particular: that of global reservations.
    pub const GLOBAL: Self = Self(0);
}

impl fmt::Display for SubnetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The state of a lease, with the numbers lease files and databases carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum LeaseState {
    /// Assigned to a client (`default` in Kea's text).
    #[default]
    Assigned = 0,
    /// Declined by its client: in probation, held by nobody.
    Declined = 1,
    /// Expired and reclaimed, kept so that its client may get it again.
    ExpiredReclaimed = 2,
    /// Released by its client and kept (`release` with affinity; since Kea 2.7).
    Released = 3,
    /// Registered by its client (RFC 9686; DHCPv6 only).
    Registered = 4,
}

impl LeaseState {
    /// The state of this number, if there is one.
    pub fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::Assigned,
            1 => Self::Declined,
            2 => Self::ExpiredReclaimed,
            3 => Self::Released,
            4 => Self::Registered,
            _ => return None,
        })
    }

    /// Whether somebody holds a lease in this state: assigned, in probation or registered.
    pub fn is_held(self) -> bool {
        matches!(self, Self::Assigned | Self::Declined | Self::Registered)
    }

    /// Kea's name: `default`, `declined`, `expired-reclaimed`, `released`, `registered`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Assigned => "default",
            Self::Declined => "declined",
            Self::ExpiredReclaimed => "expired-reclaimed",
            Self::Released => "released",
            Self::Registered => "registered",
        }
    }
}

/// A DHCPv4 lease. Its fields are the columns of Kea's `kea-leases4.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease4 {
    /// The leased address: the key.
    pub address: Ipv4Addr,
    /// The client's hardware address; empty for a declined lease or a client that has none.
    pub hwaddr: HwAddr,
    /// The client's identifier, if it sent one.
    pub client_id: Option<ClientId>,
    /// How long the lease is valid from `cltt`.
    pub valid_lifetime: Lifetime,
    /// Client last transaction time: when the lease was given or extended.
    pub cltt: Timestamp,
    /// The subnet the address was given from.
    pub subnet_id: SubnetId,
    /// Whether the server updated the forward (A) record.
    pub fqdn_fwd: bool,
    /// Whether the server updated the reverse (PTR) record.
    pub fqdn_rev: bool,
    /// The client's name as sent to it or to DNS; empty if none. Lower case.
    pub hostname: HostName,
    /// What became of the lease.
    pub state: LeaseState,
    /// JSON text of a map, or none.
    pub user_context: Option<Box<str>>,
    /// `pool-id` of the pool the address came from; 0 if it has none.
    pub pool_id: u32,
}

/// What a lease of either family says of its end.
macro_rules! ends {
    ($lease:ident) => {
        impl $lease {
            /// When the lease ends; [`Timestamp::NEVER`] for an infinite one.
            pub fn expires(&self) -> Timestamp {
                self.cltt.after(self.valid_lifetime)
            }

            /// Whether the lease has ended by `now`. Kea counts the second of expiry as ended.
            pub fn expired(&self, now: Timestamp) -> bool {
                self.expires() <= now
            }

            /// Whether somebody holds it at `now`: assigned, registered or in probation, and not expired.
            pub fn held(&self, now: Timestamp) -> bool {
                self.state.is_held() && !self.expired(now)
            }
        }
    };
}
pub(crate) use ends;

ends!(Lease4);

/// How many leases are in which state, for one subnet, kind of lease and pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The leases' subnet, configured or not.
    pub subnet: SubnetId,
    /// What they are leases of: addresses, but for delegated prefixes of DHCPv6.
    pub lease_type: LeaseType,
    /// The leases' `pool-id`.
    pub pool_id: u32,
    /// Leases in state assigned.
    pub assigned: u64,
    /// Leases in probation.
    pub declined: u64,
    /// Leases in state registered (RFC 9686).
    pub registered: u64,
}

impl Tally {
    /// Whether it counts no lease at all.
    pub fn is_empty(&self) -> bool {
        self.assigned + self.declined + self.registered == 0
    }
}

/// When a change of a lease counts as kept, so that a reply may promise it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the operating system has it (`write`): survives the end of this process. What Kea does.
    #[default]
    Process,
    /// When the disk has it (`fdatasync`): survives a power cut.
    System,
}
