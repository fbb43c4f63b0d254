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
}

impl Response {
    /// A success that only says so.
    pub fn success(text: impl Into<String>) -> Self {
        Self { result: ResultCode::Success, text: text.into(), arguments: None }
    }

    /// A success that brings `arguments` and no text.
    pub fn data(arguments: impl Into<Value>) -> Self {
        Self { result: ResultCode::Success, text: String::new(), arguments: Some(arguments.into()) }
    }

    /// Refused or failed ([`ResultCode::Error`]). `text` must not be empty.
    pub fn error(text: impl Into<String>) -> Self {
        Self::failed(ResultCode::Error, text)
    }

    /// Ended with `result`, which `text` (not empty) explains.
    pub fn failed(result: ResultCode, text: impl Into<String>) -> Self {
        Self { result, text: text.into(), arguments: None }
    }

    /// This response with `arguments`.
    #[must_use]
    pub fn with(self, arguments: impl Into<Value>) -> Self {
        Self { arguments: Some(arguments.into()), ..self }
    }

    /// The answer as JSON, its keys in Kea's order.
    pub fn into_json(self) -> Value {
        let mut map = Map::new();
        if let Some(arguments) = self.arguments {
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
        format::text(&self.into_json(), Shape::Line)
    }
}
