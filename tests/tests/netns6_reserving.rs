//! Reservations of a running kea-dhcp6 that management systems look up and change, and what real clients are told then.

use kotare_tests::world::{Client6, Client6Program, Lan6, Server6, Wish, lan6_configuration, sandboxed};
use serde_json::{Value, json};

const ADDRESS: &str = "2001:db8:1::71";
const PREFIX: &str = "2001:db8:9001::/56";

fn configuration() -> Value {
    let mut dhcp6 = lan6_configuration();
    let libraries = ["lease_cmds", "host_cmds"].iter();
    dhcp6["hooks-libraries"] =
        libraries.map(|name| json!({"library": format!("/usr/lib/kea/hooks/libdhcp_{name}.so")})).collect();
    // What is extended is written again, however soon that is.
    dhcp6["cache-threshold"] = 0.0.into();
    dhcp6
}

/// Asks about reservations in memory: the answer, whose result and text are these.
fn told(server: &Server6, command: &str, mut arguments: Value, said: (i64, &str)) -> Value {
    arguments["operation-target"] = "memory".into();
    let mut answer = server.command(command, Some(arguments));
    assert_eq!((&answer["result"], &answer["text"]), (&json!(said.0), &json!(said.1)), "{command}: {answer}");
    answer["arguments"].take()
}

/// A client that tells its name and wants to know what the server makes of it.
fn client(lan: &Lan6<'_>, name: &str) -> Client6 {
    let mut client = lan.client(name, Client6Program::Dhcpcd, Wish::Both);
    client.arguments(&["-F", "both"]);
    client
}

/// What the server calls a client (option 39), which it takes with or without the dot at the end.
fn name_of(client: &Client6) -> Option<String> {
    client.told("new_dhcp6_fqdn").map(|name| name.trim_end_matches('.').to_owned())
}

/// The DUID of who has a lease.
fn duid_of(server: &Server6, address: &str) -> String {
    let lease = server.command("lease6-get", Some(json!({"ip-address": address})));
    lease["arguments"]["duid"].as_str().unwrap_or_else(|| panic!("{lease}")).to_owned()
}

