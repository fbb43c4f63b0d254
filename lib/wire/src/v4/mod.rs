//! DHCPv4 messages (RFC 2131, RFC 2132).
//!
//! ```text
//!    0                   1                   2                   3
//!    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//!   +---------------+---------------+---------------+---------------+
//!   |    op (1)     |   htype (1)   |   hlen (1)    |   hops (1)    |    0
//!   +---------------+---------------+---------------+---------------+
//!   |                            xid (4)                            |    4
//!   +-------------------------------+-------------------------------+
//!   |           secs (2)            |           flags (2)           |    8
//!   +-------------------------------+-------------------------------+
//!   |                          ciaddr  (4)                          |   12
//!   |                          yiaddr  (4)                          |   16
//!   |                          siaddr  (4)                          |   20
//!   |                          giaddr  (4)                          |   24
//!   +---------------------------------------------------------------+
//!   |                          chaddr  (16)                         |   28
//!   |                          sname   (64)                         |   44
//!   |                          file    (128)                        |  108
//!   +---------------------------------------------------------------+
//!   |                    magic cookie  (4)                          |  236
//!   |                          options (variable)                   |  240
//!   +---------------------------------------------------------------+
//! ```

mod code;
mod codes;
mod index;
mod malformed;
mod message;
mod option_code;
mod relay_agent;
mod sub_options;
mod value;
mod vendor;
mod walk;
mod writer;

pub use code::{MessageType, Op, SubOptionCode};
pub use codes::Codes;
pub use index::Index;
pub use malformed::Malformed;
pub use message::Message;
pub use option_code::OptionCode;
pub use relay_agent::RelayAgent;
pub use sub_options::{SubOptions, push_sub_option};
pub use value::{Chunks, OptionValue};
pub use vendor::VendorParts;
pub use walk::{Options, Overload};
pub use writer::{Writer, encoded_len, payload_limit};

/// The port servers and relays listen on.
pub const SERVER_PORT: u16 = 67;
/// The port clients listen on.
pub const CLIENT_PORT: u16 = 68;
/// The broadcast bit of `flags` (RFC 2131 §2, figure 2).
pub const BROADCAST: u16 = 0x8000;
/// The size of `sname`.
pub const SNAME_LEN: usize = 64;
/// The size of `file`.
pub const FILE_LEN: usize = 128;
/// The size of `chaddr`, and so the greatest `hlen`.
pub const CHADDR_LEN: usize = 16;
/// The size of the fields before the magic cookie: a BOOTP message without vendor extensions.
pub const HEADER_LEN: usize = 236;
/// Where the options begin, behind the magic cookie; the shortest DHCP message.
pub const OPTIONS_AT: usize = 240;
/// What tells DHCP options (RFC 2131 §3) and vendor extensions (RFC 1497) from anything else.
pub const MAGIC_COOKIE: [u8; 4] = [0x63, 0x82, 0x53, 0x63];
/// The shortest message BOOTP relays and clients may insist on (RFC 951 §3); see [`Writer::finish_padded`].
pub const BOOTP_MIN_LEN: usize = 300;

/// Where the fields of the header begin.
mod at {
    pub(super) const OP: usize = 0;
    pub(super) const HTYPE: usize = 1;
    pub(super) const HLEN: usize = 2;
    pub(super) const HOPS: usize = 3;
    pub(super) const XID: usize = 4;
    pub(super) const SECS: usize = 8;
    pub(super) const FLAGS: usize = 10;
    pub(super) const CIADDR: usize = 12;
    pub(super) const YIADDR: usize = 16;
    pub(super) const SIADDR: usize = 20;
    pub(super) const GIADDR: usize = 24;
    pub(super) const CHADDR: usize = 28;
    pub(super) const SNAME: usize = 44;
    pub(super) const FILE: usize = 108;
}
