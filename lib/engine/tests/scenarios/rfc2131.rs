//! RFC 2131 §4.3, clause by clause.

use std::net::Ipv4Addr;

use kotare_engine::v4::ReplyKind::{Ack, Nak, Offer};
use kotare_model::{LeaseState, Lifetime};
use kotare_testkit::{Client, Config, SERVER, Subnet, Via, World, address, option};
use kotare_wire::v4::{BROADCAST, MessageType, OptionCode};

fn world() -> World {
    World::new(Config::usual().build())
}

/// §4.3.1: "If an address is available, the new address SHOULD be chosen as follows: The client's current address as
/// recorded in the client's current binding".
#[test]
fn discover_offers_the_current_address() {
    let mut world = world();
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    // Another client takes the next one, so that the allocator has moved on.
    world.lease(&Client::new(2)).unwrap();
    let offer = world.send(&client.discover(), Via::BROADCAST).unwrap();
    assert_eq!((offer.kind, offer.yiaddr()), (Offer, leased));
}

/// §4.3.1: "ELSE, the client's previous address as recorded in the client's (now expired or released) binding, if that
/// address is in the server's pool of available addresses and not already allocated".
#[test]
fn discover_offers_the_previous_address() {
    for expire in [true, false] {
        let mut world = world();
        let client = Client::new(1);
        let leased = world.lease(&client).unwrap();
        if expire {
            world.pass(5000);
            assert_eq!(world.reclaim().leases, 1);
        } else {
            world.send(&client.release(leased, SERVER), Via::unicast(leased));
        }
        world.lease(&Client::new(2)).unwrap();
        let offer = world.send(&client.discover(), Via::BROADCAST).unwrap();
        assert_eq!(offer.yiaddr(), leased, "expired: {expire}");
    }
}

/// §4.3.1: "ELSE, the address requested in the 'Requested IP Address' option, if that address is valid and not already
/// allocated".
#[test]
fn discover_offers_the_requested_address_if_it_is_free() {
    let mut world = world();
    let wish = address("192.0.2.150");
    let discover = |client: &Client| client.discover().address(OptionCode::REQUESTED_ADDRESS, wish);
    let offer = world.send(&discover(&Client::new(1)), Via::BROADCAST).unwrap();
    assert_eq!(offer.yiaddr(), wish);
    world.send(&Client::new(1).select(&offer), Via::BROADCAST).unwrap();
    let offer = world.send(&discover(&Client::new(2)), Via::BROADCAST).unwrap();
    assert_eq!(offer.yiaddr(), address("192.0.2.100"));
    // "valid": an address outside the pools is not.
    let outside = Client::new(3).discover().address(OptionCode::REQUESTED_ADDRESS, address("192.0.2.10"));
    assert_eq!(world.send(&outside, Via::BROADCAST).unwrap().yiaddr(), address("192.0.2.101"));
}

/// §4.3.1: "ELSE, a new address allocated from the server's pool of available addresses; the address is selected based
/// on the subnet from which the message was received (if 'giaddr' is 0) or on the address of the relay agent that
/// forwarded the message ('giaddr' when not 0)".
#[test]
fn discover_offers_an_address_of_the_clients_subnet() {
    let far = Subnet::new(2, "198.51.100.0/24").pool("198.51.100.10", "198.51.100.20");
    let mut world = World::new(Config::usual().subnet(far).build());
    let near = world.send(&Client::new(1).discover(), Via::BROADCAST).unwrap();
    assert_eq!(near.yiaddr(), address("192.0.2.100"));
    let relay = address("198.51.100.1");
    let message = kotare_testkit::relayed(Client::new(2).discover(), relay, &[]);
    let far = world.send(&message, Via::relay(relay)).unwrap();
    assert_eq!(far.yiaddr(), address("198.51.100.10"));
}

/// §4.3.1: "While not required for correct operation of DHCP, the server SHOULD NOT reuse the selected network address
/// before the client responds": an offer is not recorded, but the next client is offered another address.
#[test]
fn offers_to_different_clients_differ() {
    let mut world = world();
    let first = world.send(&Client::new(1).discover(), Via::BROADCAST).unwrap();
    let second = world.send(&Client::new(2).discover(), Via::BROADCAST).unwrap();
    assert_ne!(first.yiaddr(), second.yiaddr());
    assert!(world.store.all().is_empty());
}

