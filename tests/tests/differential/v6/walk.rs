//! Long walks at random: few clients, few addresses and prefixes, every kind of message, in an order nobody thought of.

mod caching;
mod drawn;
mod exchanged;
mod guarded;
mod lifecycle;
mod lifetimes;
mod messages;
mod options;
mod relays;
mod required;
mod reservations;

use kotare_model::Chance;
use kotare_tests::world::sandboxed;
use serde_json::{Value, json};

use self::messages::{Manner, any};
use super::configuration::{configuration, merge, subnet};
use super::query::{duid, mac};
use super::stage::{Act, Script, Side, chosen_seeds, compare_acts};

/// How many messages a walk has.
const STEPS: usize = 1500;

/// Clients on the link, in one subnet.
#[test]
fn a_walk() {
    play("a_walk", json!({}), &[21], &[("walk", |side| walk(side, false))]);
}

/// Through relay agents, into subnets and shared networks that are told by address and by interface-id.
#[test]
fn a_relayed_walk() {
    let changes = networks();
    play("a_relayed_walk", changes, &[22], &[("relayed walk", |side| walk(side, true))]);
}

/// With reservations of every kind.
#[test]
fn a_walk_with_reservations() {
    let mut changes = networks();
    let id =
        |client: u16| duid(client).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
    let hw = |client: u16| mac(client).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
    changes["subnet6"][0]["reservations"] = json!([
        {"duid": id(0), "ip-addresses": ["2001:db8:1::100"], "hostname": "zero",
         "option-data": [{"name": "dns-servers", "data": "2001:db8:1::99"}]},
        {"duid": id(1), "ip-addresses": ["2001:db8:1::20", "2001:db8:1::21"], "prefixes": ["2001:db8:8000::/56"]},
        {"hw-address": hw(2), "prefixes": ["2001:db8:9000::/60"]},
        {"hw-address": hw(3), "hostname": "three.example.org"},
    ]);
    changes["subnet6"][1]["reservations"] = json!([
        {"duid": id(0), "ip-addresses": ["2001:db8:2::101"]},
    ]);
    changes["shared-networks"][0]["subnet6"][1]["reservations"] = json!([
        {"duid": id(0), "ip-addresses": ["2001:db8:6::101"]},
        {"duid": id(4), "ip-addresses": ["2001:db8:6::102"], "prefixes": ["2001:db8:8600:300::/56"]},
    ]);
    play("a_walk_with_reservations", changes, &[23], &[("walk with reservations", |side| walk(side, true))]);
}

/// With client classes that guard subnets and pools, and give options.
#[test]
fn a_walk_with_classes() {
    let mut changes = with_classes();
    changes["subnet6"][0]["pools"][0]["client-class"] = "even".into();
    changes["subnet6"][0]["pd-pools"][0]["client-class"] = "early".into();
    changes["shared-networks"][0]["subnet6"][0]["client-class"] = "early".into();
    play("a_walk_with_classes", changes, &[24], &[("walk with classes", |side| walk(side, true))]);
}

/// The same without guards of pools: where some clients may not have an address, the next free one is another one than Kea's.
#[test]
fn a_walk_with_more_classes() {
    let script: Script = ("walk with more classes", |side| walk(side, true));
    play("a_walk_with_more_classes", with_classes(), &[100, 101, 102, 103, 104, 105], &[script]);
}

fn with_classes() -> Value {
    let mut changes = networks();
    changes["client-classes"] = json!([
        {"name": "early", "test": "(substring(option[1].hex, 9, 1) == 0x01 or substring(option[1].hex, 9, 1) == 0x00) and substring(option[1].hex, 1, 1) == 0x03"},
        {"name": "named", "test": "option[39].exists", "option-data": [{"name": "sip-server-addr", "data": "2001:db8::51"}]},
        {"name": "vendored", "test": "vendor[4491].exists", "option-data": [{"name": "nisp-servers", "data": "2001:db8::52"}]},
        {"name": "rapid", "test": "option[14].exists", "option-data": [{"name": "preference", "data": "200"}]},
        {"name": "even", "test": "substring(option[1].hex, -1, 1) == 0x02 or substring(option[1].hex, -1, 1) == 0x04 or substring(option[1].hex, -1, 1) == 0x00"},
        {"name": "late", "only-if-required": true, "test": "member('even')", "option-data": [{"name": "bootfile-url", "data": "tftp://x", "always-send": true}]},
        {"name": "DROP", "test": "option[15].exists"},
    ]);
    changes["subnet6"][0]["pools"] = json!([
        {"pool": "2001:db8:1::100 - 2001:db8:1::103"},
        {"pool": "2001:db8:1::104 - 2001:db8:1::107", "require-client-classes": ["late"],
         "option-data": [{"name": "nis-servers", "data": "2001:db8::61"}]},
    ]);
    changes["subnet6"][1]["client-class"] = "even".into();
    changes["shared-networks"][0]["require-client-classes"] = json!(["late"]);
    changes
}

