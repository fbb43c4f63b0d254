//! Host reservations: what is reserved for a client, and the tables they are found in.
//!
//! A client is found by what names it, whatever the subnet: one look for each kind of identifier finds its reservations
//! everywhere, global ones first. So what a lookup costs depends neither on how many reservations there are nor on how
//! many subnets a shared network has.

use std::fmt;
use std::net::Ipv4Addr;

use kotare_expr::ClassId;
use kotare_model::SubnetId;
use smallvec::SmallVec;

use super::{HostId, HostIdType, Options4};
use crate::common::{self, Hosts, Reservation};
use crate::json::Value;

/// What names the client of a `reservations` entry.
pub fn written_identifier(reservation: &Value) -> Option<(HostIdType, Vec<u8>)> {
    common::written_identifier(&HostIdType::ALL, reservation)
}

/// A `reservations` entry.
#[derive(Clone, Debug)]
pub struct Host4 {
    kind: HostIdType,
    id: SmallVec<[u8; 16]>,
    /// The subnet it is for; [`SubnetId::GLOBAL`] for a global one.
    pub subnet: SubnetId,
    /// `ip-address`.
    pub address: Option<Ipv4Addr>,
    /// What else there is: most reserve an address alone.
    details: Option<Box<HostDetails4>>,
}

/// What is reserved for a client besides an address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostDetails4 {
    /// `hostname`; empty if none is reserved.
    pub hostname: Box<str>,
    /// `next-server`, unless it is 0.0.0.0.
    pub next_server: Option<Ipv4Addr>,
    /// `server-hostname`; empty if none is reserved.
    pub server_hostname: Box<str>,
    /// `boot-file-name`; empty if none is reserved.
    pub boot_file_name: Box<str>,
    /// `client-classes`.
    pub classes: Box<[ClassId]>,
    /// `option-data`, if there is any.
    pub options: Option<Box<Options4>>,
}

impl Host4 {
    /// A reservation for the client `id` in a subnet, or in all.
    pub fn new(id: HostId<'_>, subnet: SubnetId, address: Option<Ipv4Addr>, details: HostDetails4) -> Self {
        let details = Some(details).filter(|details| *details != HostDetails4::default());
        Self {
            kind: id.kind,
            id: SmallVec::from_slice(id.bytes),
            subnet,
            address,
            details: details.map(Box::new),
        }
    }

    /// What names its client.
    pub fn id(&self) -> HostId<'_> {
        HostId { kind: self.kind, bytes: &self.id }
    }

    /// What it reserves besides an address, if anything.
    pub fn details(&self) -> Option<&HostDetails4> {
        self.details.as_deref()
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

impl fmt::Display for Host4 {
    /// In one line, as log messages show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ipv4_subnet_id={}", self.id(), self.subnet)?;
        match self.hostname() {
            Some(name) => write!(f, " hostname={name}")?,
            None => f.write_str(" hostname=(empty)")?,
        }
        match self.address {
            Some(address) => write!(f, " ipv4_reservation={address}"),
            None => f.write_str(" ipv4_reservation=(no)"),
        }
    }
}

/// All reservations of a configuration. A clone is the same ones.
pub type Hosts4 = Hosts<Host4>;

impl Reservation for Host4 {
    type Address = Ipv4Addr;

    fn id(&self) -> HostId<'_> {
        self.id()
    }

    fn subnet(&self) -> SubnetId {
        self.subnet
    }

    fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.address.into_iter()
    }
}
