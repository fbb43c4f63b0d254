//! What the arguments of commands about the daemon itself say, with the texts clients know where they are wrong.

use kotare_control::{Request, Response, shortened};
use serde_json::Value as Json;

/// The configuration in the arguments of a command, a map with `root` in it and without the hash that `config-get`
/// added, and the names of what else is there: the first of them, enough to see what is wrong.
///
/// # Errors
/// Why there is no configuration.
pub fn sent(request: Request, root: &str) -> Result<(Json, Vec<String>), String> {
    request.check_map(|| Request::NO_MAP.to_owned())?;
    let mut arguments = request.arguments.ok_or("Missing mandatory 'arguments' parameter.")?;
    match arguments.get(root) {
        None => return Err(format!("Missing mandatory '{root}' parameter.")),
        Some(map) if !map.is_object() => return Err(format!("'{root}' parameter expected to be a map.")),
        Some(_) => {}
    }
    // What `config-get` returned can be sent back as it is, with its hash.
    let others = arguments.as_object_mut().map(|map| {
        map.shift_remove("hash");
        map.keys().filter(|key| *key != root).map(|key| shortened(key)).collect::<Vec<_>>()
    });
    let mut others = others.unwrap_or_default();
    others.sort();
    others.truncate(16);
    Ok((arguments, others))
}

/// The exit code that a command `shutdown` asks for.
///
/// # Errors
/// The answer, if it asks for none that there is.
pub fn exit_code(request: &Request) -> Result<u8, Response> {
    request.check_map(|| "Argument must be a map".to_owned()).map_err(Response::error)?;
    match request.argument("exit-value") {
        None => Ok(0),
        // As wait(2) tells it: the lowest eight bits.
        Some(value) => value
            .as_i64()
            .map(|number| number as u8)
            .ok_or_else(|| Response::error("parameter 'exit-value' is not an integer")),
    }
}
