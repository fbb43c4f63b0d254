//! The hook library flex_id of the DHCPv6 server: real clients are known by where they are.

use std::net::Ipv6Addr;

use kotare_tests::world::{
    Client6, Client6Program, Server6, Wish, eventually, office6_configuration, sandboxed,
};
use serde_json::{Value, json};

/// What is reserved for whoever is at the port.
const ADDRESS: &str = "2001:db8:2::1234";
const PREFIX: &str = "2001:db8:d000::/56";

/// The number that the relay agent gives its interface, as it is kept in this machine.
const PORT: &str = "01:00:00:00";

/// A server that knows clients by the interface at which the relay agent hears them.
fn configuration(parameters: Value) -> Value {
    let mut dhcp6 = office6_configuration();
    dhcp6["host-reservation-identifiers"] = json!(["flex-id", "duid"]);
    dhcp6["subnet6"][1]["reservations"] =
        json!([{"flex-id": PORT, "ip-addresses": [ADDRESS], "prefixes": [PREFIX]}]);
    dhcp6["hooks-libraries"] = json!([
        {"library": "/nowhere/libdhcp_flex_id.so", "parameters": parameters},
        {"library": "/nowhere/libdhcp_lease_cmds.so"},
    ]);
    dhcp6
}

/// What the relay agent nearest to the server calls the interface (RFC 9915 §21.18).
const BY_PORT: &str = "relay6[0].option[18].hex";

/// Whatever device comes to the port has what the port had, under the identifier in place of its DUID and at once; it hears
/// its own DUID, without which clients accept no answer.
#[test]
fn devices_at_a_port_are_one_client() {
    sandboxed("devices_at_a_port_are_one_client", |world| {
        let office = world.office6();
        let _relay = office.relaying(&["-I"]);
        let parameters =
            json!({"identifier-expression": BY_PORT, "replace-client-id": true, "ignore-iaid": true});
        let mut dhcp6 = configuration(parameters);
        dhcp6["renew-timer"] = 2.into();
        dhcp6["rebind-timer"] = 1000.into();
        dhcp6["cache-threshold"] = 0.0001.into();
        let server = Server6::kotare(world, &office.server, "server", dhcp6);
        for (number, program) in Client6Program::ALL.into_iter().enumerate() {
            let mut client = office.client(program, Wish::Both);
            let lease = client.obtain();
            assert_eq!(lease.address.map(|address| address.to_string()).as_deref(), Some(ADDRESS));
            assert_eq!(lease.prefix.as_deref(), Some(PREFIX));
            for line in ["FLEX_ID_EXPRESSION_EVALUATED", "FLEX_ID_USED_AS_DUID", "FLEX_ID_RESTORE_DUID"] {
                server.await_log(&[line]);
            }
            let renewed = eventually("the address is renewed", || {
                Some(client.renew()).filter(|renewed| !renewed.addresses().is_empty())
            });
            assert_eq!(renewed.addresses(), Vec::from_iter(lease.address));
            let expected = [(ADDRESS, "128"), ("2001:db8:d000::", "56")];
            for (place, length) in expected {
                let row = last_row(&server, place);
                let columns: Vec<_> = row.split(',').collect();
                // Two zero bytes and the identifier; association 0.
                assert_eq!((columns[1], columns[7], columns[8]), ("00:00:01:00:00:00", "0", length));
            }
            if number == 0 { client.kill() } else { client.release() }
        }
        eventually("what they had is free", || {
            let assigned = ["nas", "pds"].map(|of| server.statistic(&format!("subnet[2].assigned-{of}")));
            (assigned == [0, 0]).then_some(())
        });
    });
}

/// Without `replace-client-id`, what is reserved is the first device's until it gives it back, and another one gets
/// something else meanwhile.
#[test]
fn devices_at_a_port_follow_one_another() {
    sandboxed("devices_at_a_port_follow_one_another", |world| {
        let office = world.office6();
        let _relay = office.relaying(&["-I"]);
        let server = Server6::kotare(
            world,
            &office.server,
            "server",
            configuration(json!({"identifier-expression": BY_PORT})),
        );
        let [mut first, mut second] =
            Client6Program::ALL.map(|program| office.client(program, Wish::Address));
        let address = |client: &mut Client6| client.obtain().address.expect("an address");
        let reserved: Ipv6Addr = ADDRESS.parse().expect("an address");
        assert_eq!(address(&mut first), reserved);
        let other = address(&mut second);
        assert!(other.segments()[..4] == reserved.segments()[..4] && other != reserved, "{other}");
        let by_duid = |place: &str| {
            let answer = server.command("lease6-get", Some(json!({"ip-address": place})));
            answer["arguments"]["duid"].as_str().expect("a DUID").to_owned()
        };
        let duids = [by_duid(ADDRESS), by_duid(&other.to_string())];
        assert!(duids[0] != duids[1] && duids.iter().all(|duid| !duid.starts_with("00:00:")), "{duids:?}");
        first.release();
        eventually("the address is free", || {
            let answer = server.command("lease6-get", Some(json!({"ip-address": ADDRESS})));
            (answer["arguments"]["state"] != 0).then_some(())
        });
        second.release();
        assert_eq!(address(&mut second), reserved);
    });
}

/// The last row about an address or a prefix.
fn last_row(server: &Server6, place: &str) -> String {
    let rows = server.lease_rows();
    let row = rows.iter().rfind(|row| row.starts_with(&format!("{place},")));
    row.unwrap_or_else(|| panic!("{place} in {rows:#?}")).clone()
}
