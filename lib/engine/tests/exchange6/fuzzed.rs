//! The bodies of the fuzz targets `server6` and `fqdn6`, over messages and names of clients and what changes make of them.

use kotare_wire::v6::{MessageType, OptionCode};

use crate::told::{Ask, ask};

#[path = "../../../../fuzz/corpora.rs"]
mod corpora;
#[path = "../../../../fuzz/bodies/fqdn6.rs"]
mod fqdn6;
#[path = "../../../../fuzz/mutations.rs"]
mod mutations;
#[path = "../../../../fuzz/bodies/server6.rs"]
mod server6;

/// Options that mean something to a server, addresses and prefixes.
const WORDS: &[&str] = &[
    "\0\u{1}\0\u{4}\0\u{3}\0\u{1}",
    "\0\u{3}\0\u{c}\0\0\0\u{1}\0\0\0\0\0\0\0\0",
    "\0\u{19}\0\u{c}\0\0\0\u{1}\0\0\0\0\0\0\0\0",
    "\0\u{6}\0\u{4}\0\u{17}\0\u{41}",
    "\0\u{e}\0\0",
    "\0\u{12}\0\u{3}far",
    "\0\u{42}\0\u{6}\0\u{41}\0\u{2}ab",
    "\0\u{27}\0\u{7}\u{1}\u{4}host\0",
    "\0\u{10}\0\u{7}\0\0\0\u{1}\0\u{1}a",
    "\0\u{11}\0\u{8}\0\0\0\u{1}\0\u{1}\0\0",
    "\0\u{9}\0\u{4}\u{b}\0\0\0",
];

/// Messages of every type, from two clients, direct and relayed.
fn messages() -> Vec<Vec<u8>> {
    let kinds = [1, 3, 4, 5, 6, 8, 9, 11, 36].map(MessageType);
    let both = |ask: Ask| ask.na(1, &["2001:db8:1::11"]).pd(2, &["2001:db8:f000:100::/56"]);
    let mut messages = Vec::new();
    for (nth, kind) in kinds.into_iter().enumerate() {
        let client = 1 + (nth % 2) as u8;
        let plain = both(ask(kind, client));
        messages.push(plain.bytes());
        messages.push(plain.clone().option(OptionCode::RAPID_COMMIT, &[]).oro(&[23, 65, 67]).bytes());
        let far = ask(kind, client).na(7, &["2001:db8:3::11"]);
        let once = far.via(
            "2001:db8:3::1",
            &[(OptionCode::INTERFACE_ID, b"far"), (OptionCode::REMOTE_ID, b"\0\0\0\x01r")],
        );
        messages.push(once.bytes());
        messages.push(once.via("::", &[(OptionCode::RSOO, b"\0\x41\0\x02ab")]).bytes());
    }
    let registered =
        [&[0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77][..], &[0, 0, 9, 0, 0, 0, 9, 0]];
    messages
        .push(ask(MessageType::ADDR_REG_INFORM, 2).option(OptionCode::IAADDR, &registered.concat()).bytes());
    messages
}

/// Whatever comes in: silence, or the answer to it, and an address or prefix is given to one client.
#[test]
fn any_datagrams_pass_the_fuzz_target() {
    let datagram = |how: u8, message: &[u8]| {
        let [high, low] = (message.len() as u16).to_be_bytes();
        [&[how, high, low], message].concat()
    };
    let messages = messages();
    // Each alone; then all in their order, at once and with time between them.
    let mut samples: Vec<_> = messages.iter().map(|message| datagram(0, message)).collect();
    for how in [0, 1, 2, 3, 5 << 2, 31 << 2, 63 << 2] {
        samples.push(messages.iter().flat_map(|message| datagram(how, message)).collect());
    }
    mutations::run(&samples, WORDS, 2000, server6::check);
}

/// What the fuzzer found worth keeping.
#[test]
fn the_corpus_passes_the_fuzz_target() {
    corpora::run(include_str!("../../../../fuzz/corpora/server6"), server6::check);
}

/// Whatever a client says it is called: what is asked of the DNS is what its lease says.
#[test]
fn any_names_pass_the_fuzz_target() {
    let names: [&[u8]; 8] = [
        b"\x01\x06laptop",
        b"\x01\x06laptop\x07example\x03org\0",
        b"\0\x06laptop\0",
        b"\x05\x06laptop\0",
        b"\x02",
        b"\x01\0",
        b"\x01\x3f",
        b"\x01\xc0\x01",
    ];
    let samples: Vec<Vec<u8>> = (0..16).flat_map(|how| names.map(|name| [&[how], name].concat())).collect();
    mutations::run(&samples, &["\u{3f}", "..", "\0", "\u{1}\u{4}"], 2000, fqdn6::check);
}

/// What the fuzzer found worth keeping of names.
#[test]
fn the_corpus_of_names_passes_the_fuzz_target() {
    corpora::run(include_str!("../../../../fuzz/corpora/fqdn6"), fqdn6::check);
}
