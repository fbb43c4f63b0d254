//! Columns of tables, and how each engine and each version of the schema has their values.

use std::collections::BTreeMap;
use std::net::Ipv6Addr;

use crate::connection::Connection;
use crate::engine::Engine;
use crate::error::SqlError;
use crate::statement::Statement;
use crate::value::{Row, Value};

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
}

/// How the value of a column is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it is.
    Plain,
    /// An instant, given in seconds.
    Time,
    /// An address of IPv6 as PostgreSQL has it, given as text.
    Inet,
}

impl Column {
    pub(crate) const fn plain(name: &'static str) -> Self {
        Self { name, form: Form::Plain }
    }

    pub(crate) const fn time(name: &'static str) -> Self {
        Self { name, form: Form::Time }
    }

    /// The expression that reads it, from a table of this name.
    pub(crate) fn read(self, engine: Engine) -> String {
        match self.form {
            Form::Plain => self.name.to_owned(),
            Form::Time => engine.seconds(self.name),
            Form::Inet => format!("host({})", self.name),
        }
    }

    /// Adds a value for it.
    pub(crate) fn write(self, statement: &mut Statement, value: Value) {
        match (self.form, value) {
            (Form::Time, Value::Int(seconds)) => statement.bind_time(seconds),
            (Form::Inet, value) => {
                statement.bind(value);
                statement.push("::inet");
            }
            (_, value) => statement.bind(value),
        }
    }

    /// Adds ` IN (…)`.
    pub(crate) fn write_in(self, statement: &mut Statement, mut values: Vec<Value>) {
        let last = values.last().cloned();
        values.extend(last.into_iter().cycle().take(padding(values.len())));
        statement.push(" IN (");
        statement.list(values, |statement, value| self.write(statement, value));
        statement.push(")");
    }
}

/// How often the last of so many is repeated, so that there are few different lengths: a database prepares each statement
/// that it has not met.
pub(crate) fn padding(count: usize) -> usize {
    count.next_power_of_two() - count
}

/// How a schema has addresses of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Address6 {
    /// As text: up to versions 18 of MySQL's schema and 17 of PostgreSQL's.
    Text,
    /// As PostgreSQL's own type.
    Inet,
    /// As 16 bytes.
    Binary,
}

impl Address6 {
    /// How a column of this type, in lower case, has them.
    pub(crate) fn of_type(name: &str) -> Self {
        match name {
            "inet" => Self::Inet,
            "binary" | "blob" => Self::Binary,
            _ => Self::Text,
        }
    }

    /// A column of this name with such addresses.
    pub(crate) fn column(self, name: &'static str) -> Column {
        let form = if self == Self::Inet { Form::Inet } else { Form::Plain };
        Column { name, form }
    }

    pub(crate) fn value(self, address: Ipv6Addr) -> Value {
        match self {
            Self::Text | Self::Inet => Value::Text(address.to_string()),
            Self::Binary => Value::Bytes(address.octets().to_vec()),
        }
    }

    /// Whether a column has them as bytes.
    pub(crate) fn is_bytes(self) -> bool {
        self == Self::Binary
    }

    /// The address in a column.
    pub(crate) fn read(self, row: &Row, column: usize) -> Option<Ipv6Addr> {
        match self {
            Self::Text | Self::Inet => row.text(column)?.parse().ok(),
            Self::Binary => Some(Ipv6Addr::from(<[u8; 16]>::try_from(row.bytes(column)?).ok()?)),
        }
    }
}

/// Looks whether a table has what is read of it and written to it.
///
/// # Errors
/// Refused, with what is missing.
pub(crate) fn require<'a>(
    table: &str,
    there: &BTreeMap<String, String>,
    wanted: impl IntoIterator<Item = &'a str>,
) -> Result<(), SqlError> {
    let advice = "the database was not initialized, or not to its end; kea-admin makes what is missing";
    if there.is_empty() {
        return Err(SqlError::refused(format!("there is no table {table}: {advice}")));
    }
    match wanted.into_iter().find(|column| !there.contains_key(*column)) {
        Some(column) => Err(SqlError::refused(format!("the table {table} has no column {column}: {advice}"))),
        None => Ok(()),
    }
}

/// The columns of a table and their types, in lower case.
pub(crate) async fn columns_of(
    connection: &mut Connection,
    table: &str,
) -> Result<BTreeMap<String, String>, SqlError> {
    let engine = connection.engine();
    let of = match engine {
        Engine::Sqlite => "SELECT name, type FROM pragma_table_info(",
        Engine::MySql => {
            "SELECT column_name, CAST(data_type AS CHAR) FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name = ("
        }
        Engine::Postgres => {
            "SELECT column_name::text, data_type::text FROM information_schema.columns \
             WHERE table_schema = ANY (current_schemas(false)) AND table_name = ("
        }
    };
    let rows = connection.rows(Statement::new(engine, of).value(table).text(")")).await?;
    let pair = |row: &Row| Some((row.text(0)?.to_lowercase(), row.text(1)?.to_lowercase()));
    Ok(rows.iter().filter_map(pair).collect())
}
