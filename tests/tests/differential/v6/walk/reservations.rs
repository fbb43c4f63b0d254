//! Walks of clients for whom things are reserved: everywhere, out of pools, several times, under two names, and in classes.

use serde_json::{Value, json};

use super::{networks, play, walk};
use crate::v6::configuration::merge;
use crate::v6::query::{duid, mac};

fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

fn id(client: u16) -> String {
    text(&duid(client))
}

fn hw(client: u16) -> String {
    text(&mac(client))
}

fn with(changes: Value) -> Value {
    let mut all = networks();
    merge(&mut all, changes);
    all
}

/// Reserved for clients wherever they are.
#[test]
fn a_walk_with_global_reservations() {
    let changes = with(json!({
        "reservations-global": true, "reservations-in-subnet": false,
        "client-classes": [{"name": "gold", "option-data": [{"name": "nis-servers", "data": "2001:db8::61"}]}],
        "reservations": [
            {"duid": id(0), "ip-addresses": ["2001:db8:1::20"], "hostname": "zero"},
            {"duid": id(1), "hostname": "one.example.org", "client-classes": ["gold"]},
            {"hw-address": hw(3), "prefixes": ["2001:db8:9000::/56"],
             "option-data": [{"name": "dns-servers", "data": "2001:db8::3"}]},
            {"duid": id(4), "ip-addresses": ["2001:db8:1::21", "2001:db8:1::22"]},
        ],
    }));
    play(
        "reservations::a_walk_with_global_reservations",
        changes,
        &[31],
        &[("global", |side| walk(side, false))],
    );
}

/// Reserved everywhere and in subnets.
#[test]
fn a_walk_with_both() {
    let mut changes = with(json!({
        "reservations-global": true, "reservations-in-subnet": true,
        "reservations": [
            {"duid": id(0), "ip-addresses": ["2001:db8:1::20"], "hostname": "zero"},
            {"duid": id(1), "ip-addresses": ["2001:db8:1::23"], "hostname": "one.example.org"},
            {"hw-address": hw(3), "prefixes": ["2001:db8:9000::/56"]},
        ],
    }));
    changes["subnet6"][0]["reservations"] = json!([
        {"duid": id(3), "ip-addresses": ["2001:db8:1::21"]},
        {"duid": id(1), "prefixes": ["2001:db8:9100::/56"]},
        {"duid": id(4), "hostname": "four"},
    ]);
    play("reservations::a_walk_with_both", changes, &[32, 105], &[("both", |side| walk(side, false))]);
}

/// Reserved outside of pools, which are everybody's.
#[test]
fn a_walk_out_of_pools() {
    let mut changes = with(json!({"reservations-in-subnet": true, "reservations-out-of-pool": true}));
    changes["subnet6"][0]["reservations"] = json!([
        {"duid": id(0), "ip-addresses": ["2001:db8:1::20"], "prefixes": ["2001:db8:9000::/56"]},
        {"duid": id(1), "ip-addresses": ["2001:db8:1::21"]},
        {"hw-address": hw(3), "hostname": "three"},
    ]);
    play("reservations::a_walk_out_of_pools", changes, &[33], &[("out of pools", |side| walk(side, false))]);
}

/// What is reserved for several clients is whose takes it first.
#[test]
fn a_walk_not_unique() {
    let mut changes = with(json!({"ip-reservations-unique": false}));
    changes["subnet6"][0]["reservations"] = json!([
        {"duid": id(0), "ip-addresses": ["2001:db8:1::100"]},
        {"duid": id(1), "ip-addresses": ["2001:db8:1::100"]},
        {"duid": id(3), "prefixes": ["2001:db8:9000::/56"]},
        {"duid": id(4), "prefixes": ["2001:db8:9000::/56"], "ip-addresses": ["2001:db8:1::101"]},
    ]);
    play(
        "reservations::a_walk_not_unique",
        changes,
        &[34, 101, 102],
        &[("not unique", |side| walk(side, false))],
    );
}

