//! What management systems change of a running kea-dhcp6 is what its clients are given then: subnets, reservations, classes
//! and leases.

use std::path::Path;

use kotare_tests::world::{Client6Program, Server6, Wish, eventually, lan6_configuration, sandboxed};
use serde_json::{Value, json};

/// The LAN's configuration with the libraries that management systems use.
fn configuration() -> Value {
    let mut dhcp6 = lan6_configuration();
    let libraries = ["lease_cmds", "stat_cmds", "subnet_cmds", "host_cmds", "class_cmds"];
    dhcp6["hooks-libraries"] = libraries
        .iter()
        .map(|name| json!({"library": format!("/usr/lib/kea/hooks/libdhcp_{name}.so")}))
        .collect();
    dhcp6
}

fn done(server: &Server6, command: &str, arguments: Value, text: &str) -> Value {
    let mut answer = server.command(command, Some(arguments));
    assert_eq!((&answer["result"], &answer["text"]), (&json!(0), &json!(text)), "{command}: {answer}");
    answer["arguments"].take()
}

/// A subnet that is added serves the next client, also after a restart if the configuration was written; one that is
/// deleted serves nobody.
#[test]
fn subnets_come_and_go() {
    sandboxed("subnets_come_and_go", |world| {
        let lan = world.lan6();
        let mut dhcp6 = configuration();
        let subnet = dhcp6["subnet6"][0].take();
        dhcp6["subnet6"] = json!([]);
        let server = Server6::kotare(world, &lan.server, "server", dhcp6);
        done(&server, "subnet6-add", json!({"subnet6": [subnet]}), "IPv6 subnet added");
        let obtained = |name| {
            let lease = lan.client(name, Client6Program::Dhcpcd, Wish::Both).obtain();
            assert!(lease.address.expect("an address").to_string().starts_with("2001:db8:1::1"));
            assert!(lease.prefix.expect("a prefix").starts_with("2001:db8:8000:"));
        };
        obtained("added");
        let file = server.folder().join("kea-dhcp6.conf");
        let answer = server.command("config-write", None);
        assert_eq!(answer["result"], 0, "{answer}");
        assert_eq!(answer["arguments"]["filename"].as_str().map(Path::new), Some(file.as_path()));
        assert!(server.stop());
        let server = Server6::again(world, &lan.server, "server");
        obtained("restarted");
        assert_eq!(server.statistic("subnet[1].assigned-nas"), 2);
        let gone = "IPv6 subnet 2001:db8:1::/64 (id 1) deleted";
        done(&server, "subnet6-del", json!({"id": 1}), gone);
        let before = server.statistic("pkt6-solicit-received");
        let mut late = lan.client("late", Client6Program::Dhcpcd, Wish::Both);
        late.start();
        eventually("it asked in vain", || {
            (server.statistic("pkt6-solicit-received") > before + 1).then_some(())
        });
        assert!(late.addresses().is_empty());
        assert_eq!(server.statistic("pkt6-request-received"), 1);
    });
}

/// Who has a reservation gets the address, the prefix and the options of it, and those of the pools when it is deleted.
#[test]
fn reservations_come_and_go() {
    sandboxed("reservations_come_and_go", |world| {
        let lan = world.lan6();
        let server = Server6::kotare(world, &lan.server, "server", configuration());
        for (number, program) in Client6Program::ALL.into_iter().enumerate() {
            let address = format!("2001:db8:1::7{number}");
            let prefix = format!("2001:db8:900{number}::/56");
            let mut client = lan.client(program.name(), program, Wish::Both);
            let mac = client.host().mac("eth0");
            let reservation = json!({
                "subnet-id": 1, "hw-address": mac, "ip-addresses": [address], "prefixes": [prefix],
                "option-data": [{"name": "dns-servers", "data": "2001:db8:1::54"}],
            });
            done(
                &server,
                "reservation-add",
                json!({"reservation": reservation, "operation-target": "memory"}),
                "Host added.",
            );
            let lease = client.obtain();
            assert_eq!(lease.address.map(|it| it.to_string()), Some(address.clone()));
            assert_eq!(lease.prefix, Some(prefix));
            assert_eq!(lease.told.name_servers(), "2001:db8:1::54");
            client.release();
            let which = json!({
                "subnet-id": 1, "identifier-type": "hw-address", "identifier": mac,
                "operation-target": "memory",
            });
            let found = done(&server, "reservation-get", which.clone(), "Host found.");
            assert_eq!(found["ip-addresses"], json!([address]));
            done(&server, "reservation-del", which, "Host deleted.");
            client.start();
            // dhclient goes on telling of the lease that it had, too.
            eventually("it has one of the pool", || {
                let mut addresses = client.addresses().into_iter();
                addresses.find(|it| it.to_string().starts_with("2001:db8:1::1"))
            });
            client.release();
        }
    });
}

/// The options of a class are those of its clients from the command on that adds it; and the leases that clients have are
/// those that commands show, count and delete.
#[test]
fn classes_and_leases_are_those_of_clients() {
    sandboxed("classes_and_leases_are_those_of_clients", |world| {
        let lan = world.lan6();
        let mut dhcp6 = configuration();
        dhcp6["subnet6"][0]["option-data"] = json!([]);
        let server = Server6::kotare(world, &lan.server, "server", dhcp6);
        let class = |servers: &str| {
            let option = json!({"name": "dns-servers", "data": servers});
            json!({"client-classes": [{"name": "all", "test": "member('ALL')", "option-data": [option]}]})
        };
        let obtained = |name| lan.client(name, Client6Program::Dhcpcd, Wish::Address).obtain();
        assert_eq!(obtained("before").told.name_servers(), "");
        done(&server, "class-add", class("2001:db8:1::54"), "Class 'all' added");
        assert_eq!(obtained("added").told.name_servers(), "2001:db8:1::54");
        done(&server, "class-update", class("2001:db8:1::55"), "Class 'all' updated");
        assert_eq!(obtained("updated").told.name_servers(), "2001:db8:1::55");
        done(&server, "class-del", json!({"name": "all"}), "Class 'all' deleted");
        let last = obtained("deleted");
        assert_eq!(last.told.name_servers(), "");

        let address = json!({"ip-address": last.address.expect("an address").to_string()});
        let lease = done(&server, "lease6-get", address.clone(), "IPv6 lease found.");
        assert_eq!((&lease["ip-address"], &lease["valid-lft"]), (&address["ip-address"], &json!(3600)));
        let assigned = || {
            let answer = server.command("stat-lease6-get", Some(json!({"subnet-id": 1})));
            let set = &answer["arguments"]["result-set"];
            let columns = set["columns"].as_array().expect("columns");
            let column = columns.iter().position(|name| name == "assigned-nas").expect("a column");
            set["rows"][0][column].clone()
        };
        assert_eq!(assigned(), 4);
        done(&server, "lease6-del", address.clone(), "IPv6 lease deleted.");
        assert_eq!(assigned(), 3);
        assert_eq!(server.command("lease6-get", Some(address))["result"], 3);
    });
}
