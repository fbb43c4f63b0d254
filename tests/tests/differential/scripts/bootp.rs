//! Clients of BOOTP: the hook library bootp beside Kea's own.

use kotare_tests::world::{partner, sandboxed};
use kotare_wire::v4::OptionCode;
use serde_json::json;

use super::{configuration, host, subnet};
use crate::packets::{Query, mac};
use crate::stage::{Script, Side, compare};

/// A pool for each, and options that both want.
#[test]
fn bootp() {
    sandboxed("scripts::bootp::bootp", |world| {
        // Where Kea has it; ours goes by the name alone.
        let library = partner("libdhcp_bootp.so");
        let library = library.map_or("libdhcp_bootp.so".into(), |path| path.display().to_string());
        let dhcp4 = configuration(json!({
            "hooks-libraries": [{"library": library}],
            "client-classes": [{"name": "DHCP", "test": "not member('BOOTP')"}],
            "option-data": [
                {"name": "routers", "data": "192.0.2.1"},
                {"name": "domain-name", "data": "example.org"},
                {"name": "ntp-servers", "data": "192.0.2.2", "always-send": true},
            ],
            "renew-timer": 1000, "rebind-timer": 2000,
            "subnet4": [subnet(json!({
                "boot-file-name": "/boot", "next-server": "192.0.2.9",
                "pools": [
                    {"pool": "192.0.2.100 - 192.0.2.149", "client-class": "DHCP"},
                    {"pool": "192.0.2.200 - 192.0.2.209", "client-class": "BOOTP"},
                ],
            }))],
        }));
        compare(world, &dhcp4, SCRIPTS);
    });
}

const SCRIPTS: &[Script] = &[("bootp", messages)];

fn messages(side: &mut Side) {
    let request = |client: u16| Query::bootp(mac(client));
    side.ask("a request", request(1));
    side.ask("again", request(1));
    side.ask("who speaks DHCP", Query::discover(2));
    side.lease(3, |query| query);
    side.ask("who wants the reply broadcast", request(4).header(10, &[0x80, 0]));
    side.ask("with a name", request(5).option(OptionCode::HOST_NAME, b"old"));
    side.ask("with a type of nothing", request(6).option(OptionCode::MESSAGE_TYPE, &[0]));
    side.ask("with a list of wishes", request(7).option(OptionCode::PARAMETER_REQUEST_LIST, &[42, 3]));
    side.ask("through a relay", request(8).relayed(host(3)));
    side.ask(
        "through a relay with information",
        request(9).option(OptionCode::RELAY_AGENT_INFORMATION, b"\x01\x02ab").relayed(host(3)),
    );
    side.ask("padded", request(10).end(&[255, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    side.ask("a reply", request(11).header(0, &[2]));
    side.ask("without vendor extensions", request(12).cookie(&[]));
}
