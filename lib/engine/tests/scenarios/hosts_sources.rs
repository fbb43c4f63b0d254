//! Reservations outside the configuration (`hosts-databases`): they mean the same as in it, and come after it.

use std::net::Ipv4Addr;

use kotare_config::json::{Diagnostics, from_json};
use kotare_engine::v4::ReplyKind;
use kotare_model::{Reservation4, Reserved4, SubnetId};
use kotare_store::HostSources;
use kotare_testkit::{Client, MemoryHosts, SERVER, Served, Via, World, address, configured, in_every_order};
use kotare_wire::v4::OptionCode;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::hosts::{mac, offered, subnet, world};

/// What entries of a subnet say, under a configuration.
fn kept(world: &World, id: u32, entries: &Value) -> Vec<Reservation4> {
    let entries = from_json("test", entries, &mut Diagnostics::new()).unwrap();
    let keep = |entry| world.server.config().keep(SubnetId(id), entry).unwrap();
    entries.items().iter().map(keep).collect()
}

/// A server of one subnet that finds these reservations elsewhere, and where.
fn elsewhere(entries: &Value) -> (World, MemoryHosts<Reserved4>) {
    let mut world = world(&subnet(&json!([])));
    let hosts = MemoryHosts::new(kept(&world, 1, entries));
    world.look_in(hosts.alone());
    (world, hosts)
}

/// The configuration goes before every place, and an earlier place before a later one; an earlier identifier goes before
/// all that.
#[test]
fn the_configuration_comes_first_and_then_each_place() {
    let entry = |end: u8| json!([{ "hw-address": mac(1), "ip-address": format!("192.0.2.{end}") }]);
    let by_id = json!([{ "client-id": "01:02", "ip-address": "192.0.2.9" }]);
    let client = Client::new(1).with_id(&[1, 2]);
    let mut in_file = world(&subnet(&entry(5)));
    let mut in_none = world(&subnet(&json!([])));
    let mut by_client_id = world(&subnet(&by_id));
    let (one, two) = (kept(&in_file, 1, &entry(6)), kept(&in_file, 1, &entry(7)));
    let places = [MemoryHosts::new(one), MemoryHosts::new(two)];
    let sources = HostSources::new(places.each_ref().map(MemoryHosts::place));
    for (world, expected) in [(&mut in_file, 5), (&mut in_none, 6), (&mut by_client_id, 6)] {
        world.look_in(sources.clone());
        let expected = Ipv4Addr::new(192, 0, 2, expected);
        assert_eq!(offered(world, &client.discover()), Some(expected));
    }
    // What the configuration says by the first identifier needs no question.
    places.iter().for_each(|place| place.suspend(true));
    assert!(in_file.start(&client.discover(), Via::BROADCAST).has_ended());
    assert!(!by_client_id.start(&client.discover(), Via::BROADCAST).has_ended());
}

/// An address of a pool that is reserved elsewhere is offered to nobody else, asked for or not, new or had before; with
/// `reservations-out-of-pool` it is everybody's.
#[test]
fn what_is_reserved_elsewhere_is_for_nobody_else() {
    let entries = json!([{ "hw-address": mac(1), "ip-address": "192.0.2.100" }]);
    let (mut world, _) = elsewhere(&entries);
    let wish = |message: kotare_testkit::Message| {
        message.address(OptionCode::REQUESTED_ADDRESS, address("192.0.2.100"))
    };
    assert_eq!(offered(&mut world, &wish(Client::new(2).discover())), Some(address("192.0.2.101")));
    let renewal = Client::new(2).renew(address("192.0.2.100"));
    let refused = world.send(&renewal, Via::unicast(address("192.0.2.100"))).unwrap();
    assert_eq!(refused.kind, ReplyKind::Nak);
    assert_eq!(world.lease(&Client::new(1)), Some(address("192.0.2.100")));
    // Who has it when it is reserved must give it up.
    let mut late = super::hosts::world(&subnet(&json!([])));
    assert_eq!(late.lease(&Client::new(2)), Some(address("192.0.2.100")));
    let hosts = MemoryHosts::new(kept(&late, 1, &entries));
    late.look_in(hosts.alone());
    let renewal =
        late.send(&Client::new(2).renew(address("192.0.2.100")), Via::unicast(address("192.0.2.100")));
    assert_eq!(renewal.unwrap().kind, ReplyKind::Nak);
    let mut text = subnet(&json!([]));
    text["reservations-out-of-pool"] = true.into();
    late.reconfigure(configured(&text));
    assert_eq!(offered(&mut late, &Client::new(3).discover()), Some(address("192.0.2.101")), "it is leased");
    late.pass(5000);
    late.reclaim();
    assert_eq!(offered(&mut late, &wish(Client::new(3).discover())), Some(address("192.0.2.100")));
}

