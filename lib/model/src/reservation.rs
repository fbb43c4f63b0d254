//! Reservations as they are kept outside a configuration: what they say, by the names that whoever wrote them used.
//!
//! What a server makes of one (options encoded, classes made numbers) depends on its configuration, and is the same
//! whether the reservation is written there or kept in a database.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::{HostId, HostIdType, SubnetId};

/// A reservation that reserves `R`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation<R> {
    /// What kind of identifier names its client.
    pub kind: HostIdType,
    /// The bytes of the identifier; not empty.
    pub id: Box<[u8]>,
    /// The subnet it is for; [`SubnetId::GLOBAL`] for a global one.
    pub subnet: SubnetId,
    /// `hostname`; empty if none is reserved.
    pub hostname: Box<str>,
    /// `client-classes`: the names of the classes that its client belongs to.
    pub classes: Vec<Box<str>>,
    /// `option-data`, in the order written.
    pub options: Vec<ReservedOption>,
    /// `user-context`: a map in JSON, as it is kept.
    pub user_context: Option<Box<str>>,
    /// What else it reserves.
    pub reserved: R,
}

/// A reservation of DHCPv4.
pub type Reservation4 = Reservation<Reserved4>;
/// A reservation of DHCPv6.
pub type Reservation6 = Reservation<Reserved6>;

/// What reservations of DHCPv4 alone have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reserved4 {
    /// `ip-address`.
    pub address: Option<Ipv4Addr>,
    /// `next-server`, unless it is 0.0.0.0.
    pub next_server: Option<Ipv4Addr>,
    /// `server-hostname`; empty if none is reserved.
    pub server_hostname: Box<str>,
    /// `boot-file-name`; empty if none is reserved.
    pub boot_file_name: Box<str>,
}

/// What reservations of DHCPv6 alone have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reserved6 {
    /// `ip-addresses`, in the order written.
    pub addresses: Vec<Ipv6Addr>,
    /// `prefixes`, in the order written, with `excluded-prefixes`.
    pub prefixes: Vec<KeptPrefix>,
}

/// A reserved prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptPrefix {
    /// Its first address.
    pub address: Ipv6Addr,
    /// How many bits of the address it is: up to 128.
    pub length: u8,
    /// What its client must not use of it (RFC 6603): the first address and the length of a longer prefix within.
    pub excluded: Option<(Ipv6Addr, u8)>,
}

/// An entry of `option-data`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReservedOption {
    /// The code.
    pub code: u16,
    /// `space`; empty for that of the protocol itself.
    pub space: Box<str>,
    /// The value.
    pub data: OptionData,
    /// `always-send`.
    pub always_send: bool,
    /// `never-send`.
    pub never_send: bool,
    /// `client-classes`: the names of the classes that the value is for; none if it is for everybody.
    pub classes: Vec<Box<str>>,
    /// `user-context`: a map in JSON, as it is kept.
    pub user_context: Option<Box<str>>,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionData {
    /// As it goes on the wire, without code and length (`csv-format` false).
    Bytes(Box<[u8]>),
    /// Fields with commas between, which the definition of the option gives a meaning (`csv-format` true); not empty.
    Text(Box<str>),
}

impl<R> Reservation<R> {
    /// A reservation of nothing but this.
    pub fn new(id: HostId<'_>, subnet: SubnetId, reserved: R) -> Self {
        Self {
            kind: id.kind,
            id: id.bytes.into(),
            subnet,
            hostname: Box::default(),
            classes: Vec::new(),
            options: Vec::new(),
            user_context: None,
            reserved,
        }
    }

    /// What names its client.
    pub fn id(&self) -> HostId<'_> {
        HostId { kind: self.kind, bytes: &self.id }
    }
}
