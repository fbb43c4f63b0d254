//! Host reservations: what is reserved for a client, and the tables they are found in.

use std::net::Ipv6Addr;

use kotare_expr::ClassId;
use kotare_model::SubnetId;
use smallvec::SmallVec;

use super::{HostId, HostIdType, Options6, Prefix6};
use crate::common::{self, Hosts, Reservation};
use crate::json::Value;

/// What names the client of a `reservations` entry.
pub fn written_identifier(reservation: &Value) -> Option<(HostIdType, Vec<u8>)> {
    common::written_identifier(&HostIdType::V6, reservation)
}

/// A `reservations` entry.
#[derive(Clone, Debug)]
pub struct Host6 {
    kind: HostIdType,
    id: SmallVec<[u8; 16]>,
    /// The subnet it is for; [`SubnetId::GLOBAL`] for a global one.
    pub subnet: SubnetId,
    /// `ip-addresses`, in the order written.
    pub addresses: SmallVec<[Ipv6Addr; 1]>,
    /// What else there is: most reserve an address alone.
    details: Option<Box<HostDetails6>>,
}

/// What is reserved for a client besides addresses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostDetails6 {
    /// `prefixes`, in the order written, with `excluded-prefixes`.
    pub prefixes: Box<[ReservedPrefix]>,
    /// `hostname`; empty if none is reserved.
    pub hostname: Box<str>,
    /// `client-classes`.
    pub classes: Box<[ClassId]>,
    /// `option-data`, if there is any.
    pub options: Option<Box<Options6>>,
}

/// A reserved prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReservedPrefix {
    /// The prefix.
    pub prefix: Prefix6,
    /// What its client must not use of it (RFC 6603): a longer prefix within.
    pub excluded: Option<Prefix6>,
}

impl Host6 {
    /// A reservation for the client `id` in a subnet, or in all.
    pub fn new(
        id: HostId<'_>,
        subnet: SubnetId,
        addresses: impl IntoIterator<Item = Ipv6Addr>,
        details: HostDetails6,
    ) -> Self {
        let details = Some(details).filter(|details| *details != HostDetails6::default());
        Self {
            kind: id.kind,
            id: SmallVec::from_slice(id.bytes),
            subnet,
            addresses: addresses.into_iter().collect(),
            details: details.map(Box::new),
        }
    }

    /// What names its client.
    pub fn id(&self) -> HostId<'_> {
        HostId { kind: self.kind, bytes: &self.id }
    }

    /// What it reserves besides addresses, if anything.
    pub fn details(&self) -> Option<&HostDetails6> {
        self.details.as_deref()
    }

    /// The prefixes it reserves.
    pub fn prefixes(&self) -> &[ReservedPrefix] {
        self.details().map_or(&[], |details| &details.prefixes)
    }

    /// `hostname`, if one is reserved.
    pub fn hostname(&self) -> Option<&str> {
        self.details().map(|details| &*details.hostname).filter(|name| !name.is_empty())
    }

    /// The classes that its client belongs to.
    pub fn classes(&self) -> &[ClassId] {
        self.details().map_or(&[], |details| &details.classes)
    }
}

/// All reservations of a configuration. A clone is the same ones.
///
/// Addresses and prefixes are found alike, a prefix by its first address, whatever its length.
pub type Hosts6 = Hosts<Host6>;

impl Reservation for Host6 {
    type Address = Ipv6Addr;

    fn id(&self) -> HostId<'_> {
        self.id()
    }

    fn subnet(&self) -> SubnetId {
        self.subnet
    }

    fn addresses(&self) -> impl Iterator<Item = Ipv6Addr> {
        self.addresses.iter().copied().chain(self.prefixes().iter().map(|it| it.prefix.network()))
    }
}
