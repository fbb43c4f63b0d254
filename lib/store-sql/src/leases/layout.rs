//! What the tables of leases look like in the schema that a database has. They grew with Kea; a column that is not there
//! is not written, and what it would say is forgotten.

use kotare_model::LeaseState;

use super::record::Record;
use super::{relayed, shared};
use crate::column::{Address6, columns_of, require};
use crate::connection::Connection;
use crate::engine::Engine;
use crate::error::{SqlError, Trouble};
use crate::schema::Version;
use crate::statement::Statement;

/// What differs between versions of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub(crate) engine: Engine,
    /// Whether there is a `pool_id` (Kea 2.4 and later).
    pub(crate) pool_id: bool,
    /// Whether leases of DHCPv4 have a `relay_id` and a `remote_id` (Kea 2.3 and later).
    pub(crate) relayed: bool,
    pub(crate) address6: Address6,
    /// Whether leases of DHCPv6 have tables of what relay agents said (Kea 2.6 and later; before they had other addresses).
    pub(crate) relayed6: bool,
    /// Whether a table says how many leases each pool has.
    pub(crate) counts: bool,
    /// Whether there are tables of what is free (Kea 3.1.9 and later).
    pub(crate) queues: bool,
    /// Whether leases can be released (Kea 2.6 and later) or registered (2.7).
    pub(crate) states: States,
}

/// The newest state that a schema knows; a row of a state it does not know is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct States(LeaseState);

impl States {
    /// A state as a schema can have it: a lease that was released is as one that expired, kept for its client.
    pub(crate) fn nearest(self, state: LeaseState) -> LeaseState {
        match state {
            state if state <= self.0 => state,
            LeaseState::Released => LeaseState::ExpiredReclaimed,
            _ => LeaseState::Assigned,
        }
    }
}

impl Layout {
    /// Looks how a database has them.
    pub(crate) async fn of<L: Record>(connection: &mut Connection) -> Result<Self, SqlError> {
        let engine = connection.engine();
        let columns = columns_of(connection, L::TABLE).await?;
        let address6 = Address6::of_type(columns.get("address").map_or("", String::as_str));
        let states = States(states(connection).await?);
        let has = |name| columns.contains_key(name);
        let relayed = has("relay_id") && has("remote_id");
        let relayed6 = L::TABLE == "lease6" && relayed6(connection, address6).await?;
        let counts = counts::<L>(connection).await?;
        let queues = shared::there::<L>(connection, address6).await?;
        let pool_id = has("pool_id");
        let layout = Self { engine, pool_id, relayed, address6, relayed6, counts, queues, states };
        require(L::TABLE, &columns, L::columns(&layout).iter().map(|column| column.name))?;
        Ok(layout)
    }

    /// Whether leases are found by what relay agents said.
    pub(crate) fn finds_relayed(&self) -> bool {
        self.relayed || self.relayed6
    }
}

/// Whether leases are counted by pools, as they are where all tables and triggers of today are: of a database that is being
/// upgraded they may be half there.
async fn counts<L: Record>(connection: &mut Connection) -> Result<bool, SqlError> {
    let table = format!("{}_pool_stat", L::TABLE);
    if !columns_of(connection, &table).await?.contains_key("leases")
        || columns_of(connection, "schema_version").await?.is_empty()
    {
        return Ok(false);
    }
    let current = Version::current(connection.engine());
    match Version::of(connection).await {
        Ok(version) => Ok(version.major >= current.major),
        Err(error) if error.trouble == Trouble::Refused => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether both tables are there, with addresses like those of leases.
async fn relayed6(connection: &mut Connection, address6: Address6) -> Result<bool, SqlError> {
    for (table, column) in relayed::TABLES {
        let columns = columns_of(connection, table).await?;
        let form = columns.get("lease_addr").map(|form| Address6::of_type(form));
        if form != Some(address6) || address6 == Address6::Text || !columns.contains_key(column) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The newest state there is. A file of ours has no table of them.
async fn states(connection: &mut Connection) -> Result<LeaseState, SqlError> {
    let engine = connection.engine();
    if columns_of(connection, "lease_state").await?.is_empty() {
        return Ok(LeaseState::Registered);
    }
    let rows = connection.rows(Statement::new(engine, "SELECT state FROM lease_state")).await?;
    let known = rows.iter().filter_map(|row| row.number(0).and_then(LeaseState::from_number)).max();
    Ok(known.unwrap_or(LeaseState::ExpiredReclaimed))
}
