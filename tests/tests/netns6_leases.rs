//! Leases of real clients of kea-dhcp6 that management systems look up, add, change and take away.

use std::fs;

use kotare_tests::world::{Client6Program, Server6, Wish, lan6_configuration, sandboxed};
use serde_json::{Value, json};

fn configuration() -> Value {
    let mut dhcp6 = lan6_configuration();
    dhcp6["hooks-libraries"] = ["lease_cmds", "stat_cmds"]
        .iter()
        .map(|name| json!({"library": format!("/usr/lib/kea/hooks/libdhcp_{name}.so")}))
        .collect();
    // What is extended is written again, however soon that is.
    dhcp6["cache-threshold"] = 0.0.into();
    dhcp6
}

/// What a command answers whose result and text are these.
fn told(server: &Server6, command: &str, arguments: Value, said: (i64, &str)) -> Value {
    let mut answer = server.command(command, Some(arguments));
    assert_eq!((&answer["result"], &answer["text"]), (&json!(said.0), &json!(said.1)), "{command}: {answer}");
    answer["arguments"].take()
}

/// The addresses and prefixes in an answer.
fn places(answer: &Value) -> Vec<String> {
    let leases = answer["leases"].as_array().unwrap_or_else(|| panic!("{answer}"));
    leases.iter().map(|lease| lease["ip-address"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The leases of a client are found by all that is known of it, on pages and by state; and are written to a file.
#[test]
fn leases_of_clients_are_found() {
    sandboxed("leases_of_clients_are_found", |world| {
        let lan = world.lan6();
        let server = Server6::kotare(world, &lan.server, "server", configuration());
        let mut client = lan.client("printer", Client6Program::Dhcpcd, Wish::Both);
        client.arguments(&["-F", "both"]);
        let lease = client.obtain();
        let address = lease.address.expect("an address").to_string();
        let prefix = lease.prefix.expect("a prefix").split_once('/').expect("a length").0.to_owned();
        let other = lan.client("other", Client6Program::Dhclient, Wish::Address).obtain();
        let other = other.address.expect("an address").to_string();

        let one = told(&server, "lease6-get", json!({"ip-address": address}), (0, "IPv6 lease found."));
        assert_eq!(
            (&one["hostname"], &one["type"], &one["state"]),
            (&json!("printer."), &json!("IA_NA"), &json!(0))
        );
        assert_eq!(
            (&one["iaid"], &one["valid-lft"], &one["preferred-lft"]),
            (&json!(1), &json!(3600), &json!(1800))
        );
        let mac = client.host().mac("eth0");
        assert_eq!(one["hw-address"].as_str(), Some(&*mac));
        let delegated = told(
            &server,
            "lease6-get",
            json!({"ip-address": prefix, "type": "IA_PD"}),
            (0, "IPv6 lease found."),
        );
        assert_eq!((&delegated["prefix-len"], &delegated["duid"]), (&json!(56), &one["duid"]));
        let by_client = json!({
            "subnet-id": 1, "identifier-type": "duid", "identifier": one["duid"], "iaid": delegated["iaid"], "type": "IA_PD",
        });
        assert_eq!(told(&server, "lease6-get", by_client, (0, "IPv6 lease found.")), delegated);

        let both = {
            let mut both = [address.clone(), prefix.clone()];
            both.sort();
            both
        };
        for (command, arguments, found) in [
            ("lease6-get-by-duid", json!({"duid": one["duid"]}), &both[..]),
            ("lease6-get-by-hostname", json!({"hostname": "PRINTER."}), &both[..]),
            ("lease6-get-by-hw-address", json!({"hw-address": mac}), &both[..]),
        ] {
            let text = format!("{} IPv6 lease(s) found.", found.len());
            let mut there = places(&told(&server, command, arguments, (0, &text)));
            there.sort();
            assert_eq!(there, found, "{command}");
        }
        told(&server, "lease6-get-by-hostname", json!({"hostname": "nobody"}), (3, "0 IPv6 lease(s) found."));
        let all = told(&server, "lease6-get-all", json!({"subnets": [1]}), (0, "3 IPv6 lease(s) found."));
        told(&server, "lease6-get-all", json!({"subnets": [9]}), (3, "0 IPv6 lease(s) found."));
        assert_eq!(places(&all).len(), 3);

        let page = told(
            &server,
            "lease6-get-page",
            json!({"from": "start", "limit": 2}),
            (0, "2 IPv6 lease(s) found."),
        );
        let last = places(&page).pop().expect("two of them");
        let rest = told(
            &server,
            "lease6-get-page",
            json!({"from": last, "limit": 2}),
            (0, "1 IPv6 lease(s) found."),
        );
        assert_eq!([places(&page), places(&rest)].concat(), places(&all));

        let assigned = json!({"state": "assigned", "subnet-id": 1});
        let text = "3 IPv6 lease(s) found with state default (0) in subnet 1.";
        told(&server, "lease6-get-by-state", assigned, (0, text));
        client.release();
        let released = told(
            &server,
            "lease6-get-by-state",
            json!({"state": "released"}),
            (0, "2 IPv6 lease(s) found with state released (3)."),
        );
        let mut there = places(&released);
        there.sort();
        assert_eq!(there, both);

        let file = server.folder().join("written.csv");
        let text = format!("IPv6 lease database into '{}'.", file.display());
        told(&server, "lease6-write", json!({"filename": file}), (0, &text));
        let written = fs::read_to_string(&file).expect("a file");
        for place in [&address, &prefix, &other] {
            assert!(written.lines().any(|row| row.starts_with(&format!("{place},"))), "{place}: {written}");
        }
    });
}

/// What commands do to leases is what clients have of them: who extends what was changed, has it anew; who extends what was
/// taken away, gets something else or the same again; and an address that was given by command is nobody else's.
#[test]
fn commands_change_what_clients_have() {
    sandboxed("commands_change_what_clients_have", |world| {
        let lan = world.lan6();
        let mut dhcp6 = configuration();
        dhcp6["subnet6"][0]["pools"] = json!([{"pool": "2001:db8:1::100 - 2001:db8:1::101"}]);
        let server = Server6::kotare(world, &lan.server, "server", dhcp6);
        let taken = json!({
            "ip-address": "2001:db8:1::100", "duid": "01:02:03:04", "iaid": 1, "subnet-id": 1, "valid-lft": 7200,
        });
        told(
            &server,
            "lease6-add",
            taken.clone(),
            (0, "Lease for address 2001:db8:1::100, subnet-id 1 added."),
        );
        told(&server, "lease6-add", taken, (4, "IPv6 lease already exists."));
        let mut client = lan.client("printer", Client6Program::Dhcpcd, Wish::Address);
        let address = client.obtain().address.expect("an address").to_string();
        assert_eq!(address, "2001:db8:1::101", "the other one is somebody's");
        assert_eq!(server.statistic("subnet[1].assigned-nas"), 2);

        // A lease that is made longer by command is what the server tells at the next renewal: an hour again.
        let lease = told(&server, "lease6-get", json!({"ip-address": address}), (0, "IPv6 lease found."));
        let update = json!({
            "ip-address": address, "duid": lease["duid"], "iaid": lease["iaid"], "subnet-id": 1,
            "valid-lft": 9999, "preferred-lft": 9998, "hostname": "by.hand",
        });
        told(&server, "lease6-update", update, (0, "IPv6 lease updated."));
        let changed = told(&server, "lease6-get", json!({"ip-address": address}), (0, "IPv6 lease found."));
        assert_eq!((&changed["valid-lft"], &changed["hostname"]), (&json!(9999), &json!("by.hand")));
        let renewed = client.renew();
        assert_eq!(renewed.lifetimes(), (3600, 1800));
        assert_eq!(renewed.addresses().iter().map(ToString::to_string).collect::<Vec<_>>(), [&*address]);
        let after = told(&server, "lease6-get", json!({"ip-address": address}), (0, "IPv6 lease found."));
        assert_eq!((&after["valid-lft"], &after["duid"]), (&json!(3600), &lease["duid"]));

        // Its lease is another's now: it gets nothing of it when it renews.
        let other = json!({
            "ip-address": address, "duid": "09:09:09:09", "iaid": 1, "subnet-id": 1, "valid-lft": 7200,
        });
        told(&server, "lease6-update", other, (0, "IPv6 lease updated."));
        told(&server, "lease6-del", json!({"ip-address": "2001:db8:1::100"}), (0, "IPv6 lease deleted."));
        let renewed = client.renew();
        assert!(renewed.addresses().iter().any(|it| it.to_string() == "2001:db8:1::100"), "{renewed:?}");

        // Two servers that know of each other tell each other in bulk.
        let bulk = json!({
            "deleted-leases": [{"ip-address": address, "type": "IA_NA"}],
            "leases": [
                {"ip-address": "2001:db8:8000:aa00::", "prefix-len": 56, "type": "IA_PD", "duid": "01:02:03:04",
                 "iaid": 2, "subnet-id": 1},
                {"ip-address": "2001:db8:1::777", "duid": "01:02:03:05", "iaid": 2, "subnet-id": 1},
            ],
        });
        told(&server, "lease6-bulk-apply", bulk, (0, "Bulk apply of 3 IPv6 leases completed."));
        let counted = ["subnet[1].assigned-nas", "subnet[1].assigned-pds"].map(|name| server.statistic(name));
        assert_eq!(counted, [2, 1]);
        let stat = server.command("stat-lease6-get", Some(json!({"subnet-id": 1})));
        let set = &stat["arguments"]["result-set"];
        let columns = set["columns"].as_array().expect("columns");
        let of = |name: &str| &set["rows"][0][columns.iter().position(|it| it == name).expect("a column")];
        assert_eq!((of("assigned-nas"), of("assigned-pds")), (&json!(2), &json!(1)));

        told(
            &server,
            "lease6-wipe",
            json!({"subnet-id": 1}),
            (0, "Deleted 3 IPv6 lease(s) from subnet(s) 1"),
        );
        told(&server, "lease6-get-all", json!({"subnets": [1]}), (3, "0 IPv6 lease(s) found."));
        // A client that renews what was wiped has it again (RFC 9915 §18.3.4).
        let renewed = client.renew();
        assert_eq!(renewed.addresses().len(), 1, "{renewed:?}");
        assert_eq!(server.statistic("subnet[1].assigned-nas"), 1);
        // All of it is so after a restart, too.
        assert!(server.stop());
        let server = Server6::again(world, &lan.server, "server");
        let left = told(&server, "lease6-get-all", json!({"subnets": [1]}), (0, "1 IPv6 lease(s) found."));
        assert_eq!(places(&left), renewed.addresses().iter().map(ToString::to_string).collect::<Vec<_>>());
    });
}
