//! Host Name and Client FQDN options: what comes back for what.

use kotare_tests::world::sandboxed;
use kotare_wire::v4::OptionCode;
use serde_json::{Value, json};

use super::{WISHES, configuration};
use crate::packets::{Query, SERVER};
use crate::stage::{Script, Side, compare};

/// Names as clients say them.
#[test]
fn names() {
    play("names", json!({}), &[("names", say_names)]);
}

/// Names completed with a suffix.
#[test]
fn names_with_suffix() {
    let suffix = json!({"ddns-qualifying-suffix": "example.org"});
    play("names_with_suffix", suffix, &[("suffix", say_names)]);
}

/// Names made by the server for clients that have none.
#[test]
fn names_generated() {
    let generated = json!({
        "ddns-replace-client-name": "when-not-present",
        "ddns-generated-prefix": "host",
        "ddns-qualifying-suffix": "example.org",
    });
    play("names_generated", generated, &[("generated", say_names)]);
}

/// Names made by the server for all clients.
#[test]
fn names_replaced() {
    let always = json!({"ddns-replace-client-name": "always", "ddns-qualifying-suffix": "example.org"});
    play("names_replaced", always, &[("replaced", say_names)]);
}

/// Names with characters exchanged.
#[test]
fn names_sanitised() {
    let clean = json!({"hostname-char-set": "[^A-Za-z0-9.-]", "hostname-char-replacement": "x"});
    play("names_sanitised", clean, &[("sanitised", say_names)]);
}

/// What the server says about updates when it is told to override.
#[test]
fn names_with_overrides() {
    let overrides = json!({"ddns-override-no-update": true, "ddns-override-client-update": true});
    play("names_with_overrides", overrides, &[("overrides", say_names)]);
}

fn play(test: &str, changes: Value, scripts: &[Script]) {
    sandboxed(&format!("scripts::names::{test}"), |world| {
        compare(world, &configuration(changes), scripts);
    });
}

fn say_names(side: &mut Side) {
    let wish = |query: Query| query.option(WISHES, &[12, 15, 81]);
    let named = |client: u16, name: &[u8]| wish(Query::discover(client)).option(OptionCode::HOST_NAME, name);
    let fqdn = |client: u16, flags: u8, name: &[u8]| {
        let value = [&[flags, 0, 0], name].concat();
        wish(Query::discover(client)).option(OptionCode::FQDN, &value)
    };
    side.ask("none", wish(Query::discover(1)));
    side.ask("none wished", Query::discover(2).option(OptionCode::HOST_NAME, b"quiet"));
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
    side.lease(14, |query| wish(query).option(OptionCode::HOST_NAME, b"leased"));
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
    side.ask("one byte", wish(Query::discover(30)).option(OptionCode::FQDN, &[5]));
    side.ask("both", fqdn(31, 5, b"\x06laptop\x07example\x03com\0").option(OptionCode::HOST_NAME, b"other"));
    side.ask("odd characters in FQDN", fqdn(32, 5, b"\x07lap_to!\x07example\x03com\0"));
    let dress = |query: Query| wish(query).option(OptionCode::FQDN, b"\x05\0\0\x05other\x07example\x03com\0");
    let address = side.lease(33, dress);
    side.ask("renewed", dress(Query::request(33).from_address(address)));
    side.ask("renewed without name", wish(Query::request(33).from_address(address)));
    side.ask("a refusal", dress(Query::request(34).server_id(SERVER).requested(address)));
}
