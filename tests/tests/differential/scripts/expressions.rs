//! Expressions: classes whose tests say everything the language can, and values of every kind. `flex_option` tells in a
//! reply which classes a message belongs to and what the values are.

use std::collections::BTreeSet;

use kotare_tests::world::{partner, sandboxed};
use kotare_wire::v4::{Index, Message, MessageType, OptionCode};
use serde_json::{Value, json};

use super::{configuration, host};
use crate::packets::{Answer, Query, mac};
use crate::stage::{Script, Side, compare};

/// The tests of classes, in the order of the classes.
const TESTS: &[&str] = &[
    "option[60].hex == 'PXEClient'",
    "option[vendor-class-identifier].text == 'PXEClient'",
    "substring(option[60].hex, 0, 3) == 'PXE'",
    "substring(option[60].hex, -6, all) == 'Client'",
    "substring(option[60].text, -1, -6) == 'EClien'",
    "substring(option[60].text, 9, 1) == ''",
    "option[60].exists and not option[12].exists",
    "not (option[60].exists or option[12].exists) or option[53].hex == 0x3",
    "option[12].text == 'host'",
    "option[host-name].hex == 0x686f7374",
    "option[53].hex == 1 or option[53].hex == 0x01",
    "option[93].hex == 0x0007",
    "option[93].text == 'type=093, len=002: 7(uint16)'",
    "option[55].text == 'type=055, len=003: 1(uint8) 3(uint8) 6(uint8)'",
    "option[50].hex == 192.0.2.133",
    "addrtotext(option[50].hex) == '192.0.2.134'",
    "hexstring(option[61].hex, ':') == '01:02:00:00:00:00:05'",
    "hexstring(option[61].hex, '') == '0102'",
    "relay4[1].hex == 'port7'",
    "relay4[2].exists and not relay4[3].exists",
    "option[82].option[2].hex == 0xabcdef",
    "substring(relay4[1].text, 0, 33) == 'type=001, len=005: 70:6f:72:74:37'",
    "pkt4.mac == 0x020000000005 or pkt4.mac == 0x02000000000006",
    "pkt4.hlen == 6 and pkt4.htype == 1 and pkt4.msgtype == 1",
    "pkt4.giaddr == 192.0.2.3 and pkt4.ciaddr == 0.0.0.0 and pkt4.yiaddr == 0.0.0.0 and pkt4.siaddr == 0.0.0.0",
    "pkt4.transid == 0x12340004",
    "pkt.iface == 'eth0' and pkt.dst == 255.255.255.255 and pkt.src == 0.0.0.0",
    "pkt.len == 245",
    "vendor.enterprise == 4491",
    "vendor[4491].exists and not vendor[9].exists",
    "vendor[*].exists and vendor[0].exists",
    "vendor[4491].option[2].hex == 10.0.0.1",
    "vendor[*].option[2].exists",
    "vendor-class[4491].data == 'docsis3.0' and vendor-class[4491].data[1] == 'more'",
    "vendor-class[*].exists and vendor-class.enterprise == 0x0000118b",
    "split(option[12].text, '.-', 2) == 'b' and split(option[12].text, '.-', 3) == ''",
    "split(option[12].hex, '', 5) == 'a-b.' or split(option[12].hex, '.', 0) == 'a'",
    "ifelse(option[12].exists, option[12].text, 'none') == 'none'",
    "concat('a', option[12].hex) == 'ahost' or 'a' + 'b' + option[12].hex == 'abhost'",
    "uint8totext(option[53].hex) == '8' or uint32totext(pkt4.hlen) == '7'",
    "int8totext(option[52].hex) == '-1' or uint16totext(option[57].hex) == '1500'",
    "member('c0') and (member('c8') or not member('c9'))",
    "member('VENDOR_CLASS_PXEClient') and member('ALL')",
    "option[43].option[1].exists or option[43].hex == 0x010161",
    "option[230].hex == 'abc' and substring(option[230].text, 0, 27) == 'type=230, len=003: 61:62:63'",
    "member('KNOWN') or (member('UNKNOWN') and option[43].option[1].hex == 'a')",
    "not member('KNOWN') and option[230].text == 'abc'",
];

/// Values, from option 231 on.
const VALUES: &[&str] = &[
    "option[60].text",
    "option[55].text + option[50].text",
    "hexstring(option[61].hex, '-') + hexstring(pkt4.mac, '')",
    "option[43].option[1].text",
    "substring(option[230].text, 0, 27)",
    "option[82].option[2].text",
    "vendor[4491].option[2].text",
    "option[12].text + option[15].text",
    "addrtotext(::1) + addrtotext(2001:db8:0:0:1::2) + addrtotext(10.0.0.1)",
];

