//! ICMP echo (RFC 792): asking whether somebody uses an address.
//!
//! ```text
//!    Echo request (type 8) and echo reply (type 0)
//!    0                   1                   2                   3
//!    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//!   +---------------+---------------+-------------------------------+
//!   |     Type      |     Code      |          Checksum             |
//!   +---------------+---------------+-------------------------------+
//!   |           Identifier          |        Sequence Number        |
//!   +-------------------------------+-------------------------------+
//!   |     Data ...
//!   +-----
//!
//!    Destination unreachable (type 3)
//!   +---------------+---------------+-------------------------------+
//!   |     Type      |     Code      |          Checksum             |
//!   +---------------+---------------+-------------------------------+
//!   |                             unused                            |
//!   +---------------------------------------------------------------+
//!   |   IP header and the first 8 bytes of what cannot be delivered |
//!   +---------------------------------------------------------------+
//! ```

use std::fmt;
use std::net::Ipv4Addr;

use crate::checksum::Sum;
use crate::ipv4::{Header, Unsound};

/// The length of an echo request in bytes: a header and 20 bytes of data.
pub const REQUEST_LEN: usize = HEADER_LEN + 20;

const HEADER_LEN: usize = 8;
const PROTOCOL_ICMP: u8 = 1;
const ECHO_REPLY: u8 = 0;
const UNREACHABLE: u8 = 3;
const ECHO_REQUEST: u8 = 8;

/// What tells one request from another; the reply repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Echo {
    /// By custom that of the asking program.
    pub id: u16,
    /// By custom that of the question.
    pub sequence: u16,
}

/// What came back for an echo request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The address answers.
    Reply {
        /// Who answers.
        from: Ipv4Addr,
        /// Whose request.
        echo: Echo,
    },
    /// A host on the way says that the request cannot be delivered.
    Unreachable {
        /// Who was asked.
        target: Ipv4Addr,
        /// The request.
        echo: Echo,
    },
}

/// Why an IP packet is no answer to an echo request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It ends before its IP or ICMP header does, or is shorter than it says.
    Short {
        /// How many bytes there are.
        len: usize,
    },
    /// Not an IPv4 packet with ICMP in one piece.
    NotIcmp,
    /// The IP header or the message fails its checksum.
    Checksum,
    /// ICMP about something else: of another type, or about another packet than an echo request.
    Else,
}

impl Echo {
    /// The request, with data of zeros.
    #[must_use]
    pub fn request(self) -> [u8; REQUEST_LEN] {
        let mut request = [0; REQUEST_LEN];
        request[0] = ECHO_REQUEST;
        request[4..6].copy_from_slice(&self.id.to_be_bytes());
        request[6..8].copy_from_slice(&self.sequence.to_be_bytes());
        let checksum = Sum::default().add(&request).checksum();
        request[2..4].copy_from_slice(&checksum.to_be_bytes());
        request
    }
}

impl Answer {
    /// The types of ICMP messages that may be answers.
    pub const TYPES: &[u8] = &[ECHO_REPLY, UNREACHABLE];

    /// Reads an IP packet, as a raw ICMP socket receives it.
    ///
    /// # Errors
    /// [`Refused`] says why it is no answer.
    pub fn parse(packet: &[u8]) -> Result<Self, Refused> {
        let short = Refused::Short { len: packet.len() };
        let header = ip_header(packet, short)?;
        let message = packet.get(header.len..usize::from(header.total)).ok_or(short)?;
        let (kind, echo) = icmp_header(message).ok_or(short)?;
        if Sum::default().add(message).fold() != 0xffff {
            return Err(Refused::Checksum);
        }
        match kind {
            ECHO_REPLY => Ok(Self::Reply { from: header.source, echo }),
            UNREACHABLE => {
                // What is cut off there is no fault: 8 bytes of the message suffice.
                let undelivered = &message[HEADER_LEN..];
                let header = ip_header(undelivered, short)?;
                match icmp_header(&undelivered[header.len..]).ok_or(short)? {
                    (ECHO_REQUEST, echo) => Ok(Self::Unreachable { target: header.destination, echo }),
                    _ => Err(Refused::Else),
                }
            }
            _ => Err(Refused::Else),
        }
    }
}

/// The IP header of a packet with ICMP.
fn ip_header(packet: &[u8], short: Refused) -> Result<Header, Refused> {
    match Header::parse(packet) {
        Ok(header) if header.protocol == PROTOCOL_ICMP && !header.fragment => Ok(header),
        Ok(_) | Err(Unsound::NotIpv4 | Unsound::HeaderLength { .. }) => Err(Refused::NotIcmp),
        Err(Unsound::Short) => Err(short),
        Err(Unsound::Checksum) => Err(Refused::Checksum),
    }
}

