//! What an exchange takes does not depend on how many subnets and reservations there are.

use kotare_testkit::{Calls, Client, Message, Via, World, address, configured, relayed};
use serde_json::{Value, json};

const RELAY: &str = "10.1.0.1";

/// So many subnets of one shared network, the relay's in the middle, with ten reservations each, and the global ones of as
/// many clients more.
fn world(subnets: u32) -> World {
    let subnet = |number: u32| {
        let [_, _, b, c] = (number << 4).to_be_bytes();
        let reservation = |n: u32| {
            json!({
                "hw-address": format!("02:aa:{b:02x}:{c:02x}:00:{n:02x}"),
                "ip-address": format!("10.{}.{b}.{}", 2 + (number >> 12), u32::from(c) + n + 2),
            })
        };
        json!({
            "id": number + 2, "subnet": format!("10.{}.{b}.{c}/28", 2 + (number >> 12)),
            "reservations": (0..10).map(reservation).collect::<Value>(),
        })
    };
    let mut members: Vec<Value> = (0..subnets).map(subnet).collect();
    members.insert(
        members.len() / 2,
        json!({
            "id": 1, "subnet": "10.1.0.0/16", "pools": [{"pool": "10.1.1.0 - 10.1.1.255"}],
            "reservations": [{"hw-address": "02:00:00:00:00:01", "ip-address": "10.1.2.1"}],
        }),
    );
    let global = |n: u32| json!({"client-id": format!("{n:08x}"), "hostname": format!("host-{n}")});
    World::new(configured(&json!({
        "valid-lifetime": 4000, "cache-threshold": 0.0,
        "reservations-global": true, "reservations-in-subnet": true,
        "reservations": (0..subnets).map(global).collect::<Value>(),
        "shared-networks": [{"name": "all", "subnet4": members}],
    })))
}

/// What the store is asked for a client's first lease and for its renewal.
fn asked(world: &mut World, client: &Client, expected: &str) -> [Calls; 3] {
    let via = Via::relay(address(RELAY));
    let relayed = |message: Message| relayed(message, address(RELAY), &[]);
    world.store.calls();
    let offer = world.send(&relayed(client.discover()), via).expect("an offer");
    assert_eq!(offer.yiaddr(), address(expected));
    let discovering = world.store.calls();
    let given = world.send(&relayed(client.select(&offer)), via).expect("an acknowledgement");
    let requesting = world.store.calls();
    world.pass(1000);
    world.send(&client.renew(given.yiaddr()), Via::unicast(given.yiaddr())).expect("an acknowledgement");
    [discovering, requesting, world.store.calls()]
}

/// A client with a reservation and one without cost as much among a thousand subnets with ten thousand reservations as among
/// two.
#[test]
fn an_exchange_asks_the_store_as_often_however_many_there_are() {
    let [mut few, mut many] = [2, 1000].map(world);
    for (client, expected) in [(Client::new(1), "10.1.2.1"), (Client::new(2), "10.1.1.0")] {
        assert_eq!(asked(&mut many, &client, expected), asked(&mut few, &client, expected), "{expected}");
    }
}
