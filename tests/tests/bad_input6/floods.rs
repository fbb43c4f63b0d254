//! More than anybody needs: of one message, of messages, of leases.

use std::net::Ipv6Addr;

use kotare_testkit::v6::{Associated, Client, Message};
use kotare_tests::world::sandboxed;
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use crate::scene::Scene;

/// What a server that was asked for much may have in memory.
const SMALL_KIB: usize = 96 << 10;

/// A message with so many associations of addresses and of prefixes.
fn greedy(client: &Client, kind: MessageType, associations: u32) -> Message {
    let message = client.message(kind, None);
    (0..associations).fold(message, |message, iaid| match iaid % 2 {
        0 => message.ia(iaid, Associated::Addresses(&[])),
        _ => message.ia(iaid, Associated::Prefixes(&[])),
    })
}

/// A datagram as long as datagrams are, full of associations, of addresses in one, of wishes: a client gets some of it, and
/// the server stays as it was.
#[test]
fn more_in_a_message_than_can_be_answered() {
    sandboxed("floods::more_in_a_message_than_can_be_answered", |world| {
        let quiet =
            json!([{"name": "kea-dhcp6", "severity": "INFO", "output-options": [{"output": "stdout"}]}]);
        let mut scene = Scene::with(world, json!({"loggers": quiet}));
        let many: Vec<Ipv6Addr> =
            (0..2000).map(|last| Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 1, last)).collect();
        let client = Client::new(11);
        for round in 0..20 {
            let mut client = client.clone();
            client.transaction = 0x1000 + round;
            for kind in [MessageType::SOLICIT, MessageType::REBIND, MessageType::CONFIRM] {
                let mut messages = vec![
                    greedy(&client, kind, 4000),
                    client.message(kind, None).ia(1, Associated::Addresses(&many)),
                ];
                for code in [6, 14, 15, 16, 17, 39] {
                    messages.push((0..6000).fold(client.message(kind, None), |message, number: u32| {
                        message.option(OptionCode(code), &number.to_be_bytes())
                    }));
                }
                messages[0] = messages[0].clone().option(OptionCode::RAPID_COMMIT, &[]);
                scene.send_all(messages.iter().map(Message::bytes));
            }
        }
        scene.assert_serves();
        assert!(scene.resident_kib() < SMALL_KIB, "{} KiB", scene.resident_kib());
        // One client holds no more than its messages may ask for.
        let leased = scene.server.lease_rows().len();
        assert!(leased < 4000, "{leased} rows");
    });
}

/// Clients that are never seen again ask and ask; nothing is kept of those that take no lease.
#[test]
fn clients_without_end() {
    sandboxed("floods::clients_without_end", |world| {
        let quiet =
            json!([{"name": "kea-dhcp6", "severity": "WARN", "output-options": [{"output": "stdout"}]}]);
        let mut scene = Scene::with(world, json!({"loggers": quiet}));
        let solicits = |from: u32, count: u32| {
            (from..from + count).map(|number| Client::new(number).solicit().bytes()).collect::<Vec<_>>()
        };
        scene.send_all(solicits(0, 2000));
        let before = scene.resident_kib();
        scene.send_all(solicits(2000, 30_000));
        let after = scene.resident_kib();
        assert!(after < before + (16 << 10), "{before} KiB, then {after}");
        assert_eq!(scene.server.lease_rows(), [""; 0]);
        scene.assert_serves();
    });
}
