//! What configuration databases have, laid over what is written ("Kea Configuration Backend" of the manual).
//!
//! A database has rows, each an object as it would stand in a configuration. What it says counts rather than what is
//! written of the same object; a part of the configuration of which it says nothing stays as it is written. What it says no
//! longer is as it was written again.
//!
//! An [`Overlay`] is a difference: it takes what rows said before out of a configuration, and puts in what they say now. So
//! little is done when little changed, and what else was done to the configuration meanwhile, by commands, stays.
//!
//! - `keys`: by what objects are the same.
//! - `changes`: which rows came and went, and what that means for a list.
//! - `globals`, `networks`: parameters, and shared networks with their subnets.

mod changes;
mod globals;
mod keys;
mod networks;
#[cfg(test)]
mod tests;

use kotare_options::Definitions;
use serde_json::{Map as JsonMap, Value as Json};

use self::changes::Changes;
pub use self::globals::LISTS;
use self::keys::{Keys, of_any};
use crate::json::{Diagnostics, Entry, Key, Kind, Map, Source, Value, from_json};
use crate::schema::File;

/// An object in a database.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The table.
    pub table: &'a str,
    /// The number of the row in it.
    pub number: i64,
    /// What a configuration would say. While it is not changed it stays in the same place.
    pub map: &'a JsonMap<String, Json>,
}

/// The objects that databases have for a server.
#[derive(Clone, Debug, Default)]
pub struct Rows<'a> {
    /// Global parameters, each a `name` and a `value`; a name with a dot is one in a map.
    pub globals: Vec<Row<'a>>,
    /// Definitions of options.
    pub definitions: Vec<Row<'a>>,
    /// Options of all clients.
    pub options: Vec<Row<'a>>,
    /// Client classes, in order.
    pub classes: Vec<Row<'a>>,
    /// Shared networks, without their subnets.
    pub networks: Vec<Row<'a>>,
    /// Subnets, of which `shared-network-name` says in which shared network they are.
    pub subnets: Vec<Row<'a>>,
}

/// What rows change in a configuration.
#[derive(Clone, Copy, Debug)]
pub struct Overlay<'a> {
    /// The form of the configuration.
    pub file: &'a File,
    /// The definitions by which it names options.
    pub definitions: &'a Definitions,
    /// The configuration as it was written, in the keywords of today and with the numbers of all subnets.
    pub base: &'a Value,
    /// What the databases had.
    pub former: &'a Rows<'a>,
    /// What they have.
    pub now: &'a Rows<'a>,
    /// What they are, in messages: behind the table and the number of a row.
    pub origin: &'a str,
}

impl Overlay<'_> {
    /// The configuration `root` with what changed. What is not changed keeps its place in a file.
    ///
    /// # Errors
    /// Which rows cannot stand in a configuration, and why.
    pub fn over(&self, root: &Value) -> Result<Value, Diagnostics> {
        let name = self.file.global.name;
        let Some(entry) = root.entry(name) else { return Ok(root.clone()) };
        let mut diagnostics = Diagnostics::new();
        let mut global = entry.value.clone();
        globals::lay(self, &mut global, &mut diagnostics);
        let (former, now) = (self.former, self.now);
        for (keyword, former, now, keys) in [
            ("option-def", &former.definitions, &now.definitions, Keys::Definition),
            ("option-data", &former.options, &now.options, Keys::Option),
        ] {
            let Some(changes) = Changes::of(former, now, |row| keys.of(self.definitions, row.map)) else {
                continue;
            };
            let base = self.base_list(keyword);
            let keys = of_any(|item| keys.of(self.definitions, item));
            let laid = changes.laid().filter_map(|row| self.value(row, &mut diagnostics)).collect();
            global = global.with_list(keyword, |items| changes.lay(items, base.iter(), laid, keys));
        }
        self.classes(&mut global, &mut diagnostics);
        global = networks::lay(self, global, &mut diagnostics);
        match diagnostics.has_errors() {
            true => Err(diagnostics),
            false => Ok(root.with(Entry { key: entry.key.clone(), value: global })),
        }
    }

    /// Classes depend on each other and their order matters: they are those of the databases, or those that are written.
    fn classes(&self, global: &mut Value, diagnostics: &mut Diagnostics) {
        const CLASSES: &str = "client-classes";
        if are(&self.former.classes, &self.now.classes) {
            return;
        }
        let items: Vec<Value> = match &self.now.classes[..] {
            [] => self.base_list(CLASSES).to_vec(),
            rows => rows.iter().filter_map(|row| self.value(row, diagnostics)).collect(),
        };
        *global = global.with_list(CLASSES, |list| *list = items);
    }

    /// The map of the server as it was written.
    fn base_global(&self) -> &Value {
        self.base.get(self.file.global.name).unwrap_or(self.base)
    }

    fn base_list(&self, keyword: &str) -> &[Value] {
        self.base_global().list(keyword)
    }

    /// What a row says, in a place that names it.
    fn value(&self, row: &Row<'_>, diagnostics: &mut Diagnostics) -> Option<Value> {
        from_json(&self.place(row), &Json::Object(row.map.clone()), diagnostics)
    }

    fn place(&self, row: &Row<'_>) -> String {
        let said = ["name", "subnet"].into_iter().find_map(|keyword| row.map.get(keyword)?.as_str());
        let called = match (said, row.map.get("code"), row.map.get("space")) {
            (Some(name), ..) => format!(" '{name}'"),
            (None, Some(code), Some(Json::String(space))) => format!(" (code {code} in space '{space}')"),
            _ => String::new(),
        };
        format!("{} {}{called} of {}", row.table, row.number, self.origin)
    }

    fn wrong(&self, row: &Row<'_>, reason: impl Into<String>, diagnostics: &mut Diagnostics) {
        diagnostics.error(&Source::whole(&self.place(row)), reason);
    }
}

impl Row<'_> {
    /// Whether it says the same as `other`.
    fn is(&self, other: &Row<'_>) -> bool {
        std::ptr::eq(self.map, other.map) || self.number == other.number && self.map == other.map
    }
}

/// Whether they say the same, one after the other.
fn are(former: &[Row<'_>], now: &[Row<'_>]) -> bool {
    former.len() == now.len() && former.iter().zip(now).all(|(former, now)| former.is(now))
}

/// A map of these entries at the place of `map`.
fn with_entries(map: &Value, entries: Vec<Entry>) -> Value {
    let kind = Map::new(entries).map_or_else(|_| map.kind().clone(), Kind::Map);
    Value::new(map.source().clone(), kind)
}

/// An entry at the place of a value.
fn entry(keyword: &str, value: Value) -> Entry {
    Entry { key: Key::new(keyword, value.source().clone()), value }
}
