//! Writing headers in front of a datagram.

use std::net::SocketAddrV4;

use super::{ETHERNET_LEN, ETHERTYPE_IPV4, Mac, PROTOCOL_UDP, UDP_LEN};
use crate::NoRoom;
use crate::checksum::Sum;
use crate::ipv4::{DONT_FRAGMENT, MIN_LEN as IPV4_MIN_LEN};

/// How many bytes the headers take in front of the datagram: Ethernet 14, IPv4 20, UDP 8.
pub const HEADROOM: usize = ETHERNET_LEN + IPV4_MIN_LEN + UDP_LEN;

/// IPv4 without options: version 4, 5 words.
const VERSION_AND_WORDS: u8 = 0x45;
/// Low delay, as DHCP servers mark their replies.
const TYPE_OF_SERVICE: u8 = 0x10;
/// The hops a packet may take.
const TIME_TO_LIVE: u8 = 128;
/// The most bytes a datagram may have for the total length to count it.
const PAYLOAD_MAX: usize = u16::MAX as usize - IPV4_MIN_LEN - UDP_LEN;

/// From whom and to whom a datagram goes; the headers are drawn at [`super::Frame`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The Ethernet sender.
    pub source_mac: Mac,
    /// The Ethernet receiver.
    pub destination_mac: Mac,
    /// IP source address and UDP source port.
    pub source: SocketAddrV4,
    /// IP destination address and UDP destination port.
    pub destination: SocketAddrV4,
}

impl Addresses {
    /// Writes the headers in front of the `payload_len` bytes that stand at [`HEADROOM`] in `buffer`, and says how
    /// long the frame is. Both checksums are computed; the packet may not be fragmented.
    ///
    /// # Errors
    /// [`NoRoom`] when `buffer` is shorter than the frame, or the datagram longer than IP can say (65507 bytes).
    pub fn enclose(&self, buffer: &mut [u8], payload_len: usize) -> Result<usize, NoRoom> {
        if payload_len > PAYLOAD_MAX {
            return Err(NoRoom { needed: payload_len, left: PAYLOAD_MAX });
        }
        let needed = HEADROOM + payload_len;
        let left = buffer.len();
        let frame = buffer.get_mut(..needed).ok_or(NoRoom { needed, left })?;
        let (headers, payload) = frame.split_at_mut(HEADROOM);
        let udp_len = (UDP_LEN + payload_len) as u16;
        headers[..ETHERNET_LEN].copy_from_slice(&self.ethernet());
        headers[ETHERNET_LEN..ETHERNET_LEN + IPV4_MIN_LEN].copy_from_slice(self.ipv4(udp_len).as_flattened());
        headers[ETHERNET_LEN + IPV4_MIN_LEN..].copy_from_slice(&self.udp(udp_len, payload));
        Ok(needed)
    }

    fn ethernet(&self) -> [u8; ETHERNET_LEN] {
        let mut header = [0; ETHERNET_LEN];
        header[..6].copy_from_slice(&self.destination_mac);
        header[6..12].copy_from_slice(&self.source_mac);
        header[12..].copy_from_slice(&ETHERTYPE_IPV4.to_be_bytes());
        header
    }

    fn ipv4(&self, udp_len: u16) -> [[u8; 4]; IPV4_MIN_LEN / 4] {
        let [len0, len1] = (udp_len + IPV4_MIN_LEN as u16).to_be_bytes();
        let [flags0, flags1] = DONT_FRAGMENT.to_be_bytes();
        let header = |sum0, sum1| {
            [
                [VERSION_AND_WORDS, TYPE_OF_SERVICE, len0, len1],
                [0, 0, flags0, flags1],
                [TIME_TO_LIVE, PROTOCOL_UDP, sum0, sum1],
                self.source.ip().octets(),
                self.destination.ip().octets(),
            ]
        };
        let [sum0, sum1] = Sum::default().add(header(0, 0).as_flattened()).checksum().to_be_bytes();
        header(sum0, sum1)
    }

    fn udp(&self, len: u16, payload: &[u8]) -> [u8; UDP_LEN] {
        let [s0, s1] = self.source.port().to_be_bytes();
        let [d0, d1] = self.destination.port().to_be_bytes();
        let [len0, len1] = len.to_be_bytes();
        let sum = Sum::default()
            .add_pseudo_header(*self.source.ip(), *self.destination.ip(), len)
            .add(&[s0, s1, d0, d1, len0, len1, 0, 0])
            .add(payload);
        // Zero would say that there is none (RFC 768).
        let [sum0, sum1] = match sum.checksum() {
            0 => [0xff, 0xff],
            checksum => checksum.to_be_bytes(),
        };
        [s0, s1, d0, d1, len0, len1, sum0, sum1]
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn addresses(port: u16) -> Addresses {
        Addresses {
            source_mac: [2, 0, 0, 0, 0, 1],
            destination_mac: [2, 0, 0, 0, 0, 2],
            source: SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), port),
            destination: SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 77), 68),
        }
    }

    /// The headers, byte for byte.
    #[test]
    fn headers_are_what_the_rfcs_draw() {
        let mut buffer = [0xaa; HEADROOM + 3];
        buffer[HEADROOM..].copy_from_slice(&[1, 2, 3]);
        assert_eq!(addresses(67).enclose(&mut buffer, 3), Ok(HEADROOM + 3));
        let ethernet = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
        let ip = [0x45, 0x10, 0, 31, 0, 0, 0x40, 0, 128, 17, 0x76, 0x6f, 192, 0, 2, 1, 192, 0, 2, 77];
        let udp = [0, 67, 0, 68, 0, 11, 0x77, 0x00];
        assert_eq!(buffer[..14], ethernet);
        assert_eq!(buffer[14..34], ip);
        assert_eq!(buffer[34..42], udp);
        assert_eq!(buffer[42..], [1, 2, 3]);
    }

    /// A checksum that comes out as zero is written as 0xffff: zero would say that there is none.
    #[test]
    fn no_checksum_is_written_as_zero() {
        let mut seen = 0;
        for port in 0..=u16::MAX {
            let mut buffer = [0; HEADROOM];
            addresses(port).enclose(&mut buffer, 0).expect("room");
            assert_ne!(buffer[40..42], [0, 0]);
            seen += usize::from(buffer[40..42] == [0xff, 0xff]);
        }
        assert!(seen > 0);
    }

    /// A buffer shorter than the frame and a datagram longer than IP can say are refused, the buffer untouched.
    #[test]
    fn what_does_not_fit_is_refused() {
        let mut buffer = vec![0xaa; HEADROOM + 70_000];
        let left = HEADROOM + 9;
        assert_eq!(addresses(67).enclose(&mut buffer[..left], 10), Err(NoRoom { needed: left + 1, left }));
        assert_eq!(addresses(67).enclose(&mut buffer, 65508), Err(NoRoom { needed: 65508, left: 65507 }));
        assert!(buffer.iter().all(|&byte| byte == 0xaa));
        assert_eq!(addresses(67).enclose(&mut buffer, 65507), Ok(HEADROOM + 65507));
    }
}