/// §4.3.1, the lease time: "IF the client has not requested a specific lease in the DHCPDISCOVER message [...] the
/// server assigns a locally configured default lease time. IF the client has requested a specific lease [...] the
/// server may choose either to return the requested lease (if the lease is acceptable to local policy)".
#[test]
fn the_lease_time_follows_the_wish_within_limits() {
    let subnet = Subnet::new(1, "192.0.2.0/24").pool("192.0.2.100", "192.0.2.199").with(|params| {
        params.valid_lifetime.min = Lifetime(100);
        params.valid_lifetime.max = Lifetime(10_000);
    });
    let mut world = World::new(Config::new().subnet(subnet).build());
    for (wish, given) in
        [(None, 4000), (Some(0), 4000), (Some(5000), 5000), (Some(1), 100), (Some(u32::MAX), 10_000)]
    {
        let discover = Client::new(1).discover();
        let discover = match wish {
            Some(wish) => discover.option(OptionCode::LEASE_TIME, &u32::to_be_bytes(wish)),
            None => discover,
        };
        let offer = world.send(&discover, Via::BROADCAST).unwrap();
        assert_eq!(offer.number(OptionCode::LEASE_TIME), Some(given), "{wish:?}");
    }
}

/// §4.3.1, table 3: the fields and options of a DHCPOFFER.
#[test]
fn an_offer_has_the_fields_of_table_3() {
    let mut world = world();
    let mut client = Client::new(1);
    client.broadcast = true;
    let discover = client.discover();
    let offer = world.send(&discover, Via::BROADCAST).unwrap();
    let view = offer.view();
    assert_eq!(view.op(), kotare_wire::v4::Op::REPLY);
    assert_eq!((view.htype().0, view.chaddr()), (1, &client.hwaddr[..]));
    assert_eq!((view.hops(), view.secs(), view.xid()), (0, 0, client.xid));
    assert_eq!(view.flags(), BROADCAST);
    assert_eq!(view.ciaddr(), Ipv4Addr::UNSPECIFIED);
    assert_eq!(view.giaddr(), Ipv4Addr::UNSPECIFIED);
    assert_eq!(view.message_type(), Some(MessageType::OFFER));
    assert_eq!(offer.option(OptionCode::SERVER_IDENTIFIER), Some(SERVER.octets().to_vec()));
    assert_eq!(offer.number(OptionCode::LEASE_TIME), Some(4000));
    // MUST NOT: requested IP address, parameter request list, client identifier (unless RFC 6842), maximum message size.
    assert_eq!(offer.codes(), [53, 1, 3, 6, 15, 51, 54]);
}

/// §4.3.1: a server that has no address to offer "may choose to report the problem to the system administrator" and
/// sends nothing.
#[test]
fn discover_is_not_answered_when_the_pool_is_empty() {
    let subnet = Subnet::new(1, "192.0.2.0/24").pool("192.0.2.100", "192.0.2.100");
    let mut world = World::new(Config::new().subnet(subnet).build());
    assert!(world.lease(&Client::new(1)).is_some());
    assert_eq!(world.send(&Client::new(2).discover(), Via::BROADCAST), None);
    assert!(world.last.contains("NothingToOffer"), "{}", world.last);
    for name in ["v4-allocation-fail", "v4-allocation-fail-subnet", "subnet[1].v4-allocation-fail"] {
        assert_eq!(world.stat(name), 1, "{name}");
    }
}

/// §4.3.1: a client of a network unknown here is not answered.
#[test]
fn discover_from_an_unknown_network_is_not_answered() {
    let mut world = world();
    let relay = address("203.0.113.1");
    let message = kotare_testkit::relayed(Client::new(1).discover(), relay, &[]);
    assert_eq!(world.send(&message, Via::relay(relay)), None);
    assert!(world.last.contains("NoSubnet"), "{}", world.last);
}

