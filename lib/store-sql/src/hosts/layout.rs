//! What the tables of reservations look like in the schema that a database has. They grew with Kea; a column that is not
//! there is not written, and what it would say is forgotten.

use crate::column::{Address6, columns_of};
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
    pub(crate) async fn of(connection: &mut Connection) -> Result<Self, SqlError> {
        let reservations = columns_of(connection, "ipv6_reservations").await?;
        let options = columns_of(connection, "dhcp4_options").await?;
        let Some(address) = reservations.get("address").filter(|_| !options.is_empty()) else {
            return Err(SqlError::refused(
                "there is no table ipv6_reservations or dhcp4_options: the database was not initialized",
            ));
        };
        Ok(Self {
            engine: connection.engine(),
            address6: Address6::of_type(address),
            excluded: reservations.get("excluded_prefix").map(|name| Address6::of_type(name)),
            cancelled: options.contains_key("cancelled"),
            option_classes: options.contains_key("client_classes"),
        })
    }
}
