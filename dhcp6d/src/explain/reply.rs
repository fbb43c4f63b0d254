//! The reply, option by option, with where each comes from.

use kotare_engine::trace::Scope;
use kotare_engine::v6::Outcome;
use kotare_engine::v6::trace::Step;
use kotare_model::Hex;
use kotare_server::explain::named_by;
use kotare_wire::v6::{Index, Message, OptionCode};
use serde_json::{Value as Json, json};

use super::outcome;
use super::told::{Told, option};

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
        "hostname": name(told),
        "options": options(told, message),
        "left-out": reply.left_out.iter().collect::<Vec<_>>(),
        "changed-by-modules": edited(told),
    })
}

fn options(told: &Told<'_>, message: Message<'_>) -> Vec<Json> {
    let scopes = told.steps().rev().find_map(|step| match step {
        Step::Options(scopes) => Some(scopes),
        _ => None,
    });
    let edited = edited(told);
    let from = |code: u16| match scopes.and_then(|scopes| scopes.iter().find(|(own, _)| *own == code)) {
        _ if edited.contains(&code) => "module".to_owned(),
        Some((_, Scope::Inherited)) => "options of a vendor's space".to_owned(),
        Some((_, scope)) => told.scope(*scope, ""),
        None => told.scope(Scope::Server, ""),
    };
    let options = message.options().map(|(code, value)| {
        let mut option = option(code, value, &told.config.definitions);
        option["from"] = from(code.0).into();
        option
    });
    options.collect()
}

/// The options that modules changed.
fn edited(told: &Told<'_>) -> Vec<u16> {
    let edited = told.steps().rev().find_map(|step| match step {
        Step::ReplyEdited(codes) => Some(codes.clone()),
        _ => None,
    });
    edited.unwrap_or_default()
}

/// The client's name.
fn name(told: &Told<'_>) -> Json {
    let named = told.steps().rev().find_map(|step| match step {
        Step::Name { text, by } if !text.is_empty() => Some((text, by)),
        _ => None,
    });
    let Some((text, by)) = named else { return Json::Null };
    json!({"name": text, "from": named_by(*by)})
}
