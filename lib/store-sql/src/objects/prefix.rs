//! Prefixes and addresses as Kea writes them in databases, where they are found by their text.

use std::net::Ipv6Addr;

use serde_json::{Map, Value as Json, json};

use super::Objects;

impl Objects<'_> {
    /// A prefix by its first address, in the shortest way. What is none stays as it is.
    pub(super) fn prefix(&self, text: &str) -> String {
        let length = text.split_once('/').and_then(|(_, length)| length.trim().parse::<u32>().ok());
        match (self.range(text), length) {
            (Ok((first, _)), Some(length)) => format!("{first}/{length}"),
            _ => text.to_owned(),
        }
    }
}

/// An address of IPv6 in the shortest way. What is none stays as it is.
pub(super) fn address(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |address: Ipv6Addr| address.to_string())
}

/// A map with the text under a keyword written so.
pub(super) fn with_text(
    map: &Map<String, Json>,
    keyword: &str,
    write: impl Fn(&str) -> String,
) -> Map<String, Json> {
    let mut map = map.clone();
    if let Some(text) = map.get(keyword).and_then(Json::as_str).map(write) {
        map.insert(keyword.to_owned(), json!(text));
    }
    map
}
