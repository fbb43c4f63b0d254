//! The hook library flex_option: real clients get options that expressions make.

use kotare_tests::world::{ClientProgram, Server, lan_configuration, sandboxed};
use serde_json::{Value, json};

/// The usual server with the library, in a folder where there is no such file.
fn configuration(options: Value) -> Value {
    let mut dhcp4 = lan_configuration();
    dhcp4["hooks-libraries"] =
        json!([{"library": "/nowhere/libdhcp_flex_option.so", "parameters": {"options": options}}]);
    dhcp4
}

/// Each client gets what the expressions make of its query: options that another takes as they are configured, a lease
/// time that is in no lease, a name that it did not send. Without the library, all is as configured.
#[test]
fn clients_get_options_from_expressions() {
    sandboxed("clients_get_options_from_expressions", |world| {
        let lan = world.lan();
        let server = Server::kotare(
            world,
            &lan.server,
            "server",
            configuration(json!([
                {"code": 12, "supersede": "concat('it-', option[12].text)", "destination": "query"},
                {"name": "routers", "csv-format": true,
                    "supersede": "ifelse(option[host-name].text == 'it-dhclient', '192.0.2.7', '')"},
                {"code": 6, "supersede": "concat(substring(option[6].hex, 0, 3), 0x4d)", "source": "response"},
                {"code": 51, "supersede": "0x00000708"},
            ])),
        );
        for program in ClientProgram::ALL {
            let mut client = lan.client(program.name(), program);
            let lease = client.obtain();
            let router = if program.name() == "dhclient" { "192.0.2.7" } else { "192.0.2.1" };
            assert_eq!((lease.routers(), lease.name_servers()), (router, "192.0.2.77"), "{lease:?}");
            assert_eq!(lease.lifetime(), 1800);
            let rows = server.lease_rows();
            let row = rows.iter().rfind(|row| row.starts_with(&format!("{},", lease.address()))).unwrap();
            assert!(row.contains(&format!(",it-{}", program.name())) && row.contains(",3600,"), "{row}");
            server.await_log(&["Supersedes the option code 51 with value 0x00000708"]);
            client.kill();
        }
        for (entry, expected) in [
            (json!({"code": 300, "remove": "'a' == 'a'"}), "options[0]/code"),
            (
                json!({"code": 3, "supersede": "option[1"}),
                "can't parse supersede expression [option[1] error: ",
            ),
        ] {
            let wrong = server.configuration(configuration(json!([entry])));
            let refused = server.command("config-set", Some(wrong));
            assert_eq!(refused["result"], 1);
            assert!(refused["text"].as_str().unwrap().contains(expected), "{expected} in {refused}");
        }
        server.command("config-set", Some(server.configuration(lan_configuration())));
        let mut client = lan.client("later", ClientProgram::Udhcpc);
        let lease = client.obtain();
        assert_eq!((lease.name_servers(), lease.lifetime()), ("192.0.2.53", 3600));
        server.await_log(&["FLEX_OPTION_UNLOAD"]);
    });
}
