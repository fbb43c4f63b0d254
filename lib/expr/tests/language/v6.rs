//! Expressions of DHCPv6: messages as they come from the network, within those of relay agents.

use std::{fmt, net::Ipv6Addr};

use kotare_expr::{
    ClassId, Names, Packet, Packet6, PartValue, Scratch, Sieve, Test, V6, Value, parse_test, parse_value,
};
use kotare_options::{Definition, DefinitionText, Definitions, Universe};
use kotare_wire::v6::{Index, Message, MessageType, OptionCode, Relay, Writer};
use proptest::prelude::*;

/// A message, as a server would show it to expressions.
struct Came<'a>(Message<'a>);

impl Packet for Came<'_> {
    type Protocol = V6;
    fn label(&self) -> &dyn fmt::Display {
        &"a client"
    }
    fn is_member(&self, class: ClassId) -> bool {
        class == ClassId(1)
    }
    fn interface(&self) -> &str {
        "eth0"
    }
    fn length(&self) -> u32 {
        self.0.as_bytes().len() as u32
    }
}

impl Packet6 for Came<'_> {
    fn options(&self, code: OptionCode) -> impl Iterator<Item = &[u8]> {
        self.0.all(code)
    }
    fn source(&self) -> Ipv6Addr {
        "fe80::1".parse().unwrap()
    }
    fn destination(&self) -> Ipv6Addr {
        "ff02::1:2".parse().unwrap()
    }
    fn message_type(&self) -> u8 {
        self.0.message_type().0
    }
    fn transaction_id(&self) -> u32 {
        self.0.transaction_id()
    }
    fn relays(&self) -> usize {
        self.0.relays().len()
    }
    fn relay(&self, number: usize) -> Option<Relay<'_>> {
        self.0.relay(number)
    }
}

/// Shows a message to `ask`.
fn asked<T>(bytes: &[u8], ask: impl FnOnce(&Came<'_>) -> T) -> T {
    ask(&Came(Message::parse(bytes, &mut Index::new()).unwrap()))
}

/// A SOLICIT with an association in which an address is asked for, and what two vendors say.
fn solicit() -> Vec<u8> {
    let status = option(13, b"\x00\x02no");
    let address =
        option(5, &[&[0x20, 1, 0xd, 0xb8][..], &[0; 11], &[1, 0, 0, 0, 9, 0, 0, 0, 9], &status].concat());
    let association = [&[0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 9][..], &address].concat();
    let class = [&[0, 0, 0x11, 0x8b][..], b"\0\x03abc\0\x02de"].concat();
    let of_isc = [&[0, 0, 9, 0xbf][..], &option(1, b"one"), &option(300, b"far")].concat();
    let of_cable = [&[0, 0, 0x11, 0x8b][..], &option(1, &[0, 32]), &option(2, b"ECM")].concat();
    let container =
        option(89, &[&[0, 4, 32, 10, 0, 0, 0, 16, 0x20, 1][..], &option(93, &[1, 2, 0, 3])].concat());
    let mut bytes = [0; 500];
    let mut writer = Writer::new(&mut bytes);
    writer.header(MessageType::SOLICIT, 0x12_3456).unwrap();
    for (code, value) in [
        (1, &b"\x00\x03\x00\x01\x02\x00\x00\x00\x00\x01"[..]),
        (3, &association),
        (6, &[0, 23, 0, 24]),
        (8, &[0, 0]),
        (15, b"\0\x02us"),
        (16, &class),
        (17, &of_isc),
        (17, &of_cable),
        (41, b"EST\0\0"),
        (94, &container),
        (1000, b"thousand"),
        (1000, b"again"),
        (65535, &[1, 2]),
    ] {
        writer.option(OptionCode(code), value).unwrap();
    }
    writer.as_bytes().to_vec()
}

/// The same behind two relay agents: `relay6[0]` is that nearest to the server.
fn relayed() -> Vec<u8> {
    let near_client = relay(0, 1, &[(18, b"port"), (37, b"\0\0\0\x09circuit")], &solicit());
    relay(1, 2, &[(18, b"uplink"), (17, b"\0\0\x11\x8b\x04\x02\0\x02\x07\x08")], &near_client)
}

fn option(code: u16, value: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes()[..], &(value.len() as u16).to_be_bytes(), value].concat()
}

