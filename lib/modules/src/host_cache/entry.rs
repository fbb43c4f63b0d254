//! What is remembered, in the form that commands and files have: one of both families, with what either has.

use std::sync::Arc;

use kotare_config::json::{Diagnostics, from_json};
use kotare_model::{HostIdType, SubnetId};
use serde_json::{Map, Value as Json, json};

use super::cache::Known;
use super::judge;
use crate::Serving;
use crate::reserving::Reserving;

/// A subnet that is none.
const UNUSED: u32 = u32::MAX;
/// What names clients.
pub(super) const IDENTIFIERS: [&str; 5] = ["hw-address", "duid", "circuit-id", "client-id", "flex-id"];
/// What else entries may have.
const OTHERS: [&str; 17] = [
    "hostname",
    "user-context",
    "subnet-id4",
    "subnet-id6",
    "option-data4",
    "option-data6",
    "client-classes4",
    "client-classes6",
    "ip-address",
    "ip-addresses",
    "prefixes",
    "excluded-prefixes",
    "next-server",
    "server-hostname",
    "boot-file-name",
    "host-id",
    "negative",
];

/// The digit of a family: that of its map.
pub(super) fn digit<L: Reserving>() -> &'static str {
    L::MAP.trim_start_matches(|letter: char| !letter.is_ascii_digit())
}

/// Entries as they are shown.
pub(super) fn shown<L: Reserving>(
    serving: &dyn Serving<L, L::Engine>,
    all: &[Known<L::Reserved>],
) -> Vec<Json> {
    let written = all.iter().map(|known| Json::Object(L::write(&known.host))).collect();
    let definitions = L::definitions(serving.config());
    let shown = serving.written().shown_entries(definitions, "reservations", written);
    let (own, other) = (digit::<L>(), if digit::<L>() == "4" { "6" } else { "4" });
    let of_both = |(mut shown, known): (Json, &Known<L::Reserved>)| {
        let Some(map) = shown.as_object_mut() else { return shown };
        for keyword in ["client-classes", "option-data"] {
            let list = map.shift_remove(keyword).unwrap_or_else(|| json!([]));
            map.insert(format!("{keyword}{own}"), list);
            map.insert(format!("{keyword}{other}"), json!([]));
        }
        map.insert(format!("subnet-id{own}"), known.host.subnet.0.into());
        map.insert(format!("subnet-id{other}"), UNUSED.into());
        for (keyword, nothing) in
            [("hostname", ""), ("next-server", "0.0.0.0"), ("server-hostname", ""), ("boot-file-name", "")]
        {
            if !map.contains_key(keyword) {
                map.insert(keyword.to_owned(), nothing.into());
            }
        }
        map.insert("host-id".to_owned(), 0.into());
        if known.is_negative {
            map.insert("negative".to_owned(), true.into());
        }
        shown.sort_all_objects();
        shown
    };
    shown.into_iter().zip(all).map(of_both).collect()
}

/// What an entry says.
pub(super) fn read<L: Reserving>(config: &L::Config, entry: &Json) -> Result<Known<L::Reserved>, String> {
    let map = entry.as_object().ok_or("invalid (not a map) parameter")?;
    let mut named = None;
    for keyword in map.keys() {
        if IDENTIFIERS.contains(&keyword.as_str()) {
            if let Some(other) = named.replace(keyword) {
                return Err(format!("the '{keyword}' and '{other}' are mutually exclusive"));
            }
        } else if !OTHERS.contains(&keyword.as_str()) {
            return Err(format!("unknown parameter: {keyword}"));
        }
    }
    judge::entry(map)?;
    let kind = named.and_then(|keyword| HostIdType::of(keyword)).ok_or("no identifier")?;
    let own = digit::<L>();
    let subnet = map.get(&format!("subnet-id{own}")).and_then(Json::as_u64);
    let subnet = subnet.and_then(|id| u32::try_from(id).ok()).filter(|id| *id != UNUSED);
    let subnet = SubnetId(subnet.ok_or_else(|| format!("subnet-id{own} is missing or no id of a subnet"))?);
    let mut written = Map::new();
    for (keyword, value) in map {
        let keyword = match keyword.strip_suffix(own) {
            Some(keyword @ ("client-classes" | "option-data")) => keyword,
            _ => keyword,
        };
        let is_other = keyword.starts_with("subnet-id")
            || ["host-id", "negative"].contains(&keyword)
            || keyword.ends_with(|last: char| last.is_ascii_digit());
        if !is_other {
            written.insert(keyword.to_owned(), value.clone());
        }
    }
    let options = written.get("option-data").and_then(Json::as_array).map_or(0, Vec::len);
    let mut diagnostics = Diagnostics::new();
    let value = from_json("entry", &written.into(), &mut diagnostics);
    let value = value.ok_or_else(|| diagnostics.error_lines().join("\n"))?;
    let host = L::keep(config, subnet, &value).ok_or_else(|| {
        format!("{} is not what clients of {} have in ({})", kind.keyword(), L::PROTOCOL, kind.keyword())
    })?;
    if host.options.len() < options {
        return Err(format!("an option makes no sense in (option-data{own})"));
    }
    let is_negative = map.get("negative") == Some(&Json::Bool(true));
    Ok(Known { host: Arc::new(host), is_negative })
}
