//! What a command answers.

use kotare_config::json::format::{self, Shape};
use serde_json::{Map, Value};

use crate::aside::LONG;

/// How a command ended, with Kea's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
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
    /// The server is in no state to be shut down (`ha-maintenance-notify`).
    MaintenanceNotAllowed = 1001,
}

impl ResultCode {
    /// The code of this number, if there is one.
    pub fn from_number(number: u64) -> Option<Self> {
        let all = [
            Self::Success,
            Self::Error,
            Self::Unsupported,
            Self::Empty,
            Self::Conflict,
            Self::FatalError,
            Self::MaintenanceNotAllowed,
        ];
        all.into_iter().find(|code| *code as u64 == number)
    }
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
    /// The last entry of the map of arguments: a list that may be very long. Or, in place of `arguments`, all of them as
    /// text ([`Response::written`]).
    pub list: Option<Box<Items>>,
}

/// The items of a list, each as text already: so a million of them take the room that they have when they are sent, and not
/// ten times as much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Items {
    /// Without, the text is all that the answer has of arguments.
    key: Option<&'static str>,
    text: String,
    count: usize,
}

impl Items {
    /// An empty list under `key`.
    pub fn of(key: &'static str) -> Self {
        Self { key: Some(key), text: String::new(), count: 0 }
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

    /// A success that brings the arguments of this text, which is JSON in Kea's spacing.
    pub fn written(arguments: String) -> Self {
        let list = Items { key: None, text: arguments, count: 0 };
        Self { list: Some(list.into()), ..Self::success("") }
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
        // What was written by this program can be read.
        match self.list.map(|list| *list) {
            None => {}
            Some(Items { key: None, text, .. }) => arguments = serde_json::from_str(&text).ok(),
            Some(Items { key: Some(key), text, .. }) => {
                let items = serde_json::from_str(&format!("[{text}]")).unwrap_or_default();
                let entries = arguments.get_or_insert_with(|| Value::Object(Map::new()));
                _ = entries.as_object_mut().map(|entries| entries.insert(key.to_owned(), items));
            }
        }
        if let Some(arguments) = arguments {
            map.insert("arguments".to_owned(), arguments);
        }
        map.insert("result".to_owned(), (self.result as u16).into());
        if !self.text.is_empty() {
            map.insert("text".to_owned(), self.text.into());
        }
        Value::Object(map)
    }

    /// The answer that another program gave with this text, if it is one.
    pub fn read(text: &str) -> Option<Self> {
        let mut answer: Map<String, Value> = serde_json::from_str(text).ok()?;
        let result = ResultCode::from_number(answer.get("result")?.as_u64()?)?;
        let text = answer.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(Self { result, text, arguments: answer.remove("arguments"), list: None })
    }

    /// The answer as sent: [`Response::into_json`] in Kea's spacing.
    pub fn into_text(self) -> String {
        self.framed("", "")
    }

    /// The answer as sent over HTTP: in a list of its own.
    pub(crate) fn into_listed_text(self) -> String {
        self.framed("[ ", " ]")
    }

    /// The text of the answer between these.
    fn framed(self, before: &str, behind: &str) -> String {
        let line = |text: String, value: &Value| format::appended(text, value, Shape::Line);
        let Some(list) = self.list else { return line(before.to_owned(), &self.into_json()) + behind };
        let mut start = before.to_owned() + "{ \"arguments\": ";
        let mut end = ", ";
        if let Some(key) = list.key {
            start.push_str("{ ");
            for (name, value) in self.arguments.as_ref().and_then(Value::as_object).into_iter().flatten() {
                start = line(start, &name.as_str().into()) + ": ";
                start = line(start, value) + ", ";
            }
            start = line(start, &key.into()) + ": [ ";
            end = " ] }, ";
        }
        let rest = line(String::new(), &Self { arguments: None, list: None, ..self }.into_json());
        // The long text is not copied.
        let mut text = list.text;
        text.insert_str(0, &start);
        text.extend([end, rest.trim_start_matches(['{', ' ']), behind]);
        text
    }

    /// Whether putting the answer into words takes longer than handing it to another thread.
    pub(crate) fn is_long(&self) -> bool {
        let mut room = SHORT;
        let fits = self.arguments.as_ref().is_none_or(|arguments| fits(arguments, &mut room));
        !fits || self.list.as_ref().is_some_and(|list| list.text.len() > LONG)
    }
}

/// What is put into words at once, in values and words of a string.
const SHORT: usize = 2000;

/// Whether there is room for a value; what it takes is taken.
fn fits(value: &Value, room: &mut usize) -> bool {
    let words = value.as_str().map_or(0, |text| text.len() / 8);
    *room = room.saturating_sub(1 + words);
    *room > 0
        && match value {
            Value::Array(items) => items.iter().all(|item| fits(item, room)),
            Value::Object(entries) => entries.values().all(|value| fits(value, room)),
            _ => true,
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
                assert_eq!(response.clone().into_text(), format::text(&json, Shape::Line));
                let listed = format::text(&json!([json]), Shape::Line);
                assert_eq!(response.into_listed_text(), listed);
            }
        }
    }

    /// So is what is sent of arguments that are text.
    #[test]
    fn what_is_written_is_sent_as_it_is() {
        let response = Response { text: "x".into(), ..Response::written(r#"{ "a": [ 1 ] }"#.into()) };
        let json = json!({"arguments": {"a": [1]}, "result": 0, "text": "x"});
        assert_eq!(response.clone().into_json(), json);
        assert_eq!(response.clone().into_text(), format::text(&json, Shape::Line));
        assert_eq!(response.into_listed_text(), format::text(&json!([json]), Shape::Line));
    }

    /// What is long is told without looking at all of it: by its values, its words or its list.
    #[test]
    fn what_is_long_is_told() {
        let values = |count: usize| Response::data(json!({"a": [vec![1; count]]}));
        assert!(!values(1000).is_long());
        assert!(values(2000).is_long());
        assert!(Response::data("x".repeat(20_000)).is_long());
        let mut items = Items::of("leases");
        assert!(!Response { list: Some(items.clone().into()), ..Response::success("") }.is_long());
        items.push(&"x".repeat(LONG).into());
        assert!(Response { list: Some(items.into()), ..Response::success("") }.is_long());
    }
}
