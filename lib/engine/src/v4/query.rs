//! What is known of a message that was let in.

use std::fmt;
use std::mem;
use std::net::{IpAddr, Ipv4Addr};

use compact_str::CompactString;
use kotare_config::v4::Classes;
use kotare_expr::Memberships;
use kotare_model::{Arrival4, ClientId};
use kotare_wire::v4::{Message, MessageType, OptionCode, RelayAgent};

use super::client::{Client, Label};
use super::intake::{Received, client, kind};
use super::trace::Trace;
use super::{Dropped, Edited4, Over6};
use crate::ClientKey;

/// The facts of a message that was let in ([`super::Server::intake`]): who sent what, and how it came.
///
/// It owns them all, so that it can be kept, moved and reported without the message. What else is in the message is
/// asked of its view, which goes beside it.
#[derive(Clone, Debug)]
pub struct Query4 {
    /// What the client wants.
    pub kind: QueryKind,
    /// Who it is.
    pub client: Client,
    /// `xid`.
    pub transaction: u32,
    /// How the message came.
    pub arrival: Arrival4,
    /// How it came over DHCPv6, if it did; it has no IPv4 source or destination then.
    pub over6: Option<Box<Over6>>,
    /// Name of the interface it came in on.
    pub interface: CompactString,
    /// The largest IP packet of that interface.
    pub mtu: u32,
    /// `giaddr`, when it is one.
    pub relay: Option<Ipv4Addr>,
    /// `ciaddr`, when it is set: the address the client has.
    pub ciaddr: Option<Ipv4Addr>,
    /// Option 50: the address the client wants. With 0.0.0.0 it wants none in particular.
    pub requested: Option<Ipv4Addr>,
    /// Whether it names the server it is for (option 54).
    pub names_server: bool,
    /// The classes it belongs to so far.
    pub classes: Memberships,
    /// What a relay said when the client got its lease (`stash-agent-options`), if the message comes without.
    pub(crate) stash: Option<Box<[u8]>>,
    /// The client identifier that the message came with, or that it came with none, if a module replaced it.
    pub sent_id: Option<Option<ClientId>>,
    /// What it calls the server (option 54), if that is the server's name for the clients of some classes only.
    pub(super) server_of_class: Option<Ipv4Addr>,
    /// The value of option 82, when it came in several pieces (over 255 bytes).
    joined_agent: Option<Box<[u8]>>,
    /// Takes down how it is decided what becomes of it.
    pub(crate) trace: Trace,
}

/// The messages a server handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryKind {
    /// DHCPDISCOVER.
    Discover,
    /// DHCPREQUEST.
    Request,
    /// DHCPDECLINE.
    Decline,
    /// DHCPRELEASE.
    Release,
    /// DHCPINFORM.
    Inform,
    /// DHCPLEASEQUERY (RFC 4388), which a module answers.
    LeaseQuery,
}

impl QueryKind {
    /// The message type (option 53).
    pub const fn message_type(self) -> MessageType {
        match self {
            Self::Discover => MessageType::DISCOVER,
            Self::Request => MessageType::REQUEST,
            Self::Decline => MessageType::DECLINE,
            Self::Release => MessageType::RELEASE,
            Self::Inform => MessageType::INFORM,
            Self::LeaseQuery => MessageType::LEASEQUERY,
        }
    }
}

impl Query4 {
    /// The facts of a message of this kind from this client.
    pub(super) fn new(
        message: Message<'_>,
        kind: QueryKind,
        client: Client,
        received: &Received<'_>,
        over6: Option<Box<Over6>>,
    ) -> Self {
        Self {
            kind,
            client,
            transaction: message.xid(),
            arrival: received.arrival,
            over6,
            interface: received.interface.into(),
            mtu: received.mtu,
            relay: relay(message),
            ciaddr: Some(message.ciaddr()).filter(|address| !address.is_unspecified()),
            requested: requested(message),
            names_server: message.has(OptionCode::SERVER_IDENTIFIER),
            classes: std::iter::once(Classes::ALL).collect(),
            stash: None,
            server_of_class: None,
            sent_id: None,
            joined_agent: joined_agent(message),
            trace: Trace::default(),
        }
    }

