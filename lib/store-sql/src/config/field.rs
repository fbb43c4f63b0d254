//! A keyword of a configuration and the column that has it.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Map, Value as Json, json};

use crate::engine::Engine;
use crate::schema::DATA_TYPES;
use crate::statement::Statement;
use crate::value::{Kind, Row, Value};

/// A keyword and its column.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// What a configuration calls it.
    pub keyword: &'static str,
    /// What the table calls it, but in PostgreSQL if `postgres` is another name.
    pub column: &'static str,
    postgres: Option<&'static str>,
    /// How its values stand in the column.
    pub form: Form,
}

/// How values stand in a column, and what they are in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A string.
    Text,
    /// A string, as its bytes.
    Bytes,
    /// Bytes; in JSON a string of hexadecimal digits.
    Hex,
    /// An integer.
    Number,
    /// Yes or no.
    Truth,
    /// One of these words, by its place.
    Word(&'static [&'static str]),
    /// The name of a type of data, by its number.
    DataType,
    /// Several of those with commas between, by a JSON list of numbers in text.
    DataTypes,
    /// A number with a fraction.
    Real,
    /// A list, as JSON in text. An empty one is the same as none.
    List,
    /// A map with the list `ip-addresses`, as that list.
    Relay,
    /// A map, in a column of the engine's type for JSON.
    Map,
    /// A map, as JSON in text.
    MapText,
    /// An address of IPv4: a number; in PostgreSQL its own type.
    Address4,
    /// An address of IPv6: text; in PostgreSQL its own type.
    Address6,
}

pub(super) const fn field(keyword: &'static str, column: &'static str, form: Form) -> Field {
    Field { keyword, column, postgres: None, form }
}

impl Field {
    pub(super) const fn in_postgres(self, name: &'static str) -> Self {
        Self { postgres: Some(name), ..self }
    }

    /// The name of the column between the quotes of an engine: some begin with a digit.
    pub fn quoted(&self, engine: Engine) -> String {
        match engine {
            Engine::MySql => format!("`{}`", self.column),
            Engine::Postgres => format!("\"{}\"", self.postgres.unwrap_or(self.column)),
            Engine::Sqlite => format!("\"{}\"", self.column),
        }
    }

    /// The expression that reads it, from a table `o`.
    pub fn read_as(&self, engine: Engine) -> String {
        let column = format!("o.{}", self.quoted(engine));
        match (self.form, engine) {
            (Form::Real, Engine::MySql) => format!("CAST({column} AS CHAR)"),
            (Form::Real, _) => format!("CAST({column} AS TEXT)"),
            (Form::Address4 | Form::Address6, Engine::Postgres) => format!("host({column})"),
            _ => column,
        }
    }

    /// Adds what a map has under the keyword; NULL, if nothing.
    ///
    /// # Errors
    /// When that is nothing that the column can have; in the words of the operator.
    pub fn bind(&self, statement: &mut Statement, map: &Map<String, Json>) -> Result<(), String> {
        let engine = statement.engine();
        let value = match map.get(self.keyword).filter(|value| !value.is_null()) {
            None => Value::Null(self.kind(engine)),
            Some(json) => self
                .value(json, engine)
                .ok_or_else(|| format!("'{}' has a wrong value {json}", self.keyword))?,
        };
        statement.bind(value);
        if engine == Engine::Postgres {
            statement.push(match self.form {
                Form::Real => "::text::double precision",
                Form::Map => "::json",
                Form::Address4 | Form::Address6 => "::inet",
                _ => "",
            });
        }
        Ok(())
    }

    fn kind(&self, engine: Engine) -> Kind {
        match self.form {
            Form::Number | Form::Word(_) | Form::DataType => Kind::Int,
            Form::Address4 if engine != Engine::Postgres => Kind::Int,
            Form::Truth => Kind::Bool,
            Form::Bytes | Form::Hex => Kind::Bytes,
            _ => Kind::Text,
        }
    }