/// §4.3.2, SELECTING: "the server SHOULD NOT check [...]", it commits the binding and answers with a DHCPACK; "Any
/// configuration parameters in the DHCPACK message SHOULD NOT conflict with those in the earlier DHCPOFFER message".
#[test]
fn request_in_selecting_state_binds_the_offered_address() {
    let mut world = world();
    let client = Client::new(1).with_id(b"\x01client");
    let offer = world.send(&client.discover(), Via::BROADCAST).unwrap();
    let ack = world.send(&client.select(&offer), Via::BROADCAST).unwrap();
    assert_eq!((ack.kind, ack.yiaddr()), (Ack, offer.yiaddr()));
    assert_eq!(ack.codes(), offer.codes());
    let lease = world.store.lease(ack.yiaddr()).unwrap();
    assert_eq!(lease.hwaddr.as_bytes(), client.hwaddr);
    assert_eq!(lease.client_id.as_ref().unwrap().as_bytes(), b"\x01client");
    assert_eq!(
        (lease.state, lease.valid_lifetime, lease.cltt),
        (LeaseState::Assigned, Lifetime(4000), world.now)
    );
}

/// §4.3.2, SELECTING: a DHCPREQUEST that names another server in 'server identifier' "indicates that the client has
/// declined that server's offer": it is left alone, and no lease is made.
#[test]
fn request_for_another_server_is_left_alone() {
    let mut world = world();
    let client = Client::new(1);
    let request = client
        .request()
        .address(OptionCode::REQUESTED_ADDRESS, address("192.0.2.100"))
        .address(OptionCode::SERVER_IDENTIFIER, address("192.0.2.9"));
    assert_eq!(world.send(&request, Via::BROADCAST), None);
    assert_eq!(world.last, "OtherServer");
    assert!(world.store.all().is_empty());
    assert_eq!((world.stat("pkt4-not-for-us"), world.stat("pkt4-receive-drop")), (1, 1));
}

/// §4.3.2, SELECTING: "If the selected server is unable to satisfy the DHCPREQUEST message (e.g., the requested network
/// address has been allocated), the server SHOULD respond with a DHCPNAK message."
#[test]
fn request_for_an_address_that_was_given_away_is_refused() {
    let mut world = world();
    let slow = Client::new(1);
    let offer = world.send(&slow.discover(), Via::BROADCAST).unwrap();
    let quick = Client::new(2);
    let taken = quick.discover().address(OptionCode::REQUESTED_ADDRESS, offer.yiaddr());
    let other = world.send(&taken, Via::BROADCAST).unwrap();
    assert_eq!(other.yiaddr(), offer.yiaddr());
    assert_eq!(world.send(&quick.select(&other), Via::BROADCAST).unwrap().kind, Ack);
    let nak = world.send(&slow.select(&offer), Via::BROADCAST).unwrap();
    assert_eq!((nak.kind, nak.yiaddr()), (Nak, Ipv4Addr::UNSPECIFIED));
    assert_eq!(nak.codes(), [53, 54]);
}

/// §4.3.2, INIT-REBOOT: a client that knows its address is told that it may go on using it.
#[test]
fn request_in_init_reboot_state_confirms_the_address() {
    let mut world = world();
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    world.pass(1000);
    let ack = world.send(&client.reboot(leased), Via::BROADCAST).unwrap();
    assert_eq!((ack.kind, ack.yiaddr()), (Ack, leased));
    assert_eq!(world.store.lease(leased).unwrap().cltt, world.now);
}

/// §4.3.2, INIT-REBOOT: "Server SHOULD send a DHCPNAK message to the client if the 'requested IP address' is incorrect".
#[test]
fn request_in_init_reboot_state_for_the_wrong_address_is_refused() {
    let mut world = world();
    let client = Client::new(1);
    world.lease(&client).unwrap();
    let nak = world.send(&client.reboot(address("192.0.2.177")), Via::BROADCAST).unwrap();
    assert_eq!(nak.kind, Nak);
    // "in which case it MUST broadcast": there is no address the client could be reached at.
    assert_eq!(*nak.departure.destination.ip(), Ipv4Addr::BROADCAST);
}

/// §4.3.2: 0.0.0.0 is no address of anybody. A client that reboots with it is wrong; one that selects wants any.
#[test]
fn request_of_no_address() {
    let mut world = world();
    let client = Client::new(1);
    let nowhere = Ipv4Addr::UNSPECIFIED;
    assert_eq!(world.send(&client.reboot(nowhere), Via::BROADCAST), None);
    let leased = world.lease(&client).unwrap();
    let nak = world.send(&client.reboot(nowhere), Via::BROADCAST).unwrap();
    assert_eq!((nak.kind, nak.yiaddr()), (Nak, nowhere));
    let discover = client.discover().address(OptionCode::REQUESTED_ADDRESS, nowhere);
    let offer = world.send(&discover, Via::BROADCAST).unwrap();
    assert_eq!(offer.yiaddr(), leased);
    let select = client.select(&offer).without(OptionCode::REQUESTED_ADDRESS);
    let ack = world.send(&select.address(OptionCode::REQUESTED_ADDRESS, nowhere), Via::BROADCAST).unwrap();
    assert_eq!((ack.kind, ack.yiaddr()), (Ack, leased));
}

