//! From what was typed to a request.

use std::io::Read;

use kotare_config::json::{Diagnostics, parse};
use kotare_control::Request;
use serde_json::Value;

/// The longest arguments that are read, in bytes: more than servers take.
const MAX_ARGUMENTS: u64 = 256 << 20;

/// What errors call the text.
const NAME: &str = "arguments";

/// Reads the arguments of a command from standard input, to its end.
///
/// # Errors
/// If they cannot be read, are no text or too long.
pub(crate) fn read(input: impl Read) -> Result<String, String> {
    let mut text = String::new();
    let length = input.take(MAX_ARGUMENTS + 1).read_to_string(&mut text);
    match length.map_err(|error| format!("cannot read the command's arguments: {error}"))? as u64 {
        ..=MAX_ARGUMENTS => Ok(text),
        _ => Err(format!("the command's arguments are longer than {} MiB", MAX_ARGUMENTS >> 20)),
    }
}

/// The request for `command` with these arguments: nothing, the members of a map, or the map.
///
/// # Errors
/// If the text is not that, with the place.
pub(crate) fn of(command: &str, text: &str, services: &[String]) -> Result<Request, String> {
    let request = Request::new(command);
    let service = (!services.is_empty()).then(|| Value::from(services));
    Ok(Request { arguments: arguments(text)?, service, ..request })
}

fn arguments(text: &str) -> Result<Option<Value>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let is_map = text.trim_start().starts_with('{');
    // Members stand on lines of their own, so that their places are as typed but for one line.
    let (whole, before) = if is_map { (text.to_owned(), 0) } else { (format!("{{\n{text}\n}}"), 1) };
    let mut diagnostics = Diagnostics::new();
    match parse(NAME, whole.as_bytes(), &mut diagnostics) {
        Some(value) => Ok(Some(value.to_json())),
        None => Err(match diagnostics.errors().next() {
            Some(error) => {
                let (line, column) = (error.source.line().saturating_sub(before), error.source.column());
                format!(
                    "{NAME}:{line}:{column}: {}; arguments are the members of a JSON map: \"subnet-id\": 1, …",
                    error.message
                )
            }
            None => format!("{NAME}: not JSON"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use kotare_config::json::format::{Shape, text};

    use super::*;

    fn sent(command: &str, arguments: &str) -> Result<String, String> {
        of(command, arguments, &[]).map(|request| text(&request.into_json(), Shape::Line))
    }

    /// Members of a map, the map itself, and comments as in configuration files.
    #[test]
    fn arguments_are_members_of_a_map() {
        let with = r#"{ "command": "foo", "arguments": { "bar": "baz" } }"#;
        assert_eq!(sent("foo", "").unwrap(), r#"{ "command": "foo" }"#);
        assert_eq!(sent("foo", "\n").unwrap(), r#"{ "command": "foo" }"#);
        for typed in [r#""bar": "baz""#, r#" { "bar": "baz" }"#, "\"bar\": # why\n\"baz\" # how\n"] {
            assert_eq!(sent("foo", typed).unwrap(), with);
        }
    }

    /// Services are those that a control agent knows.
    #[test]
    fn services_are_named() {
        let request = of("foo", "", &["dhcp4".to_owned()]).unwrap();
        assert_eq!(request.service, Some(Value::from(vec!["dhcp4"])));
    }

    /// The place of an error is the one in what was typed.
    #[test]
    fn errors_have_the_place_that_was_typed() {
        for (typed, place) in [
            ("\"a\": 1\n\"b\": 2", "arguments:2:1: "),
            ("\"a\": x", "arguments:1:6: "),
            ("{ \"a\": x }", "arguments:1:8: "),
            ("word", "arguments:1:1: "),
        ] {
            let error = sent("foo", typed).unwrap_err();
            assert!(error.starts_with(place), "{typed}: {error}");
        }
    }

    /// Input without end is not read to its end.
    #[test]
    fn arguments_are_bounded() {
        let error = read(std::io::repeat(b' ').take(MAX_ARGUMENTS + 9)).unwrap_err();
        assert!(error.contains("256 MiB"), "{error}");
    }
}
