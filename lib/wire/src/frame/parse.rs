//! Finding the datagram in a frame.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};

use super::{ETHERNET_LEN, ETHERTYPE_IPV4, ETHERTYPE_VLAN, Mac, PROTOCOL_UDP, UDP_LEN, VLAN_TAG_LEN};
use crate::checksum::Sum;
use crate::ipv4::{Header, Unsound};

/// A UDP datagram and the addresses around it.
///
/// ```text
///    Ethernet II (IEEE 802.3 §3.2.6), here with the optional tag of IEEE 802.1Q
///   +-----------------+-----------------+ - - - - - - - - - - - - +-----------+
///   | destination (6) |   source (6)    | 0x8100 (2) |  tag (2)   | 0x0800 (2)|
///   +-----------------+-----------------+ - - - - - - - - - - - - +-----------+
///
///    IPv4 (RFC 791 §3.1)
///    0                   1                   2                   3
///    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///   +-------+-------+---------------+-------------------------------+
///   |Version|  IHL  |Type of Service|          Total Length         |
///   +-------+-------+---------------+-----+-------------------------+
///   |         Identification        |Flags|      Fragment Offset    |
///   +---------------+---------------+-----+-------------------------+
///   |  Time to Live |    Protocol   |         Header Checksum       |
///   +---------------+---------------+-------------------------------+
///   |                       Source Address                          |
///   +---------------------------------------------------------------+
///   |                    Destination Address                        |
///   +---------------------------------------------------------------+
///   |                    Options (IHL - 5 words)                    |
///   +---------------------------------------------------------------+
///
///    UDP (RFC 768)
///   +-------------------------------+-------------------------------+
///   |          Source Port          |       Destination Port        |
///   +-------------------------------+-------------------------------+
///   |            Length             |           Checksum            |
///   +-------------------------------+-------------------------------+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The Ethernet sender.
    pub source_mac: Mac,
    /// The Ethernet receiver.
    pub destination_mac: Mac,
    /// The VLAN of the tag (12 bits), when the frame has one.
    pub vlan: Option<u16>,
    /// IP source address and UDP source port.
    pub source: SocketAddrV4,
    /// IP destination address and UDP destination port.
    pub destination: SocketAddrV4,
    /// The datagram.
    pub payload: &'a [u8],
}

/// Why a frame holds no datagram for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The frame ends before its Ethernet, IP or UDP header does.
    Short {
        /// How many bytes the frame has.
        len: usize,
    },
    /// Not IPv4: another EtherType, or another IP version.
    NotIpv4,
    /// Another protocol than UDP.
    NotUdp {
        /// The IP protocol.
        protocol: u8,
    },
    /// The header length of IP is less than 5 words.
    IpHeaderLength {
        /// How many words it says.
        words: u8,
    },
    /// The total length of IP is less than the headers take, or more than the frame has.
    IpTotalLength {
        /// What it says.
        total: u16,
        /// How many bytes the frame has for it.
        len: usize,
    },
    /// The IP header fails its checksum.
    IpChecksum,
    /// A fragment: the rest of the datagram is in other frames.
    Fragment,
    /// The length of UDP is less than its header takes, or more than the IP packet has.
    UdpLength {
        /// What it says.
        udp: u16,
        /// How many bytes the IP packet has for it.
        len: usize,
    },
    /// The datagram fails its checksum.
    UdpChecksum,
}