/// What a relay agent makes of a message: its link is 2001:db8:`number`::, its peer fe80::`number`.
fn relay(hops: u8, number: u16, options: &[(u16, &[u8])], message: &[u8]) -> Vec<u8> {
    let mut bytes = [0; 2000];
    let mut writer = Writer::new(&mut bytes);
    let link = Ipv6Addr::new(0x2001, 0xdb8, number, 0, 0, 0, 0, 0);
    let peer = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, number);
    writer.relay_header(MessageType::RELAY_FORW, hops, link, peer).unwrap();
    for (code, value) in options {
        writer.option(OptionCode(*code), value).unwrap();
    }
    writer.option(OptionCode::RELAY_MSG, message).unwrap();
    writer.as_bytes().to_vec()
}

fn definitions() -> Definitions {
    let mut definitions = Definitions::v6();
    for (name, code, space, data_type, encapsulate) in [
        ("thousand", 1000, "dhcp6", "string", ""),
        ("far", 300, "vendor-2495", "string", ""),
        ("short", 65535, "dhcp6", "uint16", ""),
    ] {
        let definition = Definition::from_text(&DefinitionText {
            universe: Universe::V6,
            name,
            code,
            data_type,
            space,
            array: false,
            record_types: "",
            encapsulate,
        });
        definitions.add(definition.unwrap()).unwrap();
    }
    definitions
}

fn class(name: &str) -> Option<ClassId> {
    ["KNOWN", "foo"].iter().zip(0..).find(|(known, _)| **known == name).map(|(_, number)| ClassId(number))
}

