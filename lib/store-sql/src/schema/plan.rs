//! What has to be done to a database so that it has the schema: from nothing, or from any version since Kea 2.2's.
//!
//! The plan is made of what is there, not of the version that the database says it has: what was done before an
//! interruption is not in it a second time. The version is written last.

use super::classes;
use super::conversions;
use super::present::Present;
use super::routines;
use super::statistics;
use super::tables::{Declared, tables};
use super::version::Version;
use super::write;
use crate::engine::Engine;

/// A step, whole in one transaction where the engine has that for what it does.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it does, for who waits.
    pub what: String,
    pub(super) actions: Vec<Action>,
    /// It changes rows alone, while servers may change some, too.
    pub(super) is_of_rows: bool,
}

/// What is said to the database.
#[derive(Clone, Debug)]
pub(super) enum Action {
    /// Once.
    Run(String),
    /// Until it changes no row any more: it changes [`BATCH`] at most.
    Repeat(String),
    /// Not at all if these rows are there, of which the first column is named.
    Unless {
        /// What looks for them.
        rows: String,
        /// What they are, and what to do about them.
        because: String,
    },
}

/// How many rows are named that keep something from being done.
pub(super) const NAMED: usize = 5;

/// How many rows are changed by one statement.
pub(super) const BATCH: usize = 10_000;

impl Step {
    pub(super) fn new(what: impl Into<String>, statements: Vec<String>) -> Self {
        Self {
            what: what.into(),
            actions: statements.into_iter().map(Action::Run).collect(),
            is_of_rows: false,
        }
    }

    /// One that changes rows alone.
    pub(super) fn of_rows(what: impl Into<String>, statements: Vec<String>) -> Self {
        Self { is_of_rows: true, ..Self::new(what, statements) }
    }

    /// What it says to the database, in order.
    pub fn statements(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().map(|action| match action {
            Action::Run(text) | Action::Repeat(text) | Action::Unless { rows: text, .. } => text.as_str(),
        })
    }
}

/// All that is left to do; `version` is the one that the database has.
pub(super) fn steps(engine: Engine, present: &Present, version: Option<Version>) -> Vec<Step> {
    let declared = tables(engine);
    let current = Version::current(engine);
    let begins = present.tables.is_empty();
    let mut steps = Vec::new();
    // Of a later version nothing is known.
    if version.is_some_and(|version| version > current) {
        return steps;
    }
    let is_current = version == Some(current);
    // Tables may be missing nevertheless: somebody dropped them, or restored a part.
    if is_current && declared.iter().all(|table| present.tables.contains_key(&table.name())) {
        return steps;
    }
    if !begins {
        steps.extend(conversions::before(engine, present));
    }
    for table in &declared {
        steps.extend(table_step(table, engine, present));
    }
    if engine != Engine::Sqlite {
        for table in &declared {
            let lacks = write::foreign(table, engine).filter(|it| {
                !present.foreign.contains(&(table.name(), table.named(it.column), table.named(it.table)))
            });
            let statements: Vec<String> = lacks.map(|it| write::add_foreign(table, it, engine)).collect();
            if !statements.is_empty() {
                steps.push(Step::new(format!("foreign keys of {}", table.name()), statements));
            }
        }
    }
    if !begins {
        steps.extend(conversions::after(engine, present));
    }
    for leases in ["lease4", "lease6"] {
        let mut statements = statistics::triggers(leases, engine);
        if !begins {
            statements.extend(statistics::counts(leases).iter().flat_map(|count| count.recount(leases)));
        }
        steps.push(Step::new(format!("statistics of {leases}"), statements));
    }
    steps.extend(routines::steps(engine));
    if is_current {
        return steps;
    }
    let (major, minor) = (current.major, current.minor);
    let write = match version {
        Some(_) => format!("UPDATE schema_version SET version = {major}, minor = {minor}"),
        None => format!("INSERT INTO schema_version (version, minor) VALUES ({major}, {minor})"),
    };
    steps.push(Step::new(format!("version {current}"), vec![write]));
    steps
}

/// What counts leases anew.
pub(super) fn recount(engine: Engine, present: &Present) -> Vec<Step> {
    let of = |leases: &str| {
        let mut statements = Vec::new();
        // Elsewhere who reads leases to write counts has those that change them meanwhile wait.
        if engine == Engine::Postgres {
            statements.push(format!("LOCK TABLE {leases} IN SHARE MODE"));
        }
        let there = |table: &str| present.tables.contains_key(table);
        let counts = statistics::counts(leases).iter().filter(|count| there(count.table));
        statements.extend(counts.flat_map(|count| count.recount(leases)));
        if there(&classes::table(leases)) {
            statements.extend(classes::recount(leases, engine));
        }
        Step::of_rows(format!("statistics of {leases}"), statements)
    };
    ["lease4", "lease6"].map(of).into()
}

/// What a table lacks; the whole of it, if it is not there.
fn table_step(table: &Declared, engine: Engine, present: &Present) -> Option<Step> {
    let name = table.name();
    let there = present.tables.contains_key(&name);
    let mut statements = Vec::new();
    match there {
        false => {
            statements.push(write::create(table, engine));
            if let Some(tag) = conversions::all_servers(&name) {
                statements.push(tag);
            }
        }
        true => {
            for column in write::columns(table, engine) {
                let own = table.named(column.name(engine));
                let has = present.column(&name, &own);
                let quoted = write::quoted(engine, &name);
                let (own, fill) = (write::quoted(engine, &own), column.fill);
                if has.is_none() && !conversions::will_be(&name, column.name(engine), present) {
                    let text = write::column(table, column, engine, column.null || fill.is_some());
                    statements.push(format!("ALTER TABLE {quoted} ADD COLUMN {text}"));
                }
                if let Some(fill) = fill.filter(|_| has.is_none_or(|has| has.null)) {
                    statements.push(format!("UPDATE {quoted} SET {own} = '{fill}' WHERE {own} IS NULL"));
                    statements.push(match engine {
                        Engine::Postgres => format!("ALTER TABLE {quoted} ALTER COLUMN {own} SET NOT NULL"),
                        _ => format!(
                            "ALTER TABLE {quoted} MODIFY COLUMN {}",
                            write::column(table, column, engine, false)
                        ),
                    });
                }
            }
        }
    }
    for index in table.table.indexes.iter().filter(|index| index.is_of(engine)) {
        let is = |of: &str| present.indexes.contains(&(name.clone(), table.named(of)));
        if !there || !(is(index.name) || is(index.columns)) {
            statements.push(write::index(table, index, engine));
        }
    }
    statements.extend(write::words(table, engine).filter(|_| !there || name != "lease6_types"));
    if statements.is_empty() {
        return None;
    }
    let what = if there { format!("table {name}") } else { format!("new table {name}") };
    Some(Step::new(what, statements))
}
