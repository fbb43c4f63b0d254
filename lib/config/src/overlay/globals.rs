//! Global parameters, those in maps among them.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::keys::Fields;
use super::{Overlay, Row, entry, with_entries};
use crate::json::{Diagnostics, Entry, Value, from_json};

/// Lists of strings that databases have as JSON in text.
pub const LISTS: &[&str] = &["host-reservation-identifiers"];

/// Puts what changed into the map of the server.
pub(super) fn lay(overlay: &Overlay<'_>, global: &mut Value, diagnostics: &mut Diagnostics) {
    let (former, now) = (by_name(&overlay.former.globals), by_name(&overlay.now.globals));
    for name in overlay.former.globals.iter().filter_map(|row| row.map.text("name")) {
        if !now.contains_key(name) {
            let (outer, inner) = path(name);
            let base = overlay.base_global();
            let written = match inner {
                None => base.get(outer),
                Some(inner) => base.get(outer).and_then(|map| map.get(inner)),
            };
            *global = put(global, outer, inner, written.cloned());
        }
    }
    for row in &overlay.now.globals {
        let Some(name) = row.map.text("name") else { continue };
        if former.get(name).is_some_and(|former| former.is(row)) {
            continue;
        }
        if let Some(value) = value(overlay, row, name, diagnostics) {
            let (outer, inner) = path(name);
            *global = put(global, outer, inner, Some(value));
        }
    }
}

fn by_name<'a>(rows: &'a [Row<'a>]) -> HashMap<&'a str, &'a Row<'a>> {
    rows.iter().filter_map(|row| Some((row.map.text("name")?, row))).collect()
}

/// The map that a parameter is in, if it is in one, and its keyword.
fn path(name: &str) -> (&str, Option<&str>) {
    name.split_once('.').map_or((name, None), |(outer, inner)| (outer, Some(inner)))
}

/// What a row sets its parameter to.
fn value(overlay: &Overlay<'_>, row: &Row<'_>, name: &str, diagnostics: &mut Diagnostics) -> Option<Value> {
    let mut json = row.map.get("value")?.clone();
    if let (Json::String(text), true) = (&json, LISTS.contains(&name)) {
        match serde_json::from_str::<Vec<String>>(text) {
            Ok(list) => json = list.into(),
            Err(_) => {
                overlay.wrong(row, format!("'{text}' is no JSON list of strings"), diagnostics);
                return None;
            }
        }
    }
    from_json(&overlay.place(row), &json, diagnostics)
}

/// The map with `value` under `outer`, or under `inner` of the map there; without the entry, if there is no value.
fn put(map: &Value, outer: &str, inner: Option<&str>, value: Option<Value>) -> Value {
    let value = match inner {
        None => value,
        Some(inner) => {
            let there = map.get(outer).filter(|there| there.is_map());
            match (there, value) {
                (Some(there), value) => {
                    Some(put(there, inner, None, value)).filter(|map| !map.entries().is_empty())
                }
                (None, Some(value)) => Some(with_entries(&empty(&value), vec![entry(inner, value)])),
                (None, None) => None,
            }
        }
    };
    match value {
        None => map.without(outer),
        Some(value) => map.with(Entry { key: entry(outer, value.clone()).key, value }),
    }
}

/// Something at the place of a value that is to become a map.
fn empty(value: &Value) -> Value {
    Value::new(value.source().clone(), crate::json::Kind::Null)
}
