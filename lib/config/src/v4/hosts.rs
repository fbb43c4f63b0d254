//! Host reservations: what is reserved for a client, and the tables they are found in.
//!
//! A client is found by what names it, whatever the subnet: one look for each kind of identifier finds its reservations
//! everywhere, global ones first. So what a lookup costs depends neither on how many reservations there are nor on how
//! many subnets a shared network has.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use kotare_expr::ClassId;
use kotare_model::{Hex, SubnetId};
use parking_lot::RwLock;
use smallvec::SmallVec;

use super::Options4;
use super::host_index::Index;

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
    /// See [`Host4::number`].
    pub(super) number: u64,
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
            number: 0,
        }
    }

    /// Its number, from 1 in the order in which reservations were added; 0 before.
    pub fn number(&self) -> u64 {
        self.number
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

/// Why a reservation cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostTaken {
    /// The client has one in the subnet.
    Client,
    /// The address is reserved in the subnet (`ip-reservations-unique`).
    Address,
}

/// All reservations of a configuration. A clone is the same ones.
///
/// They change while the configuration is in use only when an operator adds or removes some by command.
#[derive(Clone, Debug, Default)]
pub struct Hosts4(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// How many there are, so that nothing is locked where there are none.
    count: AtomicUsize,
    index: RwLock<Index>,
}

impl Hosts4 {
    pub(super) fn new(index: Index) -> Self {
        Self(Arc::new(Shared { count: AtomicUsize::new(index.len()), index: RwLock::new(index) }))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.count.load(Relaxed) == 0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.count.load(Relaxed)
    }

    /// The reservation for a client in one subnet, or the global one.
    pub fn get(&self, id: HostId<'_>, subnet: SubnetId) -> Option<Arc<Host4>> {
        if self.is_empty() { None } else { self.0.index.read().get(id, subnet).cloned() }
    }

    /// Visits the reservations for a client in these subnets, which are ascending.
    pub fn on_link(&self, id: HostId<'_>, link: &[SubnetId], visit: impl FnMut(&Arc<Host4>)) {
        if !self.is_empty() {
            self.0.index.read().on_link(id, link, visit);
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
        let index = self.0.index.read();
        let mut hosts = index.of_address(subnet, address).iter().peekable();
        hosts.peek().is_some() && !hosts.any(|host| is_mine(host.id()))
    }

    /// The first reservations that satisfy `fits` whose numbers are above `after`, at most `limit`.
    pub fn page(&self, after: u64, limit: usize, fits: impl Fn(&Host4) -> bool) -> Vec<Arc<Host4>> {
        let index = self.0.index.read();
        index.after(after).filter(|host| fits(host)).take(limit).cloned().collect()
    }

    /// The reservations for an address, of one subnet or of all.
    pub fn of_address(&self, subnet: Option<SubnetId>, address: Ipv4Addr) -> Vec<Arc<Host4>> {
        let index = self.0.index.read();
        match subnet {
            Some(subnet) => index.of_address(subnet, address).to_vec(),
            None => index.everywhere(address).to_vec(),
        }
    }

    /// The reservations for a client, of all subnets.
    pub fn of_id(&self, id: HostId<'_>) -> Vec<Arc<Host4>> {
        self.0.index.read().of_id(id).to_vec()
    }

    /// Visits every reservation of an address in a subnet.
    pub fn each_address(&self, mut visit: impl FnMut(SubnetId, Ipv4Addr)) {
        for host in self.0.index.read().after(0) {
            if let Some(address) = host.address {
                visit(host.subnet, address);
            }
        }
    }

    /// Adds a reservation, if its client has none in the subnet and, if they must be unique, its address is free there.
    ///
    /// # Errors
    /// What is taken.
    pub fn add(&self, host: Host4, unique_addresses: bool) -> Result<(), HostTaken> {
        let mut index = self.0.index.write();
        if index.get(host.id(), host.subnet).is_some() {
            return Err(HostTaken::Client);
        }
        let taken = |address| !index.of_address(host.subnet, address).is_empty();
        if unique_addresses && host.address.is_some_and(taken) {
            return Err(HostTaken::Address);
        }
        index.insert(host);
        self.0.count.store(index.len(), Relaxed);
        Ok(())
    }

    /// Removes the reservation for a client in a subnet.
    pub fn remove(&self, id: HostId<'_>, subnet: SubnetId) -> Option<Arc<Host4>> {
        let mut index = self.0.index.write();
        let removed = index.remove(id, subnet);
        self.0.count.store(index.len(), Relaxed);
        removed
    }
}
