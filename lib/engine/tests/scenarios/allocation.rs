//! Which address is found, and what finding it costs.

use std::time::Duration;

use kotare_config::v4::Allocator;
use kotare_model::SubnetId;
use kotare_testkit::{Calls, Client, Config, MemoryStore, SERVER, Subnet, Via, World, address, run};
use kotare_wire::v4::{Index, Message, OptionCode};

fn pool(first: &str, last: &str) -> Config {
    Config::new().subnet(Subnet::new(1, "10.0.0.0/16").pool(first, last))
}

fn local(mut via: Via) -> Via {
    via.local = address("10.0.0.1");
    via
}

/// A DHCPDISCOVER asks the store the same whether the pool of 60 000 addresses is empty or 99.8 % full, and when it is
/// full it only asks for expired leases besides.
#[test]
fn a_nearly_full_pool_costs_no_more_than_an_empty_one() {
    let config = pool("10.0.1.0", "10.0.235.95").build();
    let size = config.subnets[0].pools[0].size();
    assert_eq!(size, 60_000);
    let mut empty = World::new(config.clone());
    empty.store.calls();
    empty.send(&Client::new(1).discover(), local(Via::BROADCAST)).unwrap();
    let cost = empty.store.calls();
    assert_eq!(cost, Calls { gets: 2, puts: 0, scans: 0 });

    let store = MemoryStore::new();
    let free = |number: u32| number.is_multiple_of(500);
    let template = {
        let mut world = World::new(config.clone());
        let leased = world.send(&Client::new(1).request(), local(Via::BROADCAST)).unwrap().yiaddr();
        world.store.lease(leased).unwrap()
    };
    for number in (0..size as u32).filter(|&number| !free(number)) {
        let first = u32::from(address("10.0.1.0"));
        let mut lease = template.clone();
        lease.address = (first + number).into();
        lease.hwaddr = kotare_model::HwAddr::new(1, &number.to_be_bytes()).unwrap();
        store.plant(lease);
    }
    let mut full = World::with_store(config, store);
    full.store.calls();
    for number in 0..500 {
        let offer = full.send(&Client::new(70_000 + number).discover(), local(Via::BROADCAST)).unwrap();
        assert!(free(u32::from(offer.yiaddr()) - u32::from(address("10.0.1.0"))));
        assert_eq!(full.store.calls(), cost);
    }
    // Give the free ones away: the next client is refused after one look for expired leases.
    while full
        .send(&Client::new(80_000 + full.store.all().len() as u32).request(), local(Via::BROADCAST))
        .is_some_and(|reply| reply.kind == kotare_engine::v4::ReplyKind::Ack)
    {}
    assert_eq!(full.store.all().len() as u64, size);
    full.store.calls();
    assert_eq!(full.send(&Client::new(99_999).discover(), local(Via::BROADCAST)), None);
    assert_eq!(full.store.calls(), Calls { gets: 1, puts: 0, scans: 1 });
}

/// `iterative`: the next address after the last one given, whatever was freed meanwhile; then round again.
#[test]
fn iterative_gives_one_after_the_other() {
    let mut world = World::new(pool("10.0.0.10", "10.0.0.12").build());
    let give = |world: &mut World, number| {
        world.send(&Client::new(number).request(), local(Via::BROADCAST)).map(|ack| ack.yiaddr().octets()[3])
    };
    assert_eq!(give(&mut world, 1), Some(10));
    world.send(&Client::new(1).release(address("10.0.0.10"), SERVER), local(Via::BROADCAST));
    assert_eq!([2, 3, 4].map(|number| give(&mut world, number)), [Some(11), Some(12), Some(10)]);
}

/// `random` and `flq` give every address of the pools once, too.
#[test]
fn every_allocator_gives_every_address_once() {
    for allocator in [Allocator::Iterative, Allocator::Random, Allocator::FreeLeaseQueue] {
        let subnet = Subnet::new(1, "10.0.0.0/16")
            .pool("10.0.0.100", "10.0.0.149")
            .pool("10.0.0.10", "10.0.0.39")
            .with(|params| params.allocator = allocator);
        let mut world = World::new(Config::new().subnet(subnet).build());
        for number in 0..80 {
            assert!(
                world.send(&Client::new(number).request(), local(Via::BROADCAST)).is_some(),
                "{allocator:?}"
            );
        }
        assert_eq!(world.store.all().len(), 80, "{allocator:?}");
        let refused = world.send(&Client::new(80).request(), local(Via::BROADCAST)).unwrap();
        assert_eq!(refused.kind, kotare_engine::v4::ReplyKind::Nak);
    }
}

