//! Host reservations: what is reserved for a client, and the tables they are found in.
//!
//! A client is found by what names it, whatever the subnet: one look for each kind of identifier finds its reservations
//! everywhere, global ones first. So what a lookup costs depends neither on how many reservations there are nor on how
//! many subnets a shared network has.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_expr::ClassId;
use kotare_model::{Hex, SubnetId};
use smallvec::SmallVec;

use super::Options4;
use super::host_index::Index;
use crate::json::Value;
use crate::schema::bytes;

/// What a reservation names its client by, in the order of Kea's numbers for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HostIdType {
    /// `hw-address`: the hardware address.
    HwAddress,
    /// `duid`: the DUID within a client identifier of type 255 (RFC 4361).
    Duid,
    /// `circuit-id`: what the relay calls the client's port (RFC 3046).
    CircuitId,
    /// `client-id`: option 61.
    ClientId,
    /// `flex-id`: what a module makes of the message.
    FlexId,
}

impl HostIdType {
    /// All of them: what `auto` stands for in `host-reservation-identifiers`.
    pub const ALL: [Self; 5] = [Self::HwAddress, Self::Duid, Self::CircuitId, Self::ClientId, Self::FlexId];

    /// The keyword in a reservation.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::HwAddress => "hw-address",
            Self::Duid => "duid",
            Self::CircuitId => "circuit-id",
            Self::ClientId => "client-id",
            Self::FlexId => "flex-id",
        }
    }

    /// The type with this keyword.
    pub fn of(keyword: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.keyword() == keyword)
    }

    /// How many bytes an identifier may have.
    pub fn longest(self) -> usize {
        match self {
            Self::HwAddress => 20,
            Self::Duid => 130,
            Self::ClientId => 255,
            Self::CircuitId | Self::FlexId => 128,
        }
    }

    /// What log messages call it.
    fn label(self) -> &'static str {
        match self {
            Self::HwAddress => "hwaddr",
            other => other.keyword(),
        }
    }
}

/// The bytes of an identifier as it is written: text in single quotes, or hexadecimal digits in any of the forms that Kea
/// reads. `None` if it is none.
pub fn identifier_bytes(text: &str) -> Option<Vec<u8>> {
    bytes(text)
}

/// What names the client of a `reservations` entry.
pub fn written_identifier(reservation: &Value) -> Option<(HostIdType, Vec<u8>)> {
    let read = |kind: HostIdType| Some((kind, bytes(reservation.get(kind.keyword())?.as_str()?)?));
    HostIdType::ALL.into_iter().find_map(read)
}

/// What names a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HostId<'a> {
    /// The kind of identifier.
    pub kind: HostIdType,
    /// Its bytes; not empty.
    pub bytes: &'a [u8],
}

impl fmt::Display for HostId<'_> {
    /// `hwaddr=080027A1B2C3`, as log messages name it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={:X}", self.kind.label(), Hex(self.bytes))
    }
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
#[derive(Clone, Debug, Default)]
pub struct Hosts4(Arc<Index>);

impl Hosts4 {
    pub(super) fn new(index: Index) -> Self {
        Self(Arc::new(index))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The reservation for a client in one subnet, or the global one.
    pub fn get(&self, id: HostId<'_>, subnet: SubnetId) -> Option<Arc<Host4>> {
        if self.is_empty() { None } else { self.0.get(id, subnet).cloned() }
    }

    /// Visits the reservations for a client in these subnets, which are ascending.
    pub fn on_link(&self, id: HostId<'_>, link: &[SubnetId], visit: impl FnMut(&Arc<Host4>)) {
        if !self.is_empty() {
            self.0.on_link(id, link, visit);
        }
    }

    /// Whether an address is reserved in a subnet, and for none of the clients that `is_mine` knows.
    pub fn is_for_others(
        &self,
        subnet: SubnetId,
        address: Ipv4Addr,
        is_mine: impl Fn(HostId<'_>) -> bool,
    ) -> bool {
        if self.is_empty() {
            return false;
        }
        let mut hosts = self.0.of_address(subnet, address).iter().peekable();
        hosts.peek().is_some() && !hosts.any(|host| is_mine(host.id()))
    }

    /// Visits every reservation of an address in a subnet.
    pub fn each_address(&self, mut visit: impl FnMut(SubnetId, Ipv4Addr)) {
        for host in self.0.all() {
            if let Some(address) = host.address {
                visit(host.subnet, address);
            }
        }
    }
}
