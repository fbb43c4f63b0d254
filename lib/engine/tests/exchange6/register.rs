//! Addresses that clients made themselves (RFC 9686).

use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use crate::told::{Ask, ask};
use crate::world::{World, config, duid};

pub(crate) fn registers(client: u8, address: &str) -> Ask {
    let address: std::net::Ipv6Addr = address.parse().unwrap();
    let value = [&address.octets()[..], &[0, 0, 0, 30], &[0, 0, 0, 40]].concat();
    ask(MessageType::ADDR_REG_INFORM, client).option(OptionCode::IAADDR, &value)
}

/// An address of the link is registered for who sends the message from there, and given to nobody.
#[test]
fn an_address_is_registered() {
    let mut world = World::new(config(json!({ "pools": [{ "pool": "2001:db8:1::10/127" }] })));
    world.source = "2001:db8:1::10".parse().unwrap();
    let told = world.ask(&registers(1, "2001:db8:1::10"));
    assert_eq!(told, "ADDR_REG_REPLY 5=20010db80001000000000000000000100000001e00000028");
    assert_eq!(world.leases(), ["2001:db8:1::10 IA_NA 0 client 1 in 1 registered"]);
    let told = world.ask(&ask(MessageType::REQUEST, 2).na(1, &["2001:db8:1::10"]));
    assert!(told.contains("[2001:db8:1::11 "), "{told}");
    // Another client has it now.
    world.ask(&registers(3, "2001:db8:1::10"));
    assert!(world.leases().contains(&"2001:db8:1::10 IA_NA 0 client 3 in 1 registered".to_owned()));
    // It is of no association.
    let told = world.ask(&ask(MessageType::RENEW, 3).na(0, &["2001:db8:1::10"]));
    assert!(told.contains("NoAddrsAvail") && told.contains("2001:db8:1::10 0/0"), "{told}");
}

/// What cannot be registered is not answered.
#[test]
fn what_cannot_be_registered() {
    let host = json!([{ "duid": duid(9), "ip-addresses": ["2001:db8:1::99"] }]);
    let mut world = World::new(config(json!({ "reservations": host })));
    world.ask(&ask(MessageType::REQUEST, 1).na(1, &["2001:db8:1::10"]));
    for (source, address) in [
        ("2001:db8:1::77", "2001:db8:1::78"),
        ("2001:db8:2::1", "2001:db8:2::1"),
        ("2001:db8:1::10", "2001:db8:1::10"),
        ("2001:db8:1::99", "2001:db8:1::99"),
    ] {
        world.source = source.parse().unwrap();
        let told = world.ask(&registers(1, address));
        assert!(told.starts_with("dropped"), "{address}: {told}");
    }
    world.source = "2001:db8:1::77".parse().unwrap();
    let told = world.ask(&registers(1, "2001:db8:1::77").na(1, &[]));
    assert!(told.starts_with("dropped"), "{told}");
    let mut text = config(json!({}));
    text["Dhcp6"]["allow-address-registration"] = json!(false);
    let mut world = World::new(text);
    world.source = "2001:db8:1::77".parse().unwrap();
    assert!(world.ask(&registers(1, "2001:db8:1::77")).starts_with("dropped"));
}
