//! What every packet costs: no allocation, in any of the common exchanges.

use std::net::SocketAddrV4;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use kotare_config::v4::VendorOption4;
use kotare_engine::v4::{Outcome, Received, ReplyKind, Sent, report};
use kotare_model::{Arrival4, Lease4};
use kotare_store::LeaseStore;
use kotare_store_memfile::{Memfile4, Options};
use kotare_testkit::{Client, Config, Message, SERVER, Subnet, Via, World, configured, option, relayed, run};
use kotare_wire::v4::{Index, Message as View, OptionCode};
use serde_json::json;

/// How many allocations intake, exchange, flush and report of a message make. The exchange is ready at the first poll.
fn allocations<S: LeaseStore<Lease4> + Clone>(
    world: &World<S>,
    message: &Message,
    via: Via,
    expected: Option<ReplyKind>,
) -> u64 {
    let bytes = message.bytes();
    let received = Received {
        datagram: &bytes,
        arrival: Arrival4 {
            ifindex: 7,
            local: via.local,
            destination: via.destination,
            source: SocketAddrV4::new(via.source, via.port),
            source_mac: via.mac,
            destination_mac: None,
        },
        interface: "eth0",
        mtu: 1500,
        listening: &[SERVER],
    };
    let mut reply = [0; 4096];
    let mut index = Index::new();
    let mut kind = None;
    let counted = allocation_counter::measure(|| {
        let mut query = world.server.intake(&received, &mut index).unwrap();
        let message = View::new(&bytes, &index).unwrap();
        let exchange = world.server.exchange(&world.leases, message, &mut query, world.now, 1, &mut reply);
        let Poll::Ready(outcome) = pin!(exchange).poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("a store in memory makes nobody wait");
        };
        assert!(run(world.store.flush()).is_ok());
        report(&world.server, &query, &outcome, &[], Sent::Done, &world.counters);
        if let Outcome::Reply(reply) = outcome {
            kind = Some(reply.kind);
        }
    });
    assert_eq!(kind, expected);
    counted.count_total
}

/// DISCOVER, REQUEST in all its states, INFORM, RELEASE and DECLINE, straight and relayed, named and identified, of a
/// vendor: nothing is allocated.
#[test]
fn the_common_exchanges_allocate_nothing() {
    let subnet = Subnet::new(1, "192.0.2.0/24")
        .pool("192.0.2.100", "192.0.2.199")
        .option(option(3, &[192, 0, 2, 1]))
        .option(option(125, &[0, 0, 0, 9, 0]))
        .with(|params| params.tee_times.calculate = true);
    let enterprise = VendorOption4 {
        enterprise: 4491,
        code: 2,
        data: [1; 100].into(),
        always_send: true,
        ..VendorOption4::default()
    };
    let config = Config::new().subnet(subnet);
    let config = config.with(|config| {
        config.options = config.options.clone().with_vendor_options(vec![enterprise]);
    });
    let mut world = World::new(config.build());
    let client = |number: u32| Client::new(number).with_id(&[1, 2, 0, 0, 0, 0, number as u8]);
    let named = |message: Message| message.option(OptionCode::HOST_NAME, b"a-usual-host-name");
    let cable = |message: Message| message.option(OptionCode::VIVSO, &[0, 0, 0x11, 0x8b, 3, 1, 1, 2]);
    let leased = world.lease(&client(1)).unwrap();
    let offer = world.send(&client(2).discover(), Via::BROADCAST).unwrap();
    world.pass(100);
    use ReplyKind::{Ack, Nak, Offer};
    let agent = [1, 4, 1, 2, 3, 4, 2, 6, 1, 2, 3, 4, 5, 6];
    let script = [
        (named(client(3).discover()), Via::BROADCAST, Some(Offer)),
        (relayed(client(4).discover(), SERVER, &agent), Via::relay(SERVER), Some(Offer)),
        (named(client(2).select(&offer)), Via::BROADCAST, Some(Ack)),
        (named(client(1).renew(leased)), Via::unicast(leased), Some(Ack)),
        (client(1).renew(leased), Via::broadcast(leased), Some(Ack)),
        (client(1).reboot(leased), Via::BROADCAST, Some(Ack)),
        (client(5).renew(leased), Via::unicast(leased), Some(Nak)),
        (client(1).inform(leased), Via::unicast(leased), Some(Ack)),
        (client(1).discover(), Via::BROADCAST, Some(Offer)),
        (cable(client(6).discover()), Via::BROADCAST, Some(Offer)),
        (client(2).release(offer.yiaddr(), SERVER), Via::unicast(offer.yiaddr()), None),
        (client(1).decline(leased, SERVER), Via::BROADCAST, None),
    ];
    for (message, via, expected) in script {
        assert_eq!(allocations(&world, &message, via, expected), 0, "{message:?}");
    }
}

