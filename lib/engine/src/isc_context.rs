//! What the server keeps in the user context of a lease: Kea's map `{ "ISC": { … } }`, laid out as Kea does it, so that
//! files can be compared.

use kotare_config::json::format::{Shape, text};
use serde_json::{Map, Value};

/// Where it stands in the user context.
pub(crate) const ISC: &str = "ISC";

/// The user context with `value` for `key` of Kea's map in place of what is there, or `None` if that is the same.
pub(crate) fn updated(context: Option<&str>, key: &str, value: Value) -> Option<Box<str>> {
    updated_context(context, ISC, key, value)
}

/// The user context of a lease with `value` for `key` of the map `whose`, beside all else there is, in place of what is
/// there; `None` if that is the same.
pub fn updated_context(context: Option<&str>, whose: &str, key: &str, value: Value) -> Option<Box<str>> {
    // What is no map cannot be kept beside ours.
    let mut all = context.and_then(parse).unwrap_or_default();
    let map = all.entry(whose).or_insert_with(|| Value::Object(Map::new()));
    if !map.is_object() {
        *map = Value::Object(Map::new());
    }
    let map = map.as_object_mut()?;
    if map.get(key) == Some(&value) {
        return None;
    }
    map.insert(key.into(), value);
    Some(text(&Value::Object(all), Shape::Line).into())
}

/// A user context, if it is a map.
pub(crate) fn parse(context: &str) -> Option<Map<String, Value>> {
    match serde_json::from_str(context) {
        Ok(Value::Object(map)) => Some(map),
        _ => None,
    }
}
