//! Any file: read as a capture.

use std::io::Cursor;

use super::capture::{DHCPV4, DHCPV6, read};

/// Panics when a message that was found is not in the file, or their order is not that of the packets.
pub(crate) fn check(input: &[u8]) {
    for clients in [&DHCPV4, &DHCPV6] {
        match read(Cursor::new(input.to_vec()), clients) {
            Ok(found) => {
                let mut before = 0;
                for (nth, message) in found.messages.iter().enumerate() {
                    assert_eq!(message.number, nth + 1);
                    assert!(message.packet > before);
                    before = message.packet;
                    let digits = message.digits();
                    assert!(!digits.is_empty() && digits.len() <= input.len() * 2);
                }
            }
            Err(why) => assert!(!why.is_empty()),
        }
    }
}
