//! Lines in the table `logs` of a database.
//!
//! While the database is lost lines wait in the queue, as many as there is room for, and are written when it is there
//! again. Only what is refused, and what waits when the log ends, is missing.

use std::collections::VecDeque;
use std::fmt::{self, Display};
use std::sync::{Arc, OnceLock};

use kotare_config::process::{OnFail, Reconnect};
use kotare_store_sql::{Access, Engine, LogRow, Reach, Retry, SqlError, SqlLog, Trouble};
use serde_json::{Map, Value as Json, json};

use super::journal::{Journal, Line, Store, Wanted, Written};
use super::messages::*;
use crate::databases::{Keeps, Manager};
use crate::{Companion, Doing, ModuleConnection};

/// A database that lines go to, beside the messages.
pub(super) struct DatabaseLog {
    access: Access,
    /// What was given for it, as the log tells it.
    given: String,
    reconnect: Reconnect,
    journal: Arc<Journal>,
    failed: fn(&dyn Display),
    /// The connection, once it was prepared.
    log: OnceLock<Arc<SqlLog>>,
}

impl DatabaseLog {
    /// The database with this `access`, for which this was `given`, to which the lines of `journal` go; `failed` says why they
    /// could not be written.
    pub(super) fn new(
        access: Access,
        given: String,
        reconnect: Reconnect,
        journal: Arc<Journal>,
        failed: fn(&dyn Display),
    ) -> Self {
        Self { access, given, reconnect, journal, failed, log: OnceLock::new() }
    }

    fn manager(&self) -> Manager {
        Keeps::LegalLog.in_a(self.access.engine)
    }

    async fn connect(&self) -> Result<SqlLog, String> {
        match self.access.engine {
            Engine::MySql | Engine::Postgres => self.manager().opens(&self.given),
            Engine::Sqlite => LEGAL_LOG_STORE_OPEN(&self.given),
        }
        let Reconnect { tries, wait, on_fail, at_start } = self.reconnect;
        let retry = Retry { tries, wait, for_ever: on_fail == OnFail::ServeRetryContinue };
        match SqlLog::open(self.access.clone(), retry).await {
            Err(error) if at_start && error.trouble == Trouble::Lost => {
                LEGAL_LOG_DB_OPEN_CONNECTION_WITH_RETRY_FAILED(&self.given, &error);
                Ok(SqlLog::later(error.to_string(), self.access.clone(), retry))
            }
            opened => opened
                .map_err(|error| format!("open the database of the legal log ({}): {error}", self.access)),
        }
    }
}

impl Companion for DatabaseLog {
    fn prepare(&self) -> Doing<'_, Result<(), String>> {
        Box::pin(async {
            if self.log.get().is_some() {
                return Ok(());
            }
            let log = Arc::new(self.connect().await?);
            let table =
                Table { log: log.clone(), name: format!("the table logs ({})", self.access), told: false };
            self.journal.start(table, self.failed)?;
            let _ = self.log.set(log);
            Ok(())
        })
    }

    fn connection(&self) -> Option<ModuleConnection> {
        let reach = self.log.get()?.reach();
        Some(ModuleConnection { manager: self.manager(), reach, reconnect: self.reconnect })
    }

    fn begin(&self) {}

    fn end(&self) {
        self.journal.flush();
    }

    fn report(&self, status: &mut Map<String, Json>) {
        let Some(log) = self.log.get() else { return };
        let mut shown = match log.reach().borrow().clone() {
            Reach::Up => json!({"status": "ready"}),
            Reach::Lost { reason, .. } | Reach::GivenUp { reason } => {
                json!({"status": "failing", "error": reason})
            }
        };
        shown["type"] = self.access.engine.name().into();
        shown["database"] = self.access.to_string().into();
        status.insert("legal-log".into(), shown);
    }
}

/// The table, for the thread that writes.
struct Table {
    log: Arc<SqlLog>,
    name: String,
    /// It was told that it cannot be written to, and it could not since.
    told: bool,
}

impl Store for Table {
    fn write(&mut self, lines: &VecDeque<Line>, wanted: &Wanted<'_>) -> Written {
        let rows: Vec<LogRow> = lines.iter().map(row).collect();
        let mut written = Written { lost: 0, failure: Ok(()) };
        let mut rest = &rows[..];
        while !rest.is_empty() {
            let (together, later) = rest.split_at(SqlLog::together(rest));
            match self.add(together) {
                Ok(logged) => {
                    self.told = false;
                    written.lost += logged.refused;
                    written.failure = logged.reason.map_or(written.failure, Err);
                    rest = later;
                }
                Err(reason) => {
                    if !std::mem::replace(&mut self.told, true) {
                        KOTARE_LEGAL_LOG_WAITS(&self.name, &reason);
                    }
                    if !wanted.pause() {
                        written.lost += rest.len() as u64;
                        written.failure = Err(reason.to_string());
                        return written;
                    }
                }
            }
        }
        written
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

impl Table {
    fn add(&self, rows: &[LogRow]) -> Result<kotare_store_sql::Logged, SqlError> {
        let ended = |_| Err(SqlError::lost("the connection ended"));
        self.log.add(rows.to_vec()).blocking_recv().unwrap_or_else(ended)
    }
}

fn row(line: &Line) -> LogRow {
    let at = i64::try_from(line.at.as_secs()).unwrap_or(i64::MAX);
    LogRow::new(at, line.address.as_deref(), &line.text)
}

impl fmt::Debug for DatabaseLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DatabaseLog").field(&self.access).finish()
    }
}
