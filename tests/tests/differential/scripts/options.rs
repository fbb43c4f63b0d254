//! Which options come back: from global, subnet, network and pool level, wished for or always sent.

use kotare_tests::world::sandboxed;
use kotare_wire::v4::{MessageType, OptionCode};
use serde_json::json;

use super::{COMMON_WISHES, WISHES, configuration, host, subnet};
use crate::packets::{Query, SERVER, mac};
use crate::stage::{Script, Side, compare};

/// Options of three levels, wished for in all kinds of ways.
#[test]
fn options_of_three_levels() {
    sandboxed("scripts::options::options_of_three_levels", |world| {
        let dhcp4 = configuration(json!({
            "option-def": [
                {"name": "site-number", "code": 224, "type": "uint16"},
                {"name": "site-record", "code": 225, "type": "record", "record-types": "ipv4-address, uint8, string"},
                {"name": "site-words", "code": 226, "type": "string"},
                {"name": "site-addresses", "code": 227, "type": "ipv4-address", "array": true},
                {"name": "site-flag", "code": 228, "type": "boolean"},
            ],
            "option-data": [
                {"name": "domain-name-servers", "data": "192.0.2.10, 192.0.2.11"},
                {"name": "domain-name", "data": "example.org"},
                {"name": "ntp-servers", "data": "192.0.2.12"},
                {"name": "time-offset", "data": "3600"},
                {"name": "log-servers", "data": "192.0.2.13", "always-send": true},
                {"name": "domain-search", "data": "example.org, a.example.org, example.net"},
                {"name": "site-number", "data": "4711"},
                {"name": "site-record", "data": "192.0.2.14, 7, some text"},
                {"name": "site-words", "data": "several words"},
                {"name": "site-addresses", "data": "192.0.2.15, 192.0.2.16"},
                {"name": "site-flag", "data": "true"},
                {"code": 240, "data": "'quoted'", "csv-format": false},
                {"code": 241, "data": "0102ff", "csv-format": false, "always-send": true},
                {"name": "boot-file-name", "data": "global.img"},
                {"name": "tcode", "data": "Pacific/Auckland"},
                {"name": "netbios-node-type", "data": "8"},
                {"name": "ip-forwarding", "data": "true"},
                {"name": "policy-filter", "data": "192.0.2.0, 255.255.255.0"},
                {"name": "nis-domain", "data": "nis.example.org"},
            ],
            "subnet4": [subnet(json!({
                "option-data": [
                    {"name": "routers", "data": "192.0.2.1"},
                    {"name": "domain-name", "data": "subnet.example.org"},
                    {"name": "ntp-servers", "data": "192.0.2.20", "always-send": true},
                    {"name": "broadcast-address", "data": "192.0.2.255"},
                    {"name": "interface-mtu", "data": "1400"},
                ],
                "pools": [
                    {"pool": "192.0.2.100 - 192.0.2.149"},
                    {"pool": "192.0.2.150 - 192.0.2.199", "option-data": [
                        {"name": "domain-name", "data": "pool.example.org"},
                        {"name": "routers", "data": "192.0.2.2"},
                        {"name": "www-server", "data": "192.0.2.21", "always-send": true},
                    ]},
                ],
            }))],
        }));
        compare(world, &dhcp4, SCRIPTS);
    });
}

/// Option 125 as it is configured. Kea keeps for all clients what the first of them asks to have in it, so none asks.
#[test]
fn a_vendor_option() {
    sandboxed("scripts::options::a_vendor_option", |world| {
        let dhcp4 = configuration(json!({
            "option-def": [{"name": "where", "code": 2, "space": "vendor-4491", "type": "ipv4-address"}],
            "option-data": [
                {"name": "vivso-suboptions", "data": "4491"},
                {"name": "where", "space": "vendor-4491", "data": "192.0.2.9", "always-send": true},
            ],
        }));
        compare(world, &dhcp4, &[("vendor", vendors)]);
    });
}

/// Options of vendors, identified (option 125) and not (option 43).
#[test]
fn vendor_options() {
    sandboxed("scripts::options::vendor_options", |world| {
        let dhcp4 = configuration(json!({
            "option-def": [
                {"name": "speed", "code": 1, "space": "vendor-4491", "type": "uint16"},
                {"name": "where", "code": 2, "space": "vendor-4491", "type": "ipv4-address"},
                {"name": "what", "code": 3, "space": "vendor-25506", "type": "string"},
                {"name": "foo", "code": 1, "space": "vendor-encapsulated-options-space", "type": "uint32"},
            ],
            "option-data": [
                {"name": "speed", "space": "vendor-4491", "data": "1000"},
                {"name": "where", "space": "vendor-4491", "data": "192.0.2.9", "always-send": true},
                {"name": "what", "space": "vendor-25506", "data": "text"},
                {"name": "vendor-encapsulated-options"},
                {"name": "foo", "space": "vendor-encapsulated-options-space", "data": "123"},
            ],
        }));
        compare(world, &dhcp4, &[("vendors", vendors)]);
    });
}

