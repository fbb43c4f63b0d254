//! What a command answers.

use kotare_config::json::format::{self, Shape};
use serde_json::{Map, Value};

/// How a command ended, with Kea's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ResultCode {
    /// Done.
    Success = 0,
    /// Refused or failed; the text says why.
    Error = 1,
    /// There is no such command.
    Unsupported = 2,
    /// Done, and there was nothing to find or change.
    Empty = 3,
    /// Well-formed, but at odds with the server's state.
    Conflict = 4,
    /// Failed in a way the server cannot go on from.
    FatalError = 5,
}

/// A command's answer: `{ "arguments": …, "result": n, "text": "…" }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// `result`.
    pub result: ResultCode,
    /// `text`; left out when empty.
    pub text: String,
    /// `arguments`, if there are any: usually a map, for `list-commands` a list.
    pub arguments: Option<Value>,
    /// The last entry of the map of arguments: a list that may be very long.
    pub list: Option<Box<Items>>,
}

/// The items of a list, each as text already: so a million of them take the room that they have when they are sent, and not
/// ten times as much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Items {
    key: &'static str,
    text: String,
    count: usize,
}

impl Items {
    /// An empty list under `key`.
    pub fn of(key: &'static str) -> Self {
        Self { key, text: String::new(), count: 0 }
    }

    /// Adds one.
    pub fn push(&mut self, item: &Value) {
        if self.count > 0 {
            self.text.push_str(", ");
        }
        self.text.push_str(&format::text(item, Shape::Line));
        self.count += 1;
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Response {
    /// A success that only says so.
    pub fn success(text: impl Into<String>) -> Self {
        Self { result: ResultCode::Success, text: text.into(), arguments: None, list: None }
    }

    /// A success that brings `arguments` and no text.
    pub fn data(arguments: impl Into<Value>) -> Self {
        Self {
            result: ResultCode::Success,
            text: String::new(),
            arguments: Some(arguments.into()),
            list: None,
        }
    }

    /// Refused or failed ([`ResultCode::Error`]). `text` must not be empty.
    pub fn error(text: impl Into<String>) -> Self {
        Self::failed(ResultCode::Error, text)
    }

    /// Ended with `result`, which `text` (not empty) explains.
    pub fn failed(result: ResultCode, text: impl Into<String>) -> Self {
        Self { result, text: text.into(), arguments: None, list: None }
    }

    /// This response with `arguments`.
    #[must_use]
    pub fn with(self, arguments: impl Into<Value>) -> Self {
        Self { arguments: Some(arguments.into()), ..self }
    }

    /// The answer as JSON, its keys in Kea's order.
    pub fn into_json(self) -> Value {
        let mut map = Map::new();
        let mut arguments = self.arguments;
        if let Some(list) = self.list {
            // What was written by this crate can be read.
            let items = serde_json::from_str(&format!("[{}]", list.text)).unwrap_or_default();
            let entries = arguments.get_or_insert_with(|| Value::Object(Map::new()));
            _ = entries.as_object_mut().map(|entries| entries.insert(list.key.to_owned(), items));
        }
        if let Some(arguments) = arguments {
            map.insert("arguments".to_owned(), arguments);
        }
        map.insert("result".to_owned(), (self.result as u8).into());
        if !self.text.is_empty() {
            map.insert("text".to_owned(), self.text.into());
        }
        Value::Object(map)
    }

    /// The answer as sent: [`Response::into_json`] in Kea's spacing.
    pub fn into_text(self) -> String {
        let line = |value: &Value| format::text(value, Shape::Line);
        let Some(list) = self.list else { return line(&self.into_json()) };
        let mut before = "{ \"arguments\": { ".to_owned();
        for (name, value) in self.arguments.as_ref().and_then(Value::as_object).into_iter().flatten() {
            before.extend([&*line(&name.as_str().into()), ": ", &line(value), ", "]);
        }
        before.extend([&*line(&list.key.into()), ": [ "]);
        let behind = line(&Self { arguments: None, list: None, ..self }.into_json());
        // The long text is not copied.
        let mut text = list.text;
        text.insert_str(0, &before);
        text.push_str(" ] }, ");
        text.push_str(behind.trim_start_matches(['{', ' ']));
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is sent of an answer with a list is what is sent of the same answer as JSON.
    #[test]
    fn lists_are_sent_as_they_are() {
        for count in 0..3 {
            for arguments in [None, Some(json!({})), Some(json!({"count": count, "\"": [{"a": {}}]}))] {
                let mut items = Items::of("leases");
                (0..count).for_each(|at| items.push(&json!({"id": at, "name": "a\"b", "none": []})));
                assert_eq!((items.len(), items.is_empty()), (count, count == 0));
                let text = "{ { found";
                let response = Response { arguments, ..Response::success(text) };
                let response = Response { list: Some(items.into()), ..response };
                let json = response.clone().into_json();
                assert_eq!(json["arguments"]["leases"].as_array().map(Vec::len), Some(count));
                assert_eq!(response.into_text(), format::text(&json, Shape::Line));
            }
        }
    }
}