fn networks() -> Value {
    json!({
        // What a client has must not depend on what relay agents say of it: Kea takes it away with a SOLICIT, too.
        "mac-sources": ["duid", "ipv6-link-local"],
        "subnet6": [
            // Kea 2.2 does not look for a pool with prefixes of the length that is asked for: each subnet has one length.
            subnet(1, json!({"interface": "eth0", "pd-pools": [
                {"prefix": "2001:db8:8000::", "prefix-len": 55, "delegated-len": 56},
                {"prefix": "2001:db8:8100::", "prefix-len": 54, "delegated-len": 56},
            ]})),
            subnet(2, json!({"pd-pools": [{"prefix": "2001:db8:8200::", "prefix-len": 53, "delegated-len": 56,
                 "excluded-prefix": "2001:db8:8200:7f::", "excluded-prefix-len": 64}],
                "relay": {"ip-addresses": ["2001:db8:2::1"]}, "renew-timer": 300, "rebind-timer": 600,
                "rapid-commit": true})),
            subnet(3, json!({"interface-id": "port3", "pools": [], "preferred-lifetime": 500})),
            subnet(4, json!({"pd-pools": [], "renew-timer": 100, "rebind-timer": 200})),
        ],
        "shared-networks": [{
            "name": "floor", "relay": {"ip-addresses": ["2001:db8:5::1"]},
            "option-data": [{"name": "dns-servers", "data": "2001:db8:5::53"}],
            "subnet6": [
                subnet(5, json!({"option-data": [], "pools": [{"pool": "2001:db8:5::100 - 2001:db8:5::101"}]})),
                subnet(6, json!({"option-data": [], "pools": [{"pool": "2001:db8:6::100 - 2001:db8:6::103"}]})),
            ],
        }],
    })
}

fn play(test: &str, changes: Value, seeds: &[u64], scripts: &[Script]) {
    let mut dhcp6 = configuration(json!({
        "option-data": [
            {"name": "preference", "data": "7"},
            {"name": "domain-search", "data": "example.com, example.org"},
            {"name": "sntp-servers", "data": "2001:db8::123", "always-send": true},
        ],
    }));
    merge(&mut dhcp6, changes);
    play_each(test, seeds, |seed| Act { seed, ..Act::of(dhcp6.clone()) }, scripts);
}

/// [`networks`] with one subnet in the shared network: where there are several, Kea looks for options, classes and
/// lifetimes in the one that was selected, and not in the one that a lease is of.
fn plain_networks() -> Value {
    let mut all = networks();
    all["shared-networks"][0]["subnet6"].as_array_mut().expect("subnets").truncate(1);
    all
}

/// Plays what each of these numbers makes, or those that [`chosen_seeds`] has instead.
fn play_each(test: &str, seeds: &[u64], act: impl Fn(u64) -> Act, scripts: &[Script]) {
    sandboxed(&format!("v6::walk::{test}"), |world| {
        let chosen = chosen_seeds();
        let seeds = chosen.as_deref().unwrap_or(seeds);
        compare_acts(world, seeds.iter().map(|&seed| act(seed)), scripts);
    });
}

fn walk(side: &mut Side, relays: bool) {
    walk_in(side, &Manner { relays, ..Manner::default() });
}

fn walk_in(side: &mut Side, manner: &Manner) {
    let mut noise = Chance::new(side.seed());
    for step in 0..STEPS {
        let (what, query) = any(&mut noise, manner);
        side.ask(&format!("{step}: {what}"), &query);
    }
}
