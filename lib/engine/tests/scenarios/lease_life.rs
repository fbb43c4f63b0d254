//! The life of a lease: renewals, expiry, affinity, names, caching, and what is written of it.

use kotare_engine::v4::ReplyKind::{Ack, Offer};
use kotare_model::{LeaseState, Lifetime};
use kotare_testkit::{Client, Config, SERVER, Subnet, Via, World, address, relayed};
use kotare_wire::v4::OptionCode;

fn world_with(change: impl FnOnce(&mut kotare_config::v4::Params4)) -> World {
    let subnet = Subnet::new(1, "192.0.2.0/24").pool("192.0.2.100", "192.0.2.199").with(change);
    World::new(Config::new().subnet(subnet).build())
}

/// A day of a client that renews every half lifetime: one lease, one address, always in the future.
#[test]
fn a_day_of_renewals_keeps_one_lease() {
    let mut world = world_with(|_| {});
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    for _ in 0..43 {
        world.pass(2000);
        world.reclaim();
        assert_eq!(world.send(&client.renew(leased), Via::unicast(leased)).unwrap().yiaddr(), leased);
    }
    assert_eq!(world.store.all().len(), 1);
    assert_eq!((world.stat("cumulative-assigned-addresses"), world.stat("reclaimed-leases")), (1, 0));
}

/// T1 and T2 are sent when configured or computed, in Kea's order on the wire.
#[test]
fn tee_times_are_sent_as_configured() {
    let mut world = world_with(|params| params.tee_times.calculate = true);
    let offer = world.send(&Client::new(1).discover(), Via::BROADCAST).unwrap();
    assert_eq!(offer.number(OptionCode::RENEWAL_TIME), Some(2000));
    assert_eq!(offer.number(OptionCode::REBINDING_TIME), Some(3500));
    assert_eq!(offer.codes(), [53, 1, 51, 54, 58, 59]);
}

/// An infinite lease (RFC 2131 §3.3) is told as 0xffffffff, never expires, and is not written again when renewed.
#[test]
fn an_infinite_lease_is_written_once() {
    let mut world = world_with(|params| {
        params.valid_lifetime = {
            let infinite = Lifetime::INFINITE;
            kotare_config::v4::LifetimeRange { min: infinite, default: infinite, max: infinite }
        }
    });
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    world.store.calls();
    world.pass(1_000_000_000);
    assert_eq!(world.reclaim().leases, 0);
    let ack = world.send(&client.renew(leased), Via::unicast(leased)).unwrap();
    assert_eq!(ack.number(OptionCode::LEASE_TIME), Some(u32::MAX));
    assert_eq!(world.store.calls().puts, 0);
}

/// `cache-threshold`: a renewal early in the lifetime is answered from the lease with what is left of it, without a
/// write; a later one, or one with a new name, extends it.
#[test]
fn an_early_renewal_is_answered_from_the_lease() {
    let mut world = world_with(|params| params.cache_threshold = Some(0.25));
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    world.store.calls();
    world.pass(1000);
    let ack = world.send(&client.renew(leased), Via::unicast(leased)).unwrap();
    assert_eq!(ack.number(OptionCode::LEASE_TIME), Some(3000));
    assert_eq!(world.store.calls().puts, 0);
    assert_eq!((world.stat("v4-lease-reuses"), world.stat("subnet[1].v4-lease-reuses")), (1, 1));
    let named = client.renew(leased).option(OptionCode::HOST_NAME, b"new");
    let ack = world.send(&named, Via::unicast(leased)).unwrap();
    assert_eq!(ack.number(OptionCode::LEASE_TIME), Some(4000));
    world.pass(1001);
    let ack = world.send(&named, Via::unicast(leased)).unwrap();
    assert_eq!(ack.number(OptionCode::LEASE_TIME), Some(4000));
    assert_eq!(world.store.calls().puts, 2);
}