/// §4.3.2, INIT-REBOOT: "or is on the wrong network": a client that moved learns it, through the relay by broadcast:
/// "the server MUST set the broadcast bit in the DHCPNAK".
#[test]
fn request_in_init_reboot_state_on_the_wrong_network_is_refused() {
    let far = Subnet::new(2, "198.51.100.0/24")
        .pool("198.51.100.10", "198.51.100.20")
        .with(|params| params.authoritative = true);
    let mut world = World::new(Config::usual().subnet(far).build());
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    let relay = address("198.51.100.1");
    let message = kotare_testkit::relayed(client.reboot(leased), relay, &[]);
    let nak = world.send(&message, Via::relay(relay)).unwrap();
    assert_eq!((nak.kind, nak.view().flags()), (Nak, BROADCAST));
    assert_eq!(nak.departure.destination.to_string(), "198.51.100.1:67");
    assert_eq!(nak.view().giaddr(), relay);
}

/// §4.3.2, INIT-REBOOT: "If the DHCP server has no record of this client, then it MUST remain silent". An authoritative
/// server knows that the client is wrong, and says so (Kea's manual, "Authoritative DHCPv4 Server Behavior").
#[test]
fn request_in_init_reboot_state_of_an_unknown_client_meets_silence_or_authority() {
    for authoritative in [false, true] {
        let subnet = Subnet::new(1, "192.0.2.0/24")
            .pool("192.0.2.100", "192.0.2.199")
            .with(|params| params.authoritative = authoritative);
        let mut world = World::new(Config::new().subnet(subnet).build());
        let reply = world.send(&Client::new(1).reboot(address("192.0.2.100")), Via::BROADCAST);
        assert_eq!(reply.map(|reply| reply.kind), authoritative.then_some(Nak));
        assert!(world.store.all().is_empty());
    }
}

/// §4.3.2, INIT-REBOOT from a network that is not configured: silence, unless the server as a whole is authoritative.
#[test]
fn request_in_init_reboot_state_from_an_unknown_network() {
    for authoritative in [false, true] {
        let mut world =
            World::new(Config::usual().with(|config| config.params.authoritative = authoritative).build());
        let relay = address("203.0.113.1");
        let message = kotare_testkit::relayed(Client::new(1).reboot(address("192.0.2.100")), relay, &[]);
        let reply = world.send(&message, Via::relay(relay));
        assert_eq!(reply.map(|reply| reply.kind), authoritative.then_some(Nak));
    }
}

/// §4.3.2, RENEWING: "'server identifier' MUST NOT be filled in, 'requested IP address' option MUST NOT be filled in,
/// 'ciaddr' MUST be filled in with client's IP address"; "This message will be unicast". The lease is extended, and the
/// answer goes to ciaddr.
#[test]
fn request_in_renewing_state_extends_the_lease() {
    let mut world = world();
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    world.pass(2000);
    let ack = world.send(&client.renew(leased), Via::unicast(leased)).unwrap();
    assert_eq!((ack.kind, ack.yiaddr(), ack.view().ciaddr()), (Ack, leased, leased));
    assert_eq!(ack.departure.destination.to_string(), format!("{leased}:68"));
    assert_eq!(world.store.lease(leased).unwrap().cltt, world.now);
    assert_eq!(world.store.lease(leased).unwrap().expires().0, world.now.0 + 4000);
    assert_eq!(world.store.all().len(), 1);
}

/// §4.3.2, REBINDING: "This message MUST be broadcast to the 0xffffffff IP broadcast address". A client whose lease is
/// here is served.
#[test]
fn request_in_rebinding_state_extends_the_lease() {
    let mut world = world();
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    world.pass(3600);
    let ack = world.send(&client.renew(leased), Via::broadcast(leased)).unwrap();
    assert_eq!((ack.kind, ack.yiaddr()), (Ack, leased));
    assert_eq!(world.store.lease(leased).unwrap().cltt, world.now);
}

