//! Expired leases (manual, "Lease Expiration").

use std::time::Duration;

use kotare_engine::expire::{self, Reclaimed};
use kotare_testkit::run;
use kotare_wire::v6::MessageType;
use serde_json::json;

use crate::register::registers;
use crate::told::ask;
use crate::world::{World, config};

const REQUEST: MessageType = MessageType::REQUEST;

fn reclaim(world: &World) -> Reclaimed {
    let settings = world.server.config().process.expired_leases;
    run(expire::reclaim(&world.leases, &settings, &[], world.now, || Duration::ZERO)).unwrap()
}

fn remove_reclaimed(world: &World) -> usize {
    let settings = world.server.config().process.expired_leases;
    run(expire::remove_reclaimed(&world.leases, &settings, world.now)).unwrap()
}

/// A client with an address and a prefix, and a server that goes on as long as this with what it reclaimed.
fn with_leases(flush: u32, hold: u32) -> World {
    let mut text = config(json!({
        "pools": [{ "pool": "2001:db8:1::10/124", "pool-id": 3 }],
        "pd-pools": [{ "prefix": "2001:db8:f000::", "prefix-len": 40, "delegated-len": 56, "pool-id": 4 }],
    }));
    text["Dhcp6"]["expired-leases-processing"] =
        json!({ "flush-reclaimed-timer-wait-time": flush, "hold-reclaimed-time": hold });
    let mut world = World::new(text);
    world.ask(&ask(REQUEST, 1).na(1, &["2001:db8:1::15"]).pd(2, &["2001:db8:f000:700::/56"]));
    assert_eq!(world.leases().len(), 2);
    world
}

/// Addresses and prefixes are reclaimed alike, counted where they were, and kept for their client for
/// `hold-reclaimed-time`; who asks for them gets them, though.
#[test]
fn reclaimed_leases_are_kept_for_a_while() {
    let mut world = with_leases(25, 3600);
    assert_eq!(reclaim(&world).leases, 0);
    world.pass(4000);
    assert_eq!(reclaim(&world), Reclaimed { leases: 2, incomplete: false, timed_out: false });
    assert_eq!(
        world.leases(),
        [
            "2001:db8:1::15 IA_NA 1 client 1 in 1 expired-reclaimed",
            "2001:db8:f000:700::/56 IA_PD 2 client 1 in 1 expired-reclaimed",
        ]
    );
    for (name, value) in [
        ("assigned-nas", 0),
        ("subnet[1].assigned-pds", 0),
        ("subnet[1].pool[3].assigned-nas", 0),
        ("subnet[1].pd-pool[4].assigned-pds", 0),
        ("reclaimed-leases", 2),
        ("subnet[1].reclaimed-leases", 2),
        ("subnet[1].pool[3].reclaimed-leases", 1),
        ("subnet[1].pd-pool[4].reclaimed-leases", 1),
        ("cumulative-assigned-nas", 1),
    ] {
        assert_eq!(world.stat(name), value, "{name}");
    }
    let told = world.ask(&ask(REQUEST, 1).na(1, &[]));
    assert!(told.contains("[2001:db8:1::15 "), "it comes back to its client: {told}");
    let told = world.ask(&ask(REQUEST, 2).pd(2, &["2001:db8:f000:700::/56"]));
    assert!(told.contains("[2001:db8:f000:700::/56 "), "it is another's who asks for it: {told}");

    let mut world = with_leases(25, 3600);
    world.pass(4000);
    reclaim(&world);
    world.pass(3599);
    assert_eq!(remove_reclaimed(&world), 0);
    world.pass(1);
    assert_eq!(remove_reclaimed(&world), 2);
    assert_eq!(world.leases(), [""; 0]);
}

/// Without a time to hold them, or without the timer that ends it, leases are removed when they are reclaimed, and when their
/// client gives them back; so are declined and registered addresses in any case.
#[test]
fn what_is_not_kept_goes_at_once() {
    for (flush, hold) in [(0, 3600), (25, 0)] {
        let mut world = with_leases(flush, hold);
        world.ask(&ask(MessageType::RELEASE, 1).na(1, &["2001:db8:1::15"]));
        assert_eq!(world.leases().len(), 1, "{flush} {hold}");
        world.pass(4000);
        assert_eq!(reclaim(&world).leases, 1);
        assert_eq!(world.leases(), [""; 0], "{flush} {hold}");
    }
    let mut world = with_leases(25, 3600);
    world.source = "2001:db8:1::77".parse().unwrap();
    world.ask(&registers(2, "2001:db8:1::77"));
    world.ask(&ask(MessageType::DECLINE, 1).na(1, &["2001:db8:1::15"]));
    assert_eq!((world.stat("declined-addresses"), world.stat("subnet[1].registered-nas")), (1, 1));
    world.pass(86_400);
    assert_eq!(reclaim(&world).leases, 3);
    assert_eq!(world.leases(), ["2001:db8:f000:700::/56 IA_PD 2 client 1 in 1 expired-reclaimed"]);
    assert_eq!((world.stat("declined-addresses"), world.stat("subnet[1].registered-nas")), (0, 0));
    assert_eq!((world.stat("reclaimed-declined-addresses"), world.stat("assigned-nas")), (1, 0));
}

/// `max-reclaim-leases`: so many at a time.
#[test]
fn reclamation_is_limited() {
    let mut text = config(json!({}));
    text["Dhcp6"]["expired-leases-processing"] = json!({ "max-reclaim-leases": 3 });
    let mut world = World::new(text);
    for client in 1..=5 {
        world.ask(&ask(REQUEST, client).na(1, &[]));
    }
    world.pass(4000);
    assert_eq!(reclaim(&world), Reclaimed { leases: 3, incomplete: true, timed_out: false });
    assert_eq!(reclaim(&world), Reclaimed { leases: 2, incomplete: false, timed_out: false });
}
