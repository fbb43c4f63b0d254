//! The body of the fuzz target `ddns`, over requests and answers and what changes make of them.

#[path = "../../../fuzz/corpora.rs"]
mod corpora;
#[path = "../../../fuzz/bodies/ddns.rs"]
mod ddns;
#[path = "../../../fuzz/mutations.rs"]
mod mutations;

const REQUEST: &[u8] = b"\0\0\xd0{\"change-type\":1,\"forward-change\":true,\"reverse-change\":true,\"fqdn\":\"a.example.com.\",\
      \"ip-address\":\"2001:db8::1\",\"dhcid\":\"000101AB\",\"lease-length\":1,\
      \"conflict-resolution-mode\":\"check-exists-with-dhcid\"}       ";

/// An answer with a zone, a record whose name points to the zone's, and a signature of nobody.
const ANSWER: &[u8] = b"11\xa8\x00\0\x01\0\x01\0\0\0\x01\x07example\x03com\0\0\x06\0\x01\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x04abcd\
      \x03key\xc0\x0c\0\xfa\0\xff\0\0\0\0\0\x2f\x0bhmac-sha256\0\0\0eS\xf1\0\x01\x2c\0\x10abcdefghijklmnop11\0\0\0\0";

/// A message of a zone: where it begins, a name with an address, and an address whose name points to the zone's.
const ZONE: &[u8] = b"11\x84\x00\0\x01\0\x03\0\0\0\0\x07example\x03com\0\0\xfc\0\x01\
      \xc0\x0c\0\x06\0\x01\0\0\0\0\0\x18\xc0\x0c\xc0\x0c\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x01\
      \x01a\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x04abcd\x01b\xc0\x0c\0\x0c\0\x01\0\0\0\0\0\x02\xc0\x0c";

/// An answer with a key that was agreed on: a question, and a record with a token of four bytes.
const KEY: &[u8] = b"11\x80\x00\0\x01\0\x01\0\0\0\0\x011\x06sig-ns\x07example\x03com\0\0\xf9\0\xff\
      \xc0\x0c\0\xf9\0\xff\0\0\0\0\0\x1e\x08gss-tsig\0eS\xf1\0eS\xff\x10\0\x03\0\0\0\x04abcd\0\0";

const WORDS: &[&str] = &[
    "\"fqdn\":",
    "\"use-conflict-resolution\":false",
    "no-check-without-dhcid",
    "4294967296",
    "\\u0000",
    "[[[[[[[[",
    "\u{0}\u{fa}\u{0}",
    "\u{7}example",
    "\u{b}hmac-sha256\u{0}",
];

#[test]
fn any_bytes_pass_the_fuzz_target() {
    let receipt = b"kotare?1abcdefgh12345678";
    let mut samples = vec![REQUEST.to_vec(), [REQUEST, receipt].concat()];
    // Several in one datagram.
    samples.push([REQUEST, receipt, &REQUEST[1..], receipt].concat());
    for kind in 1..8 {
        samples.push([&[kind], ANSWER].concat());
    }
    samples.push([&[239], KEY].concat());
    for kind in [240, 241, 244] {
        samples.push([&[kind], ZONE].concat());
    }
    // Names that point to themselves, to each other and behind the end.
    for loops in [&b"\xc0\x0c"[..], b"\xc0\x0e\xc0\x0c", b"\xff\xff", b"\x3f", b"\x01a\xc0\x0c"] {
        samples.push([b"\x0111\xa8\x00\0\x01\0\0\0\0\0\0", loops, b"\0\x06\0\x01"].concat());
    }
    mutations::run(&samples, WORDS, 6000, ddns::check);
}

/// The samples are what they should be: a request that is read, an answer that is understood where nothing is signed, a zone
/// that goes on.
#[test]
fn the_samples_are_understood() {
    kotare_ddns::ChangeRequest::from_datagram(&REQUEST[1..]).expect("a request");
    ddns::check(&[&[1], ANSWER].concat());
    let name = "1.sig-ns.example.com".parse().expect("a name");
    let exchange = kotare_ddns::gss_tsig::Exchange::new(name, 0, 0).expect("an exchange");
    assert_eq!(exchange.read(0x3131, KEY).expect("an answer").expect("a key").token, b"abcd");
    let zone = "example.com".parse().expect("a name");
    let (mut transfer, _) = kotare_ddns::Transfer::begin(&zone, None, 0x3131, 0).expect("a question");
    assert_eq!(transfer.read(ZONE, 0), Ok(false));
    assert_eq!(transfer.into_contents().len(), 3);
}

/// What the fuzzer found worth keeping.
#[test]
fn the_corpus_passes_the_fuzz_target() {
    corpora::run(include_str!("../../../fuzz/corpora/ddns"), ddns::check);
}
