//! How names are made: every `ddns-replace-client-name`, with and without what clients wish about DNS, on subnets of
//! their own; prefixes, suffixes and sets of characters, also of pools.

use std::net::Ipv4Addr;

use kotare_tests::world::sandboxed;
use kotare_wire::v4::OptionCode;
use serde_json::{Value, json};

use super::{WISHES, configuration, subnet};
use crate::packets::Query;
use crate::stage::{Script, Side, compare};

const MODES: [&str; 4] = ["never", "always", "when-present", "when-not-present"];

/// Without DNS updates.
#[test]
fn names_without_updates() {
    sandboxed("scripts::naming::names_without_updates", |world| {
        compare(world, &ways(false), SCRIPTS);
    });
}

/// With them. What updates say is another matter: nobody listens.
#[test]
fn names_with_updates() {
    sandboxed("scripts::naming::names_with_updates", |world| {
        compare(world, &ways(true), SCRIPTS);
    });
}

const SCRIPTS: &[Script] = &[
    ("host names", host_names),
    ("a label with a dot", label_with_dot),
    ("dots that are unwanted", unwanted_dots),
    ("full names", full_names),
    ("leases", leases),
];

/// The ways of making names, a subnet each.
const WAYS: std::ops::Range<u8> = 11..22;

/// The one in which a dot does not belong into names.
const WITHOUT_DOTS: u8 = 20;

/// Subnets that make names in different ways.
fn ways(updates: bool) -> Value {
    let modes = MODES.iter().map(|mode| json!({"ddns-replace-client-name": mode}));
    let others = [
        json!({"ddns-override-no-update": true}),
        json!({"ddns-override-client-update": true}),
        json!({"ddns-send-updates": false}),
        json!({"ddns-generated-prefix": "Dyn", "ddns-qualifying-suffix": "Lab.example.org."}),
        json!({"ddns-qualifying-suffix": ""}),
        json!({"hostname-char-set": "[^a-z]", "hostname-char-replacement": "x"}),
        json!({"hostname-char-set": "[[:digit:]_]+"}),
    ];
    let own = modes.chain(others).zip(WAYS).map(|(own, id)| {
        let mut subnet = json!({
            "id": id, "subnet": format!("10.0.{id}.0/24"), "pools": [{"pool": format!("10.0.{id}.0/24")}],
        });
        super::merge(&mut subnet, own);
        subnet
    });
    configuration(json!({
        "subnet4": std::iter::once(subnet(json!({}))).chain(own).collect::<Vec<_>>(),
        "dhcp-ddns": {"enable-updates": updates},
        "ddns-qualifying-suffix": "example.com",
    }))
}

/// Asks in every way of making names: on each subnet, for an address of its own.
fn ask_everywhere(side: &mut Side, step: &str, last: u8, dress: impl Fn(Query) -> Query) {
    ask_in(WAYS, side, step, last, dress);
}

fn ask_in(
    ways: impl IntoIterator<Item = u8>,
    side: &mut Side,
    step: &str,
    last: u8,
    dress: impl Fn(Query) -> Query,
) {
    for id in ways {
        let client = u16::from_be_bytes([id, last]);
        let query = Query::discover(client).requested(Ipv4Addr::new(10, 0, id, last));
        let query = query.option(OptionCode::SUBNET_SELECTION, &[10, 0, id, 0]).option(WISHES, &[12, 81]);
        side.ask(&format!("{step}, subnet {id}"), dress(query));
    }
}

fn host_names(side: &mut Side) {
    ask_everywhere(side, "none", 1, |query| query);
    let names: [&[u8]; 5] = [b"laptop", b".", b"my_lap top7", b"", b"a..b"];
    for (name, last) in names.into_iter().zip(2..) {
        ask_everywhere(side, &name.escape_ascii().to_string(), last, |query| {
            query.option(OptionCode::HOST_NAME, name)
        });
    }
    for (name, last) in DOTTED.into_iter().zip(7..) {
        let ways = WAYS.filter(|&id| id != WITHOUT_DOTS);
        ask_in(ways, side, &name.escape_ascii().to_string(), last, |query| {
            query.option(OptionCode::HOST_NAME, name)
        });
    }
}

const DOTTED: [&[u8]; 3] = [b"laptop.example.com", b"a.b.org.", b"example.com"];

fn label_with_dot(side: &mut Side) {
    ask_everywhere(side, "Laptop.", 10, |query| query.option(OptionCode::HOST_NAME, b"Laptop."));
}

fn unwanted_dots(side: &mut Side) {
    for (name, last) in DOTTED.into_iter().zip(11..) {
        ask_in([WITHOUT_DOTS], side, &name.escape_ascii().to_string(), last, |query| {
            query.option(OptionCode::HOST_NAME, name)
        });
    }
}

fn full_names(side: &mut Side) {
    let names: [(&str, u8, &[u8]); 5] = [
        ("full", 4, b"\x06LapTop\x07example\x03org\0"),
        ("partial", 4, b"\x07lap_to7"),
        ("two labels", 4, b"\x06laptop\x05floor"),
        ("empty", 4, b""),
        ("ASCII", 0, b"laptop.example.com"),
    ];
    let mut last = 20;
    for (name, encoding, value) in names {
        // S, N, neither, O.
        for flags in [1, 8, 0, 2] {
            let option = [&[encoding | flags, 0, 0], value].concat();
            ask_everywhere(side, &format!("{name}, flags {flags}"), last, |query| {
                query.option(OptionCode::FQDN, &option)
            });
            last += 1;
        }
    }
}

/// What stands in leases.
fn leases(side: &mut Side) {
    for id in WAYS {
        let on = |query: Query| query.option(OptionCode::SUBNET_SELECTION, &[10, 0, id, 0]);
        let named = |query| on(query).option(OptionCode::HOST_NAME, b"Some_Host");
        side.lease_at(u16::from_be_bytes([id, 101]), Ipv4Addr::new(10, 0, id, 101), named);
        let full = |query| on(query).option(OptionCode::FQDN, b"\x05\0\0\x05Other");
        side.lease_at(u16::from_be_bytes([id, 102]), Ipv4Addr::new(10, 0, id, 102), full);
        let none = side.lease_at(u16::from_be_bytes([id, 103]), Ipv4Addr::new(10, 0, id, 103), on);
        side.ask("renewed", full(Query::request(u16::from_be_bytes([id, 103])).holding(none)));
    }
}
