//! Kea's schemas: what the tables of a database look like, how they come there, and how older ones become those of today.
//!
//! - `table`, `tables`: what is declared, once for all engines.
//! - `write`, `statistics`, `classes`: what that is in the words of each engine.
//! - `present`: what a database has; `plan`: what it lacks, step by step; `conversions`: what is written otherwise now.
//! - [`Version`]: the version that a database says it has.
//!
//! - `routines`: what databases do themselves: procedures that Kea's programs call, and triggers of the configuration.
//!
//! What is not here of upstream's schemas: procedures that only its own triggers call, and triggers that change nothing.

mod classes;
mod conversions;
mod plan;
mod present;
mod routines;
mod statistics;
mod table;
mod tables;
mod version;
mod write;

pub use plan::Step;
pub(crate) use tables::DATA_TYPES;
pub use version::Version;

use crate::access::Access;
use crate::connection::Connection;
use crate::engine::Engine;
use crate::error::{SqlError, Trouble};
use crate::link::LONG;
use crate::statement::Statement;
use plan::Action;
use present::Present;

/// What a database has, and what it lacks.
#[derive(Debug)]
pub struct Schema {
    present: Present,
    version: Option<Version>,
    engine: Engine,
}

impl Schema {
    /// Looks what a database has.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn of(connection: &mut Connection) -> Result<Self, SqlError> {
        let present = Present::of(connection).await?;
        let version = match present.tables.contains_key("schema_version") {
            // Empty while the tables are being made.
            true => Version::of(connection).await.ok(),
            false => None,
        };
        Ok(Self { present, version, engine: connection.engine() })
    }

    /// The version that the database says it has; none if it has none, or is not made to its end.
    pub fn version(&self) -> Option<Version> {
        self.version
    }

    /// The names of all tables that are there.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.present.tables.keys().map(String::as_str)
    }

    /// All columns that are there, each as a line: table, column, type, and whether it may have no value.
    pub fn columns(&self) -> Vec<String> {
        let of = |(table, columns): (&String, &std::collections::BTreeMap<String, present::Has>)| {
            let line = |(name, has): (&String, &present::Has)| {
                format!("{table}.{name} {}{}", has.form, if has.null { " null" } else { "" })
            };
            columns.iter().map(line).collect::<Vec<_>>()
        };
        self.present.tables.iter().flat_map(of).collect()
    }

    /// The tables of today that are not there.
    pub fn missing(&self) -> Vec<String> {
        let all = tables::tables(self.engine).into_iter().map(|table| table.name());
        all.filter(|name| !self.present.tables.contains_key(name)).collect()
    }

    /// Whether the tables are those of an initialization that was interrupted, which goes on.
    pub fn is_begun(&self) -> bool {
        self.version.is_none() && self.present.tables.contains_key("schema_version")
    }

    /// What has to be done to have the schema of today; nothing, if that is there.
    pub fn steps(&self) -> Vec<Step> {
        plan::steps(self.engine, &self.present, self.version)
    }

    /// What has to be done to have all leases counted anew. Servers may change leases meanwhile: each change is counted once,
    /// by the step or by its trigger.
    pub fn recount(&self) -> Vec<Step> {
        plan::recount(self.engine, &self.present)
    }
}

/// How often a step that changes rows is tried again when somebody was in the way.
const TRIES: usize = 10;

/// Does a step. An interrupted one is undone by PostgreSQL and SQLite; what MySQL has half done of tables the next
/// [`Schema::of`] finds, and what is left is in the step again.
///
/// # Errors
/// Whatever the database says, with the statement that it says it of.
pub async fn take(
    connection: &mut Connection,
    step: &Step,
    mut progress: impl FnMut(u64),
) -> Result<(), SqlError> {
    if !step.is_of_rows && connection.engine() == Engine::MySql {
        return act(connection, step, &mut progress).await;
    }
    let mut tries = 0;
    loop {
        tries += 1;
        let done = match connection.begin().await {
            Ok(()) => {
                let done = act(connection, step, &mut progress).await;
                connection.end(done).await
            }
            Err(error) => Err(error),
        };
        match done {
            Err(error) if step.is_of_rows && error.trouble == Trouble::Busy && tries < TRIES => {}
            outcome => return outcome,
        }
    }
}

async fn act(
    connection: &mut Connection,
    step: &Step,
    progress: &mut impl FnMut(u64),
) -> Result<(), SqlError> {
    let of = |statement: &str, mut error: SqlError| {
        error.reason = format!("{}; the statement was: {statement}", error.reason);
        error
    };
    for action in &step.actions {
        match action {
            Action::Run(text) => connection.script(text).await.map_err(|error| of(text, error))?,
            Action::Repeat(text) => {
                let mut rows = 0;
                loop {
                    let statement = Statement::new(connection.engine(), text);
                    match connection.execute(statement).await.map_err(|error| of(text, error))? {
                        0 => break,
                        changed => rows += changed,
                    }
                    progress(rows);
                }
            }
            Action::Unless { rows, because } => {
                let statement = Statement::new(connection.engine(), rows);
                let found = connection.rows(statement).await.map_err(|error| of(rows, error))?;
                let named: Vec<String> =
                    found.iter().map(|row| format!("'{}'", row.text(0).unwrap_or_default())).collect();
                if !named.is_empty() {
                    return Err(SqlError::refused(format!("{because}: {}", named.join(", "))));
                }
            }
        }
    }
    Ok(())
}

/// Makes of a file of SQLite what it lacks: whoever starts a server with one has nothing else to do. The tables of the
/// other engines are an administrator's, who makes them with `kea-admin`.
pub(crate) async fn make_if_own(connection: &mut Connection, access: &Access) -> Result<(), SqlError> {
    if connection.engine() != Engine::Sqlite || Schema::of(connection).await?.steps().is_empty() {
        return Ok(());
    }
    // What clients wait for is bounded by less than rewriting millions of leases takes.
    let mut own = Connection::open(&access.bounded(LONG)).await?;
    // Two servers may begin with one file: who comes second finds that all was done.
    own.script("BEGIN IMMEDIATE").await?;
    let done = make(&mut own).await;
    match &done {
        Ok(()) => own.script("COMMIT").await?,
        Err(_) => drop(own.script("ROLLBACK").await),
    }
    own.close().await;
    done
}

/// What a file of SQLite lacks, which a server makes when it opens it, a word for each step. What cannot be read
/// lacks nothing.
pub async fn left_to_servers(access: &Access) -> Vec<String> {
    let Ok(mut connection) = Connection::open(access).await else { return Vec::new() };
    let steps = match connection.engine() {
        Engine::Sqlite => Schema::of(&mut connection).await.map(|schema| schema.steps()).unwrap_or_default(),
        Engine::MySql | Engine::Postgres => Vec::new(),
    };
    connection.close().await;
    steps.into_iter().map(|step| step.what).collect()
}

/// Whether servers can work with the tables that are there. A database that says nothing of a version is looked at by who
/// reads its tables.
///
/// # Errors
/// As [`Version::check`].
pub(crate) async fn check(connection: &mut Connection) -> Result<(), SqlError> {
    match Schema::of(connection).await?.present.tables.contains_key("schema_version") {
        true => Version::check(connection).await.map(drop),
        false => Ok(()),
    }
}

async fn make(connection: &mut Connection) -> Result<(), SqlError> {
    for step in Schema::of(connection).await?.steps() {
        act(connection, &step, &mut |_| ()).await?;
    }
    Ok(())
}
