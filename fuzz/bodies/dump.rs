//! Any text: read as the dump of a packet of either family.

use kotare_model::Hex;

use super::dump::{self, digits};

/// Panics when what is read of `input` is more than was there, or a message is not found again when it stands alone.
pub(crate) fn check(input: &[u8]) {
    // As bytes that somebody dumped, and as the text that a command was given.
    let dumped = format!("{:x}", Hex(input));
    match digits(&dumped) {
        Ok(bytes) => assert_eq!(bytes, input),
        Err(why) => assert!(why.contains("characters, at most") && dumped.len() > 64 * 1024),
    }
    read(&dumped);
    if let Ok(text) = std::str::from_utf8(input) {
        read(text);
    }
}

fn read(text: &str) {
    let Ok(bytes) = digits(text) else {
        assert!(dump::v4::packet(text).is_err() && dump::v6::packet(text).is_err());
        return;
    };
    assert!(bytes.len() * 2 <= text.len());
    let (v4, v6) = (dump::v4::packet(text), dump::v6::packet(text));
    if let Ok(packet) = &v4 {
        assert_eq!(packet.addresses.is_none(), packet.datagram == bytes);
    }
    if let Ok(packet) = &v6 {
        assert_eq!(packet.addresses.is_none(), packet.datagram == bytes);
    }
    let messages = [v4.map(|packet| packet.datagram), v6.map(|packet| packet.datagram)];
    for message in messages {
        match message {
            Ok(message) => {
                let is_there = || bytes.windows(message.len()).any(|part| part == message);
                assert!(message.is_empty() || is_there());
            }
            Err(why) => assert!(why.starts_with("bad 'packet' entry: "), "{why}"),
        }
    }
}
