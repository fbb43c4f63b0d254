//! The module of a DHCPv4 server.

use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_engine::hooks::Verdict;
use kotare_engine::hooks::v4::{Asked4, FlexId, Host4Identifier, Pkt4Receive, Pkt4Send, Sending4};
use kotare_engine::v4::{Edited4, Packet, PacketOptions, Query4};
use kotare_expr::{Scratch, Value};
use kotare_model::ClientId;
use kotare_wire::v4::OptionCode;
use smallvec::SmallVec;

use super::messages::*;
use super::{expression, identifier};
use crate::{Entry4, Module4, Modules4};

pub(super) const MODULE: Module4 = Module4 {
    judge: |entry, diagnostics| _ = expression(entry, diagnostics),
    build: |entry, _, modules, diagnostics| build(entry, modules, diagnostics),
    ..Module4::NOTHING
};

/// What stands before the identifier in a client identifier that is made of it: a type that nobody else uses.
const PLAIN: &[u8] = &[0];
/// Or that of RFC 4361 §6.1 with an IAID of zero, so that the identifier is a DUID.
const AS_DUID: &[u8] = &[255, 0, 0, 0, 0];

/// The module of one configuration.
struct FlexibleId {
    expression: Value,
    /// What a client identifier that is made of the identifier begins with; none is made without.
    replaces: Option<&'static [u8]>,
}

fn build(entry: &Entry4<'_>, modules: &mut Modules4, diagnostics: &mut Diagnostics) {
    let parameters = entry.parameters();
    let as_duid = parameters.bool("cid-as-rfc4361-duid");
    let replaces = parameters.bool("replace-client-id").then_some(if as_duid { AS_DUID } else { PLAIN });
    if as_duid {
        FLEX_ID_CID_AS_RFC4361_DUID_ENABLED();
    }
    let Some(expression) = expression(entry, diagnostics) else { return FLEX_ID_NO_IDENTIFIER_EXPRESSION() };
    let module = Arc::new(FlexibleId { expression, replaces });
    modules.hooks.host4_identifier.push(module.clone());
    if replaces.is_some() {
        modules.hooks.pkt4_receive.push(module.clone());
        modules.hooks.pkt4_send.push(module);
    }
}

impl Host4Identifier for FlexibleId {
    fn host4_identifier(&self, asked: Asked4<'_>, id: &mut FlexId) {
        let Asked4 { message, query, .. } = asked;
        // What the expression said before it was made the client identifier, which it may speak of.
        let made = self.replaces.filter(|_| query.sent_id.is_some());
        if let (Some(prefix), Some(made)) = (made, &query.client.id)
            && let Some(value) = made.as_bytes().strip_prefix(prefix)
        {
            *id = FlexId::from_slice(value);
            return;
        }
        let packet = Packet::of_query(PacketOptions::Plain(message), query);
        let mut scratch = Scratch::new();
        let value = identifier(&self.expression, &packet, &mut scratch);
        if !value.is_empty() {
            *id = FlexId::from_slice(value);
        }
    }
}

impl Pkt4Receive for FlexibleId {
    fn pkt4_receive(&self, query: &mut Query4, message: &mut Edited4<'_>) -> Verdict {
        let Some(prefix) = self.replaces else { return Verdict::Continue };
        let mut id: SmallVec<[u8; 128]> = SmallVec::from_slice(prefix);
        {
            let packet = Packet::of_query(PacketOptions::Edited(message), query);
            let mut scratch = Scratch::new();
            id.extend_from_slice(identifier(&self.expression, &packet, &mut scratch));
        }
        if id.len() == prefix.len() {
            return Verdict::Continue;
        }
        match ClientId::new(&id) {
            Ok(made) => {
                // The limit of a query is that of a datagram: there is room.
                if message.set(OptionCode::CLIENT_IDENTIFIER, &id).is_ok() {
                    FLEX_ID_USED_AS_CLIENT_ID(made);
                }
            }
            Err(error) => KOTARE_FLEX_ID_NOT_EVALUATED(query, error),
        }
        Verdict::Continue
    }
}

impl Pkt4Send for FlexibleId {
    fn pkt4_send(&self, asked: Asked4<'_>, _: Sending4, reply: &mut Edited4<'_>) {
        let Some(sent) = &asked.query.sent_id else { return };
        reply.remove(OptionCode::CLIENT_IDENTIFIER);
        if let Some(id) = sent
            && reply.set(OptionCode::CLIENT_IDENTIFIER, id.as_bytes()).is_ok()
        {
            FLEX_ID_RESTORE_CLIENT_ID(id);
        }
    }
}
