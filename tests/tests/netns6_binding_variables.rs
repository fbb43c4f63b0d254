//! Binding variables of the DHCPv6 server: what expressions say is kept with the leases of real clients.

use kotare_tests::world::{Client6Program, Server6, Wish, eventually, lan6_configuration, sandboxed};
use serde_json::{Value, json};

/// The usual server that keeps with each lease what expressions say.
fn configuration(variables: Value) -> Value {
    let mut dhcp6 = lan6_configuration();
    dhcp6["renew-timer"] = 2.into();
    dhcp6["rebind-timer"] = 1000.into();
    dhcp6["cache-threshold"] = 0.0001.into();
    dhcp6["hooks-libraries"] = json!([{"library": "/nowhere/libdhcp_lease_cmds.so", "parameters": {"binding-variables": variables}}]);
    dhcp6
}

/// What is kept is in answers and in the lease file, for addresses and prefixes, is evaluated again when they are renewed,
/// and is still there after a restart.
#[test]
fn values_are_kept_with_leases() {
    sandboxed("values_are_kept_with_leases", |world| {
        let lan = world.lan6();
        let variables = json!([
            {"name": "who", "expression": "hexstring(option[1].hex, ':')", "source": "query"},
            {"name": "asked-by", "expression": "substring(hexstring(pkt6.msgtype, ''), 6, 2)", "source": "query"},
            {"name": "name-server", "expression": "addrtotext(option[23].hex)", "source": "response"},
        ]);
        let server = Server6::kotare(world, &lan.server, "server", configuration(variables));
        let values = |server: &Server6, kind: &str, place: &str| {
            let answer = server.command("lease6-get", Some(json!({"ip-address": place, "type": kind})));
            assert_eq!(answer["result"], 0, "{answer}");
            let lease = &answer["arguments"];
            let values = lease["user-context"]["ISC"]["binding-variables"].clone();
            assert_eq!(values["who"], lease["duid"], "{lease}");
            values
        };
        let mut kept = Vec::new();
        for program in Client6Program::ALL {
            let mut client = lan.client(program.name(), program, Wish::Both);
            let lease = client.obtain();
            let prefix = lease.prefix.expect("a prefix");
            let place = prefix.split_once('/').expect("a length").0.to_owned();
            let address = lease.address.expect("an address").to_string();
            for (kind, place) in [("IA_NA", &address), ("IA_PD", &place)] {
                let kept = values(&server, kind, place);
                assert_eq!(kept["name-server"], "2001:db8:1::53");
            }
            // REQUEST is 3, RENEW is 5 (RFC 9915 §7.3).
            eventually("the address is renewed", || {
                Some(client.renew()).filter(|renewed| !renewed.addresses().is_empty())
            });
            let renewed = values(&server, "IA_NA", &address);
            assert_eq!(renewed["asked-by"], "05");
            let rows = server.lease_rows();
            let row = rows.iter().rfind(|row| row.starts_with(&format!("{address},"))).expect("a row");
            assert!(
                row.contains(r#"{ "ISC": { "binding-variables": { "asked-by": "05"&#x2c "name-server": "#),
                "{row}"
            );
            client.kill();
            kept.push((address, renewed));
        }
        for (variable, told) in [
            (
                json!({"name": "a", "expression": "option[1", "source": "query"}),
                "expression: the expression 'option[1' of the binding variable 'a'",
            ),
            (json!({"name": "a", "expression": "'a'", "source": "reply"}), "source"),
        ] {
            let wrong = server.configuration(configuration(json!([variable])));
            let refused = server.command("config-set", Some(wrong));
            let text = refused["text"].as_str().expect("a reason");
            let place = "Dhcp6/hooks-libraries[0]/parameters/binding-variables[0]/";
            assert!(refused["result"] == 1 && text.contains(place) && text.contains(told), "{refused}");
        }
        assert!(server.stop(), "it ends in order");
        let again = Server6::again(world, &lan.server, "server");
        for (address, renewed) in kept {
            assert_eq!(values(&again, "IA_NA", &address), renewed);
        }
    });
}