/// The type of an ICMP message, and what stands where echo messages have identifier and sequence number.
fn icmp_header(message: &[u8]) -> Option<(u8, Echo)> {
    let [kind, _, _, _, i0, i1, s0, s1] = *message.first_chunk::<HEADER_LEN>()?;
    Some((kind, Echo { id: u16::from_be_bytes([i0, i1]), sequence: u16::from_be_bytes([s0, s1]) }))
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { len } => write!(f, "the packet ends after {len} bytes, before it should"),
            Self::NotIcmp => f.write_str("the packet is not IPv4 with ICMP in one piece"),
            Self::Checksum => f.write_str("a checksum of the packet is wrong"),
            Self::Else => f.write_str("the message is not about an echo request"),
        }
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests {
    use super::*;

    const ECHO: Echo = Echo { id: 0x1234, sequence: 0xfffe };
    const TARGET: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 77);
    const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

    fn packet(source: Ipv4Addr, destination: Ipv4Addr, message: &[u8]) -> Vec<u8> {
        let mut packet = vec![0; 20];
        packet[0] = 0x45;
        packet[2..4].copy_from_slice(&(20 + message.len() as u16).to_be_bytes());
        packet[8..10].copy_from_slice(&[64, PROTOCOL_ICMP]);
        packet[12..16].copy_from_slice(&source.octets());
        packet[16..20].copy_from_slice(&destination.octets());
        seal(&mut packet, 0..20, 10);
        packet.extend(message);
        packet
    }

    /// Makes the checksum at `at` right for a part of the packet.
    fn seal(packet: &mut [u8], part: std::ops::Range<usize>, at: usize) {
        packet[at..at + 2].fill(0);
        let checksum = Sum::default().add(&packet[part]).checksum();
        packet[at..at + 2].copy_from_slice(&checksum.to_be_bytes());
    }

    fn reply() -> Vec<u8> {
        let mut packet = packet(TARGET, SERVER, &ECHO.request());
        packet[20] = ECHO_REPLY;
        let end = packet.len();
        seal(&mut packet, 20..end, 22);
        packet
    }

    /// "Host unreachable" about the first `len` bytes of a packet.
    fn unreachable(about: &[u8]) -> Vec<u8> {
        let message = [&[UNREACHABLE, 1, 0, 0, 0, 0, 0, 0], about].concat();
        let mut packet = packet(Ipv4Addr::new(192, 0, 2, 254), SERVER, &message);
        let end = packet.len();
        seal(&mut packet, 20..end, 22);
        packet
    }

    /// The request, byte for byte.
    #[test]
    fn a_request_is_what_the_rfc_draws() {
        let request = ECHO.request();
        assert_eq!(request[..8], [8, 0, 0xe5, 0xcc, 0x12, 0x34, 0xff, 0xfe]);
        assert_eq!(request[8..], [0; 20]);
    }

    /// A reply names who answers, "unreachable" who was asked; both repeat the request's numbers.
    #[test]
    fn answers_are_told_with_their_request() {
        assert_eq!(Answer::parse(&reply()), Ok(Answer::Reply { from: TARGET, echo: ECHO }));
        let request = packet(SERVER, TARGET, &ECHO.request());
        let expected = Ok(Answer::Unreachable { target: TARGET, echo: ECHO });
        assert_eq!(Answer::parse(&unreachable(&request)), expected);
        assert_eq!(Answer::parse(&unreachable(&request[..28])), expected, "the least that is repeated");
    }

    /// What is no answer is refused for the reason that holds; so is whatever is cut or damaged.
    #[test]
    fn what_is_no_answer_is_refused() {
        let request = packet(SERVER, TARGET, &ECHO.request());
        assert_eq!(Answer::parse(&request), Err(Refused::Else));
        assert_eq!(Answer::parse(&unreachable(&reply())), Err(Refused::Else), "it was no request");
        let len = 20 + 8 + 27;
        assert_eq!(Answer::parse(&unreachable(&request[..27])), Err(Refused::Short { len }));
        let mut udp = reply();
        udp[9] = 17;
        seal(&mut udp, 0..20, 10);
        assert_eq!(Answer::parse(&udp), Err(Refused::NotIcmp));
        for packet in [reply(), unreachable(&request[..28])] {
            for len in 0..packet.len() {
                assert_eq!(Answer::parse(&packet[..len]), Err(Refused::Short { len }));
            }
            for at in 0..packet.len() {
                let mut damaged = packet.clone();
                damaged[at] ^= 0x10;
                assert!(Answer::parse(&damaged).is_err(), "byte {at}");
            }
        }
    }
}
