//! SOLICIT and REQUEST (RFC 9915 §18.3.1, §18.3.2): what is offered and given.

use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use crate::told::ask;
use crate::world::{World, config};

const SOLICIT: MessageType = MessageType::SOLICIT;
const REQUEST: MessageType = MessageType::REQUEST;

/// An address is advertised and not kept; asked for, it is the client's and nobody else's.
#[test]
fn what_is_advertised_is_given() {
    let mut world = World::new(config(json!({})));
    let offer = world.ask(&ask(SOLICIT, 1).na(7, &[]));
    assert_eq!(offer, "ADVERTISE na 7 t1=1000 t2=2000 [2001:db8:1::10 3000/4000]");
    assert_eq!(world.leases(), [""; 0]);
    let given = world.ask(&ask(REQUEST, 1).na(7, &["2001:db8:1::10"]));
    assert_eq!(given, "REPLY na 7 t1=1000 t2=2000 [2001:db8:1::10 3000/4000]");
    assert_eq!(world.leases(), ["2001:db8:1::10 IA_NA 7 client 1 in 1 default"]);
    let other = world.ask(&ask(REQUEST, 2).na(7, &["2001:db8:1::10"]));
    assert_eq!(other, "REPLY na 7 t1=1000 t2=2000 [2001:db8:1::11 3000/4000]");
    // The same again is the same lease.
    assert_eq!(world.ask(&ask(REQUEST, 1).na(7, &[])), given);
    assert_eq!(world.leases().len(), 2);
}

/// Addresses and prefixes for several associations in one message; each has its own, also when nothing is kept.
#[test]
fn every_association_has_its_own() {
    let mut world = World::new(config(json!({})));
    let many = |kind| ask(kind, 1).pd(5, &[]).na(1, &[]).na(2, &[]).pd(6, &[]).na(1, &[]);
    let expected = "na 1 t1=1000 t2=2000 [2001:db8:1::10 3000/4000] \
                    na 2 t1=1000 t2=2000 [2001:db8:1::11 3000/4000] \
                    pd 5 t1=1000 t2=2000 [2001:db8:f000::/56 3000/4000] \
                    pd 6 t1=1000 t2=2000 [2001:db8:f000:100::/56 3000/4000]";
    assert_eq!(world.ask(&many(SOLICIT)), format!("ADVERTISE {expected}"));
    let mut world = World::new(config(json!({})));
    assert_eq!(world.ask(&many(REQUEST)), format!("REPLY {expected}"));
    assert_eq!(world.leases().len(), 4);
}

/// With the option, and where the subnet allows it, two messages are enough (§18.3.1).
#[test]
fn rapid_commit_takes_two_messages() {
    let rapid = ask(SOLICIT, 1).na(1, &[]).option(OptionCode::RAPID_COMMIT, &[]);
    let mut world = World::new(config(json!({})));
    assert!(world.ask(&rapid).starts_with("ADVERTISE"));
    let mut world = World::new(config(json!({ "rapid-commit": true })));
    assert_eq!(world.ask(&rapid), "REPLY na 1 t1=1000 t2=2000 [2001:db8:1::10 3000/4000] 14=");
    assert_eq!(world.leases().len(), 1);
    assert!(world.ask(&ask(SOLICIT, 2).na(1, &[])).starts_with("ADVERTISE"));
}

/// A client that has a lease is offered that, whatever it asks for; one that is not its is not.
#[test]
fn a_lease_goes_before_a_wish() {
    let mut world = World::new(config(json!({})));
    world.ask(&ask(REQUEST, 1).na(1, &["2001:db8:1::15"]));
    let offer = world.ask(&ask(SOLICIT, 1).na(1, &["2001:db8:1::16"]));
    assert_eq!(offer, "ADVERTISE na 1 t1=1000 t2=2000 [2001:db8:1::15 3000/4000]");
    let other = world.ask(&ask(SOLICIT, 2).na(1, &["2001:db8:1::15"]));
    assert_eq!(other, "ADVERTISE na 1 t1=1000 t2=2000 [2001:db8:1::10 3000/4000]");
}

/// What is asked for is given within the range; T1 and T2 are computed where that is configured.
#[test]
fn lifetimes_are_those_of_the_range() {
    let mut world = World::new(config(json!({
        "min-valid-lifetime": 3000, "max-valid-lifetime": 5000,
        "min-preferred-lifetime": 2000, "max-preferred-lifetime": 3500,
    })));
    for (wish, given) in [("10/20", "2000/3000"), ("3100/4500", "3100/4500"), ("9999/9999", "3500/5000")] {
        let offer = world.ask(&ask(SOLICIT, 1).na(1, &[&format!("2001:db8:1::10 {wish}")]));
        assert_eq!(offer, format!("ADVERTISE na 1 t1=1000 t2=2000 [2001:db8:1::10 {given}]"));
    }
    let mut world = World::new(config(json!({
        "renew-timer": null, "rebind-timer": null, "calculate-tee-times": true,
    })));
    let offer = world.ask(&ask(SOLICIT, 1).na(1, &[]));
    assert_eq!(offer, "ADVERTISE na 1 t1=1500 t2=2400 [2001:db8:1::10 3000/4000]");
}

/// When all addresses are taken, the client is told in its association; the others are answered.
#[test]
fn nothing_is_left() {
    let mut world = World::new(config(json!({ "pools": [{ "pool": "2001:db8:1::10/127" }] })));
    for client in 1..=2 {
        assert!(world.ask(&ask(REQUEST, client).na(1, &[])).contains("3000/4000"));
    }
    let none = "na 1 t1=0 t2=0 [NoAddrsAvail: Sorry, no address could be allocated.] \
                pd 2 t1=1000 t2=2000 [2001:db8:f000:700::/56 3000/4000]";
    let message = |kind| ask(kind, 3).na(1, &[]).pd(2, &["2001:db8:f000:700::/56"]);
    assert_eq!(world.ask(&message(SOLICIT)), format!("ADVERTISE {none}"));
    assert_eq!(world.ask(&message(REQUEST)), format!("REPLY {none}"));
    // An address whose lease has ended is free, reclaimed or not.
    world.pass(4001);
    let given = world.ask(&ask(REQUEST, 4).na(1, &[]));
    assert!(given.contains("[2001:db8:1::1"), "{given}");
}

/// A client of no subnet is told so, with what is for everybody.
#[test]
fn a_client_is_on_no_subnet() {
    let mut world = World::new(config(json!({ "interface": "eth9" })));
    assert_eq!(
        world.ask(&ask(SOLICIT, 1).na(1, &[]).pd(2, &[])),
        "ADVERTISE na 1 t1=0 t2=0 [NoAddrsAvail: Server could not select subnet for this client] \
         pd 2 t1=0 t2=0 [NoPrefixAvail: Sorry, no subnet available.]"
    );
}

/// IA_TA is not answered (§13.2): no lease is temporary.
#[test]
fn temporary_addresses_are_not_given() {
    let mut world = World::new(config(json!({})));
    let offer = world.ask(&ask(SOLICIT, 1).option(OptionCode::IA_TA, &[0, 0, 0, 1]));
    assert_eq!(offer, "ADVERTISE");
}