/// A reservation is found by all that it says; what is changed of it the client has from its next message on; and it is
/// there after a restart if the configuration was written.
#[test]
fn reservations_are_found_changed_and_kept() {
    sandboxed("reservations_are_found_changed_and_kept", |world| {
        let lan = world.lan6();
        let server = Server6::kotare(world, &lan.server, "server", configuration());
        let mut client = client(&lan, "printer");
        let first = client.obtain().address.expect("an address").to_string();
        assert!(first.starts_with("2001:db8:1::1"), "{first}");
        assert_eq!(name_of(&client).as_deref(), Some("printer"));
        let duid = duid_of(&server, &first);
        client.release();

        let reservation = json!({
            "subnet-id": 1, "duid": duid, "ip-addresses": [ADDRESS], "prefixes": [PREFIX],
            "hostname": "reserved.example.org", "option-data": [{"name": "dns-servers", "data": "2001:db8:1::54"}],
        });
        told(&server, "reservation-add", json!({"reservation": reservation}), (0, "Host added."));
        let other =
            json!({"subnet-id": 1, "hw-address": "02:00:00:00:00:99", "ip-addresses": ["2001:db8:1::72"]});
        told(&server, "reservation-add", json!({"reservation": other}), (0, "Host added."));
        let twice = server.command(
            "reservation-add",
            Some(json!({"reservation": reservation, "operation-target": "memory"})),
        );
        assert_eq!(twice["result"], 1, "{twice}");

        let lease = client.obtain();
        assert_eq!(lease.address.map(|it| it.to_string()).as_deref(), Some(ADDRESS));
        assert_eq!(lease.prefix.as_deref(), Some(PREFIX));
        assert_eq!(lease.told.name_servers(), "2001:db8:1::54");
        // RFC 4704: option 39 of the reply.
        assert_eq!(name_of(&client).as_deref(), Some("reserved.example.org"));
        let shown = server.command("lease6-get", Some(json!({"ip-address": ADDRESS})));
        assert_eq!(shown["arguments"]["hostname"], "reserved.example.org.");

        let by_id = json!({"subnet-id": 1, "identifier-type": "duid", "identifier": duid});
        let one = told(&server, "reservation-get", by_id.clone(), (0, "Host found."));
        assert_eq!((&one["ip-addresses"], &one["prefixes"]), (&json!([ADDRESS]), &json!([PREFIX])));
        assert_eq!(one["hostname"], "reserved.example.org");
        let by_address = json!({"subnet-id": 1, "ip-address": ADDRESS});
        assert_eq!(told(&server, "reservation-get", by_address.clone(), (0, "Host found.")), one);
        let nobody = json!({"subnet-id": 1, "ip-address": "2001:db8:1::99"});
        told(&server, "reservation-get", nobody, (3, "Host not found."));
        let mut global = one.clone();
        global["subnet-id"] = 1.into();
        for (command, arguments) in [
            ("reservation-get-by-address", by_address),
            ("reservation-get-by-address", json!({"ip-address": ADDRESS})),
            ("reservation-get-by-hostname", json!({"hostname": "reserved.example.org"})),
            ("reservation-get-by-hostname", json!({"hostname": "RESERVED.example.org", "subnet-id": 1})),
            ("reservation-get-by-id", json!({"identifier-type": "duid", "identifier": duid})),
        ] {
            let found = told(&server, command, arguments, (0, "1 IPv6 host(s) found."));
            assert_eq!(found["hosts"], json!([global]), "{command}");
        }
        told(
            &server,
            "reservation-get-by-hostname",
            json!({"hostname": "nobody"}),
            (3, "0 IPv6 host(s) found."),
        );
        let all = told(&server, "reservation-get-all", json!({"subnet-id": 1}), (0, "2 IPv6 host(s) found."));
        assert_eq!(all["hosts"].as_array().map(Vec::len), Some(2), "{all}");

        let moved = json!({
            "subnet-id": 1, "duid": duid, "ip-addresses": ["2001:db8:1::73"], "prefixes": [PREFIX], "hostname": "moved",
        });
        told(&server, "reservation-update", json!({"reservation": moved}), (0, "Host updated."));
        let renewed = client.renew();
        assert!(renewed.addresses().iter().any(|it| it.to_string() == "2001:db8:1::73"), "{renewed:?}");
        assert_eq!(name_of(&client).as_deref(), Some("moved"));

        let written = server.command("config-write", None);
        assert_eq!(written["result"], 0, "{written}");
        assert!(server.stop());
        let server = Server6::again(world, &lan.server, "server");
        let kept = told(&server, "reservation-get", by_id.clone(), (0, "Host found."));
        assert_eq!((&kept["ip-addresses"], &kept["hostname"]), (&json!(["2001:db8:1::73"]), &json!("moved")));
        client.release();
        assert_eq!(client.obtain().address.map(|it| it.to_string()).as_deref(), Some("2001:db8:1::73"));

        told(&server, "reservation-del", by_id.clone(), (0, "Host deleted."));
        told(&server, "reservation-del", by_id, (3, "Host not deleted (not found)."));
        client.release();
        let last = client.obtain().address.expect("an address").to_string();
        assert!(last.starts_with("2001:db8:1::1"), "{last}");
        assert_eq!(name_of(&client).as_deref(), Some("printer"));
    });
}

/// Pages of reservations go on where they ended, until there is none.
#[test]
fn reservations_come_in_pages() {
    sandboxed("reservations_come_in_pages", |world| {
        let lan = world.lan6();
        let mut dhcp6 = configuration();
        dhcp6["subnet6"][0]["reservations"] = (0..5)
            .map(|number| json!({"duid": format!("01:02:03:0{number}"), "ip-addresses": [format!("2001:db8:1::5{number}")]}))
            .collect();
        let server = Server6::kotare(world, &lan.server, "server", dhcp6);
        let mut next = json!({"subnet-id": 1, "limit": 2});
        let mut seen = Vec::new();
        for size in [2, 2, 1] {
            let text = format!("{size} IPv6 host(s) found.");
            let page = told(&server, "reservation-get-page", next.clone(), (0, &text));
            assert_eq!(page["count"], size);
            let hosts = page["hosts"].as_array().expect("hosts").iter();
            seen.extend(hosts.map(|host| host["ip-addresses"][0].as_str().unwrap_or_default().to_owned()));
            for key in ["from", "source-index"] {
                next[key] = page["next"][key].clone();
            }
        }
        told(&server, "reservation-get-page", next, (3, "0 IPv6 host(s) found."));
        seen.sort();
        let expected: Vec<_> = (0..5).map(|number| format!("2001:db8:1::5{number}")).collect();
        assert_eq!(seen, expected);
    });
}
