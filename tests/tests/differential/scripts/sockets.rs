//! How packets travel: kinds of sockets, ports, who is served on them.

use std::net::{Ipv4Addr, SocketAddrV4};

use kotare_tests::world::sandboxed;
use serde_json::{Value, json};

use super::{configuration, host};
use crate::packets::{Query, RELAY, SERVER};
use crate::stage::{Script, Side, compare};

/// Raw sockets see everything.
#[test]
fn raw_sockets() {
    play("raw_sockets", json!({"interfaces": ["eth0"], "dhcp-socket-type": "raw"}), &[("raw", travel)]);
}

/// UDP sockets serve relays and clients that have an address.
#[test]
fn udp_sockets() {
    play("udp_sockets", json!({"interfaces": ["eth0"], "dhcp-socket-type": "udp"}), &[("udp", travel)]);
}

/// One address of an interface is named.
#[test]
fn one_address() {
    play("one_address", json!({"interfaces": ["eth0/192.0.2.1"]}), &[("address", travel)]);
}

/// All interfaces are named.
#[test]
fn all_interfaces() {
    play("all_interfaces", json!({"interfaces": ["*"]}), &[("all interfaces", travel)]);
}

/// Routing chooses the way of replies.
#[test]
fn replies_as_routing_says() {
    let routed =
        json!({"interfaces": ["eth0"], "dhcp-socket-type": "udp", "outbound-interface": "use-routing"});
    play("replies_as_routing_says", routed, &[("use-routing", travel)]);
}

fn play(test: &str, interfaces: Value, scripts: &[Script]) {
    sandboxed(&format!("scripts::sockets::{test}"), |world| {
        compare(world, &configuration(json!({"interfaces-config": interfaces})), scripts);
    });
}

fn travel(side: &mut Side) {
    side.ask("broadcast", Query::discover(1));
    side.ask("broadcast, please", Query::discover(2).header(10, &[0x80, 0]));
    side.ask("unicast", Query::discover(3).unicast());
    side.ask("subnet broadcast", Query::discover(4).destination(SocketAddrV4::new(host(255), 67)));
    side.ask("to another address", Query::discover(5).unicast().destination(SocketAddrV4::new(host(8), 67)));
    side.ask("to another port", Query::discover(6).destination(SocketAddrV4::new(Ipv4Addr::BROADCAST, 1067)));
    side.ask("from another port", Query::discover(7).source(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 1068)));
    side.ask("renewal", Query::request(8).holding(host(150)));
    side.ask(
        "renewal from another port",
        Query::request(8).holding(host(150)).source(SocketAddrV4::new(host(150), 1068)),
    );
    side.ask(
        "renewal from another address",
        Query::request(8).holding(host(150)).source(SocketAddrV4::new(host(151), 68)),
    );
    side.ask("relayed", Query::discover(9).relayed(RELAY));
    side.ask("relayed from port 68", Query::discover(10).relayed(RELAY).source(SocketAddrV4::new(RELAY, 68)));
    side.ask(
        "relayed, broadcast to us",
        Query::discover(11).relayed(RELAY).destination(SocketAddrV4::new(Ipv4Addr::BROADCAST, 67)),
    );
    side.ask("a refusal", Query::request(12).server_id(SERVER).requested(Ipv4Addr::new(10, 0, 0, 1)));
    side.ask(
        "a refusal, relayed",
        Query::request(12).server_id(SERVER).requested(Ipv4Addr::new(10, 0, 0, 1)).relayed(RELAY),
    );
    side.ask("a refused renewal", Query::request(13).holding(Ipv4Addr::new(10, 0, 0, 1)));
}
