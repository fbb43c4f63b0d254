//! A client of RADIUS (RFC 2865, RFC 2866) without sockets: nothing here sends, reads a clock or takes a chance.
//!
//! What attributes are called and what their values are says a [`Dictionary`]. [`Attribute`]s go into a request, which is
//! [`Sealed`] for one server: numbered, signed and encoded; only what that server says to it is read as an [`Answer`]. Which
//! server is asked, how often, and which one after it says an [`Exchange`], which goes by what is known of the [`Health`] of
//! servers. Numbers that nobody can guess are made by [`Nonces`].

mod attribute;
mod code;
mod dictionary;
mod digest;
mod exchange;
mod nonces;
mod packet;
mod respond;

pub use attribute::{Attribute, AttributeError, Shown, Value, json, of_json};
pub use code::Code;
pub use dictionary::{Definition, Dictionary, Kind, MAX_DICTIONARY};
pub use exchange::{Attempt, Exchange, Health, Missed, Plan};
pub use nonces::Nonces;
pub use packet::{Answer, Bad, HEADER, MAX_PACKET, Sealed, TooLong, length};
pub use respond::respond;

/// Attributes that this client knows the meaning of.
pub mod known {
    /// User-Name
    pub const USER_NAME: u8 = 1;
    /// User-Password
    pub const USER_PASSWORD: u8 = 2;
    /// NAS-IP-Address
    pub const NAS_IP_ADDRESS: u8 = 4;
    /// NAS-Port
    pub const NAS_PORT: u8 = 5;
    /// Framed-IP-Address
    pub const FRAMED_IP_ADDRESS: u8 = 8;
    /// Reply-Message
    pub const REPLY_MESSAGE: u8 = 18;
    /// Class
    pub const CLASS: u8 = 25;
    /// Vendor-Specific
    pub const VENDOR_SPECIFIC: u8 = 26;
    /// Calling-Station-Id
    pub const CALLING_STATION_ID: u8 = 31;
    /// Acct-Status-Type
    pub const ACCT_STATUS_TYPE: u8 = 40;
    /// Acct-Delay-Time
    pub const ACCT_DELAY_TIME: u8 = 41;
    /// Acct-Session-Id
    pub const ACCT_SESSION_ID: u8 = 44;
    /// Message-Authenticator (RFC 3579)
    pub const MESSAGE_AUTHENTICATOR: u8 = 80;
    /// Framed-Pool (RFC 2869)
    pub const FRAMED_POOL: u8 = 88;
    /// NAS-IPv6-Address (RFC 3162)
    pub const NAS_IPV6_ADDRESS: u8 = 95;
    /// Error-Cause (RFC 3576)
    pub const ERROR_CAUSE: u8 = 101;
    /// Delegated-IPv6-Prefix (RFC 4818)
    pub const DELEGATED_IPV6_PREFIX: u8 = 123;
    /// Framed-IPv6-Address (RFC 6911)
    pub const FRAMED_IPV6_ADDRESS: u8 = 168;
}
