//! What the rows of the tables do not say of the form that `config-get` shows.
//!
//! Each function here stands in the table of the map that it finishes.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use kotare_model::Hex;
use kotare_options::{DHCP6_SPACE, DataType, Definitions};
use serde_json::{Map, Value as Json};

use super::normal::is_empty;
use super::normal_text::{bytes, pool_text};

/// A queue that is off, sockets and subnets in order.
pub(super) fn global4(map: &mut Map<String, Json>, _: &Definitions) {
    global(map, "subnet4");
}

/// The same, and what holds for rapid commit where nothing is inherited.
pub(super) fn global6(map: &mut Map<String, Json>, definitions: &Definitions) {
    global(map, "subnet6");
    for keyword in ["subnet6", "shared-networks"] {
        let Some(Json::Array(items)) = map.get_mut(keyword) else { continue };
        for item in items.iter_mut().filter_map(Json::as_object_mut) {
            item.entry("rapid-commit").or_insert(false.into());
        }
    }
    map_texts(map, "mac-sources", |name| {
        let named = |(document, place): &(&str, &str)| (*document == name).then(|| (*place).to_owned());
        MAC_SOURCES_OF_RFCS.iter().find_map(named)
    });
    if let Some(Json::Array(names)) = map.get("relay-supplied-options") {
        let code = |name: &Json| {
            let name = name.as_str()?.trim();
            let by_name = || definitions.by_name(DHCP6_SPACE, name).map(|definition| definition.code);
            name.parse().ok().or_else(by_name)
        };
        // Kea adds what is written to the one that it begins with.
        let codes: BTreeSet<u16> = names.iter().filter_map(code).chain([ERP_LOCAL_DOMAIN_NAME]).collect();
        let codes = codes.iter().map(|code| Json::from(code.to_string())).collect();
        map.insert("relay-supplied-options".to_owned(), codes);
    }
}

/// A queue that is off, sockets in order, and `subnets` wherever they are.
fn global(map: &mut Map<String, Json>, subnets: &str) {
    // A queue of packets before the threads' own ones would serve nothing: Kea shows it as off.
    if map.get("multi-threading").and_then(|it| it.get("enable-multi-threading")) != Some(&Json::Bool(false))
        && let Some(Json::Object(queue)) = map.get_mut("dhcp-queue-control")
    {
        queue.insert("enable-queue".to_owned(), false.into());
    }
    sockets_in_order(map);
    if let Some(Json::Array(networks)) = map.get_mut("shared-networks") {
        networks.iter_mut().filter_map(Json::as_object_mut).for_each(|map| sort_by_id(map, subnets));
    }
    sort_by_id(map, subnets);
}

/// The names by document of places where hardware addresses are, and what else they are called.
const MAC_SOURCES_OF_RFCS: [(&str, &str); 3] =
    [("rfc6939", "client-link-addr-option"), ("rfc4649", "remote-id"), ("rfc4580", "subscriber-id")];

/// The option that a relay may supply whatever is written (RFC 6440 §4).
const ERP_LOCAL_DOMAIN_NAME: u16 = 65;

/// Without TLS, nobody is asked for a certificate.
pub(super) fn agent(map: &mut Map<String, Json>, _: &Definitions) {
    if !map.contains_key("trust-anchor") {
        map.remove("cert-required");
    }
}

/// Keys and sockets in order, the address in its shortest form.
pub(super) fn ddns_server(map: &mut Map<String, Json>, _: &Definitions) {
    sockets_in_order(map);
    sort_by_name(map, "tsig-keys");
    map_text(map, "ip-address", address_text);
}

/// Domains in order, the addresses of their servers in their shortest form.
pub(super) fn ddns_domains(map: &mut Map<String, Json>, _: &Definitions) {
    sort_by_name(map, "ddns-domains");
    let Some(Json::Array(domains)) = map.get_mut("ddns-domains") else { return };
    for domain in domains.iter_mut().filter_map(Json::as_object_mut) {
        let Some(Json::Array(servers)) = domain.get_mut("dns-servers") else { continue };
        servers
            .iter_mut()
            .filter_map(Json::as_object_mut)
            .for_each(|it| map_text(it, "ip-address", address_text));
    }
}

/// UNIX sockets first.
fn sockets_in_order(map: &mut Map<String, Json>) {
    if let Some(Json::Array(sockets)) = map.get_mut("control-sockets") {
        sockets.sort_by_key(|socket| socket.get("socket-type").and_then(Json::as_str) != Some("unix"));
    }
}

fn sort_by_name(map: &mut Map<String, Json>, keyword: &str) {
    if let Some(Json::Array(items)) = map.get_mut(keyword) {
        items.sort_by_key(|item| item.get("name").and_then(Json::as_str).map(str::to_owned));
    }
}

/// All three lifetimes, and the prefix without blanks.
pub(super) fn network4(map: &mut Map<String, Json>, _: &Definitions) {
    all_lifetimes(map, VALID);
    map_text(map, "subnet", |text| Some(text.replace([' ', '\t'], "")));
}

