//! What the DHCPv4 server runs from: everything resolved, nothing left to look up by name.
//!
//! A [`Config4`] is made once from the written configuration and never changes. Inheritance is applied, option
//! values are encoded, lookup indexes are built, so that the packet path only reads. What the operator wrote stays
//! beside it for `config-get`.

mod class_params;
mod config;
mod hosts;
mod interfaces;
mod options;
mod over6;
mod params;
mod resolve;
mod review;
mod subnet;

use std::net::{IpAddr, Ipv4Addr};

pub use class_params::{Class4, ClassParams4, Classes};
pub use config::{Compatibility, Config4};
pub use hosts::{Host4, HostDetails4, Hosts4, written_identifier};
pub use interfaces::{InterfaceChoice, Interfaces, OutboundInterface, SocketType};
pub use options::{Choice4, Option4, Options4, VendorOption4};
pub use over6::Over6;
pub use params::Params4;
#[cfg(test)]
pub(crate) use resolve::Dhcp4;
pub(crate) use resolve::definitions_of_class;
pub use resolve::write_reservation;
pub use subnet::{Network4, Pool4, Subnet4, SubnetLookup};

pub use crate::common::{
    Allocator, Guard, HostId, HostIdType, LifetimeRange, Membership, Names as Names4, NetworkAt, ReplaceName,
    Reservations, SPAWN, Sanitizer, Stage, SubnetAt, TeeTimes, VENDOR_CLASS, escaped, identifier_bytes,
};
pub use crate::prefix::{NoPool, NoPrefix, Prefix4};
use crate::schema::{File, tables};

/// The file of a DHCPv4 server that knows no hook library.
pub const FILE: File = File {
    top: &tables::TOP,
    global: &tables::DHCP4,
    libraries: &[],
    loopback: IpAddr::V4(Ipv4Addr::LOCALHOST),
};
