//! The version of a schema.

use std::fmt;

use crate::connection::Connection;
use crate::engine::Engine;
use crate::error::SqlError;
use crate::statement::Statement;

/// The version of a schema; upstream's for MySQL and PostgreSQL, of SQLite our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// What is counted up when tables change.
    pub major: u32,
    /// What is counted up when little does.
    pub minor: u32,
}

impl Version {
    const fn new(major: u32) -> Self {
        Self { major, minor: 0 }
    }

    /// The one that is written today.
    pub const fn current(engine: Engine) -> Self {
        match engine {
            Engine::MySql => Self::new(35),
            Engine::Postgres => Self::new(34),
            Engine::Sqlite => Self { major: 1, minor: 1 },
        }
    }

    /// The oldest that leases and reservations are kept in without an upgrade, and that can be upgraded: Kea 2.2's.
    pub const fn oldest(engine: Engine) -> Self {
        match engine {
            Engine::MySql => Self::new(14),
            Engine::Postgres => Self::new(13),
            Engine::Sqlite => Self::new(1),
        }
    }

    /// The one that a database says that it has.
    ///
    /// # Errors
    /// Refused, when there is no table with it, or nothing in that: the database was not initialized, or not to its end.
    pub async fn of(connection: &mut Connection) -> Result<Self, SqlError> {
        let engine = connection.engine();
        let rows =
            connection.rows(Statement::new(engine, "SELECT version, minor FROM schema_version")).await?;
        let version = rows
            .iter()
            .filter_map(|row| Some(Self { major: row.number(0)?, minor: row.number(1).unwrap_or_default() }));
        version.max().ok_or_else(|| {
            SqlError::refused("schema_version is empty: the database was not initialized to its end")
        })
    }

    /// Looks whether a database has a version that servers can work with: the current one, or one back to
    /// [`oldest`](Self::oldest).
    ///
    /// # Errors
    /// When it is older or newer, in Kea's words, and as [`of`](Self::of).
    pub async fn check(connection: &mut Connection) -> Result<Self, SqlError> {
        let engine = connection.engine();
        let found = Self::of(connection).await?;
        let (oldest, current) = (Self::oldest(engine), Self::current(engine));
        // A minor number counts what does not matter to who reads and writes.
        if found < oldest || found.major > current.major {
            let name = engine.title();
            let advice = match found < oldest {
                true => format!("{oldest} is the oldest that can be used and upgraded"),
                false => "a newer Kea made it".to_owned(),
            };
            return Err(SqlError::refused(format!(
                "{name} schema version mismatch: expected version: {current}, found version: {found} ({advice})"
            )));
        }
        Ok(found)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