fn parsed<T>(read: impl FnOnce(&mut Names<'_>) -> T) -> T {
    read(&mut Names { options: &definitions(), of_classes: &[], class: &mut class })
}

fn test(text: &str) -> Test {
    parsed(|names| parse_test(text, names)).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn value(text: &str) -> Value {
    parsed(|names| parse_value(text, names)).unwrap_or_else(|error| panic!("{text}: {error}"))
}

const TRUE: &[&str] = &[
    "pkt.iface == 'eth0' and pkt.src == fe80::1 and pkt.dst == ff02::1:2",
    "pkt6.msgtype == 1 and pkt6.transid == 1193046 and pkt6.transid == 0x00123456",
    "option[1].exists and option[clientid].hex == 0x00030001020000000001",
    "option[thousand].text == 'thousand' and option[1000].hex == 'thousand'",
    "option[65535].hex == 0x0102 and option[short].exists and not option[999].exists",
    // A string ends at the zeros behind it.
    "option[41].text == 'EST' and option[new-posix-timezone].hex == 'EST'",
    // Options in options, by what encapsulates them.
    "option[3].option[5].exists and option[ia-na].option[5].option[13].hex == 0x00026e6f",
    "substring(option[3].option[5].hex, 0, 16) == 2001:db8::1",
    "addrtotext(substring(option[3].option[5].hex, 0, 16)) == '2001:db8::1'",
    "not option[3].option[13].exists and not option[1].option[1].exists and option[3].option[6].hex == ''",
    "option[94].option[89].option[93].hex == 0x01020003",
    "option[17].option[300].text == 'far' and not option[17].option[2].exists",
    // Vendors: the first counts where none is asked for.
    "vendor[2495].exists and vendor[4491].exists and vendor[*].exists and not vendor[10].exists",
    "vendor.enterprise == 2495 and vendor[*].option[1].hex == 'one'",
    "vendor[4491].option[2].hex == 'ECM' and vendor[4491].option[1].hex == 0x0020",
    "vendor[2495].option[300].text == 'far' and not vendor[2495].option[2].exists",
    "vendor-class[4491].exists and vendor-class[*].exists and not vendor-class[2495].exists",
    "vendor-class.enterprise == 4491 and vendor-class[4491].data == 'abc'",
    "vendor-class[*].data[1] == 'de' and vendor-class[4491].data[2] == '' and vendor-class[1].data[0] == ''",
    "member('foo') and unknown and not known",
    "hexstring(option[1].hex, ':') == '00:03:00:01:02:00:00:00:00:01'",
    "ifelse(option[1000].exists, 'a', 'b') == 'a' and match('[a-z]+', option[thousand].text)",
];

const TRUE_IF_RELAYED: &[&str] = &[
    "relay6[0].linkaddr == 2001:db8:2:: and relay6[0].peeraddr == fe80::2",
    "relay6[1].linkaddr == 2001:db8:1:: and relay6[1].peeraddr == fe80::1",
    "relay6[-1].peeraddr == fe80::1 and relay6[-2].peeraddr == fe80::2",
    "relay6[0].option[18].hex == 'uplink' and relay6[1].option[18].hex == 'port'",
    "relay6[-1].option[18].hex == 'port' and relay6[-2].option[18].hex == 'uplink'",
    "relay6[1].option[37].hex == 0x0000000963697263756974 and relay6[-1].option[37].exists",
    "not relay6[0].option[37].exists and relay6[0].option[37].text == ''",
    // The message within is none of them.
    "not relay6[0].option[9].exists",
    // What does not exist is empty.
    "relay6[2].linkaddr == '' and relay6[-3].peeraddr == '' and not relay6[31].option[18].exists",
    "not relay6[-32].option[18].exists and relay6[-3].option[18].text == ''",
    "relay6[0].option[17].option[1026].hex == 0x0708 and not relay6[0].option[17].option[1].exists",
    "addrtotext(relay6[0].linkaddr) == '2001:db8:2::'",
];

/// What is true of the message as it is, and behind relay agents.
#[test]
fn conditions_hold() {
    for text in TRUE {
        for bytes in [solicit(), relayed()] {
            assert_eq!(asked(&bytes, |packet| test(text).matches(packet)), Ok(true), "{text}");
        }
    }
    for (bytes, length) in [(solicit(), solicit().len()), (relayed(), relayed().len())] {
        let text = format!("pkt.len == {length}");
        assert_eq!(asked(&bytes, |packet| test(&text).matches(packet)), Ok(true));
    }
}

/// What relay agents say.
#[test]
fn relay_agents_are_asked() {
    for text in TRUE_IF_RELAYED {
        assert_eq!(asked(&relayed(), |packet| test(text).matches(packet)), Ok(true), "{text}");
    }
    // Of a message that came as it is, everything about them is empty, whichever is asked for.
    let none = "relay6[0].linkaddr == '' and relay6[-1].peeraddr == '' and not relay6[0].option[18].exists";
    assert_eq!(asked(&solicit(), |packet| test(none).matches(packet)), Ok(true));
}

/// Options in words: Kea's.
#[test]
fn options_are_told_in_words() {
    for (text, expected) in [
        ("option[8].text", "type=00008, len=00002: 0 (uint16)"),
        ("option[oro].text", "type=00006, len=00004: 23(uint16) 24(uint16)"),
        ("option[999].text", ""),
        ("option[clientid].text", "type=00001, len=00010: 00:03:00:01:02:00:00:00:00:01"),
        ("option[3].option[5].option[13].text", "type=00013, len=00004: NoAddrsAvail(2) \"no\""),
        ("vendor[4491].option[1].text", "type=00001, len=00002: 32(uint16)"),
        ("vendor[4491].option[2].text", "ECM"),
        ("relay6[0].option[18].text", "type=00018, len=00006: 75:70:6c:69:6e:6b 'uplink'"),
        ("relay6[1].option[37].text", "type=00037, len=00011: 9 (uint32) 63697263756974 'circuit' (binary)"),
    ] {
        let said = asked(&relayed(), |packet| {
            value(text)
                .evaluate(packet, &mut Scratch::new())
                .map(|said| String::from_utf8_lossy(said).into_owned())
        });
        assert_eq!(said.as_deref(), Ok(expected), "{text}");
    }
}

/// What only the other protocol has is refused, and so is what is out of bounds.
#[test]
fn errors_lead_to_the_fault() {
    for (text, column, why) in [
        ("relay4[1].exists", 1, "relay4 can only be used in DHCPv4"),
        ("'a' == 'b' or pkt4.mac == 0x01", 15, "pkt4 can only be used in DHCPv4"),
        ("pkt6.mac == 0x01", 6, "one of msgtype, transid"),
        ("relay6[32].linkaddr == ::", 8, "not between -32 and 31"),
        ("relay6[-33].option[1].exists", 8, "not between -32 and 31"),
        ("relay6[0].exists", 11, "one of peeraddr, linkaddr"),
        ("relay6[0].option[interface-id].exists", 18, "a sub-option code"),
        ("relay6.option[1].exists", 7, "expected '['"),
        ("option[65536].exists", 8, "not between 0 and 65535"),
        ("option[host-name].exists", 8, "option 'host-name' is not defined"),
    ] {
        let error = parsed(|names| parse_test(text, names)).unwrap_err();
        assert!(error.text.contains(why), "{text}: {error}");
        assert_eq!(error.column, column, "{text}: {error}");
    }
}

/// Nothing is allocated, and a sieve leaves what may hold.
#[test]
fn many_are_asked_without_allocation() {
    asked(&relayed(), |packet| {
        for text in TRUE.iter().chain(TRUE_IF_RELAYED) {
            let test = test(text);
            assert_eq!(test.matches(packet), Ok(true), "{text}");
            let counted = allocation_counter::measure(|| _ = test.matches(packet));
            assert_eq!(counted.count_total, 0, "{text}");
        }
        let texts = [
            "relay6[0].option[18].hex == 'uplink'",
            "relay6[0].option[18].hex == 'port'",
            "relay6[1].option[18].hex == 'port' and pkt6.msgtype == 1",
            "relay6[1].option[18].hex == 'x' or relay6[1].option[18].hex == 'y'",
            // Of DHCPv4, this would depend on classes.
            "option[43].exists",
            "option[43].exists and member('foo')",
        ];
        let tests = parsed(|names| texts.map(|text| parse_test(text, names).unwrap()));
        let sieve = Sieve::new((0..).map(ClassId).zip(tests.iter().map(Some)));
        let mut scratch = Scratch::new();
        assert_eq!(sieve.sift(packet, &mut scratch).iter().collect::<Vec<_>>(), [ClassId(0), ClassId(2)]);
        assert_eq!(allocation_counter::measure(|| _ = sieve.sift(packet, &mut scratch)).count_total, 0);
    });
}

/// Parts are told as they are written.
#[test]
fn parts_are_told_with_their_values() {
    let mut heard = Vec::new();
    let text =
        "relay6[-1].option[18].hex == 'port' and relay6[0].linkaddr == 2001:db8:2:: and pkt6.msgtype == 1";
    let said = asked(&relayed(), |packet| {
        test(text).overheard(packet, |part| match part.value {
            PartValue::Truth(truth) => heard.push(format!("{part}: {truth}")),
            PartValue::Bytes(bytes) => heard.push(format!("{part}: {}", bytes.escape_ascii())),
        })
    });
    assert_eq!(said, Ok(true));
    assert_eq!(heard[..2], ["relay6[-1].option[18].hex: port", "relay6[-1].option[18].hex == 'port': true"]);
    assert_eq!(heard[3], "relay6[0].linkaddr == 2001:db8:2::: true");
    assert_eq!(heard[4], "pkt6.msgtype: \\x00\\x00\\x00\\x01");
}

/// What is told is an expression again, of the same value.
#[test]
fn what_is_told_can_be_read() {
    asked(&relayed(), |packet| {
        for text in TRUE.iter().chain(TRUE_IF_RELAYED) {
            let mut last = String::new();
            test(text).overheard(packet, |part| last = part.to_string()).unwrap();
            assert_eq!(test(&last).matches(packet), Ok(true), "{text}: {last}");
        }
    });
}

/// Tokens of the language in any order.
fn soup() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "(",
        ")",
        "[",
        "]",
        ".",
        ",",
        "==",
        "'a'",
        "0x1f",
        "7",
        "-1",
        "::1",
        "option",
        "relay6",
        "relay6[0]",
        "relay6[-1]",
        "linkaddr",
        "peeraddr",
        "pkt6",
        "msgtype",
        "transid",
        "vendor[*]",
        "vendor-class[1]",
        "data",
        ".hex",
        ".text",
        ".exists",
        "option[3]",
        ".option[5]",
        "option[17]",
        ".option[13]",
        "and",
        "or",
        "not",
        "addrtotext",
        "substring",
        "clientid]",
    ]);
    prop::collection::vec(words, 0..30).prop_map(|words| words.join(" "))
}

