//! A packet as hexadecimal digits: a DHCP message, or the IP packet or the Ethernet frame that it came in.

use std::net::SocketAddrV4;

use kotare_model::MacAddr;
use kotare_wire::frame::{Frame, Refused};

/// The longest dump, in characters: that of the longest IP packet, with room for how it is laid out.
const MAX_DUMP: usize = 512 * 1024;
/// Where a DHCP message says that it is one, and how.
const COOKIE: (usize, [u8; 4]) = (236, [0x63, 0x82, 0x53, 0x63]);
/// What stands before an IP packet in a frame that has no other.
const ETHERNET: [u8; 14] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0];

/// A message and, if there were headers around it, what they say.
#[derive(Debug)]
pub(super) struct Packet {
    pub(super) datagram: Vec<u8>,
    pub(super) addresses: Option<Addresses>,
}

/// From whom to whom a packet went.
#[derive(Clone, Copy, Debug)]
pub(super) struct Addresses {
    pub(super) source: SocketAddrV4,
    pub(super) destination: SocketAddrV4,
    pub(super) mac: Option<MacAddr>,
}

/// The message in a dump.
pub(super) fn packet(dump: &str) -> Result<Packet, String> {
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

/// The bytes of a dump: digits with or without separators, and with or without the offsets that `tcpdump -x` and `xxd`
/// put before each line.
pub(super) fn digits(dump: &str) -> Result<Vec<u8>, String> {
    if dump.len() > MAX_DUMP {
        return Err(format!("it has {} characters, at most {MAX_DUMP} are possible", dump.len()));
    }
    let mut digits = Vec::new();
    for line in dump.lines() {
        for part in without_offset(line).split([' ', '\t', ':', '-']) {
            let part = part.strip_prefix("0x").unwrap_or(part);
            for digit in part.chars() {
                let digit = digit.to_digit(16).ok_or_else(|| format!("{digit:?} is no hexadecimal digit"))?;
                digits.push(digit as u8);
            }
        }
    }
    if digits.len() % 2 > 0 {
        return Err(format!("{} hexadecimal digits are no whole number of bytes", digits.len()));
    }
    Ok(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// A line without `0x0010:` or `00000010: ` before it, and without the characters behind it.
fn without_offset(line: &str) -> &str {
    let line = line.trim();
    let Some((offset, rest)) = line.split_once(": ") else { return line };
    let offset = offset.strip_prefix("0x").unwrap_or(offset);
    match matches!(offset.len(), 4 | 8) && offset.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        // Two spaces come before the characters.
        true => rest.trim_start().split("  ").next().unwrap_or_default(),
        false => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Digits are read however they are laid out.
    #[test]
    fn dumps_are_read_as_they_are_laid_out() {
        let whole = Ok(vec![0x45, 0x10, 0xab, 0xcd]);
        for dump in
            ["4510abcd", "45:10:AB:cd", "45 10 ab cd", "0x4510abcd", "4510\nabcd\n", "\t0x0000:  4510 abcd"]
        {
            assert_eq!(digits(dump), whole, "{dump}");
        }
        let xxd = "00000000: 4510 abcd                                E...\n";
        assert_eq!(digits(xxd), whole);
        let two = "\t0x0000:  4510\n\t0x0010:  abcd";
        assert_eq!(digits(two), whole);
        assert_eq!(digits(""), Ok(vec![]));
        assert!(digits("4x").unwrap_err().contains("'x'"));
        assert!(digits("451").unwrap_err().contains("3 hexadecimal digits"));
        assert!(digits(&"0".repeat(MAX_DUMP + 1)).is_err());
    }

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
