//! The Internet checksum (RFC 1071).

use std::net::Ipv4Addr;

use crate::frame::PROTOCOL_UDP;

/// The one's complement sum of 16-bit words. Over data that includes a right checksum it is 0xffff.
///
/// Each part but the last must have an even length.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sum(u64);

impl Sum {
    /// Adds the words of `bytes`, an odd byte at the end as if a zero followed.
    pub(crate) fn add(mut self, bytes: &[u8]) -> Self {
        let (words, rest) = bytes.as_chunks::<4>();
        self.0 += words.iter().map(|word| u64::from(u32::from_be_bytes(*word))).sum::<u64>();
        let mut last = [0; 4];
        last[..rest.len()].copy_from_slice(rest);
        self.0 += u64::from(u32::from_be_bytes(last));
        self
    }

    /// Adds the pseudo header of UDP (RFC 768).
    pub(crate) fn add_pseudo_header(self, source: Ipv4Addr, destination: Ipv4Addr, udp_len: u16) -> Self {
        let [high, low] = udp_len.to_be_bytes();
        self.add(&source.octets()).add(&destination.octets()).add(&[0, PROTOCOL_UDP, high, low])
    }

    /// The sum in 16 bits.
    pub(crate) fn fold(self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        sum as u16
    }

    /// The checksum to write where there was zero.
    pub(crate) fn checksum(self) -> u16 {
        !self.fold()
    }
}
