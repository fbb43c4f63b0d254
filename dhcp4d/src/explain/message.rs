//! A message, as it is read.

use std::borrow::Cow;

use kotare_engine::v4::Received;
use kotare_model::Hex;
use kotare_options::{DHCP4_SPACE, DataType, Definitions, Universe};
use kotare_server::explain::{option_in_words, shown_option};
use kotare_wire::v4::{Index, Message, OptionCode, OptionValue};
use serde_json::{Value as Json, json};

use super::told::Told;

/// The message, as it would be read.
pub(super) fn of(told: &Told<'_>, received: &Received<'_>) -> Json {
    let Received { datagram, arrival, interface, .. } = received;
    let mut index = Index::new();
    let Ok(message) = Message::parse(datagram, &mut index) else { return Json::Null };
    let query = told.rehearsed.query.as_ref();
    json!({
        "type": message.message_type().map_or_else(|| "none".to_owned(), |kind| kind.to_string()),
        "hw-address": Hex(message.chaddr()).to_string(),
        "client-id": message.option(OptionCode::CLIENT_IDENTIFIER).map(|id| Hex(&bytes(id)).to_string()),
        "transaction-id": format!("0x{:x}", message.xid()),
        "ciaddr": message.ciaddr().to_string(),
        "giaddr": message.giaddr().to_string(),
        "interface": interface,
        "source": arrival.source.to_string(),
        "destination": arrival.destination.to_string(),
        "label": query.map(ToString::to_string),
        "options": all_options(message, &told.config.definitions),
    })
}

/// The options of a message, by code.
fn all_options(message: Message<'_>, definitions: &Definitions) -> Vec<Json> {
    let codes = (1..u8::MAX).map(OptionCode).filter(|code| message.has(*code));
    let options = codes.filter_map(|code| Some(option(code, &bytes(message.option(code)?), definitions)));
    options.collect()
}

/// An option with its name and its value in words.
pub(super) fn option(code: OptionCode, value: &[u8], definitions: &Definitions) -> Json {
    let number = code.0.into();
    let definition = definitions.by_code(DHCP4_SPACE, number);
    let data = match definition.is_some_and(|definition| definition.data_type == DataType::String) {
        true => definitions.text_value(DHCP4_SPACE, number, value).escape_ascii().to_string(),
        false => option_in_words(number, value, definitions, Universe::V4),
    };
    shown_option(number, value, data, definitions, Universe::V4)
}

/// A value in one piece.
pub(super) fn bytes(value: OptionValue<'_>) -> Cow<'_, [u8]> {
    value.as_slice().map_or_else(|| value.bytes().collect(), Cow::Borrowed)
}