impl<'a> Frame<'a> {
    /// Finds the UDP datagram in a frame. Bytes behind it, such as Ethernet's padding, are left out.
    ///
    /// `checksum_ready` says that the UDP checksum is there to be verified; it is not when the sender is on this
    /// machine and the kernel leaves the computing to hardware (`TP_STATUS_CSUMNOTREADY`). A checksum of zero
    /// means that the sender computed none (RFC 768).
    ///
    /// # Errors
    /// [`Refused`] says why there is none.
    pub fn parse(frame: &'a [u8], checksum_ready: bool) -> Result<Self, Refused> {
        let short = Refused::Short { len: frame.len() };
        let (&destination_mac, rest) = frame.split_first_chunk::<6>().ok_or(short)?;
        let (&source_mac, rest) = rest.split_first_chunk::<6>().ok_or(short)?;
        let mut ethertype = u16_at(rest, 0).ok_or(short)?;
        let mut ip_at = ETHERNET_LEN;
        let mut vlan = None;
        if ethertype == ETHERTYPE_VLAN {
            vlan = Some(u16_at(rest, 2).ok_or(short)? & 0x0fff);
            ethertype = u16_at(rest, VLAN_TAG_LEN).ok_or(short)?;
            ip_at += VLAN_TAG_LEN;
        }
        if ethertype != ETHERTYPE_IPV4 {
            return Err(Refused::NotIpv4);
        }
        let ip = frame.get(ip_at..).ok_or(short)?;
        let (source, destination, udp) = ipv4(ip, short)?;
        let (source_port, destination_port, payload) = self::udp(udp, source, destination, checksum_ready)?;
        Ok(Self {
            source_mac,
            destination_mac,
            vlan,
            source: SocketAddrV4::new(source, source_port),
            destination: SocketAddrV4::new(destination, destination_port),
            payload,
        })
    }
}

/// The addresses and the payload of an IP packet that may have bytes behind it.
fn ipv4(bytes: &[u8], short: Refused) -> Result<(Ipv4Addr, Ipv4Addr, &[u8]), Refused> {
    let header = Header::parse(bytes).map_err(|unsound| match unsound {
        Unsound::Short => short,
        Unsound::NotIpv4 => Refused::NotIpv4,
        Unsound::HeaderLength { words } => Refused::IpHeaderLength { words },
        Unsound::Checksum => Refused::IpChecksum,
    })?;
    if header.protocol != PROTOCOL_UDP {
        return Err(Refused::NotUdp { protocol: header.protocol });
    }
    if header.fragment {
        return Err(Refused::Fragment);
    }
    let total = header.total;
    let payload = bytes
        .get(header.len..usize::from(total))
        .ok_or(Refused::IpTotalLength { total, len: bytes.len() })?;
    Ok((header.source, header.destination, payload))
}

