//! What is known of a message that was let in.

use std::fmt;
use std::net::Ipv6Addr;

use compact_str::CompactString;
use kotare_expr::Memberships;
use kotare_model::{Arrival6, Duid};
use kotare_wire::v6::{Message, MessageType};

use super::client::{Client, Label};
use super::trace::Trace;
use crate::ClientKey;

/// The facts of a message that was let in: who sent what, and how it came.
///
/// It owns them all, so that it can be kept, moved and reported without the message. What else is in the message, and what
/// each relay agent said, is asked of its view, which goes beside it.
#[derive(Clone, Debug)]
pub struct Query6 {
    /// What the client wants.
    pub kind: QueryKind,
    /// Who it is.
    pub client: Client,
    /// The transaction, 24 bits.
    pub transaction: u32,
    /// How the message came.
    pub arrival: Arrival6,
    /// Name of the interface it came in on.
    pub interface: CompactString,
    /// How many relay agents it passed.
    pub relays: usize,
    /// The address of the client on its link: whom the relay agent nearest to it had the message from, or else the source of
    /// the message.
    pub client_address: Ipv6Addr,
    /// The address of the client's link, by the relay agent nearest to it that names one.
    pub link: Option<Ipv6Addr>,
    /// Whether two messages are enough for the client (option 14).
    pub rapid_commit: bool,
    /// The classes it belongs to so far.
    pub classes: Memberships,
    /// The DUID that the message came with, or that it came with none, if a module replaced it.
    pub sent_duid: Option<Option<Duid>>,
    /// The IAIDs that the message came with, if a module replaced them.
    pub sent_iaids: SentIaids,
    /// Takes down how it is decided what becomes of it.
    pub(crate) trace: Trace,
}

/// The IAIDs that a message came with, where a module put others in their place; modules put them back into the reply.
#[derive(Clone, Copy, Debug, Default)]
pub struct SentIaids {
    /// That of its only IA_NA.
    pub na: Option<u32>,
    /// That of its only IA_PD.
    pub pd: Option<u32>,
}

/// The messages a server handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryKind {
    /// SOLICIT (RFC 9915 §18.3.1).
    Solicit,
    /// REQUEST (RFC 9915 §18.3.2).
    Request,
    /// CONFIRM (RFC 9915 §18.3.3).
    Confirm,
    /// RENEW (RFC 9915 §18.3.4).
    Renew,
    /// REBIND (RFC 9915 §18.3.5).
    Rebind,
    /// INFORMATION-REQUEST (RFC 9915 §18.3.6).
    InformationRequest,
    /// RELEASE (RFC 9915 §18.3.7).
    Release,
    /// DECLINE (RFC 9915 §18.3.8).
    Decline,
    /// ADDR-REG-INFORM (RFC 9686 §4.2).
    AddrRegInform,
    /// DHCPV4-QUERY (RFC 7341 §6.1).
    Dhcpv4Query,
    /// LEASEQUERY (RFC 5007), which a module answers.
    LeaseQuery,
}

impl QueryKind {
    /// The message type.
    pub const fn message_type(self) -> MessageType {
        match self {
            Self::Solicit => MessageType::SOLICIT,
            Self::Request => MessageType::REQUEST,
            Self::Confirm => MessageType::CONFIRM,
            Self::Renew => MessageType::RENEW,
            Self::Rebind => MessageType::REBIND,
            Self::InformationRequest => MessageType::INFORMATION_REQUEST,
            Self::Release => MessageType::RELEASE,
            Self::Decline => MessageType::DECLINE,
            Self::AddrRegInform => MessageType::ADDR_REG_INFORM,
            Self::Dhcpv4Query => MessageType::DHCPV4_QUERY,
            Self::LeaseQuery => MessageType::LEASEQUERY,
        }
    }

    /// What servers handle of this type, if they do. LEASEQUERY is for a module, if there is one.
    pub const fn of(message_type: MessageType) -> Option<Self> {
        Some(match message_type {
            MessageType::SOLICIT => Self::Solicit,
            MessageType::REQUEST => Self::Request,
            MessageType::CONFIRM => Self::Confirm,
            MessageType::RENEW => Self::Renew,
            MessageType::REBIND => Self::Rebind,
            MessageType::INFORMATION_REQUEST => Self::InformationRequest,
            MessageType::RELEASE => Self::Release,
            MessageType::DECLINE => Self::Decline,
            MessageType::ADDR_REG_INFORM => Self::AddrRegInform,
            MessageType::DHCPV4_QUERY => Self::Dhcpv4Query,
            _ => return None,
        })
    }

    /// Whether it may change leases: CONFIRM, INFORMATION-REQUEST and LEASEQUERY do not, nor does DHCPV4-QUERY here.
    pub const fn changes_leases(self) -> bool {
        !matches!(self, Self::Confirm | Self::InformationRequest | Self::Dhcpv4Query | Self::LeaseQuery)
    }
}

impl Query6 {
    /// Who the client says it is (option 1).
    pub fn duid(&self) -> Option<&Duid> {
        self.client.duid.as_ref()
    }

    /// Who sent it, for [`crate::InFlight`]; `None` when the message changes no lease, so that nothing needs to wait.
    pub fn client_key(&self) -> Option<ClientKey<'_>> {
        self.kind.changes_leases().then(|| self.sender())
    }

    /// Who sent it, whatever it is. The hardware address does not tell: of one device there may be several clients, and what
    /// a relay agent says may be of itself.
    pub fn sender(&self) -> ClientKey<'_> {
        ClientKey { hwaddr: None, client_id: self.duid().map(Duid::as_bytes) }
    }

    /// Whether a relay agent passed it on.
    pub fn is_relayed(&self) -> bool {
        self.relays > 0
    }

    /// Whether no client sent it: somebody asks what would become of it. A module that keeps in mind what comes, or does
    /// anything about it, leaves it at what it answers.
    pub fn is_rehearsed(&self) -> bool {
        self.trace.is_wanted()
    }

    /// The client's name in the log, without the transaction.
    pub(crate) fn client_label(&self) -> Label<'_> {
        Label { duid: self.duid(), transaction: None }
    }

    /// The message's name in the log.
    pub(crate) fn label(&self) -> Label<'_> {
        Label { duid: self.duid(), transaction: Some(self.transaction) }
    }
}

impl fmt::Display for Query6 {
    /// How log messages name the message: client and transaction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.label().fmt(f)
    }
}

/// The address of who sent a message that came from `source`, on the link that the client is on.
pub(super) fn client_address(message: Message<'_>, source: Ipv6Addr) -> Ipv6Addr {
    message.relays().next_back().map_or(source, |relay| relay.peer_address())
}

/// The address of the client's link. One of a link-local prefix says nothing: every link has that.
pub(super) fn link_address(message: Message<'_>) -> Option<Ipv6Addr> {
    let mut links = message.relays().rev().map(|relay| relay.link_address());
    links.find(|link| !link.is_unspecified() && !link.is_unicast_link_local())
}
