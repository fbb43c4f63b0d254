//! "Conflicts in DHCPv4 Reservations": an address is reserved for one client and leased by another.

use std::net::Ipv4Addr;

use kotare_engine::v4::ReplyKind;
use kotare_testkit::{Client, SERVER, Via, World, address, configured, logged};
use kotare_wire::v4::OptionCode;
use serde_json::json;

use super::hosts::{mac, offered, subnet, world};

const FIRST: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 100);

fn kind(world: &mut World, client: &Client, address: Ipv4Addr) -> ReplyKind {
    world.send(&client.renew(address), Via::unicast(address)).expect("an answer").kind
}

/// The story of the manual: A has the address when it becomes reserved for B. B gets another one for the time being, A is
/// refused when it renews and goes on to another, then B is refused and gets what is reserved for it.
#[test]
fn conflicts_resolve_as_leases_are_renewed() {
    let [a, b, c] = [1, 2, 3].map(Client::new);
    let mut world = world(&subnet(&json!([])));
    assert_eq!(world.lease(&a), Some(FIRST));
    world.reconfigure(configured(&subnet(&json!([{"hw-address": mac(2), "ip-address": "192.0.2.100"}]))));

    let (offer, lines) = logged(|| offered(&mut world, &b.discover()));
    assert_eq!(offer, Some(address("192.0.2.101")));
    let conflict = lines.iter().find(|line| line.id == "ALLOC_ENGINE_V4_DISCOVER_ADDRESS_CONFLICT");
    let said = &conflict.expect("a warning").text;
    assert!(
        said.contains("for address 192.0.2.100 with existing lease Address:       192.0.2.100"),
        "{said}"
    );
    assert_eq!(world.stat("v4-reservation-conflicts"), 1);
    assert_eq!(world.stat("subnet[1].v4-reservation-conflicts"), 1);
    let second = world.lease(&b).expect("another address");
    // As long as A has it, B may keep what it was given.
    assert_eq!(kind(&mut world, &b, second), ReplyKind::Ack);

    // A is refused, and its lease stays: the refusal may be lost.
    for _ in 0..2 {
        assert_eq!(kind(&mut world, &a, FIRST), ReplyKind::Nak);
    }
    assert_eq!(world.send(&a.reboot(FIRST), Via::BROADCAST).map(|reply| reply.kind), Some(ReplyKind::Nak));
    assert_eq!(world.store.all().len(), 2);
    // Others are not even offered it.
    let wish = c.discover().address(OptionCode::REQUESTED_ADDRESS, FIRST);
    assert_ne!(offered(&mut world, &wish), Some(FIRST));
    let wish = c
        .request()
        .address(OptionCode::REQUESTED_ADDRESS, FIRST)
        .address(OptionCode::SERVER_IDENTIFIER, SERVER);
    assert_eq!(world.send(&wish, Via::BROADCAST).map(|reply| reply.kind), Some(ReplyKind::Nak));
    // With another address A leaves the old one.
    assert_ne!(world.lease(&a), Some(FIRST));
    assert!(world.store.all().iter().all(|lease| lease.address != FIRST));

    // Now it is B's: it is refused what it has, and gets what is reserved for it.
    assert_eq!(kind(&mut world, &b, second), ReplyKind::Nak);
    assert_eq!(world.lease(&b), Some(FIRST));
    assert!(world.store.all().iter().all(|lease| lease.address != second));
    assert_eq!(world.stat("subnet[1].assigned-addresses"), 2);
}

/// A client that has a lease when an address becomes reserved for it gets that as soon as it looks for servers again; a
/// renewal is refused at once, because it is free.
#[test]
fn a_reservation_replaces_a_lease() {
    let one = Client::new(1);
    let mut world = world(&subnet(&json!([])));
    assert_eq!(world.lease(&one), Some(FIRST));
    world.reconfigure(configured(&subnet(&json!([{"hw-address": mac(1), "ip-address": "192.0.2.7"}]))));
    let (reply, lines) = logged(|| world.send(&one.renew(FIRST), Via::unicast(FIRST)));
    assert_eq!(reply.map(|reply| reply.kind), Some(ReplyKind::Nak));
    assert!(lines.iter().any(|line| line.id == "ALLOC_ENGINE_V4_REQUEST_INVALID"));
    assert_eq!(world.lease(&one), Some(address("192.0.2.7")));
    assert_eq!(world.store.all().len(), 1);
}

