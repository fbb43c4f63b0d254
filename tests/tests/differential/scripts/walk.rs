//! A long walk at random: few clients, few addresses, every kind of message, in an order nobody thought of.

use std::net::Ipv4Addr;

use kotare_model::Chance;
use kotare_tests::world::sandboxed;
use kotare_wire::v4::{MessageType, OptionCode};
use serde_json::{Value, json};

use super::{COMMON_WISHES, WISHES, configuration, host, subnet};
use crate::packets::{Query, SERVER, mac};
use crate::stage::{Script, Side, compare};

/// How many messages a walk has.
const STEPS: usize = 1500;

/// With a server that knows it is not alone.
#[test]
fn a_walk() {
    play("a_walk", json!({}), &[("walk", |side| walk(side, 11))]);
}

/// With a server that owns the network.
#[test]
fn an_authoritative_walk() {
    let changes = json!({"authoritative": true});
    play("an_authoritative_walk", changes, &[("authoritative walk", |side| walk(side, 12))]);
}

/// Where only the hardware address tells clients apart.
#[test]
fn a_walk_without_identifiers() {
    let changes = json!({"match-client-id": false});
    play("a_walk_without_identifiers", changes, &[("walk without identifiers", |side| walk(side, 13))]);
}

/// With addresses that are reserved for some of the clients, in pools and outside, alone and in a shared network.
#[test]
fn a_walk_with_reservations() {
    let hw = |client: u16| mac(client).map(|byte| format!("{byte:02x}")).join(":");
    let reserved = |client: u16, address: &str| json!({"hw-address": hw(client), "ip-address": address});
    let twin = json!({"client-id": "01:74:77:69:6e", "ip-address": "192.0.2.105", "hostname": "twin"});
    let changes = json!({
        "subnet4": [
            subnet(json!({
                "pools": [{"pool": "192.0.2.100 - 192.0.2.107"}],
                "reservations": [reserved(0, "192.0.2.100"), reserved(1, "192.0.2.20"), twin],
            })),
            {"id": 2, "subnet": "10.0.2.0/24", "pools": [{"pool": "10.0.2.100 - 10.0.2.103"}],
             "relay": {"ip-addresses": ["192.0.2.3"]}, "reservations": [reserved(2, "10.0.2.101")]},
        ],
        "shared-networks": [{
            "name": "floor", "relay": {"ip-addresses": ["192.0.2.5"]},
            "subnet4": [
                {"id": 5, "subnet": "10.0.5.0/24", "pools": [{"pool": "10.0.5.100 - 10.0.5.103"}],
                 "reservations": [reserved(3, "10.0.5.103")]},
            ],
        }],
    });
    play("a_walk_with_reservations", changes, &[("walk with reservations", |side| walk(side, 14))]);
}

fn play(test: &str, changes: Value, scripts: &[Script]) {
    sandboxed(&format!("scripts::walk::{test}"), |world| {
        let mut dhcp4 = configuration(json!({
            // Kea 2.2 forgets what is released; so do we, when it is not to be held.
            "expired-leases-processing": {"hold-reclaimed-time": 0},
            "subnet4": [
                subnet(json!({"pools": [{"pool": "192.0.2.100 - 192.0.2.107"}]})),
                {"id": 2, "subnet": "10.0.2.0/24", "pools": [{"pool": "10.0.2.100 - 10.0.2.103"}],
                 "relay": {"ip-addresses": ["192.0.2.3"]}, "min-valid-lifetime": 100, "max-valid-lifetime": 9000},
            ],
            "shared-networks": [{
                "name": "floor", "relay": {"ip-addresses": ["192.0.2.5"]},
                "subnet4": [
                    {"id": 5, "subnet": "10.0.5.0/24", "pools": [{"pool": "10.0.5.100 - 10.0.5.101"}]},
                    {"id": 6, "subnet": "10.0.6.0/24", "pools": [{"pool": "10.0.6.100 - 10.0.6.103"}]},
                ],
            }],
        }));
        super::merge(&mut dhcp4, changes);
        compare(world, &dhcp4, scripts);
    });
}

fn walk(side: &mut Side, seed: u64) {
    let mut noise = Chance::new(seed);
    for step in 0..STEPS {
        let (what, query) = any(&mut noise);
        side.ask(&format!("{step}: {what}"), query);
    }
}

/// Any message of any client.
fn any(noise: &mut Chance) -> (String, Query) {
    let client = noise.below(8) as u16;
    let (mut what, mut query) = any_kind(noise, client);
    // Some clients have identifiers, and two of them the same.
    query = match client {
        4 => query.client_id(b"\x01four"),
        5 | 6 => query.client_id(b"\x01twin"),
        7 if noise.below(2) == 0 => {
            what += ", identified";
            query.client_id(b"\x01seven")
        }
        _ => query,
    };
    if noise.below(8) == 0 {
        what += ", broadcast";
        query = query.header(10, &[0x80, 0]);
    }
    if noise.below(6) == 0 {
        what += ", wishes";
        query = query.option(WISHES, COMMON_WISHES);
    }
    if noise.below(10) == 0 {
        let time = [50, 200, 3000, 50_000][noise.below(4)];
        what += &format!(", for {time} s");
        query = query.option(OptionCode::LEASE_TIME, &u32::to_be_bytes(time));
    }
    if noise.below(4) == 0 {
        let relay = host([2, 3, 3, 5, 5][noise.below(5)]);
        what += &format!(", relayed by {relay}");
        query = query.relayed(relay);
        if noise.below(3) == 0 {
            what += " with link";
            let agent = b"\x01\x04port\x05\x04\x0a\0\x02\0";
            query = query.option(OptionCode::RELAY_AGENT_INFORMATION, agent);
        }
    }
    (format!("client {client}: {what}"), query)
}

/// A message of any type and any state of this client.
fn any_kind(noise: &mut Chance, client: u16) -> (String, Query) {
    let address = any_address(noise);
    let server = if noise.below(12) == 0 { host(9) } else { SERVER };
    match noise.below(40) {
        0..6 => ("discover".to_owned(), Query::discover(client)),
        6..12 => (format!("discover {address}"), Query::discover(client).requested(address)),
        12..22 => (format!("select {address}"), Query::request(client).server_id(server).requested(address)),
        22..26 => (format!("reboot {address}"), Query::request(client).requested(address)),
        26..30 => (format!("renew {address}"), Query::request(client).holding(address)),
        30..32 => (format!("rebind {address}"), Query::request(client).header(12, &address.octets())),
        32..38 => {
            let release = Query::new(MessageType::RELEASE, mac(client)).holding(address).server_id(server);
            (format!("release {address}"), release)
        }
        38 if noise.below(8) == 0 => {
            let decline = Query::new(MessageType::DECLINE, mac(client)).requested(address).server_id(server);
            (format!("decline {address}"), decline)
        }
        _ => (format!("inform {address}"), Query::new(MessageType::INFORM, mac(client)).holding(address)),
    }
}

/// An address of a pool, nearly always.
fn any_address(noise: &mut Chance) -> Ipv4Addr {
    match noise.below(20) {
        0 => host(20),
        1 => Ipv4Addr::new(198, 51, 100, 7),
        2..8 => Ipv4Addr::new(10, 0, [2, 5, 6][noise.below(3)], 100 + noise.below(4) as u8),
        _ => host(100 + noise.below(8) as u8),
    }
}
