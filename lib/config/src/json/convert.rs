//! To and from plain JSON: the arguments of commands, the results of `config-get`.

use std::fmt;

use super::source::FileName;
use super::value::Names;
use super::{Diagnostics, Entry, Key, Kind, MAX_DEPTH, Map, Source, Value};

/// The values of `json`, the arguments of the command `name`.
///
/// There are no lines: places have the name of the command, and [`Diagnostics::locate`] adds the path. `None`
/// when it nests too deep or has a number too large, with the reason in `diagnostics`.
pub fn from_json(name: &str, json: &serde_json::Value, diagnostics: &mut Diagnostics) -> Option<Value> {
    let mut conversion = Conversion { name: name.into(), count: 0, names: Names::default() };
    match conversion.value(json, 0) {
        Ok(value) => Some(value),
        Err(error) => {
            diagnostics.error(&Source::whole(name), error.to_string());
            None
        }
    }
}

impl Value {
    /// The value as plain JSON.
    pub fn to_json(&self) -> serde_json::Value {
        match self.kind() {
            Kind::Null => serde_json::Value::Null,
            Kind::Bool(truth) => (*truth).into(),
            Kind::Int(number) => (*number).into(),
            Kind::Real(number) => (*number).into(),
            Kind::String(text) => text.as_str().into(),
            Kind::List(items) => items.iter().map(Value::to_json).collect(),
            Kind::Map(_) => {
                let entries = self.entries().iter();
                entries.map(|entry| (entry.key.as_str().to_owned(), entry.value.to_json())).collect()
            }
        }
    }
}

/// Why JSON is no value of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unfit {
    LargeNumber,
    Deep,
    Twice,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LargeNumber => f.write_str("a number is too large; integers end at 2^63-1"),
            Self::Deep => f.write_str(&super::too_deep()),
            Self::Twice => f.write_str("a keyword is given twice in a map"),
        }
    }
}

struct Conversion {
    name: FileName,
    count: u32,
    names: Names,
}

impl Conversion {
    fn value(&mut self, json: &serde_json::Value, depth: usize) -> Result<Value, Unfit> {
        let source = self.source();
        let kind = match json {
            serde_json::Value::Null => Kind::Null,
            serde_json::Value::Bool(truth) => Kind::Bool(*truth),
            serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(number), _) => Kind::Int(number),
                (None, Some(real)) if number.is_f64() => Kind::Real(real),
                _ => return Err(Unfit::LargeNumber),
            },
            serde_json::Value::String(text) => Kind::String(text.as_str().into()),
            serde_json::Value::Array(_) | serde_json::Value::Object(_) if depth >= MAX_DEPTH => {
                return Err(Unfit::Deep);
            }
            serde_json::Value::Array(items) => {
                let items: Result<Vec<_>, _> = items.iter().map(|item| self.value(item, depth + 1)).collect();
                Kind::List(items?.into())
            }
            serde_json::Value::Object(object) => {
                let mut entries = Vec::with_capacity(object.len());
                for (name, item) in object {
                    let key = Key::named(self.names.get(name), self.source());
                    entries.push(Entry { key, value: self.value(item, depth + 1)? });
                }
                Kind::Map(Map::new(entries).map_err(|_| Unfit::Twice)?)
            }
        };
        Ok(Value::new(source, kind))
    }

    /// A place that no other value of this conversion has.
    fn source(&mut self) -> Source {
        self.count = self.count.saturating_add(1);
        Source::new(self.name.clone(), 0, self.count)
    }
}