/// A client need not wait for reclamation: an expired lease of another client is taken when nothing else is free.
#[test]
fn an_expired_lease_is_taken_when_nothing_is_free() {
    let mut world = World::new(pool("10.0.0.10", "10.0.0.11").build());
    let first = world.send(&Client::new(1).request(), local(Via::BROADCAST)).unwrap().yiaddr();
    world.pass(1000);
    world.send(&Client::new(2).request(), local(Via::BROADCAST)).unwrap();
    world.pass(3000);
    let offer = world.send(&Client::new(3).discover(), local(Via::BROADCAST)).unwrap();
    assert_eq!(offer.yiaddr(), first);
    world.send(&Client::new(3).select(&offer), local(Via::BROADCAST)).unwrap_or_else(|| {
        // The offer named the server by the interface's address.
        panic!("{}", world.last)
    });
    assert_eq!(world.store.lease(first).unwrap().hwaddr.as_bytes(), Client::new(3).hwaddr);
    assert_eq!((world.stat("reclaimed-leases"), world.stat("subnet[1].assigned-addresses")), (1, 2));
    assert_eq!(world.send(&Client::new(4).discover(), local(Via::BROADCAST)), None);
}

/// However many leases of other subnets, and of addresses that are in no pool any more, expired longer ago.
#[test]
fn expired_leases_elsewhere_are_not_in_the_way() {
    let config = |last: &str| {
        Config::new()
            .subnet(Subnet::new(1, "192.0.2.0/24").pool("192.0.2.10", last))
            .subnet(Subnet::new(2, "10.0.0.0/16").pool("10.0.0.1", "10.0.200.1"))
            .build()
    };
    let mut world = World::new(config("192.0.2.110"));
    let mut here = world.lease(&Client::new(1)).unwrap();
    let mut lease = world.store.lease(here).unwrap();
    for number in 0..5000 {
        lease.cltt = world.now - Duration::from_secs(60_000);
        lease.address = (u32::from(address("10.0.0.1")) + number).into();
        lease.subnet_id = SubnetId(2);
        world.store.plant(lease.clone());
    }
    for number in 2..=101 {
        here = world.lease(&Client::new(number)).unwrap();
        world.pass(1);
    }
    assert_eq!(here, address("192.0.2.110"));
    world.reconfigure(config("192.0.2.10"));
    world.pass(5000);
    assert_eq!(world.lease(&Client::new(200)), Some(address("192.0.2.10")));
    assert_eq!(world.lease(&Client::new(201)), None);
    world.reconfigure(config("192.0.2.11"));
    assert_eq!(world.lease(&Client::new(201)), Some(address("192.0.2.11")));
    // The last to expire, behind more than are looked at first.
    world.reconfigure(
        Config::new().subnet(Subnet::new(1, "192.0.2.0/24").pool("192.0.2.110", "192.0.2.110")).build(),
    );
    assert_eq!(world.lease(&Client::new(202)), Some(address("192.0.2.110")));
}

/// A client whose hardware address has several leases, as one that boots from the network under one identifier and
/// runs under another has, gets the most recent one when it shows no identifier.
#[test]
fn of_several_leases_of_a_hardware_address_the_most_recent_counts() {
    let mut world = World::new(pool("10.0.0.10", "10.0.0.19").build());
    let mut leased = Vec::new();
    for id in [&b"\xffa"[..], b"\xffb", b"\xffc"] {
        let client = Client::new(1).with_id(id);
        leased.push(world.send(&client.request(), local(Via::BROADCAST)).unwrap().yiaddr());
        world.pass(1);
    }
    let ask =
        |world: &mut World| world.send(&Client::new(1).discover(), local(Via::BROADCAST)).unwrap().yiaddr();
    assert_eq!(ask(&mut world), leased[2]);
    let renew = Client::new(1).with_id(b"\xffa").renew(leased[0]);
    world.send(&renew, local(Via::unicast(leased[0]))).unwrap();
    assert_eq!(ask(&mut world), leased[0]);
}

