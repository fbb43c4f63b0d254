//! `lease-dump` and `lease-upload`: leases of a database as a lease file, and the other way.

use std::path::Path;

use kotare_store_memfile::Sheet;
use kotare_store_sql::{Bulk, Connection, Engine, Page, SqlError};

use super::tables;
use crate::args::Task;
use crate::dump::agreed;
use crate::leases::Leases;
use crate::upload::{SHOWN, no_conflicts, sound};
use crate::{Done, say};

/// How many leases go in one statement. Databases bound how many values that may have.
const ROWS: usize = 500;
/// After so many leases who waits is told.
const TOLD: u64 = 1_000_000;

/// Writes all leases to a lease file, page by page.
pub(super) async fn dump<L: Leases>(task: &Task, connection: &mut Connection) -> Done {
    let output = task.output.as_deref().unwrap_or(Path::new(""));
    tables::usable(connection).await?;
    let bulk = Bulk::<L>::of(connection).await.map_err(text)?;
    agreed(task, output)?;
    let mut sheet = Sheet::<L>::new(output).map_err(|error| error.to_string())?;
    let (mut damaged, mut count) = (0, 0);
    let mut page = Page::start();
    while let Some(next) = bulk.after(connection, page, 10 * ROWS).await.map_err(text)? {
        damaged += next.damaged;
        for lease in &next.leases {
            sheet.add(lease).map_err(|error| error.to_string())?;
            count += 1;
            if u64::is_multiple_of(count, TOLD) {
                say::info(format_args!("{count} leases"));
            }
        }
        page = next;
    }
    let count = sheet.finish().map_err(|error| error.to_string())?;
    if damaged > 0 {
        say::warning(format_args!(
            "{damaged} rows make no sense; a server leaves them out, and so does the dump"
        ));
    }
    let (name, output) = (L::NAME, output.display());
    match connection.engine() {
        Engine::Postgres => say::line(format_args!("{name} successfully dumped to {output}")),
        _ => say::info(format_args!("Successfully dumped {name} to {output}.")),
    }
    say::info(format_args!("{count} leases"));
    Ok(())
}

/// Puts all leases of a lease file into a database, in one transaction; in a dry run it only looks what that would change.
pub(super) async fn upload<L: Leases>(task: &Task, connection: &mut Connection) -> Done {
    tables::usable(connection).await?;
    let snapshot = sound::<L>(task)?;
    let bulk = Bulk::<L>::of(connection).await.map_err(text)?;
    connection.begin().await.map_err(text)?;
    let put = put_all(&bulk, connection, snapshot.leases(), task).await;
    let (all, changed) = connection.end(put).await.map_err(text)?;
    if task.dry_run {
        say::info(format_args!("{changed} of {all} leases would be new or changed in table {}", L::NAME));
        return Ok(());
    }
    say::info(format_args!("Successfully updated table {}.", L::NAME));
    say::info(format_args!("{changed} of {all} leases are new or changed"));
    Ok(())
}

/// How many leases there were, and how many the database had otherwise or not.
async fn put_all<L: Leases>(
    bulk: &Bulk<L>,
    connection: &mut Connection,
    mut leases: impl Iterator<Item = L>,
    task: &Task,
) -> Result<(u64, u64), SqlError> {
    let (mut all, mut changed, mut conflicts) = (0, 0, 0);
    let mut named = Vec::new();
    loop {
        let some: Vec<L> = leases.by_ref().take(ROWS).collect();
        if some.is_empty() {
            break;
        }
        let there = bulk.there(connection, &some).await?;
        let others = some.iter().filter(|lease| {
            let own = there.get(&lease.address());
            !task.replaces && own.is_some_and(|own| !bulk.are_same(own, lease))
        });
        for lease in others {
            conflicts += 1;
            if named.len() < SHOWN {
                named.push(lease.address().to_string());
            }
        }
        if task.dry_run {
            bulk.keeps(&some)?;
            let differs =
                |lease: &&L| there.get(&lease.address()).is_none_or(|own| !bulk.are_same(own, lease));
            changed += some.iter().filter(differs).count() as u64;
        } else if conflicts == 0 {
            changed += bulk.put(connection, &some, &there).await?;
        }
        let before = all / TOLD;
        all += some.len() as u64;
        if all / TOLD > before {
            say::info(format_args!("{all} leases"));
        }
    }
    no_conflicts(conflicts, &named).map_err(SqlError::refused)?;
    Ok((all, changed))
}

fn text(error: SqlError) -> String {
    error.to_string()
}
