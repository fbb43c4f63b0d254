//! What kinds of packets there are.

use std::fmt;

/// The kind of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(pub u8);

impl Code {
    /// May this user come in?
    pub const ACCESS_REQUEST: Self = Self(1);
    /// It may, and so.
    pub const ACCESS_ACCEPT: Self = Self(2);
    /// It may not.
    pub const ACCESS_REJECT: Self = Self(3);
    /// This has happened to a session.
    pub const ACCOUNTING_REQUEST: Self = Self(4);
    /// It is written down.
    pub const ACCOUNTING_RESPONSE: Self = Self(5);
    /// Are you there (RFC 5997)?
    pub const STATUS_SERVER: Self = Self(12);

    /// Whether a packet of this kind answers a `request`.
    pub fn answers(self, request: Self) -> bool {
        let is_of_access = matches!(self, Self::ACCESS_ACCEPT | Self::ACCESS_REJECT);
        match request {
            Self::ACCESS_REQUEST => is_of_access,
            Self::ACCOUNTING_REQUEST => self == Self::ACCOUNTING_RESPONSE,
            Self::STATUS_SERVER => is_of_access || self == Self::ACCOUNTING_RESPONSE,
            _ => false,
        }
    }

    /// Whether the authenticator of such a request is a number that nobody can guess; of others it is a signature.
    pub(crate) fn has_nonce(self) -> bool {
        matches!(self, Self::ACCESS_REQUEST | Self::STATUS_SERVER)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            1 => "Access-Request",
            2 => "Access-Accept",
            3 => "Access-Reject",
            4 => "Accounting-Request",
            5 => "Accounting-Response",
            6 => "Accounting-Status",
            7 => "Password-Request",
            8 => "Password-Ack",
            9 => "Password-Reject",
            10 => "Accounting-Message",
            11 => "Access-Challenge",
            12 => "Status-Server",
            13 => "Status-Client",
            other => return write!(f, "Message-Code-{other}"),
        })
    }
}
