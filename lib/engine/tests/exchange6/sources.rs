//! Reservations outside the configuration (`hosts-databases`): they mean the same as in it, and come after it.

use std::collections::HashSet;

use kotare_config::json::{Diagnostics, from_json};
use kotare_model::{Reservation6, Reserved6, SubnetId};
use kotare_testkit::MemoryHosts;
use kotare_wire::v6::MessageType;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::told::ask;
use crate::world::{World, config, duid, shared};

/// What an entry of a subnet says, under a configuration.
fn kept(world: &World, id: u32, entry: &Value) -> Reservation6 {
    let entry = from_json("test", entry, &mut Diagnostics::new()).unwrap();
    world.server.config().keep(SubnetId(id), &entry).unwrap()
}

fn elsewhere(entry: &Value) -> (World, MemoryHosts<Reserved6>) {
    let world = World::new(config(json!({})));
    let hosts = MemoryHosts::new([kept(&world, 1, entry)]);
    (world.looking_in(hosts.alone()), hosts)
}

/// A client gets what is reserved for it, and nobody else does, asked for or not.
#[test]
fn what_is_reserved_elsewhere_is_for_its_client() {
    let entry =
        json!({ "duid": duid(1), "ip-addresses": ["2001:db8:1::10"], "prefixes": ["2001:db8:f000::/56"] });
    let (mut world, _) = elsewhere(&entry);
    let told =
        world.ask(&ask(MessageType::REQUEST, 2).na(1, &["2001:db8:1::10"]).pd(2, &["2001:db8:f000::/56"]));
    assert!(told.contains("[2001:db8:1::11 ") && told.contains("[2001:db8:f000:100::/56 "), "{told}");
    let told = world.ask(&ask(MessageType::REQUEST, 1).na(1, &[]).pd(2, &[]));
    assert!(told.contains("[2001:db8:1::10 ") && told.contains("[2001:db8:f000::/56 "), "{told}");
}

/// A message whose reservations cannot be looked for is dropped.
#[test]
fn without_an_answer_there_is_none() {
    let (world, hosts) = elsewhere(&json!({ "duid": duid(1), "hostname": "one" }));
    hosts.suspend(true);
    let mut task = world.start(&ask(MessageType::SOLICIT, 2).na(1, &[]));
    let [(call, _)] = hosts.waiting()[..] else { panic!("one call waits") };
    hosts.resume(call);
    assert!(task.go_on().is_none());
    let [(call, _)] = hosts.waiting()[..] else { panic!("the address is asked for") };
    hosts.fail(call);
    let became = task.go_on().expect("it ends");
    assert!(became.starts_with("dropped Store("), "{became}");
}

/// An address that somebody has a reservation for is registered by nobody.
#[test]
fn what_is_reserved_elsewhere_is_not_registered() {
    let (mut world, _) = elsewhere(&json!({ "duid": duid(1), "ip-addresses": ["2001:db8:1::aa"] }));
    world.source = "2001:db8:1::aa".parse().unwrap();
    let became = world.outcome_only(&crate::register::registers(2, "2001:db8:1::aa"));
    assert!(became.contains("Address 2001:db8:1::aa is reserved"), "{became}");
}

#[derive(Clone, Debug)]
struct Entry {
    client: u8,
    subnet: u32,
    address: Option<u8>,
    prefix: Option<u8>,
    extras: u8,
}

fn entry() -> impl Strategy<Value = Entry> {
    let some = || prop::option::of(0..6u8);
    (1..6u8, 0..3u32, some(), some(), any::<u8>()).prop_map(|(client, subnet, address, prefix, extras)| {
        Entry { client, subnet, address, prefix, extras }
    })
}

