//! Clients behind relays.

use std::net::Ipv4Addr;

use kotare_tests::world::{
    Client, ClientProgram, Host, Load, Relay, Server, World, eventually, lan_configuration, sandboxed,
};
use serde_json::{Value, json};

/// RFC 1542 §4 and RFC 2131 §4.1: a relay's `giaddr` chooses the subnet, and the answer goes back through the relay,
/// for each client; afterwards clients renew by unicast, past the relay.
#[test]
fn clients_behind_a_relay_get_leases_of_their_link() {
    sandboxed("clients_behind_a_relay_get_leases_of_their_link", |world| {
        let office = Office::new(world);
        let _relay = Relay::start(world, &office.relay, "eth1", "eth0", "192.0.2.1", &[]);
        let server = Server::under_test(world, &office.server, "server", office_configuration("raw"));
        for program in ClientProgram::ALL {
            let mut client = office.client(world, program);
            let lease = client.obtain();
            assert_eq!(lease.address().octets()[..3], [198, 51, 100], "{lease:?}");
            assert_eq!(lease.server(), Ipv4Addr::new(192, 0, 2, 1));
            assert_eq!(lease.routers(), "198.51.100.1");
            if program != ClientProgram::Dhclient {
                assert_eq!(client.renew().address(), lease.address());
            }
        }
        assert_eq!(server.statistic("subnet[2].assigned-addresses"), 3);
        assert_eq!(server.statistic("subnet[1].assigned-addresses"), 0);
    });
}

/// Kea's manual, "Interface configuration": UDP sockets, which hear no broadcast, serve what relays send.
#[test]
fn udp_sockets_serve_relays() {
    sandboxed("udp_sockets_serve_relays", |world| {
        let office = Office::new(world);
        let _relay = Relay::start(world, &office.relay, "eth1", "eth0", "192.0.2.1", &[]);
        let _server = Server::under_test(world, &office.server, "server", office_configuration("udp"));
        let mut client = office.client(world, ClientProgram::Udhcpc);
        let address = client.obtain().address();
        assert_eq!(client.renew().address(), address);
        client.release();
    });
}

/// RFC 3046 §2.2: what a relay says about a client comes back to the relay as it was, or this one, which checks that,
/// would not deliver the answer.
#[test]
fn relay_agent_information_comes_back() {
    sandboxed("relay_agent_information_comes_back", |world| {
        let office = Office::new(world);
        let _relay =
            Relay::start(world, &office.relay, "eth1", "eth0", "192.0.2.1", &["-a", "-m", "discard"]);
        let _server = Server::under_test(world, &office.server, "server", office_configuration("raw"));
        let lease = office.client(world, ClientProgram::Dhclient).obtain();
        assert_eq!(lease.address().octets()[..3], [198, 51, 100], "{lease:?}");
    });
}

/// RFC 1542 §4.1.1: a second relay on the way counts its hop and leaves `giaddr` alone; the answer goes to the first.
#[test]
fn two_relays_in_a_row() {
    sandboxed("two_relays_in_a_row", |world| {
        // server -- far -- near -- client; only the near relay's link has clients.
        let [server_host, far, near, laptop] =
            ["server", "far", "near", "laptop"].map(|name| world.host(name));
        world.cable((&server_host, "eth0"), (&far, "eth0"));
        world.cable((&far, "eth1"), (&near, "eth0"));
        world.cable((&near, "eth1"), (&laptop, "eth0"));
        server_host.address("eth0", "192.0.2.1/24");
        far.address("eth0", "192.0.2.2/24");
        far.address("eth1", "203.0.113.1/24");
        near.address("eth0", "203.0.113.2/24");
        near.address("eth1", "198.51.100.1/24");
        for (host, router) in [(&server_host, "192.0.2.2"), (&near, "203.0.113.1")] {
            host.ip(&format!("route add default via {router}"));
        }
        far.ip("route add 198.51.100.0/24 via 203.0.113.2");
        far.forward();
        near.forward();
        let _near = Relay::start(world, &near, "eth1", "eth0", "203.0.113.1", &[]);
        let _far = Relay::start(world, &far, "eth1", "eth0", "192.0.2.1", &[]);
        let _server = Server::under_test(world, &server_host, "server", office_configuration("raw"));
        let lease = Client::new(world, &laptop, "eth0", ClientProgram::Udhcpc).obtain();
        assert_eq!(lease.address().octets()[..3], [198, 51, 100], "{lease:?}");
    });
}

/// Kea's manual, "Using a Specific Relay Agent for a Subnet": `relay` chooses the subnet where `giaddr` is outside it.
#[test]
fn a_named_relay_chooses_the_subnet() {
    sandboxed("a_named_relay_chooses_the_subnet", |world| {
        let office = Office::new(world);
        let _relay = Relay::start(world, &office.relay, "eth1", "eth0", "192.0.2.1", &[]);
        let mut dhcp4 = office_configuration("raw");
        dhcp4["subnet4"].as_array_mut().expect("subnets").push(json!({
            "id": 3, "subnet": "10.3.0.0/16", "pools": [{"pool": "10.3.0.10 - 10.3.0.99"}],
            "relay": {"ip-addresses": ["198.51.100.1"]},
        }));
        // The one whose prefix holds the relay's address would be chosen before it.
        dhcp4["subnet4"].as_array_mut().expect("subnets").remove(1);
        let _server = Server::under_test(world, &office.server, "server", dhcp4);
        let lease = office.client(world, ClientProgram::Udhcpc).obtain();
        assert_eq!(lease.address().octets()[..2], [10, 3], "{lease:?}");
    });
}

