//! Interfaces: which ones are served, and what happens when they come, go and change.

use std::net::Ipv4Addr;

use kotare_tests::world::{
    Client, ClientProgram, Server, World, busy_configuration, eventually, lan_configuration, program,
    sandboxed,
};
use serde_json::{Value, json};

/// Kea's manual, "Subnet selection": a client gets an address of the subnet of the interface it is heard on.
#[test]
fn two_interfaces_serve_two_subnets() {
    sandboxed("two_interfaces_serve_two_subnets", |world| {
        let server_host = world.host("server");
        let mut clients = [1_u8, 2].map(|number| {
            let host = world.host(&format!("client{number}"));
            world.cable((&server_host, &format!("eth{number}")), (&host, "eth0"));
            server_host.address(&format!("eth{number}"), &format!("10.{number}.0.1/16"));
            (number, Client::new(world, &host, "eth0", ClientProgram::Udhcpc))
        });
        let _server = Server::under_test(world, &server_host, "server", two_subnets(&["eth1", "eth2"]));
        for (number, client) in &mut clients {
            let lease = client.obtain();
            assert_eq!(lease.address().octets()[..2], [10, *number]);
            assert_eq!(lease.server(), Ipv4Addr::new(10, *number, 0, 1));
            // A unicast to the server's address of that link.
            client.renew();
        }
    });
}

/// Kea's manual, "Interface configuration": `*` serves every interface that has an address.
#[test]
fn a_star_serves_all_interfaces() {
    sandboxed("a_star_serves_all_interfaces", |world| {
        let server_host = world.host("server");
        let mut clients = [1_u8, 2].map(|number| {
            let host = world.host(&format!("client{number}"));
            world.cable((&server_host, &format!("eth{number}")), (&host, "eth0"));
            server_host.address(&format!("eth{number}"), &format!("10.{number}.0.1/16"));
            Client::new(world, &host, "eth0", ClientProgram::Udhcpc)
        });
        let _server = Server::under_test(world, &server_host, "server", two_subnets(&["*"]));
        for client in &mut clients {
            client.obtain();
        }
    });
}

/// Kea's manual, "Interface configuration": `eth0/192.0.2.5` serves that address only, and it names the server.
#[test]
fn one_address_of_an_interface_is_served() {
    sandboxed("one_address_of_an_interface_is_served", |world| {
        let lan = world.lan();
        lan.server.address("eth0", "192.0.2.5/24");
        let mut dhcp4 = lan_configuration();
        dhcp4["interfaces-config"]["interfaces"] = json!(["eth0/192.0.2.5"]);
        let _server = Server::under_test(world, &lan.server, "server", dhcp4);
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        assert_eq!(client.obtain().server(), Ipv4Addr::new(192, 0, 2, 5));
        assert_eq!(client.renew().server(), Ipv4Addr::new(192, 0, 2, 5));
    });
}

/// An interface that is missing at the start, appears, disappears and comes back is served whenever it is there; until
/// then `status-get` says it is being retried, and the others are served all the time.
#[test]
fn an_interface_comes_and_goes() {
    sandboxed("an_interface_comes_and_goes", |world| {
        let lan = world.lan();
        let mut dhcp4 = two_subnets(&["eth0", "eth2"]);
        dhcp4["subnet4"].as_array_mut().expect("subnets").push(lan_configuration()["subnet4"][0].clone());
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        let mut steady = lan.client("steady", ClientProgram::Udhcpc);
        steady.obtain();
        for round in 1..=2 {
            let told = eventually("the missing interface is retried", || retried(&server));
            assert!(told.contains("eth2"), "{told}");
            steady.renew();

            let host = world.host(&format!("client{round}"));
            world.cable((&lan.server, "eth2"), (&host, "eth0"));
            lan.server.address("eth2", "10.2.0.1/16");
            eventually("all interfaces are served", || ready(&server));
            let mut client = Client::new(world, &host, "eth0", ClientProgram::Udhcpc);
            assert_eq!(client.obtain().server(), Ipv4Addr::new(10, 2, 0, 1));
            client.kill();
            lan.server.ip("link delete eth2");
        }
        steady.renew();
    });
}