/// §4.3.2, REBINDING at a server that knows nothing of the client's network: another server will answer.
#[test]
fn request_in_rebinding_state_from_elsewhere_is_left_alone() {
    let elsewhere = Subnet::new(1, "10.0.0.0/8").pool("10.0.0.1", "10.0.0.9");
    let mut world = World::new(Config::new().subnet(elsewhere).build());
    assert_eq!(
        world.send(&Client::new(1).renew(address("192.0.2.100")), Via::broadcast(address("192.0.2.100"))),
        None
    );
    assert!(world.last.contains("RebindElsewhere"), "{}", world.last);
}

/// §4.3.2: a server that lost its leases takes a renewing client's word for an address that is free.
#[test]
fn request_in_renewing_state_without_a_record_gets_the_address_if_it_is_free() {
    let mut world = world();
    let client = Client::new(1);
    let had = address("192.0.2.142");
    let ack = world.send(&client.renew(had), Via::unicast(had)).unwrap();
    assert_eq!((ack.kind, ack.yiaddr()), (Ack, had));
    // Of no pool here: not known, not answered, as Kea does.
    let foreign = address("192.0.2.7");
    assert_eq!(world.send(&Client::new(2).renew(foreign), Via::unicast(foreign)), None);
    assert!(world.last.contains("UnknownAddress"), "{}", world.last);
    // Another client's: refused. §4.1 would broadcast the DHCPNAK; Kea sends it to ciaddr.
    let nak = world.send(&Client::new(3).renew(had), Via::unicast(had)).unwrap();
    assert_eq!((nak.kind, *nak.departure.destination.ip()), (Nak, had));
}

/// §4.3.2: a DHCPREQUEST without any address, which RFC 2131 does not know, gets the lease the client has or a new one.
#[test]
fn request_without_an_address_gets_any() {
    let mut world = world();
    let client = Client::new(1);
    let first = world.send(&client.request(), Via::BROADCAST).unwrap();
    assert_eq!(first.kind, Ack);
    let again = world.send(&client.request(), Via::BROADCAST).unwrap();
    assert_eq!((again.yiaddr(), world.store.all().len()), (first.yiaddr(), 1));
}

/// §4.3.3: "If the server receives a DHCPDECLINE message, [...] The server MUST mark the network address as not
/// available". It rests for the probation time and then may be given again.
#[test]
fn decline_puts_the_address_out_of_service() {
    let subnet = Subnet::new(1, "192.0.2.0/24").pool("192.0.2.100", "192.0.2.101");
    let mut world = World::new(Config::new().subnet(subnet).build());
    let client = Client::new(1);
    let declined = world.lease(&client).unwrap();
    assert_eq!(world.send(&client.decline(declined, SERVER), Via::BROADCAST), None);
    let lease = world.store.lease(declined).unwrap();
    assert_eq!(
        (lease.state, lease.valid_lifetime, lease.cltt),
        (LeaseState::Declined, Lifetime(86400), world.now)
    );
    assert!(lease.hwaddr.is_empty() && lease.client_id.is_none() && lease.hostname.is_empty());
    assert_eq!((world.stat("declined-addresses"), world.stat("subnet[1].assigned-addresses")), (1, 1));
    // The client gets the other one, and nobody the declined one, not even who asks for it.
    let other = world.lease(&client).unwrap();
    assert_ne!(other, declined);
    assert_eq!(world.send(&Client::new(2).renew(declined), Via::unicast(declined)).unwrap().kind, Nak);
    assert_eq!(world.lease(&Client::new(2)), None);
    // After the probation it is given again.
    world.pass(86401);
    world.send(&client.renew(other), Via::unicast(other));
    world.reclaim();
    assert_eq!(world.stat("reclaimed-declined-addresses"), 1);
    assert_eq!(world.lease(&Client::new(3)), Some(declined));
    assert_eq!(world.stat("declined-addresses"), 0);
}

/// §4.3.3: only the holder of a lease that lasts can decline it; whoever could decline any address could empty a pool.
#[test]
fn decline_is_for_the_holder_only() {
    let mut world = world();
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    world.send(&Client::new(2).decline(leased, SERVER), Via::BROADCAST);
    assert!(world.last.contains("Mismatch"), "{}", world.last);
    world.send(&client.decline(address("192.0.2.142"), SERVER), Via::BROADCAST);
    assert!(world.last.contains("NoLease"), "{}", world.last);
    let no_address = client.decline(leased, SERVER).without(OptionCode::REQUESTED_ADDRESS);
    world.send(&no_address, Via::BROADCAST);
    assert!(world.last.contains("Violation"), "{}", world.last);
    world.pass(4000);
    world.send(&client.decline(leased, SERVER), Via::BROADCAST);
    assert!(world.last.contains("Mismatch"), "{}", world.last);
    assert_eq!(world.store.lease(leased).unwrap().state, LeaseState::Assigned);
}

