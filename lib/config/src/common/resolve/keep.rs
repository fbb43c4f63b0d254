//! Reservations on their way out of what is written and back: as they are kept elsewhere, and as they would be written here.

use kotare_model::{Hex, HostId, OptionData, Reservation, ReservedOption, SubnetId};
use kotare_options::{Definitions, OptionText};
use serde_json::{Map, Value as Json, json};

use super::Protocol;
use crate::Level;
use crate::json::Value;

/// What a written reservation says, so that it can be kept elsewhere; `reserved` is what its protocol alone has.
pub(crate) fn keep<F: Protocol, R>(
    id: HostId<'_>,
    subnet: SubnetId,
    written: Level<'_>,
    definitions: &Definitions,
    reserved: R,
) -> Reservation<R> {
    Reservation {
        hostname: written.text("hostname").into(),
        classes: texts(written.items("client-classes")),
        options: written
            .items("option-data")
            .iter()
            .filter_map(|entry| option::<F>(entry, definitions))
            .collect(),
        user_context: context(written.own("user-context")),
        ..Reservation::new(id, subnet, reserved)
    }
}

/// What an entry of `option-data` says; nothing if that makes no sense.
fn option<F: Protocol>(entry: &Value, definitions: &Definitions) -> Option<ReservedOption> {
    let level = Level::of(F::OPTION_DATA, entry);
    let never_send = level.bool("never-send");
    let csv_format = level.own("csv-format").and_then(Value::as_bool);
    let data = entry.get("data").and_then(Value::as_str);
    let encoded = definitions.encode(&OptionText {
        space: level.text("space"),
        code: level.int("code"),
        name: entry.get("name").and_then(Value::as_str),
        data,
        csv_format,
        never_send,
    });
    let encoded = encoded.ok()?;
    let is_text = csv_format != Some(false) && definitions.by_code(&encoded.space, encoded.code).is_some();
    Some(ReservedOption {
        code: encoded.code,
        space: Some(encoded.space).filter(|space| space != F::UNIVERSE.space()).unwrap_or_default().into(),
        data: match data.filter(|text| is_text && !text.is_empty()) {
            Some(text) => OptionData::Text(text.into()),
            None => OptionData::Bytes(encoded.data.into()),
        },
        always_send: level.bool("always-send"),
        never_send,
        classes: texts(level.items("client-classes")),
        user_context: context(level.own("user-context")),
    })
}

fn texts(list: &[Value]) -> Vec<Box<str>> {
    let names = list.iter().filter_map(|name| Some(name.as_str()?.trim()));
    names.filter(|name| !name.is_empty()).map(Box::from).collect()
}

fn context(written: Option<&Value>) -> Option<Box<str>> {
    Some(written?.to_json().to_string().into())
}

/// A reservation as it would be written here; what its protocol alone has is to be added.
pub(crate) fn write<F: Protocol, R>(kept: &Reservation<R>) -> Map<String, Json> {
    let mut map = Map::new();
    map.insert(kept.kind.keyword().to_owned(), colons(&kept.id).into());
    if !kept.hostname.is_empty() {
        map.insert("hostname".to_owned(), (&*kept.hostname).into());
    }
    if !kept.classes.is_empty() {
        map.insert("client-classes".to_owned(), json!(kept.classes));
    }
    if !kept.options.is_empty() {
        map.insert("option-data".to_owned(), kept.options.iter().map(write_option::<F>).collect());
    }
    write_context(kept.user_context.as_deref(), &mut map);
    map
}

fn write_option<F: Protocol>(option: &ReservedOption) -> Json {
    let mut map = Map::new();
    let space = if option.space.is_empty() { F::UNIVERSE.space() } else { &option.space };
    map.insert("space".to_owned(), space.into());
    map.insert("code".to_owned(), option.code.into());
    let (data, is_text) = match &option.data {
        OptionData::Text(text) => (text.to_string(), true),
        OptionData::Bytes(bytes) => (format!("{:X}", Hex(bytes)), false),
    };
    if !data.is_empty() {
        map.insert("data".to_owned(), data.into());
    }
    map.insert("csv-format".to_owned(), is_text.into());
    map.insert("always-send".to_owned(), option.always_send.into());
    map.insert("never-send".to_owned(), option.never_send.into());
    if !option.classes.is_empty() {
        map.insert("client-classes".to_owned(), json!(option.classes));
    }
    write_context(option.user_context.as_deref(), &mut map);
    map.into()
}

/// A context that is no map is left out.
fn write_context(context: Option<&str>, map: &mut Map<String, Json>) {
    let context = context.and_then(|text| serde_json::from_str::<Map<String, Json>>(text).ok());
    if let Some(context) = context {
        map.insert("user-context".to_owned(), context.into());
    }
}

/// Bytes as identifiers are written: `02:00:00:00:00:01`.
fn colons(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(":")
}
