//! The tables: everything they have is accepted, everything else is refused where it stands.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kotare_config::json::{Diagnostics, Value, from_json, parse, read};
use kotare_config::judge;
use kotare_config::schema::{Effect, Type, modern, tables, without_effect};
use kotare_config::v4::{Config4, FILE};
use serde_json::json;

fn checked(text: &str) -> (Option<Value>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let value = parse("c", text.as_bytes(), &mut diagnostics);
    let value = value.map(|root| judge::<Config4>(root, &FILE, &mut diagnostics).0);
    (value, diagnostics)
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// A configuration that uses every keyword is accepted without a word, except about its one extra comma and what several
/// threads make useless.
#[test]
fn every_keyword_is_accepted() {
    let mut diagnostics = Diagnostics::new();
    let root = read(&data("everything.conf"), &mut diagnostics).expect("JSON");
    let (root, _) = judge::<Config4>(root, &FILE, &mut diagnostics);
    assert_eq!(diagnostics.error_count(), 0, "{diagnostics}");
    assert_eq!(diagnostics.warning_count(), 3, "{diagnostics}");
    let mut written = BTreeSet::new();
    collect(&root, &mut written);
    // `ddns-ttl` excludes its range, `duid` its siblings: the keyword counts wherever it stands.
    for table in tables::ALL {
        for param in table.params() {
            assert!(
                written.contains(param.keyword),
                "tests/data/everything.conf lacks {}/{}",
                table.name,
                param.keyword
            );
        }
    }
}

fn collect(value: &Value, written: &mut BTreeSet<String>) {
    for entry in value.entries() {
        written.insert(entry.key.as_str().to_owned());
        collect(&entry.value, written);
    }
    value.items().iter().for_each(|item| collect(item, written));
}

/// Kea's own example configurations are accepted.
#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn keas_examples_are_accepted() {
    let Some(dir) = std::env::var_os("KOTARE_KEA_EXAMPLES") else {
        eprintln!("skipped: KOTARE_KEA_EXAMPLES does not name the folder of Kea's examples");
        return;
    };
    let mut count = 0;
    let dir = std::path::Path::new(&dir).join("kea4");
    for file in std::fs::read_dir(&dir).expect("the directory of examples") {
        let path = file.unwrap().path();
        let mut diagnostics = Diagnostics::new();
        let Some(root) = read(&path, &mut diagnostics) else { panic!("{diagnostics}") };
        if root.get("Dhcp4").is_none() {
            continue;
        }
        judge::<Config4>(root, &FILE, &mut diagnostics);
        assert!(!diagnostics.has_errors(), "{}:\n{diagnostics}", path.display());
        count += 1;
    }
    assert!(count > 10, "only {count} examples in {}", dir.display());
}

