//! Bytes to messages and back.
//!
//! [`v4::Message`] is a view over the bytes of a DHCPv4 message: its constructor proves every length once, and
//! nothing behind it can fail or read out of bounds. [`v4::Writer`] writes a message into a buffer of the
//! caller's and never past its end. [`v6`] does the same for DHCPv6, [`frame`] for the Ethernet, IPv4 and UDP headers
//! around a message, and [`icmp`] for the echo messages that tell whether an address is in use.
//!
//! Nothing here allocates, reads a clock or does I/O, and the crate depends on nothing but `core`'s vocabulary.
//! Bytes from the network are never trusted: whatever they are, the answer is a value or a named reason.

mod checksum;
mod code_point;
pub mod frame;
mod hardware;
pub mod icmp;
mod ipv4;
pub mod v4;
pub mod v6;

pub use hardware::HardwareType;

/// Too little room for what was to be written; nothing of it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom {
    /// How many bytes were wanted.
    pub needed: usize,
    /// How many there are.
    pub left: usize,
}

impl std::fmt::Display for NoRoom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes do not fit: there is room for {}", self.needed, self.left)
    }
}

impl std::error::Error for NoRoom {}
