//! What stores keep, and what can be asked for: leases of either family.

use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use kotare_model::{HwAddr, Lease4, Lease6, LeaseState, LeaseType, SubnetId, Timestamp};

/// What a [`LeaseStore`](crate::LeaseStore) keeps: a lease with a unique address and some ways to ask for it.
///
/// What leases of both families have is asked of it by those who serve both; whoever knows which one it has looks at the
/// fields.
pub trait Lease: Clone + PartialEq + fmt::Debug + Send + Sync + 'static {
    /// The unique key.
    type Address: Copy + Ord + Hash + Into<IpAddr> + fmt::Display + fmt::Debug + Send + Sync + 'static;
    /// A question that [`LeaseStore::get`](crate::LeaseStore::get) answers.
    type By<'a>: Copy + Send;

    /// The question for the lease of an address.
    fn by_address<'a>(address: Self::Address) -> Self::By<'a>;

    /// The key of this lease.
    fn address(&self) -> Self::Address;

    /// The subnet it was given from.
    fn subnet_id(&self) -> SubnetId;

    /// What it is a lease of: an address, or a prefix of DHCPv6.
    fn lease_type(&self) -> LeaseType;

    /// `pool-id` of its pool.
    fn pool_id(&self) -> u32;

    /// What became of it.
    fn state(&self) -> LeaseState;

    /// When it was given or extended last.
    fn cltt(&self) -> Timestamp;

    /// When it ends; [`Timestamp::NEVER`] for an infinite one.
    fn expires(&self) -> Timestamp;

    /// What else is kept with it: JSON text.
    fn user_context(&self) -> Option<&str>;
}

/// What both have under the same names.
macro_rules! fields {
    () => {
        fn address(&self) -> Self::Address {
            self.address
        }

        fn subnet_id(&self) -> SubnetId {
            self.subnet_id
        }

        fn pool_id(&self) -> u32 {
            self.pool_id
        }

        fn state(&self) -> LeaseState {
            self.state
        }

        fn cltt(&self) -> Timestamp {
            self.cltt
        }

        fn expires(&self) -> Timestamp {
            self.expires()
        }

        fn user_context(&self) -> Option<&str> {
            self.user_context.as_deref()
        }
    };
}

impl Lease for Lease4 {
    type Address = Ipv4Addr;
    type By<'a> = By4<'a>;

    fn by_address<'a>(address: Ipv4Addr) -> By4<'a> {
        By4::Address(address)
    }

    fields!();

    fn lease_type(&self) -> LeaseType {
        LeaseType::Na
    }
}

/// Which DHCPv4 leases are asked for. Leases in every state are found; the caller judges.
#[derive(Clone, Copy, Debug)]
pub enum By4<'a> {
    /// The lease of this address.
    Address(Ipv4Addr),
    /// All leases with this client identifier, in any subnet.
    ClientId(&'a [u8]),
    /// All leases with this hardware address, in any subnet.
    HwAddr(&'a HwAddr),
    /// Of the leases with this client identifier in these subnets (by id, ascending) the most recent one of each subnet:
    /// the latest `cltt`, of the same ones the highest address. Of more than [`FEW`] in a subnet only so many need be
    /// looked at.
    ClientIdOn(&'a [u8], &'a [SubnetId]),
    /// Of the leases with this hardware address in these subnets (by id, ascending) the most recent one of each subnet
    /// with and the one without a client identifier, in the same way.
    HwAddrOn(&'a HwAddr, &'a [SubnetId]),
    /// Of these the ones without a client identifier.
    NamelessOn(&'a HwAddr, &'a [SubnetId]),
    /// All leases with this host name (lower case), in any subnet. Nothing that a client waits for asks this.
    Hostname(&'a str),
}

/// So many leases of one client in one subnet are looked at. Honest clients have fewer: what makes its way into a running
/// system under several identifiers has one for each stage. A client with more is not worth more work.
pub const FEW: usize = 4;

impl Lease for Lease6 {
    type Address = Ipv6Addr;
    type By<'a> = By6<'a>;

    fn by_address<'a>(address: Ipv6Addr) -> By6<'a> {
        By6::Address(address)
    }

    fields!();

    fn lease_type(&self) -> LeaseType {
        self.lease_type
    }
}

/// An identity association (RFC 9915 §4.2): what a client's leases belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ia<'a> {
    /// What its leases are of.
    pub lease_type: LeaseType,
    /// Whose it is: the bytes of a DUID.
    pub duid: &'a [u8],
    /// Which of its client's it is.
    pub iaid: u32,
}

impl<'a> Ia<'a> {
    /// That of a lease.
    pub fn of(lease: &'a Lease6) -> Self {
        Self { lease_type: lease.lease_type, duid: lease.duid.as_bytes(), iaid: lease.iaid }
    }
}

/// Which DHCPv6 leases are asked for. Leases in every state are found; the caller judges.
///
/// A lease that nobody has, of the [empty](kotare_model::Duid::is_empty) DUID, is found by its address, its host name and
/// that DUID, but is of no association, so that no client comes by it that calls itself so.
#[derive(Clone, Copy, Debug)]
pub enum By6<'a> {
    /// The lease of this address, or of the prefix that begins with it.
    Address(Ipv6Addr),
    /// All leases of this association, in any subnet.
    Ia(Ia<'a>),
    /// Those of them in these subnets (by id, ascending).
    IaOn(Ia<'a>, &'a [SubnetId]),
    /// All leases with this DUID, of any association in any subnet; with the empty one, all that nobody has. Nothing that a
    /// client can repeat at will should ask this: it may have as many as there are addresses.
    Duid(&'a [u8]),
    /// All leases with this hardware address, whatever its type and source. Nothing that a client waits for asks this.
    HwAddr(&'a HwAddr),
    /// All leases with this host name (lower case), in any subnet. Nothing that a client waits for asks this.
    Hostname(&'a str),
}
