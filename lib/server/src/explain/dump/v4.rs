//! A DHCP message, or the IP packet or the Ethernet frame that it came in, as hexadecimal digits.

use std::net::SocketAddrV4;

use kotare_model::MacAddr;
use kotare_wire::frame::{Frame, Refused};

use super::digits;

/// Where a DHCP message says that it is one, and how.
const COOKIE: (usize, [u8; 4]) = (236, [0x63, 0x82, 0x53, 0x63]);
/// What stands before an IP packet in a frame that has no other.
const ETHERNET: [u8; 14] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0];

/// A message and, if there were headers around it, what they say.
#[derive(Debug, PartialEq, Eq)]
pub struct Packet {
    /// The message.
    pub datagram: Vec<u8>,
    /// What is said of its way.
    pub addresses: Option<Addresses>,
}

/// From whom to whom a packet went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The sender, with its port.
    pub source: SocketAddrV4,
    /// Whom it was sent to.
    pub destination: SocketAddrV4,
    /// The sender's hardware address, if there was a frame.
    pub mac: Option<MacAddr>,
}

/// The message in a dump.
///
/// # Errors
/// If there is none, whole and in one packet; with the reason, as the command tells it.
pub fn packet(dump: &str) -> Result<Packet, String> {
    let bad = |why: String| format!("bad 'packet' entry: {why}");
    let bytes = digits(dump).map_err(bad)?;
    if bytes.get(COOKIE.0..COOKIE.0 + 4) == Some(&COOKIE.1) && matches!(bytes[0], 1 | 2) {
        return Ok(Packet { datagram: bytes, addresses: None });
    }
    let is_ip = bytes.first().is_some_and(|first| first >> 4 == 4) && bytes.get(9) == Some(&17);
    let (frame, is_framed) = match is_ip {
        true => ([&ETHERNET[..], &bytes].concat(), false),
        false => (bytes, true),
    };
    // Whoever captures on the sender's machine sees what its network card has not summed up yet.
    match Frame::parse(&frame, false) {
        Ok(found) => {
            let mac = is_framed.then_some(found.source_mac);
            let addresses = Addresses { source: found.source, destination: found.destination, mac };
            Ok(Packet { datagram: found.payload.to_vec(), addresses: Some(addresses) })
        }
        Err(Refused::Fragment) => {
            Err(bad("it is a fragment of a packet; the rest of it is in others".into()))
        }
        Err(why) => Err(bad(format!(
            "it is neither a DHCP message (no magic cookie 63825363 at byte 236) nor an IPv4 packet or an Ethernet frame with a UDP datagram ({why})"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever is no packet is refused with the reason, and nothing panics.
    #[test]
    fn what_is_no_packet_is_refused() {
        for dump in ["", "00", "45", &"00".repeat(300), &"45".repeat(300), &"ff".repeat(60_000), "zz"] {
            let error = packet(dump).unwrap_err();
            assert!(error.starts_with("bad 'packet' entry: "), "{error}");
        }
        let mut message = vec![0; 240];
        message[0] = 1;
        message[236..].copy_from_slice(&COOKIE.1);
        let hex: String = message.iter().map(|byte| format!("{byte:02x}")).collect();
        let found = packet(&hex).unwrap();
        assert_eq!((found.datagram.len(), found.addresses.is_none()), (240, true));
    }
}