/// §4.3.4: "Upon receipt of a DHCPRELEASE message, the server marks the network address as not allocated. The server
/// SHOULD retain a record of the client's initialization parameters for possible reuse".
#[test]
fn release_frees_the_address_and_remembers_the_client() {
    let mut world = world();
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    assert_eq!(world.stat("subnet[1].assigned-addresses"), 1);
    assert_eq!(world.send(&client.release(leased, SERVER), Via::unicast(leased)), None);
    let lease = world.store.lease(leased).unwrap();
    assert_eq!((lease.state, lease.valid_lifetime), (LeaseState::Released, Lifetime(0)));
    assert_eq!(lease.hwaddr.as_bytes(), client.hwaddr);
    assert_eq!(world.stat("subnet[1].assigned-addresses"), 0);
    // It is free for who asks for it.
    let ack = world.send(&Client::new(2).renew(leased), Via::unicast(leased)).unwrap();
    assert_eq!((ack.kind, ack.yiaddr()), (Ack, leased));
}

/// §4.3.4: with `hold-reclaimed-time` 0 nothing is remembered, nor of a lease that would never end.
#[test]
fn release_removes_a_lease_that_is_not_to_be_remembered() {
    let mut world = World::new(
        Config::usual().with(|config| config.process.expired_leases.hold = Default::default()).build(),
    );
    let leased = world.lease(&Client::new(1)).unwrap();
    world.send(&Client::new(1).release(leased, SERVER), Via::unicast(leased));
    assert_eq!(world.store.all(), []);
}

/// §4.3.4: a release of another client's address, of an unknown one or of one given back already changes nothing.
#[test]
fn release_is_for_the_holder_only() {
    let mut world = world();
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    world.send(&Client::new(2).release(leased, SERVER), Via::unicast(leased));
    assert!(world.last.contains("OtherClient"), "{}", world.last);
    world.send(&client.release(address("192.0.2.142"), SERVER), Via::unicast(leased));
    assert!(world.last.contains("NoLease"), "{}", world.last);
    assert_eq!(world.store.lease(leased).unwrap().state, LeaseState::Assigned);
    world.send(&client.release(leased, SERVER), Via::unicast(leased));
    world.send(&client.release(leased, SERVER), Via::unicast(leased));
    assert!(world.last.contains("NotAssigned(Released)"), "{}", world.last);
}

/// §4.3.5: "The server responds to a DHCPINFORM message by sending a DHCPACK message directly to the address given in
/// the 'ciaddr' field [...]. The server MUST NOT send a lease expiration time to the client and SHOULD NOT fill in
/// 'yiaddr'".
#[test]
fn inform_gets_configuration_and_no_lease() {
    let mut world = world();
    let own = address("192.0.2.9");
    let ack = world.send(&Client::new(1).inform(own), Via::unicast(own)).unwrap();
    assert_eq!((ack.kind, ack.yiaddr(), ack.view().ciaddr()), (Ack, Ipv4Addr::UNSPECIFIED, own));
    assert_eq!(ack.departure.destination.to_string(), "192.0.2.9:68");
    assert_eq!(ack.codes(), [53, 3, 6, 15, 54]);
    assert!(world.store.all().is_empty());
}

