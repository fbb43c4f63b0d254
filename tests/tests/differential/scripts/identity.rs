//! Who a client is: client identifier, hardware address, and parameters about them.

use kotare_tests::world::sandboxed;
use kotare_wire::v4::OptionCode;
use serde_json::{Value, json};

use super::configuration;
use crate::packets::{Query, SERVER, mac};
use crate::stage::{Script, Side, compare};

/// A client is known by its identifier, else by its hardware address.
#[test]
fn identity() {
    play("identity", json!({}), &[("identity", change), ("hardware addresses", hardware)]);
}

/// `match-client-id: false`: by the hardware address only.
#[test]
fn identity_without_identifiers() {
    play(
        "identity_without_identifiers",
        json!({"match-client-id": false}),
        &[("match-client-id false", change)],
    );
}

/// `echo-client-id: false`: the identifier does not come back.
#[test]
fn identifiers_not_echoed() {
    play("identifiers_not_echoed", json!({"echo-client-id": false}), &[("echo-client-id false", change)]);
}

fn play(test: &str, changes: Value, scripts: &[Script]) {
    sandboxed(&format!("scripts::identity::{test}"), |world| {
        compare(world, &configuration(changes), scripts);
    });
}

fn change(side: &mut Side) {
    let one = |query: Query| query.client_id(b"\x01one");
    let address = side.lease(1, one);
    side.ask("the same", one(Query::discover(1)));
    side.ask("same hardware, other identifier", Query::discover(1).client_id(b"\x01two"));
    side.ask("same hardware, no identifier", Query::discover(1));
    side.ask("other hardware, same identifier", one(Query::discover(2)));
    side.ask("reboot from other hardware", one(Query::request(2)).requested(address));
    side.ask("reboot with other identifier", Query::request(1).client_id(b"\x01two").requested(address));
    side.ask("reboot without identifier", Query::request(1).requested(address));
    side.ask("select from other hardware", one(Query::request(3)).server_id(SERVER).requested(address));
    side.ask("back on first hardware", one(Query::request(1)).requested(address));
    let bare = side.lease(4, |query| query);
    side.ask("an identifier appears", Query::discover(4).client_id(b"\x01four"));
    side.ask("an identifier appears, reboot", Query::request(4).client_id(b"\x01four").requested(bare));
    side.ask(
        "an identifier appears, select",
        Query::request(4).client_id(b"\x01four").server_id(SERVER).requested(bare),
    );
    side.ask("renewed without it", Query::request(4).holding(bare));
    side.ask("a refusal", one(Query::request(5)).server_id(SERVER).requested(bare));
    side.ask("DUID based", Query::discover(6).client_id(b"\xff\0\0\0\x01\0\x03\0\x01\x02\0\0\0\0\x06"));
}

fn hardware(side: &mut Side) {
    for hlen in [0u8, 1, 5, 7, 8, 16] {
        let query = Query::discover(20 + u16::from(hlen)).header(2, &[hlen]).header(34, &[9; 10]);
        side.ask(&format!("hlen {hlen}"), query.clone());
        side.ask(&format!("hlen {hlen} with identifier"), query.client_id(&[b'h', hlen]));
    }
    for htype in [0u8, 6, 7, 32, 255] {
        side.ask(&format!("htype {htype}"), Query::discover(50 + u16::from(htype)).header(1, &[htype]));
    }
    let infiniband = Query::discover(60).header(1, &[32, 0]).header(28, &[0; 16]).header(10, &[0x80, 0]);
    side.ask("InfiniBand", infiniband.client_id(&[0xff, 0, 0, 0, 1, 0, 3, 0, 1]));
    side.ask("a hardware address of zeros", Query::bootp([0; 6]).option(OptionCode::MESSAGE_TYPE, &[1]));
    side.ask("hlen 6 with bytes behind", Query::discover(61).header(34, &[0xaa; 10]));
    side.ask(
        "hlen 6 of another type",
        Query::bootp(mac(62)).header(1, &[6]).option(OptionCode::MESSAGE_TYPE, &[1]),
    );
}
