//! The body of the fuzz target `options`, over data of every kind and what changes make of it.

#[path = "../../../fuzz/corpora.rs"]
mod corpora;
#[path = "../../../fuzz/mutations.rs"]
mod mutations;
#[path = "../../../fuzz/bodies/options.rs"]
mod options;

/// Data of `option-data` entries, and values as they are on the wire.
const SAMPLES: &[&[u8]] = &[
    b"",
    b"0",
    b"true",
    b"-1",
    b"1, 2, 3",
    b"192.0.2.1",
    b"192.0.2.1, 192.0.2.2",
    b"192.0.2.0/24 - 192.0.2.1, 0.0.0.0/0 - 192.0.2.2",
    b"192.0.2.1, 255.255.255.0, 192.0.2.2, 255.255.0.0",
    b"true, 192.0.2.1, 192.0.2.2",
    b"2001:db8::1",
    b"2001:db8::/32",
    b"3/4",
    b"example.org",
    b"example.org, mail.example.org.",
    b"a text\\, with a comma",
    b"1, /service/scope",
    b"100, resolver.example., 192.0.2.1 192.0.2.2, alpn=dot\\,h2 port=853 dohpath=/q{?dns}",
    b"4491, 1, 2",
    b"01:02:0a:0b",
    b"0x0102",
    b"'quoted'",
    b"\x00\x00\x11\x8b\x03abc\x00\x00\x11\x8b\x02de",
    b"\x00\x00\x11\x8b\x06\x02\x04\x0a\x00\x00\x01",
    b"\x01\x04\x0a\x00\x00\x01\x02\x00\xff",
    b"\x07example\x03org\x00\x04mail\xc0\x00",
    b"\x18\xc0\x00\x02\xc0\x00\x02\x01\x00\x0a\x00\x00\x01",
    b"\x00\x1a\x00\x01\x0d\x03dns\x07example\x00\x04\x0a\x00\x00\x01\x00\x03\x00\x02\x03\x55",
    b"\x05\x00\x00\x04host\x07example\x00",
];

const WORDS: &[&str] = &[
    ",",
    "\\,",
    " ",
    "/",
    "-",
    ":",
    "0x",
    "'",
    "255",
    "256",
    "65536",
    "4294967295",
    "10.0.0.0/8",
    "::",
    "true",
    ".",
    "\u{e9}",
    "\0",
    "\u{1}\u{1}",
];

/// Whatever an operator writes and a client sends: an answer or an error, and what was accepted stays what it is.
#[test]
fn any_data_passes_the_fuzz_target() {
    let samples: Vec<_> = SAMPLES.iter().map(|sample| sample.to_vec()).collect();
    mutations::run(&samples, WORDS, 300, options::check);
}

/// What the fuzzer found worth keeping.
#[test]
fn the_corpus_passes_the_fuzz_target() {
    corpora::run(include_str!("../../../fuzz/corpora/options"), options::check);
}
