//! What the rows of the tables do not say of the form that `config-get` shows.
//!
//! Each function here stands in the table of the map that it finishes.

use kotare_model::Hex;
use kotare_options::{DHCP4_SPACE, DataType, Definitions};
use serde_json::{Map, Value as Json};

use super::normal::is_empty;
use super::normal_text::{bytes, pool_text};

/// A queue that is off, sockets and subnets in order.
pub(super) fn global4(map: &mut Map<String, Json>, _: &Definitions) {
    // A queue of packets before the threads' own ones would serve nothing: Kea shows it as off.
    if map.get("multi-threading").and_then(|it| it.get("enable-multi-threading")) != Some(&Json::Bool(false))
        && let Some(Json::Object(queue)) = map.get_mut("dhcp-queue-control")
    {
        queue.insert("enable-queue".to_owned(), false.into());
    }
    if let Some(Json::Array(sockets)) = map.get_mut("control-sockets") {
        sockets.sort_by_key(|socket| socket.get("socket-type").and_then(Json::as_str) != Some("unix"));
    }
    if let Some(Json::Array(networks)) = map.get_mut("shared-networks") {
        networks.iter_mut().filter_map(Json::as_object_mut).for_each(sort_subnets);
    }
    sort_subnets(map);
}

/// Without TLS, nobody is asked for a certificate.
pub(super) fn agent(map: &mut Map<String, Json>, _: &Definitions) {
    if !map.contains_key("trust-anchor") {
        map.remove("cert-required");
    }
}

/// All three lifetimes, and the prefix without blanks.
pub(super) fn network4(map: &mut Map<String, Json>, _: &Definitions) {
    if let Some([min, default, max]) = lifetimes(map) {
        map.insert("min-valid-lifetime".to_owned(), min);
        map.insert("valid-lifetime".to_owned(), default);
        map.insert("max-valid-lifetime".to_owned(), max);
    }
    map_text(map, "subnet", |text| Some(text.replace([' ', '\t'], "")));
}

/// Lifetimes as far as they differ.
pub(super) fn class(map: &mut Map<String, Json>, _: &Definitions) {
    if let Some([min, default, max]) = lifetimes(map) {
        for (keyword, value, shown) in [
            ("min-valid-lifetime", &min, min.as_i64() < default.as_i64()),
            ("valid-lifetime", &default, true),
            ("max-valid-lifetime", &max, max.as_i64() > default.as_i64()),
        ] {
            map.remove(keyword);
            if shown {
                map.insert(keyword.to_owned(), value.clone());
            }
        }
    }
}

/// Identifiers in the form that Kea gives to each.
pub(super) fn reservation(map: &mut Map<String, Json>, _: &Definitions) {
    for keyword in ["hw-address", "duid"] {
        map_text(map, keyword, |text| bytes(text).map(|bytes| Hex(&bytes).to_string()));
    }
    for keyword in ["client-id", "circuit-id", "flex-id"] {
        map_text(map, keyword, |text| bytes(text).map(|bytes| format!("{:X}", Hex(&bytes))));
    }
}

/// `*` first, then whole interfaces, then addresses.
pub(super) fn interfaces(map: &mut Map<String, Json>, _: &Definitions) {
    if let Some(Json::Array(interfaces)) = map.get_mut("interfaces") {
        interfaces.sort_by_key(|interface| {
            let name = interface.as_str().unwrap_or_default();
            (name != "*", name.contains('/'), name.to_owned())
        });
    }
    if !map.contains_key("service-sockets-max-retries") {
        map.remove("service-sockets-retry-wait-time");
    }
}

/// A pool in its shortest form.
pub(super) fn pool4(map: &mut Map<String, Json>, _: &Definitions) {
    map_text(map, "pool", pool_text::<std::net::Ipv4Addr>);
}

