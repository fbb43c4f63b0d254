//! What the configurations of both protocols have alike: client classes, levels of options, reservations' identifiers,
//! parameters, positions.
//!
//! Where the protocols differ in a type within (how wide the code of an option is, what a class gives), these are generic;
//! [`crate::v4`] and [`crate::v6`] name them with their own.

mod class_names;
mod classes;
mod guard;
mod host_id;
mod host_index;
mod hosts;
mod lookup;
mod names;
mod options;
mod overview;
mod params;
mod position;
pub(crate) mod resolve;
mod sanitizer;
mod tables;

pub use class_names::{SPAWN, VENDOR_CLASS, escaped};
pub(crate) use class_names::{class_name, has_fixed_members, is_built_in};
pub use classes::{Class, Classes, Membership, Stage};
pub use guard::Guard;
pub use host_id::{HostId, HostIdType, identifier_bytes, written_identifier};
pub use host_index::{HostIndex, HostPart, Reservation};
pub use hosts::Hosts;
pub use lookup::{Located, SubnetLookup};
pub use names::{Names, Part, ReplaceName, Ttl, UpdateTerms};
pub use options::{Choice, Code, CodeSet, ConfiguredOption, Options, VendorOption};
pub use overview::{Overview, SubnetOverview};
pub use params::{Allocator, LifetimeRange, Reservations, TeeTimes};
pub use position::{NetworkAt, SubnetAt};
pub use sanitizer::Sanitizer;
