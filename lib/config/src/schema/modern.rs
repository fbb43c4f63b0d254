//! Older spellings, read as what they are called today.

use super::File;
use super::table::{Now, OldValue, Older, Scalar, Table, Type};
use crate::json::{Diagnostics, Entry, Key, Kind, Map, Source, Topic, Value};

/// The configuration `root`, a file of this form, in the keywords of today.
///
/// Everything keeps its place, so that errors lead to what the operator wrote. Values of an enumeration take the
/// letter case of the tables. Each older spelling is a warning; one that stands beside its successor is an error.
/// What the tables do not know stays as it is.
pub fn modern(root: Value, file: &File, diagnostics: &mut Diagnostics) -> Value {
    // Older spellings vanish, so what is said of them must find its path before.
    let written = has_older(file.top, &root).then(|| root.clone());
    let mut outside = Vec::new();
    let root = Modern { diagnostics }.map(file.top, root, &mut outside);
    if let Some(written) = written {
        diagnostics.locate(&written);
    }
    root
}

/// `map`, which stands for itself, in the keywords of today: the parameters of a hook library.
pub(crate) fn modern_map(map: Value, table: &'static Table, diagnostics: &mut Diagnostics) -> Value {
    Modern { diagnostics }.map(table, map, &mut Vec::new())
}

/// Whether an older spelling is anywhere in `value`, a map of `table`.
fn has_older(table: &'static Table, value: &Value) -> bool {
    value.entries().iter().any(|entry| match table.param(&entry.key).map(|param| param.is) {
        Some(Type::Map(inner)) => has_older(inner, &entry.value),
        Some(Type::Maps(inner)) => entry.value.items().iter().any(|item| has_older(inner, item)),
        Some(_) => false,
        None => table.older.iter().any(|older| older.keyword == &*entry.key),
    })
}

/// Whether `value`, a map of `table`, is in the words of today throughout: nearly always, and then it stays what it is.
fn is_modern(table: &'static Table, value: &Value) -> bool {
    value.entries().iter().all(|entry| match table.param(&entry.key).map(|param| param.is) {
        Some(Type::Map(inner)) => is_modern(inner, &entry.value),
        Some(Type::Maps(inner)) => entry.value.items().iter().all(|item| is_modern(inner, item)),
        Some(Type::OneOf(words)) => entry.value.as_str().is_none_or(|text| {
            words.contains(&text) || !words.iter().any(|word| word.eq_ignore_ascii_case(text))
        }),
        Some(_) => true,
        None => table.older.iter().all(|older| older.keyword != &*entry.key),
    })
}

struct Modern<'a> {
    diagnostics: &'a mut Diagnostics,
}

