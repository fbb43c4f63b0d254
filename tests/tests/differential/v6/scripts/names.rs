//! Option 39: what clients are called.

use kotare_tests::world::sandboxed;
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::{Value, json};

use crate::v6::configuration::{configuration, subnet};
use crate::v6::link::SERVER_ID;
use crate::v6::query::Query;
use crate::v6::stage::{Side, compare};

fn play(test: &str, script: &'static str, names: Value) {
    sandboxed(&format!("v6::scripts::names::{test}"), |world| {
        let mut changes = json!({
            "dhcp-ddns": {"enable-updates": true},
            "subnet6": [subnet(1, json!({"interface": "eth0", "pools": [{"pool": "2001:db8:1::100 - 2001:db8:1::1ff"}]}))],
        });
        crate::v6::configuration::merge(&mut changes, names);
        compare(world, &configuration(changes), &[(script, named)]);
    });
}

#[test]
fn names() {
    play("names", "names", json!({}));
}

#[test]
fn a_suffix() {
    play("a_suffix", "a suffix", json!({"ddns-qualifying-suffix": "example.org"}));
}

#[test]
fn overridden() {
    play(
        "overridden",
        "overridden",
        json!({"ddns-override-no-update": true, "ddns-override-client-update": true, "ddns-qualifying-suffix": "example.org."}),
    );
}

#[test]
fn replaced() {
    play(
        "replaced",
        "replaced",
        json!({"ddns-replace-client-name": "when-present", "ddns-generated-prefix": "gen", "ddns-qualifying-suffix": "example.org"}),
    );
}

#[test]
fn supplied() {
    play(
        "supplied",
        "supplied",
        json!({"ddns-replace-client-name": "when-not-present", "ddns-qualifying-suffix": "example.org"}),
    );
}

#[test]
fn always_replaced() {
    play(
        "always_replaced",
        "always replaced",
        json!({"ddns-replace-client-name": "always", "ddns-qualifying-suffix": "example.org"}),
    );
}

#[test]
fn clean() {
    play(
        "clean",
        "clean",
        json!({"hostname-char-set": "[^A-Za-z0-9.-]", "hostname-char-replacement": "x", "ddns-qualifying-suffix": "example.org"}),
    );
}

fn named(side: &mut Side) {
    // Of names that are malformed ours makes none, as of those of DHCPv4; Kea passes over the whole message.
    let names: &[(&str, &[u8])] = &[
        ("whole", b"\x04host\x07example\x03com\0"),
        ("partial", b"\x04host"),
        ("of two labels", b"\x04host\x03sub"),
        ("empty", b""),
        ("large letters", b"\x04HoSt"),
        ("odd characters", b"\x07h_o*st!\x07exa mpl\0"),
        ("one hyphen", b"\x01-"),
    ];
    for (client, (what, name)) in (0..).zip(names) {
        for flags in [0, 1, 2, 4, 6] {
            let dress = |query: Query| {
                query.addresses(1, &[]).option(OptionCode::CLIENT_FQDN, &[&[flags][..], name].concat())
            };
            side.ask(
                &format!("{what}, flags {flags}, solicit"),
                &dress(Query::new(MessageType::SOLICIT, client)),
            );
            side.ask(
                &format!("{what}, flags {flags}, request"),
                &dress(Query::new(MessageType::REQUEST, client).server(SERVER_ID)),
            );
            side.ask(
                &format!("{what}, flags {flags}, renew"),
                &dress(Query::new(MessageType::RENEW, client).server(SERVER_ID)),
            );
        }
    }
    let plain = |kind| Query::new(kind, 30).server(SERVER_ID).addresses(1, &[]);
    side.ask("none", &plain(MessageType::REQUEST));
    side.ask("none, renewed", &plain(MessageType::RENEW));
    side.ask("none, wanted", &plain(MessageType::RENEW).wishes(&[39]));
    let twice = plain(MessageType::REQUEST)
        .option(OptionCode::CLIENT_FQDN, b"\x01\x01a\0")
        .option(OptionCode::CLIENT_FQDN, b"\x04\x01b\0");
    side.ask("twice", &twice);
    // Kea 2.2 drops a message without addresses for which it cannot make up a name.
    let both = Query::new(MessageType::REQUEST, 33)
        .server(SERVER_ID)
        .prefixes(1, &[])
        .addresses(1, &[])
        .addresses(2, &[]);
    side.ask("empty with all", &both.option(OptionCode::CLIENT_FQDN, b"\x01"));
}
