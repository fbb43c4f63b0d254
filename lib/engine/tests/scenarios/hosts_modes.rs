//! Which reservations count (manual, "Fine-Tuning DHCPv4 Host Reservation", "Global Reservations in DHCPv4", "Host
//! Reservations in Shared Networks").

use kotare_engine::v4::ReplyKind;
use kotare_testkit::{Client, Via, address, configured, logged};
use kotare_wire::v4::OptionCode;
use serde_json::{Value, json};

use super::hosts::{mac, subnet, world};

fn with(mut dhcp4: Value, modes: &[(&str, bool)]) -> Value {
    for (keyword, is_on) in modes {
        dhcp4[*keyword] = (*is_on).into();
    }
    dhcp4
}

/// `reservations-in-subnet` off: those of the subnet are as if they were not written.
#[test]
fn reservations_can_be_off() {
    let dhcp4 = subnet(&json!([{"hw-address": mac(1), "ip-address": "192.0.2.100"}]));
    let mut world = world(&with(dhcp4, &[("reservations-in-subnet", false)]));
    assert_eq!(world.lease(&Client::new(2)), Some(address("192.0.2.100")));
    assert_eq!(world.lease(&Client::new(1)), Some(address("192.0.2.101")));
}

/// `reservations-out-of-pool`: addresses of pools are not reserved for anybody, those outside are.
#[test]
fn addresses_of_pools_can_be_everybodys() {
    let dhcp4 = subnet(&json!([
        {"hw-address": mac(1), "ip-address": "192.0.2.100", "hostname": "still"},
        {"hw-address": mac(2), "ip-address": "192.0.2.7"},
    ]));
    let mut world = world(&with(dhcp4, &[("reservations-out-of-pool", true)]));
    assert_eq!(world.lease(&Client::new(3)), Some(address("192.0.2.100")));
    let offer = world.send(&Client::new(1).discover(), Via::BROADCAST).unwrap();
    assert_eq!(offer.yiaddr(), address("192.0.2.101"));
    assert_eq!(offer.option(OptionCode::HOST_NAME).as_deref(), Some(&b"still"[..]), "the rest counts");
    assert_eq!(world.lease(&Client::new(2)), Some(address("192.0.2.7")));
    let wish = Client::new(4).reboot(address("192.0.2.7"));
    let wish = wish.address(OptionCode::SERVER_IDENTIFIER, kotare_testkit::SERVER);
    assert_eq!(world.send(&wish, Via::BROADCAST).map(|reply| reply.kind), Some(ReplyKind::Nak));
}

/// Global reservations count where they are enabled, after those of the subnet; all of a client is from one.
#[test]
fn global_reservations_count_where_enabled() {
    let mut dhcp4 = subnet(&json!([{"hw-address": mac(1), "ip-address": "192.0.2.7"}]));
    dhcp4["reservations"] = json!([
        {"hw-address": mac(1), "hostname": "elsewhere"},
        {"hw-address": mac(2), "hostname": "roaming", "ip-address": "192.0.2.102"},
        {"hw-address": mac(3), "ip-address": "203.0.113.5", "next-server": "10.0.0.1"},
    ]);
    let name = |answer: &kotare_testkit::Answer| {
        answer.option(OptionCode::HOST_NAME).map(|name| String::from_utf8(name).unwrap())
    };
    let mut off = world(&dhcp4);
    let offer = off.send(&Client::new(2).discover(), Via::BROADCAST).unwrap();
    assert_eq!((name(&offer), offer.yiaddr()), (None, address("192.0.2.100")));

    let mut on = world(&with(dhcp4, &[("reservations-global", true)]));
    let offer = on.send(&Client::new(1).discover(), Via::BROADCAST).unwrap();
    assert_eq!((name(&offer), offer.yiaddr()), (None, address("192.0.2.7")));
    let offer = on.send(&Client::new(2).discover(), Via::BROADCAST).unwrap();
    assert_eq!((name(&offer).as_deref(), offer.yiaddr()), (Some("roaming"), address("192.0.2.102")));
    // Its address does not belong here; what else is reserved counts.
    let (offer, lines) = logged(|| on.send(&Client::new(3).discover(), Via::BROADCAST).unwrap());
    assert_eq!((offer.yiaddr(), offer.view().siaddr()), (address("192.0.2.100"), address("10.0.0.1")));
    assert!(lines.iter().any(|line| line.id == "ALLOC_ENGINE_IGNORING_UNSUITABLE_GLOBAL_ADDRESS"));
    // A globally reserved address of a pool is not kept from others: the manual warns of that.
    let wish = Client::new(4).discover().address(OptionCode::REQUESTED_ADDRESS, address("192.0.2.102"));
    assert_eq!(on.send(&wish, Via::BROADCAST).map(|offer| offer.yiaddr()), Some(address("192.0.2.102")));
}

