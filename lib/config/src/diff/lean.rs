//! A configuration without what would hold anyway.

use serde_json::{Map, Value as Json};

use super::Name;
use crate::schema::{File, Inherits, Param, Table, Type, library_table};

/// What holds for the one where nothing is written in it or around it: the other, of the same map.
const FOLLOWS: [(&str, &str); 4] = [
    ("min-valid-lifetime", "valid-lifetime"),
    ("max-valid-lifetime", "valid-lifetime"),
    ("min-preferred-lifetime", "preferred-lifetime"),
    ("max-preferred-lifetime", "preferred-lifetime"),
];

/// `shown`, a configuration of the form `file` as `config-get` shows it, without what is empty, the default or
/// inherited, and in order where an order means nothing.
pub fn lean(shown: &Json, file: &File) -> Json {
    let mut json = Json::Object(map(file, file.top, shown, &[]));
    json.sort_all_objects();
    json
}

/// `outer`: the maps from which it inherits, innermost first.
fn map(file: &File, table: &Table, shown: &Json, outer: &[&Json]) -> Map<String, Json> {
    let mut kept = Map::new();
    for (keyword, value) in shown.as_object().into_iter().flatten() {
        let Some(param) = table.param(keyword) else {
            kept.insert(keyword.clone(), value.clone());
            continue;
        };
        if expected(param, shown, outer).as_ref() == Some(value) {
            continue;
        }
        let json = match param.is {
            // What is inherited as a whole is replaced as a whole, also by nothing.
            Type::Map(_) if param.inherits != Inherits::No => {
                let is_inherited = outer.iter().any(|map| map.get(keyword).is_some_and(says_something));
                (is_inherited || says_something(value)).then(|| value.clone())
            }
            Type::Map(inner) => some(Json::Object(map(file, inner, value, &[]))),
            Type::Maps(inner) => {
                // The top has a server in it, which inherits from nothing.
                let mut around = vec![shown];
                around.extend(outer);
                some(Json::Array(list(file, inner, value, &around)))
            }
            Type::Library => {
                let parameters = library_table(file, shown.get("library"));
                let lean = |table| Json::Object(map(file, table, value, &[]));
                some(parameters.map_or_else(|| value.clone(), lean))
            }
            Type::Texts if !param.ordered => {
                let mut items: Vec<_> = value.as_array().cloned().unwrap_or_default();
                items.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
                some(Json::Array(items))
            }
            Type::Texts | Type::Free => some(value.clone()),
            _ => Some(value.clone()),
        };
        if let Some(json) = json {
            kept.insert(keyword.clone(), json);
        }
    }
    kept
}

fn list(file: &File, table: &Table, shown: &Json, around: &[&Json]) -> Vec<Json> {
    let items = shown.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut kept: Vec<_> = items.iter().map(|item| Json::Object(map(file, table, item, around))).collect();
    if !table.ordered && !table.identity.is_empty() {
        kept.sort_by_cached_key(|item| Name::of(table, item).order());
    }
    kept
}

/// What holds if the parameter is not written in the map `shown`.
fn expected(param: &Param, shown: &Json, outer: &[&Json]) -> Option<Json> {
    if param.inherits == Inherits::No || outer.is_empty() {
        return param.default.map(crate::schema::Scalar::json);
    }
    let inherited = outer.iter().find_map(|map| map.get(param.keyword));
    let follows = || FOLLOWS.iter().find(|(keyword, _)| *keyword == param.keyword);
    inherited.or_else(|| shown.get(follows()?.1)).cloned()
}

fn says_something(json: &Json) -> bool {
    match json {
        Json::Array(items) => !items.is_empty(),
        Json::Object(map) => map.values().any(says_something),
        _ => true,
    }
}

/// What is not empty.
fn some(json: Json) -> Option<Json> {
    let is_empty = match &json {
        Json::Array(items) => items.is_empty(),
        Json::Object(map) => map.is_empty(),
        _ => false,
    };
    (!is_empty).then_some(json)
}
