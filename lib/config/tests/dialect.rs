//! Kea's dialect of JSON: what is accepted, and that every error names its exact place.

use std::fs;

use kotare_config::json::{Diagnostics, Kind, MAX_DEPTH, Value, from_json, parse, read};
use proptest::prelude::*;

fn parsed(text: &str) -> (Option<Value>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let value = parse("t", text.as_bytes(), &mut diagnostics);
    (value, diagnostics)
}

/// `json` and what it means.
fn means(text: &str, json: &str) {
    let (value, diagnostics) = parsed(text);
    assert!(!diagnostics.has_errors(), "{text}: {diagnostics}");
    assert_eq!(value.expect("a value").to_json(), serde_json::from_str::<serde_json::Value>(json).unwrap());
}

/// What Kea reads, this reads: comments, extra commas, numbers in odd forms, escapes.
#[test]
fn the_dialect_is_accepted() {
    means("# c\n{ // c\n /* c\n * */ \"a\" /**/ : 1 } # end", r#"{"a":1}"#);
    means("[1,2,]", "[1,2]");
    means("{\"a\":1,,\"b\":[2,,3],}", r#"{"a":1,"b":[2,3]}"#);
    means("\u{feff}{}", "{}");
    means("\r\n[ -0, .5, 5., 1e2, -1.5E-1, 007, 08.50 ]\t", "[0, 0.5, 5.0, 100.0, -0.15, 7, 8.5]");
    means(r#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00é""#, r#""\"\\/\b\f\n\r\tAé😀é""#);
    means("9223372036854775807", "9223372036854775807");
    means("[true,false,null]", "[true,false,null]");
    means("\"# // /* <?include \\\"x\\\"?>\"", r##""# // /* <?include \"x\"?>""##);
}

/// Leniency is told: extra commas and leading zeros are warnings with their places.
#[test]
fn leniency_is_warned_about_with_its_place() {
    let (_, diagnostics) = parsed("[1,\n 2,\n]");
    assert_eq!(diagnostics.to_string(), "t:2:3: warning: there is an extra comma; remove it");
    let (_, diagnostics) = parsed("\n[1,\t012]");
    assert!(
        diagnostics.to_string().starts_with("t:2:5: warning: the number has leading zeros"),
        "{diagnostics}"
    );
}

/// Each text, the place of its first error, and a part of the message.
const WRONG: &[(&[u8], &str, &str)] = &[
    (b"", "t:1:1", "the text is empty"),
    (b"\n# only a comment", "t:2:17", "the text is empty"),
    (b"{", "t:1:2", "the bracket of t:1:1 is not closed"),
    (b"{\r\n\t\"a\": 1\r\n", "t:3:1", "expected a comma or }, found the end of the text"),
    (b"[1 2]", "t:1:4", "expected a comma or ], found an integer"),
    (b"[,]", "t:1:2", "expected a value, found a comma"),
    (b"{,}", "t:1:2", "expected a keyword in double quotes or }"),
    (b"{\"a\" 1}", "t:1:6", "expected a colon after the keyword, found an integer"),
    (b"{\"a\":}", "t:1:6", "expected a value, found }"),
    (b"{} {}", "t:1:4", "expected nothing after the closing brace"),
    (b"{\"a\": 1,\n  \"a\": 2}", "t:2:3", "given twice in this map, first at t:1:2"),
    (b"[ True ]", "t:1:3", "True must be written true"),
    (b"[ yes ]", "t:1:3", "unexpected word; strings"),
    (b"[ 'a' ]", "t:1:3", "unexpected character '\\''"),
    (b"[ \xe9 ]", "t:1:3", "the byte 0xe9"),
    (b"[ +1 ]", "t:1:3", "this is not a number; leave the plus sign out"),
    (b"[ - ]", "t:1:3", "this is not a number"),
    (b"[ 9223372036854775808 ]", "t:1:3", "too large"),
    (b"[ 1e999 ]", "t:1:3", "too large"),
    (b"\t\"open", "t:1:2", "not closed on its line"),
    (b"[\"a\tb\"]", "t:1:4", "control character 0x09"),
    (b"[\"a\\x\"]", "t:1:4", "no such escape"),
    (b"[\"\\ud800\"]", "t:1:3", "no such character escape"),
    (b"[\"\\u12\"]", "t:1:3", "no such character escape"),
    (b"[\"\xc3\xa9\", \"\xc3\xa9\xff\"]", "t:1:9", "not UTF-8: it has the byte 0xff"),
    (b"{ /* never", "t:1:3", "the comment is never closed"),
    (b"[ <?print?> ]", "t:1:3", "this is no directive"),
    (b"[ <?include \"x\"?> ]", "t:1:3", "only files can include files"),
    (b"/", "t:1:1", "unexpected character '/'"),
];

/// Errors name file, line and column: at the start, at the end, after tabs and CRLF, after characters of many bytes.
#[test]
fn every_error_has_its_place() {
    for (text, source, message) in WRONG {
        let mut diagnostics = Diagnostics::new();
        assert!(parse("t", text, &mut diagnostics).is_none());
        let shown = diagnostics.to_string();
        assert!(shown.starts_with(&format!("{source}: ")) && shown.contains(message), "{shown}");
    }
}

/// A syntax error beside a password says nothing of it: not in full, not in part.
#[test]
fn secrets_are_not_told() {
    for wrong in [
        r#"{"password" "S3cr-t"}"#,
        r#"{"password", "S3cr-t"}"#,
        r#"{"user": "kea" "S3cr-t"}"#,
        r#"{"user": "kea", "S3cr-t"}"#,
        r#"["mysql" "S3cr-t"]"#,
        r#"{"password": S3cr-t}"#,
        r#"{"password": "kea"S3cr-t}"#,
        r#"{"secret": 3333333333333333333333}"#,
        r#"{"secret": +3333}"#,
        r#"{"secret" 3333}"#,
        r#"{"secret": 3333 3333.5}"#,
        r#"{"password": "S3cr-t}"#,
    ] {
        let mut diagnostics = Diagnostics::new();
        assert!(parse("t", wrong.as_bytes(), &mut diagnostics).is_none(), "{wrong}");
        let shown = diagnostics.to_string();
        assert!(!shown.contains("S3cr") && !shown.contains("333"), "{wrong}: {shown}");
    }
}

/// Values, keys and items know their places.
#[test]
fn values_know_their_places() {
    let (value, _) = parsed("{\n\t\"a\": [ 1,\n  {\"é\": \"é\", \"b\": null } ]\n}");
    let value = value.unwrap();
    assert_eq!(value.source().to_string(), "t:1:1");
    assert_eq!(value.entry("a").unwrap().key.source().to_string(), "t:2:2");
    assert_eq!(value.list("a")[0].source().to_string(), "t:2:9");
    assert_eq!(value.list("a")[1].get("b").unwrap().source().to_string(), "t:3:19");
}

/// A hostile text cannot nest deep enough to harm, through a file or a socket.
#[test]
fn nesting_is_bounded() {
    let (value, diagnostics) = parsed(&"[".repeat(64 << 10));
    assert!(value.is_none());
    assert_eq!(diagnostics.to_string(), "t:1:101: lists and maps nest more than 100 levels deep");
    let deepest = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    assert!(parsed(&deepest).0.is_some());
    let json: serde_json::Value = serde_json::from_str(&deepest).unwrap();
    assert!(from_json("config-set", &json, &mut Diagnostics::new()).is_some());
    let mut diagnostics = Diagnostics::new();
    assert!(from_json("config-set", &serde_json::json!([json]), &mut diagnostics).is_none());
    assert!(diagnostics.has_errors());
}

/// An included file takes the place of its directive, and errors name the files that led there.
#[test]
fn files_include_files() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("main.conf", "{ \"Dhcp4\": {\n  <?include\n \"subnets.json\" ?> } # end\n}");
    write("subnets.json", "\"subnet4\": [ <?include \"one.json\"?>, { \"id\": 2 } ],\n\n");
    write("one.json", "{ \"id\": 1 }");
    let mut diagnostics = Diagnostics::new();
    let value = read(&dir.path().join("main.conf"), &mut diagnostics).expect("a value");
    let subnets = value.get("Dhcp4").unwrap().list("subnet4");
    assert_eq!(subnets[0].get("id").unwrap().source().to_string(), "one.json:1:9");
    assert_eq!(subnets[1].get("id").unwrap().source().to_string(), "subnets.json:1:46");
    assert_eq!(diagnostics.to_string(), "subnets.json:1:51: warning: there is an extra comma; remove it");

    write("one.json", "{ \"id\": }");
    let mut diagnostics = Diagnostics::new();
    assert!(read(&dir.path().join("main.conf"), &mut diagnostics).is_none());
    let shown = diagnostics.to_string();
    assert!(shown.starts_with("one.json:1:9: expected a value, found }"), "{shown}");
    assert!(shown.contains("included at subnets.json:1:34") && shown.contains("main.conf:3:16"), "{shown}");
}

/// Files that include themselves, that are missing, that are not closed: errors, with both names.
#[test]
fn wrong_includes_are_explained() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    let error = |name: &str| {
        let mut diagnostics = Diagnostics::new();
        assert!(read(&dir.path().join(name), &mut diagnostics).is_none());
        diagnostics.to_string()
    };
    write("loop.conf", "[ <?include \"loop.json\"?> ]");
    write("loop.json", "\n<?include \"loop.conf\"?>");
    let shown = error("loop.conf");
    assert!(
        shown.starts_with("loop.json:2:1: cannot include \"loop.conf\": the files include each other"),
        "{shown}"
    );
    assert!(shown.contains("included at") && shown.contains("loop.conf:1:24"), "{shown}");
    write("missing.conf", "[ <?include \"nowhere.json\"?> ]");
    let shown = error("missing.conf");
    assert!(shown.contains("missing.conf:1:3: cannot include \"nowhere.json\""), "{shown}");
    write("empty.json", "");
    write("open.conf", "[ <?include \"empty.json\" ]");
    assert!(
        error("open.conf").contains("open.conf:1:26: the directive is not closed"),
        "{}",
        error("open.conf")
    );
    write("device.conf", "[ <?include \"/dev/zero\"?> ]");
    assert!(error("device.conf").ends_with("it is no regular file"), "{}", error("device.conf"));
    assert!(error("nothing.conf").contains("cannot read"), "{}", error("nothing.conf"));
    for level in 0..12 {
        write(&format!("{level}.json"), &format!("<?include \"{}.json\"?>", level + 1));
    }
    assert!(error("0.json").contains("10 levels deep"), "{}", error("0.json"));
}

/// Values that came in a command have no lines; the path leads the operator to them.
#[test]
fn values_of_commands_are_found_by_path() {
    let json = serde_json::json!({"Dhcp4": {"subnet4": [{"id": 1}, {"id": 2, "pools": [{"pool": "x"}]}]}});
    let mut diagnostics = Diagnostics::new();
    let root = from_json("config-set", &json, &mut diagnostics).unwrap();
    assert_eq!(root.to_json(), json);
    let pool = &root.get("Dhcp4").unwrap().list("subnet4")[1].list("pools")[0];
    diagnostics.error(pool.get("pool").unwrap().source(), "not a pool");
    diagnostics.warning_with_hint(pool.entry("pool").unwrap().key.source(), "odd", "remove it");
    diagnostics.locate(&root);
    assert_eq!(
        diagnostics.to_string(),
        "config-set: Dhcp4/subnet4[1]/pools[0]/pool: not a pool\n\
         config-set: warning: Dhcp4/subnet4[1]/pools[0]/pool: odd; remove it"
    );
}

/// A flood of errors is counted, not kept.
#[test]
fn diagnostics_are_bounded() {
    let mut diagnostics = Diagnostics::new();
    let (value, _) = parsed("[1]");
    for _ in 0..150 {
        diagnostics.error(value.as_ref().unwrap().source(), "wrong");
    }
    assert_eq!(diagnostics.error_count(), 150);
    assert_eq!(diagnostics.errors().count(), 100);
    assert!(diagnostics.to_string().ends_with("\nand 50 more errors"));
}

/// Each diagnostic is one line, whatever characters the value has that it quotes.
#[test]
fn diagnostics_are_lines() {
    let mut diagnostics = Diagnostics::new();
    let (value, _) = parsed(r#"{"a\nb": {"c": 1}}"#);
    let root = value.unwrap();
    let inner = root.get("a\nb").and_then(|inner| inner.get("c")).unwrap();
    diagnostics.error_with_hint(inner.source(), "no class \"x\r\ny\"", "write \"\u{1b}[2J\"");
    diagnostics.locate(&root);
    assert_eq!(diagnostics.error_count(), 1);
    let told = diagnostics.to_string();
    assert!(told.ends_with(r#": a\nb/c: no class "x\r\ny"; write "\u{1b}[2J""#), "{told}");
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        (-1e15..1e15f64).prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..6)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    /// No text makes the parser panic, and one that fails says why.
    #[test]
    fn any_text_is_survived(text in prop::collection::vec(
        prop_oneof![Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b'"'), Just(b','), Just(b':'), Just(b'\\'),
            Just(b'/'), Just(b'*'), Just(b'<'), Just(b'?'), Just(b'1'), Just(b'e'), Just(b'.'), any::<u8>()], 0..60)) {
        let mut diagnostics = Diagnostics::new();
        let value = parse("t", &text, &mut diagnostics);
        prop_assert_eq!(value.is_none(), diagnostics.has_errors());
    }

    /// Plain JSON means what it means everywhere.
    #[test]
    fn plain_json_agrees(json in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) }.unwrap();
        // RFC 8259 allows the character DEL as it is; so does the dialect.
        let (value, diagnostics) = parsed(&text);
        prop_assert!(value.is_some(), "{}", diagnostics);
        prop_assert_eq!(value.unwrap().to_json(), json);
    }

    /// A value from JSON turns back into the same JSON.
    #[test]
    fn json_survives_conversion(json in any_json()) {
        let value = from_json("config-set", &json, &mut Diagnostics::new()).unwrap();
        let is_map = matches!(value.kind(), Kind::Map(_));
        prop_assert_eq!(is_map, json.is_object());
        prop_assert_eq!(value.to_json(), json);
    }
}
