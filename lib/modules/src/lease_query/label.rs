//! How the log names queries and their answers.

use std::fmt;
use std::net::IpAddr;

use kotare_model::Hex;
use kotare_wire::v4::OptionCode;
use kotare_wire::{v4, v6};

/// A query of DHCPv4, or its answer.
pub(super) struct Label4<'a>(pub(super) v4::Message<'a>);

impl fmt::Display for Label4<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(message) = self;
        let kind = message.message_type().unwrap_or(v4::MessageType(0));
        write!(
            f,
            "type: {kind}, giaddr: {}, transid: {}, ciaddr: {}, hwaddr: hwtype={} {}, cid: ",
            message.giaddr(),
            message.xid(),
            message.ciaddr(),
            message.htype().0,
            Hex(message.chaddr())
        )?;
        match message.option(OptionCode::CLIENT_IDENTIFIER) {
            None => f.write_str("none"),
            Some(id) => Hex(&id.bytes().collect::<Vec<u8>>()).fmt(f),
        }
    }
}

/// A query of DHCPv6.
pub(super) struct Label6<'a> {
    /// The type of the query or of its answer.
    pub(super) kind: v6::MessageType,
    /// Who asks (option 1).
    pub(super) duid: Option<&'a [u8]>,
    /// And from where.
    pub(super) requester: IpAddr,
    /// The transaction.
    pub(super) transaction: u32,
}

impl<'a> Label6<'a> {
    /// That of a message that has come from `requester`.
    pub(super) fn of(message: v6::Message<'a>, requester: impl Into<IpAddr>) -> Self {
        Self {
            kind: message.message_type(),
            duid: message.option(v6::OptionCode::CLIENTID),
            requester: requester.into(),
            transaction: message.transaction_id(),
        }
    }
}

impl fmt::Display for Label6<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, duid, requester, transaction } = self;
        write!(f, "type: {kind}, client id: ")?;
        match duid {
            None => f.write_str("<none>")?,
            Some(duid) => Hex(duid).fmt(f)?,
        }
        write!(f, ", requester: {requester}, transid: {transaction}")
    }
}
