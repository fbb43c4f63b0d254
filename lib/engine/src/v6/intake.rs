//! From a datagram to a message that this server should answer.

use std::fmt;

use compact_str::CompactString;
use kotare_config::v6::Classes;
use kotare_model::{Arrival6, Duid};
use kotare_stats::Stat6;
use kotare_wire::v6::{Index, Message, MessageType, OptionCode};

use super::client::{Client, Label};
use super::hwaddr;
use super::messages::DHCP6_BUFFER_UNPACK;
use super::query::{Query6, QueryKind, SentIaids, client_address, link_address};
use super::trace::{Because, Step};
use super::{Dropped, Server, Violation, lease_query};
use crate::hooks::Verdict;
use crate::hooks::v6::Point6;

/// A datagram as the network gave it.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// The UDP payload.
    pub datagram: &'a [u8],
    /// How it came.
    pub arrival: Arrival6,
    /// Name of the interface it came in on.
    pub interface: &'a str,
}

/// A datagram that is not answered, and why.
#[derive(Debug)]
pub struct Refused {
    /// How it came.
    pub arrival: Arrival6,
    /// Name of the interface it came in on.
    pub interface: CompactString,
    /// Who sent what, if it is a message.
    pub sender: Option<Sender>,
    /// The reason.
    pub reason: Dropped,
}

/// Who sent a message that is not answered, as far as it says so: that it does not may be why.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The type of the message, within those of relay agents.
    pub message_type: MessageType,
    /// The transaction, 24 bits.
    pub transaction: u32,
    /// Option 1, if it is a DUID.
    pub duid: Option<Duid>,
}

/// Reads and checks a datagram for `server`; where its parts stand is left in `index`.
#[expect(
    clippy::result_large_err,
    reason = "what is dropped may come in floods, and costs no allocation either"
)]
pub(super) fn intake(server: &Server, received: &Received<'_>, index: &mut Index) -> Result<Query6, Refused> {
    let refused = |sender, reason| Refused {
        arrival: received.arrival,
        interface: received.interface.into(),
        sender,
        reason,
    };
    let Received { arrival, interface, datagram } = *received;
    let source = *arrival.source.ip();
    DHCP6_BUFFER_UNPACK(source, arrival.destination, interface);
    let message =
        Message::parse(datagram, index).map_err(|malformed| refused(None, Dropped::Malformed(malformed)))?;
    let (kind, duid) =
        check(server, received, message).map_err(|reason| refused(Some(Sender::of(message)), reason))?;
    let mut query = Query6 {
        kind,
        client: Client { duid, hwaddr: hwaddr::find(&server.config.mac_sources, message, source) },
        transaction: message.transaction_id(),
        arrival,
        interface: interface.into(),
        relays: message.relays().len(),
        client_address: client_address(message, source),
        link: link_address(message),
        rapid_commit: message.has(OptionCode::RAPID_COMMIT),
        classes: std::iter::once(Classes::ALL).collect(),
        sent_duid: None,
        sent_iaids: SentIaids::default(),
        trace: server.trace.clone(),
    };
    if let Err(counts) = ask_modules(server, message, &mut query) {
        let reason = Dropped::ByModule { point: Point6::Receive6, counts };
        return Err(refused(Some(Sender::of(message)), reason));
    }
    Ok(query)
}

/// Asks modules whether a message is for this server; if not, what it counts as.
fn ask_modules(server: &Server, message: Message<'_>, query: &mut Query6) -> Result<(), Option<Stat6>> {
    if server.hooks.receive6.is_empty() {
        return Ok(());
    }
    let before = query.trace.is_wanted().then(|| query.classes.clone());
    for module in &server.hooks.receive6 {
        if let Verdict::Drop(counts) = module.receive6(message, query) {
            return Err(counts);
        }
    }
    if let Some(before) = before {
        let joined = query.classes.in_order().filter(|class| !before.contains(*class));
        joined.for_each(|class| query.trace.note(|| Step::Joined(class, Because::Module)));
    }
    Ok(())
}