/// Inside `Dhcp4`, the column counted from there; what is said.
const WRONG: &[(&str, u32, &str)] = &[
    (
        r#""valid-lifetme": 5"#,
        1,
        r#"Dhcp4/valid-lifetme: unknown keyword "valid-lifetme" in Dhcp4; did you mean "valid-lifetime"?"#,
    ),
    (r#""pools": []"#, 1, r#"unknown keyword "pools" in Dhcp4; it belongs into subnet4"#),
    (r#""subnet6": []"#, 1, "this is for DHCPv6"),
    (r#""valid-lifetime": "60""#, 19, r#""valid-lifetime" must be an integer, this is a string"#),
    (
        r#""valid-lifetime": 4294967296"#,
        19,
        r#""valid-lifetime" is 4294967296, it must lie between 0 and 4294967295"#,
    ),
    (r#""valid-lifetime": -1"#, 19, "must lie between"),
    (r#""valid-lifetime": null"#, 19, "this is null"),
    (r#""t1-percent": 1"#, 15, "write it with a decimal point"),
    (r#""echo-client-id": "yes""#, 19, "must be true or false"),
    (r#""subnet4": {}"#, 12, "must be a list of maps, this is a map"),
    (r#""subnet4": [ 1 ]"#, 14, "Dhcp4/subnet4[0]: subnet4 must be a map, this is an integer"),
    (r#""subnet4": [ {} ]"#, 14, r#""subnet" is missing in subnet4"#),
    (r#""subnet4": [ { "subnet": "10.0.0.0", "id": 1 } ]"#, 26, "is not an IPv4 prefix"),
    (r#""subnet4": [ { "subnet": "10.0.0.0/33", "id": 1 } ]"#, 26, "is not an IPv4 prefix"),
    (r#""subnet4": [ { "subnet": "2001:db8::/32", "id": 1 } ]"#, 26, "is not an IPv4 prefix"),
    (
        r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 4294967295 } ]"#,
        46,
        "must lie between 0 and 4294967294",
    ),
    (
        r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1 }, { "subnet": "11.0.0.0/8", "id": 1 } ]"#,
        83,
        "the subnet id 1 is there already, at c:1:58",
    ),
    (
        r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1 }, { "subnet": "10.0.0.0/8", "id": 2 } ]"#,
        63,
        "the subnet 10.0.0.0/8 is there already",
    ),
    (
        r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "pools": [ {} ] } ]"#,
        60,
        r#""pool" is missing in pools"#,
    ),
    (
        r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "pools": [ { "pool": "10.0.0.1" } ] } ]"#,
        70,
        "is not a pool such as",
    ),
    (
        r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "pools": [ { "pool": "10.0.0.9-10.0.0.1" } ] } ]"#,
        70,
        "begins above its end",
    ),
    (
        r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "pools": [ { "pool": "11.0.0.1-11.0.0.9" } ] } ]"#,
        70,
        "is not within its subnet 10.0.0.0/8",
    ),
    (
        r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "pools": [ { "pool": "10.0.0.1/24" } ] } ]"#,
        70,
        "does not begin at the first address of 10.0.0.0/24",
    ),
    (
        r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "pools": [ { "pool": "10.0.0.0/24" }, { "pool": "10.0.0.7-10.0.0.8" } ] } ]"#,
        97,
        "overlaps with the one at c:1:82",
    ),
    (
        r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "valid-lifetime": 5, "max-valid-lifetime": 4 } ]"#,
        67,
        r#""valid-lifetime" (5) must not be above "max-valid-lifetime" (4)"#,
    ),
    (
        r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "relay": { "ip-addresses": [ "x" ] } } ]"#,
        78,
        "'x' is not an IPv4 address",
    ),
    (
        r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "client-class": "a", "client-classes": ["b"] } ]"#,
        49,
        r#"keep "client-classes""#,
    ),
    (r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "reservations": [ {} ] } ]"#, 67, "names no client"),
    (
        r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "reservations": [ { "hw-address": "x" } ] } ]"#,
        83,
        "cannot be read from 'x'",
    ),
    (
        r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "reservations": [ { "hw-address": "01", "ip-address": "1.1.1.1" } ] } ]"#,
        103,
        "is not within its subnet",
    ),
    (
        r#""reservations": [ { "hw-address": "01", "client-id": "02" } ]"#,
        54,
        r#""client-id" cannot stand beside "hw-address""#,
    ),
    (
        r#""reservations": [ { "hw-address": "01" }, { "hw-address": "'\u0001'" } ]"#,
        59,
        "has a reservation already",
    ),
    (
        r#""min-valid-lifetime": 8000"#,
        23,
        r#""min-valid-lifetime" (8000) must not be above "valid-lifetime" (7200)"#,
    ),
    (r#""valid-lifetime": 10, "min-valid-lifetime": 20"#, 45, "must not be above"),
    (
        r#""calculate-tee-times": true, "t1-percent": 0.9"#,
        44,
        r#""t1-percent" (0.9) must be below "t2-percent" (0.875)"#,
    ),
    (r#""calculate-tee-times": true, "t2-percent": 1.5"#, 44, "must be above 0.0 and below 1.0"),
    (r#""cache-threshold": 1.0"#, 20, "must be at least 0.0 and below 1.0"),
    (r#""adaptive-lease-time-threshold": 0.0"#, 34, "must be above 0.0"),
    (r#""ddns-ttl": 5, "ddns-ttl-min": 6"#, 32, r#"cannot stand beside "ddns-ttl""#),
    (r#""next-server": "x""#, 16, "not the IPv4 address of a server"),
    (r#""allocator": "quick""#, 14, r#"it must be one of "iterative", "random", "flq", "shared-flq""#),
    (
        r#""allocator": "shared-flq", "subnet4": [ { "subnet": "10.0.0.0/8", "id": 1 }, { "subnet": "11.0.0.0/8", "id": 2 } ]"#,
        14,
        r#"the allocator "shared-flq" is only supported by MySQL and PostgreSQL lease databases"#,
    ),
    (r#""hostname-char-set": "[a""#, 22, "'[a' has a bracket that is not closed"),
    (r#""hostname-char-set": "(a""#, 22, "'(a' is not a regular expression"),
    (r#""shared-networks": [ { "name": "" } ]"#, 32, "this is empty"),
    (
        r#""shared-networks": [ { "name": "a" }, { "name": "a" } ]"#,
        49,
        r#"the shared network "a" is there already"#,
    ),
    (
        r#""shared-networks": [ { "name": "a", "subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "interface": "e0" }, { "subnet": "11.0.0.0/8", "id": 2, "interface": "e1" } ] } ]"#,
        154,
        r#""e1" differs from "e0""#,
    ),
    (
        r#""shared-networks": [ { "name": "a", "authoritative": true, "subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "authoritative": false } ] } ]"#,
        125,
        "must be true as in the shared network",
    ),
    (
        r#""shared-networks": [ { "name": "a", "subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "authoritative": true } ] } ]"#,
        102,
        "must be false as in the shared network",
    ),
    (r#""interfaces-config": { "interfaces": [ "*", "*" ] }"#, 45, "already chosen"),
    (r#""interfaces-config": { "interfaces": [ "*/1.2.3.4" ] }"#, 40, "cannot have an address"),
    (
        r#""interfaces-config": { "interfaces": [ "eth0/1" ] }"#,
        40,
        "is not an interface with an IPv4 address",
    ),
    (r#""interfaces-config": { "interfaces": [ "eth0/1.2.3.4", "eth0" ] }"#, 56, "already chosen"),
    (r#""control-sockets": [ { "socket-type": "unix" } ]"#, 22, r#""socket-name" is missing"#),
    (
        r#""control-sockets": [ { "socket-type": "unix", "socket-name": "a", "socket-port": 1 } ]"#,
        67,
        "means nothing for a socket",
    ),
    (r#""control-sockets": [ { "socket-type": "https" } ]"#, 22, "TLS needs"),
    (
        r#""control-socket": { "socket-type": "unix", "socket-name": "a" }, "control-sockets": []"#,
        1,
        r#"keep "control-sockets""#,
    ),
    (r#""lease-database": { "name": "x" }"#, 19, r#""type" is missing"#),
    (r#""lease-database": { "type": "oracle" }"#, 29, r#""type" is "oracle""#),
    (
        r#""hosts-databases": [ { "type": "mysql", "password": "a", "password-file": "b" } ]"#,
        75,
        "cannot stand beside",
    ),
    (r#""lease-database": { "type": "memfile", "read-timeout": 1 }"#, 56, r#"only "mysql" has"#),
    (r#""lease-database": { "type": "sqlite" }"#, 19, "\"name\" is missing"),
    (r#""lease-database": { "type": "memfile", "max-reconnect-tries": 3 }"#, 63, "this is a memfile"),
    (r#""lease-database": { "type": "memfile", "reconnect-wait-time": 9 }"#, 63, "this is a memfile"),
    (r#""dhcp-ddns": { "server-ip": "1.1.1.1" }"#, 14, r#""enable-updates" is missing"#),
    (r#""dhcp-ddns": { "enable-updates": true, "sender-ip": "::1" }"#, 53, "different families"),
    (
        r#""dhcp-ddns": { "enable-updates": true, "sender-ip": "127.0.0.1", "sender-port": 53001 }"#,
        53,
        "the same port",
    ),
    (r#""expired-leases-processing": { "max-reclaim-time": 10001 }"#, 52, "must lie between 0 and 10000"),
    (r#""loggers": [ { "severity": "INFO" } ]"#, 14, r#""name" is missing"#),
    (r#""loggers": [ { "name": "kea-dhcp4", "severity": "LOUD" } ]"#, 49, r#""severity" is "LOUD""#),
    (r#""loggers": [ { "name": "kea-dhcp4", "debuglevel": 100 } ]"#, 51, "must lie between 0 and 99"),
    (
        r#""client-classes": [ { "name": "a" }, { "name": "a" } ]"#,
        48,
        r#"the client class "a" is there already"#,
    ),
    (
        r#""client-classes": [ { "name": "a", "test": "member('ALL')", "template-test": "'y'" } ]"#,
        78,
        "cannot stand beside",
    ),
    (r#""client-classes": [ { "name": "KNOWN", "test": "member('ALL')" } ]"#, 48, "cannot have a test"),
    (r#""host-reservation-identifiers": [ "mac" ]"#, 35, r#"is "mac", it must be one of"#),
    (r#""host-reservation-identifiers": [ "duid", "auto" ]"#, 43, r#""auto" means all identifiers"#),
    (r#""reservations": [ { "duid": "" } ]"#, 29, r#""duid" is empty"#),
    (
        r#""reservations": [ { "hw-address": "000102030405060708090a0b0c0d0e0f1011121314" } ]"#,
        35,
        "has 21 bytes, it may have 20",
    ),
    (r#""host-reservation-identifiers": []"#, 33, "must have one at least"),
    (r#""reservation-mode": "none""#, 21, r#""reservation-mode" must be one of "all", "out-of-pool""#),
    (r#""user-context": 5"#, 17, "must be a map"),
    (r#""hooks-libraries": [ { "parameters": {} } ]"#, 22, r#""library" is missing"#),
    (r#""compatibility": { "lenient": true }"#, 20, "unknown keyword"),
];

/// What Kea refuses is refused, at its place, in words that help.
#[test]
fn what_is_wrong_is_explained_in_its_place() {
    const BEFORE: &str = r#"{ "Dhcp4": {"#;
    let mut surprises = Vec::new();
    for (text, column, message) in WRONG {
        let (_, diagnostics) = checked(&format!("{BEFORE}{text}}} }}"));
        let source = format!("c:1:{}: ", *column as usize + BEFORE.len());
        let said = diagnostics.errors().map(ToString::to_string).collect::<Vec<_>>();
        match said.as_slice() {
            [one] if one.starts_with(&source) && one.contains(message) => {}
            _ => surprises.push(format!("{text}\n  expected {source}{message}\n  got {said:?}")),
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

/// All errors of a configuration are told at once.
#[test]
fn all_errors_are_told() {
    let (_, diagnostics) =
        checked(r#"{"Dhcp4": {"a": 1, "valid-lifetime": "x", "subnet4": [{"id": -1}]}, "b": 2}"#);
    assert_eq!(diagnostics.error_count(), 5, "{diagnostics}");
    assert!(checked("{}").1.to_string().contains("\"Dhcp4\" is missing in the file"));
    assert!(checked("[]").1.to_string().contains("the file must be a map, this is a list"));
}

/// Expressions of classes are judged when the options are defined, and ask only for classes that are known by then.
#[test]
fn class_tests_are_judged() {
    let said = |classes: serde_json::Value| {
        let mut diagnostics = Diagnostics::new();
        let json = json!({"Dhcp4": {"client-classes": classes}});
        let root = from_json("config-set", &json, &mut diagnostics).unwrap();
        judge::<Config4>(root, &FILE, &mut diagnostics);
        diagnostics.to_string()
    };
    let a = json!({"name": "a", "test": "option[60].exists and member('KNOWN') and not member('VENDOR_CLASS_x')"});
    let b = json!({"name": "b", "test": "member('a')"});
    let template = json!({"name": "t", "template-test": "ifelse(member('SPAWN_t_1'), 'x', option[61].hex)"});
    assert_eq!(said(json!([a, b, template])), "");
    let late = said(json!([b, a]));
    assert!(
        late.starts_with("config-set: Dhcp4/client-classes[0]/test: \"test\" is no condition: "),
        "{late}"
    );
    assert!(late.ends_with("; write the class \"a\" before this one"), "{late}");
    assert!(said(json!([{"name": "c", "test": "option[60].hex"}])).contains("is no condition"));
    // What a class asks for has to be there before it, so there are no circles.
    assert!(said(json!([{"name": "c", "test": "member('c')"}])).contains("is no condition"));
    assert!(said(json!([{"name": "c", "test": "member('nobody')"}])).contains("is no condition"));
    assert_eq!(said(json!([{"name": "DROP", "test": "not member('SPAWN_t_1')"}])).lines().count(), 1);
    assert!(said(json!([{"name": "a (b)%"}])).ends_with("call it \"a%20%28b%29%\""));
    let many: Vec<_> = (0..65_530).map(|number| json!({"name": number.to_string()})).collect();
    assert!(said(json!(many)).contains("names of classes are too many"));
    let late =
        json!({"name": "c", "only-in-additional-list": true, "valid-lifetime": 5, "test": "member('ALL')"});
    assert!(said(json!([late])).contains("too late for lifetimes"));
    assert!(said(json!([{"name": "c", "template-test": "option[60].exists"}])).contains("has no value"));
}

/// What Kea lets pass but hardly anyone means is a warning.
#[test]
fn doubtful_things_are_warned_about() {
    for (text, message) in [
        (r#""subnet4": [{"subnet": "10.0.0.7/8", "id": 1}]"#, "it is read as 10.0.0.0/8"),
        (r#""subnet4": [{"subnet": "10.0.0.0/8"}]"#, "has no \"id\""),
        (r#""renew-timer": 9, "rebind-timer": 3"#, "\"renew-timer\" (9) is above \"rebind-timer\" (3)"),
        (
            r#""authoritative": true, "shared-networks": [{"name": "a", "subnet4": [{"subnet": "10.0.0.0/8", "id": 1, "authoritative": false}]}]"#,
            "must be true as in the shared network",
        ),
        (
            r#""option-data": [{"name": "subnet-mask", "csv-format": false, "data": "ffffff000102"}]"#,
            "the last 2 bytes belong to no field of the option and are not sent",
        ),
        (
            r#""comment": "a", "user-context": {"comment": "b"}"#,
            "has one already; keep one of the two; this one wins",
        ),
    ] {
        let (_, diagnostics) = checked(&format!("{{\"Dhcp4\": {{{text}}}}}"));
        let said = diagnostics.to_string();
        assert!(
            !diagnostics.has_errors() && diagnostics.warning_count() == 1 && said.contains(message),
            "{said}"
        );
    }
}

/// The keyword of old, inside `Dhcp4`; what is read in its place.
#[test]
fn older_spellings_are_read() {
    let cases = [
        (
            json!({"control-socket": {"socket-type": "unix", "socket-name": "s"}}),
            json!({"control-sockets": [{"socket-type": "unix", "socket-name": "s"}]}),
        ),
        (json!({"hosts-database": {"type": "mysql"}}), json!({"hosts-databases": [{"type": "mysql"}]})),
        (
            json!({"loggers": [{"name": "a", "output_options": [{"output": "stdout"}]}]}),
            json!({"loggers": [{"name": "a", "output-options": [{"output": "stdout"}]}]}),
        ),
        (
            json!({"subnet4": [{"client-class": "a", "require-client-classes": ["b"]}]}),
            json!({"subnet4": [{"client-classes": ["a"], "evaluate-additional-classes": ["b"]}]}),
        ),
        (
            json!({"subnet4": [{"client-class": "", "pools": [{"client-class": "x"}]}]}),
            json!({"subnet4": [{"pools": [{"client-classes": ["x"]}], "client-classes": []}]}),
        ),
        (
            json!({"subnet4": [{"relay": {"ip-address": "10.0.0.1"}}]}),
            json!({"subnet4": [{"relay": {"ip-addresses": ["10.0.0.1"]}}]}),
        ),
        (
            json!({"client-classes": [{"name": "a", "only-if-required": true}]}),
            json!({"client-classes": [{"name": "a", "only-in-additional-list": true}]}),
        ),
        (
            json!({"ddns-use-conflict-resolution": false}),
            json!({"ddns-conflict-resolution-mode": "no-check-with-dhcid"}),
        ),
        (
            json!({"reservation-mode": "global"}),
            json!({"reservations-global": true, "reservations-in-subnet": false, "reservations-out-of-pool": false}),
        ),
        (
            json!({"dhcp-ddns": {"enable-updates": true, "qualifying-suffix": "a."}}),
            json!({"dhcp-ddns": {"enable-updates": true}, "ddns-qualifying-suffix": "a."}),
        ),
        (
            json!({"dhcp-ddns": {"qualifying-suffix": "a."}, "ddns-qualifying-suffix": "b."}),
            json!({"dhcp-ddns": {}, "ddns-qualifying-suffix": "b."}),
        ),
        (
            json!({"loggers": [{"severity": "debug"}], "lease-database": {"keyspace": "x"}}),
            json!({"loggers": [{"severity": "DEBUG"}], "lease-database": {}}),
        ),
    ];
    for (old, new) in cases {
        let mut diagnostics = Diagnostics::new();
        let root = from_json("config-set", &json!({"Dhcp4": old}), &mut diagnostics).unwrap();
        let root = modern(root, &FILE, &mut diagnostics);
        assert_eq!(root.to_json(), json!({"Dhcp4": new}));
        assert!(!diagnostics.has_errors() && diagnostics.warning_count() > 0, "{diagnostics}");
    }
}

/// What is written without effect is named once each, and what asks for nothing is not.
#[test]
fn what_has_no_effect_is_named_once() {
    let (root, _) = checked(
        r#"{"Dhcp4": {"subnet4": [
            {"subnet": "10.0.0.0/8", "id": 1}],
            "hosts-databases": [
            {"type": "mysql", "name": "a", "cipher-list": "x"}, {"type": "mysql", "name": "b", "cipher-list": "x"}],
            "reservations": [], "hooks-libraries": [], "dhcp-ddns": {"enable-updates": false},
            "cache-threshold": 0.25, "dhcp-queue-control": {"enable-queue": true, "queue-type": "kea-ring4"},
            "lease-database": {"type": "memfile", "name": "c"}}}"#,
    );
    let found = without_effect(&root.unwrap(), &FILE);
    let named: Vec<_> = found.iter().map(|one| (one.keyword.as_str(), one.count)).collect();
    assert_eq!(named, [("hosts-databases/cipher-list", 2)]);
    assert_eq!(found[0].source.to_string(), "c:4:44");
}

/// The tables do not contradict themselves: no keyword twice, defaults of the right type, older spellings not current.
#[test]
fn the_tables_are_consistent() {
    for table in tables::ALL {
        let mut seen = BTreeSet::new();
        for param in table.params() {
            assert!(seen.insert(param.keyword), "{}/{} is there twice", table.name, param.keyword);
            if let (Type::OneOf(words), Some(kotare_config::schema::Scalar::Text(default))) =
                (param.is, param.default)
            {
                assert!(words.contains(&default), "{}/{}", table.name, param.keyword);
            }
        }
        for older in table.older {
            assert!(table.param(older.keyword).is_none(), "{}/{}", table.name, older.keyword);
        }
    }
}

/// What is written without effect belongs to parts of the suite that are still to come, DNS updates, and to what no library
/// here can do.
#[test]
fn only_parts_to_come_have_no_effect() {
    const TO_COME: &[&str] = &[
        "dhcp-ddns/enable-updates",
        "ddns-update-on-renew",
        "ddns-conflict-resolution-mode",
        "ddns-ttl-percent",
        "ddns-ttl",
        "ddns-ttl-min",
        "ddns-ttl-max",
        "lease-database/cipher-list",
        "hosts-databases/cipher-list",
        "config-databases/cipher-list",
    ];
    for table in tables::ALL {
        for param in table.params() {
            let name = format!("{}/{}", table.name, param.keyword);
            let name = match param.effect {
                Effect::NotYet => name,
                _ => continue,
            };
            let is_to_come = TO_COME.iter().any(|other| name == *other || param.keyword == *other);
            assert!(is_to_come, "{name} has no effect");
        }
    }
}
