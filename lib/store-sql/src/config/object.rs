//! Rows of a table and the maps of a configuration that they are.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Map, Value as Json, json};

use super::Protocol;
use super::field::Field;
use crate::engine::Engine;
use crate::statement::Statement;
use crate::value::Row;

/// A kind of object: its table, and which keyword stands in which column. In names `#` is the protocol.
#[derive(Clone, Debug)]
pub struct Object {
    /// The table.
    pub table: &'static str,
    /// The column with the number of a row.
    pub key: &'static str,
    /// Where it says which servers an object is for; of what lies in another object that says so.
    pub servers: Option<Servers>,
    /// Keywords and columns.
    pub fields: Vec<Field>,
    shape: Shape,
}

/// A table with pairs of objects and servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Servers {
    /// The table.
    pub table: &'static str,
    /// The column with the number of the object; that of the server is `server_id`.
    pub column: &'static str,
}

/// How a map of a configuration differs from one of the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Not at all.
    Same,
    /// `pool` is `start` and `end`.
    Pool(Protocol),
    /// No prefix is excluded: its length is 0.
    PdPool,
    /// `data` is `bytes` or `text`, and `csv-format` says which.
    Option,
    /// `value` is `text`, read by `type`.
    Global,
}

/// A row that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddRow {
    /// The table, as it is called in the database.
    pub table: String,
    /// The number of the row.
    pub key: i64,
    /// The name or the prefix of the object, if that is known.
    pub called: Option<String>,
    /// What is wrong with it.
    pub reason: String,
}

impl std::fmt::Display for OddRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row {} of the table {}", self.key, self.table)?;
        if let Some(called) = &self.called {
            write!(f, " ('{called}')")?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl Object {
    pub(super) fn new(table: &'static str, key: &'static str, parts: &[&[Field]]) -> Self {
        let fields = parts.iter().copied().flatten().copied().collect();
        Self { table, key, servers: None, fields, shape: Shape::Same }
    }

    pub(super) fn for_servers(self, servers: Servers) -> Self {
        Self { servers: Some(servers), ..self }
    }

    pub(super) fn shaped(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    /// What is selected of a table `o` for [`read`](Self::read): the number, and the columns.
    pub fn columns(&self, engine: Engine) -> String {
        let mut columns = format!("o.{}", self.key);
        for field in &self.fields {
            columns.push_str(", ");
            columns.push_str(&field.read_as(engine));
        }
        columns
    }

    /// What a row says that begins with [`columns`](Self::columns): its number, and a map as it stands in a configuration.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn read(&self, row: &Row, protocol: Protocol) -> Result<(i64, Map<String, Json>), OddRow> {
        let key = row.int(0).unwrap_or_default();
        let mut map = Map::new();
        let mut wrong = None;
        for (at, field) in self.fields.iter().enumerate() {
            match field.json(row, at + 1) {
                Ok(Some(json)) => _ = map.insert(field.keyword.to_owned(), json),
                Ok(None) => {}
                Err(_) => {
                    _ = wrong.get_or_insert_with(|| format!("the column {} makes no sense", field.column))
                }
            }
        }
        let called = ["name", "subnet"].into_iter().find_map(|keyword| map.get(keyword)?.as_str());
        let called = called.map(str::to_owned);
        if wrong.is_none() && self.shape.fold(&mut map).is_none() {
            wrong = Some(self.shape.senseless().to_owned());
        }
        match wrong {
            None => Ok((key, map)),
            Some(reason) => Err(OddRow { table: protocol.named(self.table), key, called, reason }),
        }
    }

    /// The names of the columns of a row that is written, in the order of [`bind`](Self::bind).
    pub fn written(&self, engine: Engine) -> Vec<String> {
        self.fields.iter().map(|field| field.quoted(engine)).collect()
    }

    /// The values of a map for those columns, each of which `each` adds to a statement by [`Field::bind`].
    ///
    /// # Errors
    /// When a map has what no column has, other than `inner`, or what cannot be kept; in the words of the operator.
    pub fn bind(
        &self,
        statement: &mut Statement,
        map: &Map<String, Json>,
        inner: &[&str],
    ) -> Result<(), String> {
        let mut columns = map.clone();
        columns.retain(|keyword, _| !inner.contains(&&**keyword));
        self.shape.unfold(&mut columns)?;
        let known = |keyword: &str| self.fields.iter().any(|field| field.keyword == keyword);
        if let Some(keyword) = columns.keys().find(|keyword| !known(keyword)) {
            return Err(format!("'{keyword}' cannot be kept in a configuration database"));
        }
        for (at, field) in self.fields.iter().enumerate() {
            statement.push(if at > 0 { ", " } else { "" });
            field.bind(statement, &columns)?;
        }
        Ok(())
    }
}

impl Shape {
    /// Makes what a configuration has of what columns have; none, if that makes no sense.
    fn fold(self, map: &mut Map<String, Json>) -> Option<()> {
        match self {
            Self::Same => {}
            Self::Pool(_) => {
                let (start, end) = (map.remove("start")?, map.remove("end")?);
                let pool = format!("{}-{}", start.as_str()?, end.as_str()?);
                map.insert("pool".to_owned(), json!(pool));
            }
            Self::PdPool => {
                if !map.contains_key("excluded-prefix") {
                    map.remove("excluded-prefix-len");
                }
            }
            Self::Option => {
                let text = map.remove("text").filter(|text| text.as_str() != Some(""));
                let bytes = map.remove("bytes");
                map.insert("csv-format".to_owned(), json!(text.is_some()));
                map.insert("data".to_owned(), text.or(bytes).unwrap_or_else(|| json!("")));
            }
            Self::Global => {
                let (text, kind) = (map.remove("text")?, map.remove("type")?);
                let text = text.as_str()?;
                let value = match kind.as_i64()? {
                    0 => json!(text.parse::<i64>().ok()?),
                    1 => json!(text.parse::<f64>().ok()?),
                    2 if matches!(text, "0" | "false") => json!(false),
                    2 if matches!(text, "1" | "true") => json!(true),
                    4 => json!(text),
                    _ => return None,
                };
                map.insert("value".to_owned(), value);
            }
        }
        Some(())
    }

    /// What is wrong with columns of which nothing can be made.
    fn senseless(self) -> &'static str {
        match self {
            Self::Global => "the column value is no value of the type that parameter_type says",
            Self::Pool(_) => "the columns start_address and end_address make no sense together",
            Self::Same | Self::PdPool | Self::Option => "its columns make no sense together",
        }
    }

    /// The other way around.
    fn unfold(self, map: &mut Map<String, Json>) -> Result<(), String> {
        match self {
            Self::Same => {}
            Self::Pool(protocol) => {
                let pool = map.remove("pool").unwrap_or_default();
                let (start, end) = pool
                    .as_str()
                    .and_then(|pool| range(pool, protocol))
                    .ok_or_else(|| format!("'pool' is {pool}, which is no range and no prefix"))?;
                map.insert("start".to_owned(), json!(start));
                map.insert("end".to_owned(), json!(end));
            }
            Self::PdPool => {
                if !map.contains_key("excluded-prefix") {
                    map.insert("excluded-prefix-len".to_owned(), json!(0));
                }
            }
            Self::Option => {
                let data = map.remove("data").filter(|data| data.as_str() != Some(""));
                let is_text = map.remove("csv-format").and_then(|it| it.as_bool()).unwrap_or(true);
                if let Some(data) = data {
                    map.insert(if is_text { "text" } else { "bytes" }.to_owned(), data);
                }
                for keyword in ["always-send", "never-send"] {
                    map.entry(keyword).or_insert(json!(false));
                }
                map.entry("client-classes").or_insert(json!([]));
            }
            Self::Global => {
                let (text, kind) = match map.remove("value").unwrap_or_default() {
                    Json::Bool(yes) => (u8::from(yes).to_string(), 2),
                    Json::String(text) => (text, 4),
                    Json::Number(number) if number.is_f64() => (number.to_string(), 1),
                    Json::Number(number) => (number.to_string(), 0),
                    other => return Err(format!("{other} is no number, string or truth value")),
                };
                map.insert("text".to_owned(), json!(text));
                map.insert("type".to_owned(), json!(kind));
            }
        }
        Ok(())
    }
}

