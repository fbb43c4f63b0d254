//! What the tables of reservations look like in the schema that a database has. They grew with Kea; a column that is not
//! there is not written, and what it would say is forgotten.

use super::option;
use super::record::{self, HostRecord};
use crate::column::{Address6, columns_of, require};
use crate::connection::Connection;
use crate::engine::Engine;
use crate::error::SqlError;

/// What differs between versions of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub(crate) engine: Engine,
    /// How `ipv6_reservations` has addresses.
    pub(crate) address6: Address6,
    /// How it has excluded prefixes, if it has any (Kea 2.7 and later).
    pub(crate) excluded: Option<Address6>,
    /// Whether options have a `cancelled`: `never-send` (Kea 2.4 and later).
    pub(crate) cancelled: bool,
    /// Whether options have `client_classes` (Kea 2.7 and later).
    pub(crate) option_classes: bool,
}

impl Layout {
    /// Looks how a database has them. Tables of both families are of one age.
    pub(crate) async fn of<R: HostRecord>(connection: &mut Connection) -> Result<Self, SqlError> {
        let hosts = columns_of(connection, "hosts").await?;
        require("hosts", &hosts, record::columns::<R>())?;
        let reservations = columns_of(connection, "ipv6_reservations").await?;
        require(
            "ipv6_reservations",
            &reservations,
            ["reservation_id", "address", "prefix_len", "type", "host_id"],
        )?;
        for table in ["dhcp4_options", "dhcp6_options"] {
            require(table, &columns_of(connection, table).await?, option::ALWAYS)?;
        }
        let options = columns_of(connection, R::OPTIONS).await?;
        let address6 = Address6::of_type(reservations.get("address").map_or("", String::as_str));
        // Whoever upgrades the database just now may have added one of the two.
        let excluded = reservations.get("excluded_prefix");
        let excluded = excluded.filter(|_| reservations.contains_key("excluded_prefix_len"));
        Ok(Self {
            engine: connection.engine(),
            address6,
            excluded: excluded.map(|name| Address6::of_type(name)),
            cancelled: options.contains_key("cancelled"),
            option_classes: options.contains_key("client_classes"),
        })
    }
}
