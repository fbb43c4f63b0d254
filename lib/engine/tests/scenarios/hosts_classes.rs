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

/// The classes that decide between clients with a reservation and those without.
fn reserved_or_not() -> Value {
    json!([{"name": "reserved_class"}, {"name": "unreserved_class", "test": "not member('reserved_class')"}])
}

/// "Pool Selection with Client Class Reservations": the example of the manual, and what is there when the pool of a
/// class is full.
#[test]
fn a_reserved_class_chooses_the_pool() {
    let mut dhcp4 = subnet(&json!([{"hw-address": mac(1), "client-classes": ["reserved_class"]}]));
    dhcp4["client-classes"] = reserved_or_not();
    dhcp4["subnet4"][0]["pools"] = json!([
        {"pool": "192.0.2.10 - 192.0.2.20", "client-classes": ["unreserved_class"]},
        {"pool": "192.0.2.30 - 192.0.2.30", "client-classes": ["reserved_class"]},
        {"pool": "192.0.2.50 - 192.0.2.60"},
    ]);
    let mut world = world(&dhcp4);
    assert_eq!(world.lease(&Client::new(2)), Some(address("192.0.2.10")));
    assert_eq!(world.lease(&Client::new(1)), Some(address("192.0.2.30")));
    // Who is not of the class cannot have an address of its pool, whoever asks.
    let wish = Client::new(3).discover().address(OptionCode::REQUESTED_ADDRESS, address("192.0.2.30"));
    assert_eq!(offered(&mut world, &wish), Some(address("192.0.2.50")));
    let wish = Client::new(1).discover().address(OptionCode::REQUESTED_ADDRESS, address("192.0.2.55"));
    assert_eq!(offered(&mut world, &wish), Some(address("192.0.2.30")), "it has that");
}

/// "Subnet Selection with Client Class Reservations": the example of the manual. Guards of pools, or of subnets, decide in
/// which subnet of the network a client with a global reservation is served.
#[test]
fn a_reserved_class_chooses_the_subnet_of_the_network() {
    for on_subnet in [false, true] {
        let member = |id: u32, class: Option<&str>| {
            let mut member = json!({"id": id, "subnet": format!("192.0.{id}.0/24"),
                "pools": [{"pool": format!("192.0.{id}.10 - 192.0.{id}.10")}]});
            if let Some(class) = class {
                let guarded = if on_subnet { &mut member } else { &mut member["pools"][0] };
                guarded["client-classes"] = json!([class]);
            }
            member
        };
        let reserved = |client| json!({"hw-address": mac(client), "client-classes": ["reserved_class"]});
        let mut world = world(&json!({
            "client-classes": reserved_or_not(),
            "reservations": [reserved(1), reserved(2), reserved(3)],
            "reservations-global": true, "reservations-in-subnet": false,
            "shared-networks": [{"name": "net", "subnet4": [
                member(2, Some("unreserved_class")), member(3, Some("reserved_class")), member(4, None)]}],
        }));
        assert_eq!(world.lease(&Client::new(8)), Some(address("192.0.2.10")), "{on_subnet}");
        assert_eq!(world.lease(&Client::new(1)), Some(address("192.0.3.10")), "{on_subnet}");
        // What is full leaves what is for everybody.
        assert_eq!(world.lease(&Client::new(2)), Some(address("192.0.4.10")), "{on_subnet}");
        assert_eq!((world.lease(&Client::new(3)), world.lease(&Client::new(9))), (None, None));
    }
}

/// The same between subnets that are not of one network, with `early-global-reservations-lookup`.
#[test]
fn an_early_class_chooses_the_subnet() {
    let mut dhcp4 = json!({
        "client-classes": reserved_or_not(),
        "reservations": [{"hw-address": mac(1), "client-classes": ["reserved_class"]}],
        "reservations-global": true, "reservations-in-subnet": false,
        "subnet4": [
            {"id": 2, "subnet": "192.0.2.0/24", "interface": "eth0", "client-classes": ["unreserved_class"],
             "pools": [{"pool": "192.0.2.10 - 192.0.2.20"}]},
            {"id": 3, "subnet": "192.0.3.0/24", "interface": "eth0", "client-classes": ["reserved_class"],
             "pools": [{"pool": "192.0.3.10 - 192.0.3.20"}]},
        ],
    });
    for (early, first) in [(true, "192.0.3.10"), (false, "192.0.2.10")] {
        dhcp4["early-global-reservations-lookup"] = early.into();
        let mut world = world(&dhcp4);
        let offer = offered(&mut world, &Client::new(1).discover());
        // Late, it is no client of the subnet any more that was selected for it.
        assert_eq!(offer, Some(address(first)).filter(|_| early), "{early}");
        assert_eq!(world.lease(&Client::new(2)), Some(address("192.0.2.10")));
    }
}

/// A class that a subnet of a shared network reserves gives its options once it is known that the client is served from
/// there; it does not choose the pool.
#[test]
fn classes_of_subnets_in_a_network_come_late() {
    let mut world = world(&json!({
        "client-classes": [{"name": "mine", "option-data": [{"name": "domain-name", "data": "mine.org"}]}],
        "shared-networks": [{"name": "net", "subnet4": [{"id": 2, "subnet": "192.0.2.0/24",
            "pools": [{"pool": "192.0.2.10 - 192.0.2.20", "client-classes": ["mine"]}, {"pool": "192.0.2.50 - 192.0.2.60"}],
            "reservations": [{"hw-address": mac(1), "client-classes": ["mine"]}]}]}],
    }));
    let offer = world.send(&Client::new(1).discover(), Via::BROADCAST).unwrap();
    assert_eq!(offer.yiaddr(), address("192.0.2.50"));
    assert_eq!(offer.option(OptionCode::DOMAIN_NAME).as_deref(), Some(&b"mine.org"[..]));
}