/// A client with two reservations in a subnet has what the first of its identifiers says; that the other one reserves an
/// address is no reason to find it when any address will do, wherever both are kept.
#[test]
fn an_address_of_a_later_identifier_is_not_found() {
    let entries = json!([{ "hw-address": mac(1) }, { "client-id": "01:02", "ip-address": "192.0.2.100" }]);
    let client = Client::new(1).with_id(&[1, 2]);
    let (mut there, _) = elsewhere(&entries);
    for world in [&mut world(&subnet(&entries)), &mut there] {
        assert_eq!(offered(world, &client.discover()), Some(address("192.0.2.101")));
        let wish = client.discover().address(OptionCode::REQUESTED_ADDRESS, address("192.0.2.100"));
        assert_eq!(offered(world, &wish), Some(address("192.0.2.100")), "it is not for others");
    }
}

/// Nobody is answered by guesswork: a message whose reservations cannot be looked for is dropped and counted.
#[test]
fn without_an_answer_there_is_none() {
    let (world, hosts) = elsewhere(&json!([]));
    hosts.suspend(true);
    // By the client, and by the address that would be offered.
    for goes_on in 0..2 {
        let mut task = world.start(&Client::new(1).discover(), Via::BROADCAST);
        for _ in 0..goes_on {
            let [(call, _)] = hosts.waiting()[..] else { panic!("one call waits") };
            hosts.resume(call);
            assert!(task.go_on().is_none());
        }
        let [(call, _)] = hosts.waiting()[..] else { panic!("one call waits") };
        hosts.fail(call);
        let Some(Served { answer: None, became }) = task.go_on() else { panic!("no answer") };
        assert!(became.starts_with("Dropped(Store("), "{became}");
    }
    assert_eq!(world.stat("pkt4-receive-drop"), 2);
}

/// While two clients wait for their reservations in any order, each gets its own or what is nobody's.
#[test]
fn clients_wait_for_their_own_reservations() {
    let played = in_every_order(|choices| {
        let (world, hosts) = elsewhere(&json!([{ "hw-address": mac(2), "ip-address": "192.0.2.100" }]));
        hosts.suspend(true);
        let clients = [1, 2].map(Client::new);
        let mut tasks = clients.each_ref().map(|client| world.start(&client.request(), Via::BROADCAST));
        let mut given = [None; 2];
        while !tasks.iter().all(kotare_testkit::Task::has_ended) {
            let waiting = hosts.waiting();
            hosts.resume(waiting[choices.pick(waiting.len())].0);
            for (task, given) in tasks.iter_mut().zip(&mut given) {
                if let Some(Served { answer: Some(answer), .. }) = task.go_on() {
                    *given = Some(answer.yiaddr());
                }
            }
        }
        assert_eq!(given, [Some(address("192.0.2.101")), Some(address("192.0.2.100"))]);
    });
    assert!(played > 3, "{played} orders");
}

/// A reservation of a test: whose, where, and what.
#[derive(Clone, Debug)]
struct Entry {
    client: u8,
    by_id: bool,
    subnet: u32,
    end: Option<u8>,
    extras: u8,
}

fn entry() -> impl Strategy<Value = Entry> {
    let end = proptest::option::of(100..108u8);
    (0..6u8, any::<bool>(), 0..3u32, end, any::<u8>())
        .prop_map(|(client, by_id, subnet, end, extras)| Entry { client, by_id, subnet, end, extras })
}

impl Entry {
    fn written(&self) -> Value {
        let mut map = Map::new();
        let (kind, id) = match self.by_id {
            true => ("client-id", format!("00:{:02x}", self.client)),
            false => ("hw-address", mac(self.client)),
        };
        map.insert(kind.to_owned(), id.into());
        if let Some(end) = self.end {
            let net = if self.subnet == 2 { "198.51.100" } else { "192.0.2" };
            map.insert("ip-address".to_owned(), format!("{net}.{end}").into());
        }
        let extras: [(&str, Value); 6] = [
            ("hostname", "Reserved.Example".into()),
            ("client-classes", json!(["gold"])),
            (
                "option-data",
                json!([
                    { "name": "domain-name", "data": "a.example", "always-send": true },
                    { "name": "domain-name-servers", "data": "192.0.2.1, 192.0.2.2" },
                    { "code": 231, "data": "0102ff", "csv-format": false, "always-send": true },
                    { "name": "log-servers", "data": "192.0.2.3", "always-send": true, "client-classes": ["gold"] },
                ]),
            ),
            ("next-server", "192.0.2.77".into()),
            ("server-hostname", "boot.example".into()),
            ("boot-file-name", "/a/b".into()),
        ];
        let wanted = extras.into_iter().enumerate().filter(|(bit, _)| self.extras >> bit & 1 == 1);
        wanted.for_each(|(_, (keyword, value))| drop(map.insert(keyword.to_owned(), value)));
        map.into()
    }
}

