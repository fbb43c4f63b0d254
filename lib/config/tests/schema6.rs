//! The tables of DHCPv6: everything they have is accepted, everything else is refused where it stands.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kotare_config::json::{Diagnostics, Value, from_json, parse, read};
use kotare_config::judge as resolve;
use kotare_config::schema::{Effect, File, Scalar, Type, modern, tables, validate};
use kotare_config::v6::{Config6, FILE};
use serde_json::json;

/// What is wrong with a text.
fn judged(text: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    if let Some(root) = parse("c", text.as_bytes(), &mut diagnostics) {
        judge(root, &mut diagnostics);
    }
    diagnostics
}

/// Reads a file as the server does; the file in the keywords of today.
fn judge(root: Value, diagnostics: &mut Diagnostics) -> Value {
    resolve::<Config6>(root, &FILE, diagnostics).0
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// A configuration that uses every keyword is accepted.
#[test]
fn every_keyword_is_accepted() {
    let mut diagnostics = Diagnostics::new();
    let root = read(&data("everything6.conf"), &mut diagnostics).expect("JSON");
    let root = judge(root, &mut diagnostics);
    assert_eq!(diagnostics.error_count(), 0, "{diagnostics}");
    // The server's identifier, the folder of data, and what several threads make useless.
    assert_eq!(diagnostics.warning_count(), 4, "{diagnostics}");
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

/// Inside `Dhcp6`, with `@` before what is wrong; what is said of it.
const WRONG: &[(&str, &str)] = &[
    (r#"@"subnet4": []"#, r#"Dhcp6/subnet4: unknown keyword "subnet4" in Dhcp6; this is for DHCPv4"#),
    (r#"@"authoritative": true"#, r#"unknown keyword "authoritative" in Dhcp6; this is for DHCPv4"#),
    (r#"@"pd-pools": []"#, r#"it belongs into subnet6"#),
    (r#""preferred-lifetime": @4294967296"#, r#"must lie between 0 and 4294967295"#),
    (r#""subnet6": [@{"id": 1}]"#, r#"Dhcp6/subnet6[0]: "subnet" is missing in subnet6"#),
    (
        r#""subnet6": [{"id": 1, "subnet": @"2001:db8::"}]"#,
        r#"'2001:db8::' is not an IPv6 prefix such as '2001:db8::/64'"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": @"2001:db8::/129"}]"#,
        r#"'2001:db8::/129' is not an IPv6 prefix such as '2001:db8::/64'"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": @"192.0.2.0/24"}]"#,
        r#"'192.0.2.0/24' is not an IPv6 prefix such as '2001:db8::/64'"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": @"2001:db8::/x"}]"#,
        r#"'2001:db8::/x' is not an IPv6 prefix such as '2001:db8::/64'"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": @":::/64"}]"#,
        r#"':::/64' is not an IPv6 prefix such as '2001:db8::/64'"#,
    ),
    (r#""subnet6": [{"id": 1, "subnet": @"::/0"}]"#, r#"must have a prefix length of 1 at least"#),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32"}, {"id": @1, "subnet": "2001:db9::/32"}]"#,
        r#"the subnet id 1 is there already, at c:1:"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32"}, {"id": 2, "subnet": @"2001:DB8:0::/32"}]"#,
        r#"the subnet 2001:db8::/32 is there already"#,
    ),
    (r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pools": [@{}]}]"#, r#""pool" is missing in pools"#),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pools": [{"pool": @"2001:db8::1"}]}]"#,
        r#"is not a pool such as '2001:db8::10 - 2001:db8::20'"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pools": [{"pool": @"2001:db8::2-2001:db8::1"}]}]"#,
        r#"begins above its end"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pools": [{"pool": @"2001:db9::/64"}]}]"#,
        r#"the pool 2001:db9::-2001:db9::ffff:ffff:ffff:ffff is not within its subnet 2001:db8::/32"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pools": [{"pool": @"2001:db8::1/64"}]}]"#,
        r#"does not begin at the first address of 2001:db8::/64"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pools": [{"pool": "2001:db8::/64"}, {"pool": @"2001:db8::7-2001:db8::8"}]}]"#,
        r#"overlaps with the one at c:1:"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pools": [{"pool": "2001:db8::/64"}], "pd-pools": [{"prefix": @"2001:db8::", "prefix-len": 48, "delegated-len": 56}]}]"#,
        r#"overlaps with the one at c:1:"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pd-pools": [{"prefix": "2001:db8:8::", "prefix-len": 48, "delegated-len": 56}, {"prefix": @"2001:db8:8:8000::", "prefix-len": 52, "delegated-len": 60}]}]"#,
        r#"overlaps with the one at c:1:"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pd-pools": [@{"prefix": "2001:db8::", "prefix-len": 48}]}]"#,
        r#""delegated-len" is missing in pd-pools"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pd-pools": [{"prefix": "2001:db8::", "prefix-len": @129, "delegated-len": 128}]}]"#,
        r#""prefix-len" is 129, it must lie between 1 and 128"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pd-pools": [{"prefix": @"2001:db8::/48", "prefix-len": 48, "delegated-len": 56}]}]"#,
        r#""prefix" is '2001:db8::/48', not an IPv6 address"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pd-pools": [{"prefix": @"2001:db8::1", "prefix-len": 48, "delegated-len": 56}]}]"#,
        r#"2001:db8::1 is not the first address of its prefix, which is 2001:db8::/48"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pd-pools": [{"prefix": "2001:db8::", "prefix-len": 48, "delegated-len": @47}]}]"#,
        r#""delegated-len" (47) must not be below "prefix-len" (48)"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pd-pools": [{"prefix": "2001:db8::", "prefix-len": 48, "delegated-len": 56, "excluded-prefix": "2001:db8::", "excluded-prefix-len": @56}]}]"#,
        r#""excluded-prefix-len" (56) must be above "delegated-len" (56)"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pd-pools": [{"prefix": "2001:db8::", "prefix-len": 48, "delegated-len": 56, "excluded-prefix": @"2001:db8::"}]}]"#,
        r#"2001:db8::/0 is no prefix that could be excluded"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pd-pools": [{"prefix": "2001:db8::", "prefix-len": 48, "delegated-len": 56, "excluded-prefix-len": @64}]}]"#,
        r#"::/64 is no prefix that could be excluded; "excluded-prefix" and "excluded-prefix-len" go together"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pd-pools": [{"prefix": "2001:db8:8::", "prefix-len": 48, "delegated-len": 56, "excluded-prefix": @"2001:db8:8:100::", "excluded-prefix-len": 64}]}]"#,
        "the excluded prefix 2001:db8:8:100::/64 is not a part of 2001:db8:8::/56, the first prefix of its pool",
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pd-pools": [{"prefix": "2001:db8::", "prefix-len": 48, "delegated-len": 56, "excluded-prefix": @"x", "excluded-prefix-len": 64}]}]"#,
        r#""excluded-prefix" is 'x', not an IPv6 address"#,
    ),
    (
        r#""min-preferred-lifetime": @80, "preferred-lifetime": 70"#,
        r#"must not be above "preferred-lifetime" (70)"#,
    ),
    (
        r#""valid-lifetime": @100, "max-valid-lifetime": 90"#,
        r#""valid-lifetime" (100) must not be above "max-valid-lifetime" (90)"#,
    ),
    (r#""t1-percent": @0.9"#, r#""t1-percent" (0.9) must be below "t2-percent" (0.8)"#),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "interface": "eth0", "interface-id": @"port-1"}]"#,
        r#"only one of them can be there"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "relay": {"ip-addresses": [@"192.0.2.1"]}}]"#,
        r#"'192.0.2.1' is not an IPv6 address"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "pd-allocator": @"shared-flq"}]"#,
        r#"is only supported by MySQL and PostgreSQL lease databases"#,
    ),
    (
        r#""allocator": @"flq", "subnet6": [{"id": 1, "subnet": "2001:db8::/32"}, {"id": 2, "subnet": "2001:db9::/32"}]"#,
        r#"the allocator "flq" is not supported for the addresses of DHCPv6"#,
    ),
    (r#""option-data": [{"code": @65536, "data": "00"}]"#, r#""code" is 65536"#),
    (r#""option-def": [{"name": "a", "code": @65536, "type": "uint8"}]"#, r#""code" is 65536"#),
    (r#""pd-allocator": @"quick""#, r#"must be one of "iterative", "random", "flq", "shared-flq""#),
    (
        r#""shared-networks": [{"name": "a", "subnet6": [{"id": 1, "subnet": "2001:db8::/32", "interface": "e0"}, {"id": 2, "subnet": "2001:db9::/32", "interface": @"e1"}]}]"#,
        r#""e1" differs from "e0""#,
    ),
    (
        r#""shared-networks": [{"name": "a", "subnet6": [{"id": 1, "subnet": "2001:db8::/32", "rapid-commit": true}, @{"id": 2, "subnet": "2001:db9::/32"}]}]"#,
        r#""rapid-commit" is false here and true in the subnet at c:1:"#,
    ),
    (r#""shared-networks": [{"name": "a"}, {"name": @"a"}]"#, r#"the shared network "a" is there already"#),
    (r#""server-id": @{"htype": 1}"#, r#""type" is missing in server-id"#),
    (r#""server-id": {"type": @"UUID"}"#, r#""type" is "UUID", it must be one of "LLT", "EN", "LL""#),
    (
        r#""server-id": {"type": "EN", "identifier": @"xyz"}"#,
        r#""identifier" is 'xyz', not a string of hexadecimal digits"#,
    ),
    (
        r#""server-id": {"type": "EN", "identifier": @"ababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababab"}"#,
        r#"has 125 bytes, it may have 124 at most"#,
    ),
    (
        r#""mac-sources": ["duid", @"dns"]"#,
        r#""mac-sources" is "dns", it must be one of "any", "raw", "duid""#,
    ),
    (r#""mac-sources": @[]"#, r#"it must have one at least"#),
    (
        r#""mac-sources": ["rfc6939", @"client-link-addr-option"]"#,
        r#""client-link-addr-option" is there already"#,
    ),
    (
        r#""relay-supplied-options": ["110", @"no-such-option"]"#,
        r#""no-such-option" is neither the code nor the name of an option"#,
    ),
    (r#""relay-supplied-options": [@"65536"]"#, r#"is neither the code nor the name"#),
    (
        r#""host-reservation-identifiers": [@"client-id"]"#,
        r#"it must be one of "hw-address", "duid", "flex-id", "auto""#,
    ),
    (
        r#""client-classes": [{"name": "a", @"option-def": []}]"#,
        r#"unknown keyword "option-def" in client-classes; it belongs into Dhcp6"#,
    ),
    (
        r#""client-classes": [{"name": "a", "min-preferred-lifetime": @1, "max-preferred-lifetime": 2}]"#,
        r#"need a "preferred-lifetime" between them"#,
    ),
    (r#""reservations": [{"duid": "01", @"ip-address": "2001:db8::1"}]"#, r#"this is for DHCPv4"#),
    (
        r#""reservations": [@{"ip-addresses": ["2001:db8::1"]}]"#,
        r#"names no client; give one of "hw-address", "duid", "flex-id""#,
    ),
    (
        r#""reservations": [{"hw-address": "01", "duid": @"02"}]"#,
        r#""duid" cannot stand beside "hw-address""#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "reservations": [{"duid": "01", "ip-addresses": [@"2001:db9::1"]}]}]"#,
        r#"the reserved address 2001:db9::1 is not within its subnet 2001:db8::/32"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "reservations": [{"duid": "01", "ip-addresses": [@"192.0.2.1"]}]}]"#,
        r#"'192.0.2.1' is not an IPv6 address"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "reservations": [{"duid": "01", "ip-addresses": [@"ff02::1"]}]}]"#,
        r#"ff02::1 cannot be reserved"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "reservations": [{"duid": "01", "ip-addresses": ["2001:db8::1", @"2001:db8:0::1"]}]}]"#,
        r#"2001:db8:0::1 is reserved already, at c:1:"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "reservations": [{"duid": "01", "prefixes": ["3000::/56", @"3000::/56"]}]}]"#,
        r#"3000::/56 is reserved already"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "reservations": [{"duid": "01", "prefixes": [@"3000::"]}]}]"#,
        r#"is not an IPv6 prefix"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "reservations": [{"duid": "01", "prefixes": [@"3000::1/56"]}]}]"#,
        r#"does not begin at the first address of its prefix, which is 3000::/56"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "reservations": [{"duid": "01", "excluded-prefixes": @["3000::/64"]}]}]"#,
        r#""excluded-prefixes" has 1 entries, but "prefixes" has 0"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "reservations": [{"duid": "01", "prefixes": ["3000::/56"], "excluded-prefixes": [@"3001::/64"]}]}]"#,
        r#"the excluded prefix 3001::/64 is not a part of 3000::/56"#,
    ),
    (
        r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "reservations": [{"duid": "01", "prefixes": ["3000::/56"], "excluded-prefixes": [@"3000::/56"]}]}]"#,
        r#"is not a part of"#,
    ),
    (
        r#""interfaces-config": {"interfaces": [@"eth0/192.0.2.1"]}"#,
        r#"is not an interface with an IPv6 address such as 'eth0/2001:db8::1'"#,
    ),
    (r#""interfaces-config": {"interfaces": [@"eth0/ff02::1:2"]}"#, r#"is not an address of one host"#),
    (r#""interfaces-config": {"interfaces": ["eth0", @"eth0"]}"#, r#"'eth0' is already chosen"#),
    (
        r#""interfaces-config": {"interfaces": ["eth0/2001:db8::1", @"eth0/2001:db8:0::1"]}"#,
        r#"is already chosen"#,
    ),
    (r#""interfaces-config": {@"dhcp-socket-type": "raw"}"#, r#"this is for DHCPv4"#),
    (r#""compatibility": {@"exclude-first-last-24": true}"#, r#"this is for DHCPv4"#),
    (r#""control-sockets": [@{"socket-type": "unix"}]"#, r#""socket-name" is missing"#),
    (r#""dhcp-ddns": {"enable-updates": true, "sender-ip": @"::1"}"#, r#"different families"#),
    (r#""dhcp-ddns": {"enable-updates": true, "max-queue-size": @0}"#, r#"must be greater than zero"#),
];

/// What Kea refuses is refused, at its place, in words that help.
#[test]
fn what_is_wrong_is_explained_in_its_place() {
    let mut surprises = Vec::new();
    for (text, message) in WRONG {
        let text = format!(r#"{{"Dhcp6": {{{text}}}}}"#);
        let column = text.find('@').expect("a place") + 1;
        let diagnostics = judged(&text.replace('@', ""));
        let source = format!("c:1:{column}: ");
        let said = diagnostics.errors().map(ToString::to_string).collect::<Vec<_>>();
        match said.as_slice() {
            [one] if one.starts_with(&source) && one.contains(message) => {}
            _ => surprises.push(format!("{text}\n  expected {source}{message}\n  got {said:?}")),
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

/// What is odd but served is told, and none of it is an error.
#[test]
fn what_is_odd_is_a_warning() {
    let odd = [
        (r#""preferred-lifetime": 8000"#, r#""preferred-lifetime" (8000) is above "valid-lifetime" (7200)"#),
        (r#""renew-timer": 3, "rebind-timer": 2"#, "is above \"rebind-timer\" (2)"),
        (r#""subnet6": [{"id": 1, "subnet": "2001:db8::7/64"}]"#, "it is read as 2001:db8::/64"),
        (
            r#""interfaces-config": {"interfaces": ["eth0/fe80::1"]}"#,
            "is reached from the link of \"eth0\" alone",
        ),
        (r#""data-directory": "/var/lib/kea""#, "means nothing any more"),
        (r#""server-id": {"type": "LLT"}"#, "see that no other server has the same"),
        (
            r#""subnet6": [{"id": 1, "subnet": "2001:db8::/32", "client-class": "a", "require-client-classes": ["b"], "reservation-mode": "all"}]"#,
            r#"write "evaluate-additional-classes""#,
        ),
        (r#""control-socket": {"socket-type": "unix", "socket-name": "s"}"#, r#"write "control-sockets""#),
    ];
    for (text, expected) in odd {
        let diagnostics = judged(&format!(r#"{{"Dhcp6": {{{text}}}}}"#));
        let said = diagnostics.to_string();
        assert!(!diagnostics.has_errors() && said.contains(expected), "{text}: {said}");
    }
}

/// Addresses and prefixes that several clients may have are fine where the operator says so; a prefix may be from anywhere.
#[test]
fn reservations_may_share_what_they_reserve() {
    let text = r#"{"Dhcp6": {"ip-reservations-unique": false, "subnet6": [{"id": 1, "subnet": "2001:db8::/64", "reservations": [
        {"duid": "01", "ip-addresses": ["2001:db8::1"], "prefixes": ["3000::/56"], "excluded-prefixes": [""]},
        {"duid": "02", "ip-addresses": ["2001:db8::1"], "prefixes": ["3000::/56"]}]}]}}"#;
    assert!(judged(text).is_empty(), "{}", judged(text));
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
    let dir = Path::new(&dir).join("kea6");
    for file in std::fs::read_dir(&dir).expect("the directory of examples") {
        let path = file.unwrap().path();
        let mut diagnostics = Diagnostics::new();
        let Some(root) = read(&path, &mut diagnostics) else { panic!("{diagnostics}") };
        if root.get("Dhcp6").is_none() {
            continue;
        }
        judge(root, &mut diagnostics);
        assert!(!diagnostics.has_errors(), "{}:\n{diagnostics}", path.display());
        count += 1;
    }
    assert!(count > 10, "only {count} examples in {}", dir.display());
}

/// The keyword of old, inside `Dhcp6`; what is read in its place.
#[test]
fn older_spellings_are_read() {
    let cases = [
        (
            json!({"control-socket": {"socket-type": "unix", "socket-name": "s"}}),
            json!({"control-sockets": [{"socket-type": "unix", "socket-name": "s"}]}),
        ),
        (json!({"hosts-database": {"type": "mysql"}}), json!({"hosts-databases": [{"type": "mysql"}]})),
        (
            json!({"shared-networks": [{"client-class": "a", "require-client-classes": ["b"]}]}),
            json!({"shared-networks": [{"client-classes": ["a"], "evaluate-additional-classes": ["b"]}]}),
        ),
        (
            json!({"subnet6": [{"client-class": "", "pd-pools": [{"client-class": "x"}]}]}),
            json!({"subnet6": [{"pd-pools": [{"client-classes": ["x"]}], "client-classes": []}]}),
        ),
        (
            json!({"subnet6": [{"relay": {"ip-address": "2001:db8::1"}}]}),
            json!({"subnet6": [{"relay": {"ip-addresses": ["2001:db8::1"]}}]}),
        ),
        (
            json!({"client-classes": [{"name": "a", "only-if-required": true}]}),
            json!({"client-classes": [{"name": "a", "only-in-additional-list": true}]}),
        ),
        (
            json!({"ddns-use-conflict-resolution": true}),
            json!({"ddns-conflict-resolution-mode": "check-with-dhcid"}),
        ),
        (
            json!({"subnet6": [{"reservation-mode": "out-of-pool"}]}),
            json!({"subnet6": [{"reservations-global": false, "reservations-in-subnet": true, "reservations-out-of-pool": true}]}),
        ),
        (
            json!({"dhcp-ddns": {"enable-updates": true, "qualifying-suffix": "a."}}),
            json!({"dhcp-ddns": {"enable-updates": true}, "ddns-qualifying-suffix": "a."}),
        ),
        (json!({"server-id": {"type": "llt"}}), json!({"server-id": {"type": "LLT"}})),
    ];
    for (old, new) in cases {
        let mut diagnostics = Diagnostics::new();
        let root = from_json("config-set", &json!({"Dhcp6": old}), &mut diagnostics).unwrap();
        let root = modern(root, &FILE, &mut diagnostics);
        assert_eq!(root.to_json(), json!({"Dhcp6": new}));
        assert!(!diagnostics.has_errors(), "{diagnostics}");
    }
}

/// A value of every wrong type, and integers beside their range, are refused for each row of each table.
#[test]
fn wrong_values_are_refused_for_every_row() {
    let values = [
        json!(null),
        json!(true),
        json!(-5_000_000_000_i64),
        json!(0.5),
        json!("@"),
        json!([7]),
        json!({"@": 1}),
    ];
    let mut taken = Vec::new();
    for table in tables::ALL6 {
        let file = File { top: table, global: table, ..FILE };
        for param in table.params() {
            let is_good = |value: &serde_json::Value| match param.is {
                Type::Any => true,
                Type::Bool => value.is_boolean(),
                Type::Real => value.is_f64(),
                Type::Text | Type::Class | Type::Expression => value.is_string(),
                Type::Free | Type::Library => value.is_object(),
                Type::Map(inner) if inner.open => value.is_object(),
                _ => false,
            };
            for value in values.iter().filter(|value| !is_good(value)) {
                let map = json!({param.keyword: value});
                let mut diagnostics = Diagnostics::new();
                let root = from_json("c", &map, &mut diagnostics).expect("values");
                validate(&root, &file, &mut diagnostics);
                diagnostics.locate(&root);
                let is_told = diagnostics.errors().any(|error| error.path.starts_with(param.keyword));
                if !is_told {
                    taken.push(format!("{}/{} = {value}", table.name, param.keyword));
                }
            }
        }
    }
    assert!(taken.is_empty(), "taken: {taken:?}");
}

/// The tables do not contradict themselves: no keyword twice, defaults of the right type, older spellings not current.
#[test]
fn the_tables_are_consistent() {
    for table in tables::ALL6 {
        let mut seen = BTreeSet::new();
        for param in table.params() {
            let name = format!("{}/{}", table.name, param.keyword);
            assert!(seen.insert(param.keyword), "{name} is there twice");
            let fits = match (param.is, param.default) {
                (_, None) => true,
                (Type::OneOf(words), Some(Scalar::Text(default))) => words.contains(&default),
                (Type::SomeOf(words), Some(Scalar::Texts(default))) => {
                    default.iter().all(|word| words.contains(word))
                }
                (Type::Bool, Some(default)) => matches!(default, Scalar::Bool(_)),
                (Type::Int(_, high), Some(Scalar::Int(default))) => default <= high,
                (Type::Real, Some(default)) => matches!(default, Scalar::Real(_)),
                (Type::Text, Some(default)) => matches!(default, Scalar::Text(_)),
                (Type::Texts, Some(default)) => matches!(default, Scalar::Texts(_)),
                _ => false,
            };
            assert!(fits, "{name} has a default of another type");
        }
        for older in table.older {
            assert!(table.param(older.keyword).is_none(), "{}/{}", table.name, older.keyword);
        }
    }
}

/// What is written without effect belongs to parts of the suite that are still to come.
#[test]
fn only_parts_to_come_have_no_effect() {
    const TO_COME: &[&str] = &["cipher-list"];
    let params = tables::ALL6.iter().flat_map(|table| table.params());
    for param in params.filter(|param| param.effect == Effect::NotYet) {
        assert!(TO_COME.contains(&param.keyword), "{} has no effect", param.keyword);
    }
}

/// What becomes of each parameter can be looked up.
#[test]
fn every_parameter_is_documented() {
    let text = include_str!("../../../docs/kea-compatibility.md");
    let (_, told) = text.split_once("# The DHCPv6 server's parameters").expect("the chapter");
    for table in tables::ALL6.iter().filter(|table| !std::ptr::eq(**table, &tables::TOP6)) {
        let keywords = table.params().map(|param| param.keyword);
        for keyword in keywords.chain(table.older.iter().map(|older| older.keyword)) {
            let is_of_dhcp_ddns =
                table.name == "dhcp-ddns" && table.older.iter().any(|older| older.keyword == keyword);
            let is_of_cassandra = table.param("lfc-interval").is_some() && table.param(keyword).is_none();
            let is_told = told.contains(&format!("`{keyword}`"));
            assert!(is_told || is_of_dhcp_ddns || is_of_cassandra, "{}/{keyword}", table.name);
        }
    }
}