/// The ports and the payload of a UDP datagram.
fn udp(
    bytes: &[u8],
    source: Ipv4Addr,
    destination: Ipv4Addr,
    checksum_ready: bool,
) -> Result<(u16, u16, &[u8]), Refused> {
    let len = bytes.len();
    let header = bytes.first_chunk::<UDP_LEN>().ok_or(Refused::UdpLength { udp: 0, len })?;
    let [s0, s1, d0, d1, l0, l1, c0, c1] = *header;
    let udp = u16::from_be_bytes([l0, l1]);
    let wrong_length = Refused::UdpLength { udp, len };
    let datagram = bytes.get(..usize::from(udp)).ok_or(wrong_length)?;
    let payload = datagram.get(UDP_LEN..).ok_or(wrong_length)?;
    if checksum_ready && [c0, c1] != [0, 0] {
        let sum = Sum::default().add_pseudo_header(source, destination, udp).add(datagram);
        if sum.fold() != 0xffff {
            return Err(Refused::UdpChecksum);
        }
    }
    Ok((u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]), payload))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|word| u16::from_be_bytes(*word))
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { len } => write!(f, "the frame ends after {len} bytes, within its headers"),
            Self::NotIpv4 => f.write_str("the frame does not carry IPv4"),
            Self::NotUdp { protocol } => write!(f, "the IP packet carries protocol {protocol}, not UDP"),
            Self::IpHeaderLength { words } => {
                write!(f, "the IP header says it is {words} words long, less than 5")
            }
            Self::IpTotalLength { total, len } => {
                write!(f, "the IP packet says it is {total} bytes long, the frame has {len} for it")
            }
            Self::IpChecksum => f.write_str("the checksum of the IP header is wrong"),
            Self::Fragment => f.write_str("the IP packet is a fragment"),
            Self::UdpLength { udp, len } => {
                write!(f, "the datagram says it is {udp} bytes long, the IP packet has {len} for it")
            }
            Self::UdpChecksum => f.write_str("the checksum of the datagram is wrong"),
        }
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests {
    use super::super::{Addresses, HEADROOM};
    use super::*;

    const PAYLOAD: &[u8] = b"a datagram";

    fn frame() -> Vec<u8> {
        let mut buffer = vec![0; HEADROOM];
        buffer.extend_from_slice(PAYLOAD);
        Addresses {
            source_mac: [2, 0, 0, 0, 0, 1],
            destination_mac: [0xff; 6],
            source: SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 67),
            destination: SocketAddrV4::new(Ipv4Addr::BROADCAST, 68),
        }
        .enclose(&mut buffer, PAYLOAD.len())
        .expect("room");
        buffer
    }

    /// The frame with a byte set, and the IP header's checksum made right again.
    fn with(at: usize, byte: u8) -> Vec<u8> {
        let mut frame = frame();
        frame[at] = byte;
        frame[24..26].fill(0);
        let checksum = Sum::default().add(&frame[14..34]).checksum();
        frame[24..26].copy_from_slice(&checksum.to_be_bytes());
        frame
    }

    /// A frame that is not what it says is refused for the reason that holds.
    #[test]
    fn what_is_unsound_is_refused_with_the_reason() {
        assert!(Frame::parse(&frame(), true).is_ok());
        let mut bad_checksum = frame();
        bad_checksum[24] ^= 1;
        let cases: [(&str, Vec<u8>, Refused); 16] = [
            ("ARP", with(13, 6), Refused::NotIpv4),
            ("IP version 6", with(14, 0x65), Refused::NotIpv4),
            ("4 words of header", with(14, 0x44), Refused::IpHeaderLength { words: 4 }),
            ("more header than frame", with(14, 0x4f), Refused::Short { len: 52 }),
            ("TCP", with(23, 6), Refused::NotUdp { protocol: 6 }),
            ("more fragments", with(20, 0x20), Refused::Fragment),
            ("fragment offset", with(21, 1), Refused::Fragment),
            ("total length less than header", with(17, 19), Refused::IpTotalLength { total: 19, len: 38 }),
            ("total length without UDP", with(17, 27), Refused::UdpLength { udp: 0, len: 7 }),
            ("total length less than UDP", with(17, 37), Refused::UdpLength { udp: 18, len: 17 }),
            ("total length more than frame", with(17, 39), Refused::IpTotalLength { total: 39, len: 38 }),
            ("UDP length of 7", with(39, 7), Refused::UdpLength { udp: 7, len: 18 }),
            ("UDP length of 19", with(39, 19), Refused::UdpLength { udp: 19, len: 18 }),
            ("UDP length of 17", with(39, 17), Refused::UdpChecksum),
            ("other payload", with(45, 0), Refused::UdpChecksum),
            ("IP checksum", bad_checksum, Refused::IpChecksum),
        ];
        for (what, bytes, refused) in cases {
            assert_eq!(Frame::parse(&bytes, true), Err(refused), "{what}");
        }
        for len in 0..34 {
            assert_eq!(Frame::parse(&frame()[..len], true), Err(Refused::Short { len }));
        }
    }

    /// A datagram whose sender computed no checksum, or whose checksum is yet to be computed, is taken.
    #[test]
    fn a_checksum_that_is_not_there_is_not_verified() {
        let mut bytes = frame();
        bytes[40..42].fill(0);
        assert!(Frame::parse(&bytes, true).is_ok());
        bytes[41] = 1;
        assert_eq!(Frame::parse(&bytes, true), Err(Refused::UdpChecksum));
        assert_eq!(Frame::parse(&bytes, false).map(|frame| frame.payload), Ok(PAYLOAD));
    }

    /// A VLAN tag is passed over and told, and padding behind the packet is left out.
    #[test]
    fn tags_and_padding_are_not_payload() {
        let mut bytes = frame();
        bytes.splice(12..12, [0x81, 0, 0xe1, 0x23]);
        bytes.extend_from_slice(&[0; 9]);
        let tagged = Frame::parse(&bytes, true).expect("sound");
        assert_eq!((tagged.vlan, tagged.payload), (Some(0x123), PAYLOAD));
        assert_eq!((tagged.source.port(), tagged.destination.port()), (67, 68));
        for len in 14..38 {
            assert_eq!(Frame::parse(&bytes[..len], true), Err(Refused::Short { len }));
        }
    }
}
