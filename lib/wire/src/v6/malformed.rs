//! Why bytes are not a DHCPv6 message.

use std::fmt;

use super::{HEADER_LEN, MAX_RELAYS, RELAY_HEADER_LEN};

/// Why bytes are not a DHCPv6 message. `relays` is how many relay agents' headers were sound before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Fewer bytes than a message begins with.
    Short {
        /// How many there are.
        len: usize,
        /// How many relay agents it passed.
        relays: usize,
    },
    /// Fewer bytes than a relay agent's message begins with.
    ShortRelay {
        /// How many there are.
        len: usize,
        /// How many relay agents it passed.
        relays: usize,
    },
    /// A relay agent's message holds no message (option 9), or it is empty.
    NothingRelayed {
        /// How many relay agents it passed.
        relays: usize,
    },
    /// More relay agents than a message may pass.
    TooManyRelays,
    /// More bytes than a UDP datagram carries.
    Long {
        /// How many there are.
        len: usize,
    },
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { len, .. } => {
                write!(f, "{len} bytes are too few: a DHCPv6 message begins with {HEADER_LEN}")?;
            }
            Self::ShortRelay { len, .. } => {
                write!(f, "{len} bytes are too few: a relay agent's message begins with {RELAY_HEADER_LEN}")?;
            }
            Self::NothingRelayed { .. } => {
                f.write_str("a relay agent's message holds no message (option 9)")?
            }
            Self::TooManyRelays => write!(f, "the message passed more than {MAX_RELAYS} relay agents")?,
            Self::Long { len } => {
                write!(f, "{len} bytes are too many: a UDP datagram carries at most 65535")?
            }
        }
        match self {
            Self::Short { relays: 0, .. } | Self::ShortRelay { relays: 0, .. } => Ok(()),
            Self::Short { relays, .. }
            | Self::ShortRelay { relays, .. }
            | Self::NothingRelayed { relays } => {
                write!(f, " (within {relays} relay agents' messages)")
            }
            Self::TooManyRelays | Self::Long { .. } => Ok(()),
        }
    }
}

impl std::error::Error for Malformed {}