/// The types of a record, each after a comma and a space.
pub(super) fn option_definition(map: &mut Map<String, Json>, _: &Definitions) {
    map_text(map, "record-types", |types| {
        let names = types.split(',').map(str::trim).filter(|name| !name.is_empty());
        Some(names.collect::<Vec<_>>().join(", "))
    });
}

/// What is empty is as good as not written.
pub(super) fn database(map: &mut Map<String, Json>, _: &Definitions) {
    map.retain(|_, value| value.as_str() != Some(""));
}

/// Any address of the server's family to send from, where none is named.
pub(super) fn ddns(map: &mut Map<String, Json>, _: &Definitions) {
    let is_v6 = map.get("server-ip").and_then(Json::as_str).is_some_and(|address| address.contains(':'));
    if map.get("sender-ip").is_none_or(is_empty) {
        map.insert("sender-ip".to_owned(), if is_v6 { "::" } else { "0.0.0.0" }.into());
    }
}

/// Only files are rotated.
pub(super) fn log_output(map: &mut Map<String, Json>, _: &Definitions) {
    let output = map.get("output").and_then(Json::as_str).unwrap_or_default();
    if ["stdout", "stderr", "syslog"].contains(&output) || output.starts_with("syslog:") {
        map.remove("maxsize");
        map.remove("maxver");
    }
}

/// Name and code of an option, and its data as text or in hexadecimal.
pub(super) fn option(map: &mut Map<String, Json>, definitions: &Definitions) {
    let text = |keyword| map.get(keyword).and_then(Json::as_str);
    let space = text("space").unwrap_or(DHCP4_SPACE);
    let code = map.get("code").and_then(Json::as_u64).and_then(|code| u16::try_from(code).ok());
    let definition = match (code, text("name")) {
        (Some(code), _) => definitions.by_code(space, code),
        (None, Some(name)) => definitions.by_name(space, name),
        (None, None) => None,
    };
    let has_data = map.contains_key("data");
    let is_cancelled = map.get("never-send") == Some(&Json::Bool(true)) && !has_data;
    let is_text = definition.is_some() && map.get("csv-format") != Some(&Json::Bool(false));
    let data = match definition {
        Some(definition) if definition.data_type == DataType::Empty => Some(String::new()),
        _ if is_text => text("data").map(str::to_owned),
        _ => text("data").and_then(bytes).map(|bytes| format!("{:X}", Hex(&bytes))),
    };
    if let Some(definition) = definition {
        map.insert("name".to_owned(), definition.name.as_ref().into());
        map.insert("code".to_owned(), definition.code.into());
    }
    if is_cancelled {
        map.remove("csv-format");
        return;
    }
    // An option without data has nothing that could be text.
    let is_text = is_text && data.as_deref().is_some_and(|data| !data.is_empty());
    map.insert("csv-format".to_owned(), is_text.into());
    map.insert("data".to_owned(), data.unwrap_or_default().into());
}

/// The shortest, usual and longest lifetime when one of them is known: what is missing is as the others.
fn lifetimes(map: &Map<String, Json>) -> Option<[Json; 3]> {
    let get = |keyword| map.get(keyword).cloned();
    let (min, default, max) = (get("min-valid-lifetime"), get("valid-lifetime"), get("max-valid-lifetime"));
    let default = default.or_else(|| min.clone()).or_else(|| max.clone())?;
    Some([min.unwrap_or_else(|| default.clone()), default.clone(), max.unwrap_or(default)])
}

fn sort_subnets(map: &mut Map<String, Json>) {
    if let Some(Json::Array(subnets)) = map.get_mut("subnet4") {
        subnets.sort_by_key(|subnet| subnet.get("id").and_then(Json::as_i64));
    }
}

/// Gives the string of `keyword` the form that `normal` finds for it.
fn map_text(map: &mut Map<String, Json>, keyword: &str, normal: impl Fn(&str) -> Option<String>) {
    if let Some(value) = map.get_mut(keyword)
        && let Some(text) = value.as_str().and_then(normal)
    {
        *value = text.into();
    }
}
