//! Why bytes are not a DHCPv4 message.

use std::fmt;

use super::{CHADDR_LEN, HEADER_LEN, MAGIC_COOKIE};

/// Why bytes are not a DHCPv4 message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Fewer bytes than the fixed fields take.
    Short {
        /// How many there are.
        len: usize,
    },
    /// The fixed fields alone: BOOTP without vendor extensions (RFC 951), which has no message type to serve.
    NoOptions,
    /// The bytes behind the fixed fields are not the magic cookie.
    Cookie {
        /// What is there instead, zeros where nothing is.
        found: [u8; 4],
    },
    /// `hlen` says more than `chaddr` holds. (Kea makes up zeros for 17 to 20 and fails above.)
    HardwareLength {
        /// What it says.
        hlen: u8,
    },
    /// Option 53 (message type) has no bytes. Found by whoever asks for it.
    NoMessageType,
    /// More bytes than a UDP datagram carries.
    Long {
        /// How many there are.
        len: usize,
    },
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { len } => write!(f, "{len} bytes are too few: the fixed fields take {HEADER_LEN}"),
            Self::NoOptions => {
                f.write_str("BOOTP without vendor extensions: the message ends where options begin")
            }
            Self::Cookie { found } => {
                let (found, cookie) = (u32::from_be_bytes(*found), u32::from_be_bytes(MAGIC_COOKIE));
                write!(
                    f,
                    "the options begin with 0x{found:08x} where the magic cookie 0x{cookie:08x} belongs"
                )
            }
            Self::HardwareLength { hlen } => {
                write!(f, "hlen is {hlen}, but chaddr holds {CHADDR_LEN} bytes")
            }
            Self::NoMessageType => f.write_str("option 53 (message type) is empty"),
            Self::Long { len } => write!(f, "{len} bytes are too many: a UDP datagram carries at most 65535"),
        }
    }
}

impl std::error::Error for Malformed {}
