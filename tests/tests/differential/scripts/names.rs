//! Host Name and Client FQDN options: what comes back for what.

use kotare_model::Chance;
use kotare_tests::world::sandboxed;
use kotare_wire::v4::OptionCode;
use serde_json::json;

use super::{WISHES, configuration, host};
use crate::packets::{Query, SERVER};
use crate::stage::{Side, compare};

/// Names as clients say them, without DNS updates.
#[test]
fn names() {
    sandboxed("scripts::names::names", |world| {
        compare(world, &configuration(json!({})), &[("names", say_names)]);
    });
}

/// Host names nobody thought of; what is kept of them stands in the lease files, which are compared as well.
#[test]
fn any_names() {
    sandboxed("scripts::names::any_names", |world| {
        compare(world, &configuration(json!({})), &[("any names", say_anything)]);
    });
}

fn say_anything(side: &mut Side) {
    let mut noise = Chance::new(21);
    for round in 0..1500 {
        // Labels of which something is left when they are cleaned.
        let labels = (0..=noise.below(3)).map(|_| any_label(&mut noise)).collect::<Vec<_>>();
        let mut name = labels.join(&b'.');
        if noise.below(4) == 0 {
            name.push(b'.');
        }
        let client = noise.below(20) as u8;
        let request = Query::request(client.into()).server_id(SERVER).requested(host(100 + client));
        let step = format!("{round}: client {client} {:?}", name.escape_ascii().to_string());
        side.ask(&step, request.option(WISHES, &[12, 81]).option(OptionCode::HOST_NAME, &name));
    }
}

fn any_label(noise: &mut Chance) -> Vec<u8> {
    let letters = b"aAzZ09--__ ,;:!'/\t\x7f\xe9";
    let longest = if noise.below(8) == 0 { 70 } else { 7 };
    let more = (0..noise.below(longest)).map(|_| letters[noise.below(letters.len())]);
    std::iter::once(b'L').chain(more).collect()
}

fn say_names(side: &mut Side) {
    // Each asks for an address of its own, as names are made of it.
    let discover = |client: u8| Query::discover(client.into()).requested(host(100 + client));
    let wish = |query: Query| query.option(WISHES, &[12, 15, 81]);
    let named = |client: u8, name: &[u8]| wish(discover(client)).option(OptionCode::HOST_NAME, name);
    let fqdn = |client: u8, flags: u8, name: &[u8]| {
        let value = [&[flags, 0, 0], name].concat();
        wish(discover(client)).option(OptionCode::FQDN, &value)
    };
    side.ask("none", wish(discover(1)));
    side.ask("none wished", discover(2).option(OptionCode::HOST_NAME, b"quiet"));
    side.ask("a label", named(3, b"laptop"));
    side.ask("a full name", named(4, b"laptop.example.com"));
    side.ask("a full name with a dot", named(5, b"laptop.example.com."));
    side.ask("capitals", named(6, b"LapTop"));
    side.ask("odd characters", named(7, b"my_lap top!"));
    side.ask("a zero at the end", named(8, b"laptop\0"));
    side.ask("empty", named(9, b""));
    side.ask("a dot", named(10, b"."));
    side.ask("63 letters", named(11, &[b'a'; 63]));
    side.ask("64 letters", named(12, &[b'a'; 64]));
    side.ask("two dots", named(13, b"a..b"));
    side.lease_at(14, host(114), |query| wish(query).option(OptionCode::HOST_NAME, b"leased"));
    // Flags: 1 S, 2 O, 4 E, 8 N.
    side.ask("S and E, full", fqdn(20, 5, b"\x06laptop\x07example\x03com\0"));
    side.ask("E, full", fqdn(21, 4, b"\x06laptop\x07example\x03com\0"));
    side.ask("N and E, full", fqdn(22, 12, b"\x06laptop\x07example\x03com\0"));
    side.ask("S and N", fqdn(23, 13, b"\x06laptop\x07example\x03com\0"));
    side.ask("partial", fqdn(24, 5, b"\x06laptop"));
    side.ask("empty", fqdn(25, 5, b""));
    side.ask("ASCII", fqdn(26, 1, b"laptop.example.com"));
    side.ask("O", fqdn(27, 7, b"\x06laptop\x07example\x03com\0"));
    side.ask("unknown flags", fqdn(28, 0xf5, b"\x06laptop\x07example\x03com\0"));
    side.ask("broken", fqdn(29, 5, b"\x3flaptop"));
    side.ask("one byte", wish(discover(30)).option(OptionCode::FQDN, &[5]));
    side.ask("both", fqdn(31, 5, b"\x06laptop\x07example\x03com\0").option(OptionCode::HOST_NAME, b"other"));
    side.ask("odd characters in FQDN", fqdn(32, 5, b"\x07lap_to!\x07example\x03com\0"));
    let dress = |query: Query| wish(query).option(OptionCode::FQDN, b"\x05\0\0\x05other\x07example\x03com\0");
    let address = side.lease_at(33, host(133), dress);
    side.ask("renewed", dress(Query::request(33).holding(address)));
    side.ask("renewed without name", wish(Query::request(33).holding(address)));
    side.ask("a refusal", dress(Query::request(34).server_id(SERVER).requested(address)));
}