/// What happens to one interface does not cost the others a packet.
#[test]
fn an_interface_that_comes_and_goes_disturbs_no_other() {
    sandboxed("an_interface_that_comes_and_goes_disturbs_no_other", |world| {
        let busy = world.busy();
        let other = world.host("other");
        let mut dhcp4 = busy_configuration();
        dhcp4["interfaces-config"]["interfaces"] = json!(["eth0", "eth2"]);
        let server = Server::kotare(world, &busy.server, "server", dhcp4);
        let load = busy.lasting_load(&server, &["--in-flight", "32"]);
        for _ in 0..5 {
            world.cable((&busy.server, "eth2"), (&other, "eth0"));
            busy.server.address("eth2", "10.2.0.1/16");
            eventually("both are served", || ready(&server));
            busy.server.ip("link delete eth2");
            eventually("one is missing", || retried(&server));
        }
        let (counted, _) = load.finish();
        assert_eq!(counted["resent"], 0, "{counted}");
    });
}

/// An interface that is down or has no address is retried like one that is missing.
#[test]
fn an_interface_goes_down_and_up() {
    sandboxed("an_interface_goes_down_and_up", |world| {
        let lan = world.lan();
        let server = Server::kotare(world, &lan.server, "server", lan_configuration());
        eventually("the interface is served", || ready(&server));
        lan.server.ip("link set eth0 down");
        eventually("an interface that is down is retried", || retried(&server));
        lan.server.ip("link set eth0 up");
        eventually("the interface is served again", || ready(&server));
        lan.server.ip("address delete 192.0.2.1/24 dev eth0");
        let told = eventually("an interface without an address is retried", || retried(&server));
        assert!(told.contains("eth0"), "{told}");
        lan.server.address("eth0", "192.0.2.1/24");
        eventually("the interface is served once more", || ready(&server));
        lan.client("client", ClientProgram::Udhcpc).obtain();
    });
}

/// An interface that is removed and made anew with the same index, name and address, all before anybody could look, is
/// served.
#[test]
fn an_interface_is_made_anew() {
    sandboxed("an_interface_is_made_anew", |world| {
        let lan = world.lan();
        let make = |index: &str| {
            format!(
                "link add eth2 {index} address 02:00:00:00:00:02 type veth peer name other\n\
                 address add 10.2.0.1/16 dev eth2\nlink set other up\nlink set eth2 up\n"
            )
        };
        let batch = world.path("batch");
        let run = |commands: String| {
            std::fs::write(&batch, commands).expect("write the commands");
            lan.server.ip(&format!("-batch {}", batch.display()));
        };
        run(make(""));
        let server = Server::kotare(world, &lan.server, "server", two_subnets(&["eth2"]));
        eventually("the interface is served", || ready(&server));
        for _ in 0..3 {
            let shown = lan.server.ip("-oneline link show dev eth2");
            let index = shown.split(':').next().expect("the number comes first");
            run(format!("link delete eth2\n{}", make(&format!("index {index}"))));
            let mut client = Client::new(world, &lan.server, "other", ClientProgram::Udhcpc);
            assert_eq!(client.obtain().server(), Ipv4Addr::new(10, 2, 0, 1));
            client.kill();
        }
    });
}

/// Kea's manual, "Interface configuration": loopback is not served with raw sockets, which trying again does not change.
#[test]
fn loopback_is_not_served() {
    sandboxed("loopback_is_not_served", |world| {
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        dhcp4["interfaces-config"]["interfaces"] = json!(["eth0", "lo"]);
        let server = Server::under_test(world, &lan.server, "server", dhcp4);
        let status = server.command("status-get", None);
        let expected = json!({
            "status": "failed",
            "errors": ["must not open socket on the loopback interface lo"],
        });
        assert_eq!(status["arguments"]["sockets"], expected);
        server.await_log(&["DHCPSRV_OPEN_SOCKET_FAIL", "must not open socket on the loopback interface lo"]);
        lan.client("client", ClientProgram::Udhcpc).obtain();
    });
}

/// A server whose interface gets another address serves with that one, without a restart.
#[test]
fn an_interface_changes_its_address() {
    sandboxed("an_interface_changes_its_address", |world| {
        let lan = world.lan();
        let server = Server::kotare(world, &lan.server, "server", lan_configuration());
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let first = client.obtain();
        client.kill();
        lan.server.address("eth0", "192.0.2.7/24");
        lan.server.ip("address delete 192.0.2.1/24 dev eth0");
        // Deleting a primary address takes its secondaries along.
        if lan.server.addresses("eth0").is_empty() {
            lan.server.address("eth0", "192.0.2.7/24");
        }
        let second = eventually("the new address serves", || {
            let lease = client.obtain();
            client.kill();
            (lease.server() == Ipv4Addr::new(192, 0, 2, 7)).then_some(lease)
        });
        assert_eq!(second.address(), first.address());
        eventually("all is well", || ready(&server));
    });
}

