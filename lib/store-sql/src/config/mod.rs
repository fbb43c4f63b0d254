//! The configuration of servers in a database ("Kea Configuration Backend" of the manual).
//!
//! What stands where is declared here, for reading and for [`objects`](crate::objects), which writes:
//!
//! - [`Field`]: a keyword, its column, and the form of its values ([`Form`]).
//! - [`Object`]: a kind of object: its table, its fields, and how a map of a configuration is one of columns. There is one
//!   for each kind: [`Protocol::subnets`] and so on. A reader selects [`Object::columns`] and gives the rows to
//!   [`Object::read`]; a writer names [`Object::written`], has [`Object::bind`] add their values (an UPDATE binds
//!   field by field), and adds the columns that say what an object lies in, and `modification_ts`, for which tables that
//!   were upgraded from older versions have no default in MySQL. Whoever writes begins a revision of the audit
//!   before, and fills [`Object::servers`] after.
//! - [`ConfigReader`]: what a database has for one server, whole, or what changed of it since ([`Fetched`]).
//! - [`SqlConfig`]: the same over a connection that is made again when it is lost.
//!
//! Options are told by code and space and definitions lie beside them, as names and definitions are a matter of whoever
//! understands a configuration.

mod audit;
mod fetch;
mod field;
mod object;
mod parts;
mod read;
mod tables;

pub use audit::Seen;
pub use fetch::SqlConfig;
pub use field::{Field, Form, Senseless, spaced};
pub use object::{Object, OddRow, Servers};
pub use read::{ConfigReader, Configuration, Fetched, Kept, Look, Unread};

/// The keyword under which a subnet says which shared network it lies in.
pub const NETWORK_NAME: &str = "shared-network-name";
/// The tag of what is for all servers.
pub const ALL: &str = "all";

/// Which protocol's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Those of DHCPv4.
    V4,
    /// Those of DHCPv6.
    V6,
}

impl Protocol {
    /// Text in which `#` is the protocol.
    pub fn named(self, text: &str) -> String {
        text.replace('#', if self == Self::V4 { "4" } else { "6" })
    }
}
