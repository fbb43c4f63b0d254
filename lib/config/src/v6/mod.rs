//! What the DHCPv6 server runs from: everything resolved, nothing left to look up by name.
//!
//! A [`Config6`] is made once from the written configuration and never changes, as [`crate::v4::Config4`].

mod class_params;
mod codes;
mod config;
mod follow;
mod hosts;
mod interfaces;
mod options;
mod params;
mod pool;
mod prefix_routes;
mod resolve;
mod review;
mod server_id;
mod subnet;

use std::net::{IpAddr, Ipv6Addr};

pub use class_params::{Class6, ClassParams6, Classes};
pub use codes::Codes6;
pub use config::Config6;
pub use follow::{Follower, PrefixSign, PrefixSource};
pub use hosts::{Host6, HostDetails6, Hosts6, ReservedPrefix, written_identifier};
pub use interfaces::{InterfaceChoice6, Interfaces6};
pub use options::{Choice6, Option6, Options6, VendorOption6};
pub use params::Params6;
pub use pool::{PdPool6, Pool6};
pub use prefix_routes::{KernelRoutes, PrefixRoutes, RouteScript};
pub use resolve::write_reservation;
pub use server_id::{DuidType, ServerId};
pub use subnet::{Network6, Subnet6, SubnetLookup};

pub use crate::common::{
    Allocator, Guard, HostId, HostIdType, LifetimeRange, Membership, Names, NetworkAt, ReplaceName,
    Reservations, SPAWN, Sanitizer, Stage, SubnetAt, TeeTimes, VENDOR_CLASS, escaped, identifier_bytes,
};
use crate::schema::{File, tables};

pub use crate::prefix::{NoPool, NoPrefix, Prefix6};

/// The file of a DHCPv6 server that knows no hook library.
pub const FILE: File = File {
    top: &tables::TOP6,
    global: &tables::DHCP6,
    libraries: &[],
    loopback: IpAddr::V6(Ipv6Addr::LOCALHOST),
};
