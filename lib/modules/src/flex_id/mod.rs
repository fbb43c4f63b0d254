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
use kotare_config::{v4 as config4, v6 as config6};
use kotare_expr::{ClassId, Names, Packet, Scratch, Value, parse_value};
use kotare_model::{Hex, Lease4, Lease6};
use kotare_options::Definitions;

use self::messages::*;
use crate::{Entry, Hooked, Library};

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

/// A family whose messages expressions speak of. There are two of them.
trait Spoken: Hooked {
    /// The options that a configuration knows.
    fn options(config: &Self::Config) -> &Definitions;
    /// Those that classes define for their own.
    fn options_of_classes(config: &Self::Config) -> &[(ClassId, Definitions)];
    /// The class of a name.
    fn class(config: &Self::Config, name: &str) -> Option<ClassId>;
}

impl Spoken for Lease4 {
    fn options(config: &config4::Config4) -> &Definitions {
        &config.definitions
    }

    fn options_of_classes(config: &config4::Config4) -> &[(ClassId, Definitions)] {
        config.classes.own_definitions()
    }

    fn class(config: &config4::Config4, name: &str) -> Option<ClassId> {
        config.classes.id(name)
    }
}

impl Spoken for Lease6 {
    fn options(config: &config6::Config6) -> &Definitions {
        &config.definitions
    }

    fn options_of_classes(config: &config6::Config6) -> &[(ClassId, Definitions)] {
        config.classes.own_definitions()
    }

    fn class(config: &config6::Config6, name: &str) -> Option<ClassId> {
        config.classes.id(name)
    }
}

/// The expression of an entry, if it has one.
fn expression<L: Spoken>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) -> Option<Value> {
    let (config, parameters) = (entry.config, entry.parameters());
    let text = parameters.text("identifier-expression");
    if text.is_empty() {
        return None;
    }
    // The configuration knows all that parameters name: their table says where.
    let mut class = |name: &str| Some(L::class(config, name).unwrap_or(ClassId(u32::MAX)));
    let (options, of_classes) = (L::options(config), L::options_of_classes(config));
    let mut names = Names { options, of_classes, class: &mut class };
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
