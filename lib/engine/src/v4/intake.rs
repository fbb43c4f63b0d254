//! From a datagram to a message that this server should answer.

use std::borrow::Cow;
use std::fmt;
use std::net::Ipv4Addr;

use kotare_config::v4::Config4;
use kotare_model::{Arrival4, ClientId, HwAddr};
use kotare_wire::v4::{Message, MessageType, Op, OptionCode, RelayAgent};

use super::client::{Client, Label};
use super::{Dropped, Server};
use crate::ClientKey;

/// A datagram as the network gave it.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// The UDP payload.
    pub datagram: &'a [u8],
    /// How it came.
    pub arrival: Arrival4,
    /// Name of the interface it came in on.
    pub interface: &'a str,
    /// All addresses this server listens on: requests that name one of them as server identifier are for it.
    pub listening: &'a [Ipv4Addr],
}

/// A message that passed the checks of [`Server::intake`].
#[derive(Clone, Debug)]
pub struct Intake<'a> {
    pub(crate) received: Received<'a>,
    pub(crate) message: Message<'a>,
    pub(crate) kind: Kind,
    pub(crate) client: Client,
    /// The value of option 82, if there is one and it is not empty.
    pub(crate) relay_agent: Option<Cow<'a, [u8]>>,
}

/// A datagram that is not answered, and why.
#[derive(Debug)]
pub struct Refused<'a> {
    /// The datagram.
    pub received: Received<'a>,
    /// The reason.
    pub reason: Dropped,
}

/// The messages a server handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Discover,
    Request,
    Decline,
    Release,
    Inform,
}

impl<'a> Intake<'a> {
    /// Reads and checks a datagram for `server`.
    pub(super) fn new(server: &Server, received: Received<'a>) -> Result<Self, Refused<'a>> {
        let refused = |reason| Refused { received, reason };
        let message = Message::parse(received.datagram).map_err(|why| refused(Dropped::Malformed(why)))?;
        let (kind, client) = check(server, &received, &message).map_err(refused)?;
        let relay_agent = relay_agent(&message);
        Ok(Self { received, message, kind, client, relay_agent })
    }

    /// Who sent it, for [`crate::InFlight`]; `None` when the message changes no lease (DHCPINFORM), so that nothing
    /// needs to wait.
    pub fn client_key(&self) -> Option<ClientKey<'_>> {
        (self.kind != Kind::Inform).then(|| ClientKey {
            hwaddr: Some(self.client.hwaddr).filter(|hwaddr| !hwaddr.is_empty()),
            client_id: self.client.id.as_ref().map(ClientId::as_bytes),
        })
    }

    /// The datagram it was read from.
    pub fn received(&self) -> &Received<'a> {
        &self.received
    }

    /// The relay that sent it, if one did.
    pub(crate) fn relay(&self) -> Option<Ipv4Addr> {
        let giaddr = self.message.giaddr();
        (!giaddr.is_unspecified() && !giaddr.is_broadcast()).then_some(giaddr)
    }

    /// What the relay says of the client.
    pub(crate) fn relay_agent(&self) -> Option<RelayAgent<'_>> {
        self.relay_agent.as_deref().map(RelayAgent::new)
    }

    /// `ciaddr`, if it is set.
    pub(crate) fn ciaddr(&self) -> Option<Ipv4Addr> {
        Some(self.message.ciaddr()).filter(|address| !address.is_unspecified())
    }

    /// Option 50, if it is an address.
    pub(crate) fn requested_address(&self) -> Option<Ipv4Addr> {
        self.message.option(OptionCode::REQUESTED_ADDRESS)?.ipv4().filter(|address| !address.is_unspecified())
    }

    /// Whether the client asks for an option (55).
    pub(crate) fn requests(&self, code: OptionCode) -> bool {
        self.message
            .option(OptionCode::PARAMETER_REQUEST_LIST)
            .is_some_and(|list| list.bytes().any(|requested| requested == code.0))
    }

    /// Whether it was sent to the broadcast address.
    pub(crate) fn was_broadcast(&self) -> bool {
        self.received.arrival.destination.is_broadcast()
    }

    /// The message's name in the log.
    pub(crate) fn label(&self) -> Label<'_> {
        Label {
            hwaddr: &self.client.hwaddr,
            id: self.client.id.as_ref(),
            transaction: Some(self.message.xid()),
        }
    }
}

impl fmt::Display for Intake<'_> {
    /// How log messages name the message: client and transaction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.label().fmt(f)
    }
}

