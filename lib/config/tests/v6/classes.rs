//! Client classes, whose tests ask messages of DHCPv6.

use kotare_config::v6::{Config6, Membership, Stage};
use kotare_expr::Sieve;
use serde_json::{Value, json};

use crate::{config, said};

fn classes(list: Value) -> Config6 {
    config(json!({ "client-classes": list }))
}

fn names(config: &Config6, sieve: &Sieve) -> Vec<String> {
    let classes = sieve.all().iter().filter_map(|id| config.classes.get(*id));
    classes.map(|class| class.name.to_string()).collect()
}

/// Tests of what only DHCPv6 has: relays, vendors' classes by number, options by the names of this protocol.
#[test]
fn tests_ask_messages_of_dhcpv6() {
    let config = classes(json!([
        {"name": "port", "test": "relay6[0].option[18].hex == 'eth0'"},
        {"name": "modem", "test": "vendor-class[4491].exists"},
        {"name": "solicit", "test": "pkt6.msgtype == 1 and option[dns-servers].exists"},
        {"name": "by-id", "template-test": "substring(option[1].hex, 0, 4)"},
        {"name": "known-one", "test": "member('KNOWN') and member('port')"},
        {"name": "asked", "test": "member('modem')", "only-in-additional-list": true},
    ]));
    assert_eq!(names(&config, config.classes.first()), ["port", "modem", "solicit", "by-id"]);
    assert_eq!(names(&config, config.classes.second()), ["known-one"]);
    let asked = config.classes.id("asked").and_then(|id| config.classes.get(id)).expect("a class");
    assert_eq!(asked.stage(), Some(Stage::Late));
    assert!(matches!(asked.membership, Membership::Test(_)));
}

/// What expressions of the other protocol ask for is not there.
#[test]
fn tests_of_dhcpv4_are_refused() {
    for test in ["pkt4.mac == 0x010203040506", "relay4[1].exists", "option[routers].exists"] {
        let said = said(json!({"client-classes": [{"name": "a", "test": test}]}));
        assert!(said.contains("client-classes[0]/test: \"test\" is no condition"), "{test}: {said}");
    }
}

/// Classes that templates and vendors make are found by what clients send; those that reservations and guards name have
/// numbers, too.
#[test]
fn names_are_numbers() {
    let config = config(json!({
        "client-classes": [{"name": "by-id", "template-test": "option[18].hex"}],
        "subnet6": [{"id": 1, "subnet": "2001:db8::/64", "client-classes": ["SPAWN_by-id_eth0", "VENDOR_CLASS_docsis3.0"],
            "pd-pools": [{"prefix": "3000::", "prefix-len": 48, "delegated-len": 56, "client-classes": ["homes"]}],
            "reservations": [{"duid": "01:02:03", "client-classes": ["guests"]}]}],
    }));
    let classes = &config.classes;
    let template = classes.id("by-id").expect("a class");
    assert_eq!(classes.spawned(template, b"eth0"), classes.id("SPAWN_by-id_eth0"));
    assert!(classes.spawned(template, b"eth1").is_none());
    assert_eq!(classes.of_vendor(b"docsis3.0"), classes.id("VENDOR_CLASS_docsis3.0"));
    assert!(classes.any_of_vendors() && classes.of_vendor(b"docsis3.0").is_some());
    let unconfigured = ["homes", "guests"].map(|name| classes.id(name).expect("a class"));
    assert!(unconfigured.iter().all(|id| classes.unconfigured().contains(*id)));
}
