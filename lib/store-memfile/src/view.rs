//! A lease as its parts, borrowed: what rows, records and leases of either family have in common.

use std::fmt;

use kotare_model::{Lease4, LeaseState, Lifetime, SubnetId, Timestamp};
use kotare_store::StoreError;

use crate::kept::Kept;

/// A lease's parts, wherever they are kept. Equal views are equal leases.
pub struct View<'a, L: Kept = Lease4> {
    pub(crate) address: L::Address,
    /// Empty if there is none.
    pub(crate) hwaddr: &'a [u8],
    /// Of DHCPv4 the client identifier, empty if the client sent none; of DHCPv6 the DUID.
    pub(crate) client_id: &'a [u8],
    pub(crate) valid_lifetime: Lifetime,
    pub(crate) cltt: Timestamp,
    pub(crate) subnet_id: SubnetId,
    pub(crate) fqdn_fwd: bool,
    pub(crate) fqdn_rev: bool,
    /// Any bytes; empty if there is none.
    pub(crate) hostname: &'a [u8],
    pub(crate) state: LeaseState,
    /// UTF-8.
    pub(crate) user_context: Option<&'a [u8]>,
    pub(crate) pool_id: u32,
    /// What leases of the other family do not have.
    pub(crate) own: L::Own,
}

impl<L: Kept> Clone for View<'_, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L: Kept> Copy for View<'_, L> {}

impl<L: Kept> PartialEq for View<'_, L> {
    fn eq(&self, other: &Self) -> bool {
        // What changes most often comes first.
        (self.cltt, self.valid_lifetime, self.state) == (other.cltt, other.valid_lifetime, other.state)
            && (self.address, self.subnet_id, self.pool_id) == (other.address, other.subnet_id, other.pool_id)
            && (self.fqdn_fwd, self.fqdn_rev, self.own) == (other.fqdn_fwd, other.fqdn_rev, other.own)
            && (self.hwaddr, self.client_id) == (other.hwaddr, other.client_id)
            && (self.hostname, self.user_context) == (other.hostname, other.user_context)
    }
}

impl<L: Kept> View<'_, L> {
    /// The most bytes a host name may have: far more than DNS allows (RFC 1035 §2.3.4: 255).
    pub(crate) const HOSTNAME_MAX: usize = u16::MAX as usize;

    /// The lease.
    pub(crate) fn to_lease(self) -> L {
        L::of(self)
    }

    /// When the lease ends.
    pub(crate) fn expires(&self) -> Timestamp {
        end(self.cltt, self.valid_lifetime)
    }

    /// What is demanded of a lease before it is written or believed.
    pub(crate) fn check(&self) -> Result<(), Unfit> {
        if self.hostname.len() > Self::HOSTNAME_MAX {
            return Err(Unfit::LongName(self.hostname.len(), Self::HOSTNAME_MAX));
        }
        L::check(self)
    }
}

impl<L: Kept> fmt::Display for View<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = Vec::new();
        L::render(self, &mut row);
        f.write_str(String::from_utf8_lossy(&row).trim_end())
    }
}

/// Why a lease cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Neither hardware address nor client identifier, in a state that needs one.
    Nobody(LeaseState),
    /// No DUID, in a state that needs one.
    NoDuid(LeaseState),
    /// An address with a prefix length.
    NoPrefix(u8),
    /// A prefix with bits beyond its length, or of an impossible length.
    LongPrefix(std::net::Ipv6Addr, u8),
    /// A host name of this many bytes, where so many are allowed.
    LongName(usize, usize),
}

impl Unfit {
    /// As the answer to an attempt to write it.
    pub(crate) fn error(self, address: impl fmt::Display) -> StoreError {
        StoreError::refused(format!("write the lease of {address}"), self)
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody(state) => write!(
                f,
                "neither a hardware address nor a client identifier, which only a declined lease may lack \
                 (state {})",
                state.name()
            ),
            Self::NoDuid(state) => {
                write!(f, "the empty DUID, which only a declined lease may have (state {})", state.name())
            }
            Self::NoPrefix(length) => {
                write!(f, "a prefix length of {length}, which only a delegated prefix may have")
            }
            Self::LongPrefix(prefix, length) => write!(f, "{prefix} is no prefix of {length} bits"),
            Self::LongName(length, most) => {
                write!(f, "a host name of {length} bytes where at most {most} are kept")
            }
        }
    }
}

impl std::error::Error for Unfit {}

/// When a lease ends that was given or renewed at a time.
pub(crate) fn end(cltt: Timestamp, valid_lifetime: Lifetime) -> Timestamp {
    if valid_lifetime == Lifetime::INFINITE {
        return Timestamp::NEVER;
    }
    Timestamp(cltt.0.saturating_add(i64::from(valid_lifetime.0)))
}
