//! Writing headers in front of a datagram.

use std::net::SocketAddrV4;

use super::checksum::Sum;
use super::{DONT_FRAGMENT, ETHERNET_LEN, ETHERTYPE_IPV4, IPV4_MIN_LEN, Mac, PROTOCOL_UDP, UDP_LEN};
use crate::NoRoom;

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
        let (ethernet, packet) = frame.split_at_mut(ETHERNET_LEN);
        let (ip, datagram) = packet.split_at_mut(IPV4_MIN_LEN);
        self.ethernet(ethernet);
        self.ipv4(ip, datagram.len() as u16);
        self.udp(datagram);
        Ok(needed)
    }

    fn ethernet(&self, header: &mut [u8]) {
        header[..6].copy_from_slice(&self.destination_mac);
        header[6..12].copy_from_slice(&self.source_mac);
        header[12..].copy_from_slice(&ETHERTYPE_IPV4.to_be_bytes());
    }

    fn ipv4(&self, header: &mut [u8], udp_len: u16) {
        header[..2].copy_from_slice(&[VERSION_AND_WORDS, TYPE_OF_SERVICE]);
        header[2..4].copy_from_slice(&(udp_len + IPV4_MIN_LEN as u16).to_be_bytes());
        header[4..6].fill(0);
        header[6..8].copy_from_slice(&DONT_FRAGMENT.to_be_bytes());
        header[8..12].copy_from_slice(&[TIME_TO_LIVE, PROTOCOL_UDP, 0, 0]);
        header[12..16].copy_from_slice(&self.source.ip().octets());
        header[16..].copy_from_slice(&self.destination.ip().octets());
        let checksum = Sum::default().add(header).checksum();
        header[10..12].copy_from_slice(&checksum.to_be_bytes());
    }

    fn udp(&self, datagram: &mut [u8]) {
        let len = datagram.len() as u16;
        datagram[..2].copy_from_slice(&self.source.port().to_be_bytes());
        datagram[2..4].copy_from_slice(&self.destination.port().to_be_bytes());
        datagram[4..6].copy_from_slice(&len.to_be_bytes());
        datagram[6..8].fill(0);
        let sum =
            Sum::default().add_pseudo_header(*self.source.ip(), *self.destination.ip(), len).add(datagram);
        // Zero would say that there is none (RFC 768).
        let checksum = match sum.checksum() {
            0 => 0xffff,
            checksum => checksum,
        };
        datagram[6..8].copy_from_slice(&checksum.to_be_bytes());
    }
}
