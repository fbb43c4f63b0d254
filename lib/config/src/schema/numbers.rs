//! Subnets that have no id are given one: Kea before 3.0 did not ask for ids.

use std::collections::BTreeSet;

use super::File;
use crate::json::{Diagnostics, Entry, Key, Kind, Map, Source, Value};

/// The lists of subnets in a global map and in a shared network.
const SUBNETS: [&str; 2] = ["subnet4", "subnet6"];
const NETWORKS: &str = "shared-networks";
const ID: &str = "id";

/// The configuration `root`, a file of this form, with an id in every subnet: the lowest unused ones where none is
/// written, or 0, first in shared networks. That any had to be given is a warning.
pub(crate) fn numbered(root: Value, file: &File, diagnostics: &mut Diagnostics) -> Value {
    let Some(global) = root.get(file.global.name) else { return root };
    let mut used = BTreeSet::new();
    let mut without = Vec::new();
    let inside = global.list(NETWORKS).iter().flat_map(subnets);
    for subnet in inside.chain(subnets(global)).filter(|subnet| subnet.is_map()) {
        match subnet.get(ID) {
            Some(id) if id.as_int() != Some(0) => used.extend(id.as_int()),
            other => without.push(other.unwrap_or(subnet).source().clone()),
        }
    }
    if without.is_empty() {
        return root;
    }
    tell(&without, diagnostics);
    let mut free = (1..).filter(|id| !used.contains(id));
    let mut number = || free.next().unwrap_or_default();
    edit(root, &|key| key == file.global.name, &mut |global| {
        let global = edit(global, &|key| key == NETWORKS, &mut |networks| {
            each(networks, &mut |network| number_list(network, &mut number))
        });
        number_list(global, &mut number)
    })
}

fn subnets(map: &Value) -> impl Iterator<Item = &Value> {
    SUBNETS.into_iter().flat_map(|keyword| map.list(keyword))
}

fn tell(without: &[Source], diagnostics: &mut Diagnostics) {
    let Some(first) = without.first() else { return };
    let message = match without.len() {
        1 => "the subnet has no \"id\" and is given the lowest free one".to_owned(),
        count => {
            format!("{count} subnets have no \"id\" and are given the lowest free ones, this is the first")
        }
    };
    let hint =
        "write an \"id\": leases belong to subnets by id, and given ones change with the configuration";
    diagnostics.warning_with_hint(first, message, hint);
}

/// A global map or a shared network with an id in each of its subnets.
fn number_list(map: Value, number: &mut impl FnMut() -> i64) -> Value {
    edit(map, &|key| SUBNETS.contains(&key), &mut |subnets| {
        each(subnets, &mut |subnet| {
            let is_map = subnet.is_map();
            let (source, kind) = subnet.into_parts();
            let Kind::Map(map) = kind else { return Value::new(source, kind) };
            let mut entries = map.into_entries();
            match entries.iter_mut().find(|entry| &*entry.key == ID) {
                Some(id) if id.value.as_int() == Some(0) => {
                    id.value = Value::new(id.value.source().clone(), Kind::Int(number()));
                }
                None if is_map => entries.push(Entry {
                    key: Key::new(ID, source.clone()),
                    value: Value::new(source.clone(), Kind::Int(number())),
                }),
                _ => {}
            }
            rebuilt(source, entries)
        })
    })
}

/// A map in which `change` was made to the values of the keys that `is` names.
fn edit(map: Value, is: &dyn Fn(&str) -> bool, change: &mut dyn FnMut(Value) -> Value) -> Value {
    let (source, kind) = map.into_parts();
    let Kind::Map(map) = kind else { return Value::new(source, kind) };
    let entries = map.into_entries().into_iter().map(|Entry { key, value }| match is(&key) {
        true => Entry { key, value: change(value) },
        false => Entry { key, value },
    });
    rebuilt(source, entries.collect())
}

/// A list in which `change` was made to every item.
fn each(list: Value, change: &mut dyn FnMut(Value) -> Value) -> Value {
    let (source, kind) = list.into_parts();
    let kind = match kind {
        Kind::List(items) => Kind::List(items.into_iter().map(change).collect()),
        other => other,
    };
    Value::new(source, kind)
}

/// A map of entries that had different keys before.
fn rebuilt(source: Source, entries: Vec<Entry>) -> Value {
    Value::new(source, Kind::Map(Map::new(entries).unwrap_or_default()))
}
