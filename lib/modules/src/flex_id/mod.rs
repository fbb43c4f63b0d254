//! `libdhcp_flex_id.so`: clients identified by what an expression says of their messages (manual, "Flexible Identifier
//! for Host Reservations").
//!
//! The value of the expression is the `flex-id` by which reservations are looked for. With `replace-client-id` it also
//! takes the place of the client identifier while a message is answered, so that who comes to the same place gets the
//! same lease, whatever device it is; the client is answered with what it sent.

mod messages;
mod parameters;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_config::v4::Config4;
use kotare_engine::hooks::Verdict;
use kotare_engine::hooks::v4::{Asked4, FlexId, Host4Identifier, Pkt4Receive, Pkt4Send, Sending4};
use kotare_engine::v4::{Edited4, Packet, PacketOptions, Query4};
use kotare_expr::{ClassId, Names, Scratch, Value, parse_value};
use kotare_model::{ClientId, Hex};
use kotare_wire::v4::OptionCode;
use smallvec::SmallVec;

use self::messages::*;
use crate::{Around4, Entry4, Library, Module4, Modules4};

/// The module.
pub const LIBRARY: Library = Library {
    name: "flex_id",
    parameters: &parameters::PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| FLEX_ID_LOAD_ERROR(reason),
    loaded: || (),
    unloaded: || FLEX_ID_UNLOAD(),
    v4: Some(Module4 { judge: judge4, build: build4, commands: Vec::new }),
    v6: None,
};

/// What stands before the identifier in a client identifier that is made of it: a type that nobody else uses.
const PLAIN: &[u8] = &[0];
/// Or that of RFC 4361 §6.1 with an IAID of zero, so that the identifier is a DUID.
const AS_DUID: &[u8] = &[255, 0, 0, 0, 0];

/// The module of one configuration.
struct FlexibleId {
    expression: Option<Value>,
    /// What a client identifier that is made of the identifier begins with; none is made without.
    replaces: Option<&'static [u8]>,
}

fn judge4(entry: &Entry4<'_>, diagnostics: &mut Diagnostics) {
    expression4(entry, diagnostics);
}

/// The expression of an entry, if it has one.
fn expression4(entry: &Entry4<'_>, diagnostics: &mut Diagnostics) -> Option<Value> {
    let Config4 { definitions, classes, .. } = entry.config;
    let parameters = entry.parameters();
    let text = parameters.text("identifier-expression");
    if text.is_empty() {
        return None;
    }
    // The configuration knows all that parameters name: their table says where.
    let mut class = |name: &str| Some(classes.id(name).unwrap_or(ClassId(u32::MAX)));
    let of_classes = classes.own_definitions();
    let mut names = Names { options: definitions, of_classes, class: &mut class };
    match parse_value(text, &mut names) {
        Ok(expression) => Some(expression),
        Err(error) => {
            FLEX_ID_EXPRESSION_PARSE_FAILED(text, &error);
            let written = parameters.own("identifier-expression");
            let source = written.map_or(&entry.written.source, |written| written.source());
            diagnostics.error(source, format!("\"identifier-expression\" has no value: {error}"));
            None
        }
    }
}

fn build4(entry: &Entry4<'_>, _: &Around4<'_>, modules: &mut Modules4, diagnostics: &mut Diagnostics) {
    let expression = expression4(entry, diagnostics);
    let parameters = entry.parameters();
    let as_duid = parameters.bool("cid-as-rfc4361-duid");
    let replaces = parameters.bool("replace-client-id").then_some(if as_duid { AS_DUID } else { PLAIN });
    if as_duid {
        FLEX_ID_CID_AS_RFC4361_DUID_ENABLED();
    }
    if expression.is_none() {
        FLEX_ID_NO_IDENTIFIER_EXPRESSION();
    }
    let identifies = expression.is_some();
    let module = Arc::new(FlexibleId { expression, replaces });
    if identifies {
        modules.hooks.host4_identifier.push(module.clone());
        if replaces.is_some() {
            modules.hooks.pkt4_receive.push(module.clone());
            modules.hooks.pkt4_send.push(module);
        }
    }
}

impl FlexibleId {
    /// The identifier of a message; empty when it has none.
    fn identifier<'s>(
        &'s self,
        packet: &'s Packet<'s>,
        query: &Query4,
        scratch: &'s mut Scratch,
    ) -> &'s [u8] {
        let Some(expression) = &self.expression else { return &[] };
        match expression.evaluate(packet, scratch) {
            Ok(value) => {
                tell(value);
                value
            }
            Err(error) => {
                KOTARE_FLEX_ID_NOT_EVALUATED(query, error);
                &[]
            }
        }
    }
}

fn tell(value: &[u8]) {
    match std::str::from_utf8(value) {
        Ok(text) if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => {
            FLEX_ID_EXPRESSION_EVALUATED(text, value.len());
        }
        _ => FLEX_ID_EXPRESSION_EVALUATED_NP(Hex(value), value.len()),
    }
    if !value.is_empty() {
        FLEX_ID_EXPRESSION_HEX(Hex(value));
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
        let value = self.identifier(&packet, query, &mut scratch);
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
            id.extend_from_slice(self.identifier(&packet, query, &mut scratch));
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
