//! A message as expressions see it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use kotare_expr::{ClassId, Packet4, V4};
use kotare_wire::v4::{HEADER_LEN, Message, MessageType, OPTIONS_AT, OptionCode, OptionValue, encoded_len};

use super::{Edited4, Query4};

/// A query or a response, with what is known of the query. What it belongs to are the query's classes.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    pub(super) options: PacketOptions<'a>,
    pub(super) query: &'a Query4,
    /// The other end of the network: who sent the message, or who will get it.
    pub(super) source: IpAddr,
    /// This end.
    pub(super) destination: Ipv4Addr,
    /// What the relay said when the client got its lease, if the query comes without.
    pub(super) stash: Option<&'a [u8]>,
    /// Whether it is known what it belongs to, but for what depends on a reservation.
    pub(super) is_classified: bool,
}

/// Whose options they are.
#[derive(Clone, Copy, Debug)]
pub enum PacketOptions<'a> {
    /// A message as it is.
    Plain(Message<'a>),
    /// A message with the edits of modules.
    Edited(&'a Edited4<'a>),
}

impl<'a> Packet<'a> {
    /// The query itself.
    pub fn of_query(options: PacketOptions<'a>, query: &'a Query4) -> Self {
        let (source, destination) = (query.remote(), query.arrival.destination);
        Self { options, query, source, destination, stash: query.stash.as_deref(), is_classified: true }
    }

    /// The response to a query, which goes to `client`.
    pub fn of_response(response: &'a Edited4<'a>, query: &'a Query4, client: Ipv4Addr) -> Self {
        let options = PacketOptions::Edited(response);
        Self {
            options,
            query,
            source: if query.over6.is_some() { query.remote() } else { client.into() },
            destination: query.arrival.local,
            stash: None,
            is_classified: true,
        }
    }

    fn message(&self) -> Message<'a> {
        match self.options {
            PacketOptions::Plain(message) => message,
            PacketOptions::Edited(edited) => edited.message(),
        }
    }

    fn value(&self, code: OptionCode) -> Option<OptionValue<'a>> {
        if code == OptionCode::RELAY_AGENT_INFORMATION
            && let Some(stash) = self.stash
        {
            return Some(OptionValue::new(stash));
        }
        let value = match self.options {
            PacketOptions::Plain(message) => message.option(code),
            PacketOptions::Edited(edited) => edited.option(code),
        };
        // A request of BOOTP counts as a DHCPREQUEST.
        let counts = || self.query.is_bootp() && code == OptionCode::MESSAGE_TYPE;
        value.or_else(|| counts().then_some(OptionValue::new(&[MessageType::REQUEST.0])))
    }
}

impl kotare_expr::Packet for Packet<'_> {
    type Protocol = V4;

    fn label(&self) -> &dyn fmt::Display {
        self.query
    }

    fn is_member(&self, class: ClassId) -> bool {
        self.query.classes.contains(class)
    }

    fn interface(&self) -> &str {
        &self.query.interface
    }

    fn length(&self) -> u32 {
        // As Kea counts: without the magic cookie, the end of the options and what stands behind it.
        let length = match self.options {
            PacketOptions::Plain(message) => {
                HEADER_LEN + message.options().map(|(_, value)| encoded_len(value.len())).sum::<usize>()
            }
            PacketOptions::Edited(edited) => edited.len() - (OPTIONS_AT - HEADER_LEN) - 1,
        };
        length as u32
    }
}

impl Packet4 for Packet<'_> {
    fn option(&self, code: u8) -> Option<OptionValue<'_>> {
        self.value(OptionCode(code))
    }

    fn is_classified(&self) -> bool {
        self.is_classified
    }

    fn source(&self) -> IpAddr {
        self.source
    }

    fn destination(&self) -> Ipv4Addr {
        self.destination
    }

    fn hardware_address(&self) -> &[u8] {
        self.message().chaddr()
    }

    fn hardware_length(&self) -> u8 {
        self.message().hlen()
    }

    fn hardware_type(&self) -> u8 {
        self.message().htype().0 as u8
    }

    fn ciaddr(&self) -> Ipv4Addr {
        self.message().ciaddr()
    }

    fn yiaddr(&self) -> Ipv4Addr {
        self.message().yiaddr()
    }

    fn siaddr(&self) -> Ipv4Addr {
        self.message().siaddr()
    }

    fn giaddr(&self) -> Ipv4Addr {
        self.message().giaddr()
    }

    fn message_type(&self) -> u8 {
        self.value(OptionCode::MESSAGE_TYPE).and_then(|value| value.bytes().next()).unwrap_or(0)
    }

    fn transaction_id(&self) -> u32 {
        self.message().xid()
    }
}
