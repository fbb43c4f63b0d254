//! Every parameter of DHCPv6 that the manual lets stand in a database ("Supported Parameters"), at each of its levels: set by
//! its command, it is what is served.

use serde_json::{Value, json};

use crate::link::LinkOf;
use crate::protocol::Protocol;
use crate::protocol6::V6;
use crate::server::ServerOf;
use crate::store::Database;

/// What shared networks and subnets may say. The manual lists `hostname-char-set` and `hostname-char-replacement`, too, but
/// Kea's tables have no columns for them there.
fn of_links() -> Value {
    json!({
        "allocator": "random", "calculate-tee-times": true, "client-classes": ["gold"],
        "ddns-send-updates": false, "ddns-override-no-update": true, "ddns-override-client-update": true,
        "ddns-replace-client-name": "always", "ddns-generated-prefix": "host", "ddns-qualifying-suffix": "a.example",
        "min-preferred-lifetime": 100, "preferred-lifetime": 200, "max-preferred-lifetime": 300,
        "min-valid-lifetime": 400, "valid-lifetime": 500, "max-valid-lifetime": 600,
        "option-data": [{"name": "dns-servers", "data": "2001:db8::1"}], "pd-allocator": "flq",
        "rapid-commit": true, "renew-timer": 50, "rebind-timer": 80, "relay": {"ip-addresses": ["2001:db8::2"]},
        "evaluate-additional-classes": ["gold"], "reservations-global": true, "reservations-in-subnet": false,
        "reservations-out-of-pool": false, "t1-percent": 0.25, "t2-percent": 0.75, "interface-id": "port-7",
    })
}

/// Global parameters, in maps too.
fn globals() -> Value {
    let mut globals = of_links();
    // The manual lists `rapid-commit` here, but no file of Kea's may have it.
    for keyword in [
        "rapid-commit",
        "client-classes",
        "option-data",
        "relay",
        "evaluate-additional-classes",
        "interface-id",
    ] {
        globals.as_object_mut().expect("a map").remove(keyword);
    }
    let more = json!({
        "hostname-char-set": "[^a-z]", "hostname-char-replacement": "x", "cache-max-age": 60, "cache-threshold": 0.5, "decline-probation-period": 70, "dhcp4o6-port": 0,
        "compatibility.lenient-option-parsing": true,
        "dhcp-ddns.enable-updates": false, "dhcp-ddns.max-queue-size": 100, "dhcp-ddns.ncr-format": "JSON",
        "dhcp-ddns.ncr-protocol": "UDP", "dhcp-ddns.sender-ip": "::1", "dhcp-ddns.sender-port": 5000,
        "dhcp-ddns.server-ip": "::1", "dhcp-ddns.server-port": 5001,
        "expired-leases-processing.flush-reclaimed-timer-wait-time": 11,
        "expired-leases-processing.hold-reclaimed-time": 12, "expired-leases-processing.max-reclaim-leases": 13,
        "expired-leases-processing.max-reclaim-time": 14, "expired-leases-processing.reclaim-timer-wait-time": 15,
        "expired-leases-processing.unwarned-reclaim-cycles": 16,
        "multi-threading.enable-multi-threading": true, "multi-threading.thread-pool-size": 2,
        "multi-threading.packet-queue-size": 32, "sanity-checks.lease-checks": "fix-del",
        "sanity-checks.extended-info-checks": "strict", "server-id.type": "EN", "server-id.enterprise-id": 2495,
        "server-id.identifier": "0123456789", "server-id.persist": false, "dhcp-queue-control.enable-queue": false,
        "dhcp-queue-control.queue-type": "kea-ring6", "dhcp-queue-control.capacity": 20,
        "host-reservation-identifiers": ["duid"],
    });
    globals.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
    globals
}