    /// Takes over what modules changed: `message` is what `edited` came to. Facts that come from options which they
    /// left alone stay as they are.
    ///
    /// # Errors
    /// When it is no message for a server any more.
    pub(super) fn follow(&mut self, edited: &Edited4<'_>, message: Message<'_>) -> Result<(), Dropped> {
        if edited.changes(OptionCode::MESSAGE_TYPE) {
            self.kind = kind(message)?;
        }
        if edited.changes(OptionCode::CLIENT_IDENTIFIER) {
            let sent = mem::replace(&mut self.client, client(message)?);
            self.sent_id.get_or_insert(sent.id);
        }
        if edited.changes(OptionCode::REQUESTED_ADDRESS) {
            self.requested = requested(message);
        }
        if edited.changes(OptionCode::SERVER_IDENTIFIER) {
            self.names_server = message.has(OptionCode::SERVER_IDENTIFIER);
        }
        self.joined_agent = joined_agent(message);
        Ok(())
    }

    /// Who sent it, for [`crate::InFlight`]; `None` when the message changes no lease (DHCPINFORM, DHCPLEASEQUERY), so that
    /// nothing needs to wait.
    pub fn client_key(&self) -> Option<ClientKey<'_>> {
        (!matches!(self.kind, QueryKind::Inform | QueryKind::LeaseQuery)).then(|| self.sender())
    }

    /// Who sent it, whatever it is.
    pub fn sender(&self) -> ClientKey<'_> {
        ClientKey {
            hwaddr: Some(self.client.hwaddr).filter(|hwaddr| !hwaddr.is_empty()),
            client_id: self.client.id.as_ref().map(ClientId::as_bytes),
        }
    }

    /// The value of option 82, if there is one and it is not empty. `message` is the view of the same message.
    pub fn relay_agent<'a>(&'a self, message: Message<'a>) -> Option<RelayAgent<'a>> {
        let bytes = match &self.joined_agent {
            Some(joined) => joined,
            None => message.option(OptionCode::RELAY_AGENT_INFORMATION)?.as_slice()?,
        };
        (!bytes.is_empty()).then(|| RelayAgent::new(bytes))
    }

    /// What the relay says, or said of the lease that is renewed without it.
    pub(super) fn agent_or_stash<'a>(&'a self, message: Message<'a>) -> Option<RelayAgent<'a>> {
        self.stash.as_deref().map(RelayAgent::new).or_else(|| self.relay_agent(message))
    }

    /// The address that a client wants, or has, if it is one: option 50, or else `ciaddr`.
    pub fn wish(&self) -> Option<Ipv4Addr> {
        self.requested.or(self.ciaddr).filter(|address| !address.is_unspecified())
    }

    /// The address that a client in INIT-REBOOT state wants to keep (RFC 2131 §4.3.2).
    pub fn rebooting(&self) -> Option<Ipv4Addr> {
        self.requested.filter(|_| self.kind == QueryKind::Request && !self.names_server)
    }

    /// Whether it is a request of BOOTP: of the class that such requests are put into.
    pub fn is_bootp(&self) -> bool {
        self.classes.contains(Classes::BOOTP)
    }

    /// Whether no client sent it: somebody asks what would become of it. A module that keeps in mind what comes, or does
    /// anything about it, leaves it at what it answers.
    pub fn is_rehearsed(&self) -> bool {
        self.trace.is_wanted()
    }

    /// Who sent it: a client or a relay.
    pub fn remote(&self) -> IpAddr {
        remote(&self.arrival, self.over6.as_deref())
    }

    /// Whether it was sent to the broadcast address.
    pub fn was_broadcast(&self) -> bool {
        self.arrival.destination.is_broadcast()
    }

    /// The message's name in the log.
    pub(crate) fn label(&self) -> Label<'_> {
        Label {
            hwaddr: &self.client.hwaddr,
            id: self.client.id.as_ref(),
            transaction: Some(self.transaction),
        }
    }
}

impl fmt::Display for Query4 {
    /// How log messages name the message: client and transaction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.label().fmt(f)
    }
}

/// Who sent a message that came so.
pub(super) fn remote(arrival: &Arrival4, over6: Option<&Over6>) -> IpAddr {
    over6.map_or(IpAddr::V4(*arrival.source.ip()), |over6| over6.remote.into())
}

/// The relay that sent a message, if one did.
pub(super) fn relay(message: Message<'_>) -> Option<Ipv4Addr> {
    Some(message.giaddr()).filter(|giaddr| !giaddr.is_unspecified() && !giaddr.is_broadcast())
}

/// The address that a client asks for.
fn requested(message: Message<'_>) -> Option<Ipv4Addr> {
    message.option(OptionCode::REQUESTED_ADDRESS)?.ipv4()
}

/// The value of option 82, when it has to be put together.
pub(super) fn joined_agent(message: Message<'_>) -> Option<Box<[u8]>> {
    let value = message.option(OptionCode::RELAY_AGENT_INFORMATION)?;
    value.as_slice().is_none().then(|| value.bytes().collect())
}
