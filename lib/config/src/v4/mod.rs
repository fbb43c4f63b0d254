//! What the DHCPv4 server runs from: everything resolved, nothing left to look up by name.
//!
//! A [`Config4`] is made once from the written configuration and never changes. Inheritance is applied, option
//! values are encoded, lookup indexes are built, so that the packet path only reads. What the operator wrote stays
//! beside it for `config-get`.

mod class_params;
mod classes;
mod config;
mod guard;
mod host_index;
mod hosts;
mod interfaces;
mod lookup;
mod names;
mod options;
mod over6;
mod params;
mod prefix;
mod resolve;
mod review;
mod sanitizer;
mod subnet;

pub use class_params::ClassParams4;
pub use classes::{Class4, Classes, Membership, SPAWN, Stage, VENDOR_CLASS, escaped};
pub(crate) use classes::{class_name, has_fixed_members};
pub use config::{Compatibility, Config4};
pub use guard::Guard;
pub use hosts::{Host4, HostDetails4, HostId, HostIdType, Hosts4, identifier_bytes, written_identifier};
pub use interfaces::{InterfaceChoice, Interfaces, OutboundInterface, SocketType};
pub use lookup::SubnetLookup;
pub use names::{Names4, ReplaceName};
pub use options::{Choice4, Option4, Options4, VendorOption4};
pub use over6::Over6;
pub use params::{Allocator, LifetimeRange, Params4, Reservations, TeeTimes};
pub use prefix::{NoPrefix, Prefix4};
pub(crate) use resolve::definitions_of_class;
pub use sanitizer::Sanitizer;
pub use subnet::{Network4, NetworkAt, NoPool, Pool4, Subnet4, SubnetAt, parse_pool};

use crate::schema::{File, tables};

/// The file of a DHCPv4 server that knows no hook library.
pub const FILE: File = File { top: &tables::TOP, global: &tables::DHCP4, libraries: &[] };