/// `cache-max-age` limits caching too, and 0 turns it off.
#[test]
fn caching_is_limited_by_age() {
    for (max_age, left) in [(0, 4000), (50, 4000), (200, 3900)] {
        let mut world = world_with(|params| {
            params.cache_threshold = Some(0.5);
            params.cache_max_age = Some(Lifetime(max_age));
        });
        let client = Client::new(1);
        let leased = world.lease(&client).unwrap();
        world.pass(100);
        let ack = world.send(&client.renew(leased), Via::unicast(leased)).unwrap();
        assert_eq!(ack.number(OptionCode::LEASE_TIME), Some(left), "{max_age}");
    }
}

/// `offer-lifetime`: an offered address is kept for its client for that long, and nobody else gets it meanwhile.
#[test]
fn an_offer_can_be_kept() {
    let mut world = world_with(|params| params.offer_lifetime = Some(Lifetime(60)));
    let client = Client::new(1);
    let offer = world.send(&client.discover(), Via::BROADCAST).unwrap();
    assert_eq!((offer.kind, offer.number(OptionCode::LEASE_TIME)), (Offer, Some(4000)));
    let lease = world.store.lease(offer.yiaddr()).unwrap();
    assert_eq!((lease.valid_lifetime, lease.state), (Lifetime(60), LeaseState::Assigned));
    assert_eq!(world.stat("subnet[1].assigned-addresses"), 1);
    let ack = world.send(&client.select(&offer), Via::BROADCAST).unwrap();
    assert_eq!(ack.yiaddr(), offer.yiaddr());
    assert_eq!(world.store.lease(ack.yiaddr()).unwrap().valid_lifetime, Lifetime(4000));
    assert_eq!(world.stat("cumulative-assigned-addresses"), 1);
    // A client that discovers again with a lease longer than an offer keeps it as it is.
    world.store.calls();
    world.send(&client.discover(), Via::BROADCAST).unwrap();
    assert_eq!(world.store.calls().puts, 0);
}

/// A client that asks for another address than it has gets that one, and its old lease goes.
#[test]
fn a_client_has_one_lease() {
    let mut world = world_with(|_| {});
    let client = Client::new(1);
    let old = world.lease(&client).unwrap();
    let new = address("192.0.2.150");
    let ack = world.send(&client.renew(new), Via::unicast(new)).unwrap();
    assert_eq!((ack.kind, ack.yiaddr()), (Ack, new));
    assert_eq!(world.store.lease(old), None);
    assert_eq!(world.stat("subnet[1].assigned-addresses"), 1);
}

/// A client that changes its identifier while its hardware address stays (a boot loader, then a system) is another
/// client, unless `match-client-id` is off.
#[test]
fn identifiers_tell_clients_apart_unless_they_do_not_count() {
    let loader = Client::new(1).with_id(b"\x00loader");
    let system = Client::new(1).with_id(b"\x00system");
    let mut world = world_with(|_| {});
    assert_ne!(world.lease(&loader).unwrap(), world.lease(&system).unwrap());
    let mut world = world_with(|params| params.match_client_id = false);
    let leased = world.lease(&loader).unwrap();
    assert_eq!(world.lease(&system), Some(leased));
    assert_eq!(world.store.lease(leased).unwrap().client_id, None);
}

/// A client that renews just after its lease expired, before it was reclaimed, gets it again; that counts as reclaimed.
#[test]
fn an_expired_lease_comes_back_to_its_client() {
    let mut world = world_with(|_| {});
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    world.pass(4000);
    let ack = world.send(&client.renew(leased), Via::unicast(leased)).unwrap();
    assert_eq!((ack.kind, ack.yiaddr()), (Ack, leased));
    assert_eq!(world.stat("subnet[1].assigned-addresses"), 1);
    assert_eq!((world.stat("cumulative-assigned-addresses"), world.stat("reclaimed-leases")), (2, 1));
}

