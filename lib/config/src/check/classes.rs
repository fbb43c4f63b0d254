//! Client classes, and lists of their names.

use std::collections::HashMap;

use super::timers::{self, Lifetimes};
use crate::Level;
use crate::common::{class_name, has_fixed_members};
use crate::json::{Diagnostics, Source, Topic, Value};

/// What a class that is evaluated late cannot change any more.
const LIFETIMES: [&str; 7] = [
    "valid-lifetime",
    "min-valid-lifetime",
    "max-valid-lifetime",
    "preferred-lifetime",
    "min-preferred-lifetime",
    "max-preferred-lifetime",
    "offer-lifetime",
];

/// Checks the classes of a server; `own` is what only those of its protocol have.
pub(super) fn check(
    global: Level<'_>,
    own: impl Fn(&Value, &mut Diagnostics),
    diagnostics: &mut Diagnostics,
) {
    let mut names: HashMap<&str, &Source> = HashMap::new();
    for class in global.items("client-classes").iter().filter(|class| class.is_map()) {
        own(class, diagnostics);
        if let (Some(_), Some(template)) = (class.get("test"), class.get("template-test")) {
            diagnostics.error(template.source(), "\"template-test\" cannot stand beside \"test\"");
        }
        let Some(value) = class.get("name") else { continue };
        let Some(name) = value.as_str() else { continue };
        if name.is_empty() {
            diagnostics.error(value.source(), "a client class must have a name, this is empty");
        } else if let Some(first) = names.insert(name, value.source()) {
            diagnostics
                .error(value.source(), format!("the client class \"{name}\" is there already, at {first}"));
        }
        let better = class_name(name);
        if better != name {
            let message =
                format!("the name of the class \"{name}\" has characters that are escaped elsewhere");
            let hint = format!("call it \"{better}\"");
            let topic = Topic::ClassName { name: name.into(), better: better.into() };
            diagnostics.warning_about(topic, value.source(), message, hint);
        }
        let is_late = class.get("only-in-additional-list").filter(|value| value.as_bool() == Some(true));
        if let (Some(_), Some(lifetime)) = (is_late, LIFETIMES.iter().find_map(|keyword| class.get(keyword)))
        {
            let message = format!("the class \"{name}\" is evaluated when it is too late for lifetimes");
            diagnostics.warning_about(Topic::LateLifetimes(name.into()), lifetime.source(), message, "");
        }
        if has_fixed_members(name)
            && let Some(test) = class.get("test").filter(|test| test.as_str() != Some(""))
        {
            diagnostics.error(test.source(), format!("the built-in class \"{name}\" cannot have a test"));
        }
        if let Some(value) = is_late
            && (has_fixed_members(name) || name == "DROP" || name == "REJECT")
        {
            diagnostics.error(value.source(), format!("the class \"{name}\" cannot be evaluated late"));
        }
    }
}

/// The lifetimes of a class: in order, and the usual one among them.
pub(super) fn lifetimes(class: Level<'_>, keywords: Lifetimes, diagnostics: &mut Diagnostics) {
    timers::lifetimes(class, keywords, diagnostics);
    let [min, default, max] = keywords;
    if let (Some(value), Some(_), None) = (class.own(min), class.own(max), class.own(default)) {
        let message = format!("\"{min}\" and \"{max}\" need a \"{default}\" between them");
        diagnostics.error(value.source(), message);
    }
}

/// No class has an empty name in the lists of a network or pool.
pub(super) fn names(map: &Value, diagnostics: &mut Diagnostics) {
    for keyword in ["client-classes", "evaluate-additional-classes"] {
        for name in map.list(keyword).iter().filter(|name| name.as_str() == Some("")) {
            diagnostics.error(name.source(), format!("\"{keyword}\" has an empty name"));
        }
    }
}
