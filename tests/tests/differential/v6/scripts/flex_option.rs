//! Options that expressions make: the hook library flex_option beside Kea's own.

use kotare_tests::world::{partner, sandboxed};
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use super::at;
use crate::v6::configuration::configuration;
use crate::v6::link::SERVER_ID;
use crate::v6::query::{Options, Query};
use crate::v6::stage::{Script, Side, compare};

/// All actions on options and sub-options, raw and by definition, for all and for a class, in replies of all kinds. Kea 2.2
/// has neither `source` nor `destination`.
#[test]
fn edited_options() {
    sandboxed("v6::scripts::flex_option::edited_options", |world| {
        // Where Kea has it; ours goes by the name alone.
        let library = partner("libdhcp_flex_option.so");
        let library = library.map_or("libdhcp_flex_option.so".into(), |path| path.display().to_string());
        let options = json!([
            {"code": 59, "add": "ifelse(option[15].exists, concat('tftp://', substring(option[15].hex, 2, all)), '')"},
            {"code": 23, "add": "0x01020304"},
            {"code": 7, "supersede": "substring(option[1].hex, -1, 1)"},
            {"name": "sntp-servers", "remove": "option[15].hex == 0x000462617265"},
            {"code": 27, "remove": "not option[27].exists"},
            {"code": 28, "csv-format": true, "add": "'2001:db8::3, 2001:db8::4'"},
            {"name": "domain-search", "csv-format": true, "supersede": "'b.example.org, example.org'"},
            {"code": 224, "add": "'one'"},
            {"code": 224, "supersede": "concat('two', hexstring(option[1].hex, ':'))"},
            {"code": 225, "add": "'phone'", "client-class": "VENDOR_CLASS_phone"},
            {"code": 226, "add": "'all'", "client-class": "ALL"},
            {"code": 65000, "add": "concat(relay6[0].option[18].hex, relay6[0].peeraddr)"},
            {"code": 1, "remove": "option[15].hex == 0x000a6e616d656c657373202020"},
            {"code": 3, "remove": "option[15].hex == 0x00076e6f7468696e67"},
            {"code": 25, "supersede": "ifelse(option[15].hex == 0x00056f776e2020, 0x000000090000000000000000, '')"},
            {"name": "outer", "sub-options": [
                {"code": 1, "add": "'foobar'"},
                {"name": "within", "csv-format": true, "supersede": "'258'"},
                {"code": 9, "remove": "'a' == 'a'"},
            ]},
            {"name": "held", "sub-options": [{"name": "inside", "remove": "option[15].exists"}]},
            {"name": "kept", "sub-options": [
                {"name": "inside", "remove": "option[15].exists", "container-remove": false},
                {"code": 77, "add": "ifelse(option[16].exists, 'x', '')", "container-add": false},
            ]},
            {"code": 94, "sub-options": [
                {"code": 90, "add": "ifelse(option[16].exists, 0x20010db8000000000000000000000001, '')"},
                {"code": 91, "supersede": "'x'", "container-add": false},
            ]},
            {"code": 17, "sub-options": [
                {"space": "vendor-4491", "code": 32, "csv-format": true, "add": "'2001:db8::69'"},
                {"space": "vendor-4491", "code": 33, "add": "ifelse(option[16].exists, option[16].hex, '')"},
                {"space": "vendor-9", "code": 2, "supersede": "'of another'"},
            ]},
        ]);
        let dhcp6 = configuration(json!({
            "option-def": [
                {"name": "outer", "code": 1000, "type": "uint16", "encapsulate": "inner"},
                {"name": "within", "code": 700, "space": "inner", "type": "uint16"},
                {"name": "held", "code": 1001, "type": "empty", "encapsulate": "in-it"},
                {"name": "kept", "code": 1002, "type": "uint8", "encapsulate": "in-it"},
                {"name": "inside", "code": 5, "space": "in-it", "type": "string"},
            ],
            "option-data": [
                {"name": "sntp-servers", "data": "2001:db8::10", "always-send": true},
                {"name": "domain-search", "data": "example.org"},
                {"name": "held", "always-send": true},
                {"name": "kept", "data": "7", "always-send": true},
                {"name": "inside", "space": "in-it", "data": "deep"},
            ],
            "hooks-libraries": [{"library": library, "parameters": {"options": options}}],
        }));
        compare(world, &dhcp6, EDITS);
    });
}

const EDITS: &[Script] = &[("edits", edits)];

fn edits(side: &mut Side) {
    for (kind, client) in [
        (MessageType::SOLICIT, 1),
        (MessageType::REQUEST, 2),
        (MessageType::INFORMATION_REQUEST, 3),
        (MessageType::CONFIRM, 4),
    ] {
        let query = || {
            let query = Query::new(kind, client);
            match kind {
                MessageType::REQUEST => query.server(SERVER_ID).addresses(1, &[]).prefixes(2, &[]),
                MessageType::CONFIRM => query.addresses(1, &[at("2001:db8:1::101")]),
                MessageType::INFORMATION_REQUEST => query,
                _ => query.addresses(1, &[]).addresses(2, &[]).prefixes(3, &[]),
            }
        };
        side.ask(&format!("{kind}, nothing"), &query());
        side.ask(&format!("{kind}, wishes"), &query().wishes(&[7, 17, 23, 24, 31, 59, 1000]));
        for class in [&b"\0\x04bare"[..], b"\0\x07nothing", b"\0\x05own  ", b"\0\x0anameless   "] {
            let name = String::from_utf8_lossy(&class[2..]).into_owned();
            side.ask(&format!("{kind}, {name}"), &query().option(OptionCode::USER_CLASS, class));
        }
        let phone = query().option(OptionCode::VENDOR_CLASS, b"\0\0\0\x09\0\x05phone");
        side.ask(&format!("{kind}, a phone"), &phone.wishes(&[17]));
        let relay = Options::default().option(OptionCode::INTERFACE_ID, b"port7");
        side.ask(&format!("{kind}, relayed"), &query().relayed(at("2001:db8:1::1"), relay));
    }
}