/// `exclude-first-last-24`: .0 and .255 are not given to clients that do not ask for them, also not from expired leases.
#[test]
fn ends_of_24_bit_blocks_are_not_given_unasked() {
    let config =
        pool("10.0.0.254", "10.0.1.1").with(|config| config.compatibility.exclude_first_last_24 = true);
    let mut world = World::new(config.build());
    let end = address("10.0.0.255");
    let asked = Client::new(9).request().address(OptionCode::REQUESTED_ADDRESS, end);
    let asked = asked.address(OptionCode::SERVER_IDENTIFIER, SERVER);
    assert_eq!(world.send(&asked, local(Via::BROADCAST)).unwrap().yiaddr(), end);
    let given: Vec<_> = (1..=3)
        .map(|number| {
            world.send(&Client::new(number).request(), local(Via::BROADCAST)).unwrap().yiaddr().octets()[3]
        })
        .collect();
    assert_eq!(given, [254, 1, 0]);
    world.pass(4000);
    world.reclaim();
}

/// In a full shared network the member is counted that was tried last. Where addresses are given at random, every search
/// begins at the subnet that was selected, as in Kea; only where they are given in order it begins where the last one
/// was given.
#[test]
fn the_last_member_of_a_full_network_fails() {
    let member = |id: u32, prefix: &str, address: &str| {
        let subnet = Subnet::new(id, prefix).network("office").pool(address, address);
        subnet.with(|params| params.allocator = Allocator::Random)
    };
    let config = Config::new().subnet(member(1, "192.0.2.0/24", "192.0.2.10")).subnet(member(
        2,
        "10.0.1.0/24",
        "10.0.1.10",
    ));
    let mut world = World::new(config.build());
    for number in 1..3 {
        world.lease(&Client::new(number)).unwrap();
    }
    for number in 3..6 {
        assert_eq!(world.send(&Client::new(number).discover(), Via::BROADCAST), None);
    }
    assert_eq!(world.stat("subnet[2].v4-allocation-fail"), 3);
}

/// Addresses are given from the other subnets of a shared network when one is full, and from there on first.
#[test]
fn a_shared_network_gives_from_all_its_subnets() {
    let config = Config::new()
        .subnet(Subnet::new(1, "10.0.0.0/24").network("office").pool("10.0.0.10", "10.0.0.11"))
        .subnet(Subnet::new(2, "10.0.1.0/24").network("office").pool("10.0.1.10", "10.0.1.11"))
        .subnet(Subnet::new(3, "10.0.2.0/24").network("office"));
    let mut world = World::new(config.build());
    let give = |world: &mut World, number| {
        world.send(&Client::new(number).request(), local(Via::BROADCAST)).map(|ack| ack.yiaddr().to_string())
    };
    let given: Vec<_> = (1..=4).filter_map(|number| give(&mut world, number)).collect();
    assert_eq!(given, ["10.0.0.10", "10.0.0.11", "10.0.1.10", "10.0.1.11"]);
    assert_eq!(world.stat("subnet[2].assigned-addresses"), 2);
    world.send(&Client::new(5).discover(), local(Via::BROADCAST));
    assert_eq!(world.stat("v4-allocation-fail-shared-network"), 1);
    // A client is found again in whichever subnet its lease is.
    let again = world.send(&Client::new(4).discover(), local(Via::BROADCAST)).unwrap();
    assert_eq!(again.yiaddr(), address("10.0.1.11"));
    assert_eq!(again.option(OptionCode::SUBNET_MASK), Some(vec![255, 255, 255, 0]));
}

/// A reconfiguration keeps what is known of pools that stay, and reads the leases of those that are new.
#[test]
fn a_new_configuration_knows_the_leases() {
    let mut world = World::new(pool("10.0.0.10", "10.0.0.12").build());
    for number in 1..=2 {
        world.send(&Client::new(number).request(), local(Via::BROADCAST)).unwrap();
    }
    world.store.calls();
    world.reconfigure(pool("10.0.0.10", "10.0.0.12").build());
    // One tally for statistics; no pages.
    assert_eq!(world.store.calls(), Calls { gets: 0, puts: 0, scans: 1 });
    world.reconfigure(pool("10.0.0.10", "10.0.0.13").build());
    world.store.calls();
    let offer = world.send(&Client::new(3).discover(), local(Via::BROADCAST)).unwrap();
    assert_eq!((offer.yiaddr(), world.store.calls().gets), (address("10.0.0.12"), 2));
    // And a shrunk pool gives what is left of it.
    world.reconfigure(pool("10.0.0.11", "10.0.0.12").build());
    assert_eq!(
        world.send(&Client::new(4).request(), local(Via::BROADCAST)).unwrap().yiaddr(),
        address("10.0.0.12")
    );
    // A client whose address is of no pool any more gets another one.
    assert_eq!(world.send(&Client::new(1).discover(), local(Via::BROADCAST)), None);
    world.send(&Client::new(4).release(address("10.0.0.12"), SERVER), local(Via::BROADCAST));
    assert_eq!(
        world.send(&Client::new(1).request(), local(Via::BROADCAST)).unwrap().yiaddr(),
        address("10.0.0.12")
    );
    assert_eq!(world.store.lease(address("10.0.0.10")), None);
}

