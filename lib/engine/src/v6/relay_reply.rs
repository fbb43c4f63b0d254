//! The way back through relay agents (RFC 9915 §19.3): the reply is wrapped as the query was.

use kotare_wire::NoRoom;
use kotare_wire::v6::{Message, MessageType, Open, OptionCode, Relay, Writer};
use smallvec::SmallVec;

/// What a relay agent gets back of what it said without asking.
const ECHOED: [OptionCode; 2] = [OptionCode::INTERFACE_ID, OptionCode::RELAY_SOURCE_PORT];

/// The messages to relay agents that have begun, the one nearest to the server first.
#[must_use = "they are ended after the message within"]
pub(crate) struct Wrapped(SmallVec<[Open; 4]>);

/// Begins the messages to the relay agents that `message` passed: the reply is written next.
pub(crate) fn wrap(message: Message<'_>, writer: &mut Writer<'_>) -> Result<Wrapped, NoRoom> {
    let mut open = SmallVec::new();
    for relay in message.relays() {
        let (hops, link, peer) = (relay.hop_count(), relay.link_address(), relay.peer_address());
        writer.relay_header(MessageType::RELAY_REPL, hops, link, peer)?;
        echo(relay, writer)?;
        open.push(writer.open(OptionCode::RELAY_MSG)?);
    }
    Ok(Wrapped(open))
}

impl Wrapped {
    /// Ends them.
    pub(crate) fn close(self, writer: &mut Writer<'_>) {
        self.0.into_iter().rev().for_each(|open| writer.close(open));
    }
}

/// Gives a relay agent back what it sent: what it always gets (RFC 9915 §19.3, RFC 8357 §5.2), and what it asks for in an
/// Echo Request option (RFC 4994 §4).
fn echo(relay: Relay<'_>, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
    for code in ECHOED {
        if let Some(value) = relay.option(code) {
            writer.option(code, value)?;
        }
    }
    let Some(wanted) = relay.option(OptionCode::ERO) else { return Ok(()) };
    let (wanted, _) = wanted.as_chunks::<2>();
    let is_wanted = |code: OptionCode| wanted.contains(&code.0.to_be_bytes());
    let is_ours = |code| code == OptionCode::RELAY_MSG || ECHOED.contains(&code);
    for (code, value) in relay.options() {
        if is_wanted(code) && !is_ours(code) {
            writer.option(code, value)?;
        }
    }
    Ok(())
}