/// Names (options 12 and 81) are kept in the lease in lower case and given back.
#[test]
fn a_name_is_kept_and_given_back() {
    let mut world = world_with(|_| {});
    let client = Client::new(1);
    let named = client.discover().option(OptionCode::HOST_NAME, b"MyHost");
    let offer = world.send(&named, Via::BROADCAST).unwrap();
    assert_eq!(offer.option(OptionCode::HOST_NAME).unwrap(), b"myhost");
    let request = client.select(&offer).option(OptionCode::HOST_NAME, b"MyHost");
    let ack = world.send(&request, Via::BROADCAST).unwrap();
    assert_eq!(world.store.lease(ack.yiaddr()).unwrap().hostname, "myhost");
    // Option 81 is preferred: flags S asks for an update that nobody does, so the answer has N and O.
    let full = client
        .renew(ack.yiaddr())
        .option(OptionCode::HOST_NAME, b"x")
        .option(OptionCode::FQDN, b"\x01\0\0Full.Org");
    let ack = world.send(&full, Via::unicast(ack.yiaddr())).unwrap();
    assert_eq!(ack.option(OptionCode::FQDN).unwrap(), b"\x0a\0\0full.org.");
    assert_eq!(ack.option(OptionCode::HOST_NAME), None);
    assert_eq!(world.store.lease(ack.yiaddr()).unwrap().hostname, "full.org.");
}

/// An empty name is made up from the address.
#[test]
fn an_empty_name_is_made_up() {
    let mut world = world_with(|_| {});
    let client = Client::new(1);
    let request = client.request().option(OptionCode::FQDN, &[4, 0, 0]);
    let ack = world.send(&request, Via::BROADCAST).unwrap();
    assert_eq!(ack.option(OptionCode::FQDN).unwrap(), b"\x0c\0\0\x12myhost-192-0-2-100\0");
    assert_eq!(world.store.lease(ack.yiaddr()).unwrap().hostname, "myhost-192-0-2-100.");
}

/// `store-extended-info` keeps what the relay said; `stash-agent-options` uses it to find the subnet of a renewal that
/// comes without relay, and does not send it to the client.
#[test]
fn relay_information_is_kept_with_the_lease() {
    let near = Subnet::new(1, "192.0.2.0/24");
    let far = Subnet::new(2, "198.51.100.0/24")
        .pool("198.51.100.10", "198.51.100.20")
        .with(|params| params.store_extended_info = true);
    let config = Config::new().subnet(near).subnet(far).with(|config| config.stash_agent_options = true);
    let mut world = World::new(config.build());
    let relay = address("192.0.2.1");
    // Link selection: the client is on a subnet that is not the relay's own.
    let agent = [5, 4, 198, 51, 100, 0, 2, 2, 0xab, 0xcd];
    let client = Client::new(1);
    let offer = world.send(&relayed(client.discover(), relay, &agent), Via::relay(relay)).unwrap();
    let ack = world.send(&relayed(client.select(&offer), relay, &agent), Via::relay(relay)).unwrap();
    assert_eq!(ack.option(OptionCode::RELAY_AGENT_INFORMATION).unwrap(), agent);
    let leased = ack.yiaddr();
    let context = r#"{ "ISC": { "relay-agent-info": { "remote-id": "ABCD", "sub-options": "0x0504C63364000202ABCD" } } }"#;
    assert_eq!(world.store.lease(leased).unwrap().user_context.as_deref(), Some(context));
    world.pass(100);
    let ack = world.send(&client.renew(leased), Via::unicast(leased)).unwrap();
    assert_eq!((ack.kind, ack.yiaddr()), (Ack, leased));
    assert_eq!(ack.option(OptionCode::RELAY_AGENT_INFORMATION), None);
    assert_eq!(world.store.lease(leased).unwrap().user_context.as_deref(), Some(context));
    // Once the lease is released, nothing is known of its relay.
    world.send(&client.release(leased, SERVER), Via::unicast(leased));
    assert_eq!(world.store.lease(leased).unwrap().state, LeaseState::Released);
}