impl Entry {
    fn written(&self) -> Value {
        let mut map = Map::new();
        map.insert("duid".to_owned(), duid(self.client).into());
        if let Some(end) = self.address {
            let net = self.subnet.max(1);
            map.insert("ip-addresses".to_owned(), json!([format!("2001:db8:{net}::1{end}")]));
        }
        if let Some(end) = self.prefix {
            map.insert("prefixes".to_owned(), json!([format!("2001:db8:f{}00:{end}00::/56", self.subnet)]));
            if self.extras & 16 != 0 {
                map.insert(
                    "excluded-prefixes".to_owned(),
                    json!([format!("2001:db8:f{}00:{end}01::/64", self.subnet)]),
                );
            }
        }
        let extras: [(&str, Value); 3] = [
            ("hostname", "Reserved.Example".into()),
            ("client-classes", json!(["gold"])),
            (
                "option-data",
                json!([
                    { "name": "dns-servers", "data": "2001:db8::1", "always-send": true },
                    { "code": 1234, "data": "0102ff", "csv-format": false, "always-send": true },
                ]),
            ),
        ];
        let wanted = extras.into_iter().enumerate().filter(|(bit, _)| self.extras >> bit & 1 == 1);
        wanted.for_each(|(_, (keyword, value))| drop(map.insert(keyword.to_owned(), value)));
        map.into()
    }
}

fn network(entries: &[Entry], modes: [bool; 3]) -> Value {
    let of = |subnet: u32| -> Vec<Value> {
        entries.iter().filter(|entry| entry.subnet == subnet).map(Entry::written).collect()
    };
    let [global, in_subnet, out_of_pool] = modes;
    let subnet = |id: u32| {
        json!({
            "id": id, "subnet": format!("2001:db8:{id}::/64"), "reservations": of(id),
            "pools": [
                { "pool": format!("2001:db8:{id}::10 - 2001:db8:{id}::13") },
                { "pool": format!("2001:db8:{id}::20 - 2001:db8:{id}::21"), "client-classes": ["gold"] },
            ],
            "pd-pools": [{ "prefix": format!("2001:db8:f{id}00::"), "prefix-len": 48, "delegated-len": 56 }],
        })
    };
    shared(
        json!([subnet(1), subnet(2)]),
        json!({
            "reservations": of(0), "client-classes": [{ "name": "gold" }],
            "reservations-global": global, "reservations-in-subnet": in_subnet, "reservations-out-of-pool": out_of_pool,
        }),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    /// Whether reservations stand in the configuration, in a database, or some here and some there: clients get the same
    /// replies.
    #[test]
    fn a_reservation_means_the_same_wherever_it_is(
        mut entries in prop::collection::vec(entry(), 0..10),
        modes in any::<[bool; 3]>(),
        split in any::<u16>(),
        acts in prop::collection::vec((0..5usize, 1..7u8, prop::option::of(0..6u8)), 1..30),
    ) {
        let (mut clients, mut reserved) = (HashSet::new(), HashSet::new());
        entries.retain(|it| clients.insert((it.client, it.subnet))
            && it.address.is_none_or(|end| reserved.insert((it.subnet, false, end)))
            && it.prefix.is_none_or(|end| reserved.insert((it.subnet, true, end))));
        let mut whole = World::new(network(&entries, modes));
        let is_here = |at: usize| split >> at & 1 == 1;
        let here: Vec<Entry> = entries.iter().enumerate().filter(|(at, _)| is_here(*at)).map(|(_, it)| it.clone()).collect();
        let there = entries.iter().enumerate().filter(|(at, _)| !is_here(*at));
        let there: Vec<_> = there.map(|(_, it)| kept(&whole, it.subnet, &it.written())).collect();
        let hosts = MemoryHosts::new(there);
        let mut parted = World::new(network(&here, modes)).looking_in(hosts.alone());
        for (kind, client, wish) in acts {
            let kind = [
                MessageType::SOLICIT, MessageType::REQUEST, MessageType::RENEW, MessageType::RELEASE, MessageType::REBIND,
            ][kind];
            let address: Vec<String> = wish.iter().map(|end| format!("2001:db8:1::1{end}")).collect();
            let prefix: Vec<String> = wish.iter().map(|end| format!("2001:db8:f100:{end}00::/56")).collect();
            let address: Vec<&str> = address.iter().map(String::as_str).collect();
            let prefix: Vec<&str> = prefix.iter().map(String::as_str).collect();
            let message = ask(kind, client).na(1, &address).pd(2, &prefix).oro(&[23]);
            let told = [&mut whole, &mut parted].map(|world| world.ask(&message));
            prop_assert_eq!(&told[0], &told[1]);
        }
        prop_assert_eq!(whole.leases(), parted.leases());
    }
}
