//! `client-classes`: names made numbers, expressions compiled.

use kotare_expr::{ClassId, Names, parse_test, parse_value};
use kotare_model::Lifetime;
use kotare_options::Definitions;

use super::{Protocol, Scope, options};
use crate::Level;
use crate::common::{Class, Classes, LifetimeRange, Membership, Options, is_built_in};
use crate::json::{Diagnostics, Value};
use crate::process::HookLibrary;
use crate::schema::{File, Table, Type};

/// The classes of a protocol.
pub(crate) type ClassesOf<F> = Classes<Options<<F as Protocol>::Codes>, <F as Protocol>::ClassParams>;

/// The classes of a configuration whose options have these definitions, and the ids of those of `client-classes` in the
/// order written. They are not complete before all else that names classes is known to them.
pub(crate) fn resolve<F: Protocol>(
    global: Level<'_>,
    definitions: &Definitions,
    diagnostics: &mut Diagnostics,
) -> (ClassesOf<F>, Vec<ClassId>) {
    let mut classes = ClassesOf::<F>::built_in();
    let configured: Vec<_> =
        global.list(F::CLIENT_CLASS).map(|class| (classes.intern(class.text("name")), class)).collect();
    for &(id, class) in &configured {
        if let Some(own) = options::definitions_of_class::<F>(class, definitions, diagnostics) {
            classes.define(id, own);
        }
    }
    for &(id, class) in &configured {
        test(id, class, &mut classes, definitions, diagnostics);
        template(id, class, &mut classes, definitions, diagnostics);
        let row = classes.row(id);
        row.is_late = class.bool("only-in-additional-list");
        row.is_configured = true;
        row.user_context = class.own("user-context").cloned();
    }
    let ids = configured.into_iter().map(|(id, _)| id).collect();
    (classes, ids)
}

/// What the classes of `client-classes` give.
pub(crate) fn give<F: Protocol>(global: Level<'_>, scope: &mut Scope<'_, F>) {
    for class in global.list(F::CLIENT_CLASS) {
        let Some(map) = class.map() else { continue };
        let id = scope.classes.intern(class.text("name"));
        let own = scope.classes.own_definitions().iter().find(|(of, _)| *of == id);
        let own = own.map(|(_, definitions)| definitions.clone());
        let options = options::of_class(map, own.as_ref().unwrap_or(scope.definitions), scope);
        let row = scope.classes.row(id);
        (row.options, row.params) = (options, F::class_params(class));
    }
}

/// A shortest, a usual and a longest lifetime of a class, if it has one.
pub(crate) fn lifetimes(class: Level<'_>, keywords: [&str; 3]) -> Option<LifetimeRange> {
    let [min, default, max] = keywords.map(|keyword| class.lifetime(keyword));
    // As everywhere in Kea, a bound alone is the lifetime, and 0 is none.
    let default = default.or(min).or(max).filter(|lifetime| *lifetime != Lifetime(0))?;
    Some(LifetimeRange {
        min: min.unwrap_or(default).min(default),
        default,
        max: max.unwrap_or(default).max(default),
    })
}

/// Refuses more classes than sets of them hold.
pub(crate) fn check_count<O: Default + PartialEq, P: Default + PartialEq>(
    classes: &Classes<O, P>,
    global: Level<'_>,
    diagnostics: &mut Diagnostics,
) {
    if classes.count() > ClassId::LIMIT
        && let Some(map) = global.map()
    {
        let message = format!("{} names of classes are too many", classes.count());
        let hint =
            format!("{} are the most, with those that only guards and reservations name", ClassId::LIMIT);
        diagnostics.error_with_hint(map.source(), message, hint);
    }
}

/// Makes the classes known that the parameters of hook libraries name.
pub(crate) fn mentioned<O: Default + PartialEq, P: Default + PartialEq>(
    libraries: &[HookLibrary],
    file: &File,
    classes: &mut Classes<O, P>,
    definitions: &Definitions,
) {
    for library in libraries {
        if let (Some(schema), Some(parameters)) = (file.library(&library.path), &library.parameters) {
            mentioned_in(parameters, schema.parameters, classes, definitions);
        }
    }
}