/// With reservations, and however a client has one: by each kind of identifier, with a name, options and classes, of an
/// address that somebody else has; and for a client that has none.
#[test]
fn reservations_allocate_nothing() {
    let host = |id: serde_json::Value, more: serde_json::Value| {
        let mut host = more;
        host.as_object_mut().unwrap().extend(id.as_object().unwrap().clone());
        host
    };
    let config = configured(&json!({
        "reservations-global": true,
        "cache-threshold": 0.0,
        "client-classes": [{"name": "a"}, {"name": "b", "test": "not member('a')"}],
        "reservations": [{"hw-address": "02:00:00:00:00:04", "hostname": "roaming"}],
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
            "reservations": [
                host(json!({"hw-address": "02:00:00:00:00:01"}), json!({"ip-address": "192.0.2.7"})),
                host(json!({"client-id": "'some'"}), json!({"ip-address": "192.0.2.100", "hostname": "Some",
                    "next-server": "10.0.0.1", "client-classes": ["a"],
                    "option-data": [{"name": "routers", "data": "192.0.2.1"}]})),
                host(json!({"circuit-id": "'port'"}), json!({"ip-address": "192.0.2.8"})),
                host(json!({"hw-address": "02:00:00:00:00:06"}), json!({"ip-address": "192.0.2.9"})),
            ]}],
    }));
    let mut world = World::new(config);
    let by_id = Client::new(2).with_id(b"some");
    let (one, some) = (world.lease(&Client::new(1)).unwrap(), world.lease(&by_id).unwrap());
    world.lease(&Client::new(5)).unwrap();
    world.pass(100);
    use ReplyKind::{Ack, Nak, Offer};
    let script = [
        (Client::new(1).discover(), Via::BROADCAST, Some(Offer)),
        (Client::new(1).renew(one), Via::unicast(one), Some(Ack)),
        (by_id.discover(), Via::BROADCAST, Some(Offer)),
        (by_id.renew(some), Via::unicast(some), Some(Ack)),
        (relayed(Client::new(3).discover(), SERVER, b"\x01\x04port"), Via::relay(SERVER), Some(Offer)),
        (Client::new(4).discover(), Via::BROADCAST, Some(Offer)),
        (Client::new(4).inform(one), Via::unicast(one), Some(Ack)),
        (Client::new(5).discover(), Via::BROADCAST, Some(Offer)),
        (Client::new(5).renew(some), Via::unicast(some), Some(Nak)),
        (Client::new(6).discover(), Via::BROADCAST, Some(Offer)),
    ];
    for (message, via, expected) in script {
        assert_eq!(allocations(&world, &message, via, expected), 0, "{message:?}");
    }
}

/// The lengths of host names that clients send: none, a usual one, a full one, and nearly the longest.
const NAMES: [usize; 4] = [0, 18, 64, 200];