#[test]
fn expressions() {
    sandboxed("scripts::expressions::expressions", |world| {
        let library = partner("libdhcp_flex_option.so");
        let library = library.map_or("libdhcp_flex_option.so".into(), |path| path.display().to_string());
        let class = |(at, test): (usize, &&str)| json!({"name": format!("c{at}"), "test": test});
        let mut classes: Vec<Value> = TESTS.iter().enumerate().map(class).collect();
        // What option 230 means depends on the vendor.
        classes[0]["option-def"] = json!([{"name": "private", "code": 230, "type": "string"}]);
        let members = (0..TESTS.len()).map(|at| format!("ifelse(member('c{at}'), '{at} ', '')"));
        let members = members.reduce(|all, one| format!("{all} + {one}")).unwrap_or_default();
        let mut options = vec![json!({"code": 254, "add": members})];
        options.extend((231..).zip(VALUES).map(|(code, value)| json!({"code": code, "add": value})));
        let dhcp4 = configuration(json!({
            "client-classes": classes,
            "option-def": [{"name": "inner", "space": "vendor-encapsulated-options-space", "code": 1, "type": "string"}],
            "hooks-libraries": [{"library": library, "parameters": {"options": options}}],
        }));
        compare(world, &dhcp4, SCRIPTS);
    });
}

const SCRIPTS: &[Script] = &[("expressions", messages)];

fn messages(side: &mut Side) {
    // A class that no message belongs to would prove nothing.
    let mut met = BTreeSet::new();
    let mut ask = |step: &str, query: Query| met.extend(side.ask(step, query).iter().flat_map(classes));
    let pinned = |client: u8| Query::discover(client.into()).requested(host(128 + client));
    let vendor =
        |client: u8, vendor: &[u8]| pinned(client).option(OptionCode::VENDOR_CLASS_IDENTIFIER, vendor);
    ask("nothing", pinned(1));
    ask("a vendor", vendor(2, b"PXEClient"));
    ask("a vendor with zeros", vendor(3, b"PXEClient\0\0"));
    ask(
        "private options",
        vendor(4, b"PXEClient").option(OptionCode(43), b"\x01\x01a").option(OptionCode(230), b"abc"),
    );
    ask(
        "private options of others",
        vendor(5, b"PXE").option(OptionCode(43), b"\x01\x01a").option(OptionCode(230), b"abc"),
    );
    ask("a name", pinned(6).option(OptionCode::HOST_NAME, b"host"));
    ask("parts of a name", pinned(7).option(OptionCode::HOST_NAME, b"a-b."));
    ask(
        "numbers",
        pinned(8)
            .option(OptionCode(93), &[0, 7])
            .option(OptionCode(57), &[5, 220])
            .option(OptionCode(55), &[1, 3, 6]),
    );
    ask("an identifier", pinned(5).client_id(&[1, 2, 0, 0, 0, 0, 5]));
    ask("a short identifier", pinned(6).client_id(&[1, 2]));
    let agent = |query: Query, agent: &[u8]| {
        query.option(OptionCode::RELAY_AGENT_INFORMATION, agent).relayed(host(3))
    };
    ask("a relay", agent(vendor(9, b"phone"), b"\x01\x05port7\x02\x03\xab\xcd\xef"));
    ask("a relay that says little", agent(pinned(10), b"\x03\x01x"));
    ask(
        "a vendor's options",
        pinned(11)
            .option(OptionCode(124), b"\x00\x00\x11\x8b\x09docsis3.0\x00\x00\x11\x8b\x04more")
            .option(OptionCode(125), b"\x00\x00\x11\x8b\x06\x02\x04\x0a\x00\x00\x01"),
    );
    ask("another vendor's options", pinned(12).option(OptionCode(125), b"\x00\x00\x00\x09\x03\x02\x01\x07"));
    ask("an inform", Query::new(MessageType::INFORM, mac(13)).holding(host(30)));
    let missed: Vec<_> =
        (0..TESTS.len()).filter(|class| !met.contains(class)).map(|class| TESTS[class]).collect();
    assert!(missed.is_empty(), "no message is of the classes {missed:#?}");
    side.lease(14, |query| query.option(OptionCode::VENDOR_CLASS_IDENTIFIER, b"PXEClient"));
}

/// The classes that a reply tells of.
fn classes(answer: &Answer) -> BTreeSet<usize> {
    let mut index = Index::new();
    let message = Message::parse(&answer.payload, &mut index).expect("a message");
    let told: Vec<u8> =
        message.option(OptionCode(254)).map(|value| value.bytes().collect()).unwrap_or_default();
    String::from_utf8_lossy(&told).split_whitespace().filter_map(|number| number.parse().ok()).collect()
}
