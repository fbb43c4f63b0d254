//! A lease as its parts, borrowed: what rows, records and [`Lease4`] have in common.

use std::fmt;
use std::net::Ipv4Addr;

use kotare_model::{ClientId, HostName, HwAddr, Lease4, LeaseState, Lifetime, SubnetId, Timestamp};
use kotare_store::StoreError;

/// A lease's parts, wherever they are kept. Equal views are equal leases.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct View<'a> {
    pub(crate) address: Ipv4Addr,
    pub(crate) hwaddr: &'a [u8],
    /// Empty if the client sent none.
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
}

/// What kind of client identifier a lease has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ClientIdKind {
    None,
    /// The hardware address says it ([`View::is_usual`]).
    Usual,
    Unusual,
}

impl ClientIdKind {
    /// All there are.
    pub(crate) const ALL: [Self; 3] = [Self::None, Self::Usual, Self::Unusual];
}

impl<'a> View<'a> {
    /// The most bytes a host name may have: far more than DNS allows (RFC 1035 §2.3.4: 255).
    pub(crate) const HOSTNAME_MAX: usize = u16::MAX as usize;

    /// The parts of `lease`.
    pub(crate) fn of(lease: &'a Lease4) -> Self {
        Self {
            address: lease.address,
            hwaddr: lease.hwaddr.as_bytes(),
            client_id: lease.client_id.as_ref().map_or(&[], ClientId::as_bytes),
            valid_lifetime: lease.valid_lifetime,
            cltt: lease.cltt,
            subnet_id: lease.subnet_id,
            fqdn_fwd: lease.fqdn_fwd,
            fqdn_rev: lease.fqdn_rev,
            hostname: lease.hostname.as_bytes(),
            state: lease.state,
            user_context: lease.user_context.as_deref().map(str::as_bytes),
            pool_id: lease.pool_id,
        }
    }

    /// The lease. The hardware type is Ethernet, as lease files do not keep it.
    pub(crate) fn to_lease(self) -> Lease4 {
        Lease4 {
            address: self.address,
            hwaddr: HwAddr::new(HwAddr::ETHERNET, self.hwaddr).unwrap_or(HwAddr::empty(HwAddr::ETHERNET)),
            client_id: (!self.client_id.is_empty()).then(|| ClientId::new(self.client_id).ok()).flatten(),
            valid_lifetime: self.valid_lifetime,
            cltt: self.cltt,
            subnet_id: self.subnet_id,
            fqdn_fwd: self.fqdn_fwd,
            fqdn_rev: self.fqdn_rev,
            hostname: HostName::new(self.hostname),
            state: self.state,
            user_context: self.user_context.map(|text| String::from_utf8_lossy(text).into()),
            pool_id: self.pool_id,
        }
    }

    /// Whether the client identifier is the usual one: 1 (Ethernet) and the hardware address (RFC 2132 §9.14). Then one
    /// can be told from the other.
    pub(crate) fn is_usual(&self) -> bool {
        matches!(self.client_id, [1, rest @ ..] if rest == self.hwaddr)
    }

    /// The client identifier if it is not the usual one, which is found by the hardware address.
    pub(crate) fn unusual_client_id(&self) -> &'a [u8] {
        if self.is_usual() { &[] } else { self.client_id }
    }

    /// What kind of client identifier it has.
    pub(crate) fn client_id_kind(&self) -> ClientIdKind {
        match self.client_id {
            [] => ClientIdKind::None,
            _ if self.is_usual() => ClientIdKind::Usual,
            _ => ClientIdKind::Unusual,
        }
    }

    /// When the lease ends.
    pub(crate) fn expires(&self) -> Timestamp {
        if self.valid_lifetime == Lifetime::INFINITE {
            return Timestamp::NEVER;
        }
        Timestamp(self.cltt.0.saturating_add(i64::from(self.valid_lifetime.0)))
    }

    /// What Kea demands of a lease before it writes or believes it.
    pub(crate) fn check(&self) -> Result<(), Unfit> {
        if self.hwaddr.is_empty() && self.client_id.is_empty() && self.state != LeaseState::Declined {
            return Err(Unfit::Nobody(self.state));
        }
        if self.hostname.len() > Self::HOSTNAME_MAX {
            return Err(Unfit::LongName(self.hostname.len()));
        }
        Ok(())
    }
}

impl fmt::Display for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = Vec::new();
        crate::row::render(self, &mut row);
        f.write_str(String::from_utf8_lossy(&row).trim_end())
    }
}

/// Why a lease cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// Neither hardware address nor client identifier, in a state that needs one.
    Nobody(LeaseState),
    /// A host name of this many bytes.
    LongName(usize),
}

impl Unfit {
    /// As the answer to an attempt to write it.
    pub(crate) fn error(self, address: Ipv4Addr) -> StoreError {
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
            Self::LongName(length) => {
                write!(f, "a host name of {length} bytes where at most {} are kept", View::HOSTNAME_MAX)
            }
        }
    }
}

impl std::error::Error for Unfit {}
