//! The expressions of client classes.

use kotare_expr::{ClassId, Names, parse_test, parse_value};
use kotare_options::Definitions;

use crate::Level;
use crate::json::{Diagnostics, Value};

/// Classes that the server itself puts clients into.
const BUILT_IN: [&str; 4] = ["ALL", "KNOWN", "UNKNOWN", "BOOTP"];
/// How the names of further such classes begin.
const BUILT_IN_PREFIXES: [&str; 4] = ["VENDOR_CLASS_", "HA_", "AFTER_", "EXTERNAL_"];

/// Judges each `test` and `template-test` of the configuration, whose options have these definitions.
///
/// A test may ask only for classes that are built in or written before it, so that evaluating them in order is
/// enough; a template may ask for any, because templates make classes that nobody wrote.
pub(crate) fn class_tests(global: Level<'_>, definitions: &Definitions, diagnostics: &mut Diagnostics) {
    let mut written: Vec<&str> = Vec::new();
    for class in global.items("client-classes") {
        if let Some(value) = class.get("test")
            && let Some(text) = value.as_str()
        {
            let mut unknown = None;
            let mut index = |name: &str| {
                let is_known = is_built_in(name) || written.contains(&name);
                if !is_known {
                    unknown = Some(name.to_owned());
                }
                is_known.then_some(ClassId(0))
            };
            let result = parse_test(text, &mut Names { options: definitions, class: &mut index });
            if let Err(error) = result {
                let hint = match unknown {
                    Some(name) => format!("write the class \"{name}\" before this one"),
                    None => String::new(),
                };
                diagnostics.error_with_hint(
                    value.source(),
                    format!("\"test\" is no condition: {error}"),
                    hint,
                );
            }
        }
        if let Some(value) = class.get("template-test")
            && let Some(text) = value.as_str()
        {
            let mut any = |_: &str| Some(ClassId(0));
            if let Err(error) = parse_value(text, &mut Names { options: definitions, class: &mut any }) {
                diagnostics.error(value.source(), format!("\"template-test\" has no value: {error}"));
            }
        }
        written.extend(class.get("name").and_then(Value::as_str));
    }
}

/// Whether the server itself puts clients into the class, so that it cannot have a test.
pub(super) fn has_fixed_members(name: &str) -> bool {
    BUILT_IN.contains(&name)
}

fn is_built_in(name: &str) -> bool {
    has_fixed_members(name)
        || BUILT_IN_PREFIXES.iter().any(|prefix| name.len() > prefix.len() && name.starts_with(prefix))
}
