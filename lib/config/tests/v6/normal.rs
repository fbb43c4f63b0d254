//! The normal form: what `config-get` answers.

use kotare_config::json::format::{self, Shape};
use kotare_config::json::{Diagnostics, read as read_json};
use kotare_config::schema::config_hash;
use kotare_config::v6::{Config6, FILE};
use kotare_config::{Input, read};
use serde_json::{Value, json};

/// What `config-get` answers for the map under `Dhcp6`.
fn normal(dhcp6: Value) -> Value {
    let arguments = json!({ "Dhcp6": dhcp6 });
    let read = read::<Config6>(Input::Command("config-set", &arguments), &FILE);
    let candidate = read.unwrap_or_else(|refused| panic!("{refused}"));
    let (written, definitions) = (&candidate.written, &candidate.config.definitions);
    let mut shown = written.shown(definitions);
    assert_eq!(written.hash(definitions), config_hash(&shown));
    // The text is that of the value, however it is made.
    assert_eq!(written.shown_text(definitions, Shape::Hashed, &[]), format::text(&shown, Shape::Hashed));
    shown["Dhcp6"].take()
}

/// The map under `Dhcp6` in a file of this folder.
fn file(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    let mut diagnostics = Diagnostics::new();
    let written = read_json(&path, &mut diagnostics).expect("JSON");
    written.get("Dhcp6").expect("the server's map").to_json()
}

/// What came after Kea 2.2, and what Kea 3.3 shows for it where nothing is written.
fn later(keyword: &str) -> Option<Value> {
    Some(match keyword {
        "allocator" | "pd-allocator" => "iterative".into(),
        "allow-address-registration" => true.into(),
        "cache-threshold" => 0.25.into(),
        "ddns-conflict-resolution-mode" => "check-with-dhcid".into(),
        "extended-info-checks" => "fix".into(),
        "never-send" => false.into(),
        _ => return None,
    })
}

/// What Kea 2.2 shows in the words of Kea 3.3.
fn in_words_of_today(kea: Value) -> Value {
    match kea {
        Value::Array(items) => items.into_iter().map(in_words_of_today).collect(),
        Value::Object(map) => map
            .into_iter()
            .filter(|(keyword, _)| keyword != "ddns-use-conflict-resolution")
            .map(|(keyword, value)| match keyword.as_str() {
                "client-class" => ("client-classes".to_owned(), json!([value])),
                "require-client-classes" => ("evaluate-additional-classes".to_owned(), value),
                "only-if-required" => ("only-in-additional-list".to_owned(), value),
                _ => (keyword, in_words_of_today(value)),
            })
            .collect(),
        other => other,
    }
}

/// Where two values differ, but for what came later.
fn differences(path: &str, kea: &Value, ours: &Value, found: &mut Vec<String>) {
    match (kea, ours) {
        (Value::Object(one), Value::Object(other)) => {
            for (keyword, value) in other.iter().filter(|(keyword, _)| !one.contains_key(*keyword)) {
                if later(keyword).as_ref() != Some(value) {
                    found.push(format!("{path}/{keyword}: {value} is not shown by Kea"));
                }
            }
            for (keyword, value) in one {
                let own = other.get(keyword).unwrap_or(&Value::Null);
                differences(&format!("{path}/{keyword}"), value, own, found);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (at, (value, own)) in one.iter().zip(other).enumerate() {
                differences(&format!("{path}[{at}]"), value, own, found);
            }
        }
        _ if kea == ours => {}
        _ => found.push(format!("{path}: {kea} of Kea is {ours} here")),
    }
}

/// What the real kea-dhcp6 answered is answered, with what came after it: lists in its order, numbers, addresses and
/// identifiers in its forms, what subnets and shared networks inherit.
#[test]
fn it_is_what_kea_shows() {
    let kea = serde_json::from_str(include_str!("../data/shown6.json")).expect("JSON");
    let mut found = Vec::new();
    differences("", &in_words_of_today(kea), &normal(file("shown6.conf")), &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The configuration that says nothing shows the defaults of Kea 3.3: there is no preferred lifetime among them, which
/// follows from the valid one.
#[test]
fn defaults_are_shown() {
    let defaults: Value = serde_json::from_str(include_str!("../data/defaults6.json")).expect("JSON");
    assert_eq!(normal(json!({})), defaults);
}

/// The normal form is a configuration itself, and its own normal form; so the hash says whether two are the same.
#[test]
fn the_normal_form_is_stable() {
    for name in ["everything6.conf", "shown6.conf"] {
        let once = normal(file(name));
        assert_eq!(once, normal(once.clone()), "{name}");
    }
}
