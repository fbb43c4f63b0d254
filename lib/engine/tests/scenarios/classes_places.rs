//! Subnets, shared networks and pools that are for some clients only (manual, "Configuring Subnets With Class
//! Information", "Configuring Pools With Class Information", "Client Classification in Shared Networks").

use std::net::Ipv4Addr;

use kotare_engine::v4::ReplyKind;
use kotare_testkit::{Client, Message, Via, World, address, logged, relayed};
use kotare_wire::v4::OptionCode;
use serde_json::{Value as Json, json};

use crate::classes::world;

/// The classes `a` and `b`, of what a client says of its vendor.
fn with_classes(mut places: Json) -> World {
    places["client-classes"] = json!([
        {"name": "a", "test": "option[60].text == 'a'"},
        {"name": "b", "test": "option[60].text == 'b'"},
    ]);
    world(&places)
}

fn of(message: Message, class: &str) -> Message {
    message.option(OptionCode::VENDOR_CLASS_IDENTIFIER, class.as_bytes())
}

/// What a client of this class is offered when it asks for this address.
fn offered(world: &mut World, number: u32, class: &str, wish: Option<&str>, via: Via) -> Option<Ipv4Addr> {
    let mut message = of(Client::new(number).discover(), class);
    if !via.source.is_unspecified() {
        message = relayed(message, via.source, &[]);
    }
    if let Some(wish) = wish {
        message = message.address(OptionCode::REQUESTED_ADDRESS, address(wish));
    }
    world.send(&message, via).map(|offer| offer.yiaddr())
}

/// Several subnets on one interface or behind one relay: the first that is for the client.
#[test]
fn the_subnet_is_for_the_client() {
    let subnet = |id: u32, more: Json| {
        let mut subnet = json!({
            "id": id, "subnet": format!("10.0.{id}.0/24"), "pools": [{"pool": format!("10.0.{id}.10 - 10.0.{id}.20")}],
        });
        more.as_object().unwrap().iter().for_each(|(keyword, value)| subnet[keyword] = value.clone());
        subnet
    };
    let mut world = with_classes(json!({"subnet4": [
        subnet(1, json!({"interface": "eth0", "client-classes": ["a"]})),
        subnet(2, json!({"interface": "eth0", "client-classes": ["b", "VENDOR_CLASS_c"]})),
        subnet(3, json!({"relay": {"ip-addresses": ["10.9.9.9"]}, "client-class": "a"})),
        subnet(4, json!({"relay": {"ip-addresses": ["10.9.9.9"]}})),
        subnet(5, json!({"client-classes": ["a"]})),
    ]}));
    let relay = |text: &str| Via::relay(address(text));
    for (class, via, expected) in [
        ("a", Via::BROADCAST, Some("10.0.1.10")),
        ("b", Via::BROADCAST, Some("10.0.2.10")),
        ("c", Via::BROADCAST, Some("10.0.2.10")),
        ("d", Via::BROADCAST, None),
        ("a", relay("10.9.9.9"), Some("10.0.3.10")),
        ("b", relay("10.9.9.9"), Some("10.0.4.10")),
        ("a", relay("10.0.5.1"), Some("10.0.5.10")),
        ("b", relay("10.0.5.1"), None),
    ] {
        // The addresses are given one by one, so it is the subnet that is compared.
        let offered = offered(&mut world, 1, class, None, via);
        assert_eq!(
            offered.map(|address| address.octets()[2]),
            expected.map(|text| address(text).octets()[2]),
            "{class}"
        );
    }
}

/// Pools of one subnet for different clients: a free address, an address asked for and the client's own lease are all of
/// a pool that is for the client.
#[test]
fn the_pool_is_for_the_client() {
    let mut world = with_classes(json!({"subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [
        {"pool": "192.0.2.10 - 192.0.2.11", "client-classes": ["a"]},
        {"pool": "192.0.2.20 - 192.0.2.21", "client-classes": ["b"]},
    ]}]}));
    let (a, b) = (["192.0.2.10", "192.0.2.11"].map(address), ["192.0.2.20", "192.0.2.21"].map(address));
    let via = Via::BROADCAST;
    assert!(a.contains(&offered(&mut world, 1, "a", None, via).unwrap()));
    assert_eq!(offered(&mut world, 1, "a", Some("192.0.2.11"), via), Some(a[1]));
    assert!(a.contains(&offered(&mut world, 1, "a", Some("192.0.2.21"), via).unwrap()));
    assert!(b.contains(&offered(&mut world, 2, "b", Some("192.0.2.11"), via).unwrap()));
    // Nothing is for a client of neither.
    let (none, lines) = logged(|| offered(&mut world, 3, "c", None, via));
    assert_eq!(none, None);
    let line =
        |id: &str| lines.iter().find(|line| line.id == id).map(|line| line.text.as_str()).unwrap_or_default();
    assert!(!line("ALLOC_ENGINE_V4_ALLOC_FAIL_NO_POOLS").is_empty());
    let told = "Failed to allocate an IPv4 address for client with classes: ALL, VENDOR_CLASS_c, UNKNOWN";
    assert!(line("ALLOC_ENGINE_V4_ALLOC_FAIL_CLASSES").ends_with(told), "{lines:?}");
    assert_eq!(world.stat("v4-allocation-fail-classes"), 1);

    // A lease that is not for the client any more is neither offered nor extended.
    let client = Client::new(4);
    let offer = world.send(&of(client.discover(), "a"), via).unwrap();
    let leased = world.send(&of(client.select(&offer), "a"), via).unwrap().yiaddr();
    assert!(a.contains(&leased));
    assert_eq!(offered(&mut world, 4, "a", None, via), Some(leased));
    assert!(b.contains(&offered(&mut world, 4, "b", None, via).unwrap()));
    let refused = world.send(&of(client.renew(leased), "b"), Via::unicast(leased)).unwrap();
    assert_eq!(refused.kind, ReplyKind::Nak);
    let renewed = world.send(&of(client.renew(leased), "a"), Via::unicast(leased)).unwrap();
    assert_eq!((renewed.kind, renewed.yiaddr()), (ReplyKind::Ack, leased));
}

