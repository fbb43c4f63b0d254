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

/// What the fuzzer found worth keeping.
#[test]
fn the_corpus_passes_the_fuzz_target() {
    corpora::run(include_str!("../../../fuzz/corpora/expression"), expression::check);
}