fn mentioned_in<O: Default + PartialEq, P: Default + PartialEq>(
    map: &Value,
    table: &Table,
    classes: &mut Classes<O, P>,
    definitions: &Definitions,
) {
    for entry in map.entries() {
        match (table.param(&entry.key).map(|param| param.is), entry.value.as_str()) {
            (Some(Type::Class), Some(name)) if !name.is_empty() => _ = classes.intern(name),
            (Some(Type::Expression), Some(text)) => {
                // What is wrong with it the library says itself.
                let own = classes.own_definitions().to_vec();
                let mut find = |name: &str| Some(classes.intern(name));
                let mut names = Names { options: definitions, of_classes: &own, class: &mut find };
                if parse_value(text, &mut names).is_err() {
                    _ = parse_test(text, &mut names);
                }
            }
            (Some(Type::Map(inner)), _) => mentioned_in(&entry.value, inner, classes, definitions),
            (Some(Type::Maps(inner)), _) => {
                entry.value.items().iter().for_each(|item| mentioned_in(item, inner, classes, definitions));
            }
            _ => {}
        }
    }
}

/// A test may ask only for classes that are built in or written before it, so that evaluating them in order is enough.
/// Through them it may depend on whether the client is known.
fn test<O: Default + PartialEq, P: Default + PartialEq>(
    id: ClassId,
    class: Level<'_>,
    classes: &mut Classes<O, P>,
    definitions: &Definitions,
    diagnostics: &mut Diagnostics,
) {
    let Some((value, text)) = class.own("test").and_then(|value| Some((value, value.as_str()?))) else {
        return;
    };
    let own = classes.own_definitions().to_vec();
    let mut depends_on = Vec::new();
    let mut unknown = None;
    let mut find = |name: &str| {
        let earlier = classes.id(name).filter(|&id| classes.get(id).is_some_and(|class| class.is_configured));
        let found = earlier.or_else(|| is_built_in(name).then(|| classes.intern(name)));
        match found {
            Some(class) => depends_on.push(class),
            None => unknown = Some(name.to_owned()),
        }
        found
    };
    let parsed = parse_test(text, &mut Names { options: definitions, of_classes: &own, class: &mut find });
    match parsed {
        Ok(test) => {
            let asks = |class: &Class<O, P>| class.depends_on_known || is_known_or_unknown(class);
            let depends_on_known = depends_on.iter().filter_map(|id| classes.get(*id)).any(asks);
            keep(classes.row(id), Membership::Test(test), depends_on, depends_on_known);
        }
        Err(error) => {
            let hint = match unknown {
                Some(name) => format!("write the class \"{name}\" before this one"),
                None => String::new(),
            };
            diagnostics.error_with_hint(value.source(), format!("\"test\" is no condition: {error}"), hint);
        }
    }
}

/// A template may ask for any class, because templates make classes that nobody wrote. As in Kea, it depends on whether
/// the client is known only if it says so itself.
fn template<O: Default + PartialEq, P: Default + PartialEq>(
    id: ClassId,
    class: Level<'_>,
    classes: &mut Classes<O, P>,
    definitions: &Definitions,
    diagnostics: &mut Diagnostics,
) {
    let Some((value, text)) = class.own("template-test").and_then(|value| Some((value, value.as_str()?)))
    else {
        return;
    };
    let own = classes.own_definitions().to_vec();
    let mut depends_on = Vec::new();
    let mut find = |name: &str| {
        depends_on.push(classes.intern(name));
        depends_on.last().copied()
    };
    let parsed = parse_value(text, &mut Names { options: definitions, of_classes: &own, class: &mut find });
    match parsed {
        Ok(template) => {
            let depends_on_known =
                depends_on.iter().filter_map(|id| classes.get(*id)).any(is_known_or_unknown);
            keep(classes.row(id), Membership::Template(template), depends_on, depends_on_known);
        }
        Err(error) => {
            diagnostics.error(value.source(), format!("\"template-test\" has no value: {error}"));
        }
    }
}

