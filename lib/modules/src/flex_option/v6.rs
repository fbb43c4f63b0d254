//! Messages of DHCPv6: of relayed ones, those of clients.

use std::sync::Arc;

use kotare_engine::hooks::v6::{Asked6, Pkt6Receive, Pkt6Send, Sending6};
use kotare_engine::hooks::{Verdict, Verdict6};
use kotare_engine::v6::{Edited6, Packet, Query6};
use kotare_expr::{ClassId, EvaluationError, Test, Value};
use kotare_model::Lease6;
use kotare_options::{DHCP6_SPACE, Definitions};
use kotare_wire::NoRoom;
use kotare_wire::v6::{Message, OptionCode};

use super::apply::{Subject, said_of};
use super::container::Bytes;
use super::rules::Side;
use super::{FlexOption, Flexible};
use crate::Module6;

pub(super) const MODULE: Module6 = Module6 {
    judge: |entry, diagnostics| _ = FlexOption::read(entry, diagnostics),
    build: |entry, _, modules, diagnostics| {
        let module = FlexOption::read(entry, diagnostics);
        let (for_queries, for_responses) =
            (module.rules.are_for(Side::Query), module.rules.are_for(Side::Response));
        let module = Arc::new(module);
        if for_queries {
            modules.hooks.pkt6_receive.push(module.clone());
        }
        if for_responses {
            modules.hooks.pkt6_send.push(module);
        }
    },
    ..Module6::NOTHING
};

impl Flexible for Lease6 {
    const OF_VENDORS: u16 = OptionCode::VENDOR_OPTS.0;

    fn reserved(space: &str, code: u16) -> Option<&'static str> {
        (space == DHCP6_SPACE && code == 0).then_some("reserved")
    }
}

/// A message that is changed.
struct Subject6<'s, 'e> {
    edited: &'s mut Edited6<'e>,
    side: Side,
    /// The query.
    message: Message<'s>,
    /// Its facts.
    query: &'s Query6,
    definitions: &'s Definitions,
}

impl Subject6<'_, '_> {
    /// The message that expressions speak of.
    fn packet(&self, of: Side) -> Packet<'_> {
        match of == self.side {
            true => Packet::of_edited(self.edited, self.query),
            // Nothing speaks of a response before there is one.
            false => Packet::of_query(self.message, self.query),
        }
    }
}

impl Subject for Subject6<'_, '_> {
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
        self.edited.option(OptionCode(code)).map(Bytes::from_slice)
    }

    fn has(&self, code: u16) -> bool {
        self.edited.has(OptionCode(code))
    }

    fn set(&mut self, code: u16, value: &[u8]) -> Result<(), NoRoom> {
        self.edited.set(OptionCode(code), value)
    }

    fn remove(&mut self, code: u16) {
        self.edited.remove(OptionCode(code));
    }

    fn set_first(&mut self, code: u16, value: &[u8]) -> Result<(), NoRoom> {
        self.edited.set_first(OptionCode(code), value)
    }

    fn remove_first(&mut self, code: u16) {
        self.edited.remove_first(OptionCode(code));
    }
}

impl Pkt6Receive for FlexOption {
    fn pkt6_receive(&self, query: &mut Query6, edited: &mut Edited6<'_>) -> Verdict6 {
        let (message, definitions) = (edited.message(), &self.definitions);
        self.apply(&mut Subject6 { edited, side: Side::Query, message, query, definitions }, query);
        Verdict::Continue
    }
}

impl Pkt6Send for FlexOption {
    fn pkt6_send(&self, asked: Asked6<'_>, _: Sending6, edited: &mut Edited6<'_>) {
        let (Asked6 { message, query, .. }, definitions) = (asked, &self.definitions);
        let side = Side::Response;
        self.apply(&mut Subject6 { edited, side, message, query, definitions }, query);
    }
}
