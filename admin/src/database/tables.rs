//! `db-init`, `db-version`, `db-upgrade`: the tables of a database; `stats-recount`: what of them is counted.

use kotare_store_sql::schema::{self, Schema, Step, Version};
use kotare_store_sql::{Connection, Engine, SqlError, Statement};

use crate::args::Task;
use crate::{Done, say};

/// Makes the tables of an empty database, or goes on where that was interrupted.
pub(super) async fn init(task: &Task, connection: &mut Connection) -> Done {
    say::line("Checking if there is a database initialized already...");
    let schema = look(connection).await?;
    let there: Vec<&str> = schema.tables().collect();
    if schema.is_begun() {
        say::info("an initialization was interrupted, and goes on");
    } else if !there.is_empty() {
        return Err(format!(
            "Expected empty database. Aborting, the following tables are present: {}",
            there.join(" ")
        ));
    }
    if task.dry_run {
        return show(&schema.steps());
    }
    may_create(connection).await?;
    say::line(format_args!(
        "Initializing database with the schema of version {}",
        Version::current(connection.engine())
    ));
    take(connection, &schema.steps(), false).await?;
    let version = Version::of(connection).await.map_err(failed_version)?;
    say::line(format_args!("Schema version reported after initialization: {version}"));
    Ok(())
}

/// Prints the version.
pub(super) async fn version(connection: &mut Connection) -> Done {
    let version = Version::of(connection).await.map_err(failed_version)?;
    say::line(version);
    let missing = look(connection).await?.missing();
    if version == Version::current(connection.engine()) && !missing.is_empty() {
        return Err(format!(
            "the database says that it is of version {version}, and lacks tables of it: {}",
            missing.join(" ")
        ));
    }
    Ok(())
}

/// Makes the tables of an older version those of today.
pub(super) async fn upgrade(task: &Task, connection: &mut Connection) -> Done {
    let engine = connection.engine();
    let found = Version::of(connection).await.map_err(failed_version)?;
    say::line(format_args!("Schema version reported before upgrade: {found}"));
    Version::check(connection).await.map_err(|error| error.to_string())?;
    let steps = look(connection).await?.steps();
    if task.dry_run {
        return show(&steps);
    }
    if !steps.is_empty() {
        say::line("Verifying upgrade permissions");
        may_create(connection).await?;
        if engine == Engine::MySql {
            say::info("an upgrade that is interrupted goes on when db-upgrade is run again");
        }
    }
    take(connection, &steps, true).await?;
    let version = Version::of(connection).await.map_err(failed_version)?;
    say::line(format_args!("Schema version reported after upgrade: {version}"));
    Ok(())
}

/// Counts the leases anew.
pub(super) async fn recount(task: &Task, connection: &mut Connection) -> Done {
    say::line("Recount lease statistics from database");
    usable(connection).await?;
    let steps = look(connection).await?.recount();
    match task.dry_run {
        true => show(&steps),
        false => take(connection, &steps, true).await,
    }
}

/// Whether a database can be worked with.
pub(super) async fn usable(connection: &mut Connection) -> Done {
    Version::check(connection).await.map(drop).map_err(|error| error.to_string())
}

fn failed_version(error: SqlError) -> String {
    format!("Failed to get schema version: {error}")
}

async fn look(connection: &mut Connection) -> Result<Schema, String> {
    Schema::of(connection).await.map_err(|error| format!("table query failed: {error}"))
}

/// What would be said to the database.
fn show(steps: &[Step]) -> Done {
    for step in steps {
        say::line(format_args!("-- {}", step.what));
        step.statements().for_each(|statement| say::line(format_args!("{statement};")));
    }
    Ok(())
}

async fn take(connection: &mut Connection, steps: &[Step], told: bool) -> Done {
    for (at, step) in steps.iter().enumerate() {
        if told {
            say::line(format_args!("Processing {} of {}: {}...", at + 1, steps.len(), step.what));
        }
        let rows = |rows| say::line(format_args!("  {rows} rows"));
        let taken = schema::take(connection, step, rows).await;
        taken.map_err(|error| {
            format!("{}: {error}. What was done before stays; the same command goes on", step.what)
        })?;
    }
    Ok(())
}

/// With a binary log MySQL lets few make triggers: better known before tables are made.
async fn may_create(connection: &mut Connection) -> Done {
    if connection.engine() != Engine::MySql {
        return Ok(());
    }
    let version = Statement::new(Engine::MySql, "SELECT version()");
    let rows = connection.rows(version).await.map_err(|error| error.to_string())?;
    let version = rows.first().and_then(|row| row.text(0)).unwrap_or_default();
    say::line(format_args!("MySQL Version is: {version}"));
    let mut able = Ok(());
    for statement in [
        "DROP TABLE IF EXISTS kea_dummy_table",
        "CREATE TABLE kea_dummy_table (dummy INT UNSIGNED PRIMARY KEY NOT NULL)",
        "CREATE TRIGGER kea_dummy_trigger BEFORE INSERT ON kea_dummy_table FOR EACH ROW BEGIN END",
    ] {
        if able.is_ok() {
            able = connection.script(statement).await;
        }
    }
    drop(connection.script("DROP TABLE IF EXISTS kea_dummy_table").await);
    able.map_err(|error| format!("Create failed, the user has insufficient privileges: {error}"))
}
