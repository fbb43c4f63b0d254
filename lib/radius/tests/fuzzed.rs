//! The body of the fuzz target `radius`, over answers and dictionaries and what changes make of them.

#[path = "../../../fuzz/mutations.rs"]
mod mutations;
#[path = "../../../fuzz/bodies/radius.rs"]
mod radius;

const DICTIONARY: &[u8] =
    b"\0VENDOR DSL-Forum 3561\nBEGIN-VENDOR DSL-Forum\nATTRIBUTE Agent-Circuit-Id 1 string\n\
      END-VENDOR DSL-Forum\nATTRIBUTE Acct-Status-Type 40 integer\nVALUE Acct-Status-Type Start 1\n";

const WORDS: &[&str] = &[
    "ATTRIBUTE",
    "$INCLUDE fuzzed\n",
    "BEGIN-VENDOR",
    "4294967296",
    "-1",
    "|",
    "\u{1}\u{2}\u{0}\u{14}",
    "\u{50}",
];

#[test]
fn any_bytes_pass_the_fuzz_target() {
    let answer = [&[1, 2, 7, 0, 26][..], &[9; 16], &[88, 6, b'p', b'o', b'o', b'l']].concat();
    let attributes = b"\x02\x58pool|\x08\xc0\0\x02\x07|\x7b\0\x38\x20\x01\x0d\xb8|\x12hello".to_vec();
    mutations::run(&[DICTIONARY.to_vec(), answer, attributes], WORDS, 6000, radius::check);
}