/// The first and the last address of what is written of a pool: a range or a prefix.
fn range(pool: &str, protocol: Protocol) -> Option<(String, String)> {
    let width = if protocol == Protocol::V4 { 32 } else { 128 };
    let read = |text: &str| match protocol {
        Protocol::V4 => text.trim().parse().ok().map(|address: Ipv4Addr| u128::from(address.to_bits())),
        Protocol::V6 => text.trim().parse().ok().map(Ipv6Addr::to_bits),
    };
    let show = |bits: u128| match protocol {
        Protocol::V4 => u32::try_from(bits).ok().map(|bits| Ipv4Addr::from_bits(bits).to_string()),
        Protocol::V6 => Some(Ipv6Addr::from_bits(bits).to_string()),
    };
    let (start, end) = match (pool.split_once('/'), pool.split_once('-')) {
        (Some((prefix, length)), _) => {
            let length: u32 = length.trim().parse().ok().filter(|length| *length <= width)?;
            let rest = u128::MAX.checked_shr(128 - (width - length)).unwrap_or(0);
            let start = read(prefix)? & !rest;
            (start, start | rest)
        }
        (None, Some((start, end))) => (read(start)?, read(end)?),
        (None, None) => (read(pool)?, read(pool)?),
    };
    Some((show(start)?, show(end)?)).filter(|_| start <= end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_are_ranges_or_prefixes() {
        let of = |start: &str, end: &str| Some((start.to_owned(), end.to_owned()));
        let v4 = |pool| range(pool, Protocol::V4);
        assert_eq!(v4("192.0.2.1 - 192.0.2.9"), of("192.0.2.1", "192.0.2.9"));
        assert_eq!(v4("192.0.2.77/24"), of("192.0.2.0", "192.0.2.255"));
        assert_eq!(v4("0.0.0.0/0"), of("0.0.0.0", "255.255.255.255"));
        assert_eq!(range("2001:db8::/127", Protocol::V6), of("2001:db8::", "2001:db8::1"));
        for wrong in ["192.0.2.9-192.0.2.1", "192.0.2.0/33", "x", "-", "/"] {
            assert_eq!(v4(wrong), None, "{wrong}");
        }
    }
}
