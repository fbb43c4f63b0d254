//! What DNS servers answer.

use std::fmt;

use domain::base::iana::{Opcode, Rcode as InnerRcode};
use domain::base::message::Message;

use crate::key::Key;

/// What a server made of an update (RFC 1035, section 4.1.1; RFC 2136, section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rcode(u8);

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The server answered.
    Answered(Rcode),
    /// No answer came in time.
    Timeout,
    /// The message could not be sent, or the answer not be received.
    Failed,
    /// What came cannot be believed or understood.
    Corrupt,
    /// Nothing was sent, for no key was agreed on with the server.
    NoKey,
}

impl Rcode {
    /// The update was done.
    pub const NOERROR: Self = Self(0);
    /// The server failed itself, as when a zone is not loaded yet.
    pub const SERVFAIL: Self = Self(2);
    /// There is no such name, and there should be.
    pub const NXDOMAIN: Self = Self(3);
    /// There is such a name, and there should be none.
    pub const YXDOMAIN: Self = Self(6);
    /// There are such records, and there should be none.
    pub const YXRRSET: Self = Self(7);
    /// There are no such records, and there should be.
    pub const NXRRSET: Self = Self(8);

    /// The code of this number, of which the lowest four bits count.
    #[must_use]
    pub const fn new(code: u8) -> Self {
        Self(code & 15)
    }

    /// Its number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self.0
    }
}

/// Its name; its number where it has none.
impl fmt::Display for Rcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match InnerRcode::masked_from_int(self.0).to_mnemonic() {
            Some(name) => f.write_str(&String::from_utf8_lossy(name)),
            None => self.0.fmt(f),
        }
    }
}

/// The answer in `datagram` to the update `id`; `None` if it is an answer to nothing or something else, which may be
/// anybody's.
///
/// With a key, and the signature that the update had, an answer counts if it is signed, too. `now` is in seconds since
/// 1970.
///
/// # Errors
/// Why the answer cannot be believed or understood.
pub(crate) fn read(
    datagram: &[u8],
    id: u16,
    signed: Option<(&Key, &[u8])>,
    now: u64,
) -> Option<Result<Rcode, &'static str>> {
    let message = Message::from_slice(datagram).ok()?;
    let header = message.header();
    if header.id() != id || !header.qr() {
        return None;
    }
    let understood = || {
        if header.opcode() != Opcode::UPDATE {
            return Err("the answer is to no update");
        }
        if message.header_counts().zocount() > 1 {
            return Err("the answer is about several zones");
        }
        let malformed = "the answer is malformed";
        for zone in message.zone() {
            zone.map_err(|_| malformed)?;
        }
        for record in message.iter() {
            record.map_err(|_| malformed)?;
        }
        if let Some((key, mac)) = signed {
            key.verify(mac, message, now)?;
        }
        Ok(Rcode::new(header.rcode().to_int()))
    };
    Some(understood())
}
