//! What the commands are given, with Kea's words for what is wrong with it.

use kotare_control::Request;
use serde_json::{Map, Value as Json};

use crate::networked::Networked;

/// The arguments of a command, which are a map.
pub(super) fn map(request: &Request) -> Result<&Map<String, Json>, String> {
    let command = &request.command;
    let arguments = request.arguments.as_ref();
    let arguments = arguments.ok_or_else(|| format!("no arguments specified for the '{command}' command"))?;
    arguments
        .as_object()
        .ok_or_else(|| format!("arguments specified for the '{command}' command are not a map"))
}

/// The one subnet in the arguments of a command.
pub(super) fn subnet<L: Networked>(request: &Request) -> Result<&Map<String, Json>, String> {
    let command = &request.command;
    let arguments = map(request)?;
    if arguments.len() != 1 {
        let count = arguments.len();
        return Err(format!(
            "invalid number of arguments {count} for the '{command}' command. Expecting '{}' list",
            L::SUBNETS
        ));
    }
    one(request, L::SUBNETS, "subnet")
}

/// The one item of the list `keyword` in the arguments of a command: what it is called.
pub(super) fn one<'a>(
    request: &'a Request,
    keyword: &str,
    what: &str,
) -> Result<&'a Map<String, Json>, String> {
    let command = &request.command;
    let list = map(request)?.get(keyword);
    let list = list.ok_or_else(|| format!("missing '{keyword}' argument for the '{command}' command"))?;
    let list = list
        .as_array()
        .ok_or_else(|| format!("'{keyword}' argument specified for the '{command}' command is not a list"))?;
    let [item] = list.as_slice() else {
        return Err(format!(
            "invalid number of {what}s specified for the '{command}' command. Expected one {what}"
        ));
    };
    // Kea has no blank there either.
    item.as_object().ok_or_else(|| {
        format!("invalid {what} information specified for the'{command}' command. Expected a map")
    })
}

/// The id of a subnet that an update is for.
pub(super) fn updated_id(subnet: &Map<String, Json>, command: &str) -> Result<u32, String> {
    match subnet.get("id") {
        None => Err(format!("must specify subnet id with '{command}' command.")),
        Some(id) => in_range(id),
    }
}

/// The id of a subnet that is new.
pub(super) fn new_id(subnet: &Map<String, Json>) -> Result<u32, String> {
    let reason = match subnet.get("id").map(in_range) {
        None => "missing parameter 'id'".to_owned(),
        Some(Ok(id)) => return Ok(id),
        Some(Err(reason)) => reason,
    };
    Err(format!("subnet configuration failed: {reason}"))
}

/// An id that a subnet may have.
fn in_range(id: &Json) -> Result<u32, String> {
    const MAX: u32 = u32::MAX - 1;
    let id = id.as_i64().ok_or("invalid type specified for parameter 'id'")?;
    match u32::try_from(id) {
        Ok(number @ 1..=MAX) => Ok(number),
        _ => Err(format!("The 'id' value ({id}) is not within expected range: (1 - {MAX})")),
    }
}

/// The name of a shared network and the id of a subnet.
pub(super) fn network_and_subnet(request: &Request) -> Result<(String, u32), String> {
    let command = &request.command;
    let arguments = map(request)?;
    let get = |key: &str| {
        arguments.get(key).ok_or_else(|| format!("missing '{key}' argument for the '{command}' command"))
    };
    let name = get("name")?.as_str();
    let name =
        name.ok_or_else(|| format!("'name' argument specified for the '{command}' command is not a string"))?;
    // Kea calls it name.
    let id = get("id")?
        .as_i64()
        .ok_or_else(|| format!("'name' argument specified for the '{command}' command is not an integer"))?;
    Ok((name.to_owned(), id as u32))
}
