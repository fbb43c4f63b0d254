//! The reply, option by option, with where each comes from.

use kotare_engine::trace::Scope;
use kotare_engine::v6::Outcome;
use kotare_model::Hex;
use kotare_server::explain::{edited, hostname, source};
use kotare_wire::v6::{Index, Message, OptionCode};
use serde_json::{Value as Json, json};

use super::message::option;
use super::outcome;
use super::told::Told;

/// The reply, or why there is none.
pub(super) fn of(told: &Told<'_>) -> Json {
    let Ok(Outcome::Reply(reply)) = &told.rehearsed.outcome else {
        return json!({"type": null, "reason": outcome::of(told)});
    };
    let mut index = Index::new();
    let Ok(message) = Message::parse(told.reply, &mut index) else { return Json::Null };
    let departure = reply.departure;
    let relays = message.relays().map(|relay| {
        let options = relay.options().filter(|(code, _)| *code != OptionCode::RELAY_MSG);
        json!({
            "link": relay.link_address().to_string(),
            "peer": relay.peer_address().to_string(),
            "options": options.map(|(code, value)| option(code, value, &told.config.definitions)).collect::<Vec<_>>(),
        })
    });
    json!({
        "type": reply.kind.message_type().to_string(),
        "reason": outcome::of(told),
        "source": departure.source.to_string(),
        "destination": departure.destination.ip().to_string(),
        "length": reply.len,
        "packet": format!("{:x}", Hex(told.reply)),
        "relays": relays.collect::<Vec<_>>(),
        "hostname": hostname(told),
        "options": options(told, message),
        "left-out": reply.left_out.iter().collect::<Vec<_>>(),
        "changed-by-modules": edited(told),
    })
}

fn options(told: &Told<'_>, message: Message<'_>) -> Vec<Json> {
    let from = |code: u16| source(told, code).unwrap_or_else(|| told.scope(Scope::Server, ""));
    let options = message.options().map(|(code, value)| {
        let mut option = option(code, value, &told.config.definitions);
        option["from"] = from(code.0).into();
        option
    });
    options.collect()
}
