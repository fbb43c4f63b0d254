//! What is reserved for clients, and kept from others.

use kotare_wire::v6::MessageType;
use serde_json::json;

use crate::told::ask;
use crate::world::{World, config, duid};

const SOLICIT: MessageType = MessageType::SOLICIT;
const REQUEST: MessageType = MessageType::REQUEST;
const RENEW: MessageType = MessageType::RENEW;

/// Several addresses and prefixes are reserved: each association gets the next one, then what is free.
#[test]
fn associations_get_what_is_reserved_in_turn() {
    let host = json!([{
        "duid": duid(1),
        "ip-addresses": ["2001:db8:1::aa", "2001:db8:1::11"],
        "prefixes": ["2001:db8:7::/48"], "excluded-prefixes": ["2001:db8:7:1::/64"],
    }]);
    for kind in [SOLICIT, REQUEST] {
        let mut world = World::new(config(json!({ "reservations": host.clone() })));
        let all = ask(kind, 1).na(1, &[]).na(2, &[]).na(3, &[]).pd(4, &[]).pd(5, &[]).oro(&[67]);
        let told = world.ask(&all);
        let lifetimes = "3000/4000";
        assert!(told.contains(&format!("na 1 t1=1000 t2=2000 [2001:db8:1::aa {lifetimes}]")), "{told}");
        assert!(told.contains(&format!("na 2 t1=1000 t2=2000 [2001:db8:1::11 {lifetimes}]")), "{told}");
        assert!(told.contains(&format!("na 3 t1=1000 t2=2000 [2001:db8:1::10 {lifetimes}]")), "{told}");
        assert!(told.contains(&format!("[2001:db8:7::/48 {lifetimes} but [40, 00, 01]]")), "{told}");
        assert!(told.contains(&format!("pd 5 t1=1000 t2=2000 [2001:db8:f000::/56 {lifetimes}]")), "{told}");
    }
}

/// A reserved address is given to nobody else, whether it is asked for or proposed.
#[test]
fn what_is_reserved_is_for_nobody_else() {
    let host = json!([
        { "duid": duid(1), "ip-addresses": ["2001:db8:1::10"], "prefixes": ["2001:db8:f000::/56"] },
    ]);
    let mut world = World::new(config(json!({ "reservations": host })));
    let told = world.ask(&ask(REQUEST, 2).na(1, &["2001:db8:1::10"]).pd(2, &["2001:db8:f000::/56"]));
    assert!(told.contains("[2001:db8:1::11 ") && told.contains("[2001:db8:f000:100::/56 "), "{told}");
}

/// As in Kea, what is reserved by its first address is for nobody else of either kind: an address where a reserved prefix
/// begins, a prefix that begins with a reserved address. In whatever order the rest is given, all of it is. An address further
/// inside of a prefix is in nobody's way (RFC 6603).
#[test]
fn reservations_of_one_kind_count_for_the_other() {
    for allocator in ["iterative", "random", "flq"] {
        let host = json!([
            { "duid": duid(9), "prefixes": ["2001:db8:1::10/128"], "ip-addresses": ["2001:db8:1::f000"] },
            { "duid": duid(8), "ip-addresses": ["2001:db8:1::f512"] },
        ]);
        let mut world = World::new(config(json!({
            "allocator": if allocator == "flq" { "random" } else { allocator },
            "pd-allocator": allocator, "reservations": host,
            "pools": [{ "pool": "2001:db8:1::10 - 2001:db8:1::13" }],
            "pd-pools": [{ "prefix": "2001:db8:1::f000", "prefix-len": 117, "delegated-len": 120 }],
        })));
        // What is asked for is judged alike.
        let mut told =
            world.ask(&ask(REQUEST, 1).na(1, &["2001:db8:1::10"]).pd(2, &["2001:db8:1::f000/120"]));
        for client in 2..=7 {
            told += &world.ask(&ask(REQUEST, client).na(1, &[]).pd(2, &[]));
        }
        let given = |place: &str| told.contains(&format!("[{place} "));
        assert!(!given("2001:db8:1::10") && !given("2001:db8:1::f000/120"), "{allocator}: {told}");
        assert!((1..4).all(|n| given(&format!("2001:db8:1::1{n}"))), "{allocator}: {told}");
        assert!((1..8).all(|n| given(&format!("2001:db8:1::f{n}00/120"))), "{allocator}: {told}");
        // They are there for whom they are reserved.
        let own = world.ask(&ask(REQUEST, 9).na(1, &[]).pd(2, &[]));
        assert!(own.contains("[2001:db8:1::f000 ") && own.contains("[2001:db8:1::10/128 "), "{own}");
        let own = world.ask(&ask(REQUEST, 8).na(1, &[]));
        assert!(own.contains("[2001:db8:1::f512 "), "{own}");
    }
}

