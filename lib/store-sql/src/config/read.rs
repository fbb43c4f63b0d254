//! Everything that a database has for one server, in one look at it.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::audit::Seen;
use super::object::OddRow;
use super::{ALL, Protocol};
use crate::connection::Connection;
use crate::engine::Engine;
use crate::error::SqlError;

/// Reads what is for one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigReader {
    pub(super) protocol: Protocol,
    tag: String,
}

/// An object, and the number of its row.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The number.
    pub key: i64,
    /// What a configuration would say.
    pub map: Map<String, Json>,
}

/// What a database has for one server: of what may be for all and for one that for the one alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configuration {
    /// Global parameters, each a `name` and a `value`. A name with a dot is one in a map.
    pub globals: Vec<Kept>,
    /// Definitions of options.
    pub definitions: Vec<Kept>,
    /// Options of all clients.
    pub options: Vec<Kept>,
    /// Client classes, in order.
    pub classes: Vec<Kept>,
    /// Shared networks, without their subnets.
    pub networks: Vec<Kept>,
    /// Subnets, which name their shared network ([`NETWORK_NAME`](super::NETWORK_NAME)).
    pub subnets: Vec<Kept>,
}

/// What was read, and up to which change.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    /// What was read.
    pub configuration: Configuration,
    seen: Seen,
}

/// Why nothing was read.
#[derive(Debug)]
pub enum Unread {
    /// The database did not answer, or has not the tables of today.
    Sql(SqlError),
    /// This row makes no sense.
    Odd(OddRow),
}

impl From<SqlError> for Unread {
    fn from(error: SqlError) -> Self {
        Self::Sql(error)
    }
}

impl From<OddRow> for Unread {
    fn from(row: OddRow) -> Self {
        Self::Odd(row)
    }
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sql(error) => error.fmt(f),
            Self::Odd(row) => row.fmt(f),
        }
    }
}

impl ConfigReader {
    /// A reader of what is for the server with this `server-tag`, or for all servers; without a tag for those alone.
    pub fn new(protocol: Protocol, tag: &str) -> Self {
        Self { protocol, tag: tag.to_owned() }
    }

    /// The tags of what is read: that of the server last.
    pub(super) fn tags(&self) -> [&str; 2] {
        [ALL, if self.tag.is_empty() { ALL } else { &self.tag }]
    }

    /// Everything.
    ///
    /// # Errors
    /// As [`Unread`] says.
    pub async fn everything(&self, connection: &mut Connection) -> Result<Fetched, Unread> {
        begin(connection).await?;
        let read = self.whole(connection).await;
        end(connection, read).await
    }

    /// The same, if something changed since `former`; none, if nothing. Only kinds of objects are read of which something
    /// changed.
    ///
    /// # Errors
    /// As [`Unread`] says. Then the same changes are found the next time.
    pub async fn changes(
        &self,
        connection: &mut Connection,
        former: &Fetched,
    ) -> Result<Option<Fetched>, Unread> {
        begin(connection).await?;
        let read = self.since(connection, former).await;
        end(connection, read).await
    }

    async fn whole(&self, connection: &mut Connection) -> Result<Fetched, Unread> {
        let mut fetched = Fetched { configuration: Configuration::default(), seen: Seen::default() };
        self.changed(connection, &mut fetched.seen).await?;
        self.read(connection, &mut fetched.configuration, |_| true).await?;
        Ok(fetched)
    }

    async fn since(&self, connection: &mut Connection, former: &Fetched) -> Result<Option<Fetched>, Unread> {
        let mut seen = former.seen.clone();
        let tables: BTreeSet<String> = self.changed(connection, &mut seen).await?;
        if tables.is_empty() {
            return Ok(None);
        }
        let mut configuration = former.configuration.clone();
        self.read(connection, &mut configuration, |table| tables.contains(&self.protocol.named(table)))
            .await?;
        Ok(Some(Fetched { configuration, seen }))
    }

    /// Reads those kinds of objects again that `of` says of their tables.
    async fn read(
        &self,
        connection: &mut Connection,
        into: &mut Configuration,
        of: impl Fn(&str) -> bool,
    ) -> Result<(), Unread> {
        if of(self.protocol.globals().table) {
            into.globals = self.globals(connection).await?;
        }
        if of(self.protocol.definitions().table) {
            into.definitions = self.definitions(connection).await?;
        }
        if of(self.protocol.options().table) {
            into.options = self.options(connection).await?;
        }
        if of(self.protocol.classes().table) {
            into.classes = self.classes(connection).await?;
        }
        if of(self.protocol.networks().table) {
            into.networks = self.networks(connection).await?;
        }
        if of(self.protocol.subnets().table) {
            into.subnets = self.subnets(connection).await?;
        }
        Ok(())
    }
}

/// Begins one look: what others change meanwhile is not in it.
async fn begin(connection: &mut Connection) -> Result<(), SqlError> {
    match connection.engine() {
        Engine::Sqlite => connection.script("BEGIN").await,
        Engine::Postgres => connection.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await,
        Engine::MySql => {
            connection.script("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await?;
            connection.script("START TRANSACTION WITH CONSISTENT SNAPSHOT").await
        }
    }
}

async fn end<T>(connection: &mut Connection, read: Result<T, Unread>) -> Result<T, Unread> {
    match (connection.script("ROLLBACK").await, read) {
        (Err(error), Ok(_)) => Err(error.into()),
        (_, read) => read,
    }
}