impl Modern<'_> {
    /// The map `value`; what belongs into the map around it goes to `outside`.
    fn map(&mut self, table: &'static Table, value: Value, outside: &mut Vec<Entry>) -> Value {
        if is_modern(table, &value) {
            return value;
        }
        let (source, kind) = value.into_parts();
        let Kind::Map(map) = kind else { return Value::new(source, kind) };
        let mut entries = Vec::new();
        let mut older = Vec::new();
        let mut from_inside = Vec::new();
        for Entry { key, value } in map.into_entries() {
            if let Some(param) = table.param(&key) {
                let value = self.value(param.is, value, &mut from_inside);
                entries.push(Entry { key, value });
            } else if let Some(row) = table.older.iter().find(|row| row.keyword == &*key) {
                older.push((row, Entry { key, value }));
            } else {
                entries.push(Entry { key, value });
            }
        }
        for (row, entry) in older {
            self.replace(table, row, entry, &mut entries, outside);
        }
        for entry in from_inside {
            if entries.iter().all(|other| *other.key != *entry.key) {
                entries.push(entry);
            }
        }
        match Map::new(entries) {
            Ok(map) => Value::new(source, Kind::Map(map)),
            Err([first, again]) => {
                self.diagnostics.error(&again, format!("this sets again what {first} sets"));
                Value::new(source, Kind::Null)
            }
        }
    }

    fn value(&mut self, is: Type, value: Value, outside: &mut Vec<Entry>) -> Value {
        match is {
            Type::Map(table) => self.map(table, value, outside),
            Type::Maps(table) => {
                let (source, kind) = value.into_parts();
                let kind = match kind {
                    Kind::List(items) => {
                        Kind::List(items.into_iter().map(|item| self.map(table, item, outside)).collect())
                    }
                    other => other,
                };
                Value::new(source, kind)
            }
            Type::OneOf(words) => {
                let word =
                    value.as_str().and_then(|text| words.iter().find(|word| word.eq_ignore_ascii_case(text)));
                match word {
                    Some(word) => Value::new(value.source().clone(), Kind::String((*word).into())),
                    None => value,
                }
            }
            _ => value,
        }
    }

    /// Adds to `entries` what `entry`, an older spelling, means.
    fn replace(
        &mut self,
        table: &'static Table,
        row: &Older,
        entry: Entry,
        entries: &mut Vec<Entry>,
        outside: &mut Vec<Entry>,
    ) {
        let Entry { key, value } = entry;
        let source = key.source().clone();
        match row.now {
            Now::Renamed(keyword) => {
                self.warn(&source, row.keyword, keyword);
                self.add(table, row, keyword, &source, value, entries);
            }
            Now::Listed(keyword) => {
                self.warn(&source, row.keyword, keyword);
                let list_place = value.source().clone();
                let items = if value.as_str() == Some("") { Vec::new() } else { vec![value] };
                let list = Value::new(list_place, Kind::List(items.into()));
                self.add(table, row, keyword, &source, list, entries);
            }
            Now::Outside(keyword) => {
                let hint = format!(
                    "write \"{keyword}\" in the map around \"{}\"; it wins if both are there",
                    table.name
                );
                self.diagnostics.warning_with_hint(&source, format!("\"{}\" has moved", row.keyword), hint);
                outside.push(Entry { key: Key::new(keyword, source), value });
            }
            Now::Instead(rows) => match rows.iter().find(|(old, _)| old.is(&value)) {
                Some((_, now)) => {
                    for (keyword, scalar) in *now {
                        let value = Value::new(value.source().clone(), scalar.kind());
                        self.warn(&source, row.keyword, keyword);
                        self.add(table, row, keyword, &source, value, entries);
                    }
                }
                None => {
                    let expected = rows.iter().map(|(old, _)| old.to_string()).collect::<Vec<_>>().join(", ");
                    let message = format!("\"{}\" must be one of {expected}", row.keyword);
                    self.diagnostics.error(value.source(), message);
                }
            },
            Now::Gone => {
                let message = format!("\"{}\" means nothing any more and is ignored", row.keyword);
                self.diagnostics.warning_with_hint(&source, message, "remove it");
            }
        }
    }

    /// Adds `value` under today's `keyword`, unless that stands there already.
    fn add(
        &mut self,
        table: &'static Table,
        row: &Older,
        keyword: &str,
        source: &Source,
        value: Value,
        entries: &mut Vec<Entry>,
    ) {
        if entries.iter().any(|entry| &*entry.key == keyword) {
            let message =
                format!("\"{}\" and \"{keyword}\" say the same, so only one can be there", row.keyword);
            self.diagnostics.error_with_hint(source, message, format!("keep \"{keyword}\""));
            return;
        }
        let value = match table.param(keyword) {
            Some(param) => self.value(param.is, value, &mut Vec::new()),
            None => value,
        };
        entries.push(Entry { key: Key::new(keyword, source.clone()), value });
    }

    fn warn(&mut self, source: &Source, old: &'static str, now: &str) {
        self.diagnostics.warning_about(
            Topic::Older(old),
            source,
            format!("\"{old}\" is an older spelling"),
            format!("write \"{now}\""),
        );
    }
}

impl OldValue {
    fn is(&self, value: &Value) -> bool {
        match self {
            Self::Bool(truth) => value.as_bool() == Some(*truth),
            Self::Text(text) => value.as_str() == Some(text),
        }
    }
}

impl std::fmt::Display for OldValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Text(text) => write!(f, "\"{text}\""),
        }
    }
}

impl Scalar {
    /// The scalar as a configuration would have it; lists of strings do not come from older spellings.
    fn kind(self) -> Kind {
        match self {
            Self::Bool(truth) => Kind::Bool(truth),
            Self::Int(number) => Kind::Int(number),
            Self::Real(number) => Kind::Real(number),
            Self::Text(text) => Kind::String(text.into()),
            Self::Texts(_) => Kind::List(Box::default()),
        }
    }
}
