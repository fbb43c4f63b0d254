//! Options and definitions that cannot be: each is refused where it stands, all at once.

use kotare_config::json::{Diagnostics, from_json, parse};
use kotare_config::judge;
use kotare_config::v4::{Config4, FILE};
use serde_json::{Value, json};

/// What is said of a configuration.
fn said(dhcp4: Value) -> String {
    let mut diagnostics = Diagnostics::new();
    let root = from_json("c", &json!({ "Dhcp4": dhcp4 }), &mut diagnostics).expect("values");
    judge::<Config4>(root, &FILE, &mut diagnostics);
    diagnostics.to_string()
}

/// Each type with texts that are no values of it, and what is said of them.
const NO_VALUES: &[(&str, &[(&str, &str)])] = &[
    ("empty", &[("1", "it takes no value"), ("some text", "it takes no value")]),
    ("binary", &[("0", "pairs of hexadecimal digits"), ("0x01", "pairs"), ("xy", "pairs")]),
    ("boolean", &[("yes", "'true', 'false'"), ("2", "'true', 'false'"), ("", "no value is given")]),
    (
        "int8",
        &[("-129", "between -128 and 127"), ("128", "between"), ("a lot", "between"), ("1.5", "between")],
    ),
    ("int16", &[("-32769", "between -32768 and 32767"), ("32768", "between"), ("", "no value is given")]),
    ("int32", &[("2147483648", "between -2147483648 and 2147483647"), ("--1", "between")]),
    ("uint8", &[("-1", "between 0 and 255"), ("256", "between"), ("0x100", "between"), ("0x", "between")]),
    ("uint16", &[("65536", "between 0 and 65535"), ("-1", "between")]),
    ("uint32", &[("4294967296", "between 0 and 4294967295"), ("99999999999999999999", "between")]),
    (
        "ipv4-address",
        &[("192.0.2", "an IPv4 address"), ("::1", "an IPv4 address"), ("host.example.org", "an IPv4")],
    ),
    (
        "ipv6-address",
        &[("192.0.2.1", "an IPv6 address"), ("2001:db8::/32", "an IPv6 address"), (":::", "an IPv6")],
    ),
    (
        "ipv6-prefix",
        &[("2001:db8::", "an IPv6 prefix"), ("2001:db8::/129", "an IPv6 prefix"), ("/64", "an IPv6")],
    ),
    (
        "psid",
        &[("3", "a PSID such as"), ("16/4", "fits 4 bits"), ("3/17", "between 0 and 16"), ("x/4", "a PSID")],
    ),
    ("string", &[("", "no value is given")]),
    ("tuple", &[("", "no value is given")]),
    ("fqdn", &[("a..b", "an empty label"), (".a", "an empty label"), ("", "no value is given")]),
    (
        "record",
        &[
            ("1", "it needs 2 values"),
            ("x, y", "value 1 'x' (uint8)"),
            ("1, y", "value 2 'y' (ipv4-address)"),
        ],
    ),
];

/// Text that does not fit the type of its option is refused at `data`, with the value and what was expected.
#[test]
fn text_fits_the_type() {
    for (data_type, texts) in NO_VALUES {
        let record = if *data_type == "record" { "uint8, ipv4-address" } else { "" };
        for (text, why) in *texts {
            let said = said(json!({
                "option-def": [{"name": "custom", "code": 222, "type": data_type, "record-types": record}],
                "option-data": [{"name": "custom", "data": text}],
            }));
            assert!(said.contains("option 'dhcp4.custom' (222)"), "{data_type} '{text}': {said}");
            assert!(said.contains(why), "{data_type} '{text}': {said}");
            assert!(
                said.contains("option-data/0/data") || said.contains("option-data[0]"),
                "{data_type} '{text}': {said}"
            );
        }
    }
}

