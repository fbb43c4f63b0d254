//! The module of a DHCPv6 server.

use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_engine::hooks::v4::FlexId;
use kotare_engine::hooks::v6::{Asked6, Host6Identifier, Pkt6Receive, Pkt6Send, Sending6};
use kotare_engine::hooks::{Verdict, Verdict6};
use kotare_engine::v6::{Edited6, Packet, Query6};
use kotare_expr::{Scratch, Value};
use kotare_model::Duid;
use kotare_wire::v6::OptionCode;
use smallvec::SmallVec;

use super::messages::*;
use super::parameters::ignores_iaid;
use super::{expression, identifier};
use crate::{Entry6, Module6, Modules6};

pub(super) const MODULE: Module6 = Module6 {
    judge: |entry, diagnostics| {
        ignores_iaid(entry, diagnostics);
        expression(entry, diagnostics);
    },
    build: |entry, _, modules, diagnostics| build(entry, modules, diagnostics),
    ..Module6::NOTHING
};

/// What stands before the identifier in a DUID that is made of it: a type that nobody else uses.
const PREFIX: &[u8] = &[0, 0];

/// Identifies clients.
struct FlexibleId {
    expression: Value,
    /// Whether the identifier takes the place of the DUID.
    replaces: bool,
}

/// Makes no difference between clients that number their associations differently.
struct IgnoreIaid;

fn build(entry: &Entry6<'_>, modules: &mut Modules6, diagnostics: &mut Diagnostics) {
    let (hooks, parameters) = (&mut modules.hooks, entry.parameters());
    if ignores_iaid(entry, diagnostics) {
        FLEX_ID_IGNORE_IAID_ENABLED();
        let module = Arc::new(IgnoreIaid);
        hooks.pkt6_receive.push(module.clone());
        hooks.pkt6_send.push(module);
    }
    let Some(expression) = expression(entry, diagnostics) else { return FLEX_ID_NO_IDENTIFIER_EXPRESSION() };
    let replaces = parameters.bool("replace-client-id");
    let module = Arc::new(FlexibleId { expression, replaces });
    hooks.host6_identifier.push(module.clone());
    if replaces {
        hooks.pkt6_receive.push(module.clone());
        hooks.pkt6_send.push(module);
    }
}

impl Host6Identifier for FlexibleId {
    fn host6_identifier(&self, asked: Asked6<'_>, id: &mut FlexId) {
        let Asked6 { message, query, .. } = asked;
        // What the expression said before it was made the DUID, which it may speak of.
        if self.replaces
            && query.sent_duid.is_some()
            && let Some(value) = query.duid().and_then(|made| made.as_bytes().strip_prefix(PREFIX))
        {
            *id = FlexId::from_slice(value);
            return;
        }
        let packet = Packet::of_query(message, query);
        let mut scratch = Scratch::new();
        let value = identifier(&self.expression, &packet, &mut scratch);
        if !value.is_empty() {
            *id = FlexId::from_slice(value);
        }
    }
}

impl Pkt6Receive for FlexibleId {
    fn pkt6_receive(&self, query: &mut Query6, message: &mut Edited6<'_>) -> Verdict6 {
        let mut id: SmallVec<[u8; 128]> = SmallVec::from_slice(PREFIX);
        {
            let packet = Packet::of_edited(message, query);
            let mut scratch = Scratch::new();
            id.extend_from_slice(identifier(&self.expression, &packet, &mut scratch));
        }
        if id.len() == PREFIX.len() {
            return Verdict::Continue;
        }
        match Duid::new(&id) {
            Ok(made) => {
                // The limit of a query is that of a datagram: there is room.
                if message.set(OptionCode::CLIENTID, &id).is_ok() {
                    FLEX_ID_USED_AS_DUID(made);
                }
            }
            Err(error) => KOTARE_FLEX_ID_NOT_EVALUATED(query, error),
        }
        Verdict::Continue
    }
}

impl Pkt6Send for FlexibleId {
    fn pkt6_send(&self, asked: Asked6<'_>, _: Sending6, reply: &mut Edited6<'_>) {
        let Some(sent) = &asked.query.sent_duid else { return };
        match sent {
            Some(duid) => {
                if reply.set(OptionCode::CLIENTID, duid.as_bytes()).is_ok() {
                    FLEX_ID_RESTORE_DUID(duid);
                }
            }
            None => _ = reply.remove(OptionCode::CLIENTID),
        }
    }
}

impl Pkt6Receive for IgnoreIaid {
    fn pkt6_receive(&self, query: &mut Query6, message: &mut Edited6<'_>) -> Verdict6 {
        match count(message, OptionCode::IA_NA) {
            0 => {}
            1 => {
                query.sent_iaids.na = renumber(message, OptionCode::IA_NA, 0);
                query.sent_iaids.na.iter().for_each(FLEX_ID_IGNORE_IAID_APPLIED_ON_NA);
            }
            _ => FLEX_ID_IGNORE_IAID_NOT_APPLIED_ON_NA(),
        }
        match count(message, OptionCode::IA_PD) {
            0 => {}
            1 => {
                query.sent_iaids.pd = renumber(message, OptionCode::IA_PD, 0);
                query.sent_iaids.pd.iter().for_each(FLEX_ID_IGNORE_IAID_APPLIED_ON_PD);
            }
            _ => FLEX_ID_IGNORE_IAID_NOT_APPLIED_ON_PD(),
        }
        Verdict::Continue
    }
}

impl Pkt6Send for IgnoreIaid {
    fn pkt6_send(&self, asked: Asked6<'_>, _: Sending6, reply: &mut Edited6<'_>) {
        let sent = asked.query.sent_iaids;
        for (code, iaid) in [(OptionCode::IA_NA, sent.na), (OptionCode::IA_PD, sent.pd)] {
            iaid.into_iter().for_each(|iaid| _ = renumber(reply, code, iaid));
        }
    }
}

/// How many options of a code the message came with: with several, one is not like another.
fn count(message: &Edited6<'_>, code: OptionCode) -> usize {
    message.message().options().filter(|(there, _)| *there == code).count()
}

/// Gives the association of this kind another IAID; the one it had.
fn renumber(message: &mut Edited6<'_>, code: OptionCode, iaid: u32) -> Option<u32> {
    let mut value: SmallVec<[u8; 128]> = message.option(code)?.into();
    let number = value.first_chunk_mut::<4>()?;
    let former = u32::from_be_bytes(std::mem::replace(number, iaid.to_be_bytes()));
    message.set(code, &value).ok().map(|()| former)
}
