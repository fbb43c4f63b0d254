//! What is there already: the tables of a database, as the engine tells of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::connection::Connection;
use crate::engine::Engine;
use crate::error::SqlError;
use crate::statement::Statement;

/// A column that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Has {
    /// The type in the engine's words, in lower case, without how many digits of a number are shown.
    pub(super) form: String,
    pub(super) null: bool,
}

/// The tables of a database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Present {
    pub(super) tables: BTreeMap<String, BTreeMap<String, Has>>,
    /// Indexes by table: their names, and what they are of.
    pub(super) indexes: BTreeSet<(String, String)>,
    /// Foreign keys: table, column and the table that is named.
    pub(super) foreign: BTreeSet<(String, String, String)>,
}

/// `table, column, type, may be NULL` of all columns.
fn columns(engine: Engine) -> &'static str {
    match engine {
        Engine::MySql => {
            "SELECT table_name, column_name, CAST(column_type AS CHAR), is_nullable = 'YES' \
             FROM information_schema.columns WHERE table_schema = DATABASE()"
        }
        Engine::Postgres => {
            "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull \
             FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped \
             AND n.nspname = ANY (current_schemas(false))"
        }
        Engine::Sqlite => {
            "SELECT t.name, c.name, c.type, c.\"notnull\" = 0 FROM sqlite_schema t, pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'"
        }
    }
}

/// `table, index, columns` of all indexes, those of keys among them.
fn indexes(engine: Engine) -> &'static str {
    match engine {
        Engine::MySql => {
            "SELECT table_name, index_name, CAST(group_concat(column_name ORDER BY seq_in_index SEPARATOR ', ') AS CHAR) \
             FROM information_schema.statistics WHERE table_schema = DATABASE() GROUP BY table_name, index_name"
        }
        Engine::Postgres => {
            "SELECT t.relname::text, i.relname::text, (SELECT string_agg(pg_get_indexdef(x.indexrelid, n::int, true), \
             ', ' ORDER BY n) FROM generate_series(1, x.indnatts) n) FROM pg_index x JOIN pg_class i \
             ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace s ON s.oid = t.relnamespace \
             WHERE s.nspname = ANY (current_schemas(false))"
        }
        Engine::Sqlite => "SELECT tbl_name, name, '' FROM sqlite_schema WHERE type = 'index'",
    }
}

/// `table, column, table named` of all foreign keys.
fn foreign(engine: Engine) -> &'static str {
    match engine {
        Engine::MySql => {
            "SELECT table_name, column_name, referenced_table_name FROM information_schema.key_column_usage \
             WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL"
        }
        Engine::Postgres => {
            "SELECT t.relname::text, a.attname::text, f.relname::text FROM pg_constraint c JOIN pg_class t \
             ON t.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid JOIN pg_attribute a \
             ON a.attrelid = t.oid AND a.attnum = c.conkey[1] JOIN pg_namespace n ON n.oid = t.relnamespace \
             WHERE c.contype = 'f' AND n.nspname = ANY (current_schemas(false))"
        }
        Engine::Sqlite => {
            "SELECT t.name, f.\"from\", f.\"table\" FROM sqlite_schema t, pragma_foreign_key_list(t.name) f \
             WHERE t.type = 'table'"
        }
    }
}

impl Present {
    /// Looks what a database has.
    pub(super) async fn of(connection: &mut Connection) -> Result<Self, SqlError> {
        let engine = connection.engine();
        let mut present = Self::default();
        for row in connection.rows(Statement::new(engine, columns(engine))).await? {
            if let (Some(table), Some(column), Some(form)) = (row.text(0), row.text(1), row.text(2)) {
                let has = Has { form: plain(form), null: row.bool(3).unwrap_or_default() };
                present.tables.entry(table.to_owned()).or_default().insert(column.to_owned(), has);
            }
        }
        for row in connection.rows(Statement::new(engine, indexes(engine))).await? {
            if let (Some(table), Some(name), Some(of)) = (row.text(0), row.text(1), row.text(2)) {
                present.indexes.insert((table.to_owned(), name.to_owned()));
                present.indexes.insert((table.to_owned(), of.replace('"', "")));
            }
        }
        for row in connection.rows(Statement::new(engine, foreign(engine))).await? {
            if let (Some(table), Some(column), Some(named)) = (row.text(0), row.text(1), row.text(2)) {
                present.foreign.insert((table.to_owned(), column.to_owned(), named.to_owned()));
            }
        }
        Ok(present)
    }

    /// A column that is there.
    pub(super) fn column(&self, table: &str, column: &str) -> Option<&Has> {
        self.tables.get(table)?.get(column)
    }
}

/// A type without the digits that numbers are shown with.
fn plain(form: &str) -> String {
    let form = form.to_lowercase();
    match form.split_once('(') {
        Some((kind, rest)) if kind.ends_with("int") => {
            format!("{kind}{}", rest.split_once(')').map_or("", |(_, rest)| rest))
        }
        _ => form,
    }
}

#[cfg(test)]
mod tests {
    /// Servers differ in whether they tell how many digits are shown; how long text may be counts.
    #[test]
    fn digits_of_numbers_do_not_count() {
        let plain = super::plain;
        assert_eq!(plain("INT(10) unsigned"), "int unsigned");
        assert_eq!(plain("tinyint(1)"), "tinyint");
        assert_eq!(plain("varchar(39)"), "varchar(39)");
        assert_eq!(plain("bigint"), "bigint");
    }
}
