//! Two lean configurations, side by side.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::{Change, ChangeKind, Name, Step};
use crate::schema::{File, Param, Table, Type, library_table};

/// What differs between two lean configurations of the form `file`, in the order of their keywords and names.
pub(super) fn changes(file: &File, old: &Json, new: &Json) -> Vec<Change> {
    let mut comparison = Comparison { file, path: Vec::new(), param: None, changes: Vec::new() };
    comparison.maps(Some(file.top), old, new);
    comparison.changes
}

struct Comparison<'a> {
    file: &'a File,
    path: Vec<Step>,
    param: Option<&'static Param>,
    changes: Vec<Change>,
}

impl Comparison<'_> {
    fn maps(&mut self, table: Option<&'static Table>, old: &Json, new: &Json) {
        let empty = Map::new();
        let [old, new] = [old, new].map(|json| json.as_object().unwrap_or(&empty));
        let added = new.keys().filter(|keyword| !old.contains_key(*keyword));
        let mut keywords: Vec<_> = old.keys().chain(added).collect();
        keywords.sort();
        let around = self.param;
        for keyword in keywords {
            let param = table.and_then(|table| table.param(keyword));
            self.param = param.or(around);
            self.path.push(Step::Keyword(keyword.clone()));
            let inner = match param.map(|param| param.is) {
                Some(Type::Library) => library_table(self.file, new.get("library")),
                _ => None,
            };
            self.values(param.map(|param| param.is), inner, old.get(keyword), new.get(keyword));
            self.path.pop();
        }
        self.param = around;
    }

    fn values(
        &mut self,
        is: Option<Type>,
        library: Option<&'static Table>,
        old: Option<&Json>,
        new: Option<&Json>,
    ) {
        match (is, old, new) {
            (_, Some(old), Some(new)) if old == new => {}
            // Maps that are there or not are what is in them.
            (Some(Type::Map(table)), old, new) => {
                self.maps(Some(table), old.unwrap_or(&Json::Null), new.unwrap_or(&Json::Null));
            }
            (Some(Type::Maps(table)), old, new) => self.lists(table, items(old), items(new)),
            (Some(Type::Library | Type::Free), Some(old @ Json::Object(_)), Some(new @ Json::Object(_))) => {
                self.maps(library, old, new);
            }
            (_, old, new) => self.change(old.cloned(), new.cloned()),
        }
    }

    fn lists(&mut self, table: &'static Table, old: &[Json], new: &[Json]) {
        if table.identity.is_empty() {
            for at in 0..old.len().max(new.len()) {
                self.items(table, Step::At(at), old.get(at), new.get(at));
            }
            return;
        }
        let [old_names, new_names] = [old, new].map(|items| Name::of_all(table, items));
        let places = |names: &[Name]| -> HashMap<Name, usize> {
            names.iter().enumerate().map(|(at, name)| (name.clone(), at)).collect()
        };
        let [old_at, new_at] = [places(&old_names), places(&new_names)];
        for (name, item) in old_names.iter().zip(old) {
            let counterpart = new_at.get(name).map(|at| &new[*at]);
            self.items(table, Step::Item(name.clone()), Some(item), counterpart);
        }
        for (name, item) in new_names.iter().zip(new).filter(|(name, _)| !old_at.contains_key(name)) {
            self.items(table, Step::Item(name.clone()), None, Some(item));
        }
        if table.ordered {
            // What is removed leaves its place, what is added comes last: that much is no other order.
            let stays = old_names.iter().filter(|name| new_at.contains_key(name));
            let comes = new_names.iter().filter(|name| !old_at.contains_key(name));
            if !stays.chain(comes).eq(&new_names) {
                let [old, new] = [old_names, new_names]
                    .map(|names| names.iter().map(|name| Json::from(name.to_string())).collect());
                self.add(ChangeKind::Reordered, Some(old), Some(new));
            }
        }
    }

    fn items(&mut self, table: &'static Table, step: Step, old: Option<&Json>, new: Option<&Json>) {
        self.path.push(step);
        match (old, new) {
            (Some(old), Some(new)) if old != new => self.maps(Some(table), old, new),
            (Some(_), Some(_)) => {}
            (old, new) => self.change(old.cloned(), new.cloned()),
        }
        self.path.pop();
    }

    fn change(&mut self, old: Option<Json>, new: Option<Json>) {
        let kind = match (&old, &new) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        };
        self.add(kind, old, new);
    }

    fn add(&mut self, kind: ChangeKind, old: Option<Json>, new: Option<Json>) {
        self.changes.push(Change { path: self.path.clone(), kind, old, new, param: self.param });
    }
}

fn items(list: Option<&Json>) -> &[Json] {
    list.and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

impl Name {
    /// What an item of a list of such maps is called, whatever comes before it.
    pub(super) fn of(table: &Table, item: &Json) -> Self {
        let value = |keyword: &&'static str| match item.get(keyword)? {
            Json::String(text) => Some((*keyword, text.clone())),
            other => Some((*keyword, other.to_string())),
        };
        Self { values: table.identity.iter().filter_map(value).collect(), number: 0 }
    }

    /// The order of items: numbers by what they are worth.
    pub(super) fn order(&self) -> Vec<(u64, String)> {
        self.values.iter().map(|(_, value)| (value.parse().unwrap_or(u64::MAX), value.clone())).collect()
    }

    /// What the items of a list are called.
    pub(super) fn of_all(table: &Table, items: &[Json]) -> Vec<Self> {
        let mut counts: HashMap<Self, usize> = HashMap::new();
        let named = |item| {
            let name = Self::of(table, item);
            let count = counts.entry(name.clone()).or_default();
            *count += 1;
            Self { number: *count - 1, ..name }
        };
        items.iter().map(named).collect()
    }
}
