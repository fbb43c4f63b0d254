//! Booting from the network: next server, server name, file; and options in those fields.

use kotare_tests::world::sandboxed;
use kotare_wire::v4::OptionCode;
use serde_json::json;

use super::{WISHES, configuration, host, subnet};
use crate::packets::{Query, SERVER};
use crate::stage::{Side, compare};

/// Boot parameters of global and subnet level, and overloaded fields.
#[test]
fn boot_parameters() {
    sandboxed("scripts::boot::boot_parameters", |world| {
        let dhcp4 = configuration(json!({
            "next-server": "192.0.2.20",
            "server-hostname": "boot.example.org",
            "boot-file-name": "/global/boot.img",
            "option-data": [{"name": "tftp-server-name", "data": "tftp.example.org"}],
            "subnet4": [
                subnet(json!({"boot-file-name": "/subnet/boot.img"})),
                {"id": 2, "subnet": "10.0.2.0/24", "pools": [{"pool": "10.0.2.100 - 10.0.2.199"}],
                 "next-server": "10.0.2.7", "server-hostname": "near", "relay": {"ip-addresses": ["192.0.2.3"]}},
            ],
        }));
        compare(world, &dhcp4, &[("boot", boot), ("overload", overload)]);
    });
}

fn boot(side: &mut Side) {
    side.ask("direct", Query::discover(1));
    side.ask("wishes", Query::discover(1).option(WISHES, &[66, 67, 150]));
    side.ask("relayed", Query::discover(2).relayed(host(3)));
    side.lease(3, |query| query);
    side.ask("a refusal", Query::request(4).server_id(SERVER).requested(host(20)));
    side.ask(
        "inform",
        Query::new(kotare_wire::v4::MessageType::INFORM, crate::packets::mac(5)).holding(host(30)),
    );
}

fn overload(side: &mut Side) {
    let pinned = |client: u16| Query::discover(client).requested(host(100 + client as u8));
    let in_file =
        |client: u16, options: &[u8]| pinned(client).option(OptionCode::OVERLOAD, &[1]).header(108, options);
    side.ask("options in file", in_file(11, b"\x3d\x04\x01abc\xff"));
    side.ask(
        "options in sname",
        pinned(12).option(OptionCode::OVERLOAD, &[2]).header(44, b"\x3d\x04\x01abd\xff"),
    );
    let both = pinned(13).option(OptionCode::OVERLOAD, &[3]);
    side.ask("options in both", both.header(108, b"\x3d\x03\x01ab\xff").header(44, b"\x3d\x02ef\xff"));
    side.ask(
        "a type in file",
        Query::bootp(crate::packets::mac(14))
            .option(OptionCode::OVERLOAD, &[1])
            .header(108, b"\x35\x01\x01\xff"),
    );
    side.ask("no options in file", in_file(15, b""));
    side.ask("broken options in file", in_file(16, b"\x3d\xff\x01"));
    side.ask("overload 0", pinned(17).option(OptionCode::OVERLOAD, &[0]).header(108, b"\x3d\x04\x01abc\xff"));
    side.ask("overload 4", pinned(18).option(OptionCode::OVERLOAD, &[4]).header(108, b"\x3d\x04\x01abc\xff"));
}
