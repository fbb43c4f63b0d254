//! What real clients read of the options that they are given: lists, routes, custom options and those of vendors.

use kotare_tests::world::{ClientProgram, Server, lan_configuration, sandboxed};
use serde_json::{Value, json};

/// What a client asks for, and what it tells its script then. Names and notations are each client's own.
struct Asked {
    program: ClientProgram,
    wants: &'static [&'static str],
    told: &'static [(&'static str, &'static str)],
}

const ASKED: [Asked; 3] = [
    Asked {
        program: ClientProgram::Udhcpc,
        wants: &["search", "staticroutes", "mtu", "tftp", "43", "224", "225"],
        told: &[
            ("search", "a.example.org b.example.org"),
            ("staticroutes", "10.0.0.0/8 192.0.2.1 198.51.100.128/25 192.0.2.2"),
            ("mtu", "1400"),
            ("tftp", "tftp.example.org"),
            ("opt43", "010666697273742103020101"),
            ("opt224", "736974652c206e616d6564"),
            ("opt225", "c000020905ff01"),
        ],
    },
    Asked {
        program: ClientProgram::Dhclient,
        wants: &["domain-search", "interface-mtu", "tftp-server-name", "vendor-encapsulated-options"],
        told: &[
            ("new_domain_search", "a.example.org. b.example.org."),
            ("new_interface_mtu", "1400"),
            ("new_tftp_server_name", "tftp.example.org"),
            ("new_vendor_encapsulated_options", "2:7:73:65:63:6f:6e:64:21"),
        ],
    },
    Asked {
        program: ClientProgram::Dhcpcd,
        wants: &["domain_search", "classless_static_routes", "interface_mtu", "tftp_server_name"],
        told: &[
            ("new_domain_search", "a.example.org b.example.org"),
            ("new_classless_static_routes", "10.0.0.0/8 192.0.2.1 198.51.100.128/25 192.0.2.2"),
            ("new_interface_mtu", "1400"),
            ("new_tftp_server_name", "tftp.example.org"),
        ],
    },
];

/// Each client gets what it asks for, and in option 43 what is for its class.
#[test]
fn clients_read_the_options() {
    sandboxed("clients_read_the_options", |world| {
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        dhcp4["option-def"] = json!([
            {"name": "site", "code": 224, "type": "string"},
            {"name": "where", "code": 225, "type": "record", "record-types": "ipv4-address, uint8, int8, boolean"},
            {"name": "greeting", "space": "first-space", "code": 1, "type": "string"},
            {"name": "numbers", "space": "first-space", "code": 3, "type": "uint8", "array": true},
            {"name": "greeting", "space": "second-space", "code": 2, "type": "string"},
        ]);
        dhcp4["option-data"] = json!([
            {"name": "domain-search", "data": "a.example.org, b.example.org"},
            {"name": "classless-static-route", "data": "10.0.0.0/8 - 192.0.2.1, 198.51.100.128/25 - 192.0.2.2"},
            {"name": "interface-mtu", "data": "1400"},
            {"name": "tftp-server-name", "data": "tftp.example.org"},
            {"name": "site", "data": "site\\, named"},
            {"name": "where", "data": "192.0.2.9, 5, -1, true"},
        ]);
        let vendor = |name: &str, test: &str, options: Value| {
            let definition = json!({
                "name": "vendor-encapsulated-options", "code": 43, "type": "empty", "encapsulate": format!("{name}-space"),
            });
            json!({
                "name": name,
                "test": test,
                "option-def": [definition],
                "option-data": options,
            })
        };
        dhcp4["client-classes"] = json!([
            vendor(
                "first",
                "option[12].text == 'udhcpc'",
                json!([
                    {"name": "vendor-encapsulated-options"},
                    {"name": "numbers", "space": "first-space", "data": "1, 1"},
                    {"name": "greeting", "space": "first-space", "data": "first!"},
                ])
            ),
            vendor(
                "second",
                "option[12].text == 'dhclient'",
                json!([
                    {"name": "vendor-encapsulated-options"},
                    {"name": "greeting", "space": "second-space", "data": "second!"},
                ])
            ),
        ]);
        let _server = Server::kotare(world, &lan.server, "server", dhcp4);
        for Asked { program, wants, told } in ASKED {
            let mut client = lan.client(program.name(), program);
            client.wants(wants);
            client.obtain();
            let expected: Vec<_> =
                told.iter().map(|(name, value)| (*name, Some((*value).to_owned()))).collect();
            let heard: Vec<_> = told.iter().map(|(name, _)| (*name, client.told(name))).collect();
            assert_eq!(heard, expected, "{}", program.name());
            client.kill();
        }
    });
}
