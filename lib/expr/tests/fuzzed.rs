//! The body of the fuzz target `expression`, over messages of real clients and expressions of every kind.

#[path = "../../../fuzz/corpora.rs"]
mod corpora;
#[path = "../../../fuzz/bodies/expression.rs"]
mod expression;
#[path = "../../../fuzz/frames.rs"]
mod frames;
#[path = "../../../fuzz/mutations.rs"]
mod mutations;

/// Tests and values, each part of the language once.
const EXPRESSIONS: &[&str] = &[
    "option[53].hex == 0x01 and not option[host-name].text == 'x'",
    "(member('KNOWN') or member('ALL')) sand pkt.iface == 'eth0' sor known",
    "relay4[1].exists and relay4[2].hex == 'abc'",
    "substring(option[61].hex, 0, 3) == 0x010203 or substring(option[60].text, -4, all) == 'dhcp'",
    "pkt4.mac == 0x020000000001 and pkt4.hlen == 6 and pkt4.htype == 1 and pkt.len == 300",
    "pkt4.ciaddr == 0.0.0.0 and pkt4.giaddr == 10.0.0.1 and pkt.src == ::1 and pkt4.msgtype == 3",
    "vendor[4491].exists and vendor[*].option[1].hex == '' and vendor.enterprise == 4491",
    "vendor-class[*].data[0] == 'abc' and vendor-class[1].exists and vendor-class.enterprise == 1",
    "match('^(a|b)*[0-9]+$', option[12].text) and option[43].option[1].exists",
    "concat(lcase(option[12].hex), ucase('a')) + hexstring(pkt4.mac, ':')",
    "ifelse(option[55].exists, option[55].text, sifelse(unknown, 'a', 'b'))",
    "split(option[15].text, '.', 2) + addrtotext(option[50].hex) + uint32totext(pkt4.transid)",
    "int8totext(option[53].hex) + int16totext(0x0102) + uint16totext(option[57].hex)",
    "option[82].option[1].text + option[119].text + option[125].text + option[121].hex",
];

/// The same of DHCPv6.
const EXPRESSIONS6: &[&str] = &[
    "option[1].hex == 0x0001 and option[interface-id].exists or option[65535].text == 'x'",
    "relay6[0].linkaddr == 2001:db8:: and relay6[-1].peeraddr == ::1 and relay6[1].option[18].exists",
    "relay6[0].option[17].option[1].text + relay6[0].option[37].text + addrtotext(relay6[-32].linkaddr)",
    "pkt6.msgtype == 1 and pkt6.transid == 2 and pkt.len == 300 and pkt.src == :: and known",
    "option[3].option[5].option[13].text + option[25].option[26].text + option[17].option[300].hex",
    "vendor[4491].option[1].text == 'x' or vendor[*].exists or vendor.enterprise == 9",
    "vendor-class[*].data[1] == 'abc' and vendor-class[9].exists and vendor-class.enterprise == 1",
    "option[39].text + option[16].text + option[94].option[89].option[93].text + option[24].text",
];

/// What a relay agent makes of a SOLICIT: an interface identifier and a vendor's option; in it an association with an
/// address that has a status, and what a vendor says.
const RELAYED: &[u8] = b"\x0c\0\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\0\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\
    \0\x12\0\x02e0\0\x11\0\x09\0\0\0\x09\0\x01\0\x01x\0\x09\0\x59\x01\x12\x34\x56\0\x01\0\x04\0\x03\0\x01\
    \0\x03\0\x30\0\0\0\x07\0\0\0\0\0\0\0\0\0\x05\0\x20\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x09\0\0\0\x09\
    \0\x0d\0\x04\0\x02no\0\x11\0\x09\0\0\x11\x8b\0\x01\0\x01x\0\x10\0\x08\0\0\0\x09\0\x02de";

const WORDS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    ".",
    ", ",
    " + ",
    " == ",
    " and ",
    " or ",
    "not ",
    "'",
    "''",
    "0x",
    "-1",
    "256",
    "all",
    "*",
    "option[82]",
    ".hex",
    ".text",
    ".exists",
    ".option[1]",
    "relay4[2]",
    "vendor[*]",
    "hexstring(",
    "concat(",
    "addrtotext(",
    "match('",
    "\n",
    "\0",
    "\u{e9}",
];

/// Whatever is written and whoever asks: true, false, a string or an error.
#[test]
fn any_expression_passes_the_fuzz_target() {
    let mut samples = Vec::new();
    for (at, message) in frames::messages().iter().enumerate() {
        let expression = EXPRESSIONS[at % EXPRESSIONS.len()].as_bytes();
        samples.push([expression, message].join(&0));
    }
    samples.push(b"option[53].exists".to_vec());
    mutations::run(&samples, WORDS, 5000, expression::check);
}

/// The same of DHCPv6, over a message behind a relay agent.
#[test]
fn any_expression_of_dhcpv6_passes_the_fuzz_target() {
    let samples: Vec<_> =
        EXPRESSIONS6.iter().map(|expression| [expression.as_bytes(), RELAYED].join(&0)).collect();
    mutations::run(&samples, &[WORDS, WORDS6].concat(), 5000, expression::check);
}

/// What the fuzzer found worth keeping.
#[test]
fn the_corpus_passes_the_fuzz_target() {
    corpora::run(include_str!("../../../fuzz/corpora/expression"), expression::check);
}

/// The words of DHCPv6 alone.
const WORDS6: &[&str] = &[
    "relay6[0]",
    "relay6[-1]",
    ".peeraddr",
    ".linkaddr",
    "pkt6",
    "option[3]",
    ".option[5]",
    ".option[13]",
    "option[17]",
    "65535",
    "vendor[9]",
];

/// The sample is a message of DHCPv6.
#[test]
fn the_sample_of_dhcpv6_is_a_message() {
    let mut index = kotare_wire::v6::Index::new();
    let message = kotare_wire::v6::Message::parse(RELAYED, &mut index).unwrap();
    assert_eq!((message.relays().len(), message.options().count(), message.cut_short()), (1, 4, false));
}
