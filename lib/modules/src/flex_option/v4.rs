//! Messages of DHCPv4.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_engine::hooks::Verdict;
use kotare_engine::hooks::v4::{Asked4, Pkt4Receive, Pkt4Send, Sending4};
use kotare_engine::v4::{Edited4, Packet, PacketOptions, Query4};
use kotare_expr::{ClassId, EvaluationError, Test, Value};
use kotare_model::Lease4;
use kotare_options::Definitions;
use kotare_wire::NoRoom;
use kotare_wire::v4::{Message, OptionCode};

use super::apply::{Subject, said_of};
use super::container::Bytes;
use super::rules::Side;
use super::{FlexOption, Flexible};
use crate::Module4;

pub(super) const MODULE: Module4 = Module4 {
    judge: |entry, diagnostics| _ = FlexOption::read(entry, diagnostics),
    build: |entry, _, modules, diagnostics| {
        let module = FlexOption::read(entry, diagnostics);
        let (for_queries, for_responses) =
            (module.rules.are_for(Side::Query), module.rules.are_for(Side::Response));
        let module = Arc::new(module);
        if for_queries {
            modules.hooks.pkt4_receive.push(module.clone());
        }
        if for_responses {
            modules.hooks.pkt4_send.push(module);
        }
    },
    ..Module4::NOTHING
};

impl Flexible for Lease4 {
    const OF_VENDORS: u16 = OptionCode::VIVSO.0 as u16;

    fn reserved(_: &str, code: u16) -> Option<&'static str> {
        match code {
            0 => Some("reserved for PAD"),
            255 => Some("reserved for END"),
            _ => None,
        }
    }
}

/// A message that is changed.
struct Subject4<'s, 'e> {
    edited: &'s mut Edited4<'e>,
    side: Side,
    /// The query.
    message: Message<'s>,
    /// Its facts.
    query: &'s Query4,
    /// Where the response goes.
    client: Ipv4Addr,
    definitions: &'s Definitions,
}

impl Subject4<'_, '_> {
    /// The message that expressions speak of.
    fn packet(&self, of: Side) -> Packet<'_> {
        match (of, self.side) {
            (Side::Query, Side::Query) => Packet::of_query(PacketOptions::Edited(self.edited), self.query),
            (Side::Query, Side::Response) => Packet::of_query(PacketOptions::Plain(self.message), self.query),
            (Side::Response, _) => Packet::of_response(self.edited, self.query, self.client),
        }
    }
}

impl Subject for Subject4<'_, '_> {
    fn side(&self) -> Side {
        self.side
    }

    fn definitions(&self) -> &Definitions {
        self.definitions
    }

    fn is_of(&self, class: ClassId) -> bool {
        self.query.classes.contains(class)
    }

    fn text(&self, value: &Value, of: Side) -> Result<Option<Bytes>, EvaluationError> {
        said_of(&self.packet(of), value)
    }

    fn holds(&self, test: &Test, of: Side) -> Result<bool, EvaluationError> {
        test.matches(&self.packet(of))
    }

    fn value(&self, code: u16) -> Option<Bytes> {
        self.edited.option(option(code)).map(|value| value.bytes().collect())
    }

    fn has(&self, code: u16) -> bool {
        self.edited.has(option(code))
    }

    fn set(&mut self, code: u16, value: &[u8]) -> Result<(), NoRoom> {
        self.edited.set(option(code), value)
    }

    fn remove(&mut self, code: u16) {
        self.edited.remove(option(code));
    }

    /// Several options of a code are one (RFC 3396).
    fn set_first(&mut self, code: u16, value: &[u8]) -> Result<(), NoRoom> {
        self.set(code, value)
    }

    fn remove_first(&mut self, code: u16) {
        self.remove(code);
    }
}

/// The code of an option that a rule is about: one of DHCPv4.
fn option(code: u16) -> OptionCode {
    OptionCode(code as u8)
}

impl Pkt4Receive for FlexOption {
    fn pkt4_receive(&self, query: &mut Query4, edited: &mut Edited4<'_>) -> Verdict {
        let (message, definitions) = (edited.message(), &self.definitions);
        // Of no use: nothing here is about a response.
        let client = Ipv4Addr::UNSPECIFIED;
        self.apply(&mut Subject4 { edited, side: Side::Query, message, query, client, definitions }, query);
        Verdict::Continue
    }
}

impl Pkt4Send for FlexOption {
    fn pkt4_send(&self, asked: Asked4<'_>, sending: Sending4, edited: &mut Edited4<'_>) {
        let (Asked4 { message, query, .. }, definitions) = (asked, &self.definitions);
        let client = *sending.departure.destination.ip();
        let side = Side::Response;
        self.apply(&mut Subject4 { edited, side, message, query, client, definitions }, query);
    }
}