impl Sender {
    /// Who sent a message, whatever it is.
    pub fn of(message: Message<'_>) -> Self {
        Self {
            message_type: message.message_type(),
            transaction: message.transaction_id(),
            duid: message.option(OptionCode::CLIENTID).and_then(duid),
        }
    }
}

impl fmt::Display for Sender {
    /// The message's name in the log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Label { duid: self.duid.as_ref(), transaction: Some(self.transaction) }.fmt(f)
    }
}

/// The checks of a message, in Kea's order: is it for us, was it sent to all servers, is it of a type that servers handle,
/// does it say who sends it and whom it is for as RFC 9915 §16 wants. With what they find out: what it wants and who sent
/// it.
fn check(
    server: &Server,
    received: &Received<'_>,
    message: Message<'_>,
) -> Result<(QueryKind, Option<Duid>), Dropped> {
    // §16.13: what a server answers relay agents is for these, and for none other.
    if message.relays().any(|relay| relay.message_type() == MessageType::RELAY_REPL) {
        return Err(Dropped::Violation(Violation::ToRelay));
    }
    if let Some(module) = &server.hooks.lease_query
        && message.message_type() == MessageType::LEASEQUERY
    {
        return lease_query::receive(&**module, server, received, message);
    }
    if let Some(named) = message.option(OptionCode::SERVERID).filter(|named| *named != server.duid.as_bytes())
    {
        return Err(Dropped::OtherServer(duid(named)));
    }
    let message_type = message.message_type();
    // §16: nothing is sent to one server alone any more, but by relay agents; and what RFC 7341 §8 lets clients send to the
    // servers that option 88 names.
    let may_be_unicast = message_type == MessageType::DHCPV4_QUERY || message.relay(0).is_some();
    if !may_be_unicast && !received.arrival.destination.is_multicast() {
        return Err(Dropped::Unicast);
    }
    let kind = QueryKind::of(message_type).ok_or(Dropped::UnknownMessageType(message_type))?;
    let client = identify(message, kind).map_err(Dropped::Violation)?;
    Ok((kind, client))
}

/// Who sent a message of this kind, if it names client and server as it has to.
pub(super) fn identify(message: Message<'_>, kind: QueryKind) -> Result<Option<Duid>, Violation> {
    let (clients, servers) = (Who::of(message, OptionCode::CLIENTID), Who::of(message, OptionCode::SERVERID));
    match (kind, clients.count, servers.count) {
        (QueryKind::InformationRequest | QueryKind::Dhcpv4Query, 0 | 1, 0 | 1) => {}
        (QueryKind::InformationRequest | QueryKind::Dhcpv4Query, 0 | 1, count) => {
            return Err(Violation::ServerIds(count));
        }
        // What it needs was looked at when it came.
        (QueryKind::LeaseQuery, ..) => {}
        (_, count, _) if count != 1 => return Err(Violation::ClientIds(count)),
        (
            QueryKind::Solicit | QueryKind::Confirm | QueryKind::Rebind | QueryKind::AddrRegInform,
            _,
            servers,
        ) => {
            if servers > 0 {
                return Err(Violation::NamesServer);
            }
        }
        (_, _, 1) => {}
        (_, _, count) => return Err(Violation::ServerIds(count)),
    }
    servers.duid("server identifier")?;
    clients.duid("client identifier")
}

/// The identifiers of one kind in a message.
struct Who<'a> {
    count: usize,
    first: Option<&'a [u8]>,
}

impl<'a> Who<'a> {
    fn of(message: Message<'a>, code: OptionCode) -> Self {
        let mut all = message.all(code);
        let first = all.next();
        Self { count: usize::from(first.is_some()) + all.count(), first }
    }

    /// The one there is.
    fn duid(&self, name: &'static str) -> Result<Option<Duid>, Violation> {
        let Some(bytes) = self.first else { return Ok(None) };
        let duid = duid(bytes).ok_or(Violation::NoDuid(name, bytes.len()))?;
        if duid.is_empty() { Err(Violation::Nobody(name)) } else { Ok(Some(duid)) }
    }
}

/// The DUID of these bytes, if they are one.
pub(super) fn duid(bytes: &[u8]) -> Option<Duid> {
    Duid::new(bytes).ok().filter(|_| bytes.len() >= Duid::MIN)
}
