//! Classes that nobody is ever in, and what is for them.

use std::collections::HashSet;

use super::Scene;
use super::leasing::Leasing;
use crate::common::{Membership, SPAWN};
use crate::json::{Diagnostics, Value};
use crate::schema::{Table, Type};

/// Visits the items of every list of strings under `keyword` in the map and what is in it, and the table of its map.
fn named<'a>(
    table: &'static Table,
    map: &'a Value,
    keyword: &str,
    visit: &mut impl FnMut(&'static Table, &'a Value),
) {
    for entry in map.entries() {
        match table.param(&entry.key).map(|param| param.is) {
            Some(Type::Texts) if &*entry.key == keyword => {
                entry.value.items().iter().for_each(|item| visit(table, item));
            }
            Some(Type::Map(inner)) => named(inner, &entry.value, keyword, visit),
            Some(Type::Maps(inner)) => {
                entry.value.items().iter().for_each(|item| named(inner, item, keyword, visit));
            }
            _ => {}
        }
    }
}

fn every<'a, C: Leasing>(
    scene: &Scene<'a, C>,
    keyword: &str,
    mut visit: impl FnMut(&'static Table, &'a Value),
) {
    if let Some(global) = scene.global().map() {
        named(scene.written.file().global, global, keyword, &mut visit);
    }
}

/// Whether a reservation is what puts its clients into classes rather than asking for them.
fn gives(table: &Table) -> bool {
    table.name == "reservations"
}

/// Classes that are asked for, and neither written, built in nor given by a reservation.
pub(super) fn never_set<C: Leasing>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    let mut given: HashSet<&str> = HashSet::new();
    every(scene, "client-classes", |table, item| {
        given.extend(item.as_str().filter(|_| gives(table)));
    });
    let classes = scene.config.classes();
    let templates: HashSet<&str> = classes
        .iter()
        .filter(|(_, class)| matches!(class.membership, Membership::Template(_)))
        .map(|(_, class)| &*class.name)
        .collect();
    let is_set = |name: &str| {
        let class = classes.id(name).and_then(|id| classes.get(id));
        let is_member = class.is_none_or(|class| class.is_configured || class.is_built_in());
        // What a template spawns has its name, an underscore and the value, in which there may be more of them.
        let is_spawned = name
            .strip_prefix(SPAWN)
            .is_some_and(|rest| rest.match_indices('_').any(|(at, _)| templates.contains(&rest[..at])));
        is_member || is_spawned || given.contains(name)
    };
    for keyword in ["client-classes", "evaluate-additional-classes"] {
        every(scene, keyword, |table, item| {
            if let Some(name) = item.as_str().filter(|name| !gives(table) && !is_set(name)) {
                let message = format!("nothing puts a client into the class \"{name}\"");
                let hint = "add it to the global \"client-classes\", or to a reservation";
                diagnostics.warning_with_hint(item.source(), message, hint);
            }
        });
    }
    for class in scene.global().items("client-classes") {
        let Some(value) = class.get("name") else { continue };
        let Some(name) = value.as_str() else { continue };
        let has_expression = ["test", "template-test"]
            .iter()
            .any(|keyword| class.get(keyword).and_then(Value::as_str).is_some_and(|text| !text.is_empty()));
        let known = classes.id(name).and_then(|id| classes.get(id));
        let is_built_in = known.is_none_or(|class| class.is_built_in());
        if !has_expression && !is_built_in && !given.contains(name) && name != "SKIP_DDNS" {
            let message =
                format!("the class \"{name}\" has no test, and no reservation puts clients into it");
            diagnostics.warning_with_hint(value.source(), message, "give it a \"test\"");
        }
    }
}

/// What may be for some classes only.
const GUARDED: &[&str] = &["subnet4", "subnet6", "shared-networks", "pools", "pd-pools"];

/// Who is served where is decided before late classes are evaluated.
pub(super) fn late_guards<C: Leasing>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    let classes = scene.config.classes();
    let is_late =
        |name: &str| classes.id(name).and_then(|id| classes.get(id)).is_some_and(|class| class.is_late);
    every(scene, "client-classes", |table, item| {
        if let Some(name) = item.as_str().filter(|name| is_late(name))
            && GUARDED.contains(&table.name)
        {
            let message = format!("\"{name}\" is evaluated when it is decided already who is served here");
            let hint = "remove \"only-in-additional-list\" from the class";
            diagnostics.warning_with_hint(item.source(), message, hint);
        }
    });
}

/// Late classes that no network, subnet or pool asks for.
pub(super) fn never_evaluated<C: Leasing>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    let mut asked: HashSet<&str> = HashSet::new();
    every(scene, "evaluate-additional-classes", |_, item| asked.extend(item.as_str()));
    for class in scene.global().items("client-classes") {
        let is_late = class.get("only-in-additional-list").and_then(Value::as_bool) == Some(true);
        if let Some(value) = class.get("name").filter(|_| is_late)
            && let Some(name) = value.as_str().filter(|name| !asked.contains(name))
        {
            let message = format!("nothing asks for the class \"{name}\", so its test is never evaluated");
            let hint = "name it in \"evaluate-additional-classes\", or remove \"only-in-additional-list\"";
            diagnostics.warning_with_hint(value.source(), message, hint);
        }
    }
}
