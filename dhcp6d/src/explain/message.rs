//! A message, as it is read.

use kotare_engine::v6::Received;
use kotare_model::Hex;
use kotare_options::{Definitions, Universe};
use kotare_server::explain::{option_in_words, shown_option};
use kotare_wire::v6::{Index, Message, OptionCode};
use serde_json::{Value as Json, json};

use super::told::Told;

/// The message, as it would be read.
pub(super) fn of(told: &Told<'_>, received: &Received<'_>) -> Json {
    let Received { datagram, arrival, interface } = received;
    let mut index = Index::new();
    let Ok(message) = Message::parse(datagram, &mut index) else { return Json::Null };
    let query = told.rehearsed.query.as_ref();
    let relays = message.relays().map(|relay| {
        let options = relay.options().filter(|(code, _)| *code != OptionCode::RELAY_MSG);
        json!({
            "link": relay.link_address().to_string(),
            "peer": relay.peer_address().to_string(),
            "hop-count": relay.hop_count(),
            "options": options.map(|(code, value)| option(code, value, &told.config.definitions)).collect::<Vec<_>>(),
        })
    });
    let options = message.options().map(|(code, value)| option(code, value, &told.config.definitions));
    let hwaddr = query.and_then(|query| query.client.hwaddr.as_ref());
    json!({
        "type": message.message_type().to_string(),
        "duid": message.option(OptionCode::CLIENTID).map(|id| Hex(id).to_string()),
        "hw-address": hwaddr.map(|it| it.address.to_string()),
        "transaction-id": format!("0x{:x}", message.transaction_id()),
        "interface": interface,
        "source": arrival.source.ip().to_string(),
        "destination": arrival.destination.to_string(),
        "label": query.map(ToString::to_string),
        "relays": relays.collect::<Vec<_>>(),
        "options": options.collect::<Vec<_>>(),
    })
}

/// An option with its name and its value in words.
pub(super) fn option(code: OptionCode, value: &[u8], definitions: &Definitions) -> Json {
    let data = option_in_words(code.0, value, definitions, Universe::V6);
    shown_option(code.0, value, data, definitions, Universe::V6)
}
