//! Classes that reservations give (manual, "Reserving Client Classes in DHCPv4", "Pool Selection with Client Class
//! Reservations", "Subnet Selection with Client Class Reservations", "Host Reservations as Basic Access Control").

use kotare_engine::v4::ReplyKind;
use kotare_testkit::{Client, Via, World, address};
use kotare_wire::v4::OptionCode;
use serde_json::{Value, json};

use super::hosts::{mac, offered, subnet, world};

/// A class by its name, with an option to know its members by.
fn class(name: &str, test: Option<&str>) -> Value {
    let mut class =
        json!({"name": name, "option-data": [{"code": 224, "data": hex(name), "always-send": true}]});
    if let Some(test) = test {
        class["test"] = test.into();
    }
    class
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a client is served.
fn is_served(world: &mut World, client: u32) -> bool {
    offered(world, &Client::new(client).discover()).is_some()
}

/// A reserved class makes tests that were evaluated before come out otherwise; who has a reservation is KNOWN.
#[test]
fn reserved_classes_are_found_before_the_pool() {
    let mut dhcp4 = subnet(&json!([{"hw-address": mac(1), "client-classes": ["reserved_class"]}]));
    dhcp4["client-classes"] = json!([
        class("reserved_class", None),
        class("unreserved_class", Some("not member('reserved_class')")),
        class("DROP", Some("member('UNKNOWN') and option[61].exists")),
    ]);
    let mut world = world(&dhcp4);
    let told = |world: &mut World, client: u32| {
        world.send(&Client::new(client).discover(), Via::BROADCAST);
        world.last.clone()
    };
    assert!(!told(&mut world, 1).contains("Dropped") && is_served(&mut world, 1));
    // A client that is known is not dropped, one that is unknown is.
    assert!(world.send(&Client::new(1).with_id(b"xy").discover(), Via::BROADCAST).is_some());
    assert_eq!(world.send(&Client::new(2).with_id(b"xy").discover(), Via::BROADCAST), None);
}

/// Basic access control: what a known or a blocked client may do.
#[test]
fn reservations_control_access() {
    let mut dhcp4 = subnet(&json!([
        {"hw-address": mac(1), "client-classes": ["blocked"]},
        {"hw-address": mac(2)},
    ]));
    dhcp4["client-classes"] = json!([
        {"name": "blocked"},
        {"name": "DROP", "test": "member('KNOWN') and member('blocked')"},
    ]);
    let mut world = world(&dhcp4);
    assert!(!is_served(&mut world, 1) && is_served(&mut world, 2) && is_served(&mut world, 3));
    let renewal = Client::new(1).renew(address("192.0.2.100"));
    assert_eq!(world.send(&renewal, Via::unicast(address("192.0.2.100"))), None);
}

/// `early-global-reservations-lookup`: a global reservation is found before the subnet is selected, so that its classes
/// decide what is dropped; then the client is known in every subnet.
#[test]
fn global_reservations_can_be_found_early() {
    let mut dhcp4 = subnet(&json!([]));
    dhcp4["reservations"] = json!([
        {"hw-address": mac(1), "client-classes": ["DROP"]},
        {"hw-address": mac(2), "hostname": "known", "client-classes": ["known"]},
    ]);
    dhcp4["client-classes"] = json!([{"name": "DROP", "test": "member('UNKNOWN')"}]);
    let early = |mut dhcp4: Value, global: bool| {
        dhcp4["early-global-reservations-lookup"] = true.into();
        dhcp4["reservations-global"] = global.into();
        world(&dhcp4)
    };
    for global in [false, true] {
        let mut world = early(dhcp4.clone(), global);
        assert!(!is_served(&mut world, 1) && is_served(&mut world, 2) && !is_served(&mut world, 3));
        let offer = world.send(&Client::new(2).discover(), Via::BROADCAST).unwrap();
        assert_eq!(offer.option(OptionCode::HOST_NAME).is_some(), global);
        // Any message of the client is dropped, also one that needs no subnet.
        let release = Client::new(1).release(address("192.0.2.100"), kotare_testkit::SERVER);
        world.send(&release, Via::unicast(address("192.0.2.100")));
        assert!(world.last.contains("ByClass"), "{}", world.last);
    }
    let mut late = world(&dhcp4);
    assert!(!is_served(&mut late, 2), "without it, nobody is known where global reservations are off");
}

/// REJECT of a reservation refuses the client.
#[test]
fn a_reservation_can_refuse_its_client() {
    let mut world = world(&subnet(&json!([{"hw-address": mac(1), "client-classes": ["REJECT"]}])));
    assert!(!is_served(&mut world, 1) && is_served(&mut world, 2));
    let one = Client::new(1).request().address(OptionCode::REQUESTED_ADDRESS, address("192.0.2.100"));
    let reply = world.send(&one, Via::BROADCAST).unwrap();
    assert_eq!(reply.kind, ReplyKind::Nak);
}
