//! What is asked of `kea-dhcp-ddns` for leases of DHCPv6: as for those of DHCPv4.

use std::net::Ipv6Addr;
use std::path::Path;

use kotare_tests::tell;
use kotare_tests::world::{Server6, World, eventually, partner, partner_file, program, sandboxed};
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::{Value, json};

use crate::stage::{REQUESTS, Sink, differing, requests_in};
use crate::v6::configuration::{configuration, merge, subnet};
use crate::v6::link::{Link, SERVER_ID};
use crate::v6::query::Query;

fn at(last: u16) -> Ipv6Addr {
    Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 0x100 + last)
}

/// A message of a client about the address of its number, with option 39 of these flags and this name.
fn about(kind: MessageType, client: u16, flags: u8, name: &[u8]) -> Query {
    let query = Query::new(kind, client).server(SERVER_ID).addresses(1, &[at(client)]);
    query.option(OptionCode::CLIENT_FQDN, &[&[flags][..], name].concat())
}

/// Everybody's life, and then that of a client whose request ends the story. Those of other names may come after it, if there
/// are to be so many.
fn live(world: &World, name: &str, program: &Path, dhcp6: &Value, many: usize) -> Vec<String> {
    let (host, mut link) = Link::new(world, name);
    let _sink = Sink::start(world, &host, name);
    let server = Server6::start(world, &host, name, program, dhcp6.clone());
    assert!(link.is_served(), "{name} answers at all; its log:\n{}", server.log());
    for kind in [MessageType::REQUEST, MessageType::RENEW] {
        link.ask(&about(kind, 1, 1, b"\x04Ho_t"));
    }
    // Renewed with another name, with others wishes, and given back.
    link.ask(&about(MessageType::RENEW, 1, 1, b"\x05other"));
    link.ask(&about(MessageType::REQUEST, 2, 0, b"\x04part"));
    link.ask(&about(MessageType::RENEW, 2, 1, b"\x04part"));
    link.ask(&about(MessageType::REQUEST, 3, 4, b"\x04none"));
    link.ask(&about(MessageType::REQUEST, 4, 1, b"\x04full\x07example\x03net\0"));
    link.ask(&about(MessageType::REQUEST, 5, 1, b""));
    link.ask(&Query::new(MessageType::REQUEST, 6).server(SERVER_ID).addresses(1, &[at(6)]));
    link.ask(&Query::new(MessageType::RELEASE, 1).server(SERVER_ID).addresses(1, &[at(1)]));
    link.ask(&Query::new(MessageType::DECLINE, 2).server(SERVER_ID).addresses(1, &[at(2)]));
    let address = at(4).to_string();
    server.command("lease6-resend-ddns", Some(json!({"ip-address": address})));
    server.command("lease6-del", Some(json!({"ip-address": address, "update-ddns": true})));
    link.ask(&about(MessageType::REQUEST, 9, 1, b"\x03end"));
    let file = world.path(name).join(REQUESTS);
    eventually("the last request", || {
        let last = format!(" {} ", at(9));
        let requests = requests_in(&file);
        (requests.len() >= many && requests.iter().any(|request| request.contains(&last))).then_some(())
    });
    requests_in(&file)
}

#[test]
fn the_same_lives_make_the_same_requests() {
    sandboxed("v6::scripts::requests::the_same_lives_make_the_same_requests", |world| {
        let library = partner_file("usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_lease_cmds.so");
        let Some((kea, library)) = partner("kea-dhcp6").zip(library) else {
            return tell("skipped: Debian's kea-dhcp6 is not unpacked");
        };
        let ways = [
            json!({}),
            json!({"ddns-override-no-update": true, "ddns-override-client-update": true,
                "ddns-replace-client-name": "when-not-present", "ddns-update-on-renew": true}),
            json!({"ddns-replace-client-name": "when-present", "ddns-generated-prefix": "gen",
                "ddns-use-conflict-resolution": false}),
        ];
        for (number, way) in (0..).zip(ways) {
            let pools = json!([{"pool": "2001:db8:1::100 - 2001:db8:1::1ff"}]);
            let mut changes = json!({
                "dhcp-ddns": {"enable-updates": true}, "ddns-qualifying-suffix": "example.org",
                "hostname-char-set": "[^a-z.]", "hostname-char-replacement": "x",
                "server-id": {"type": "EN", "enterprise-id": 32473, "identifier": "736572766572", "persist": false},
                "hooks-libraries": [{"library": library}],
                "subnet6": [subnet(1, json!({"interface": "eth0", "pools": pools}))],
            });
            merge(&mut changes, way);
            let dhcp6 = configuration(changes);
            let kea = live(world, &format!("kea{number}"), &kea, &dhcp6, 0);
            let ours = live(world, &format!("ours{number}"), &program("kea-dhcp6"), &dhcp6, kea.len());
            let wrong = differing(&kea, &ours);
            assert!(wrong.is_empty(), "{number}: {wrong}");
            assert!(kea.len() > 6, "{number}: {kea:?}");
        }
    });
}