/// That all that was set is shown.
fn has(shown: &Value, set: &Value, what: &str) {
    for (keyword, value) in set.as_object().expect("a map") {
        let found = match keyword.split_once('.') {
            Some((outer, inner)) => &shown[outer][inner],
            None => &shown[keyword],
        };
        match (keyword.as_str(), value) {
            ("host-reservation-identifiers", _) => assert_eq!(found, &json!(["duid"])),
            ("option-data", _) => assert_eq!(found[0]["data"], value[0]["data"], "{what}"),
            _ => assert_eq!(found, value, "{what}: {keyword}"),
        }
    }
}

#[test]
fn every_parameter_is_served_at_each_level() {
    let mut config = V6::config(1, 1);
    let database = json!({"type": "sqlite", "name": "configuration.sqlite"});
    config["Dhcp6"]["config-control"] = json!({"config-databases": [database], "config-fetch-wait-time": 0});
    config["Dhcp6"]["hooks-libraries"] = json!([{"library": "libdhcp_cb_cmds.so"}]);
    let server = ServerOf::<V6>::with_database(&LinkOf::default(), config, &Database::new());
    let set = |command: &str, keyword: &str, what: &Value| {
        let answer = server.answer(command, Some(json!({ (keyword): what, "server-tags": ["all"] })));
        assert_eq!(answer["result"], 0, "{command}: {answer}");
    };
    let class = json!({
        "name": "gold", "test": "member('ALL')", "min-preferred-lifetime": 10, "preferred-lifetime": 20,
        "max-preferred-lifetime": 30, "min-valid-lifetime": 40, "valid-lifetime": 50, "max-valid-lifetime": 60,
        "option-data": [{"name": "dns-servers", "data": "2001:db8::9"}],
    });
    set("remote-class6-set", "client-classes", &json!([class]));
    set("remote-global-parameter6-set", "parameters", &globals());
    let definition = json!({"name": "mine", "code": 222, "type": "uint32", "space": "dhcp6"});
    set("remote-option-def6-set", "option-defs", &json!([definition]));
    set("remote-option6-global-set", "options", &json!([{"name": "mine", "data": "7"}]));
    let mut network = of_links();
    network["name"] = json!("floor");
    set("remote-network6-set", "shared-networks", &json!([network]));
    let options = json!([{"name": "dns-servers", "data": "2001:db8::3"}]);
    let pool = json!({"pool": "3fff:7::100-3fff:7::10f", "client-classes": ["gold"],
        "evaluate-additional-classes": ["gold"], "option-data": options});
    let pd_pool = json!({"prefix": "3fff:8::", "prefix-len": 48, "delegated-len": 56, "excluded-prefix": "3fff:8::",
        "excluded-prefix-len": 64, "client-classes": ["gold"], "evaluate-additional-classes": ["gold"],
        "option-data": options});
    let mut subnet = of_links();
    for (keyword, value) in [
        ("id", json!(7)),
        ("subnet", json!("3fff:7::/64")),
        ("pools", json!([pool])),
        ("pd-pools", json!([pd_pool])),
        ("shared-network-name", json!("floor")),
    ] {
        subnet[keyword] = value;
    }
    set("remote-subnet6-set", "subnets", &json!([subnet]));
    let answer = server.answer("config-backend-pull", None);
    assert_eq!(answer["result"], 0, "{answer}");

    let shown = server.ask("config-get", json!({}))["Dhcp6"].take();
    has(&shown, &globals(), "global");
    assert_eq!(
        (&shown["option-def"][0]["name"], &shown["option-data"][0]["name"]),
        (&json!("mine"), &json!("dns-servers"))
    );
    has(&shown["client-classes"][0], &class, "class");
    has(&shown["shared-networks"][0], &network, "shared network");
    let shown = &shown["shared-networks"][0]["subnet6"][0];
    has(shown, &of_links(), "subnet");
    has(
        &shown["pools"][0],
        &json!({"client-classes": ["gold"], "evaluate-additional-classes": ["gold"],
        "option-data": options}),
        "pool",
    );
    has(&shown["pd-pools"][0], &pd_pool, "pool of prefixes");
}