/// §4.3.5 through a relay: the answer goes to the client itself and shows no sign of the relay; without 'ciaddr' the
/// relay must broadcast it.
#[test]
fn inform_through_a_relay_is_answered_directly_if_possible() {
    let mut world = world();
    let relay = address("192.0.2.1");
    let own = address("192.0.2.9");
    let message = kotare_testkit::relayed(Client::new(1).inform(own), relay, &[1, 1, 7]);
    let ack = world.send(&message, Via::relay(relay)).unwrap();
    assert_eq!(ack.departure.destination.to_string(), "192.0.2.9:68");
    assert_eq!((ack.view().giaddr(), ack.view().hops()), (Ipv4Addr::UNSPECIFIED, 0));
    assert_eq!(ack.option(OptionCode::RELAY_AGENT_INFORMATION), None);
    let message = kotare_testkit::relayed(Client::new(1).inform(Ipv4Addr::UNSPECIFIED), relay, &[1, 1, 7]);
    let ack = world.send(&message, Via::relay(relay)).unwrap();
    assert_eq!(ack.departure.destination.to_string(), "192.0.2.1:67");
    assert_eq!((ack.view().giaddr(), ack.view().hops(), ack.view().flags()), (relay, 1, BROADCAST));
    assert_eq!(ack.option(OptionCode::RELAY_AGENT_INFORMATION), Some(vec![1, 1, 7]));
}

/// §4.3.5: a client without 'ciaddr' is answered at the address its message came from; one without any address cannot
/// be answered.
#[test]
fn inform_without_ciaddr_is_answered_at_its_source() {
    let mut world = world();
    let own = address("192.0.2.9");
    let inform = Client::new(1).inform(Ipv4Addr::UNSPECIFIED);
    let ack = world.send(&inform, Via::unicast(own)).unwrap();
    assert_eq!(ack.departure.destination.to_string(), "192.0.2.9:68");
    assert_eq!(world.send(&inform, Via::BROADCAST), None);
    assert_eq!(world.last, "NoReturnAddress");
}

/// §4.3.6, table 4, and §4.1: which messages are for servers at all; everything else is dropped and counted.
#[test]
fn what_is_not_for_servers_is_dropped() {
    let mut world = world();
    let client = Client::new(1);
    let offer = client.message(MessageType::OFFER);
    world.send(&offer, Via::BROADCAST);
    assert_eq!(world.last, "UnsupportedMessageType(2)");
    world.send(&client.message(MessageType(77)), Via::BROADCAST);
    assert_eq!(world.last, "UnknownMessageType(77)");
    world.send(&client.discover().without(OptionCode::MESSAGE_TYPE), Via::BROADCAST);
    assert_eq!(world.last, "NoMessageType");
    let mut reply = client.discover();
    reply.op = 2;
    world.send(&reply, Via::BROADCAST);
    assert!(world.last.contains("op is not BOOTREQUEST"), "{}", world.last);
    // Table 5: MUST NOT in a DHCPDISCOVER.
    world.send(&client.discover().address(OptionCode::SERVER_IDENTIFIER, SERVER), Via::BROADCAST);
    assert!(world.last.contains("option 54"), "{}", world.last);
    world.send_bytes(b"hello", Via::BROADCAST);
    assert!(world.last.contains("Malformed"), "{}", world.last);
    let stats = [
        "pkt4-received",
        "pkt4-receive-drop",
        "pkt4-rfc-violation",
        "pkt4-parse-failed",
        "pkt4-offer-received",
    ];
    assert_eq!(stats.map(|name| world.stat(name)), [6, 6, 5, 1, 1]);
}

/// §2: a client is told apart by its identifier or its hardware address; without either it cannot be served.
#[test]
fn a_client_without_any_identity_is_dropped() {
    let mut world = world();
    let mut nobody = Client::new(1);
    nobody.hwaddr.clear();
    assert_eq!(world.send(&nobody.discover(), Via::BROADCAST), None);
    assert!(world.last.contains("neither"), "{}", world.last);
    let somebody = nobody.with_id(b"\x00somebody");
    assert!(world.lease(&somebody).is_some());
}

/// Counters of a whole exchange.
#[test]
fn an_exchange_is_counted() {
    let mut world = world();
    world.lease(&Client::new(1)).unwrap();
    let names = [
        "pkt4-received",
        "pkt4-discover-received",
        "pkt4-request-received",
        "pkt4-sent",
        "pkt4-offer-sent",
        "pkt4-ack-sent",
        "assigned-addresses",
        "cumulative-assigned-addresses",
        "subnet[1].assigned-addresses",
        "subnet[1].pool[0].assigned-addresses",
    ];
    assert_eq!(names.map(|name| world.stat(name)), [2, 1, 1, 2, 1, 1, 1, 1, 1, 1]);
    // A configuration with an option of its own pool changes nothing of that.
    world.reconfigure(Config::usual().option(option(42, &[1, 2, 3, 4])).build());
    assert_eq!(world.stat("subnet[1].assigned-addresses"), 1);
}