    fn value(&self, json: &Json, engine: Engine) -> Option<Value> {
        Some(match self.form {
            Form::Text | Form::Address6 => Value::Text(json.as_str()?.to_owned()),
            Form::Bytes => Value::Bytes(json.as_str()?.as_bytes().to_vec()),
            Form::Hex => Value::Bytes(unhex(json.as_str()?)?),
            Form::Number => Value::Int(json.as_i64()?),
            Form::Truth => Value::Bool(json.as_bool()?),
            Form::Word(words) => {
                let word = json.as_str()?;
                Value::Int(words.iter().position(|it| *it == word)?.try_into().ok()?)
            }
            Form::DataType => Value::Int(type_number(json.as_str()?)?),
            Form::DataTypes => {
                let names = json.as_str()?.split(',').map(str::trim).filter(|name| !name.is_empty());
                let numbers = names.map(|name| type_number(name).map(Json::from));
                Value::Text(spaced(&numbers.collect::<Option<Vec<_>>>()?))
            }
            Form::Real => Value::Text(json.as_f64()?.to_string()),
            Form::List => Value::Text(spaced(json.as_array()?)),
            Form::Relay => Value::Text(spaced(json.get("ip-addresses")?.as_array()?)),
            Form::Map | Form::MapText => Value::Text(json.as_object().map(|_| json.to_string())?),
            Form::Address4 => {
                let address: Ipv4Addr = json.as_str()?.parse().ok()?;
                match engine {
                    Engine::Postgres => Value::Text(address.to_string()),
                    _ => Value::Int(address.to_bits().into()),
                }
            }
        })
    }

    /// What a column of a row says; `Ok(None)`, if nothing.
    ///
    /// # Errors
    /// When it says something that makes no sense there.
    pub fn json(&self, row: &Row, at: usize) -> Result<Option<Json>, Senseless> {
        match row.is_null(at) {
            true => Ok(None),
            false => self.told(row, at).ok_or(Senseless),
        }
    }

    /// None, if it makes no sense.
    fn told(&self, row: &Row, at: usize) -> Option<Option<Json>> {
        Some(Some(match self.form {
            Form::Text | Form::Bytes => json!(row.text(at)?),
            Form::Hex => json!(hex(row.bytes(at)?)),
            Form::Number => json!(row.int(at)?),
            Form::Truth => json!(row.bool(at)?),
            Form::Word(words) => json!(words.get(row.number::<usize>(at)?)?),
            Form::DataType => json!(type_name(row.int(at)?)?),
            Form::DataTypes => {
                let numbers: Vec<i64> = serde_json::from_str(row.text(at)?).ok()?;
                let names = numbers.into_iter().map(type_name);
                let names = names.collect::<Option<Vec<_>>>()?;
                return Some((!names.is_empty()).then(|| json!(names.join(", "))));
            }
            Form::Real => json!(row.text(at)?.parse::<f64>().ok()?),
            Form::List | Form::Relay => {
                let list: Vec<Json> = serde_json::from_str(row.text(at)?).ok()?;
                let whole = |list| match self.form {
                    Form::Relay => json!({ "ip-addresses": list }),
                    _ => Json::Array(list),
                };
                return Some((!list.is_empty()).then(|| whole(list)));
            }
            Form::Map | Form::MapText => Json::Object(serde_json::from_str(row.text(at)?).ok()?),
            Form::Address4 | Form::Address6 => match row.text(at) {
                Some(text) => json!(text.parse::<IpAddr>().ok()?.to_string()),
                None => json!(Ipv4Addr::from_bits(row.number(at)?).to_string()),
            },
        }))
    }
}

/// What stands in a column makes no sense there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Senseless;

fn type_number(name: &str) -> Option<i64> {
    DATA_TYPES.iter().find(|(_, it)| *it == name).map(|(number, _)| *number)
}

fn type_name(number: i64) -> Option<&'static str> {
    DATA_TYPES.iter().find(|(it, _)| *it == number).map(|(_, name)| *name)
}

/// A list as Kea writes it into columns: `[ "a", "b" ]`, and `[  ]` for none.
pub fn spaced(items: &[Json]) -> String {
    let items: Vec<_> = items.iter().map(Json::to_string).collect();
    format!("[ {} ]", items.join(", "))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The bytes of hexadecimal digits, which colons or spaces may stand between.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x").unwrap_or(text).chars().filter(|c| !matches!(c, ':' | ' '));
    let digits: Vec<u8> = digits.map(|c| c.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
