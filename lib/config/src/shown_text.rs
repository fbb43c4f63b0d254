//! The configuration as `config-get` shows it, as text. Of very many subnets a few at a time are made values, so that it
//! takes little more memory than the text.

use kotare_options::Definitions;
use serde_json::Value as Json;

use crate::Written;
use crate::json::format::{self, Shape};
use crate::json::{Entry, Kind, Map, Value};

/// How many subnets are made values together: what they inherit from is made each time.
const TOGETHER: usize = 64;

impl Written {
    /// The text of [`Written::shown`] in this shape, with these entries behind what there is. Not for
    /// [`Shape::Indented`], which is for files.
    pub fn shown_text(&self, definitions: &Definitions, shape: Shape, more: &[(&str, &str)]) -> String {
        let server = self.file().global.name;
        let global = self.root().get(server);
        let subnets = global.and_then(|global| {
            global.entries().iter().find(|entry| entry.key.as_str().starts_with("subnet"))
        });
        let rest = subnets.and_then(|subnets| self.without(server, subnets.key.as_str()));
        let (Some(subnets), Some(rest)) = (subnets, rest) else {
            let mut shown = self.shown(definitions);
            for (key, value) in more {
                shown[*key] = (*value).into();
            }
            return format::text(&shown, shape);
        };
        let keyword = subnets.key.as_str();
        let items = subnets.value.items();
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by_key(|at| items[*at].get("id").and_then(Value::as_int));

        let shown = self.shown_of(&rest, definitions);
        let mut text = String::from("{");
        for (key, value) in shown.as_object().into_iter().flatten() {
            begin(&mut text, key);
            match value.as_object().filter(|_| key == server) {
                None => text = format::appended(text, value, shape),
                Some(global) => {
                    text.push('{');
                    for (key, value) in global {
                        begin(&mut text, key);
                        match key == keyword && !items.is_empty() {
                            true => text = self.subnets(text, definitions, shape, keyword, &order),
                            false => text = format::appended(text, value, shape),
                        }
                    }
                    text.push_str(" }");
                }
            }
        }
        for (key, value) in more {
            begin(&mut text, key);
            text = format::appended(text, &(*value).into(), shape);
        }
        text + " }"
    }

    /// The list of subnets behind `text`.
    fn subnets(
        &self,
        mut text: String,
        definitions: &Definitions,
        shape: Shape,
        keyword: &str,
        order: &[usize],
    ) -> String {
        let mut between = "[ ";
        for some in order.chunks(TOGETHER) {
            for subnet in self.shown_items(definitions, &[], keyword, some).unwrap_or_default() {
                text.push_str(between);
                text = format::appended(text, &subnet, shape);
                between = ", ";
            }
        }
        text + " ]"
    }

    /// What was written with nothing in the list `keyword` of the server's map.
    fn without(&self, server: &str, keyword: &str) -> Option<Value> {
        let entry = self.root().entry(server)?;
        let emptied = |entry: &Entry| match entry.key.as_str() == keyword {
            false => entry.clone(),
            true => Entry {
                key: entry.key.clone(),
                value: Value::new(entry.value.source().clone(), Kind::List(Vec::new().into())),
            },
        };
        let entries = entry.value.entries().iter().map(emptied).collect();
        let value = Value::new(entry.value.source().clone(), Kind::Map(Map::new(entries).ok()?));
        Some(self.root().with(Entry { key: entry.key.clone(), value }))
    }

    fn shown_of(&self, root: &Value, definitions: &Definitions) -> Json {
        crate::schema::config_get(root, self.file(), definitions)
    }
}

/// Begins an entry of a map. Keywords need no escapes.
fn begin(text: &mut String, key: &str) {
    let is_first = text.ends_with('{');
    text.push_str(if is_first { " \"" } else { ", \"" });
    text.push_str(key);
    text.push_str("\": ");
}
