//! Clients are served from reservations in a database as from those in the configuration.

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::thread;

use kotare_config::json::{Diagnostics, from_json};
use kotare_model::{Chance, Reserved4, SubnetId};
use kotare_store::{Edited, HostPlace, HostSources, HostStore};
use kotare_store_sql::{Engine, SqlHosts};
use kotare_testkit::{Answer, Client, Message, Via, World, configured};
use kotare_wire::v4::OptionCode;
use serde_json::{Value, json};

use super::{opened, with_tables};
use crate::leases::runtime;

/// Some reservations of a subnet, or global ones: no two of a client or of an address.
fn entries(chance: &mut Chance, subnet: u32) -> Vec<Value> {
    let (mut clients, mut ends) = (HashSet::new(), HashSet::new());
    let mut entries = Vec::new();
    for _ in 0..chance.number() % 6 {
        let (client, end, more) = (chance.number() % 6, 100 + chance.number() % 8, chance.number());
        if !clients.insert(client) || !ends.insert(end) {
            continue;
        }
        let mut entry = json!({ "hw-address": format!("02:00:00:00:00:{client:02x}") });
        if more & 1 == 0 {
            let net = if subnet == 2 { "198.51.100" } else { "192.0.2" };
            entry["ip-address"] = format!("{net}.{end}").into();
        }
        for (bit, keyword, value) in [
            (2, "hostname", json!("reserved.example")),
            (4, "client-classes", json!(["gold"])),
            (8, "next-server", json!("192.0.2.77")),
            (16, "boot-file-name", json!("/a b/c")),
            (32, "server-hostname", json!("boot.example")),
        ] {
            if more & bit == 0 {
                entry[keyword] = value;
            }
        }
        if more & 64 == 0 {
            entry["option-data"] = json!([
                { "name": "domain-name", "data": "a.example", "always-send": true },
                { "code": 231, "data": "00ff27", "csv-format": false, "always-send": true },
                { "name": "log-servers", "data": "192.0.2.3, 192.0.2.4", "always-send": true, "client-classes": ["gold"] },
            ]);
        }
        entries.push(entry);
    }
    entries
}

fn network(reservations: &[Vec<Value>; 3], modes: u64) -> Value {
    let subnet = |id: usize, net: &str| {
        json!({
            "id": id, "subnet": format!("{net}.0/24"), "interface": "eth0", "reservations": reservations[id],
            "pools": [
                { "pool": format!("{net}.100 - {net}.103") },
                { "pool": format!("{net}.110 - {net}.111"), "client-classes": ["gold"] },
            ],
        })
    };
    json!({
        "valid-lifetime": 4000, "cache-threshold": 0.0, "client-classes": [{ "name": "gold" }],
        "reservations": reservations[0], "reservations-global": modes & 1 == 0,
        "reservations-in-subnet": modes & 2 == 0, "reservations-out-of-pool": modes & 12 == 0,
        "shared-networks": [{ "name": "lan", "subnet4": [subnet(1, "192.0.2"), subnet(2, "198.51.100")] }],
    })
}

/// The reply to a message, with whatever is waited for.
fn reply(world: &World, message: &Message, via: Via) -> Option<Answer> {
    let mut task = world.start(message, via);
    loop {
        if let Some(served) = task.go_on() {
            return served.answer;
        }
        thread::yield_now();
    }
}

/// Random reservations and clients: the same replies, byte for byte, and the same leases.
#[test]
fn a_reservation_means_the_same_in_a_database() {
    // Its tasks answer.
    let runtime = runtime();
    for engine in [Engine::Sqlite, Engine::MySql, Engine::Postgres] {
        let seeds = if engine == Engine::Sqlite { 12 } else { 3 };
        for seed in 0..seeds {
            let Some(database) = with_tables(engine, false) else { continue };
            let mut chance = Chance::new(seed);
            let reservations = [0, 1, 2].map(|subnet| entries(&mut chance, subnet));
            let modes = chance.number();
            let whole = World::new(configured(&network(&reservations, modes)));
            let mut parted = World::new(configured(&network(&Default::default(), modes)));
            let hosts: SqlHosts<Reserved4> = runtime.0.block_on(async {
                super::empty(&database).await;
                let (hosts, _) = opened::<Reserved4>(&database).await;
                for (subnet, entries) in (0..).zip(&reservations) {
                    for entry in entries {
                        let entry = from_json("test", entry, &mut Diagnostics::new()).expect("JSON");
                        let kept = whole.server.config().keep(SubnetId(subnet), &entry).expect("a client");
                        assert_eq!(hosts.add(&kept, true).await.expect("it is added"), Edited::Done);
                    }
                }
                hosts
            });
            parted.look_in(HostSources::new([HostPlace { kind: "sql", hosts: Arc::new(hosts) }]));
            let mut offers: [Option<Answer>; 8] = Default::default();
            for _ in 0..30 {
                let (who, kind, end) =
                    (chance.number() % 8, chance.number() % 3, 98 + (chance.number() % 14) as u8);
                let client = Client::new(who as u32);
                let (who, wish) = (who as usize, Ipv4Addr::new(192, 0, 2, end));
                let (message, via) = match (kind, &offers[who]) {
                    (0, _) => {
                        (client.discover().address(OptionCode::REQUESTED_ADDRESS, wish), Via::BROADCAST)
                    }
                    (1, Some(offer)) => (client.select(offer), Via::BROADCAST),
                    _ => (client.renew(wish), Via::unicast(wish)),
                };
                let answers = [&whole, &parted].map(|world| reply(world, &message, via));
                assert_eq!(answers[0], answers[1], "{engine}, seed {seed}: {message:?}");
                if kind == 0 {
                    offers[who].clone_from(&answers[0]);
                }
            }
            assert_eq!(whole.store.all(), parted.store.all());
        }
    }
}
