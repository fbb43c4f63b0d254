//! A message as expressions see it.

use std::fmt;
use std::net::Ipv6Addr;

use kotare_expr::{ClassId, Packet6, V6};
use kotare_wire::v6::{Message, OptionCode, Relay};

use super::{Edited6, Query6};

/// A query or a response, with what is known of the query. What it belongs to are the query's classes, and where either
/// comes from and goes to is what the query says, as in Kea.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    message: Message<'a>,
    /// What modules made of it, if they see it.
    edited: Option<&'a Edited6<'a>>,
    query: &'a Query6,
}

impl<'a> Packet<'a> {
    /// The query itself.
    pub fn of_query(message: Message<'a>, query: &'a Query6) -> Self {
        Self { message, edited: None, query }
    }

    /// A message with the edits of modules: the query, or the response to it.
    pub fn of_edited(edited: &'a Edited6<'a>, query: &'a Query6) -> Self {
        Self { message: edited.message(), edited: Some(edited), query }
    }
}

impl kotare_expr::Packet for Packet<'_> {
    type Protocol = V6;

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
        // A datagram has at most 65535 bytes.
        self.edited.map_or(self.message.as_bytes().len(), Edited6::len) as u32
    }
}

impl Packet6 for Packet<'_> {
    fn options(&self, code: OptionCode) -> impl Iterator<Item = &[u8]> {
        let (value, hidden) = self.edited.map_or((None, 0), |edited| edited.replaced(code));
        value.into_iter().chain(self.message.all(code).skip(hidden))
    }

    fn source(&self) -> Ipv6Addr {
        *self.query.arrival.source.ip()
    }

    fn destination(&self) -> Ipv6Addr {
        self.query.arrival.destination
    }

    fn message_type(&self) -> u8 {
        self.message.message_type().0
    }

    fn transaction_id(&self) -> u32 {
        self.message.transaction_id()
    }

    fn relays(&self) -> usize {
        self.message.relays().len()
    }

    fn relay(&self, number: usize) -> Option<Relay<'_>> {
        self.message.relay(number)
    }
}