/// The reservation is removed or moved while its address is leased: an address of a pool may be kept, one that is in no
/// pool is nobody's any more.
#[test]
fn a_reservation_is_removed_while_it_is_used() {
    let [in_pool, outside] = [1, 2].map(Client::new);
    let mut world = world(&subnet(&json!([
        {"hw-address": mac(1), "ip-address": "192.0.2.105"},
        {"hw-address": mac(2), "ip-address": "192.0.2.7"},
    ])));
    assert_eq!(world.lease(&in_pool), Some(address("192.0.2.105")));
    assert_eq!(world.lease(&outside), Some(address("192.0.2.7")));
    world.reconfigure(configured(&subnet(&json!([]))));
    assert_eq!(kind(&mut world, &in_pool, address("192.0.2.105")), ReplyKind::Ack);
    assert_eq!(world.send(&outside.renew(address("192.0.2.7")), Via::unicast(address("192.0.2.7"))), None);
    assert!(world.last.contains("UnknownAddress"), "{}", world.last);
    assert_eq!(world.lease(&outside), Some(FIRST));
    // Moved to another client: it is as with any other client.
    world.reconfigure(configured(&subnet(&json!([{"hw-address": mac(2), "ip-address": "192.0.2.105"}]))));
    assert_eq!(kind(&mut world, &in_pool, address("192.0.2.105")), ReplyKind::Nak);
}

/// A reserved address whose client found somebody else on it is in probation for it, too.
#[test]
fn a_declined_address_is_not_offered_to_its_client() {
    let reserved = address("192.0.2.7");
    let one = Client::new(1);
    let mut world = world(&subnet(&json!([{"hw-address": mac(1), "ip-address": "192.0.2.7"}])));
    assert_eq!(world.lease(&one), Some(reserved));
    world.send(&one.decline(reserved, SERVER), Via::BROADCAST);
    assert_eq!(world.lease(&one), Some(FIRST));
    assert_eq!(world.stat("v4-reservation-conflicts"), 1);
    world.pass(86_401);
    assert_eq!(world.lease(&one), Some(reserved));
}

/// What somebody else let expire is taken over, by whoever it is reserved for alone.
#[test]
fn expired_leases_of_reserved_addresses() {
    let mut dhcp4 = subnet(&json!([]));
    dhcp4["subnet4"][0]["pools"] = json!([{"pool": "192.0.2.100 - 192.0.2.100"}]);
    let mut world = world(&dhcp4);
    assert_eq!(world.lease(&Client::new(1)), Some(FIRST));
    world.pass(5000);
    dhcp4["subnet4"][0]["reservations"] = json!([{"hw-address": mac(2), "ip-address": "192.0.2.100"}]);
    world.reconfigure(configured(&dhcp4));
    assert_eq!(world.lease(&Client::new(3)), None);
    assert_eq!(world.lease(&Client::new(1)), None, "it was, and it is not any more");
    assert_eq!(world.lease(&Client::new(2)), Some(FIRST));
}

/// Kept offers (`offer-lifetime`): the offer of a reserved address is kept, the older lease goes with the request.
#[test]
fn reserved_addresses_are_kept_for_offers() {
    let one = Client::new(1);
    let mut dhcp4 = subnet(&json!([]));
    dhcp4["offer-lifetime"] = 60.into();
    let mut world = world(&dhcp4);
    assert_eq!(world.lease(&one), Some(FIRST));
    dhcp4["subnet4"][0]["reservations"] = json!([{"hw-address": mac(1), "ip-address": "192.0.2.7"}]);
    world.reconfigure(configured(&dhcp4));
    let offer = world.send(&one.discover(), Via::BROADCAST).unwrap();
    assert_eq!((offer.yiaddr(), world.store.all().len()), (address("192.0.2.7"), 2));
    assert_eq!(world.send(&one.select(&offer), Via::BROADCAST).map(|reply| reply.kind), Some(ReplyKind::Ack));
    let left: Vec<_> = world.store.all().iter().map(|lease| lease.address).collect();
    assert_eq!(left, [address("192.0.2.7")]);
}
