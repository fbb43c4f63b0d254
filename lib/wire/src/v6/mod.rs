//! DHCPv6 messages (RFC 9915, formerly RFC 8415).
//!
//! ```text
//!    0                   1                   2                   3
//!    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//!   +---------------+---------------+---------------+---------------+
//!   |    msg-type   |               transaction-id                  |  a client or a server
//!   +---------------+-----------------------------------------------+
//!   |                            options ...                            (§8)
//!
//!   +---------------+---------------+
//!   |    msg-type   |   hop-count   |  a relay agent
//!   +---------------+---------------+-- ... --+
//!   |           link-address (16)             |
//!   |           peer-address (16)             |
//!   +---------------+---------------+-- ... --+
//!   |  options, one of which (9) holds a message ...                    (§9)
//!
//!   +---------------+---------------+---------------+---------------+
//!   |          option-code          |           option-len          |  an option
//!   +---------------+---------------+---------------+---------------+
//!   |   option-len bytes ...                                            (§21.1)
//! ```

mod association;
mod code;
mod duid;
mod index;
mod malformed;
mod message;
mod option_code;
mod options;
mod over6;
mod vendor;
mod writer;

pub use association::{Association, IaAddress, IaPrefix};
pub use code::{MessageType, StatusCode};
pub use duid::{Duid, DuidKind};
pub use index::Index;
pub use malformed::Malformed;
pub use message::{Message, Relay};
pub use option_code::OptionCode;
pub use options::Options;
pub use over6::{NoOrigin, Origin, with_origin, without_origin};
pub use vendor::{vendor_class, vendor_options};
pub use writer::{Open, Writer};

/// The port servers and relays listen on.
pub const SERVER_PORT: u16 = 547;
/// The port clients listen on.
pub const CLIENT_PORT: u16 = 546;
/// The size of what a client's or a server's message begins with.
pub const HEADER_LEN: usize = 4;
/// The size of what a relay agent's message begins with.
pub const RELAY_HEADER_LEN: usize = 34;
/// The size of an option's code and length.
pub const OPTION_HEADER_LEN: usize = 4;
/// So many relay agents a message may have passed.
pub const MAX_RELAYS: usize = 32;
