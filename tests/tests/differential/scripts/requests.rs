//! What is asked of `kea-dhcp-ddns`: the same life of leases makes the same requests, in the same order for each name
//! and address, with the same DHCIDs and times.
//!
//! Requests that are the same make zones that are the same; that the zones follow them is proved in `netns_ddns`.

use std::net::Ipv4Addr;

use kotare_tests::tell;
use kotare_tests::world::{Server, eventually, partner_file, sandboxed};
use kotare_wire::v4::OptionCode;
use serde_json::{Value, json};

use super::{configuration, subnet};
use crate::packets::{Link, Query};
use crate::stage::{Side, differing, requests, with_both};

/// Subnets that make names in different ways, a network of their own each.
const WAYS: std::ops::Range<u8> = 11..22;

fn map() -> Option<Value> {
    let library = partner_file("usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_lease_cmds.so")?;
    let own = [
        json!({}),
        json!({"ddns-replace-client-name": "always"}),
        json!({"ddns-replace-client-name": "when-present"}),
        json!({"ddns-replace-client-name": "when-not-present"}),
        json!({"ddns-override-no-update": true}),
        json!({"ddns-override-client-update": true}),
        json!({"ddns-send-updates": false}),
        json!({"ddns-generated-prefix": "Dyn", "ddns-qualifying-suffix": "Lab.example.org."}),
        json!({"hostname-char-set": "[^a-z]", "hostname-char-replacement": "x"}),
        json!({"ddns-update-on-renew": true}),
        json!({"ddns-use-conflict-resolution": false}),
    ];
    let ways = WAYS.zip(own).map(|(id, own)| {
        let pools = json!([{"pool": format!("10.0.{id}.0/24")}]);
        let mut way = json!({"id": id, "subnet": format!("10.0.{id}.0/24"), "pools": pools});
        super::merge(&mut way, own);
        way
    });
    let short =
        json!({"id": 30, "subnet": "10.0.30.0/24", "pools": [{"pool": "10.0.30.0/24"}], "valid-lifetime": 2});
    Some(configuration(json!({
        "subnet4": std::iter::once(subnet(json!({}))).chain(ways).chain([short]).collect::<Vec<_>>(),
        "dhcp-ddns": {"enable-updates": true},
        "ddns-qualifying-suffix": "example.com",
        "expired-leases-processing": {"reclaim-timer-wait-time": 1, "hold-reclaimed-time": 0},
        "hooks-libraries": [{"library": library}],
    })))
}

/// Everybody's life, and then that of a client whose request ends the story.
fn live(server: &Server, link: Link) -> Vec<String> {
    let mut side = Side::of(link);
    let on = |id: u8| move |query: Query| query.option(OptionCode::SUBNET_SELECTION, &[10, 0, id, 0]);
    for id in WAYS {
        let client = |last: u8| u16::from_be_bytes([id, last]);
        let at = |last: u8| Ipv4Addr::new(10, 0, id, last);
        let host =
            |name: &'static [u8]| move |query: Query| on(id)(query).option(OptionCode::HOST_NAME, name);
        let full = |flags: u8, name: &'static [u8]| {
            move |query: Query| on(id)(query).option(OptionCode::FQDN, &[&[4 | flags, 0, 0], name].concat())
        };
        side.lease_at(client(1), at(1), host(b"Lap_top1"));
        // Extended with the same name and with another one, and given back.
        side.ask("renewed", host(b"Lap_top1")(Query::request(client(1)).holding(at(1))));
        side.ask("renamed", host(b"other")(Query::request(client(1)).holding(at(1))));
        side.lease_at(client(2), at(2), full(1, b"\x04full\x07example\x03net\0"));
        side.lease_at(client(3), at(3), full(0, b"\x04part"));
        side.lease_at(client(4), at(4), full(8, b"\x04none"));
        side.lease_at(client(5), at(5), on(id));
        // Another client gets the name of the first, with a client identifier.
        side.lease_at(client(6), at(6), |query| host(b"other")(query).client_id(&[0, id, 6]));
        for last in [1, 2] {
            let release =
                Query::new(kotare_wire::v4::MessageType::RELEASE, crate::packets::mac(client(last)));
            side.ask("released", release.server_id(crate::packets::SERVER).holding(at(last)));
        }
        let decline = Query::new(kotare_wire::v4::MessageType::DECLINE, crate::packets::mac(client(3)));
        side.ask("declined", decline.server_id(crate::packets::SERVER).requested(at(3)));
        let address = at(6).to_string();
        server.command("lease4-resend-ddns", Some(json!({"ip-address": address})));
        let renamed = json!({"ip-address": address, "hw-address": "02:00:00:00:00:06", "subnet-id": id,
            "hostname": "by-hand.example.com", "fqdn-fwd": true, "fqdn-rev": true});
        server.command("lease4-update", Some(renamed));
        server.command("lease4-del", Some(json!({"ip-address": address, "update-ddns": true})));
    }
    // One whose time is up.
    side.lease_at(3001, Ipv4Addr::new(10, 0, 30, 1), |query| {
        on(30)(query).option(OptionCode::HOST_NAME, b"short")
    });
    await_request(server, "1 short.example.com.");
    side.lease_at(1, Ipv4Addr::new(192, 0, 2, 101), |query| query.option(OptionCode::HOST_NAME, b"the-end"));
    await_request(server, "0 the-end.example.com.");
    requests(server)
}

fn await_request(server: &Server, begins: &str) {
    eventually(begins, || requests(server).iter().any(|request| request.starts_with(begins)).then_some(()));
}

#[test]
fn the_same_lives_make_the_same_requests() {
    sandboxed("scripts::requests::the_same_lives_make_the_same_requests", |world| {
        let Some(map) = map() else {
            return tell("skipped: Debian's libdhcp_lease_cmds.so is not unpacked");
        };
        let Some([kea, ours]) = with_both(world, &map, live) else { return };
        let wrong = differing(&kea, &ours);
        assert!(wrong.is_empty(), "{wrong}");
        assert!(kea.len() > 60, "{kea:?}");
    });
}
