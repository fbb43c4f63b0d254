//! A message as expressions see it.

use std::fmt;
use std::net::Ipv4Addr;

use kotare_engine::v4::{Edited4, Query4};
use kotare_expr::{ClassId, ClassSet, Packet4};
use kotare_wire::v4::{Message, OptionCode, OptionValue};

/// A query or a response, with what is known of the query.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet<'a> {
    pub(crate) options: Options<'a>,
    /// The query's facts.
    pub(crate) query: &'a Query4,
    /// The other end of the network: who sent the message, or who will get it.
    pub(crate) source: Ipv4Addr,
    /// This end.
    pub(crate) destination: Ipv4Addr,
    /// The classes of the query.
    pub(crate) classes: &'a ClassSet,
    /// Whether these are all that do not depend on a reservation.
    pub(crate) is_classified: bool,
}

/// Whose options they are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Options<'a> {
    /// A message as it is.
    Plain(Message<'a>),
    /// A message with the edits of modules.
    Edited(&'a Edited4<'a>),
}

impl<'a> Packet<'a> {
    /// The query itself.
    pub(crate) fn of_query(options: Options<'a>, query: &'a Query4, classes: &'a ClassSet) -> Self {
        let (source, destination) = (*query.arrival.source.ip(), query.arrival.destination);
        Self { options, query, source, destination, classes, is_classified: true }
    }

    fn message(&self) -> Message<'a> {
        match self.options {
            Options::Plain(message) => message,
            Options::Edited(edited) => edited.message(),
        }
    }

    fn value(&self, code: OptionCode) -> Option<OptionValue<'a>> {
        match self.options {
            Options::Plain(message) => message.option(code),
            Options::Edited(edited) => edited.option(code),
        }
    }
}

impl Packet4 for Packet<'_> {
    fn label(&self) -> &dyn fmt::Display {
        self.query
    }

    fn option(&self, code: u8) -> Option<OptionValue<'_>> {
        self.value(OptionCode(code))
    }

    fn is_classified(&self) -> bool {
        self.is_classified
    }

    fn is_member(&self, class: ClassId) -> bool {
        self.classes.contains(class)
    }

    fn interface(&self) -> &str {
        &self.query.interface
    }

    fn source(&self) -> Ipv4Addr {
        self.source
    }

    fn destination(&self) -> Ipv4Addr {
        self.destination
    }

    fn length(&self) -> u32 {
        let length = match self.options {
            Options::Plain(message) => message.as_bytes().len(),
            Options::Edited(edited) => edited.len(),
        };
        length as u32
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
