//! Datagrams that are not what they say, or nothing at all.

use std::net::Ipv6Addr;

use kotare_model::Chance;
use kotare_testkit::v6::{Associated, Client, Message, Relay, relayed};
use kotare_tests::world::sandboxed;
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use crate::scene::{Scene, bytes};

/// The options that a server looks into.
const KNOWN: &[u16] = &[
    1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 25, 26, 32, 37, 38, 39, 59, 60, 61,
    62, 66, 67, 79, 82, 87, 135, 143,
];

/// A message with a bit of everything.
fn rich(kind: MessageType) -> Message {
    let client = Client::new(7);
    let addresses: [Ipv6Addr; 2] = [1, 2].map(|last| Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 1, last));
    let prefix = Ipv6Addr::new(0x2001, 0xdb8, 0x8000, 0x100, 0, 0, 0, 0);
    client
        .message(kind, None)
        .ia(1, Associated::Addresses(&addresses))
        .ia(2, Associated::Prefixes(&[(prefix, 56)]))
        .option(OptionCode(14), &[])
        .option(OptionCode(16), b"\0\0\x11\x8b\0\x01a")
        .option(OptionCode(17), b"\0\0\x11\x8b\0\x01\0\x01b\0\x02\0\x01c")
        .option(OptionCode(15), b"\0\x01u")
        .option(OptionCode(20), &[])
        .option(OptionCode(39), b"\x01\x05seven\x07example\x03org\0")
}

/// The agent nearest to the client, with all that agents say.
fn agent(hops: u8) -> Relay {
    let [link, peer] = ["2001:db8:1::666", "fe80::7"].map(|address| address.parse().expect("an address"));
    let mut relay = Relay::new(link, peer)
        .option(OptionCode(18), b"eth7")
        .option(OptionCode(37), b"\0\0\x11\x8bremote")
        .option(OptionCode(38), b"subscriber")
        .option(OptionCode(66), b"\0\x41\0\x03\x01a\0\0\x6e\0\x01x")
        .option(OptionCode(79), b"\0\x01\x02\0\0\0\0\x07")
        .option(OptionCode(43), &[0, 37]);
    relay.hops = hops;
    relay
}

/// The same message, from the client and through one and two agents.
fn ways(message: &[u8]) -> [Vec<u8>; 3] {
    let once = relayed(message, &agent(0));
    let twice = relayed(&once, &agent(1));
    [message.to_vec(), once, twice]
}

/// Bytes without any meaning, and such behind a header.
#[test]
fn random_datagrams() {
    sandboxed("datagrams::random_datagrams", |world| {
        let mut scene = Scene::new(world);
        let mut noise = Chance::new(1);
        let datagrams: Vec<_> = (0..3000)
            .map(|round| {
                let len = noise.below(1400);
                let mut datagram = bytes(&mut noise, len);
                if let (true, Some(kind)) = (round % 2 == 0, datagram.first_mut()) {
                    *kind = 1 + *kind % 37;
                }
                datagram
            })
            .collect();
        scene.send_all(datagrams);
        scene.assert_serves();
    });
}

/// Sound messages with some bytes changed.
#[test]
fn damaged_messages() {
    sandboxed("datagrams::damaged_messages", |world| damage(Scene::new(world), 2));
}

/// The same, for several workers at once.
#[test]
fn damaged_messages_for_several_workers() {
    sandboxed("datagrams::damaged_messages_for_several_workers", |world| {
        let threads = json!({"enable-multi-threading": true, "thread-pool-size": 3});
        damage(Scene::with(world, json!({"multi-threading": threads})), 3);
    });
}

fn damage(mut scene: Scene, seed: u64) {
    let mut noise = Chance::new(seed);
    let kinds = [1, 3, 4, 5, 6, 8, 9, 11, 36].map(MessageType);
    let sound: Vec<_> = kinds.iter().flat_map(|kind| ways(&rich(*kind).bytes())).collect();
    let damaged: Vec<_> = (0..6000)
        .map(|round| {
            let mut datagram = sound[round % sound.len()].clone();
            for _ in 0..=noise.below(8) {
                let at = noise.below(datagram.len());
                datagram[at] = noise.below(256) as u8;
            }
            datagram
        })
        .collect();
    scene.send_all(damaged);
    scene.assert_serves();
}