fn network(first: &Value, second: &Value, pool: &str) -> Value {
    json!({
        "valid-lifetime": 4000, "cache-threshold": 0.0,
        "shared-networks": [{"name": "frog", "subnet4": [
            {"id": 100, "subnet": "192.0.2.0/24", "pools": [{"pool": pool}], "reservations": first},
            {"id": 101, "subnet": "10.0.0.0/24", "pools": [{"pool": "10.0.0.1 - 10.0.0.254"}], "reservations": second},
        ]}],
    })
}

/// A reservation in any subnet of a shared network selects that subnet, with an address and without; one that is not on
/// the link does not.
#[test]
fn a_reservation_selects_a_subnet_of_the_network() {
    let mut dhcp4 = network(
        &json!([{"hw-address": mac(1), "ip-address": "192.0.2.28"}]),
        &json!([{"hw-address": mac(2), "ip-address": "10.0.0.29"}, {"hw-address": mac(3), "hostname": "there"}]),
        "192.0.2.1 - 192.0.2.63",
    );
    dhcp4["subnet4"] = json!([{"id": 7, "subnet": "10.7.0.0/16", "reservations": [
        {"hw-address": mac(4), "ip-address": "10.7.0.1"}]}]);
    let mut world = world(&dhcp4);
    assert_eq!(world.lease(&Client::new(1)), Some(address("192.0.2.28")));
    assert_eq!(world.lease(&Client::new(2)), Some(address("10.0.0.29")));
    let offer = world.send(&Client::new(3).discover(), Via::BROADCAST).unwrap();
    assert_eq!(offer.yiaddr(), address("10.0.0.1"));
    assert_eq!(offer.option(OptionCode::HOST_NAME).as_deref(), Some(&b"there"[..]));
    assert_eq!(world.lease(&Client::new(4)), Some(address("10.0.0.2")), "where the last one was found");
    // What is reserved in a sibling is nobody else's, either.
    let wish = Client::new(5).discover().address(OptionCode::REQUESTED_ADDRESS, address("10.0.0.29"));
    assert_ne!(world.send(&wish, Via::BROADCAST).map(|offer| offer.yiaddr()), Some(address("10.0.0.29")));
    let wish = Client::new(5).request().address(OptionCode::REQUESTED_ADDRESS, address("10.0.0.29"));
    let wish = wish.address(OptionCode::SERVER_IDENTIFIER, kotare_testkit::SERVER);
    assert_eq!(world.send(&wish, Via::BROADCAST).map(|reply| reply.kind), Some(ReplyKind::Nak));
}

/// A client with a lease in one subnet moves to the one where an address becomes reserved for it, and the other way
/// round.
#[test]
fn clients_move_within_a_network() {
    let one = Client::new(1);
    let none = json!([]);
    let pool = "192.0.2.1 - 192.0.2.63";
    let mut world = world(&network(&none, &none, pool));
    assert_eq!(world.lease(&one), Some(address("192.0.2.1")));
    let there = json!([{"hw-address": mac(1), "ip-address": "10.0.0.29"}]);
    world.reconfigure(configured(&network(&none, &there, pool)));
    let renewal = world.send(&one.renew(address("192.0.2.1")), Via::unicast(address("192.0.2.1")));
    assert_eq!(renewal.map(|reply| reply.kind), Some(ReplyKind::Nak));
    assert_eq!(world.lease(&one), Some(address("10.0.0.29")));
    let leases: Vec<_> = world.store.all().iter().map(|lease| (lease.address, lease.subnet_id.0)).collect();
    assert_eq!(leases, [(address("10.0.0.29"), 101)]);
    let here = json!([{"hw-address": mac(1), "ip-address": "192.0.2.28"}]);
    world.reconfigure(configured(&network(&here, &none, pool)));
    assert_eq!(world.lease(&one), Some(address("192.0.2.28")));
}

/// A global address finds the subnet of the network where it fits.
#[test]
fn a_global_address_selects_a_subnet_of_the_network() {
    let none = json!([]);
    let mut dhcp4 = network(&none, &none, "192.0.2.1 - 192.0.2.63");
    dhcp4["reservations"] = json!([{"hw-address": mac(1), "ip-address": "10.0.0.77"}]);
    let mut world = world(&with(dhcp4, &[("reservations-global", true)]));
    assert_eq!(world.lease(&Client::new(1)), Some(address("10.0.0.77")));
    assert_eq!(world.lease(&Client::new(2)), Some(address("192.0.2.1")));
}