/// A pool that is full leaves the others of the same classes; when all are, leases that have ended are taken over, of
/// these pools too.
#[test]
fn full_pools_leave_others_of_the_class() {
    let mut world = with_classes(json!({"subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [
        {"pool": "192.0.2.10 - 192.0.2.10", "client-classes": ["a"]},
        {"pool": "192.0.2.20 - 192.0.2.20", "client-classes": ["b"]},
        {"pool": "192.0.2.30 - 192.0.2.30"},
    ]}]}));
    let via = Via::BROADCAST;
    let lease = |world: &mut World, number: u32, class: &str| {
        let client = Client::new(number);
        let offer = world.send(&of(client.discover(), class), via)?;
        world.send(&of(client.select(&offer), class), via).map(|ack| ack.yiaddr().octets()[3])
    };
    let mut ends: Vec<_> = (1..=3).map(|number| lease(&mut world, number, "a")).collect();
    ends.sort();
    assert_eq!(ends, [None, Some(10), Some(30)]);
    assert_eq!(lease(&mut world, 4, "b"), Some(20));
    assert_eq!(lease(&mut world, 5, "b"), None);
    // Not reclaimed yet.
    world.pass(4001);
    assert_eq!(lease(&mut world, 6, "b").map(|end| end != 10), Some(true));
}

/// "Client Classification in Shared Networks": the network's classes are its subnets' too, and an address comes from a
/// subnet that is for the client, whichever was selected.
#[test]
fn shared_networks_have_subnets_for_different_clients() {
    let subnet = |id: u32, classes: Json| {
        json!({
            "id": id, "subnet": format!("10.0.{id}.0/24"), "client-classes": classes,
            "pools": [{"pool": format!("10.0.{id}.10 - 10.0.{id}.11")}],
        })
    };
    let mut world = with_classes(json!({
        "shared-networks": [
            {"name": "one", "interface": "eth0", "client-classes": ["a", "b"], "subnet4": [
                subnet(1, json!(["a"])), subnet(2, json!(["b"])), subnet(3, json!([])), subnet(4, json!(["a"])),
            ]},
        ],
        "subnet4": [],
    }));
    let via = Via::BROADCAST;
    let mut lease = |number: u32, class: &str| {
        let client = Client::new(number);
        let offer = world.send(&of(client.discover(), class), via)?;
        world.send(&of(client.select(&offer), class), via).map(|ack| ack.yiaddr().octets()[2])
    };
    let mut a: Vec<_> = (1..=7).map(|number| lease(number, "a")).collect();
    a.sort();
    assert_eq!(a, [None, Some(1), Some(1), Some(3), Some(3), Some(4), Some(4)]);
    let b: Vec<_> = (8..=10).map(|number| lease(number, "b")).collect();
    assert_eq!(b, [Some(2), Some(2), None]);
    assert_eq!(lease(11, "c"), None);
}

/// A client whose lease is in a subnet that is not for it any more gets another one of the network.
#[test]
fn a_lease_in_a_subnet_for_others_is_not_the_clients() {
    let mut world = with_classes(json!({
        "shared-networks": [{"name": "one", "interface": "eth0", "subnet4": [
            {"id": 1, "subnet": "10.0.1.0/24", "client-classes": ["a"], "pools": [{"pool": "10.0.1.10 - 10.0.1.20"}]},
            {"id": 2, "subnet": "10.0.2.0/24", "pools": [{"pool": "10.0.2.10 - 10.0.2.20"}]},
        ]}],
        "subnet4": [],
    }));
    let client = Client::new(1);
    let offer = world.send(&of(client.discover(), "a"), Via::BROADCAST).unwrap();
    let leased = world.send(&of(client.select(&offer), "a"), Via::BROADCAST).unwrap().yiaddr();
    assert_eq!(leased.octets()[2], 1);
    assert_eq!(offered(&mut world, 1, "b", None, Via::BROADCAST).unwrap().octets()[2], 2);
    assert_eq!(
        offered(&mut world, 1, "b", Some(&leased.to_string()), Via::BROADCAST).unwrap().octets()[2],
        2
    );
    assert_eq!(offered(&mut world, 1, "a", None, Via::BROADCAST), Some(leased));
}
