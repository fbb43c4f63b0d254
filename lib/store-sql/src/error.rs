//! What went wrong with a database, by what can be done about it.

use std::fmt;

use kotare_store::StoreError;

use crate::engine::Engine;

/// What can be done about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The connection is of no use any more, or none came about: connect again.
    Lost,
    /// Somebody else was in the way, a deadlock or a serialisation failure: do it again.
    Busy,
    /// The database cannot write just now: its disk is full, it is read-only. Later it may.
    Full,
    /// The database will not do this, now or later.
    Refused,
}

/// A database could not do what was asked.
#[derive(Debug)]
pub struct SqlError {
    /// What can be done.
    pub trouble: Trouble,
    /// The engine's own number or code, if it said one.
    pub code: Option<String>,
    /// Why, in the words of the database.
    pub reason: String,
    /// Whether it is that there was a row of that key before.
    duplicate: bool,
}

impl SqlError {
    /// Something that the database will not do.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self { trouble: Trouble::Refused, code: None, reason: reason.into(), duplicate: false }
    }

    /// A connection that is of no use any more.
    pub fn lost(reason: impl Into<String>) -> Self {
        Self { trouble: Trouble::Lost, code: None, reason: reason.into(), duplicate: false }
    }

    /// Understands an error of sqlx.
    pub(crate) fn of(engine: Engine, error: sqlx::Error) -> Self {
        use sqlx::Error::{
            ColumnDecode, ColumnIndexOutOfBounds, ColumnNotFound, Configuration, Database, Decode, Encode,
            InvalidArgument, RowNotFound, TypeNotFound,
        };
        match error {
            Database(told) => {
                let code = told.code().map(|code| code.into_owned());
                let trouble = match engine {
                    Engine::Sqlite => sqlite(code.as_deref()),
                    Engine::Postgres => postgres(code.as_deref()),
                    Engine::MySql => {
                        let number = told.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>();
                        mysql(number.map_or(0, |error| error.number()))
                    }
                };
                let duplicate = told.is_unique_violation();
                Self { trouble, code, reason: told.message().to_owned(), duplicate }
            }
            error @ (Configuration(_)
            | InvalidArgument(_)
            | RowNotFound
            | TypeNotFound { .. }
            | ColumnIndexOutOfBounds { .. }
            | ColumnNotFound(_)
            | ColumnDecode { .. }
            | Encode(_)
            | Decode(_)) => Self::refused(error.to_string()),
            // Input and output, TLS, a protocol that went astray: the connection cannot be relied on.
            error => Self::lost(error.to_string()),
        }
    }

    /// The same once more, for another who waits.
    pub(crate) fn again(&self) -> Self {
        Self {
            trouble: self.trouble,
            code: self.code.clone(),
            reason: self.reason.clone(),
            duplicate: self.duplicate,
        }
    }

    /// Whether there was a row of that key before.
    pub(crate) fn is_duplicate(&self) -> bool {
        self.duplicate
    }

    /// As a store says it: `attempted` failed.
    pub fn into_store(self, attempted: impl Into<String>) -> StoreError {
        match self.trouble {
            Trouble::Refused => StoreError::refused(attempted, self.to_string()),
            Trouble::Lost | Trouble::Busy | Trouble::Full => {
                StoreError::unavailable(attempted, self.to_string())
            }
        }
    }
}

/// By SQLSTATE (manual of PostgreSQL, appendix A).
fn postgres(code: Option<&str>) -> Trouble {
    let Some(code) = code else { return Trouble::Lost };
    match (code.get(..2), code) {
        // Shut down by an administrator, crashed, not yet started, too many connections.
        (Some("08"), _) | (_, "57P01" | "57P02" | "57P03" | "57P05" | "53300") => Trouble::Lost,
        // A transaction rolled back, a lock that was not to be had.
        (Some("40"), _) | (_, "55P03" | "57014") => Trouble::Busy,
        (Some("53" | "58"), _) | (_, "25006") => Trouble::Full,
        _ => Trouble::Refused,
    }
}

/// By number (manual of MariaDB, "Error Codes").
fn mysql(number: u16) -> Trouble {
    match number {
        // Too many connections, shutting down, killed, gone, an aborted connection; a node of a cluster that is not ready, or
        // was cut off while it committed, so that nobody knows whether the others have it.
        1040 | 1053 | 1077 | 1078 | 1079 | 1080 | 1152 | 1159 | 1160 | 1161 | 1184 | 1927 | 2002 | 2003
        | 2006 | 2013 | 1047 | 1180 | 4031 => Trouble::Lost,
        // Wait for a lock, deadlock, interrupted, a record changed; tables changed or left the server's cache again and again.
        1205 | 1213 | 1317 | 1020 | 1615 | 3058 | 3572 => Trouble::Busy,
        // Disk, table or temporary space full; read-only.
        1021 | 1037 | 1038 | 1041 | 1114 | 1290 | 1836 | 3 | 28 => Trouble::Full,
        _ => Trouble::Refused,
    }
}

/// By extended result code, of which the low byte is the primary one.
fn sqlite(code: Option<&str>) -> Trouble {
    match code.and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
        // Busy, locked, interrupted, a changed schema, a race for a lock.
        Some(5 | 6 | 9 | 15 | 17) => Trouble::Busy,
        // Input or output, full, cannot open, read-only.
        Some(8 | 10 | 13 | 14) => Trouble::Full,
        _ => Trouble::Refused,
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        match &self.code {
            Some(code) => write!(f, " ({code})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for SqlError {}
