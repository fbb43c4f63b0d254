//! What differs between two configurations.

use kotare_config::diff::{Change, diff};
use kotare_config::v6::{Config6, FILE};
use kotare_config::{Candidate, Input, read};
use serde_json::{Value as Json, json};

fn candidate(dhcp6: &Json) -> Candidate<Config6> {
    let arguments = json!({ "Dhcp6": dhcp6 });
    let read = read::<Config6>(Input::Command("config-set", &arguments), &FILE);
    read.unwrap_or_else(|refused| panic!("{dhcp6}: {refused}"))
}

fn changes(old: &Json, new: &Json) -> Vec<Change> {
    let (old, new) = (candidate(old), candidate(new));
    diff((&old.written, &old.config.definitions), (&new.written, &new.config.definitions))
}

/// Each change in a line: kind, path, values, and what it means.
fn lines(old: &Json, new: &Json) -> Vec<String> {
    let line = |change: &Change| {
        let json = change.to_json();
        let effect = json["effect"].as_str().map(|effect| format!(": {effect}")).unwrap_or_default();
        format!("{} {} {} {}{effect}", change.kind.as_str(), change, json["old"], json["new"])
    };
    changes(old, new).iter().map(line).collect()
}

/// A subnet with this.
fn subnet(more: Json) -> Json {
    let mut subnet = json!({"id": 1, "subnet": "2001:db8::/64"});
    subnet.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"subnet6": [subnet]})
}

/// Pools of prefixes are named by their prefix, clients by their DUID, wherever they stand.
#[test]
fn changes_have_names_and_effects() {
    let old = subnet(json!({
        "preferred-lifetime": 3000,
        "pd-pools": [
            {"prefix": "3000::", "prefix-len": 48, "delegated-len": 56},
            {"prefix": "3001::", "prefix-len": 48, "delegated-len": 56},
        ],
        "reservations": [{"duid": "01:02", "ip-addresses": ["2001:db8::1"]}],
    }));
    let new = subnet(json!({
        "preferred-lifetime": 3001, "interface-id": "vlan",
        "pd-pools": [
            {"prefix": "3000:0::", "prefix-len": 48, "delegated-len": 60},
            {"prefix": "3002::", "prefix-len": 48, "delegated-len": 56},
        ],
        "reservations": [{"duid": "0102", "ip-addresses": ["2001:db8:0::1", "2001:db8::2"], "prefixes": ["3001::/56"]}],
    }));
    assert_eq!(
        lines(&old, &new),
        [
            r#"added Dhcp6/subnet6[id=1]/interface-id null "vlan""#,
            "changed Dhcp6/subnet6[id=1]/pd-pools[prefix=3000::, prefix-len=48]/delegated-len 56 60",
            r#"removed Dhcp6/subnet6[id=1]/pd-pools[prefix=3001::, prefix-len=48] {"delegated-len":56,"prefix":"3001::","prefix-len":48} null: its prefixes are not delegated or renewed any more, unless another pool has them"#,
            r#"added Dhcp6/subnet6[id=1]/pd-pools[prefix=3002::, prefix-len=48] null {"delegated-len":56,"prefix":"3002::","prefix-len":48}: its prefixes are delegated from then on"#,
            "changed Dhcp6/subnet6[id=1]/preferred-lifetime 3000 3001: holds for leases that are given or renewed from then on",
            r#"changed Dhcp6/subnet6[id=1]/reservations[duid=01:02]/ip-addresses ["2001:db8::1"] ["2001:db8::1","2001:db8::2"]"#,
            r#"added Dhcp6/subnet6[id=1]/reservations[duid=01:02]/prefixes null ["3001::/56"]"#,
        ]
    );
}

/// What holds anyway is no difference, nor is the order where it means nothing, nor how something is spelled.
#[test]
fn what_means_the_same_does_not_differ() {
    let old = json!({
        "preferred-lifetime": 3000, "mac-sources": ["rfc6939", "duid"], "relay-supplied-options": ["110", "65"],
        "subnet6": [
            {"id": 1, "subnet": "2001:db8:0::/64", "client-class": "a", "pools": [{"pool": "2001:db8::/112"}],
                "reservations": [{"duid": "01:02"}, {"flex-id": "'x'"}]},
            {"id": 2, "subnet": "2001:db8:2::/64"},
        ],
    });
    let new = json!({
        "preferred-lifetime": 3000, "mac-sources": ["client-link-addr-option", "duid"], "valid-lifetime": 7200,
        "relay-supplied-options": ["65", "110"], "calculate-tee-times": true, "loggers": [],
        "subnet6": [
            {"id": 2, "subnet": "2001:db8:2::/64", "min-preferred-lifetime": 3000, "rapid-commit": false, "t2-percent": 0.8},
            {"id": 1, "subnet": "2001:DB8::/64", "client-classes": ["a"], "pd-pools": [], "interface-id": "",
                "pools": [{"pool": "2001:db8::0 - 2001:db8::ffff"}],
                "reservations": [{"flex-id": "78", "prefixes": []}, {"duid": "1:2", "hostname": ""}]},
        ],
    });
    assert_eq!(lines(&old, &new), [""; 0]);
    // The order in which hardware addresses are looked for means something.
    let first = |sources: [&str; 2]| json!({ "mac-sources": sources });
    assert_eq!(changes(&first(["duid", "raw"]), &first(["raw", "duid"])).len(), 1);
}