/// RFC 2131 §4.3.2 and §4.1: a NAK for a client behind a relay is broadcast on the client's link by the relay.
#[test]
fn a_relayed_client_that_moved_is_told_so() {
    sandboxed("a_relayed_client_that_moved_is_told_so", |world| {
        let office = Office::new(world);
        let relay = Relay::start(world, &office.relay, "eth1", "eth0", "192.0.2.1", &[]);
        let mut dhcp4 = office_configuration("raw");
        dhcp4["authoritative"] = true.into();
        let server = Server::under_test(world, &office.server, "server", dhcp4);
        let mut client = office.client(world, ClientProgram::Dhclient);
        assert_eq!(client.obtain().address().octets()[..3], [198, 51, 100]);
        client.kill();
        // The link gets another number.
        drop(relay);
        office.relay.ip("address delete 198.51.100.1/24 dev eth1");
        office.relay.address("eth1", "203.0.113.1/24");
        office.server.ip("route add 203.0.113.0/24 via 192.0.2.2");
        let _relay = Relay::start(world, &office.relay, "eth1", "eth0", "192.0.2.1", &[]);
        assert_eq!(client.obtain().address().octets()[..3], [203, 0, 113]);
        assert!(server.statistic("pkt4-nak-sent") >= 1);
        eventually("the new lease is in the file", || {
            server.lease_rows().iter().any(|row| row.starts_with("203.0.113.")).then_some(())
        });
    });
}

/// A server's host, and behind a relay that is a router, too, a link with clients.
struct Office {
    server: Host,
    relay: Host,
    link: kotare_tests::world::Link,
}

impl Office {
    fn new(world: &World) -> Self {
        let (server, relay, link) = (world.host("server"), world.host("relay"), world.link("office"));
        world.cable((&server, "eth0"), (&relay, "eth0"));
        link.join(&relay, "eth1");
        server.address("eth0", "192.0.2.1/24");
        relay.address("eth0", "192.0.2.2/24");
        relay.address("eth1", "198.51.100.1/24");
        server.ip("route add 198.51.100.0/24 via 192.0.2.2");
        relay.forward();
        Self { server, relay, link }
    }

    fn client(&self, world: &World, program: ClientProgram) -> Client {
        let host = world.host(program.name());
        self.link.join(&host, "eth0");
        Client::new(world, &host, "eth0", program)
    }
}

/// The server's own link and, behind the relay, one that changes its number.
fn office_configuration(socket_type: &str) -> Value {
    let mut dhcp4 = lan_configuration();
    dhcp4["interfaces-config"]["dhcp-socket-type"] = socket_type.into();
    for (id, prefix) in [(2, "198.51.100"), (4, "203.0.113")] {
        dhcp4["subnet4"].as_array_mut().expect("subnets").push(json!({
            "id": id,
            "subnet": format!("{prefix}.0/24"),
            "pools": [{"pool": format!("{prefix}.10 - {prefix}.99")}],
            "option-data": [{"name": "routers", "data": format!("{prefix}.1")}],
        }));
    }
    dhcp4
}

/// Kea's manual, `outbound-interface`: with `use-routing` an answer takes the way the routing table says, which may be
/// another interface than the query came in on; with `same-as-inbound` it goes back where the query came from.
#[test]
fn routing_may_choose_the_way_back() {
    sandboxed("routing_may_choose_the_way_back", |world| {
        let (server, relay) = (world.host("server"), world.host("relay"));
        world.cable((&server, "eth0"), (&relay, "eth0"));
        world.cable((&server, "eth1"), (&relay, "eth1"));
        server.address("eth0", "192.0.2.1/24");
        relay.address("eth0", "192.0.2.2/24");
        server.address("eth1", "198.51.100.1/24");
        relay.address("eth1", "198.51.100.2/24");
        // The relay's own address is behind its second interface only.
        relay.address("lo", "203.0.113.1/32");
        server.ip("route add 203.0.113.1 via 198.51.100.2 dev eth1");
        let by_way_of_eth1 = |outbound: &str| {
            let before = received(&relay, "eth1");
            let configuration = json!({
                "interfaces-config": {
                    "interfaces": ["eth0"], "dhcp-socket-type": "udp", "outbound-interface": outbound,
                },
                "subnet4": [{
                    "id": 1, "subnet": "10.0.0.0/24", "pools": [{"pool": "10.0.0.10 - 10.0.0.99"}],
                    "relay": {"ip-addresses": ["203.0.113.1"]},
                }],
            });
            let running = Server::under_test(world, &server, outbound, configuration);
            let options = ["--in-flight", "1", "--exchanges", "5", "--silence", "60", "--seconds", "60"];
            let (_, acknowledged) = Load::start(world, &relay, "192.0.2.1", "203.0.113.1", &options).finish();
            assert!(running.stop());
            assert_eq!(acknowledged.len(), 5, "{outbound}");
            received(&relay, "eth1") - before
        };
        // Five offers and five acknowledgements; ARP and the like are small.
        let answers = 10 * 250;
        assert!(by_way_of_eth1("use-routing") >= answers);
        assert!(by_way_of_eth1("same-as-inbound") < answers);
    });
}

/// How many bytes an interface has received.
fn received(host: &Host, interface: &str) -> u64 {
    let shown: Value =
        serde_json::from_str(&host.ip(&format!("-j -s link show dev {interface}"))).expect("JSON");
    shown[0]["stats64"]["rx"]["bytes"].as_u64().expect("a counter")
}