fn vendors(side: &mut Side) {
    let pinned = |client: u8| Query::discover(client.into()).requested(host(100 + client));
    let wish = |query: Query| query.option(WISHES, &[43, 125]);
    let vivso = |client: u8, value: &[u8]| wish(pinned(client)).option(OptionCode::VIVSO, value);
    let vivco = |client: u8, value: &[u8]| wish(pinned(client)).option(OptionCode::VIVCO, value);
    side.ask("no wishes", pinned(1));
    side.ask("wishes", wish(pinned(2)));
    side.ask("cable, asks for 1", vivso(3, b"\0\0\x11\x8b\x03\x01\x01\x01"));
    side.ask("cable, asks for 1 and 2", vivso(4, b"\0\0\x11\x8b\x04\x01\x02\x01\x02"));
    side.ask("cable, asks for nothing", vivso(5, b"\0\0\x11\x8b\0"));
    side.ask("cable, says something else", vivso(6, b"\0\0\x11\x8b\x03\x05\x01\x02"));
    side.ask("another vendor", vivso(7, b"\0\0\x63\xa2\x03\x01\x01\x03"));
    side.ask("a vendor nobody knows", vivso(8, b"\0\0\x0f\xff\x03\x01\x01\x01"));
    side.ask("two vendors", vivso(9, b"\0\0\x11\x8b\x03\x01\x01\x01\0\0\x63\xa2\x03\x01\x01\x03"));
    side.ask("class of cable", vivco(10, b"\0\0\x11\x8b\x04\x03abc"));
    side.ask("class of another vendor", vivco(11, b"\0\0\x63\xa2\x04\x03abc"));
    side.ask(
        "class and options",
        vivco(12, b"\0\0\x11\x8b\x04\x03abc").option(OptionCode::VIVSO, b"\0\0\x11\x8b\x03\x01\x01\x01"),
    );
    side.ask(
        "vendor class identifier",
        wish(pinned(13)).option(OptionCode::VENDOR_CLASS_IDENTIFIER, b"docsis3.0"),
    );
    side.ask(
        "options of a vendor",
        wish(pinned(14)).option(OptionCode::VENDOR_ENCAPSULATED_OPTIONS, &[1, 4, 0, 0, 0, 1]),
    );
    side.ask("43 only", pinned(15).option(WISHES, &[43]));
    side.ask("125 only", pinned(16).option(WISHES, &[125]));
}

const SCRIPTS: &[Script] = &[("wishes", wishes), ("levels", levels), ("long values", long_values)];

fn wishes(side: &mut Side) {
    let pinned = |client: u8| Query::discover(client.into()).requested(host(100 + client));
    let offer = |client: u8, wishes: &[u8]| pinned(client).option(WISHES, wishes);
    side.ask("none", Query::discover(1));
    side.ask("an empty list", offer(2, &[]));
    side.ask("the usual", offer(3, COMMON_WISHES));
    side.ask("everything", offer(4, &(1..=254).collect::<Vec<u8>>()));
    side.ask("in reverse", offer(5, &(1..=254).rev().collect::<Vec<u8>>()));
    side.ask("the same twice", offer(6, &[6, 15, 6, 15]));
    side.ask("not configured", offer(7, &[2, 17, 66, 150]));
    side.ask("two lists", offer(8, &[6]).option(WISHES, &[15]));
    side.ask("only what is custom", offer(9, &[224, 225, 226, 227, 228, 240]));
    side.ask("pad and end", offer(10, &[0, 255, 6]));
    side.ask("what the server always says", offer(11, &[1, 51, 53, 54, 58, 59, 61, 82]));
}

fn levels(side: &mut Side) {
    let all: Vec<u8> = (1..=254).collect();
    side.ask("first pool", Query::discover(21).requested(host(110)).option(WISHES, &all));
    side.ask("second pool", Query::discover(22).requested(host(160)).option(WISHES, &all));
    side.ask("second pool, no wishes", Query::discover(22).requested(host(160)));
    side.ask(
        "second pool, acknowledged",
        Query::request(22).server_id(SERVER).requested(host(160)).option(WISHES, &all),
    );
    side.ask("renewed", Query::request(22).holding(host(160)).option(WISHES, &all));
    side.ask("refused", Query::request(23).server_id(SERVER).requested(host(160)).option(WISHES, &all));
    side.ask("inform", Query::new(MessageType::INFORM, mac(24)).holding(host(30)).option(WISHES, &all));
    side.ask(
        "inform in a pool",
        Query::new(MessageType::INFORM, mac(25)).holding(host(190)).option(WISHES, &all),
    );
}

fn long_values(side: &mut Side) {
    let pinned = |client: u8| Query::discover(client.into()).requested(host(100 + client));
    side.ask("a client identifier of 255 bytes", pinned(31).client_id(&[7; 255]));
    side.ask("in two pieces", pinned(32).client_id(&[1, 2, 3]).client_id(&[4, 5, 6]));
    side.ask("one byte", pinned(33).client_id(&[9]));
    side.ask("no bytes", pinned(34).client_id(&[]));
    side.ask("vendor class", pinned(35).option(OptionCode::VENDOR_CLASS_IDENTIFIER, b"MSFT 5.0"));
    side.ask("user class", pinned(36).option(OptionCode::USER_CLASS, b"\x04iPXE"));
    side.ask(
        "vendor options",
        pinned(37).option(OptionCode::VENDOR_ENCAPSULATED_OPTIONS, &[1, 2, 3, 4, 255]),
    );
    side.ask(
        "identifying vendor class",
        pinned(38).option(OptionCode::VIVCO, &[0, 0, 0x11, 0x8b, 3, 2, b'a', b'b']),
    );
    side.ask(
        "identifying vendor options",
        pinned(39).option(OptionCode::VIVSO, &[0, 0, 0x11, 0x8b, 3, 1, 1, 2]),
    );
    side.ask("an unknown option", pinned(40).option(OptionCode(200), &[1, 2, 3]));
}
