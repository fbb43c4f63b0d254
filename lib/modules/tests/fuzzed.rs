//! The body of the fuzz target `flex_option6`, over messages of clients and rules of every kind.

use kotare_testkit::v6::{Associated, Client, Relay, relayed};
use kotare_wire::v6::OptionCode;

#[path = "../../../fuzz/bodies/flex_option6.rs"]
mod flex_option6;
#[path = "../../../fuzz/mutations.rs"]
mod mutations;

/// Rules: what is done, to which option and sub-option, and the expression.
const RULES: &[&[u8]] = &[
    b"\x01\x06\x01option[23].hex + 'x'",
    b"\x11\x06\x01substring(option[23].hex, 0, 15)",
    b"\x09\x0bahexstring(option[1].hex, ':')\n\x0b\x02aoption[3].exists",
    b"\x20\x05\x01'a'\n\xa1\x05\x02option[16].hex\n\x62\x05\x03'a' == 'a'",
    b"\xa9\x05\x01'a'\n\xea\x05\x02vendor[4491].exists",
    b"\xa1\x16\x04'b'\n\xa5\x16\x02'258'\n\x25\x16\x03'a.example, b.example'\n\x22\x16\x06'a' == 'a'",
    b"\xa2\x02\x03option[3].option[5].exists\n\xa0\x02\x040x0000 + 'fine'",
    b"\x06\x03aoption[25].exists\n\x01\x07a0x000000010000000000000000",
    b"\x04\x06a'2001:db8::1, 2001:db8::2'\n@\x01aoption[1].hex\n\x01\x01aifelse(member('phones'), 'p', 'n')",
    // What a client sends may be in the error.
    b"\x05\x06aoption[23].hex",
];

const WORDS: &[&str] = &[
    "option[23]",
    "option[3]",
    ".option[5]",
    ".hex",
    ".exists",
    "vendor[9]",
    "relay6[0].option[18].hex",
    "pkt6.msgtype",
    "pkt.len",
    " + ",
    "'a' == 'a'",
    "0x0102",
    "''",
    "\n",
    "\0\u{3}\0\u{c}\0\0\0\u{1}\0\0\0\0\0\0\0\0",
    "\0\u{11}\0\u{9}\0\0\0\u{9}\0\u{1}\0\u{1}a",
    "\0\u{17}\0\u{1}a",
    "\u{3}\u{e8}\0\u{2}ab",
];

/// Messages, direct and relayed, with several options of one code.
fn messages() -> Vec<Vec<u8>> {
    let client = Client::new(1);
    let vendor = |number: u8| [&[0, 0, 0, number][..], b"\0\x01\0\x01a\0\x02\0\x01b"].concat();
    let all = client.solicit().ia(2, Associated::Addresses(&[])).ia(3, Associated::Prefixes(&[]));
    let all = all
        .option(OptionCode(16), b"\0\0\0\x09\0\x05phone")
        .option(OptionCode(17), &vendor(9))
        .option(OptionCode(17), &vendor(8))
        .option(OptionCode(23), &[7; 16])
        .option(OptionCode(1000), b"\0\x07\0\x02\0\x02\x01\x02");
    let relay = Relay::new("2001:db8:1::1".parse().unwrap(), "fe80::7".parse().unwrap());
    let once = relayed(&all.bytes(), &relay.clone().option(OptionCode::INTERFACE_ID, b"port"));
    let twice = relayed(&once, &relay);
    vec![all.bytes(), client.information_request().bytes(), once, twice]
}

/// Whatever the rules, and whoever asks: a message, or nothing.
#[test]
fn any_rules_pass_the_fuzz_target() {
    let messages = messages();
    let samples: Vec<_> =
        RULES.iter().flat_map(|rules| messages.iter().map(|message| [*rules, message].join(&0))).collect();
    mutations::run(&samples, WORDS, 3000, flex_option6::check);
}

/// What fuzzing begins with means something.
#[test]
fn the_samples_are_rules() {
    for rules in RULES {
        let entries = flex_option6::entries(rules);
        assert_eq!(entries.len(), rules.split(|byte| *byte == b'\n').count());
        assert!(flex_option6::server(&entries).is_some(), "{entries:?}");
    }
}
