//! What is said to an engine to have what is declared: tables, columns, indexes, foreign keys, words.

use super::table::{Column, Foreign, Form, InFile, Index, NOW};
use super::tables::Declared;
use crate::engine::Engine;

/// A name between the quotes of an engine.
pub(super) fn quoted(engine: Engine, name: &str) -> String {
    match engine {
        Engine::MySql => format!("`{name}`"),
        Engine::Postgres | Engine::Sqlite => format!("\"{name}\""),
    }
}

/// Several names, with commas between.
pub(super) fn list(engine: Engine, names: &str) -> String {
    names.split(", ").map(|name| quoted(engine, name)).collect::<Vec<_>>().join(", ")
}

/// What an engine has of a table.
pub(super) fn columns(table: &Declared, engine: Engine) -> impl Iterator<Item = &'static Column> {
    table.table.columns.iter().filter(move |column| column.but != Some(engine))
}

/// The foreign keys that an engine has of a table.
pub(super) fn foreign(table: &Declared, engine: Engine) -> impl Iterator<Item = &'static Foreign> {
    table.table.foreign.iter().filter(move |it| it.only.is_none_or(|only| only == engine))
}

/// Makes a table. SQLite takes foreign keys only here, the others when all tables are there.
pub(super) fn create(table: &Declared, engine: Engine) -> String {
    let mut lines: Vec<String> =
        columns(table, engine).map(|it| column(table, it, engine, it.null)).collect();
    // A table without the column of its key has none.
    if columns(table, engine).any(|it| table.table.key.starts_with(it.name(engine))) {
        lines.push(format!("PRIMARY KEY ({})", list(engine, &table.named(table.table.key))));
    }
    if engine == Engine::Sqlite {
        lines.extend(foreign(table, engine).map(|it| reference(table, it, engine)));
    }
    let storage = match engine {
        Engine::MySql => " ENGINE = InnoDB",
        // Leases are found by their addresses, which are no numbers.
        Engine::Sqlite if table.table.name == "lease6" => " WITHOUT ROWID",
        Engine::Postgres | Engine::Sqlite => "",
    };
    format!("CREATE TABLE {} (\n  {}\n){storage}", quoted(engine, &table.name()), lines.join(",\n  "))
}

/// A column as a table has it.
pub(super) fn column(table: &Declared, column: &Column, engine: Engine, null: bool) -> String {
    let name = quoted(engine, &table.named(column.name(engine)));
    let mut text = format!("{name} {}{}", column.form.of(engine), if null { " NULL" } else { " NOT NULL" });
    if let Some(default) = column.default {
        text.push_str(&format!(" DEFAULT {}", value(column.form, default, engine)));
    }
    text
}

/// A value as it stands in the text of a schema.
pub(super) fn value(form: Form, value: &str, engine: Engine) -> String {
    match (value, engine, form) {
        (NOW, Engine::Sqlite, _) => "(CAST(strftime('%s', 'now') AS INTEGER))".to_owned(),
        ("0", Engine::Postgres, Form::Bool) => "FALSE".to_owned(),
        (NOW, _, _) => NOW.to_owned(),
        (text, _, form) if form.is_text() => format!("'{}'", text.replace('\'', "''")),
        (number, _, _) => number.to_owned(),
    }
}

/// Makes an index.
pub(super) fn index(table: &Declared, index: &Index, engine: Engine) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let name = quoted(engine, &table.named(index.name));
    let columns = list(engine, &table.named(index.columns));
    let filter = match (engine, index.in_file) {
        (Engine::Sqlite, InFile::Only(filter)) => Some(filter),
        _ => index.filter,
    };
    let (columns, filter) = match (engine, index.folded, filter) {
        (Engine::MySql, ..) | (_, false, None) => (columns, String::new()),
        (_, true, None) => (format!("lower({columns})"), format!(" WHERE {columns} IS NOT NULL")),
        (_, true, Some(filter)) => (format!("lower({columns})"), format!(" WHERE {filter}")),
        (_, false, Some(filter)) => (columns, format!(" WHERE {filter}")),
    };
    format!("CREATE {unique}INDEX {name} ON {} ({columns}){filter}", quoted(engine, &table.name()))
}

/// A foreign key as a table has it.
fn reference(table: &Declared, it: &Foreign, engine: Engine) -> String {
    let name = |name: &str| quoted(engine, &table.named(name));
    format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}){}{}",
        name(it.name),
        name(it.column),
        name(it.table),
        name(it.target),
        if it.cascade { " ON DELETE CASCADE" } else { "" },
        if it.follows { " ON UPDATE CASCADE" } else { "" },
    )
}

/// Gives a table that is there a foreign key.
pub(super) fn add_foreign(table: &Declared, it: &Foreign, engine: Engine) -> String {
    format!("ALTER TABLE {} ADD {}", quoted(engine, &table.name()), reference(table, it, engine))
}

/// Puts the words of a dictionary there, or mends them.
pub(super) fn words(table: &Declared, engine: Engine) -> Option<String> {
    if table.table.words.is_empty() {
        return None;
    }
    let names: Vec<String> = columns(table, engine).map(|it| quoted(engine, it.name(engine))).collect();
    let rows: Vec<String> =
        table.table.words.iter().map(|(number, word)| format!("({number}, '{word}')")).collect();
    let [key, word] = &names[..] else { return None };
    let or = match engine {
        Engine::MySql => format!("ON DUPLICATE KEY UPDATE {word} = VALUES({word})"),
        Engine::Postgres | Engine::Sqlite => {
            format!("ON CONFLICT ({key}) DO UPDATE SET {word} = excluded.{word}")
        }
    };
    let table = quoted(engine, &table.name());
    Some(format!("INSERT INTO {table} ({key}, {word}) VALUES {} {or}", rows.join(", ")))
}