/// With leases in the lease file too, whatever the length of the client's name: a new client's DISCOVER and REQUEST,
/// its renewal and its next DISCOVER allocate nothing. The store's tables have grown to their size before, as those of
/// a server have after a while.
#[test]
fn a_name_of_any_length_is_not_allocated() {
    const CLIENTS: u32 = 4096;
    let folder = tempfile::tempdir().unwrap();
    let store = Memfile4::open(Options::new(Some(folder.path().join("leases.csv")), 1)).unwrap();
    let subnet = Subnet::new(1, "192.0.0.0/18").pool("192.0.16.0", "192.0.31.255");
    let mut world = World::with_store(Config::new().subnet(subnet).build(), Arc::new(store));
    let client = |number: u32| {
        let [_, a, b, c] = number.to_be_bytes();
        Client::new(number).with_id(&[1, 2, 0, 0, a, b, c])
    };
    // A name of its own for each client, of the length that its number has.
    let named = |number: u32, message: Message| {
        let mut name = format!("c{number:06}").into_bytes();
        name.resize(NAMES[number as usize % NAMES.len()], b'n');
        name.iter_mut().skip(40).step_by(40).for_each(|byte| *byte = b'.');
        if name.is_empty() { message } else { message.option(OptionCode::HOST_NAME, &name) }
    };
    let lease = |world: &mut World<Arc<Memfile4>>, number: u32| {
        let offer = world.send(&named(number, client(number).discover()), Via::BROADCAST).unwrap();
        let given = world.send(&named(number, client(number).select(&offer)), Via::BROADCAST).unwrap();
        run(world.store.flush()).unwrap();
        given.yiaddr()
    };
    let leased: Vec<_> = (0..CLIENTS).map(|number| lease(&mut world, number)).collect();
    // All go but one in a hundred, which renew their leases until the others' have been reclaimed and removed.
    for _ in 0..3 {
        world.pass(3000);
        for number in (0..CLIENTS).step_by(50) {
            let address = leased[number as usize];
            let renewal = client(number).renew(address);
            assert!(world.send(&named(number, renewal), Via::unicast(address)).is_some());
        }
        while world.reclaim().incomplete {}
        world.remove_reclaimed();
    }
    assert_eq!(world.store.len(), u64::from(CLIENTS.div_ceil(50)));
    run(world.store.flush()).unwrap();
    lease(&mut world, 0);

    use ReplyKind::{Ack, Offer};
    for number in CLIENTS..CLIENTS + 100 {
        let discover = named(number, client(number).discover());
        let offer = world.send(&discover, Via::BROADCAST).unwrap();
        let select = named(number, client(number).select(&offer));
        let address = offer.yiaddr();
        let renew = named(number, client(number).renew(address));
        let script = [
            (&discover, Via::BROADCAST, Offer),
            (&select, Via::BROADCAST, Ack),
            (&renew, Via::unicast(address), Ack),
            (&discover, Via::BROADCAST, Offer),
        ];
        for (message, via, expected) in script {
            let counted = allocations(&world, message, via, Some(expected));
            let length = NAMES[number as usize % NAMES.len()];
            assert_eq!(counted, 0, "client {number} with a name of {length} bytes: {message:?}");
        }
    }
}

