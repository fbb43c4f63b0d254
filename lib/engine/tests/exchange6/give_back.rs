//! RELEASE, DECLINE and CONFIRM (RFC 9915 §18.3.3, §18.3.7, §18.3.8).

use kotare_wire::v6::MessageType;
use serde_json::json;

use crate::told::ask;
use crate::world::{World, config};

const REQUEST: MessageType = MessageType::REQUEST;
const RELEASE: MessageType = MessageType::RELEASE;
const DECLINE: MessageType = MessageType::DECLINE;
const CONFIRM: MessageType = MessageType::CONFIRM;

fn world_with_leases(parameters: serde_json::Value) -> World {
    let mut world = World::new(config(parameters));
    world.ask(&ask(REQUEST, 1).na(1, &[]).pd(2, &[]));
    assert_eq!(world.leases().len(), 2);
    world
}

/// What is released is free; without affinity there is no lease of it any more.
#[test]
fn what_is_released_is_free() {
    let mut world = world_with_leases(json!({}));
    world.expiry(0, 0);
    let released = world.ask(&ask(RELEASE, 1).na(1, &["2001:db8:1::10"]).pd(2, &["2001:db8:f000::/56"]));
    let thanks = "Success: Lease released. Thank you, please come again.";
    assert_eq!(
        released,
        format!(
            "REPLY na 1 t1=0 t2=0 [{thanks}] Success: Summary status for all processed IA_NAs pd 2 t1=0 t2=0 [{thanks}]"
        )
    );
    assert_eq!(world.leases(), [""; 0]);
}

/// With affinity it is kept for its client, which gets it again.
#[test]
fn what_is_released_comes_back() {
    let mut world = world_with_leases(json!({}));
    world.ask(&ask(RELEASE, 1).na(1, &["2001:db8:1::10"]));
    assert!(world.leases().contains(&"2001:db8:1::10 IA_NA 1 client 1 in 1 released".to_owned()));
    let again = world.ask(&ask(REQUEST, 1).na(1, &[]));
    assert_eq!(again, "REPLY na 1 t1=1000 t2=2000 [2001:db8:1::10 3000/4000]");
    assert!(world.leases().contains(&"2001:db8:1::10 IA_NA 1 client 1 in 1 default".to_owned()));
}

/// What is not the client's to release is told by its association, and the message as a whole has failed.
#[test]
fn what_is_not_ones_own_is_not_released() {
    let mut world = world_with_leases(json!({}));
    let before = world.leases();
    let summary = "NoBinding: Summary status for all processed IA_NAs";
    for (message, status) in [
        (
            ask(RELEASE, 2).na(1, &["2001:db8:1::10"]),
            "This address does not belong to you, you can't release it",
        ),
        (ask(RELEASE, 1).na(9, &["2001:db8:1::10"]), "This is your address, but you used wrong IAID"),
        (ask(RELEASE, 1).na(1, &["2001:db8:1::11"]), "Sorry, this address isn't assigned, can't release."),
        (ask(RELEASE, 1).na(1, &[]), "You did not include an address in your RELEASE"),
    ] {
        let iaid = if status.contains("wrong") { 9 } else { 1 };
        let told = world.ask(&message);
        assert_eq!(told, format!("REPLY na {iaid} t1=0 t2=0 [NoBinding: {status}] {summary}"));
    }
    assert_eq!(
        world.ask(&ask(RELEASE, 1).pd(2, &["2001:db8:9999::/56"])),
        format!(
            "REPLY {summary} pd 2 t1=0 t2=0 [NoBinding: Sorry, this prefix isn't assigned, can't release.]"
        )
    );
    assert_eq!(world.leases(), before);
}

/// A declined address is nobody's for as long as its probation lasts.
#[test]
fn a_declined_address_rests() {
    let mut world = World::new(config(json!({ "pools": [{ "pool": "2001:db8:1::10/127" }] })));
    world.ask(&ask(REQUEST, 1).na(1, &[]));
    let declined = world.ask(&ask(DECLINE, 1).na(1, &["2001:db8:1::10"]));
    let hope = "Success: Lease declined. Hopefully the next one will be better.";
    assert_eq!(declined, format!("REPLY na 1 t1=0 t2=0 [{hope}]"));
    assert_eq!(world.leases(), ["2001:db8:1::10 IA_NA 1 nobody in 1 declined"]);
    assert!(world.ask(&ask(REQUEST, 1).na(1, &["2001:db8:1::10"])).contains("2001:db8:1::11"));
    let none = world.ask(&ask(REQUEST, 2).na(1, &[]));
    assert!(none.contains("NoAddrsAvail"), "{none}");
    world.pass(86_401);
    let free = world.ask(&ask(REQUEST, 2).na(1, &["2001:db8:1::10"]));
    assert!(free.contains("2001:db8:1::10 3000"), "{free}");
}

