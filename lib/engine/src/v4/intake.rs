//! From a datagram to a message that this server should answer.

use std::net::Ipv4Addr;

use compact_str::CompactString;
use kotare_config::v4::{Classes, Config4, Options4};
use kotare_model::{Arrival4, ClientId, HwAddr};
use kotare_stats::Stat4;
use kotare_wire::v4::{Index, Malformed, Message, MessageType, Op, OptionCode, OptionValue, RelayAgent};

use super::client::{Client, Label};
use super::messages::DHCP4_BUFFER_UNPACK;
use super::query::{Query4, QueryKind, joined_agent, relay, remote};
use super::trace::{Because, Step};
use super::{Dropped, Over6, Server, lease_query};
use crate::hooks::{Point, Verdict};

/// A datagram as the network gave it.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// The UDP payload.
    pub datagram: &'a [u8],
    /// How it came.
    pub arrival: Arrival4,
    /// Name of the interface it came in on.
    pub interface: &'a str,
    /// The largest IP packet of that interface, in bytes; [`u32::MAX`] where it is not known.
    pub mtu: u32,
    /// All addresses this server listens on: requests that name one of them as server identifier are for it.
    pub listening: &'a [Ipv4Addr],
}

/// A datagram that is not answered, and why.
#[derive(Debug)]
pub struct Refused {
    /// How it came.
    pub arrival: Arrival4,
    /// How it came over DHCPv6, if it did.
    pub over6: Option<Box<Over6>>,
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
    /// Option 53.
    pub message_type: Option<MessageType>,
    /// `xid`.
    pub transaction: u32,
    /// `htype` and `chaddr`; without bytes if `chaddr` is no hardware address.
    pub hwaddr: HwAddr,
    /// Option 61, if it is a client identifier.
    pub id: Option<ClientId>,
}

/// Reads and checks a datagram for `server`; where its options stand is left in `index`.
#[expect(
    clippy::result_large_err,
    reason = "what is dropped may come in floods, and costs no allocation either"
)]
pub(super) fn intake(
    server: &Server,
    received: &Received<'_>,
    over6: Option<&Over6>,
    index: &mut Index,
) -> Result<Query4, Refused> {
    let refused = |sender, reason| Refused {
        arrival: received.arrival,
        over6: over6.cloned().map(Box::new),
        interface: received.interface.into(),
        sender,
        reason,
    };
    let Received { arrival, interface, .. } = received;
    DHCP4_BUFFER_UNPACK(remote(arrival, over6), arrival.destination, interface);
    let message = Message::parse(received.datagram, index)
        .map_err(|malformed| refused(None, Dropped::Malformed(malformed)))?;
    // A request without message type is one of BOOTP.
    let is_bootp = server.hooks.takes_bootp
        && message.op() == Op::REQUEST
        && matches!(kind(message), Err(Dropped::NoMessageType));
    let (kind, client, of_class) = check(server, received, over6, message, is_bootp)
        .map_err(|reason| refused(Some(Sender::of(message)), reason))?;
    let mut query = Query4::new(message, kind, client, received, over6.cloned().map(Box::new));
    query.server_of_class = of_class;
    query.trace = server.trace.clone();
    if is_bootp {
        query.classes.insert(Classes::BOOTP);
    }
    if let Err(counts) = ask_modules(server, message, &mut query) {
        let reason = Dropped::ByModule { point: Point::Receive4, counts };
        return Err(refused(Some(Sender::of(message)), reason));
    }
    Ok(query)
}