/// Several addresses and prefixes for one.
#[test]
fn a_walk_with_several() {
    let mut changes = with(json!({}));
    changes["subnet6"][0]["reservations"] = json!([
        {"duid": id(0), "ip-addresses": ["2001:db8:1::100", "2001:db8:1::20", "2001:db8:1::101"],
         "prefixes": ["2001:db8:8100::/56", "2001:db8:9000::/56"]},
        {"duid": id(1), "prefixes": ["2001:db8:9100::/60", "2001:db8:9200::/56"]},
        {"hw-address": hw(3), "ip-addresses": ["2001:db8:1::21"]},
    ]);
    play("reservations::a_walk_with_several", changes, &[35], &[("with several", |side| walk(side, false))]);
}

/// Two reservations of one subnet name the same client: the first kind of identifier counts.
#[test]
fn a_walk_under_two_names() {
    let mut changes = with(json!({"host-reservation-identifiers": ["hw-address", "duid"]}));
    changes["subnet6"][0]["reservations"] = json!([
        {"duid": id(0), "ip-addresses": ["2001:db8:1::100"], "hostname": "by-duid"},
        {"hw-address": hw(0), "ip-addresses": ["2001:db8:1::101"], "hostname": "by-hw"},
        {"duid": id(1), "prefixes": ["2001:db8:9000::/56"]},
        {"hw-address": hw(1), "ip-addresses": ["2001:db8:1::102"]},
    ]);
    play("reservations::a_walk_under_two_names", changes, &[36], &[("two names", |side| walk(side, false))]);
}

/// Reservations put clients into classes, which guard pools and give options; who has none is unknown.
#[test]
fn a_walk_with_reserved_classes() {
    let mut changes = with(json!({
        "client-classes": [
            {"name": "gold", "option-data": [{"name": "nis-servers", "data": "2001:db8::61"}]},
            {"name": "known gold", "test": "member('KNOWN') and member('gold')",
             "option-data": [{"name": "nisp-servers", "data": "2001:db8::62"}]},
            {"name": "plain", "test": "member('KNOWN') and not member('gold')"},
            {"name": "strange", "test": "member('UNKNOWN') and option[15].exists"},
        ],
    }));
    changes["subnet6"][0]["reservations"] = json!([
        {"duid": id(0), "client-classes": ["gold"]},
        {"duid": id(1), "hostname": "one"},
        {"duid": id(3), "client-classes": ["gold", "unheard-of"], "ip-addresses": ["2001:db8:1::105"]},
    ]);
    changes["subnet6"][0]["pools"] = json!([
        {"pool": "2001:db8:1::100/128", "client-class": "gold"},
        {"pool": "2001:db8:1::102/128", "client-class": "plain"},
        {"pool": "2001:db8:1::105/128", "client-class": "UNKNOWN"},
    ]);
    changes["subnet6"][0]["pd-pools"] = json!([
        {"prefix": "2001:db8:8000::", "prefix-len": 56, "delegated-len": 56, "client-class": "KNOWN"},
        {"prefix": "2001:db8:8100::", "prefix-len": 56, "delegated-len": 56, "client-class": "UNKNOWN"},
    ]);
    play(
        "reservations::a_walk_with_reserved_classes",
        changes,
        &[37, 237],
        &[("reserved classes", |side| walk(side, false))],
    );
}

/// Classes of global reservations that are looked up first decide where a client is.
#[test]
fn a_walk_looked_up_early() {
    let mut changes = with(json!({
        "early-global-reservations-lookup": true,
        "client-classes": [
            {"name": "gold", "option-data": [{"name": "nis-servers", "data": "2001:db8::61"}]},
            {"name": "silver", "test": "not member('gold')"},
        ],
        "reservations": [
            {"duid": id(0), "client-classes": ["gold"]},
            {"duid": id(1), "client-classes": ["gold"], "hostname": "one"},
            {"duid": id(4), "client-classes": ["DROP"]},
        ],
    }));
    changes["shared-networks"][0]["subnet6"][0]["client-class"] = "gold".into();
    changes["shared-networks"][0]["subnet6"][1]["client-class"] = "silver".into();
    changes["subnet6"][1]["client-class"] = "silver".into();
    play("reservations::a_walk_looked_up_early", changes, &[38], &[("early", |side| walk(side, true))]);
}
