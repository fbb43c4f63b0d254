//! Commands that serve from another configuration: what they do, and what they answer.

use std::fmt::Display;

use kotare_config::Written;
use kotare_config::json::{Diagnostics, Entry, Value, from_json};
use kotare_control::{Response, ResultCode};
use serde_json::{Map, Value as Json};

use crate::{Edited, Hooked, ServerLink};

/// Why nothing is changed: the answer of the command.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Response);

impl From<String> for Refused {
    fn from(reason: String) -> Self {
        Self(Response::error(reason))
    }
}

impl From<&str> for Refused {
    fn from(reason: &str) -> Self {
        Self(Response::error(reason))
    }
}

/// Serves from what `change` makes of what is written of the configuration in effect; what it found out on its way.
///
/// # Errors
/// What it refused, or what is wrong with what it made; nothing has changed then.
pub(crate) async fn edit<L: Hooked, T: Send + 'static>(
    server: &ServerLink<L, L::Engine>,
    change: impl FnOnce(&Value) -> Result<(Value, T), Refused> + Send + 'static,
) -> Result<T, Refused> {
    edit_knowing(server, |written, _| change(written.root()).map(|(root, found)| (root.into(), found))).await
}

/// The same, where `change` may know what comes of it.
pub(crate) async fn edit_knowing<L: Hooked, T: Send + 'static>(
    server: &ServerLink<L, L::Engine>,
    change: impl FnOnce(&Written, &L::Config) -> Result<(Edited<L::Config>, T), Refused> + Send + 'static,
) -> Result<T, Refused> {
    match server.get() {
        Some(server) => server.edit_with(change).await,
        None => Err(Refused(gone())),
    }
}

/// The answer where there is no server any more, or not yet.
pub(crate) fn gone() -> Response {
    Response::error("the server is about to start or to end")
}

/// The answer when there is nothing to change.
pub(crate) fn not_found(text: String) -> Refused {
    Refused(Response::failed(ResultCode::Empty, text))
}

/// The items of a list of the server.
pub(crate) fn list<'a, L: Hooked>(root: &'a Value, keyword: &str) -> &'a [Value] {
    root.get(L::MAP).map_or(&[], |server| server.list(keyword))
}

/// A configuration in which a list of the server was changed.
pub(crate) fn with_list<L: Hooked>(
    root: &Value,
    keyword: &str,
    change: impl FnOnce(&mut Vec<Value>),
) -> Value {
    match root.entry(L::MAP) {
        Some(Entry { key, value }) => {
            root.with(Entry { key: key.clone(), value: value.with_list(keyword, change) })
        }
        None => root.clone(),
    }
}

/// What a command brings, `what` of which name or id, as it is written from now on. That is its place, too: no other
/// value of the configuration has the same one.
///
/// # Errors
/// When it nests too deep or has a number that is too large.
pub(crate) fn value(command: &str, what: impl Display, map: &Map<String, Json>) -> Result<Value, String> {
    let mut diagnostics = Diagnostics::new();
    from_json(&format!("<{command} {what}>"), &Json::Object(map.clone()), &mut diagnostics)
        .ok_or_else(|| diagnostics.error_lines().join("\n"))
}

/// The answer of a command: what it did as `done` tells it. An error is told to the log by `failed`.
pub(crate) fn answer<T>(
    edited: Result<T, Refused>,
    failed: impl FnOnce(&str),
    done: impl FnOnce(T) -> Response,
) -> Response {
    match edited {
        Ok(found) => done(found),
        Err(Refused(response)) => {
            if response.result == ResultCode::Error {
                failed(&response.text);
            }
            response
        }
    }
}
