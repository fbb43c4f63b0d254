//! A configuration that was read and found good.

use std::sync::OnceLock;

use kotare_options::Definitions;
use serde_json::Value as Json;

use crate::json::format::Shape;
use crate::json::{Diagnostics, Entry, Key, Kind, Map, Value, from_json};
use crate::schema::{self, File, WithoutEffect};

/// A configuration that may be prepared.
#[derive(Debug)]
pub struct Candidate<C> {
    /// What the operator wrote.
    pub written: Written,
    /// What the server makes of it.
    pub config: C,
    /// The warnings about it.
    pub diagnostics: Diagnostics,
    /// Parameters that have no effect in this version.
    pub without_effect: Vec<WithoutEffect>,
}

/// What the operator wrote. How `config-get` shows it is made when somebody asks: it takes longer than to serve.
#[derive(Debug)]
pub struct Written {
    root: Value,
    file: File,
    hash: OnceLock<String>,
}

impl<C> Candidate<C> {
    pub(crate) fn new(root: Value, config: C, file: File, diagnostics: Diagnostics) -> Self {
        let without_effect = schema::without_effect(&root, &file);
        let written = Written { root, file, hash: OnceLock::new() };
        Self { written, config, diagnostics, without_effect }
    }

    /// Lets `judge` find out what a server can do with the configuration where it runs. What is wrong comes to the
    /// diagnostics, with its path.
    ///
    /// # Errors
    /// The diagnostics, if there are errors among them.
    pub fn judge<T>(&mut self, judge: impl FnOnce(&C, &mut Diagnostics) -> T) -> Result<T, Diagnostics> {
        let judged = self.judge_quietly(judge);
        self.diagnostics.locate(&self.written.root);
        judged
    }

    /// The same, if nobody is told of anything but errors. Where what else there is to say is about is not looked for in all that
    /// is written, which may be very much.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn judge_quietly<T>(
        &mut self,
        judge: impl FnOnce(&C, &mut Diagnostics) -> T,
    ) -> Result<T, Diagnostics> {
        let judged = judge(&self.config, &mut self.diagnostics);
        if !self.diagnostics.has_errors() {
            return Ok(judged);
        }
        self.diagnostics.locate(&self.written.root);
        Err(std::mem::take(&mut self.diagnostics))
    }
}

impl Written {
    /// The whole configuration with defaults, `{ "Dhcp4": … }`; `definitions` are those of its options.
    pub fn shown(&self, definitions: &Definitions) -> Json {
        schema::config_get(&self.root, &self.file, definitions)
    }

    /// One item of a list in it, the way to which `path` leads: keywords of lists, and places in them. It takes no longer
    /// the more other items there are.
    pub fn shown_item(&self, definitions: &Definitions, path: &[(&str, usize)]) -> Option<Json> {
        let ((keyword, at), path) = path.split_last()?;
        self.shown_items(definitions, path, keyword, &[*at])?.pop()
    }

    /// Some items of one list in it, `keyword` in the map to which `path` leads.
    pub fn shown_items(
        &self,
        definitions: &Definitions,
        path: &[(&str, usize)],
        keyword: &str,
        items: &[usize],
    ) -> Option<Vec<Json>> {
        let server = self.file.global.name;
        let entry = self.root.entry(server)?;
        let value = only(&entry.value, path, keyword, items)?;
        let alone = self.root.with(Entry { key: entry.key.clone(), value });
        let mut map = schema::config_get(&alone, &self.file, definitions).get_mut(server)?.take();
        for (keyword, _) in path {
            map = map.get_mut(keyword)?.get_mut(0)?.take();
        }
        match map.get_mut(keyword)?.take() {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Items that would stand in a list of maps of the server, `keyword`, if they stood there.
    pub fn shown_entries(&self, definitions: &Definitions, keyword: &str, items: Vec<Json>) -> Vec<Json> {
        let count = items.len();
        let written = from_json("items", &Json::Array(items), &mut Diagnostics::new());
        let alone = written.and_then(|written| {
            let entry = self.root.entry(self.file.global.name)?;
            let key = Key::new(keyword, entry.value.source().clone());
            let is_of_maps = |entry: &&Entry| entry.value.items().first().is_some_and(Value::is_map);
            let others =
                entry.value.entries().iter().filter(|entry| !is_of_maps(entry) && &*entry.key != keyword);
            let mut entries: Vec<_> = others.cloned().collect();
            entries.push(Entry { key, value: written });
            let value = Value::new(entry.value.source().clone(), Kind::Map(Map::new(entries).ok()?));
            let root = self.root.with(Entry { key: entry.key.clone(), value });
            let mut shown = schema::config_get(&root, &self.file, definitions);
            match shown.get_mut(self.file.global.name)?.get_mut(keyword)?.take() {
                Json::Array(items) => Some(items),
                _ => None,
            }
        });
        alone.filter(|shown| shown.len() == count).unwrap_or_default()
    }

    /// What is written when a command has changed it; `root` is in the keywords of today, and good.
    #[must_use]
    pub fn changed(&self, root: Value) -> Self {
        Self { root, file: self.file, hash: OnceLock::new() }
    }

    /// The form of the file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// What was written, in the keywords of today and without defaults. A changed one is read as a
    /// [`Document`](crate::Document) of its own.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// The configuration as it was written, in the keywords of today and without defaults.
    pub fn to_json(&self) -> Json {
        self.root.to_json()
    }

    /// Gives each diagnostic the path that leads to its place.
    pub fn locate(&self, diagnostics: &mut Diagnostics) {
        diagnostics.locate(&self.root);
    }

    /// The hash of what [`Written::shown`] returns.
    pub fn hash(&self, definitions: &Definitions) -> &str {
        self.hash.get_or_init(|| schema::text_hash(&self.shown_text(definitions, Shape::Hashed, &[])))
    }
}

/// The map with no items in its lists of maps but those that are wanted of the list under `keyword` in the map to which
/// `path` leads, and on the way there the map that leads on.
fn only(map: &Value, path: &[(&str, usize)], keyword: &str, items: &[usize]) -> Option<Value> {
    let (list, kept) = match path.split_first() {
        None => {
            let list = map.entry(keyword)?;
            (list, items.iter().filter_map(|at| list.value.items().get(*at).cloned()).collect())
        }
        Some(((outer, at), path)) => {
            let list = map.entry(outer)?;
            (list, vec![only(list.value.items().get(*at)?, path, keyword, items)?])
        }
    };
    let is_of_maps = |entry: &&Entry| entry.value.items().first().is_some_and(Value::is_map);
    let mut entries: Vec<_> = map.entries().iter().filter(|entry| !is_of_maps(entry)).cloned().collect();
    let list_alone = Value::new(list.value.source().clone(), Kind::List(kept.into()));
    entries.push(Entry { key: list.key.clone(), value: list_alone });
    Some(Value::new(map.source().clone(), Kind::Map(Map::new(entries).ok()?)))
}
