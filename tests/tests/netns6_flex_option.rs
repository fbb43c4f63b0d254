//! The hook library flex_option of the DHCPv6 server: real clients get options that expressions make.

use kotare_tests::world::{
    Client6Program, Server6, Wish, lan6_configuration, partner, sandboxed, server_duid,
};
use serde_json::{Value, json};

/// The usual server with the library: Kea's where the test is about that, else in a folder where there is no such file.
fn configuration(options: Value) -> Value {
    let library = partner("libdhcp_flex_option.so").filter(|_| Server6::is_kea_under_test());
    let library = library
        .map_or("/nowhere/libdhcp_flex_option.so".into(), |path| path.to_str().expect("a path").to_owned());
    let mut dhcp6 = lan6_configuration();
    dhcp6["hooks-libraries"] = json!([{"library": library, "parameters": {"options": options}}]);
    dhcp6
}

/// Each client gets what the expressions make of its query, in place of the name servers that are configured, and hears what
/// they add.
#[test]
fn clients_get_options_from_expressions() {
    sandboxed("clients_get_options_from_expressions", |world| {
        let lan = world.lan6();
        let options = json!([
            {"name": "dns-servers", "csv-format": true,
                "supersede": "ifelse(option[16].exists, '2001:db8:1::dcd', '2001:db8:1::dc')"},
            {"code": 17, "sub-options": [{"space": "vendor-4491", "code": 1, "add": "'x'"}]},
            {"code": 59, "add": "hexstring(option[1].hex, ':')", "client-class": "no such"},
        ]);
        let server = Server6::under_test(world, &lan.server, "server", configuration(options));
        for program in Client6Program::ALL {
            let mut client = lan.client(program.name(), program, Wish::Both);
            let lease = client.obtain();
            let expected =
                if program == Client6Program::Dhcpcd { "2001:db8:1::dcd" } else { "2001:db8:1::dc" };
            assert_eq!(lease.told.name_servers(), expected, "{lease:?}");
            assert_eq!(lease.told.server(), server_duid("server"));
            for line in [
                &*format!("Supersedes the option code 23 with value '{expected}'"),
                "Added the option code 17 with value 4491",
                "Added the sub-option code 1 in option code 17 with value 'x'",
                // Kea 2.2 has not the words of Kea 3.
                "FLEX_OPTION_PROCESS_CLIENT_CLASS",
            ] {
                server.await_log(&[line]);
            }
            client.kill();
        }
    });
}

/// What Kea 2.2 has not: a query is changed before it is looked at, and expressions are about the reply. What is wrong is
/// told; without the library, all is as configured.
#[test]
fn queries_and_replies_are_edited() {
    sandboxed("queries_and_replies_are_edited", |world| {
        let lan = world.lan6();
        let options = json!([
            // Whoever it is, it is called so.
            {"code": 39, "supersede": "concat(0x0005, concat('given', 0x00))", "destination": "query"},
            {"code": 25, "remove": "option[25].exists", "destination": "query"},
            {"code": 23, "supersede": "concat(substring(option[23].hex, 0, 15), 0x77)", "source": "response"},
        ]);
        let server = Server6::kotare(world, &lan.server, "server", configuration(options));
        for program in Client6Program::ALL {
            let mut client = lan.client(program.name(), program, Wish::Address);
            let lease = client.obtain();
            assert_eq!(lease.told.name_servers(), "2001:db8:1::77", "{lease:?}");
            let address = lease.address.expect("an address");
            let rows = server.lease_rows();
            let row = rows.iter().rfind(|row| row.starts_with(&format!("{address},"))).expect("a row");
            assert!(row.contains(",given"), "{row}");
            client.kill();
        }
        for (entry, expected) in [
            (json!({"code": 65536, "remove": "'a' == 'a'"}), "options[0]/code"),
            (
                json!({"code": 3, "supersede": "pkt4.mac"}),
                "can't parse supersede expression [pkt4.mac] error: ",
            ),
        ] {
            let wrong = server.configuration(configuration(json!([entry])));
            let refused = server.command("config-set", Some(wrong));
            assert_eq!(refused["result"], 1);
            assert!(refused["text"].as_str().unwrap().contains(expected), "{expected} in {refused}");
        }
        server.command("config-set", Some(server.configuration(lan6_configuration())));
        let mut client = lan.client("later", Client6Program::Dhcpcd, Wish::Both);
        assert_eq!(client.obtain().told.name_servers(), "2001:db8:1::53");
        server.await_log(&["FLEX_OPTION_UNLOAD"]);
    });
}
