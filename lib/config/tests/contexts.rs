//! User contexts and comments: kept wherever they may be written, together.

use std::collections::BTreeSet;
use std::path::Path;

use kotare_config::json::{Diagnostics, read};
use kotare_config::schema::{Table, Type, tables};
use kotare_config::v4::{Config4, FILE};
use kotare_config::{Input, judge};
use serde_json::{Value, json};

/// A configuration that has every map there is.
fn everything() -> Value {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/everything.conf");
    let mut diagnostics = Diagnostics::new();
    let root = read(Path::new(file), &mut diagnostics).expect("JSON");
    judge::<Config4>(root, &FILE, &mut diagnostics).0.to_json()
}

/// Notes the way to each map that may have a user context, there and beside it.
fn annotate(table: &'static Table, map: &mut Value, way: &str, noted: &mut BTreeSet<String>) {
    if table.param("user-context").is_some() {
        map["user-context"] = json!({"way": way, "deep": [{"er": null}]});
        map["comment"] = way.into();
        noted.insert(way.to_owned());
    }
    for param in table.params() {
        let way = format!("{way}/{}", param.keyword);
        match (param.is, map.get_mut(param.keyword)) {
            (Type::Map(inner), Some(map)) => annotate(inner, map, &way, noted),
            (Type::Maps(inner), Some(list)) => {
                for (at, item) in list.as_array_mut().into_iter().flatten().enumerate() {
                    annotate(inner, item, &format!("{way}[{at}]"), noted);
                }
            }
            _ => {}
        }
    }
}

/// Collects what was noted; a comment is part of the user context and nowhere else.
fn collect(shown: &Value, found: &mut BTreeSet<String>) {
    match shown {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(map) => {
            assert_eq!(map.get("comment"), None, "{shown}");
            let context = map.get("user-context").filter(|context| context.get("way").is_some());
            if let Some(context) = context {
                let way = &context["way"];
                assert_eq!(context, &json!({"comment": way, "deep": [{"er": null}], "way": way}));
                found.extend(way.as_str().map(str::to_owned));
            }
            let others =
                map.iter().filter(|(keyword, _)| !["user-context", "parameters"].contains(&keyword.as_str()));
            others.for_each(|(_, value)| collect(value, found));
        }
        _ => {}
    }
}

/// Whatever may have a user context keeps it, with the comment in it, in what `config-get` shows.
#[test]
fn contexts_are_kept_everywhere() {
    let mut written = everything();
    let mut noted = BTreeSet::new();
    annotate(&tables::TOP, &mut written, "", &mut noted);
    for way in [
        "/Dhcp4",
        "/Dhcp4/interfaces-config",
        "/Dhcp4/lease-database",
        "/Dhcp4/control-sockets[0]",
        "/Dhcp4/loggers[0]",
        "/Dhcp4/dhcp-ddns",
        "/Dhcp4/hooks-libraries[0]",
        "/Dhcp4/option-def[0]",
        "/Dhcp4/client-classes[0]",
        "/Dhcp4/reservations[0]",
        "/Dhcp4/shared-networks[0]/subnet4[0]/pools[0]",
    ] {
        assert!(noted.contains(way), "{way} is in {noted:?}");
    }
    let candidate = kotare_config::read::<Config4>(Input::Command("config-set", &written), &FILE);
    let candidate = candidate.unwrap_or_else(|refused| panic!("{refused}"));
    let mut found = BTreeSet::new();
    collect(&candidate.written.shown(&candidate.config.definitions), &mut found);
    assert_eq!(found, noted);
}