/// A client with a lease of something else gives that up for what is reserved for it now; who has what is reserved for
/// another loses it when it renews.
#[test]
fn a_lease_gives_way_to_a_reservation() {
    let mut world = World::new(config(json!({})));
    world.ask(&ask(REQUEST, 1).na(1, &["2001:db8:1::10"]));
    world.ask(&ask(REQUEST, 2).na(1, &["2001:db8:1::12"]));
    let host = json!([{ "duid": duid(1), "ip-addresses": ["2001:db8:1::12"] }]);
    world.reconfigure(config(json!({ "reservations": host })));
    // Somebody has it still.
    let told = world.ask(&ask(RENEW, 1).na(1, &["2001:db8:1::10"]));
    assert_eq!(told, "REPLY na 1 t1=1000 t2=2000 [2001:db8:1::10 3000/4000]");
    let told = world.ask(&ask(RENEW, 2).na(1, &["2001:db8:1::12"]));
    assert!(told.ends_with("3000/4000, 2001:db8:1::12 0/0]"), "{told}");
    let told = world.ask(&ask(RENEW, 1).na(1, &["2001:db8:1::10"]));
    assert_eq!(told, "REPLY na 1 t1=1000 t2=2000 [2001:db8:1::12 3000/4000, 2001:db8:1::10 0/0]");
    assert_eq!(world.held(), 2);
}

/// Two reservations of a subnet name the same client: what the one that does not count reserves, the client cannot have
/// either, and loses it.
#[test]
fn one_reservation_counts() {
    let hosts = json!([
        { "duid": duid(1), "ip-addresses": ["2001:db8:1::10"] },
        { "hw-address": "02:00:00:00:00:01", "ip-addresses": ["2001:db8:1::11"] },
    ]);
    let ordered = |first: &str, second: &str| {
        let mut config = config(json!({ "reservations": hosts.clone() }));
        config["Dhcp6"]["host-reservation-identifiers"] = json!([first, second]);
        config
    };
    let mut world = World::new(ordered("hw-address", "duid"));
    let told = world.ask(&ask(REQUEST, 1).na(1, &["2001:db8:1::10"]).na(2, &["2001:db8:1::10"]));
    assert!(told.contains("[2001:db8:1::11 ") && told.contains("[2001:db8:1::12 "), "{told}");
    world.reconfigure(ordered("duid", "hw-address"));
    let told = world.ask(&ask(RENEW, 1).na(1, &["2001:db8:1::11"]).na(2, &[]));
    assert!(told.contains("[2001:db8:1::10 3000/4000, 2001:db8:1::11 0/0]"), "{told}");
}

/// A global reservation counts where it may and where its address fits.
#[test]
fn a_global_reservation_counts() {
    let global = |parameters: serde_json::Value| {
        let mut config = config(parameters);
        config["Dhcp6"]["reservations"] =
            json!([{ "duid": duid(1), "ip-addresses": ["2001:db8:1::bb", "2001:db8:2::1"] }]);
        World::new(config)
    };
    let mut world = global(json!({ "reservations-global": true }));
    let told = world.ask(&ask(REQUEST, 1).na(1, &[]).na(2, &[]));
    assert!(told.contains("na 1 t1=1000 t2=2000 [2001:db8:1::bb "), "{told}");
    assert!(told.contains("na 2 t1=1000 t2=2000 [2001:db8:1::10 "), "{told}");
    let mut world = global(json!({}));
    let told = world.ask(&ask(REQUEST, 1).na(1, &[]));
    assert!(told.contains("[2001:db8:1::10 "), "{told}");
}
