//! The answer to the command.

use kotare_control::{Request, Response};
use serde_json::{Map, Value as Json};

use super::{Explained, Told, classes, path, subnet};

/// What an answer has that each protocol has in its own way.
#[derive(Debug)]
pub struct Parts {
    /// The message, as it would be read.
    pub message: Json,
    /// What the client gets, under its key.
    pub given: (&'static str, Json),
    /// The reply, or why there is none.
    pub reply: Json,
    /// The leases that would be changed.
    pub changes: Vec<Json>,
}

/// The arguments of the command; `none` where there are none.
///
/// # Errors
/// The answer, if they are something else.
pub fn arguments<'a>(
    request: &'a Request,
    none: &'a Map<String, Json>,
) -> Result<&'a Map<String, Json>, Response> {
    match &request.arguments {
        None => Ok(none),
        Some(arguments) => arguments.as_object().ok_or_else(|| Response::error("arguments must be a map")),
    }
}

/// Tells all there is. `remarks` are those on what was asked.
pub fn answer<E: Explained>(
    told: &Told<'_, E>,
    is_enabled: bool,
    mut remarks: Vec<String>,
    parts: Parts,
) -> Response {
    if !is_enabled {
        remarks.push("the service is disabled (dhcp-disable): no message is answered now".to_owned());
    }
    remarks.extend(E::remarks(told));
    let (key, given) = parts.given;
    let answer = Map::from_iter(
        [
            ("message", parts.message),
            ("subnet", subnet::of(told)),
            ("classes", classes::of(told)),
            ("reservations", classes::reservations(told)),
            (key, given),
            ("reply", parts.reply),
            ("lease-changes", parts.changes.into()),
            ("path", path::of(told).into()),
            ("remarks", remarks.into()),
        ]
        .map(|(key, value)| (key.to_owned(), value)),
    );
    Response::success(E::outcome(told)).with(Json::Object(answer))
}