/// Leases that come and go behind the server's back cost a look, never a lease given twice nor an address lost.
#[test]
fn what_happens_behind_the_servers_back_is_found_out() {
    let mut world = World::new(pool("10.0.0.10", "10.0.0.12").build());
    let mut planted = {
        let leased = world.send(&Client::new(1).request(), local(Via::BROADCAST)).unwrap().yiaddr();
        world.store.lease(leased).unwrap()
    };
    planted.address = address("10.0.0.11");
    planted.hwaddr = kotare_model::HwAddr::new(1, b"other").unwrap();
    world.store.plant(planted);
    let given = world.send(&Client::new(2).request(), local(Via::BROADCAST)).unwrap().yiaddr();
    assert_eq!(given, address("10.0.0.12"));
    // Removed behind the server's back, the address comes back with whoever asks for it.
    world.store.uproot(address("10.0.0.11"));
    let had = address("10.0.0.11");
    let wish = Client::new(3).discover().address(OptionCode::REQUESTED_ADDRESS, had);
    assert_eq!(world.send(&wish, local(Via::BROADCAST)).unwrap().yiaddr(), had);
}

/// Workers that serve at the same time give different addresses, also when configurations change under them.
#[test]
fn workers_at_the_same_time_give_different_addresses() {
    let config = pool("10.0.0.1", "10.0.0.200").build();
    let world = World::new(config.clone());
    let serve = |number: u32| {
        let bytes = Client::new(number).request().bytes();
        let via = local(Via::BROADCAST);
        let received = kotare_engine::v4::Received {
            datagram: &bytes,
            arrival: kotare_model::Arrival4 {
                ifindex: 1,
                local: via.local,
                destination: via.destination,
                source: std::net::SocketAddrV4::new(via.source, via.port),
                source_mac: None,
                destination_mac: None,
            },
            interface: "eth0",
            mtu: 1500,
            listening: &[],
        };
        let mut index = Index::new();
        let mut query = world.server.intake(&received, &mut index).unwrap();
        let message = Message::new(&bytes, &index).unwrap();
        let mut reply = [0; 1500];
        let exchange =
            world.server.exchange(&world.leases, message, &mut query, world.now, number.into(), &mut reply);
        match run(exchange) {
            kotare_engine::v4::Outcome::Reply(reply) => {
                assert_eq!(reply.kind, kotare_engine::v4::ReplyKind::Ack)
            }
            other => panic!("{other:?}"),
        }
    };
    // Kept, so that what they know is what the plan after them begins with.
    let mut plans = Vec::new();
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let serve = &serve;
            scope.spawn(move || (0..50).for_each(|number| serve(worker * 50 + number)));
        }
        scope.spawn(|| {
            for last in ["10.0.0.200", "10.0.0.220", "10.0.0.210"] {
                plans.push(run(world.leases.plan(&pool("10.0.0.1", last).build(), &[])).unwrap());
            }
        });
    });
    assert_eq!(world.store.all().len(), 200);
    // The maps made meanwhile know all of it.
    let plan = run(world.leases.plan(&config, &[])).unwrap();
    let next = kotare_engine::v4::Server::new(config.into(), plan, Default::default(), Default::default());
    let bytes = Client::new(999).discover().bytes();
    let received = kotare_engine::v4::Received {
        datagram: &bytes,
        arrival: kotare_model::Arrival4 {
            ifindex: 1,
            local: address("10.0.0.254"),
            destination: std::net::Ipv4Addr::BROADCAST,
            source: "0.0.0.0:68".parse().unwrap(),
            source_mac: None,
            destination_mac: None,
        },
        interface: "eth0",
        mtu: 1500,
        listening: &[],
    };
    let mut index = Index::new();
    let mut query = next.intake(&received, &mut index).unwrap();
    let message = Message::new(&bytes, &index).unwrap();
    world.store.calls();
    let outcome = run(next.exchange(&world.leases, message, &mut query, world.now, 0, &mut [0; 1500]));
    assert!(matches!(outcome, kotare_engine::v4::Outcome::Silent(_)), "{outcome:?}");
    assert_eq!(world.store.calls(), Calls { gets: 1, puts: 0, scans: 1 });
}
