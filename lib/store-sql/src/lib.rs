//! Leases, reservations and configuration in SQL databases: SQLite in a file of our own, MySQL or MariaDB and
//! PostgreSQL with the schemas that installations of Kea have.
//!
//! - [`Access`]: where a database is and how it is reached.
//! - [`Connection`]: one connection, the same for the three engines: a [`Statement`] in, [`Row`]s out. What differs is
//!   in `driver`, and for the text of statements in [`Engine`].
//! - [`SqlError`]: what went wrong, by what can be done about it.
//!
//! - [`schema`]: what tables a database has to have, and how they come there.
//! - [`SqlLeases`]: a store of leases, over a [`link`](Reach) of several connections that are made again when lost.
//! - [`objects`]: subnets, options and the rest of a configuration, each by itself.
//! - [`SqlHosts`]: a store of reservations, in the same way.
//! - [`SqlLog`]: the lines of the legal log.
//! - [`config`]: the configuration of servers, and what stands in which column of it.
//!
//! sqlx speaks the three protocols. Its own abstraction over them has fewer types than Kea's tables, so values pass
//! through [`Value`] here.

mod access;
mod column;
pub mod config;
mod connection;
mod driver;
mod engine;
mod error;
mod hosts;
mod keepers;
mod leases;
mod link;
mod logs;
pub mod objects;
pub mod schema;
mod statement;
mod value;

pub use access::{Access, Timeouts, Tls, TlsMode};
pub use connection::Connection;
pub use engine::Engine;
pub use error::{SqlError, Trouble};
pub use hosts::{HostRecord, OddRow, SqlHosts};
pub use leases::{Bulk, Page, Record, SqlLeases};
pub use link::{Reach, Retry};
pub use logs::{LogRow, Logged, SqlLog};
pub use statement::Statement;
pub use value::{Kind, Row, Value};
