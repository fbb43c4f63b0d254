//! The bodies of the fuzz targets `server4` and `fqdn`, over messages and names of real clients and what changes make of them.

#[path = "../../../fuzz/corpora.rs"]
mod corpora;
#[path = "../../../fuzz/bodies/fqdn.rs"]
mod fqdn;
#[path = "../../../fuzz/frames.rs"]
mod frames;
#[path = "../../../fuzz/mutations.rs"]
mod mutations;
#[path = "../../../fuzz/bodies/server4.rs"]
mod server4;

/// Options that mean something to a server, and an address.
const WORDS: &[&str] = &[
    "\u{35}\u{1}\u{1}",
    "\u{35}\u{1}\u{3}",
    "\u{35}\u{1}\u{4}",
    "\u{35}\u{1}\u{7}",
    "\u{35}\u{1}\u{8}",
    "\u{3d}\u{3}\0me",
    "\u{3d}\0",
    "\u{37}\u{2}\u{6}\u{6c}",
    "\u{37}\u{1}\u{6c}",
    "\u{50}\0",
    "\u{34}\u{1}\u{3}",
    "\u{52}\u{6}\u{1}\u{4}eth0",
    "\u{52}\u{6}\u{5}\u{4}\n\0\0\u{1}",
    "\u{52}\0",
    "\u{c}\u{4}host",
    "\u{51}\u{7}\u{5}\0\0\u{2}ab\0",
    "\u{76}\u{4}\n\0\0\0",
    "\u{33}\u{4}\0\0\0\u{9}",
];

/// Whatever comes in: silence, or the answer to it, and an address is given to one client.
#[test]
fn any_datagrams_pass_the_fuzz_target() {
    let datagram = |how: u8, message: &[u8]| {
        let [high, low] = (message.len() as u16).to_be_bytes();
        [&[how, high, low], message].concat()
    };
    let messages = frames::messages();
    // Each alone; then all in their order, at once and with time between them.
    let mut samples: Vec<_> = messages.iter().map(|message| datagram(0, message)).collect();
    for how in [0, 1, 2, 3, 5 << 2, 31 << 2, 63 << 2] {
        samples.push(messages.iter().flat_map(|message| datagram(how, message)).collect());
    }
    mutations::run(&samples, WORDS, 3000, server4::check);
}

/// What the fuzzer found worth keeping.
#[test]
fn the_corpus_passes_the_fuzz_target() {
    corpora::run(include_str!("../../../fuzz/corpora/server4"), server4::check);
}

/// Whatever a client says it is called: it gets its address, and what is asked of the DNS is what its lease says.
#[test]
fn any_names_pass_the_fuzz_target() {
    let names: [&[u8]; 6] = [
        b"laptop",
        b"\x05\0\0\x06laptop\x07example\x03org\0",
        b"\x01\0\0laptop.example.org.",
        b"\x0d\0\0\x3f",
        b"\x04\0\0\xc0\x0c",
        b"a..b",
    ];
    let samples: Vec<Vec<u8>> = (0..16).flat_map(|how| names.map(|name| [&[how], name].concat())).collect();
    mutations::run(&samples, &["\u{3f}", "..", "\0", "\u{5}\0\0"], 3000, fqdn::check);
}

/// What the fuzzer found worth keeping of names.
#[test]
fn the_corpus_of_names_passes_the_fuzz_target() {
    corpora::run(include_str!("../../../fuzz/corpora/fqdn"), fqdn::check);
}