/// The checks of a message, in Kea's order: is it of a type servers handle, can it be answered, is it for us, does
/// it say who sends it.
fn check(server: &Server, received: &Received<'_>, message: &Message<'_>) -> Result<(Kind, Client), Dropped> {
    let kind = match message.message_type() {
        None | Some(MessageType(0)) => return Err(Dropped::NoMessageType),
        Some(MessageType::DISCOVER) => Kind::Discover,
        Some(MessageType::REQUEST) => Kind::Request,
        Some(MessageType::DECLINE) => Kind::Decline,
        Some(MessageType::RELEASE) => Kind::Release,
        Some(MessageType::INFORM) => Kind::Inform,
        Some(other) if other > MessageType::TLS => return Err(Dropped::UnknownMessageType(other.0)),
        Some(other) => return Err(Dropped::UnsupportedMessageType(other.0)),
    };
    if message.op() != Op::REQUEST {
        return Err(Dropped::Violation("a client's message whose op is not BOOTREQUEST"));
    }
    let relayed = !message.giaddr().is_unspecified() && !message.giaddr().is_broadcast();
    let answerable =
        relayed || !message.ciaddr().is_unspecified() || !received.arrival.source.ip().is_unspecified();
    if kind == Kind::Inform && !answerable {
        return Err(Dropped::NoReturnAddress);
    }
    if let Some(identifier) = message.option(OptionCode::SERVER_IDENTIFIER) {
        let Some(identifier) = identifier.ipv4() else {
            return Err(Dropped::Violation("option 54 (server identifier) is not four bytes"));
        };
        let overridden = || {
            relay_agent(message)
                .is_some_and(|agent| RelayAgent::new(&agent).server_id_override() == Some(identifier))
        };
        if !is_us(server, received, identifier) && !overridden() {
            return Err(Dropped::OtherServer);
        }
        // RFC 2131 §4.4.1, table 5: MUST NOT be in a DHCPDISCOVER.
        if kind == Kind::Discover {
            return Err(Dropped::Violation("option 54 (server identifier) in a DHCPDISCOVER"));
        }
    }
    let client = client(message)?;
    if kind == Kind::Decline
        && message.option(OptionCode::REQUESTED_ADDRESS).and_then(|it| it.ipv4()).is_none()
    {
        return Err(Dropped::Violation("no option 50 (requested IP address) in a DHCPDECLINE"));
    }
    Ok((kind, client))
}

/// Whether a server identifier names this server: an address it listens on, or one configured as option 54.
fn is_us(server: &Server, received: &Received<'_>, identifier: Ipv4Addr) -> bool {
    server.config.compatibility.ignore_server_identifier
        || identifier == received.arrival.local
        || received.listening.contains(&identifier)
        || server.identifiers.binary_search(&identifier).is_ok()
}

/// Every server identifier a configuration names, sorted.
pub(super) fn identifiers(config: &Config4) -> Vec<Ipv4Addr> {
    let levels = config.subnets.iter().map(|subnet| &subnet.options).chain([&config.options]);
    let mut identifiers: Vec<_> = levels
        .filter_map(|options| options.find(OptionCode::SERVER_IDENTIFIER.0))
        .filter_map(|option| <[u8; 4]>::try_from(&*option.data).ok().map(Ipv4Addr::from))
        .collect();
    identifiers.sort_unstable();
    identifiers.dedup();
    identifiers
}

/// Who sent a message: RFC 2131 §2 wants a hardware address or a client identifier.
fn client(message: &Message<'_>) -> Result<Client, Dropped> {
    let hwaddr = HwAddr::new(message.htype().0, message.chaddr())
        .map_err(|_| Dropped::Violation("chaddr is longer than a hardware address can be"))?;
    let id = match message.option(OptionCode::CLIENT_IDENTIFIER) {
        None => None,
        Some(id) => {
            // Nearly always in one piece; RFC 3396 §5 lets it be in several. RFC 2132 §9.14: at least two bytes.
            let mut scratch;
            let id = match id.as_slice() {
                Some(id) => Some(id),
                None => {
                    scratch = [0; ClientId::MAX];
                    id.contiguous(&mut scratch).ok()
                }
            };
            let id = id.filter(|id| id.len() >= 2).and_then(|id| ClientId::new(id).ok());
            Some(id.ok_or(Dropped::Violation("option 61 (client identifier) is not of 2 to 255 bytes"))?)
        }
    };
    if hwaddr.is_empty() && id.is_none() {
        return Err(Dropped::Violation("neither a hardware address nor a client identifier"));
    }
    Ok(Client { hwaddr, id })
}

/// The value of option 82 in one piece, if it is not empty. Copied only when it was split (over 255 bytes).
fn relay_agent<'a>(message: &Message<'a>) -> Option<Cow<'a, [u8]>> {
    let value = message.option(OptionCode::RELAY_AGENT_INFORMATION).filter(|value| !value.is_empty())?;
    Some(match value.as_slice() {
        Some(bytes) => Cow::Borrowed(bytes),
        None => Cow::Owned(value.bytes().collect()),
    })
}
