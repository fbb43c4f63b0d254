//! What the commands are given, with Kea's words for what is wrong with it.

use kotare_config::schema::Table;
use kotare_control::{Request, type_name};
use serde_json::{Map, Value as Json};

use super::commands::CLASSES;

/// The only argument of a command: `keyword`, which is called `what`.
fn only<'a>(request: &'a Request, keyword: &str, what: &str) -> Result<&'a Json, String> {
    let command = &request.command;
    let arguments = match &request.arguments {
        None => return Err(format!("invalid command '{command}': no arguments specified")),
        Some(Json::Object(arguments)) if arguments.is_empty() => {
            return Err(format!("invalid command '{command}': 'arguments' is empty"));
        }
        Some(Json::Object(arguments)) => arguments,
        Some(other) => {
            let kind = type_name(other);
            return Err(format!(
                "invalid command '{command}': expected 'arguments' to be a map, got {kind} instead"
            ));
        }
    };
    if arguments.len() != 1 {
        let count = arguments.len();
        return Err(format!(
            "invalid number of arguments {count} for the '{command}' command. Expecting '{keyword}' {what}"
        ));
    }
    arguments.get(keyword).ok_or_else(|| format!("missing '{keyword}' argument for the '{command}' command"))
}

/// The name of a class.
pub(super) fn name(request: &Request) -> Result<&str, String> {
    let name = only(request, "name", "string")?.as_str();
    name.ok_or_else(|| {
        format!("'name' argument specified for the '{}' command is not a string", request.command)
    })
}

/// The one class in the arguments of a command, which `table` says what may be in, and its name.
pub(super) fn class<'a>(
    request: &'a Request,
    table: &Table,
) -> Result<(&'a Map<String, Json>, &'a str), String> {
    let command = &request.command;
    let list = only(request, CLASSES, "list")?
        .as_array()
        .ok_or_else(|| format!("'{CLASSES}' argument specified for the '{command}' command is not a list"))?;
    let [class] = list.as_slice() else {
        return Err(format!(
            "invalid number of classes specified for the '{command}' command. Expected one class"
        ));
    };
    let class = class.as_object().ok_or_else(|| {
        format!("invalid class definition specified for the '{command}' command. Expected a map")
    })?;
    let is_known = |keyword: &str| {
        table.param(keyword).is_some() || table.older.iter().any(|older| older.keyword == keyword)
    };
    let name = class.get("name");
    let name = name.ok_or("the first class definition is missing a mandatory 'name' parameter")?;
    match class.keys().filter(|keyword| !is_known(keyword)).min() {
        Some(keyword) => Err(format!("unsupported client class parameter '{keyword}'")),
        None => Ok((class, name.as_str().unwrap_or_default())),
    }
}