/// A message cut off after every one of its bytes.
#[test]
fn truncated_messages() {
    sandboxed("datagrams::truncated_messages", |world| {
        let mut scene = Scene::new(world);
        for sound in ways(&rich(MessageType::SOLICIT).bytes()) {
            scene.send_all((0..=sound.len()).map(|len| sound[..len].to_vec()));
        }
        scene.assert_serves();
    });
}

/// Every option that is looked into, without bytes, with few, with many and with a length that is more than there is: in
/// the message, in an association, in an address, in what an agent says and supplies.
#[test]
fn lying_option_lengths() {
    sandboxed("datagrams::lying_option_lengths", |world| {
        let mut scene = Scene::new(world);
        let mut datagrams = Vec::new();
        for &code in KNOWN {
            for (said, there) in [(0, 0), (1, 1), (3, 3), (400, 400), (65535, 5), (6, 5), (25, 25), (29, 29)]
            {
                let mut lie = [code.to_be_bytes(), u16::to_be_bytes(said)].concat();
                lie.resize(4 + there, code as u8);
                let association = [&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], &lie[..]].concat();
                let address = [&[0x20; 24], &lie[..]].concat();
                let nested =
                    [&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 24 + lie.len() as u8], &address[..]];
                for kind in [1, 3, 5, 8, 9, 11].map(MessageType) {
                    let sound = Client::new(8).message(kind, None);
                    datagrams.push([sound.bytes(), lie.clone()].concat());
                    for whole in [OptionCode::IA_NA, OptionCode::IA_PD, OptionCode(4)] {
                        datagrams.push(sound.clone().option(whole, &association).bytes());
                    }
                    if lie.len() < 200 {
                        datagrams.push(sound.clone().option(OptionCode::IA_NA, &nested.concat()).bytes());
                    }
                }
                let sound = Client::new(8).solicit().bytes();
                datagrams.push([relayed(&sound, &agent(0)), lie.clone()].concat());
                datagrams.push(relayed(&sound, &agent(0).option(OptionCode(66), &lie)));
                let front = relayed(&sound, &agent(0));
                datagrams.push([&front[..34], &lie, &front[34..]].concat());
            }
        }
        scene.send_all(datagrams);
        scene.assert_serves();
    });
}

/// Every type a message can say it is of, with and without who it is from and for.
#[test]
fn every_type_of_message() {
    sandboxed("datagrams::every_type_of_message", |world| {
        let mut scene = Scene::new(world);
        let mut datagrams = Vec::new();
        for kind in (0..=255).map(MessageType) {
            let sound = rich(kind);
            datagrams.extend(ways(&sound.bytes()));
            datagrams.push(sound.clone().without(OptionCode::CLIENTID).bytes());
            datagrams.push(sound.clone().option(OptionCode::SERVERID, &[]).bytes());
            datagrams.push(sound.clone().option(OptionCode::SERVERID, &[0; 130]).bytes());
            datagrams.push(sound.clone().option(OptionCode::CLIENTID, &[0; 200]).bytes());
            datagrams.push(vec![kind.0]);
            datagrams.push(vec![kind.0; 34]);
        }
        scene.send_all(datagrams);
        scene.assert_serves();
    });
}

/// Agents behind agents behind agents, more than there may be, and such that say they were more.
#[test]
fn too_many_agents() {
    sandboxed("datagrams::too_many_agents", |world| {
        let mut scene = Scene::new(world);
        let bare = |hops| {
            let mut bare = Relay::new(Ipv6Addr::UNSPECIFIED, "fe80::7".parse().expect("an address"));
            bare.hops = hops;
            bare
        };
        let mut message = Client::new(9).solicit().bytes();
        let mut datagrams = Vec::new();
        // As deep as a datagram can be long.
        for hops in 0..1500_u32 {
            message = relayed(&message, &bare(hops as u8));
            if hops < 40 || hops % 100 == 0 {
                datagrams.push(message.clone());
            }
        }
        datagrams.extend((0..=255).map(|hops| relayed(&Client::new(9).solicit().bytes(), &bare(hops))));
        scene.send_all(datagrams);
        scene.assert_serves();
    });
}
