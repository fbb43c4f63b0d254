//! The reservations of a client (manual, "Host Reservations in DHCPv6").

use kotare_engine::v6::Dropped;
use kotare_testkit::v6::{Client, Relay, configured};
use serde_json::json;

use crate::world::{World, address, through};

/// A client is known by its DUID, or by its hardware address, wherever on its link something is reserved for it.
#[test]
fn clients_are_known_by_their_identifiers() {
    let world = World::new(configured(&json!({
        "mac-sources": ["duid"],
        "host-reservation-identifiers": ["hw-address", "duid"],
        "shared-networks": [{"name": "floor", "interface": "eth0", "subnet6": [
            {"id": 1, "subnet": "2001:db8:1::/64"},
            {"id": 2, "subnet": "2001:db8:2::/64", "reservations": [
                {"duid": "00:03:00:01:00:0c:00:00:00:07", "ip-addresses": ["2001:db8:2::7"]},
                {"hw-address": "00:0c:00:00:00:08", "prefixes": ["2001:db8:8::/56"]},
            ]},
        ]}],
    })));
    for (number, known) in [(7, true), (8, true), (9, false)] {
        let bytes = Client::new(number).solicit().bytes();
        let (_, located) = world.locate(&bytes);
        assert_eq!(located.unwrap().is_known(), known, "{number}");
        let class = if known { "KNOWN" } else { "UNKNOWN" };
        assert_eq!(world.classes(&bytes), ["ALL", class]);
    }
}

/// What is reserved elsewhere makes nobody known here; what is reserved globally does where that counts.
#[test]
fn reservations_count_where_they_are() {
    let world = World::new(configured(&json!({
        "reservations": [{"duid": "00:03:00:01:00:0c:00:00:00:09", "hostname": "nine"}],
        "subnet6": [
            {"id": 1, "subnet": "2001:db8:1::/64", "interface": "eth0"},
            {"id": 2, "subnet": "2001:db8:2::/64", "reservations-global": true, "reservations": [
                {"duid": "00:03:00:01:00:0c:00:00:00:07", "ip-addresses": ["2001:db8:2::7"]},
            ]},
        ],
    })));
    let known = |bytes: &[u8]| world.locate(bytes).1.unwrap().is_known();
    for (number, here, there) in [(7, false, true), (8, false, false), (9, false, true)] {
        let solicit = Client::new(number).solicit().bytes();
        let relay = Relay::new(address("2001:db8:2::1"), address("fe80::7"));
        assert_eq!((known(&solicit), known(&through(&solicit, &[relay]))), (here, there), "{number}");
    }
}

/// Classes that a reservation gives count for tests, which are evaluated anew; one of them may be DROP.
#[test]
fn reservations_give_classes() {
    let world = World::new(configured(&json!({
        "client-classes": [
            {"name": "gold"},
            {"name": "others", "test": "not member('gold')"},
            {"name": "known-gold", "test": "member('gold') and member('KNOWN')"},
        ],
        "subnet6": [{"id": 1, "subnet": "2001:db8::/64", "interface": "eth0", "reservations": [
            {"duid": "00:03:00:01:00:0c:00:00:00:07", "client-classes": ["gold"]},
            {"duid": "00:03:00:01:00:0c:00:00:00:08", "client-classes": ["DROP"]},
        ]}],
    })));
    assert_eq!(world.classes(&Client::new(7).solicit().bytes()), ["ALL", "gold", "KNOWN", "known-gold"]);
    assert_eq!(world.classes(&Client::new(9).solicit().bytes()), ["ALL", "others", "UNKNOWN"]);
    let (_, located) = world.locate(&Client::new(8).solicit().bytes());
    assert!(matches!(located, Err(Dropped::ByClass)));
}

/// `early-global-reservations-lookup`: the classes of a global reservation say which subnet a client is on.
#[test]
fn early_reservations_select_subnets() {
    let world = World::new(configured(&json!({
        "early-global-reservations-lookup": true,
        "client-classes": [{"name": "guests"}],
        "reservations": [{"duid": "00:03:00:01:00:0c:00:00:00:07", "client-classes": ["guests"]}],
        "subnet6": [
            {"id": 1, "subnet": "2001:db8:1::/64", "interface": "eth0", "client-classes": ["guests"]},
            {"id": 2, "subnet": "2001:db8:2::/64", "interface": "eth0"},
        ],
    })));
    assert_eq!(world.subnet(&Client::new(7).solicit().bytes()), Some(1));
    assert_eq!(world.subnet(&Client::new(8).solicit().bytes()), Some(2));
}
