//! Values that differ from others in a part. What was parsed never changes: a command that edits a configuration makes
//! another one of it, in which everything that it left alone keeps its place in the file.

use super::{Entry, Kind, Map, Value};

impl Value {
    /// This map with `entry`, in the place of the entry with that key or at the end. Anything but a map stays what it is.
    #[must_use]
    pub fn with(&self, entry: Entry) -> Self {
        // What it takes the place of may be as long as the configuration: it is not copied.
        let mut entry = Some(entry);
        let kept = self
            .entries()
            .iter()
            .map(|it| entry.take_if(|entry| *entry.key == *it.key).unwrap_or_else(|| it.clone()));
        let mut entries: Vec<_> = kept.collect();
        entries.extend(entry);
        self.of(entries)
    }

    /// This map without the entry of `key`.
    #[must_use]
    pub fn without(&self, key: &str) -> Self {
        self.of(self.entries().iter().filter(|entry| &*entry.key != key).cloned().collect())
    }

    /// This map with the list under `key` changed by `edit`. If there is none, it begins as an empty one.
    #[must_use]
    pub fn with_list(&self, key: &str, edit: impl FnOnce(&mut Vec<Self>)) -> Self {
        let source = self.get(key).unwrap_or(self).source();
        let mut items = self.list(key).to_vec();
        edit(&mut items);
        let list = Self::new(source.clone(), Kind::List(items.into()));
        let key = self.entry(key).map_or_else(|| super::Key::new(key, source.clone()), |it| it.key.clone());
        self.with(Entry { key, value: list })
    }

    /// A map of these entries in the place of this one.
    fn of(&self, entries: Vec<Entry>) -> Self {
        if !self.is_map() {
            return self.clone();
        }
        // No two entries have the same key: there is one of each key before.
        let kind = Map::new(entries).map_or_else(|_| self.kind().clone(), Kind::Map);
        Self::new(self.source().clone(), kind)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json::{Diagnostics, Key, from_json};

    fn value(json: serde_json::Value) -> Value {
        from_json("<test>", &json, &mut Diagnostics::new()).expect("a value")
    }

    /// An edit changes what it names, keeps the order of the rest, and leaves the value it is made of as it was.
    #[test]
    fn edits_change_what_they_name() {
        let before = value(json!({"a": 1, "l": [1, 2], "z": 3}));
        let entry = |key| Entry { key: Key::new(key, before.source().clone()), value: value(json!("new")) };
        assert_eq!(before.with(entry("a")).to_json(), json!({"a": "new", "l": [1, 2], "z": 3}));
        assert_eq!(before.with(entry("b")).to_json(), json!({"a": 1, "l": [1, 2], "z": 3, "b": "new"}));
        assert_eq!(before.without("l").to_json(), json!({"a": 1, "z": 3}));
        let pushed = before.with_list("l", |items| items.push(value(json!(9))));
        assert_eq!(pushed.to_json(), json!({"a": 1, "l": [1, 2, 9], "z": 3}));
        let made = before.with_list("m", |items| items.push(value(json!(9))));
        assert_eq!(made.get("m").map(Value::to_json), Some(json!([9])));
        assert_eq!(before.to_json(), json!({"a": 1, "l": [1, 2], "z": 3}));
        assert_eq!(value(json!(7)).without("a").to_json(), json!(7));
    }
}