proptest! {
    /// No text makes the parser panic, and what it accepts can be evaluated.
    #[test]
    fn parsing_never_panics(text in soup()) {
        asked(&relayed(), |packet| {
            if let Ok(test) = parsed(|names| parse_test(&text, names)) {
                let _ = test.matches(packet);
            }
            if let Ok(value) = parsed(|names| parse_value(&text, names)) {
                let _ = value.evaluate(packet, &mut Scratch::new());
            }
        });
    }

    /// Whatever bytes a client or a relay agent sends, every kind of look at them has an answer.
    #[test]
    fn any_packet_has_an_answer(data in prop::collection::vec(any::<u8>(), 0..80), code in any::<u16>()) {
        let codes = [code, 3, 5, 13, 16, 17, 25, 26, 39, 94];
        let inner = codes.iter().flat_map(|code| option(*code, &data));
        let inner: Vec<u8> = [1, 0, 0, 0].into_iter().chain(inner).collect();
        let bytes = relay(0, 1, &[(17, &data), (37, &data)], &inner);
        asked(&bytes, |packet| {
            for outer in codes {
                for text in [
                    format!("option[{outer}].text"), format!("option[{outer}].option[{code}].text"),
                    format!("option[{outer}].option[5].option[13].hex"), "vendor[*].option[1].text".into(),
                    "vendor-class[*].data[1]".into(), "vendor.enterprise".into(),
                    "relay6[0].option[17].option[1].text".into(), "relay6[-1].option[37].text".into(),
                ] {
                    assert!(value(&text).evaluate(packet, &mut Scratch::new()).is_ok(), "{text}");
                }
            }
        });
    }
}
