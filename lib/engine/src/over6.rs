//! DHCPv4 over DHCPv6 (RFC 7341): what the server of DHCPv6 and the one of DHCPv4 pass on to each other.
//!
//! A client's DHCPV4-QUERY goes as it came, through relay agents or not, with its [`Origin`]. The DHCPV4-RESPONSE comes
//! back with what relay agents are to get around it, and with the same origin.

use std::fmt;

use kotare_wire::NoRoom;
use kotare_wire::v6::{Index, Malformed, Message, MessageType, NoOrigin, OptionCode, Origin, Writer};

use crate::v6::{Sender, relay_reply};

/// A message that was passed on.
#[derive(Clone, Copy, Debug)]
pub struct Passed<'a> {
    /// All of it.
    pub message: Message<'a>,
    /// Where the client's message came from.
    pub origin: Origin<'a>,
    /// The DHCPv4 message in it (option 87).
    pub within: &'a [u8],
}

/// Why something was not passed on by a server.
#[derive(Debug)]
pub enum NotPassed {
    /// It is no DHCPv6 message.
    Malformed(Malformed),
    /// It does not say where it came from.
    Origin(NoOrigin),
    /// It has not what has to be in it.
    Unfit(Sender, &'static str),
}

impl fmt::Display for NotPassed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(malformed) => malformed.fmt(f),
            Self::Origin(missing) => write!(f, "malformed packet ({missing})"),
            Self::Unfit(_, why) => f.write_str(why),
        }
    }
}

impl std::error::Error for NotPassed {}

impl<'a> Passed<'a> {
    /// Reads what was passed on as a message of this type; where its parts stand is left in `index`.
    ///
    /// # Errors
    /// [`NotPassed`] when it is none.
    pub fn read(bytes: &'a [u8], index: &'a mut Index, expected: MessageType) -> Result<Self, NotPassed> {
        let message = Message::parse(bytes, index).map_err(NotPassed::Malformed)?;
        let origin = Origin::of(message).map_err(NotPassed::Origin)?;
        let unfit = |why| Err(NotPassed::Unfit(Sender::of(message), why));
        if message.message_type() != expected {
            return unfit("not of the type that is passed on");
        }
        let mut all = message.all(OptionCode::DHCPV4_MSG);
        match (all.next(), all.next()) {
            (None, _) => unfit("DHCPv4 message option not present"),
            (Some(_), Some(_)) => unfit("more than one DHCPv4 message option"),
            (Some(within), None) => Ok(Self { message, origin, within }),
        }
    }

    /// Writes the answer to a DHCPV4-QUERY that was passed on, with the DHCPv4 message `reply`. Its flags are the query's,
    /// as in Kea.
    ///
    /// # Errors
    /// [`NoRoom`] when it does not fit.
    pub fn respond(&self, reply: &[u8], writer: &mut Writer<'_>) -> Result<(), NoRoom> {
        let wrapped = relay_reply::wrap(self.message, writer)?;
        writer.header(MessageType::DHCPV4_RESPONSE, self.message.transaction_id())?;
        writer.option(OptionCode::DHCPV4_MSG, reply)?;
        self.origin.write(writer)?;
        wrapped.close(writer);
        Ok(())
    }
}