/// All lifetimes of both kinds, and the address of the prefix in its shortest form.
pub(super) fn network6(map: &mut Map<String, Json>, _: &Definitions) {
    all_lifetimes(map, VALID);
    all_lifetimes(map, PREFERRED);
    map_text(map, "subnet", prefix_text);
}

/// Lifetimes as far as they differ.
pub(super) fn class(map: &mut Map<String, Json>, _: &Definitions) {
    for keywords in [VALID, PREFERRED] {
        let Some([min, default, max]) = lifetimes(map, keywords) else { continue };
        let are_shown = [min.as_i64() < default.as_i64(), true, max.as_i64() > default.as_i64()];
        for ((keyword, value), is_shown) in keywords.into_iter().zip([min, default, max]).zip(are_shown) {
            map.remove(keyword);
            if is_shown {
                map.insert(keyword.to_owned(), value);
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

/// Identifiers as for DHCPv4, addresses and prefixes in their shortest form.
pub(super) fn reservation6(map: &mut Map<String, Json>, definitions: &Definitions) {
    reservation(map, definitions);
    map_texts(map, "ip-addresses", address_text);
    map_texts(map, "prefixes", prefix_text);
    map_texts(map, "excluded-prefixes", prefix_text);
}

/// The identifier as digits alone.
pub(super) fn server_id(map: &mut Map<String, Json>, _: &Definitions) {
    map_text(map, "identifier", |text| bytes(text).map(|bytes| format!("{:X}", Hex(&bytes))));
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
    map_text(map, "pool", pool_text::<Ipv4Addr>);
}

/// The same of DHCPv6.
pub(super) fn pool6(map: &mut Map<String, Json>, _: &Definitions) {
    map_text(map, "pool", pool_text::<Ipv6Addr>);
}

/// Addresses in their shortest form; an excluded prefix of no length is none.
pub(super) fn pd_pool(map: &mut Map<String, Json>, _: &Definitions) {
    map_text(map, "prefix", address_text);
    map_text(map, "excluded-prefix", address_text);
    if map.get("excluded-prefix-len").is_none_or(|len| len.as_i64() == Some(0)) {
        map.remove("excluded-prefix");
        map.remove("excluded-prefix-len");
    }
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
    let space = text("space").unwrap_or_default();
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

const VALID: [&str; 3] = ["min-valid-lifetime", "valid-lifetime", "max-valid-lifetime"];
const PREFERRED: [&str; 3] = ["min-preferred-lifetime", "preferred-lifetime", "max-preferred-lifetime"];

/// The shortest, usual and longest lifetime when one of them is known: what is missing is as the others.
fn lifetimes(map: &Map<String, Json>, keywords: [&str; 3]) -> Option<[Json; 3]> {
    let [min, default, max] = keywords.map(|keyword| map.get(keyword).cloned());
    let default = default.or_else(|| min.clone()).or_else(|| max.clone())?;
    Some([min.unwrap_or_else(|| default.clone()), default.clone(), max.unwrap_or(default)])
}

/// Adds those of three lifetimes that follow from the others.
fn all_lifetimes(map: &mut Map<String, Json>, keywords: [&str; 3]) {
    if let Some(values) = lifetimes(map, keywords) {
        map.extend(keywords.into_iter().map(str::to_owned).zip(values));
    }
}

fn sort_by_id(map: &mut Map<String, Json>, subnets: &str) {
    if let Some(Json::Array(subnets)) = map.get_mut(subnets) {
        subnets.sort_by_key(|subnet| subnet.get("id").and_then(Json::as_i64));
    }
}

/// An IPv6 address in its shortest form.
fn address_text(text: &str) -> Option<String> {
    text.trim().parse().ok().map(|address: Ipv6Addr| address.to_string())
}

/// An IPv6 prefix with its address in the shortest form, host bits and all.
fn prefix_text(text: &str) -> Option<String> {
    let (address, len) = text.split_once('/')?;
    Some(format!("{}/{}", address_text(address)?, len.trim()))
}

/// Gives the string of `keyword` the form that `normal` finds for it.
fn map_text(map: &mut Map<String, Json>, keyword: &str, normal: impl Fn(&str) -> Option<String>) {
    map.get_mut(keyword).into_iter().for_each(|value| give_form(value, &normal));
}

/// The same of each string in a list.
fn map_texts(map: &mut Map<String, Json>, keyword: &str, normal: impl Fn(&str) -> Option<String>) {
    if let Some(Json::Array(items)) = map.get_mut(keyword) {
        items.iter_mut().for_each(|item| give_form(item, &normal));
    }
}

fn give_form(value: &mut Json, normal: &impl Fn(&str) -> Option<String>) {
    if let Some(text) = value.as_str().and_then(normal) {
        *value = text.into();
    }
}
