//! Which reservations count in a subnet (manual, "Fine-Tuning DHCPv6 Host Reservation").

use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::{Value, json};

use crate::told::ask;
use crate::world::{World, config, duid};

const SOLICIT: MessageType = MessageType::SOLICIT;
const REQUEST: MessageType = MessageType::REQUEST;

/// The flags in the manual's combinations: what a stranger gets that asks for a reserved address of a pool, then whose
/// address in the pool is reserved in the subnet and another one globally, then whose address out of pools, then whose
/// address is reserved globally.
#[test]
fn flags_say_which_count() {
    for ((global, in_subnet, out_of_pool), given) in [
        ((false, false, false), ["11", "10", "12", "13"]),
        ((true, false, false), ["11", "aa", "10", "cc"]),
        ((false, true, false), ["10", "11", "99", "12"]),
        ((false, true, true), ["11", "10", "99", "12"]),
        ((true, true, false), ["10", "11", "99", "cc"]),
        ((true, true, true), ["11", "aa", "99", "cc"]),
    ] {
        let mut text = config(json!({
            "reservations-global": global, "reservations-in-subnet": in_subnet,
            "reservations-out-of-pool": out_of_pool,
            "reservations": [
                { "duid": duid(1), "ip-addresses": ["2001:db8:1::11"] },
                { "duid": duid(2), "ip-addresses": ["2001:db8:1::99"] },
            ],
        }));
        text["Dhcp6"]["reservations"] = json!([
            { "duid": duid(1), "ip-addresses": ["2001:db8:1::aa"] },
            { "duid": duid(3), "ip-addresses": ["2001:db8:1::cc"] },
        ]);
        let mut world = World::new(text);
        let mut told = vec![world.ask(&ask(REQUEST, 4).na(1, &["2001:db8:1::11"]))];
        told.extend((1..=3).map(|client| world.ask(&ask(REQUEST, client).na(1, &[]))));
        for (told, given) in told.iter().zip(given) {
            assert!(
                told.contains(&format!("[2001:db8:1::{given} ")),
                "{global} {in_subnet} {out_of_pool}: {told}"
            );
        }
    }
}

/// Prefixes likewise: with `reservations-out-of-pool` one of a pool is anybody's.
#[test]
fn prefixes_count_out_of_pools() {
    let hosts = json!([{ "duid": duid(1), "prefixes": ["2001:db8:f000::/56", "2001:db8:e000::/56"] }]);
    let mut world = World::new(config(json!({ "reservations-out-of-pool": true, "reservations": hosts })));
    let told = world.ask(&ask(REQUEST, 2).pd(1, &["2001:db8:f000::/56"]));
    assert!(told.contains("[2001:db8:f000::/56 "), "{told}");
    let told = world.ask(&ask(REQUEST, 1).pd(1, &[]));
    assert!(told.contains("[2001:db8:e000::/56 "), "{told}");
}

/// A reserved address that somebody has is passed over for the next one; nobody else gets that.
#[test]
fn the_next_reserved_address_is_given() {
    let hosts = json!([{ "duid": duid(1), "ip-addresses": ["2001:db8:1::11", "2001:db8:1::12"] }]);
    let mut world = World::new(config(json!({})));
    world.ask(&ask(REQUEST, 9).na(1, &["2001:db8:1::11"]));
    world.reconfigure(config(json!({ "reservations": hosts })));
    assert!(world.ask(&ask(REQUEST, 1).na(1, &[])).contains("[2001:db8:1::12 "));
    assert!(world.ask(&ask(SOLICIT, 3).na(1, &["2001:db8:1::12"])).contains("[2001:db8:1::10 "));
}

/// A reserved prefix has what its reservation excludes, and nothing of the pool that it lies in.
#[test]
fn a_reserved_prefix_excludes_its_own() {
    let pool = json!([{
        "prefix": "2001:db8:b000::", "prefix-len": 48, "delegated-len": 56,
        "excluded-prefix": "2001:db8:b000:a0::", "excluded-prefix-len": 64,
    }]);
    let told = |host: Value| {
        let mut host = host;
        host["duid"] = duid(1).into();
        let mut world = World::new(config(json!({ "pd-pools": pool, "reservations": [host] })));
        world.ask(&ask(REQUEST, 1).pd(1, &[]).oro(&[OptionCode::PD_EXCLUDE.0]))
    };
    let without = told(json!({ "prefixes": ["2001:db8:b000:200::/56"] }));
    assert!(without.ends_with("[2001:db8:b000:200::/56 3000/4000]"), "{without}");
    let with = told(
        json!({ "prefixes": ["2001:db8:b000:200::/56"], "excluded-prefixes": ["2001:db8:b000:2b0::/64"] }),
    );
    assert!(with.ends_with("[2001:db8:b000:200::/56 3000/4000 but [40, b0]]"), "{with}");
}