/// A client gets its lease also where the link carries no packet for all that is configured for it, from the moment it
/// does not; what it does not hear is told in the log and counted.
#[test]
fn a_reply_is_as_long_as_its_link_allows() {
    sandboxed("a_reply_is_as_long_as_its_link_allows", |world| {
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        let big = json!({"code": 224, "data": "ab".repeat(1100), "csv-format": false, "always-send": true});
        dhcp4["option-data"] = json!([big]);
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        lan.client("first", ClientProgram::Dhclient).obtain();
        assert_eq!(server.statistic("pkt4-options-left-out"), 0);
        lan.server.ip("link set eth0 mtu 1300");
        lan.client("second", ClientProgram::Dhclient).obtain();
        assert!(server.statistic("pkt4-options-left-out") >= 1);
        server.await_log(&["no room for the options 224"]);
    });
}

/// Kea's manual, "service-sockets-require-all": a server that shall serve all its interfaces or none does not start
/// without one of them, and says which.
#[test]
fn all_interfaces_or_none() {
    sandboxed("all_interfaces_or_none", |world| {
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        dhcp4["interfaces-config"] = json!({
            "interfaces": ["eth0", "eth7"],
            "service-sockets-require-all": true,
            "service-sockets-max-retries": 1,
            "service-sockets-retry-wait-time": 100,
        });
        let mut server = Server::launch(world, &lan.server, "server", &program("kea-dhcp4"), dhcp4);
        assert!(!server.wait(), "it ends with an error");
        assert!(server.log().contains("eth7"), "{}", server.log());
    });
}

/// A second server of the same address says that the port is taken, serves nothing, and takes over when it is free.
#[test]
fn a_port_in_use_is_told_and_retried() {
    sandboxed("a_port_in_use_is_told_and_retried", |world| {
        port_in_use(world, "raw");
    });
}

/// The same for UDP sockets.
#[test]
fn a_port_in_use_is_told_and_retried_with_udp_sockets() {
    sandboxed("a_port_in_use_is_told_and_retried_with_udp_sockets", |world| {
        port_in_use(world, "udp");
    });
}

fn port_in_use(world: &World, socket_type: &str) {
    let lan = world.lan();
    let mut dhcp4 = lan_configuration();
    dhcp4["interfaces-config"]["dhcp-socket-type"] = socket_type.into();
    dhcp4["interfaces-config"]["service-sockets-max-retries"] = 100.into();
    dhcp4["interfaces-config"]["service-sockets-retry-wait-time"] = 200.into();
    let first = Server::kotare(world, &lan.server, "first", dhcp4.clone());
    eventually("the first serves", || ready(&first));
    let second = Server::kotare(world, &lan.server, "second", dhcp4);
    let told = eventually("the second cannot", || retried(&second));
    assert!(told.contains("192.0.2.1") && told.contains("in use"), "{told}");
    second.await_log(&["DHCPSRV_OPEN_SOCKET_FAIL"]);
    first.stop();
    eventually("the second takes over", || ready(&second));
}

/// What `status-get` says is wrong while sockets are retried.
fn retried(server: &Server) -> Option<String> {
    let status = server.command("status-get", None);
    let sockets = &status["arguments"]["sockets"];
    (sockets["status"] == "retrying").then(|| sockets["errors"].to_string())
}

fn ready(server: &Server) -> Option<()> {
    let status = server.command("status-get", None);
    (status["arguments"]["sockets"]["status"] == "ready").then_some(())
}

/// 10.1.0.0/16 and 10.2.0.0/16, served on these interfaces.
fn two_subnets(interfaces: &[&str]) -> Value {
    let mut dhcp4 = lan_configuration();
    dhcp4["interfaces-config"]["interfaces"] = json!(interfaces);
    let subnets = [11, 12].map(|id| {
        let prefix = format!("10.{}", id - 10);
        json!({
            "id": id, "subnet": format!("{prefix}.0.0/16"), "pools": [{"pool": format!("{prefix}.0.10 - {prefix}.0.99")}],
        })
    });
    dhcp4["subnet4"] = json!(subnets);
    dhcp4
}
