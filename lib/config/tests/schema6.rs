//! The tables of DHCPv6: everything they have is accepted, everything else is refused where it stands.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kotare_config::json::{Diagnostics, Value, parse, read};
use kotare_config::schema::{File, modern, tables, validate};

/// The file of a DHCPv6 server that knows no hook library.
const FILE: File = File { top: &tables::TOP6, global: &tables::DHCP6, libraries: &[] };

/// What is wrong with a text by the tables alone.
fn validated(text: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    if let Some(root) = parse("c", text.as_bytes(), &mut diagnostics) {
        let root = modern(root, &FILE, &mut diagnostics);
        validate(&root, &FILE, &mut diagnostics);
        diagnostics.locate(&root);
    }
    diagnostics
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// A configuration that uses every keyword is accepted.
#[test]
fn every_keyword_is_accepted() {
    let mut diagnostics = Diagnostics::new();
    let root = read(&data("everything6.conf"), &mut diagnostics).expect("JSON");
    let root = modern(root, &FILE, &mut diagnostics);
    validate(&root, &FILE, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics}");
    let mut written = BTreeSet::new();
    collect(&root, &mut written);
    for table in tables::ALL6 {
        for param in table.params() {
            assert!(
                written.contains(param.keyword),
                "tests/data/everything6.conf lacks {}/{}",
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

/// Inside `Dhcp6`, what is said.
const WRONG: &[(&str, &str)] = &[
    (r#""subnet4": []"#, r#"c:1:12: Dhcp6/subnet4: unknown keyword "subnet4" in Dhcp6; this is for DHCPv4"#),
    (r#""authoritative": true"#, r#"unknown keyword "authoritative" in Dhcp6; this is for DHCPv4"#),
    (r#""pd-pools": []"#, "it belongs into subnet6"),
    (r#""preferred-lifetime": 4294967296"#, "must lie between 0 and 4294967295"),
    (r#""subnet6": [{}]"#, r#"c:1:24: Dhcp6/subnet6[0]: "subnet" is missing in subnet6"#),
    (
        r#""subnet6": [{"subnet": "2001:db8::/32", "pd-pools": [{"prefix": "2001:db8::"}]}]"#,
        r#""delegated-len" is missing in pd-pools"#,
    ),
    (
        r#""subnet6": [{"subnet": "2001:db8::/32", "pd-pools": [{"prefix-len": 129}]}]"#,
        r#""prefix-len" is 129, it must lie between 1 and 128"#,
    ),
    (r#""server-id": {"htype": 1}"#, r#""type" is missing in server-id"#),
    (r#""server-id": {"type": "UUID"}"#, r#""type" is "UUID", it must be one of "LLT", "EN", "LL""#),
    (
        r#""mac-sources": ["duid", "dns"]"#,
        r#""mac-sources" is "dns", it must be one of "any", "raw", "duid""#,
    ),
    (
        r#""host-reservation-identifiers": ["client-id"]"#,
        r#"it must be one of "hw-address", "duid", "flex-id", "auto""#,
    ),
    (r#""option-data": [{"code": 65536}]"#, "must lie between 0 and 65535"),
    (
        r#""client-classes": [{"name": "a", "option-def": []}]"#,
        r#"unknown keyword "option-def" in client-classes; it belongs into Dhcp6"#,
    ),
    (r#""reservations": [{"ip-address": "2001:db8::1"}]"#, "this is for DHCPv4"),
];

/// What is wrong is said with its place.
#[test]
fn what_the_tables_do_not_have_is_refused() {
    for (inside, expected) in WRONG {
        let diagnostics = validated(&format!(r#"{{"Dhcp6": {{{inside}}}}}"#));
        assert!(diagnostics.has_errors(), "{inside}");
        assert!(diagnostics.to_string().contains(expected), "{inside}: {diagnostics}");
    }
}