/// What an option cannot hold, however it is written.
#[test]
fn lengths_are_bounded() {
    let one = |definition: Value, data: String| {
        said(json!({"option-def": [definition], "option-data": [{"name": "custom", "data": data}]}))
    };
    let of = |data_type: &str, array: bool| json!({"name": "custom", "code": 222, "type": data_type, "array": array});
    assert!(one(of("tuple", false), "x".repeat(256)).contains("more than its length field can say"));
    assert_eq!(one(of("tuple", false), "x".repeat(255)), "");
    assert!(one(of("fqdn", false), "a".repeat(64)).contains("a label longer than 63 bytes"));
    assert!(one(of("fqdn", false), ["abcdefgh"; 29].join(".")).contains("a name longer than 255 bytes"));
    assert!(one(of("string", false), "x".repeat(65_536)).contains("more than the 65535 an option can have"));
    assert_eq!(one(of("string", false), "x".repeat(65_535)), "");
    assert!(one(of("uint32", true), ["1"; 16_384].join(",")).contains("more than the 65535"));
    let hex = json!({"option-data": [{"code": 222, "csv-format": false, "data": "ab".repeat(65_536)}]});
    assert!(said(hex).contains("more than the 65535"));
    let many = |count| said(json!({"option-data": vec![json!({"name": "tcode", "data": "x"}); count]}));
    assert_eq!(many(65_535), "");
    assert!(many(65_536).contains("more than 65535 options are written in one list"));
}

/// Which option an entry is about must be said, and known.
#[test]
fn options_are_known() {
    for (option, why) in [
        (json!({"data": "1"}), "needs a 'code' or a 'name'"),
        (json!({"name": "no-such-option", "data": "1"}), "'dhcp4.no-such-option' does not exist"),
        (json!({"name": "domain name", "data": "1"}), "a space character is not allowed"),
        (json!({"name": "routers", "code": 6, "data": "192.0.2.1"}), "code 6 is 'dhcp4.domain-name-servers'"),
        (json!({"code": 222, "data": "01"}), "does not exist, and csv-format needs one"),
        (json!({"code": 222, "csv-format": true, "data": "01"}), "csv-format needs one"),
        (json!({"code": 222, "csv-format": false, "data": "0g"}), "is not a string of hexadecimal digits"),
        (json!({"code": 0, "csv-format": false, "data": "00"}), "reserved for PAD"),
        (json!({"code": 255, "csv-format": false, "data": "00"}), "reserved for END"),
        (json!({"code": 256, "csv-format": false, "data": "00"}), "256"),
        (json!({"name": "foo", "space": "no-such-space", "data": "1"}), "'no-such-space.foo' does not exist"),
        (json!({"code": 1, "space": "no-such-space", "data": "1"}), "csv-format needs one"),
        (
            json!({"code": 1, "space": "-space", "csv-format": false, "data": "1"}),
            "invalid option space name '-space'",
        ),
        (json!({"code": 1, "space": "dhcp6", "csv-format": false, "data": "1"}), "reserved for DHCPv6"),
        (json!({"name": "routers"}), ""),
        (json!({"name": "subnet-mask"}), "no value is given"),
    ] {
        let said = said(json!({ "option-data": [option] }));
        assert!(said.contains(why) && said.is_empty() == why.is_empty(), "{option}: {said}");
    }
}

/// Below the global list, bytes need no definition, also where `csv-format` is not written.
#[test]
fn bytes_need_no_definition_below() {
    let options = json!([{"code": 222, "data": "0102"}, {"code": 9, "space": "any-space", "data": "03"}]);
    let pool = json!({"pool": "192.0.2.1 - 192.0.2.9", "option-data": options});
    let subnet = json!({"id": 1, "subnet": "192.0.2.0/24", "option-data": options, "pools": [pool]});
    let network = json!({"name": "n", "option-data": options, "subnet4": [subnet]});
    assert_eq!(said(json!({ "shared-networks": [network] })), "");
}

