//! Real clients, and what an operator means for each of them.

use kotare_tests::world::{Client, ClientProgram, Relay, Server, eventually, lan_configuration, sandboxed};
use serde_json::json;

/// Kea's manual, "Host Reservation in DHCPv4": each client gets the address, the name and the options that are reserved for
/// it, by what each identifier finds, and keeps them when it renews; nobody else gets the address.
#[test]
fn clients_get_what_is_reserved_for_them() {
    sandboxed("clients_get_what_is_reserved_for_them", |world| {
        let lan = world.lan();
        let mut clients = ClientProgram::ALL.map(|program| lan.client(program.name(), program));
        let [udhcpc, dhclient, dhcpcd] = clients.each_ref().map(Client::mac);
        let mut dhcp4 = lan_configuration();
        // Two addresses of the pool and one outside of it. `dhcpcd` and `udhcpc` send a client identifier made of the
        // hardware address, `dhclient` sends none.
        dhcp4["subnet4"][0]["pools"] = json!([{"pool": "192.0.2.100 - 192.0.2.102"}]);
        dhcp4["subnet4"][0]["reservations"] = json!([
            {"hw-address": dhclient, "ip-address": "192.0.2.50", "hostname": "reserved-name"},
            {"client-id": format!("01:{udhcpc}"), "ip-address": "192.0.2.100",
             "option-data": [{"name": "routers", "data": "192.0.2.9"}]},
            {"client-id": format!("01:{dhcpcd}"), "ip-address": "192.0.2.101"},
        ]);
        let server = Server::under_test(world, &lan.server, "server", dhcp4);
        // Somebody else comes first, and would get the first address.
        let mut other = lan.client("other", ClientProgram::Udhcpc);
        assert_eq!(other.obtain().address().to_string(), "192.0.2.102");
        let expected = ["192.0.2.100", "192.0.2.50", "192.0.2.101"];
        for (client, expected) in clients.iter_mut().zip(expected) {
            assert_eq!(client.obtain().address().to_string(), expected);
        }
        let renewed = clients[0].renew();
        assert_eq!((renewed.address().to_string().as_str(), renewed.routers()), ("192.0.2.100", "192.0.2.9"));
        assert_eq!(clients[2].renew().address().to_string(), "192.0.2.101");
        let row = |row: &String| row.starts_with("192.0.2.50,") && row.contains(",reserved-name,");
        assert!(server.lease_rows().iter().any(row), "{:?}", server.lease_rows());
    });
}

/// Kea's manual, "Shared Networks in DHCPv4": of the subnets of one link a client gets an address of the first pool that its
/// classes may use, whatever the client; who is of no such class gets what is left for all.
#[test]
fn classes_have_pools_of_their_own_on_a_shared_link() {
    sandboxed("classes_have_pools_of_their_own_on_a_shared_link", |world| {
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        dhcp4["client-classes"] = json!([
            {"name": "small", "test": "substring(option[60].hex, 0, 5) == 'udhcp'"},
            {"name": "large", "test": "substring(option[60].hex, 0, 6) == 'dhcpcd'",
             "option-data": [{"name": "domain-name-servers", "data": "192.0.2.54"}]},
            {"name": "others", "test": "not member('small') and not member('large')"},
        ]);
        dhcp4["shared-networks"] = json!([{
            "name": "floor",
            "interface": "eth0",
            "subnet4": [
                {"id": 1, "subnet": "192.0.2.0/24", "pools": [
                    {"pool": "192.0.2.100 - 192.0.2.109", "client-class": "small"},
                    {"pool": "192.0.2.110 - 192.0.2.119", "client-class": "others"},
                ]},
                {"id": 2, "subnet": "198.51.100.0/24", "client-class": "large",
                 "pools": [{"pool": "198.51.100.100 - 198.51.100.109"}]},
            ],
        }]);
        dhcp4["subnet4"] = json!([]);
        let server = Server::under_test(world, &lan.server, "server", dhcp4);
        let expected = ["192.0.2.10", "192.0.2.11", "198.51.100.10"];
        for (program, expected) in ClientProgram::ALL.into_iter().zip(expected) {
            let mut client = lan.client(program.name(), program);
            let lease = client.obtain();
            let address = lease.address().to_string();
            assert_eq!(&address[..address.len() - 1], expected, "{program:?}");
            let name_servers = if program == ClientProgram::Dhcpcd { "192.0.2.54" } else { "" };
            assert_eq!(lease.name_servers(), name_servers, "{program:?}");
            if program != ClientProgram::Dhclient {
                assert_eq!(client.renew().address(), lease.address());
            }
        }
        assert_eq!(server.statistic("subnet[1].assigned-addresses"), 2);
        assert_eq!(server.statistic("subnet[2].assigned-addresses"), 1);
    });
}

/// RFC 3046, and Kea's manual on `circuit-id`: what the relay agent calls the port names whoever is behind it. The first
/// client there gets the address that is reserved for it, a second one another.
#[test]
fn a_port_of_a_relay_has_a_reserved_address() {
    sandboxed("a_port_of_a_relay_has_a_reserved_address", |world| {
        let (server, relay, link) = (world.host("server"), world.host("relay"), world.link("office"));
        world.cable((&server, "eth0"), (&relay, "eth0"));
        link.join(&relay, "eth1");
        server.address("eth0", "192.0.2.1/24");
        relay.address("eth0", "192.0.2.2/24");
        relay.address("eth1", "198.51.100.1/24");
        server.ip("route add 198.51.100.0/24 via 192.0.2.2");
        relay.forward();
        let mut dhcp4 = lan_configuration();
        dhcp4["subnet4"].as_array_mut().expect("subnets").push(json!({
            "id": 2, "subnet": "198.51.100.0/24", "pools": [{"pool": "198.51.100.100 - 198.51.100.109"}],
            "reservations": [{"circuit-id": "'eth1'", "ip-address": "198.51.100.50", "hostname": "desk"}],
        }));
        let running = Server::under_test(world, &server, "server", dhcp4);
        // It names the interface that a client is on.
        let _relay = Relay::start(world, &relay, "eth1", "eth0", "192.0.2.1", &["-a"]);
        let client = |program: ClientProgram| {
            let host = world.host(program.name());
            link.join(&host, "eth0");
            Client::new(world, &host, "eth0", program)
        };
        let mut first = client(ClientProgram::Udhcpc);
        assert_eq!(first.obtain().address().to_string(), "198.51.100.50");
        let second = client(ClientProgram::Dhclient).obtain();
        assert_eq!(second.address().to_string(), "198.51.100.100");
        eventually("the name is in the file", || {
            running.lease_rows().iter().any(|row| row.contains(",desk,")).then_some(())
        });
    });
}
