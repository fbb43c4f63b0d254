//! What a client asks for.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::Peer;

/// A command as it arrived, by whatever front.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The command's name.
    pub command: String,
    /// `arguments`, of whatever type the client sent.
    pub arguments: Option<Value>,
    /// `service`: the daemons a control agent should pass the command to; means nothing to a daemon itself.
    pub service: Option<Value>,
    /// `remote-address`: whom a control agent or an HTTP front received the command from.
    pub remote: Option<String>,
    /// Who sent it, if it came through a network; [`AccessControl`](crate::AccessControl) has a say then.
    pub peer: Option<Arc<Peer>>,
    /// Whether it came where clients are to be answered quickly: it waits for no command that came elsewhere.
    pub is_quick: bool,
}

impl Request {
    /// Kea's answer where its code takes an argument out of what is no map.
    pub const NO_MAP: &str = "Error during command processing: get(string) called on a non-map Element";

    /// A request without arguments.
    pub fn new(command: impl Into<String>) -> Self {
        Self {
            command: command.into(),
            arguments: None,
            service: None,
            remote: None,
            peer: None,
            is_quick: false,
        }
    }

    /// This request with `arguments`.
    #[must_use]
    pub fn with(self, arguments: impl Into<Value>) -> Self {
        Self { arguments: Some(arguments.into()), ..self }
    }

    /// Reads a request.
    ///
    /// # Errors
    /// Kea's text of what is wrong: not a map, no `command`, a key that no command has.
    pub fn from_json(value: Value) -> Result<Self, String> {
        let mut map = match value {
            Value::Object(map) => map,
            other => {
                return Err(format!(
                    "invalid command: expected toplevel entry to be a map, got {} instead",
                    type_name(&other)
                ));
            }
        };
        let command =
            map.shift_remove("command").ok_or("invalid command: does not contain mandatory 'command'")?;
        let arguments = map.shift_remove("arguments");
        let service = map.shift_remove("service");
        let remote = map.shift_remove("remote-address").and_then(|remote| remote.as_str().map(str::to_owned));
        if let Some(key) = map.keys().min() {
            return Err(format!("invalid command: unsupported parameter '{}'", shortened(key)));
        }
        let Value::String(command) = command else {
            return Err(format!(
                "invalid command: expected 'command' to be a string, got {} instead",
                type_name(&command)
            ));
        };
        Ok(Self { arguments, service, remote, ..Self::new(command) })
    }

    /// The request as a client sends it.
    pub fn into_json(self) -> Value {
        let mut map = Map::new();
        map.insert("command".to_owned(), self.command.into());
        map.extend(self.arguments.map(|arguments| ("arguments".to_owned(), arguments)));
        map.extend(self.service.map(|service| ("service".to_owned(), service)));
        map.extend(self.remote.map(|remote| ("remote-address".to_owned(), remote.into())));
        Value::Object(map)
    }

    /// Whether `arguments`, if there are any, are a map, for a command with words of its own for that.
    ///
    /// # Errors
    /// Those words, if they are not.
    pub fn check_map(&self, words: impl FnOnce() -> String) -> Result<(), String> {
        match &self.arguments {
            Some(other) if !other.is_object() => Err(words()),
            _ => Ok(()),
        }
    }

    /// The argument of this name, if `arguments` is a map that has it.
    pub fn argument(&self, name: &str) -> Option<&Value> {
        self.arguments.as_ref()?.get(name)
    }
}

/// A name that a client made up, cut where it is longer than any name that means something.
pub fn shortened(name: &str) -> String {
    match name.char_indices().nth(100) {
        Some((end, _)) => format!("{}… ({} bytes)", &name[..end], name.len()),
        None => name.to_owned(),
    }
}

/// The name Kea gives to the type of a value: `integer`, `real`, `boolean`, `null`, `string`, `list`, `map`.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "real",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "map",
    }
}
