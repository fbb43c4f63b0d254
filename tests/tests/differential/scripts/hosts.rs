//! Host reservations: how clients are found, what they get, and what others do not get.

use kotare_tests::world::sandboxed;
use kotare_wire::v4::{MessageType, OptionCode};
use serde_json::{Value, json};

use super::{COMMON_WISHES, WISHES, configuration, host, subnet};
use crate::packets::{Query, SERVER, mac};
use crate::stage::{Script, Side, compare};

/// The hardware address of a client, as a reservation has it.
fn hw(client: u16) -> String {
    mac(client).map(|byte| format!("{byte:02x}")).join(":")
}

/// What is reserved for whom in the subnet of the cable.
fn reservations() -> Value {
    json!([
        {"hw-address": hw(1), "ip-address": "192.0.2.20"},
        {"hw-address": hw(2), "ip-address": "192.0.2.100", "hostname": "Second"},
        {"duid": "00:03:00:01:02", "ip-address": "192.0.2.21"},
        {"circuit-id": "'port'", "ip-address": "192.0.2.22"},
        {"client-id": "01:66:69:76:65", "ip-address": "192.0.2.101", "next-server": "192.0.2.9",
         "server-hostname": "boot", "boot-file-name": "/file"},
        {"hw-address": hw(6), "hostname": "six.example.org", "option-data": [
            {"name": "domain-name", "data": "six.example.org"}, {"name": "routers", "data": "192.0.2.6"}]},
        {"hw-address": hw(7), "ip-address": "192.0.2.105"},
        {"client-id": "01:73:76:6e", "ip-address": "192.0.2.106"},
    ])
}

/// In one subnet, with its options, and in every mode.
#[test]
fn hosts_of_a_subnet() {
    let changed = subnet(json!({
        "reservations": reservations(), "next-server": "192.0.2.8", "boot-file-name": "/subnet",
        "option-data": [{"name": "routers", "data": "192.0.2.1"}, {"name": "domain-name", "data": "example.org"}],
    }));
    play("hosts_of_a_subnet", json!({"subnet4": [changed]}), &[("hosts of a subnet", found)]);
}

/// Only addresses that are in no pool.
#[test]
fn hosts_out_of_pool() {
    let changed = subnet(json!({"reservations": reservations(), "reservation-mode": "out-of-pool"}));
    play("hosts_out_of_pool", json!({"subnet4": [changed]}), &[("hosts out of pool", found)]);
}

/// None.
#[test]
fn hosts_disabled() {
    let changed = subnet(json!({"reservations": reservations(), "reservation-mode": "disabled"}));
    play("hosts_disabled", json!({"subnet4": [changed]}), &[("hosts disabled", found)]);
}

/// Global ones, by another order of identifiers, with names in the domain of the subnet.
#[test]
fn hosts_everywhere() {
    let changes = json!({
        "subnet4": [subnet(json!({"reservations-global": true, "reservations-in-subnet": false}))],
        "host-reservation-identifiers": ["client-id", "circuit-id", "hw-address"],
        "reservations": reservations(), "ddns-qualifying-suffix": "example.net.",
    });
    play("hosts_everywhere", changes, &[("hosts everywhere", found)]);
}

fn play(test: &str, changes: Value, scripts: &[Script]) {
    sandboxed(&format!("scripts::hosts::{test}"), |world| {
        compare(world, &configuration(changes), scripts);
    });
}

fn found(side: &mut Side) {
    let wish = |query: Query| query.option(WISHES, COMMON_WISHES);
    let named = |query: Query| wish(query).option(OptionCode::HOST_NAME, b"sent");
    let full = |query: Query| wish(query).option(OptionCode::FQDN, b"\x00\0\0sent");
    for client in [1, 2, 6, 7] {
        for (what, dress) in [("named", &named as &dyn Fn(Query) -> Query), ("full", &full), ("plain", &wish)]
        {
            side.ask(&format!("{client} {what}: discover"), dress(Query::discover(client)));
            side.lease_at(client, host(150 + client as u8), dress);
        }
        let inform = Query::new(MessageType::INFORM, mac(client)).holding(host(50));
        side.ask(&format!("{client}: inform"), wish(inform));
        side.ask(&format!("{client}: without address"), wish(Query::request(client)));
    }
    let duid = |query: Query| query.client_id(b"\xff\0\0\0\x01\0\x03\0\x01\x02");
    side.lease(3, duid);
    let port = |query: Query| {
        query.relayed(host(3)).option(OptionCode::RELAY_AGENT_INFORMATION, b"\x01\x04port\x02\x01a")
    };
    side.lease(4, port);
    let five = |query: Query| wish(query).client_id(b"\x01five");
    let address = side.lease(5, five);
    side.ask("renewed", five(Query::request(5)).holding(address));
    side.ask("rebooted", five(Query::request(5)).requested(address));
    side.lease(7, |query| query.client_id(b"\x01svn"));
    // Somebody else, who wants what is reserved.
    for wanted in [20, 21, 22, 100, 101, 105, 106] {
        let one = 30 + u16::from(wanted);
        side.ask(&format!("another wishes for .{wanted}"), Query::discover(one).requested(host(wanted)));
        side.ask(
            &format!("another selects .{wanted}"),
            Query::request(one).server_id(SERVER).requested(host(wanted)),
        );
        side.ask(&format!("another renews .{wanted}"), Query::request(one).holding(host(wanted)));
        side.ask(&format!("another reboots to .{wanted}"), Query::request(one).requested(host(wanted)));
    }
    // Clients who want another address than theirs, and give it back.
    side.ask("1 selects another", Query::request(1).server_id(SERVER).requested(host(140)));
    side.ask("7 selects a reserved one", Query::request(7).server_id(SERVER).requested(host(106)));
    for client in [1, 2, 7] {
        let own = side.lease(client, |query| query);
        let release = Query::new(MessageType::RELEASE, mac(client)).holding(own).server_id(SERVER);
        side.ask(&format!("{client} releases"), release);
    }
}
