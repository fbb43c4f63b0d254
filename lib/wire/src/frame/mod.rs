//! Ethernet frames that carry a UDP datagram over IPv4.
//!
//! Raw sockets see and send whole frames. [`Frame::parse`] finds the datagram in one and [`Addresses::enclose`]
//! writes the headers in front of one, both over bytes of the caller's.

mod build;
mod parse;

pub use build::{Addresses, HEADROOM};
pub use parse::{Frame, Refused};

/// An Ethernet address.
pub type Mac = [u8; 6];

/// The Ethernet address of everybody.
pub const BROADCAST_MAC: Mac = [0xff; 6];

const ETHERNET_LEN: usize = 14;
const VLAN_TAG_LEN: usize = 4;
const UDP_LEN: usize = 8;
const ETHERTYPE_IPV4: u16 = 0x0800;
const ETHERTYPE_VLAN: u16 = 0x8100;
pub(crate) const PROTOCOL_UDP: u8 = 17;