/// Definitions that cannot be, or that collide.
#[test]
fn definitions_are_sound() {
    let foo = json!({"name": "foo", "code": 222, "type": "uint8"});
    let with = |changes: Value| {
        let mut definition = foo.clone();
        definition.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        definition
    };
    for (definitions, why) in [
        (vec![with(json!({"type": "uint64"}))], "type 'uint64' is not known"),
        (vec![with(json!({"code": 256}))], "256"),
        (vec![with(json!({"code": 0}))], "reserved for PAD"),
        (vec![with(json!({"code": 255}))], "reserved for END"),
        (vec![with(json!({"name": "-foo"}))], "invalid option name '-foo'"),
        (vec![with(json!({"name": "fo.o"}))], "invalid option name 'fo.o'"),
        (vec![with(json!({"space": "a b"}))], "invalid option space name 'a b'"),
        (vec![with(json!({"space": "dhcp6"}))], "reserved for DHCPv6"),
        (vec![with(json!({"encapsulate": "dhcp4"}))], "must not encapsulate the space it belongs to"),
        (vec![with(json!({"encapsulate": "bad space"}))], "invalid encapsulated option space name"),
        (vec![with(json!({"encapsulate": "inner", "array": true}))], "may not encapsulate"),
        (vec![with(json!({"type": "string", "array": true}))], "array of 'string' values"),
        (vec![with(json!({"record-types": "uint8"}))], "need the type 'record'"),
        (vec![with(json!({"type": "record", "record-types": "uint8"}))], "at least 2 fields"),
        (
            vec![with(json!({"type": "record", "record-types": "uint8, record"}))],
            "cannot be part of a record",
        ),
        (vec![with(json!({"type": "record", "record-types": "string, uint8"}))], "only be the last field"),
        (
            vec![with(json!({"type": "record", "record-types": "uint8, what"}))],
            "field type 'what' is not known",
        ),
        (vec![with(json!({"code": 6}))], "unable to override the standard option with code 6"),
        (
            vec![with(json!({"name": "routers"}))],
            "unable to override the standard option with name 'routers'",
        ),
        (vec![foo.clone(), with(json!({"name": "bar"}))], "code 222 is already defined"),
        (vec![foo.clone(), with(json!({"code": 223}))], "name 'foo' is already defined"),
        (vec![with(json!({"code": 43})), with(json!({"code": 224, "name": "bar"}))], ""),
    ] {
        let said = said(json!({ "option-def": definitions }));
        assert!(said.contains(why) && said.is_empty() == why.is_empty(), "{definitions:?}: {said}");
    }
}

/// Spaces within spaces end somewhere.
#[test]
fn encapsulation_ends() {
    let definition = |name: &str, space: &str, code: u8, inner: &str| json!({"name": name, "space": space, "code": code, "type": "empty", "encapsulate": inner});
    let loop_of_two = json!({
        "option-def": [definition("top", "dhcp4", 230, "a"), definition("b", "a", 1, "b"), definition("a", "b", 1, "a")],
        "option-data": [
            {"name": "top"}, {"name": "b", "space": "a"}, {"name": "a", "space": "b"},
        ],
    });
    assert!(said(loop_of_two).contains("is nested inside itself"));
    let chain = |depth: u8| {
        let space = |at: u8| if at == 0 { "dhcp4".to_owned() } else { format!("space-{at}") };
        let definitions: Vec<_> =
            (0..depth).map(|at| definition("next", &space(at), 230, &space(at + 1))).collect();
        let options: Vec<_> = (0..depth).map(|at| json!({"name": "next", "space": space(at)})).collect();
        said(json!({"option-def": definitions, "option-data": options}))
    };
    assert_eq!(chain(10), "");
    assert!(chain(12).contains("nested more than 10 deep"), "{}", chain(12));
}

/// All that is wrong is said at once, each with its line.
#[test]
fn everything_is_said_at_once() {
    let text = r#"{"Dhcp4": {
        "option-def": [
            {"name": "foo", "code": 222, "type": "what"},
            {"name": "bar", "code": 6, "type": "uint8"} ],
        "option-data": [
            {"name": "routers", "data": "here"},
            {"name": "domain-name-servers", "data": "192.0.2.1, there"} ],
        "subnet4": [ {"id": 1, "subnet": "192.0.2.0/24", "option-data": [
            {"name": "interface-mtu", "data": "large"} ],
            "pools": [ {"pool": "192.0.2.0/28", "option-data": [
                {"name": "time-offset", "data": "never"} ]} ]} ]
    }}"#;
    let mut diagnostics = Diagnostics::new();
    let root = parse("c", text.as_bytes(), &mut diagnostics).expect("JSON");
    judge::<Config4>(root, &FILE, &mut diagnostics);
    let said = diagnostics.to_string();
    assert_eq!(diagnostics.error_count(), 6, "{said}");
    for line in [3, 4, 6, 7, 9, 11] {
        assert!(said.contains(&format!("c:{line}:")), "nothing of line {line}: {said}");
    }
}
