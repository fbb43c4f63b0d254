//! Columns of the tables of leases, and how each engine and each version of the schema has their values.

use std::net::Ipv6Addr;

use crate::engine::Engine;
use crate::statement::Statement;
use crate::value::{Row, Value};

/// A column of a table of leases.
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
    pub(crate) fn column(self) -> Column {
        let form = if self == Self::Inet { Form::Inet } else { Form::Plain };
        Column { name: "address", form }
    }

    pub(crate) fn value(self, address: Ipv6Addr) -> Value {
        match self {
            Self::Text | Self::Inet => Value::Text(address.to_string()),
            Self::Binary => Value::Bytes(address.octets().to_vec()),
        }
    }

    /// The address in a column.
    pub(crate) fn read(self, row: &Row, column: usize) -> Option<Ipv6Addr> {
        match self {
            Self::Text | Self::Inet => row.text(column)?.parse().ok(),
            Self::Binary => Some(Ipv6Addr::from(<[u8; 16]>::try_from(row.bytes(column)?).ok()?)),
        }
    }
}
