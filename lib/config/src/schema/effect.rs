//! What is written but not acted on.

use std::fmt;

use super::File;
use super::table::{Effect, Param, Scalar, Table, Type};
use crate::json::{Kind, Source, Value};

/// A parameter that is written but that this server does not act on yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithoutEffect {
    /// The keyword, with the list or map that holds it: `subnet4/reservations`.
    pub keyword: String,
    /// Where it is written for the first time.
    pub source: Source,
    /// How many times it is written.
    pub count: usize,
}

impl fmt::Display for WithoutEffect {
    /// `subnet4/reservations (kea-dhcp4.conf:7:18, 2 times)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}", self.keyword, self.source)?;
        if self.count > 1 {
            write!(f, ", {} times", self.count)?;
        }
        f.write_str(")")
    }
}

/// The parameters of the configuration `root`, a file of this form, that clients or operators would miss, each once, in the order written.
///
/// One that is empty, `false`, or set to its default asks for nothing and is not named.
pub fn without_effect(root: &Value, file: &File) -> Vec<WithoutEffect> {
    let mut found = Vec::new();
    walk(file, file.top, root, &mut found);
    found
}

fn walk(file: &File, table: &'static Table, map: &Value, found: &mut Vec<WithoutEffect>) {
    for entry in map.entries() {
        let Some(param) = table.param(&entry.key) else { continue };
        let missed = match param.effect {
            Effect::Built | Effect::Beside | Effect::Moot => false,
            Effect::NotYet => asks(param, &entry.value),
            Effect::KnownLibraries => entry.value.as_str().is_some_and(|path| file.library(path).is_none()),
        };
        if missed {
            note(table, param, &entry.value, entry.key.source(), found);
            continue;
        }
        match param.is {
            Type::Map(inner) => walk(file, inner, &entry.value, found),
            Type::Maps(inner) => entry.value.items().iter().for_each(|item| walk(file, inner, item, found)),
            Type::Library => {
                let path = map.get("library").and_then(Value::as_str);
                if let Some(library) = path.and_then(|path| file.library(path)) {
                    walk(file, library.parameters, &entry.value, found);
                }
            }
            _ => {}
        }
    }
}

/// Whether `value` asks for more than what happens without it.
fn asks(param: &Param, value: &Value) -> bool {
    match (value.kind(), param.default) {
        (Kind::Null, _) => false,
        (Kind::Bool(truth), Some(Scalar::Bool(default))) => *truth != default,
        (Kind::Bool(truth), _) => *truth,
        (Kind::Int(number), Some(Scalar::Int(default))) => *number != default,
        (Kind::Real(number), Some(Scalar::Real(default))) => *number != default,
        (Kind::String(text), Some(Scalar::Text(default))) => *text != default,
        (Kind::String(text), _) => !text.is_empty(),
        (Kind::List(items), _) => !items.is_empty(),
        (Kind::Map(_), _) => !value.entries().is_empty(),
        _ => true,
    }
}

fn note(table: &Table, param: &Param, value: &Value, source: &Source, found: &mut Vec<WithoutEffect>) {
    let keyword = match (param.effect, value.as_str()) {
        (Effect::KnownLibraries, Some(text)) => {
            format!("{}/{} {text}", table.name, param.keyword)
        }
        _ => format!("{}/{}", table.name, param.keyword),
    };
    match found.iter_mut().find(|one| one.keyword == keyword) {
        Some(one) => one.count += 1,
        None => found.push(WithoutEffect { keyword, source: source.clone(), count: 1 }),
    }
}