/// Asks modules whether a message is for this server; if not, what it counts as.
fn ask_modules(server: &Server, message: Message<'_>, query: &mut Query4) -> Result<(), Option<Stat4>> {
    if server.hooks.receive4.is_empty() {
        return Ok(());
    }
    let before = query.trace.is_wanted().then(|| query.classes.clone());
    for module in &server.hooks.receive4 {
        if let Verdict::Drop(counts) = module.receive4(message, query) {
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
    fn of(message: Message<'_>) -> Self {
        let htype = message.htype().0;
        Self {
            message_type: message.message_type(),
            transaction: message.xid(),
            hwaddr: HwAddr::new(htype, message.chaddr()).unwrap_or(HwAddr::empty(htype)),
            id: message.option(OptionCode::CLIENT_IDENTIFIER).and_then(client_id),
        }
    }

    /// The message's name in the log.
    pub(crate) fn label(&self) -> Label<'_> {
        Label { hwaddr: &self.hwaddr, id: self.id.as_ref(), transaction: Some(self.transaction) }
    }
}

/// The checks of a message, in Kea's order: is it of a type servers handle, can it be answered, is it for us, does
/// it say who sends it. With what they find out: what it wants, who sent it, and what it calls the server if that is the
/// name of the server for some classes only.
fn check(
    server: &Server,
    received: &Received<'_>,
    over6: Option<&Over6>,
    message: Message<'_>,
    is_bootp: bool,
) -> Result<(QueryKind, Client, Option<Ipv4Addr>), Dropped> {
    // What came over DHCPv6 may be of anybody.
    if let Some(module) = server.hooks.lease_query.as_ref().filter(|_| over6.is_none())
        && message.message_type() == Some(MessageType::LEASEQUERY)
    {
        return lease_query::receive(&**module, server, received, message);
    }
    let kind = match kind(message) {
        Err(Dropped::NoMessageType) if is_bootp => QueryKind::Request,
        kind => kind?,
    };
    if message.op() != Op::REQUEST {
        return Err(Dropped::Violation("a client's message whose op is not BOOTREQUEST"));
    }
    let relayed = relay(message).is_some();
    let answerable = relayed
        || over6.is_some()
        || !message.ciaddr().is_unspecified()
        || !received.arrival.source.ip().is_unspecified();
    if kind == QueryKind::Inform && !answerable {
        return Err(Dropped::NoReturnAddress);
    }
    let mut of_class = None;
    if let Some(identifier) = message.option(OptionCode::SERVER_IDENTIFIER) {
        let Some(identifier) = identifier.ipv4() else {
            return Err(Dropped::Violation("option 54 (server identifier) is not four bytes"));
        };
        if !is_us(server, received, identifier) && server_id_override(message) != Some(identifier) {
            if server.class_identifiers.binary_search(&identifier).is_err() {
                return Err(Dropped::OtherServer);
            }
            of_class = Some(identifier);
        }
        // RFC 2131 §4.4.1, table 5: MUST NOT be in a DHCPDISCOVER.
        if kind == QueryKind::Discover {
            return Err(Dropped::Violation("option 54 (server identifier) in a DHCPDISCOVER"));
        }
    }
    let client = client(message)?;
    if kind == QueryKind::Decline
        && message.option(OptionCode::REQUESTED_ADDRESS).and_then(|it| it.ipv4()).is_none()
    {
        return Err(Dropped::Violation("no option 50 (requested IP address) in a DHCPDECLINE"));
    }
    Ok((kind, client, of_class))
}

/// What a message wants (option 53).
pub(super) fn kind(message: Message<'_>) -> Result<QueryKind, Dropped> {
    match message.message_type() {
        None if message.has(OptionCode::MESSAGE_TYPE) => Err(Dropped::Malformed(Malformed::NoMessageType)),
        None | Some(MessageType(0)) => Err(Dropped::NoMessageType),
        Some(MessageType::DISCOVER) => Ok(QueryKind::Discover),
        Some(MessageType::REQUEST) => Ok(QueryKind::Request),
        Some(MessageType::DECLINE) => Ok(QueryKind::Decline),
        Some(MessageType::RELEASE) => Ok(QueryKind::Release),
        Some(MessageType::INFORM) => Ok(QueryKind::Inform),
        Some(other) if other > MessageType::TLS => Err(Dropped::UnknownMessageType(other.0)),
        Some(other) => Err(Dropped::UnsupportedMessageType(other.0)),
    }
}

/// Whether a server identifier names this server: an address it listens on, or one configured as option 54.
pub(super) fn is_us(server: &Server, received: &Received<'_>, identifier: Ipv4Addr) -> bool {
    server.config.compatibility.ignore_server_identifier
        || identifier == received.arrival.local
        || received.listening.contains(&identifier)
        || server.identifiers.binary_search(&identifier).is_ok()
}

/// Every server identifier a configuration names, sorted, but for those of classes.
pub(super) fn identifiers(config: &Config4) -> Vec<Ipv4Addr> {
    let networks = config.networks.iter().map(|network| &network.options);
    let subnets = config.subnets.iter().map(|subnet| &subnet.options);
    sorted(networks.chain(subnets).chain([&config.options]))
}

/// Those of classes. A client knows the server by one only if it is of the class.
pub(super) fn class_identifiers(config: &Config4) -> Vec<Ipv4Addr> {
    sorted(config.classes.iter().map(|(_, class)| &class.options))
}

fn sorted<'a>(levels: impl Iterator<Item = &'a Options4>) -> Vec<Ipv4Addr> {
    let mut identifiers: Vec<_> = levels.flat_map(identifiers_of).collect();
    identifiers.sort_unstable();
    identifiers.dedup();
    identifiers
}

/// The server identifiers in the options of one level.
pub(super) fn identifiers_of(options: &Options4) -> impl Iterator<Item = Ipv4Addr> {
    let all = options.all(OptionCode::SERVER_IDENTIFIER.0).iter();
    all.filter_map(|option| <[u8; 4]>::try_from(&*option.data).ok().map(Ipv4Addr::from))
}

/// Who sent a message: RFC 2131 §2 wants a hardware address or a client identifier.
pub(super) fn client(message: Message<'_>) -> Result<Client, Dropped> {
    let hwaddr = HwAddr::new(message.htype().0, message.chaddr())
        .map_err(|_| Dropped::Violation("chaddr is longer than a hardware address can be"))?;
    let id = match message.option(OptionCode::CLIENT_IDENTIFIER) {
        None => None,
        // RFC 2132 §9.14: at least two bytes.
        Some(id) => match client_id(id).filter(|id| id.as_bytes().len() >= 2) {
            None => {
                return Err(Dropped::Unusable("option 61 (client identifier) is not of 2 to 255 bytes"));
            }
            id => id,
        },
    };
    if hwaddr.is_empty() && id.is_none() {
        return Err(Dropped::Violation("neither a hardware address nor a client identifier"));
    }
    Ok(Client { hwaddr, id })
}

/// The client identifier of this value, if it is one. Nearly always it is in one piece; RFC 3396 §5 lets it be in
/// several.
pub(super) fn client_id(value: OptionValue<'_>) -> Option<ClientId> {
    match value.as_slice() {
        Some(bytes) => ClientId::new(bytes).ok(),
        None => value.contiguous(&mut [0; ClientId::MAX]).ok().and_then(|bytes| ClientId::new(bytes).ok()),
    }
}

/// The server identifier that the relay shows to clients (RFC 5107).
fn server_id_override(message: Message<'_>) -> Option<Ipv4Addr> {
    let joined = joined_agent(message);
    let bytes = match &joined {
        Some(joined) => joined,
        None => message.option(OptionCode::RELAY_AGENT_INFORMATION)?.as_slice()?,
    };
    RelayAgent::new(bytes).server_id_override()
}