fn keep<O, P>(
    row: &mut Class<O, P>,
    membership: Membership,
    mut depends_on: Vec<ClassId>,
    depends_on_known: bool,
) {
    depends_on.sort_unstable();
    depends_on.dedup();
    row.membership = membership;
    row.depends_on = depends_on;
    row.depends_on_known = depends_on_known;
}

fn is_known_or_unknown<O, P>(class: &Class<O, P>) -> bool {
    matches!(&*class.name, "KNOWN" | "UNKNOWN")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::Stage;
    use crate::json::from_json;
    use crate::schema::tables::DHCP4;
    use crate::v4::{Classes, Dhcp4};
    use kotare_expr::Sieve;
    use serde_json::json;

    fn resolved(classes: serde_json::Value) -> Classes {
        let mut diagnostics = Diagnostics::new();
        let global =
            from_json("test", &json!({ "client-classes": classes }), &mut diagnostics).expect("values");
        let (mut classes, configured) =
            resolve::<Dhcp4>(Level::of(&DHCP4, &global), &Definitions::v4(), &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics}");
        classes.complete(&configured);
        classes
    }

    /// Ids are dense: built-in and special classes, what is configured and what is named, in order.
    #[test]
    fn ids_are_dense_and_in_order() {
        let classes = resolved(json!([
            {"name": "a", "test": "member('VENDOR_CLASS_x') and option[60].exists"},
            {"name": "KNOWN"},
            {"name": "b", "template-test": "ifelse(member('SPAWN_b_1'), 'x', 'y')"},
        ]));
        let names: Vec<_> = classes.iter().skip(8).map(|(id, class)| (id.0, &*class.name)).collect();
        assert_eq!(names, [(8, "a"), (9, "b"), (10, "VENDOR_CLASS_x"), (11, "SPAWN_b_1")]);
        assert_eq!((classes.id("b"), classes.id("c"), classes.count()), (Some(ClassId(9)), None, 12));
    }

    /// A class is evaluated as early as what it asks for allows; through a chain of tests, too.
    #[test]
    fn stages_follow_dependencies() {
        let classes = resolved(json!([
            {"name": "early", "test": "option[60].exists"},
            {"name": "direct", "test": "not known"},
            {"name": "through", "test": "member('early') or member('direct') or member('early')"},
            {"name": "asked", "test": "member('direct')", "only-in-additional-list": true},
            {"name": "template", "template-test": "ifelse(member('direct'), 'x', 'y')"},
            {"name": "known-template", "template-test": "ifelse(member('KNOWN'), 'x', 'y')"},
            {"name": "given"},
            {"name": "DROP", "test": "member('early')"},
        ]));
        let names = |sieve: &Sieve| {
            let classes = sieve.all().iter().filter_map(|id| classes.get(*id));
            classes.map(|class| class.name.to_string()).collect::<Vec<_>>()
        };
        // Special classes have low numbers, wherever they are written.
        assert_eq!(names(classes.first()), ["early", "template", "DROP"]);
        assert_eq!(names(classes.second()), ["direct", "through", "known-template"]);
        let stages: Vec<_> = classes.iter().skip(8).map(|(_, class)| (&*class.name, class.stage())).collect();
        assert_eq!(
            stages,
            [
                ("early", Some(Stage::First)),
                ("direct", Some(Stage::Second)),
                ("through", Some(Stage::Second)),
                ("asked", Some(Stage::Late)),
                ("template", Some(Stage::First)),
                ("known-template", Some(Stage::Second)),
                ("given", None),
            ]
        );
        let through = classes.id("through").and_then(|id| classes.get(id)).expect("a class");
        assert_eq!(through.depends_on, [ClassId(8), ClassId(9)]);
        assert!(matches!(through.membership, Membership::Test(_)));
    }
}