/// What is not the client's to decline.
#[test]
fn what_is_not_ones_own_is_not_declined() {
    let mut world = world_with_leases(json!({}));
    let before = world.leases();
    for (message, status) in [
        (
            ask(DECLINE, 2).na(1, &["2001:db8:1::10"]),
            "This address does not belong to you, you can't decline it",
        ),
        (ask(DECLINE, 1).na(1, &["2001:db8:1::11"]), "Server does not know about such an address."),
        (ask(DECLINE, 1).na(1, &[]), "No addresses sent in IA_NA"),
    ] {
        assert_eq!(world.ask(&message), format!("REPLY na 1 t1=0 t2=0 [NoBinding: {status}]"));
    }
    assert_eq!(world.leases(), before);
}

/// All addresses of a client are of its link, or not.
#[test]
fn addresses_are_confirmed() {
    let mut world = World::new(config(json!({})));
    let confirm = |world: &mut World, addresses: &[&str]| world.ask(&ask(CONFIRM, 1).na(1, addresses));
    assert_eq!(confirm(&mut world, &["2001:db8:1::abc"]), "REPLY Success: All addresses are on-link");
    assert_eq!(
        confirm(&mut world, &["2001:db8:1::abc", "2001:db8:2::1"]),
        "REPLY NotOnLink: Address 2001:db8:2::1 is not on link."
    );
    assert!(confirm(&mut world, &[]).starts_with("silent"));
    let mut nowhere = World::new(config(json!({ "interface": "eth9" })));
    assert_eq!(confirm(&mut nowhere, &["2001:db8:1::abc"]), "REPLY NotOnLink: No subnet selected");
}

/// "Duplicate Addresses": a declined address counts as such, and goes on counting as assigned until its probation is over.
#[test]
fn what_is_declined_is_counted() {
    let mut world = world_with_leases(json!({ "pools": [{ "pool": "2001:db8:1::10/124", "pool-id": 5 }] }));
    let counts = |world: &World| {
        let levels = ["", "subnet[1].", "subnet[1].pool[5]."];
        let of = |name: &str, levels: &[&str]| -> Vec<i64> {
            levels.iter().map(|level| world.stat(&format!("{level}{name}"))).collect()
        };
        (of("declined-addresses", &levels), of("assigned-nas", &levels))
    };
    assert_eq!(counts(&world), (vec![0; 3], vec![1; 3]));
    world.ask(&ask(DECLINE, 1).na(1, &["2001:db8:1::10"]));
    assert_eq!(counts(&world), (vec![1; 3], vec![1; 3]));
    world.pass(86_401);
    world.ask(&ask(REQUEST, 2).na(1, &["2001:db8:1::10"]));
    assert_eq!(counts(&world), (vec![0; 3], vec![1; 3]));
    let recovered = ["", "subnet[1].", "subnet[1].pool[5]."]
        .map(|level| world.stat(&format!("{level}reclaimed-declined-addresses")));
    assert_eq!(recovered, [1; 3]);
}

/// Messages that are about addresses have nothing to say of prefixes.
#[test]
fn prefixes_are_neither_declined_nor_confirmed() {
    let mut world = world_with_leases(json!({}));
    let before = world.leases();
    assert_eq!(world.ask(&ask(DECLINE, 1).pd(2, &["2001:db8:f000::/56"])), "REPLY");
    assert!(world.ask(&ask(CONFIRM, 1).pd(2, &["2001:db8:f000::/56"])).starts_with("silent"));
    let told = world.ask(&ask(CONFIRM, 1).na(1, &["2001:db8:1::7"]).pd(2, &["2001:db8:9999::/56"]));
    assert_eq!(told, "REPLY Success: All addresses are on-link");
    assert_eq!(world.leases(), before);
}
