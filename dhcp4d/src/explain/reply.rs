//! The reply, field by field and option by option, with where each comes from.

use kotare_engine::v4::Outcome;
use kotare_engine::v4::trace::{Own, Scope, Step};
use kotare_model::Hex;
use kotare_server::explain::{edited, hostname, source};
use kotare_wire::v4::{Index, Message, OptionCode};
use serde_json::{Value as Json, json};

use super::message::{bytes, option};
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
    json!({
        "type": reply.kind.message_type().to_string(),
        "reason": outcome::of(told),
        "source": departure.source.to_string(),
        "destination": departure.destination.to_string(),
        "length": reply.len,
        "packet": format!("{:x}", Hex(told.reply)),
        "fields": fields(told, message),
        "hostname": hostname(told),
        "options": options(told, message),
        "left-out": reply.left_out.iter().collect::<Vec<_>>(),
        "changed-by-modules": edited(told),
    })
}

fn fields(told: &Told<'_>, message: Message<'_>) -> Json {
    let text =
        |field: &[u8]| field.split(|byte| *byte == 0).next().unwrap_or_default().escape_ascii().to_string();
    let overload = message.overload();
    let (server, host, file) = told
        .steps()
        .find_map(|step| match step {
            Step::Own(Own::Boot { next_server, server_hostname, file_name }) => {
                Some((*next_server, *server_hostname, *file_name))
            }
            _ => None,
        })
        .unwrap_or((Scope::Server, Scope::Server, Scope::Server));
    json!({
        "flags": format!("0x{:x}", message.flags()),
        "ciaddr": message.ciaddr().to_string(),
        "yiaddr": message.yiaddr().to_string(),
        "siaddr": {"value": message.siaddr().to_string(), "from": told.scope(server, "next-server")},
        "giaddr": message.giaddr().to_string(),
        "sname": {
            "value": if overload.sname { String::new() } else { text(message.sname()) },
            "from": told.scope(host, "server-hostname"),
        },
        "file": {
            "value": if overload.file { String::new() } else { text(message.file()) },
            "from": told.scope(file, "boot-file-name"),
        },
    })
}

fn options(told: &Told<'_>, message: Message<'_>) -> Vec<Json> {
    let from = |code: OptionCode| match source(told, code.0) {
        Some(source) => source,
        None if code == OptionCode::RELAY_AGENT_INFORMATION => "given back as the relay sent it".to_owned(),
        None => told.scope(Scope::Server, ""),
    };
    let codes = (1..u8::MAX).map(OptionCode).filter(|code| message.has(*code));
    let options = codes.filter_map(|code| {
        let mut option = option(code, &bytes(message.option(code)?), &told.config.definitions);
        option["from"] = from(code).into();
        Some(option)
    });
    options.collect()
}
