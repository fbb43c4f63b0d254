//! SQLite, in a file beside the other files of the server.

use std::time::Duration;

use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow, SqliteSynchronous,
};
use sqlx::{Arguments, AssertSqlSafe, ConnectOptions, Row as _, TypeInfo, ValueRef};

use super::alike;
use crate::access::Access;
use crate::engine::Engine;
use crate::error::SqlError;
use crate::value::{Kind, Row, Value};

/// How long a writer is waited for.
const BUSY: Duration = Duration::from_secs(5);
/// How many statements are kept prepared.
const STATEMENTS: usize = 512;
/// As many rows are made ahead of who reads them.
const ROWS: usize = 1024;
/// As much of the file is kept in memory at most, in KiB: the upper parts of the indexes of a million leases, and where leases
/// are written. The rest is read from the system's cache. More costs more than it saves: a page that is split makes SQLite (3.51)
/// go through all that it keeps when the change ends, as it takes the split for pages beyond the end of the file.
const CACHE: u32 = 4 * 1024;
/// After so many pages in the log they are put into their places, each once, and the disk is waited for.
const LOG: u32 = 8192;

pub(crate) async fn open(access: &Access) -> Result<SqliteConnection, SqlError> {
    let options = SqliteConnectOptions::new()
        .filename(&access.name)
        .create_if_missing(!access.readonly)
        .read_only(access.readonly)
        // Readers do not wait for a writer.
        .journal_mode(SqliteJournalMode::Wal)
        // Survives the end of the process, as the journal of a memfile does.
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("cache_size", format!("-{CACHE}"))
        .pragma("wal_autocheckpoint", LOG.to_string())
        .row_buffer_size(ROWS)
        .statement_cache_capacity(STATEMENTS);
    options.connect().await.map_err(failed)
}

alike!(Engine::Sqlite, SqliteConnection, SqliteArguments);

/// A column; here each value has its own type.
fn column(row: &SqliteRow, at: usize) -> Result<Value, SqlError> {
    let raw = row.try_get_raw(at).map_err(failed)?;
    let name = raw.type_info().name().to_owned();
    Ok(match (raw.is_null(), &*name) {
        (true, _) => Value::Null(Kind::Text),
        (_, "INTEGER" | "BOOLEAN" | "INT4" | "INT8") => {
            Value::Int(row.try_get_unchecked(at).map_err(failed)?)
        }
        (_, "TEXT") => text(row.try_get_unchecked(at).map_err(failed)?),
        (_, "BLOB") => Value::Bytes(row.try_get_unchecked(at).map_err(failed)?),
        // A column may have any value; a fraction is none of ours.
        (_, _) => Value::Null(Kind::Text),
    })
}

fn text(bytes: Vec<u8>) -> Value {
    String::from_utf8(bytes).map_or_else(|error| Value::Bytes(error.into_bytes()), Value::Text)
}
