//! A configuration that is written to a file and read back is the same configuration.

use kotare_config::json::format::{Shape, text};
use kotare_config::json::{Diagnostics, MAX_DEPTH, from_json, parse};
use kotare_config::v4::{Config4, FILE};
use kotare_config::{Input, read};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// The value that this text is read as.
fn read_back(text: &str) -> Json {
    let mut diagnostics = Diagnostics::new();
    let value = parse("t", text.as_bytes(), &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics}");
    value.expect("a value").to_json()
}

/// Strings that an operator may write, and the characters that writing may damage: quotes, escapes, controls, the ends
/// of UTF-8's lengths, and what looks like an escape.
fn any_string() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        prop::collection::vec(
            prop_oneof![
                Just("é"),
                Just("日本"),
                Just("\u{10ffff}"),
                Just("\u{80}"),
                Just("\u{7f}"),
                Just("\u{7ff}"),
                Just("\u{800}"),
                Just("\u{0}"),
                Just("\u{1f}"),
                Just("\u{2028}"),
                Just("\r\n\t\u{8}\u{c}"),
                Just("\""),
                Just("\\"),
                Just("/"),
                Just("\\u00c3"),
                Just("<?include \"x\"?>"),
                Just("# // /*"),
                Just("a"),
            ],
            0..8
        )
        .prop_map(|parts| parts.concat()),
    ]
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        prop::num::f64::NORMAL.prop_map(Json::from),
        prop::num::f64::SUBNORMAL.prop_map(Json::from),
        prop_oneof![Just(0.0), Just(-0.0), Just(1e21), Just(1.0), Just(1.0 / 3.0)].prop_map(Json::from),
        any_string().prop_map(Json::from),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::hash_map(any_string(), inner, 0..6).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever was written is what is read: any strings, numbers and keys, however nested. Nor does a second round
    /// change a byte.
    #[test]
    fn what_is_written_is_read(json in any_json()) {
        for shape in [Shape::Indented, Shape::Line] {
            let written = text(&json, shape);
            let again = read_back(&written);
            prop_assert_eq!(&again, &json);
            prop_assert_eq!(text(&again, shape), written);
        }
    }
}

/// As deep as a configuration may nest it can be written, too.
#[test]
fn the_deepest_value_is_written() {
    let deepest = (0..MAX_DEPTH - 1).fold(json!([]), |inside, level| match level % 2 {
        0 => json!({ "a": inside }),
        _ => json!([inside]),
    });
    assert_eq!(read_back(&text(&deepest, Shape::Indented)), deepest);
}

/// What `config-write` writes of the configuration in the file `path`.
fn written(path: &std::path::Path) -> String {
    let candidate = read::<Config4>(Input::File(path), &FILE).unwrap_or_else(|refused| panic!("{refused}"));
    text(&candidate.written.shown(&candidate.config.definitions), Shape::Indented)
}

/// A server that writes its configuration and starts from it again and again writes the same bytes each time.
#[test]
fn rounds_of_writing_and_reading_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kea-dhcp4.conf");
    let notes = "é 日本 \"quoted\" back\\slash \\u00e9 \u{1F600} tab\there \u{1}\u{7f}/";
    let first = json!({"Dhcp4": {
        "comment": notes,
        "user-context": {"é": notes, "numbers": [0.1, 1e-7, -5, 1.0, 123456.789]},
        "t1-percent": 0.123456789,
        "boot-file-name": "/日本/\\\"é\"",
        "subnet4": [{"id": 1, "subnet": "10.0.0.0/8", "pools": [{"pool": "10.0.0.1-10.0.0.9", "comment": notes}],
            "option-data": [{"name": "domain-name", "data": "é.example"}]}],
    }});
    std::fs::write(&path, first.to_string()).unwrap();
    let once = written(&path);
    let shown = read_back(&once);
    assert_eq!(shown["Dhcp4"]["user-context"]["é"], notes);
    assert_eq!(shown["Dhcp4"]["user-context"]["comment"], notes);
    assert_eq!(shown["Dhcp4"]["t1-percent"], 0.123456789);
    for _ in 0..3 {
        std::fs::write(&path, &once).unwrap();
        assert_eq!(written(&path), once);
    }
}

/// What came in a command is written as it came.
#[test]
fn what_was_set_is_written() {
    let json = json!({"comment": "é\u{1F600}"});
    let value = from_json("config-set", &json, &mut Diagnostics::new()).unwrap();
    assert_eq!(read_back(&text(&value.to_json(), Shape::Indented)), json);
}
