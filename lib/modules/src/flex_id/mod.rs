//! `libdhcp_flex_id.so`: clients identified by what an expression says of their messages (manual, "Flexible Identifier
//! for Host Reservations").
//!
//! The value of the expression is the `flex-id` by which reservations are looked for. With `replace-client-id` it also
//! takes the place of the client identifier, or of the DUID, while a message is answered, so that who comes to the same
//! place gets the same lease, whatever device it is; the client is answered with what it sent.

mod messages;
mod parameters;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests6;
mod v4;
mod v6;

use kotare_config::json::Diagnostics;
use kotare_expr::{Packet, Scratch, Value, parse_value};
use kotare_model::Hex;

use self::messages::*;
use crate::spoken::Spoken;
use crate::{Entry, Library};

/// The module.
pub const LIBRARY: Library = Library {
    name: "flex_id",
    parameters: &parameters::PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| FLEX_ID_LOAD_ERROR(reason),
    loaded: || (),
    unloaded: || FLEX_ID_UNLOAD(),
    v4: Some(v4::MODULE),
    v6: Some(v6::MODULE),
};

/// The expression of an entry, if it has one.
fn expression<L: Spoken>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) -> Option<Value> {
    let parameters = entry.parameters();
    let text = parameters.text("identifier-expression");
    if text.is_empty() {
        return None;
    }
    match L::parsed(entry.config, text, parse_value) {
        Ok((expression, _)) => Some(expression),
        Err(error) => {
            FLEX_ID_EXPRESSION_PARSE_FAILED(text, &error);
            let written = parameters.own("identifier-expression");
            let source = written.map_or(&entry.written.source, |written| written.source());
            diagnostics.error(source, format!("\"identifier-expression\" has no value: {error}"));
            None
        }
    }
}

/// The identifier of a message; empty when it has none.
fn identifier<'s>(expression: &'s Value, packet: &'s impl Packet, scratch: &'s mut Scratch) -> &'s [u8] {
    match expression.evaluate(packet, scratch) {
        Ok(value) => {
            tell(value);
            value
        }
        Err(error) => {
            KOTARE_FLEX_ID_NOT_EVALUATED(packet.label(), error);
            &[]
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
