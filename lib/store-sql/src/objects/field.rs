//! A keyword of a configuration and the column that has it.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Map, Value as Json, json};

use super::Failed;
use crate::engine::Engine;
use crate::statement::Statement;
use crate::value::{Kind, Row, Value};

/// A keyword and its column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) keyword: &'static str,
    column: &'static str,
    /// PostgreSQL wants a letter first.
    postgres: Option<&'static str>,
    form: Form,
}

/// How a value stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A string.
    Text,
    /// A string, as bytes.
    Bytes,
    /// An integer.
    Number,
    /// Yes or no.
    Truth,
    /// One or other of these, by its number.
    Word(&'static [&'static str]),
    /// A number with a fraction.
    Real,
    /// A list of strings or numbers, as JSON in text.
    List,
    /// The list `ip-addresses` of a map, as JSON in text.
    Relay,
    /// A map, as JSON.
    Map,
    /// An address of IPv4: a number; in PostgreSQL its own type.
    Address,
    /// An address of IPv6 as text; in PostgreSQL its own type.
    Address6,
}

pub(super) const fn field(keyword: &'static str, column: &'static str, form: Form) -> Field {
    Field { keyword, column, postgres: None, form }
}

impl Field {
    pub(super) const fn in_postgres(self, name: &'static str) -> Self {
        Self { postgres: Some(name), ..self }
    }

    /// The column between the quotes of an engine.
    pub(super) fn quoted(&self, engine: Engine) -> String {
        match engine {
            Engine::MySql => format!("`{}`", self.column),
            Engine::Postgres => format!("\"{}\"", self.postgres.unwrap_or(self.column)),
            Engine::Sqlite => format!("\"{}\"", self.column),
        }
    }

    /// What is read of it, from a table `o`.
    pub(super) fn read_as(&self, engine: Engine) -> String {
        let column = format!("o.{}", self.quoted(engine));
        match (self.form, engine) {
            (Form::Real, Engine::MySql) => format!("CAST({column} AS CHAR)"),
            (Form::Real, _) => format!("CAST({column} AS TEXT)"),
            (Form::Address | Form::Address6, Engine::Postgres) => format!("host({column})"),
            _ => column,
        }
    }

    /// Adds what a map has under the keyword.
    pub(super) fn bind(&self, statement: &mut Statement, map: &Map<String, Json>) -> Result<(), Failed> {
        let written = map.get(self.keyword).filter(|value| !value.is_null());
        let engine = statement.engine();
        let value = match written {
            None => Value::Null(self.kind(engine)),
            Some(json) => self
                .value(json, engine)
                .ok_or_else(|| Failed::Wrong(format!("'{}' has a wrong value {json}", self.keyword)))?,
        };
        statement.bind(value);
        if engine == Engine::Postgres {
            statement.push(match self.form {
                Form::Real => "::text::double precision",
                Form::Map => "::json",
                Form::Address | Form::Address6 => "::inet",
                _ => "",
            });
        }
        Ok(())
    }

    fn kind(&self, engine: Engine) -> Kind {
        match self.form {
            Form::Number | Form::Word(_) => Kind::Int,
            Form::Address if engine != Engine::Postgres => Kind::Int,
            Form::Truth => Kind::Bool,
            Form::Bytes => Kind::Bytes,
            _ => Kind::Text,
        }
    }

    fn value(&self, json: &Json, engine: Engine) -> Option<Value> {
        Some(match self.form {
            Form::Text | Form::Address6 => Value::Text(json.as_str()?.to_owned()),
            Form::Bytes => Value::Bytes(json.as_str()?.as_bytes().to_vec()),
            Form::Number => Value::Int(json.as_i64()?),
            Form::Truth => Value::Bool(json.as_bool()?),
            Form::Word(words) => {
                let word = json.as_str()?;
                Value::Int(words.iter().position(|it| *it == word)?.try_into().ok()?)
            }
            Form::Real => Value::Text(json.as_f64()?.to_string()),
            Form::List => Value::Text(spaced(json.as_array()?)),
            Form::Relay => Value::Text(spaced(json.get("ip-addresses")?.as_array()?)),
            Form::Map => Value::Text(json.as_object().map(|_| json.to_string())?),
            Form::Address => {
                let address: Ipv4Addr = json.as_str()?.parse().ok()?;
                match engine {
                    Engine::Postgres => Value::Text(address.to_string()),
                    _ => Value::Int(address.to_bits().into()),
                }
            }
        })
    }

    /// What a column of a row says, if anything.
    pub(super) fn json(&self, row: &Row, at: usize) -> Option<Json> {
        if row.is_null(at) {
            return None;
        }
        Some(match self.form {
            Form::Text | Form::Bytes | Form::Address6 => json!(row.text(at)?),
            Form::Number => json!(row.int(at)?),
            Form::Truth => json!(row.bool(at)?),
            Form::Word(words) => json!(words.get(row.number::<usize>(at)?)?),
            Form::Real => json!(row.text(at)?.parse::<f64>().ok()?),
            Form::List => {
                let list: Json = serde_json::from_str(row.text(at)?).ok()?;
                return Some(list).filter(|list| list.as_array().is_some_and(|items| !items.is_empty()));
            }
            Form::Relay => {
                let list: Json = serde_json::from_str(row.text(at)?).ok()?;
                return list
                    .as_array()
                    .is_some_and(|items| !items.is_empty())
                    .then(|| json!({"ip-addresses": list}));
            }
            Form::Map => serde_json::from_str(row.text(at)?).ok()?,
            Form::Address => match row.text(at) {
                Some(text) => json!(text.parse::<IpAddr>().ok()?.to_string()),
                None => json!(Ipv4Addr::from_bits(row.number(at)?).to_string()),
            },
        })
    }
}

/// A list as Kea writes it into columns: `[ "a", "b" ]`, and `[  ]` for none.
pub(super) fn spaced(items: &[Json]) -> String {
    let items: Vec<_> = items.iter().map(Json::to_string).collect();
    format!("[ {} ]", items.join(", "))
}
