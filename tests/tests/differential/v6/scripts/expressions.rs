//! Expressions: classes whose tests say everything the language can of DHCPv6, each of which shows by an option of its own.

use kotare_tests::world::sandboxed;
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::{Value, json};

use super::at;
use crate::v6::configuration::configuration;
use crate::v6::query::{Options, Query, mac};
use crate::v6::stage::{Script, Side, compare};

/// The tests of classes, in the order of the classes.
const TESTS: &[&str] = &[
    "pkt6.msgtype == 1",
    "pkt6.msgtype == 11",
    "pkt6.transid == 0x120003",
    "pkt.iface == 'eth0' and pkt.dst == ff02::1:2",
    "pkt.src == fe80::ff:fe00:3",
    "pkt.len == 0x00000024",
    "option[1].hex == 0x00030001020000000003",
    "option[clientid].exists and not option[2].exists",
    "option[6].hex == 0x00170018",
    "option[6].text == 'type=006, len=004: 23(uint16) 24(uint16)'",
    "option[8].hex == 0x0064",
    "option[3].exists and not option[25].exists",
    "option[3].option[5].exists",
    "substring(option[3].option[5].hex, 0, 16) == 2001:db8:1::104",
    "option[3].option[13].exists",
    "option[25].option[26].exists",
    "substring(option[25].hex, 0, 4) == 0x00000007",
    "option[15].hex == 0x0003616263",
    "option[15].exists",
    "option[16].exists and vendor-class[4491].exists",
    "vendor-class[4491].data == 'docsis'",
    "vendor-class[*].data[0] == 'docsis' and vendor-class.enterprise == 0x0000118b",
    "vendor-class[9].exists",
    "vendor[4491].exists",
    "vendor[*].option[1].exists",
    "vendor[4491].option[1].hex == 0x00200021",
    "vendor.enterprise == 25623",
    "option[39].exists",
    "option[39].hex == 0x01046e616d6500",
    "substring(option[39].hex, 2, 4) == 'name'",
    "relay6[0].peeraddr == fe80::ff:fe00:3",
    "relay6[0].linkaddr == 2001:db8:1::9",
    "relay6[-1].linkaddr == 2001:db8:1::8",
    "relay6[1].peeraddr == 2001:db8:1::2",
    "relay6[2].linkaddr == ::",
    "relay6[0].option[18].hex == 'port'",
    "relay6[-1].option[18].hex == 'port'",
    "relay6[0].option[37].exists",
    "relay6[0].option[79].hex == 0x0001020000000003",
    "relay6[1].option[18].exists",
    "relay6[-2].option[18].exists",
    "addrtotext(relay6[0].linkaddr) == '2001:db8:1::9'",
    "member('c0') and not member('c1')",
    "member('KNOWN')",
    "member('UNKNOWN')",
    "option[4242].hex == 'abc'",
    "option[4242].text == 'abc'",
    "hexstring(option[4242].hex, ':') == '61:62:63'",
    "uint16totext(option[8].hex) == '100'",
    "ifelse(option[14].exists, 'rapid', 'slow') == 'rapid'",
    "concat(option[4242].hex, 'd') == 'abcd'",
    "option[61].hex == 0x0007",
    "option[61].text == 'type=061, len=002: 7(uint16)'",
    "pkt6.msgtype == 0x0000000b",
    "member('VENDOR_CLASS_docsis')",
    "member('VENDOR_CLASS_4491')",
    "split(option[4242].hex, 'b', 2) == 'c'",
];

#[test]
fn expressions() {
    sandboxed("v6::scripts::expressions::expressions", |world| {
        let classes: Vec<Value> = TESTS
            .iter()
            .enumerate()
            .map(|(at, test)| {
                let option =
                    json!({"code": 30_000 + at, "csv-format": false, "data": "01", "always-send": true});
                json!({"name": format!("c{at}"), "test": test, "option-data": [option]})
            })
            .collect();
        compare(world, &configuration(json!({"client-classes": classes})), SCRIPTS);
    });
}

const SCRIPTS: &[Script] = &[("expressions", messages)];

fn messages(side: &mut Side) {
    let solicit = || Query::new(MessageType::SOLICIT, 3);
    side.ask("plain", &solicit());
    side.ask("a list", &solicit().wishes(&[23, 24]));
    side.ask("a time", &solicit().option(OptionCode::ELAPSED_TIME, &[0, 100]));
    side.ask("an association", &solicit().addresses(1, &[]));
    side.ask("an address", &solicit().addresses(1, &[at("2001:db8:1::104")]));
    side.ask("two associations", &solicit().addresses(1, &[]).addresses(2, &[at("2001:db8:1::104")]));
    let status = Options::default().option(OptionCode::STATUS_CODE, b"\0\0ok");
    side.ask("a status in an association", &solicit().association(OptionCode::IA_NA, 1, status));
    side.ask("a prefix", &solicit().prefixes(7, &[(at("2001:db8:8100::"), 56)]));
    side.ask("a user class", &solicit().option(OptionCode::USER_CLASS, b"\0\x03abc"));
    let class = |enterprise: u32| [&enterprise.to_be_bytes()[..], b"\0\x06docsis"].concat();
    let vendor = |enterprise: u32| [&enterprise.to_be_bytes()[..], b"\0\x01\0\x04\0\x20\0\x21"].concat();
    for enterprise in [4491, 25623, 9] {
        side.ask(
            &format!("a vendor's class of {enterprise}"),
            &solicit().option(OptionCode::VENDOR_CLASS, &class(enterprise)),
        );
        side.ask(
            &format!("a vendor's options of {enterprise}"),
            &solicit().option(OptionCode::VENDOR_OPTS, &vendor(enterprise)),
        );
    }
    side.ask("a name", &solicit().option(OptionCode::CLIENT_FQDN, b"\x01\x04name\0"));
    side.ask("rapid", &solicit().option(OptionCode::RAPID_COMMIT, b""));
    side.ask("unknown", &solicit().option(OptionCode(4242), b"abc"));
    side.ask("numbers", &solicit().option(OptionCode::CLIENT_ARCH_TYPE, &[0, 7]));
    side.ask("information", &Query::anonymous(MessageType::INFORMATION_REQUEST, 3));
    let port = || Options::default().option(OptionCode::INTERFACE_ID, b"port");
    let link_layer = [&[0, 1][..], &mac(3)].concat();
    let near = || {
        port()
            .option(OptionCode::REMOTE_ID, b"\0\0\0\x09x")
            .option(OptionCode::CLIENT_LINKLAYER_ADDR, &link_layer)
    };
    side.ask("a relay", &solicit().addresses(1, &[]).relayed(at("2001:db8:1::9"), near()));
    side.ask(
        "two relays",
        &solicit()
            .addresses(1, &[])
            .relayed(at("2001:db8:1::9"), near())
            .relayed(at("2001:db8:1::8"), Options::default()),
    );
    side.ask(
        "two relays with ports",
        &solicit()
            .addresses(1, &[])
            .relayed(at("2001:db8:1::9"), Options::default())
            .relayed(at("2001:db8:1::8"), port()),
    );
    side.ask(
        "three relays",
        &solicit()
            .addresses(1, &[])
            .relayed(at("2001:db8:1::9"), port())
            .relayed(at("2001:db8:1::8"), port())
            .relayed(at("::"), Options::default()),
    );
}