fn network(entries: &[Entry], modes: [bool; 4]) -> Value {
    let of = |subnet: u32| -> Vec<Value> {
        entries.iter().filter(|entry| entry.subnet == subnet).map(Entry::written).collect()
    };
    let subnet = |id: u32, net: &str, more: Value| {
        let mut subnet = json!({
            "id": id, "subnet": format!("{net}.0/24"), "reservations": of(id),
            "pools": [{ "pool": format!("{net}.100 - {net}.117") }, more],
        });
        subnet["interface"] = "eth0".into();
        subnet
    };
    let [global, in_subnet, out_of_pool, early] = modes;
    json!({
        "valid-lifetime": 4000, "cache-threshold": 0.0, "reservations": of(0),
        "reservations-global": global, "reservations-in-subnet": in_subnet,
        "reservations-out-of-pool": out_of_pool, "early-global-reservations-lookup": early && global,
        "client-classes": [{ "name": "gold" }, { "name": "both", "test": "member('gold') and member('KNOWN')" }],
        "option-data": [{ "name": "domain-name-servers", "data": "192.0.2.9", "always-send": true }],
        "shared-networks": [{ "name": "lan", "subnet4": [
            subnet(1, "192.0.2", json!({ "pool": "192.0.2.118 - 192.0.2.119", "client-classes": ["gold"] })),
            subnet(2, "198.51.100", json!({ "pool": "198.51.100.118 - 198.51.100.119", "client-classes": ["both"] })),
        ]}],
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 96, ..ProptestConfig::default() })]

    /// Whether reservations stand in the configuration, in a database, or some here and some there: clients get the same
    /// replies, byte for byte. There is always something free: where a search in vain ends is what comes first afterwards,
    /// and addresses that are reserved elsewhere are among those that it goes through.
    #[test]
    fn a_reservation_means_the_same_wherever_it_is(
        mut entries in vec(entry(), 0..10),
        modes in any::<[bool; 4]>(),
        split in any::<u16>(),
        acts in vec((0..7u8, 0..4u8, proptest::option::of(98..121u8)), 1..40),
    ) {
        let mut clients = std::collections::HashSet::new();
        let mut addresses = std::collections::HashSet::new();
        entries.retain(|it| clients.insert((it.client, it.by_id, it.subnet))
            && it.end.is_none_or(|end| addresses.insert((it.subnet, end))));
        let mut whole = World::new(configured(&network(&entries, modes)));
        let is_here = |at: usize| split >> at & 1 == 1;
        let here: Vec<Entry> = entries.iter().enumerate().filter(|(at, _)| is_here(*at)).map(|(_, it)| it.clone()).collect();
        let mut parted = World::new(configured(&network(&here, modes)));
        let there = entries.iter().enumerate().filter(|(at, _)| !is_here(*at));
        let there = there.flat_map(|(_, it)| kept(&whole, it.subnet, &json!([it.written()])));
        let hosts = MemoryHosts::new(there);
        parted.look_in(hosts.alone());
        let mut offers = vec![None; 7];
        for (who, kind, end) in acts {
            let client = Client::new(who.into()).with_id(&[0, who]);
            let wish = Ipv4Addr::new(192, 0, 2, end.unwrap_or(100));
            let (message, via) = match kind {
                0 => (client.discover(), Via::BROADCAST),
                1 => match &offers[usize::from(who)] {
                    Some(offer) => (client.select(offer), Via::BROADCAST),
                    None => (client.request(), Via::BROADCAST),
                },
                2 => (client.renew(wish), Via::unicast(wish)),
                _ => (client.release(wish, SERVER), Via::unicast(wish)),
            };
            let message = match end.filter(|_| kind == 0) {
                Some(_) => message.address(OptionCode::REQUESTED_ADDRESS, wish),
                None => message,
            };
            let answers = [&mut whole, &mut parted].map(|world| world.send(&message, via));
            prop_assert_eq!(&answers[0], &answers[1], "{} / {}", whole.last, parted.last);
            if kind == 0 {
                offers[usize::from(who)].clone_from(&answers[0]);
            }
        }
        prop_assert_eq!(whole.store.all(), parted.store.all());
    }
}
