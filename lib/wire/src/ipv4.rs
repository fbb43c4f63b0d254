//! The header of an IPv4 packet (RFC 791 §3.1, drawn at [`crate::frame::Frame`]).

use std::net::Ipv4Addr;

use crate::checksum::Sum;

/// The length of a header without options.
pub(crate) const MIN_LEN: usize = 20;
/// Flags and offset of fragments.
pub(crate) const DONT_FRAGMENT: u16 = 0x4000;
const MORE_FRAGMENTS: u16 = 0x2000;
const FRAGMENT_OFFSET: u16 = 0x1fff;

/// What a sound header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// The header's own length in bytes, never more than there were.
    pub(crate) len: usize,
    /// The length of the packet with its header, in bytes: only a claim.
    pub(crate) total: u16,
    pub(crate) protocol: u8,
    /// Whether the packet is a part of a larger one.
    pub(crate) fragment: bool,
    pub(crate) source: Ipv4Addr,
    pub(crate) destination: Ipv4Addr,
}

/// Why bytes do not begin with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsound {
    Short,
    NotIpv4,
    /// The length of the header is less than 5 words.
    HeaderLength {
        words: u8,
    },
    Checksum,
}

impl Header {
    /// Reads the header that `bytes` begin with.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Unsound> {
        let fixed = bytes.first_chunk::<MIN_LEN>().ok_or(Unsound::Short)?;
        if fixed[0] >> 4 != 4 {
            return Err(Unsound::NotIpv4);
        }
        let words = fixed[0] & 0x0f;
        let len = usize::from(words) * 4;
        if len < MIN_LEN {
            return Err(Unsound::HeaderLength { words });
        }
        let header = bytes.get(..len).ok_or(Unsound::Short)?;
        if Sum::default().add(header).fold() != 0xffff {
            return Err(Unsound::Checksum);
        }
        let [_, _, t0, t1, _, _, f0, f1, _, protocol, _, _, s0, s1, s2, s3, d0, d1, d2, d3] = *fixed;
        Ok(Self {
            len,
            total: u16::from_be_bytes([t0, t1]),
            protocol,
            fragment: u16::from_be_bytes([f0, f1]) & (MORE_FRAGMENTS | FRAGMENT_OFFSET) != 0,
            source: Ipv4Addr::new(s0, s1, s2, s3),
            destination: Ipv4Addr::new(d0, d1, d2, d3),
        })
    }
}