/// Classes cost no allocation either: a client that is in nearly all that a configuration has, tests and templates, is
/// served from a subnet and a pool that are for it, and gets options of classes.
#[test]
fn up_to_256_classes_are_not_allocated() {
    let mut classes = vec![
        json!({"name": "who", "template-test": "concat(option[60].text, '-x')", "option-data": [{"name": "domain-name", "data": "who"}]}),
        json!({"name": "SPAWN_who_phone-x", "valid-lifetime": 1000}),
        json!({"name": "known", "test": "member('UNKNOWN') and substring(option[60].hex, 0, 5) == 'phone'"}),
        json!({"name": "late", "test": "member('known')", "only-in-additional-list": true, "boot-file-name": "boot"}),
    ];
    // With those that every configuration has.
    for number in classes.len() + 8..255 {
        let test =
            if number % 2 == 0 { "member('who')" } else { "relay4[1].exists or not (pkt4.mac == 0x00)" };
        classes.push(json!({
            "name": format!("class {number}"), "test": test,
            "option-data": [{"name": "log-servers", "data": "10.0.0.1"}],
        }));
    }
    let config = configured(&json!({
        "cache-threshold": 0.0,
        "client-classes": classes,
        "shared-networks": [{"name": "one", "interface": "eth0", "subnet4": [
            {"id": 1, "subnet": "10.0.0.0/24", "client-classes": ["VENDOR_CLASS_other"], "pools": [{"pool": "10.0.0.0/24"}]},
            {"id": 2, "subnet": "192.0.2.0/24", "client-classes": ["who"], "evaluate-additional-classes": ["late"],
             "pools": [
                {"pool": "192.0.2.10 - 192.0.2.20", "client-classes": ["late"]},
                {"pool": "192.0.2.100 - 192.0.2.199", "client-classes": ["SPAWN_who_phone-x"]},
            ]},
        ]}],
    }));
    assert_eq!(config.classes.count(), 256);
    let mut world = World::new(config);
    let phone = |message: Message| message.option(OptionCode::VENDOR_CLASS_IDENTIFIER, b"phone");
    let mut offer = |client: &Client| {
        let offer = world.send(&phone(client.discover()), Via::BROADCAST).unwrap();
        assert_eq!(offer.number(OptionCode::LEASE_TIME), Some(1000));
        offer
    };
    let (other, client) = (Client::new(1), Client::new(2));
    let (first, offer) = (offer(&other), offer(&client));
    // The store has room from then on.
    world.send(&phone(other.select(&first)), Via::BROADCAST).unwrap();
    let leased = offer.yiaddr();
    assert_eq!(leased.octets()[3], 101);
    let script = [
        (client.discover(), Via::BROADCAST, ReplyKind::Offer),
        (client.select(&offer), Via::BROADCAST, ReplyKind::Ack),
        (client.renew(leased), Via::unicast(leased), ReplyKind::Ack),
        (client.inform(leased), Via::unicast(leased), ReplyKind::Ack),
    ];
    for (message, via, expected) in script {
        let message = phone(message);
        assert_eq!(allocations(&world, &message, via, Some(expected)), 0, "{message:?}");
    }
}

/// Names that are cleaned, qualified and made up, in another way in the pool than in the subnet, and leases that are short
/// because addresses are scarce, are not allocated either.
#[test]
fn names_and_scarcity_allocate_nothing() {
    let mut world = World::new(configured(&json!({
        "dhcp-ddns": {"enable-updates": true}, "ddns-qualifying-suffix": "example.com",
        "ddns-replace-client-name": "when-not-present", "hostname-char-replacement": "x",
        "allocator": "flq", "adaptive-lease-time-threshold": 0.01, "min-valid-lifetime": 10, "cache-threshold": 0.0,
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [
            {"pool": "192.0.2.100 - 192.0.2.199", "ddns-generated-prefix": "pool"},
        ]}],
    })));
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    world.pass(1);
    let names: [fn(Message) -> Message; 4] = [
        |message| message,
        |message| message.option(OptionCode::HOST_NAME, b"My_Laptop of mine"),
        |message| message.option(OptionCode::FQDN, b"\x01\0\0My_Laptop"),
        |message| message.option(OptionCode::FQDN, b"\x04\0\0"),
    ];
    for name in names {
        let (discover, renew) = (name(Client::new(2).discover()), name(client.renew(leased)));
        assert_eq!(allocations(&world, &discover, Via::BROADCAST, Some(ReplyKind::Offer)), 0, "{discover:?}");
        assert_eq!(allocations(&world, &renew, Via::unicast(leased), Some(ReplyKind::Ack)), 0, "{renew:?}");
    }
}
