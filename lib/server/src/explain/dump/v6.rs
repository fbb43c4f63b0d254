//! A DHCPv6 message, or the IPv6 packet or the Ethernet frame that it came in, as hexadecimal digits.

use std::net::{Ipv6Addr, SocketAddrV6};

use super::digits;

/// The IPv6 header (RFC 8200 §3), that of UDP, and of Ethernet.
const IPV6_LEN: usize = 40;
const UDP_LEN: usize = 8;
const ETHERNET_LEN: usize = 14;
/// UDP, in IP's numbers.
const UDP: u8 = 17;
/// Extension headers that may stand before it: hop-by-hop options, routing, destination options (RFC 8200 §4).
const EXTENSIONS: [u8; 3] = [0, 43, 60];
/// A fragment's.
const FRAGMENT: u8 = 44;
/// How many of them are read.
const MAX_EXTENSIONS: usize = 8;
/// The greatest type of a message that is known (RFC 9686); no IPv6 packet begins with that or less.
const MAX_TYPE: u8 = 37;

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
    pub source: SocketAddrV6,
    /// Whom it was sent to.
    pub destination: Ipv6Addr,
}

/// The message in a dump.
///
/// # Errors
/// If there is none, whole and in one packet; with the reason, as the command tells it.
pub fn packet(dump: &str) -> Result<Packet, String> {
    let bad = |why: &str| format!("bad 'packet' entry: {why}");
    let bytes = digits(dump).map_err(|why| bad(&why))?;
    let ip = match ethernet(&bytes) {
        Some(ip) => ip,
        None if bytes.first().is_some_and(|first| first >> 4 == 6) => &bytes,
        None => {
            let is_message = bytes.first().is_some_and(|kind| (1..=MAX_TYPE).contains(kind));
            return match is_message && bytes.len() >= 4 {
                true => Ok(Packet { datagram: bytes, addresses: None }),
                false => Err(bad(
                    "it is neither a DHCPv6 message (whose first byte is its type, from 1 to 37) nor an IPv6 packet or an Ethernet frame with one",
                )),
            };
        }
    };
    let (addresses, payload) = udp(ip).map_err(bad)?;
    Ok(Packet { datagram: payload.to_vec(), addresses: Some(addresses) })
}

/// The IPv6 packet in an Ethernet frame, behind the tags of VLANs.
fn ethernet(frame: &[u8]) -> Option<&[u8]> {
    let mut rest = frame.get(ETHERNET_LEN - 2..)?;
    // Of a provider's network within another there are two.
    for _ in 0..3 {
        let (kind, behind) = rest.split_first_chunk::<2>()?;
        match u16::from_be_bytes(*kind) {
            0x86dd => return Some(behind).filter(|ip| ip.first().is_some_and(|first| first >> 4 == 6)),
            0x8100 | 0x88a8 | 0x9100 => rest = behind.get(2..)?,
            _ => return None,
        }
    }
    None
}

/// What a UDP datagram in an IPv6 packet carries. Sums are not looked at: who captures on the sender's machine sees what
/// its network card has not summed up yet.
fn udp(packet: &[u8]) -> Result<(Addresses, &[u8]), &'static str> {
    const SHORT: &str = "the packet is cut short";
    let (header, mut rest) = packet.split_first_chunk::<IPV6_LEN>().ok_or(SHORT)?;
    let length = usize::from(u16::from_be_bytes([header[4], header[5]]));
    rest = rest.get(..length).ok_or(SHORT)?;
    let mut next = header[6];
    for _ in 0..MAX_EXTENSIONS {
        if !EXTENSIONS.contains(&next) {
            break;
        }
        let [following, units] = *rest.first_chunk::<2>().ok_or(SHORT)?;
        rest = rest.get((usize::from(units) + 1) * 8..).ok_or(SHORT)?;
        next = following;
    }
    match next {
        UDP => {}
        FRAGMENT => return Err("it is a fragment of a packet; the rest of it is in others"),
        _ => return Err("the IPv6 packet has no UDP datagram"),
    }
    let (udp, payload) = rest.split_first_chunk::<UDP_LEN>().ok_or(SHORT)?;
    let length = usize::from(u16::from_be_bytes([udp[4], udp[5]]));
    let payload = length.checked_sub(UDP_LEN).and_then(|length| payload.get(..length)).ok_or(SHORT)?;
    let address = |at: usize| {
        let octets = header[at..].first_chunk::<16>().copied().unwrap_or_default();
        Ipv6Addr::from(octets)
    };
    let source = SocketAddrV6::new(address(8), u16::from_be_bytes([udp[0], udp[1]]), 0, 0);
    Ok((Addresses { source, destination: address(24) }, payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An IPv6 packet with a SOLICIT behind these extension headers.
    fn ip(extensions: &[u8]) -> Vec<u8> {
        let message = [1, 0, 0, 7];
        let length = extensions.len() * 8 + UDP_LEN + message.len();
        let mut packet = vec![0x60, 0, 0, 0, 0, length as u8, extensions.first().copied().unwrap_or(UDP), 64];
        packet.extend("fe80::9".parse::<Ipv6Addr>().unwrap().octets());
        packet.extend("ff02::1:2".parse::<Ipv6Addr>().unwrap().octets());
        for at in 0..extensions.len() {
            packet.extend([extensions.get(at + 1).copied().unwrap_or(UDP), 0, 0, 0, 0, 0, 0, 0]);
        }
        packet.extend([2, 34, 2, 35, 0, 12, 0, 0]);
        packet.extend(message);
        packet
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A message is found with and without what is around it.
    #[test]
    fn a_message_is_found_in_what_is_around_it() {
        let message = vec![1, 0, 0, 7];
        assert_eq!(packet("01000007"), Ok(Packet { datagram: message.clone(), addresses: None }));
        let addresses = Addresses {
            source: SocketAddrV6::new("fe80::9".parse().unwrap(), 546, 0, 0),
            destination: "ff02::1:2".parse().unwrap(),
        };
        let wanted = Ok(Packet { datagram: message, addresses: Some(addresses) });
        let macs = [2; 12];
        for bytes in [
            ip(&[]),
            ip(&[0, 60]),
            [&macs[..], &[0x86, 0xdd], &ip(&[])].concat(),
            [&macs[..], &[0x81, 0, 0, 7, 0x86, 0xdd], &ip(&[])].concat(),
        ] {
            assert_eq!(packet(&hex(&bytes)), wanted);
        }
    }

    /// Whatever is cut short, is a fragment or is something else is refused with the reason, and nothing panics.
    #[test]
    fn what_is_no_packet_is_refused() {
        let whole = ip(&[0]);
        for length in 0..whole.len() {
            assert!(packet(&hex(&whole[..length])).is_err(), "{length}");
        }
        assert!(packet(&hex(&ip(&[44]))).unwrap_err().contains("fragment"));
        assert!(packet(&hex(&ip(&[6]))).unwrap_err().contains("no UDP"));
        for dump in ["", "00", "01", "ff000000", "zz", "45000000"] {
            assert!(packet(dump).unwrap_err().starts_with("bad 'packet' entry: "), "{dump}");
        }
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 0xff;
            let _ = packet(&hex(&broken));
        }
    }
}
