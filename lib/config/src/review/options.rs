//! Options that no client is ever told.

use std::collections::HashSet;

use super::Scene;
use super::leasing::Leasing;
use crate::common::resolve::Protocol;
use crate::json::{Diagnostics, Value};
use crate::schema::{Table, Type};

/// Options whose flags contradict each other, that only relay agents send, or in a space that no option leads to.
pub(super) fn never_sent<C: Leasing>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    let Some(global) = scene.global().map() else { return };
    let standard = C::Protocol::UNIVERSE.space();
    let mut reached = HashSet::new();
    visit(scene.written.file().global, global, "option-def", &mut |definition| {
        reached.extend(definition.get("encapsulate").and_then(Value::as_str));
    });
    let mut own_spaces = HashSet::new();
    visit(scene.written.file().global, global, "option-def", &mut |definition| {
        own_spaces.extend(definition.get("space").and_then(Value::as_str));
    });
    visit(scene.written.file().global, global, "option-data", &mut |option| {
        let is = |keyword: &str| option.get(keyword).and_then(Value::as_bool) == Some(true);
        let space = option.get("space").and_then(Value::as_str).unwrap_or(standard);
        let code = option.get("code").and_then(Value::as_int);
        let name = option.get("name").and_then(Value::as_str);
        if is("never-send") && is("always-send") {
            let message = "the option has \"never-send\", which wins over \"always-send\"";
            diagnostics.warning_with_hint(option.source(), message, "keep one of the two");
        }
        let is_of_relays =
            C::OF_RELAYS.iter().any(|(number, called)| code == Some(*number) || name == Some(*called));
        if space == standard && is_of_relays {
            let message = "what relay agents send is given back to them, not made up, and is not for clients";
            diagnostics.warning_with_hint(option.source(), message, "remove the option");
        }
        let is_vendors = space.starts_with("vendor-");
        if space != standard && !is_vendors && own_spaces.contains(space) && !reached.contains(space) {
            let message = format!("no option holds those of the space \"{space}\"");
            let hint = format!("define an option with \"encapsulate\": \"{space}\"");
            diagnostics.warning_with_hint(option.source(), message, hint);
        }
    });
}

/// Visits the items of every list under `keyword` in the map and what is in it.
fn visit<'a>(table: &'static Table, map: &'a Value, keyword: &str, see: &mut impl FnMut(&'a Value)) {
    for entry in map.entries() {
        match table.param(&entry.key).map(|param| param.is) {
            Some(Type::Maps(_)) if &*entry.key == keyword => entry.value.items().iter().for_each(&mut *see),
            Some(Type::Maps(inner)) => {
                entry.value.items().iter().for_each(|item| visit(inner, item, keyword, see));
            }
            _ => {}
        }
    }
}
