//! Subnets and shared networks.

use std::collections::{HashMap, HashSet};
use std::net::Ipv4Addr;

use super::{clients, pools, timers};
use crate::Level;
use crate::json::{Diagnostics, Source, Value};
use crate::schema::tables::{SHARED_NETWORK, SUBNET4};
use crate::v4::Prefix4;

/// Checks every level that has lifetimes, and what subnets must not share.
pub(super) fn check(global: Level<'_>, diagnostics: &mut Diagnostics) {
    common(global, diagnostics);
    let unique_reservations = global.bool("ip-reservations-unique");
    let mut seen = Seen { unique_reservations, ..Seen::default() };
    for network in global.items("shared-networks") {
        let level = global.inner(&SHARED_NETWORK, network);
        common(level, diagnostics);
        shared_network(level, &mut seen, diagnostics);
        for subnet in network.list("subnet4") {
            self::subnet(level.inner(&SUBNET4, subnet), &mut seen, diagnostics);
        }
    }
    for subnet in global.items("subnet4") {
        self::subnet(global.inner(&SUBNET4, subnet), &mut seen, diagnostics);
    }
}

/// What must be unique in the configuration, each with the place of the first.
#[derive(Default)]
struct Seen {
    /// `ip-reservations-unique`.
    unique_reservations: bool,
    ids: HashMap<i64, Source>,
    prefixes: HashMap<Prefix4, Source>,
    names: HashMap<String, Source>,
    /// Where `shared-flq` is written.
    shared_queues: HashSet<Source>,
}

/// What global map, shared networks and subnets have in common.
fn common(level: Level<'_>, diagnostics: &mut Diagnostics) {
    timers::check(level, diagnostics);
    if let Some(map) = level.map() {
        timers::ddns_ttl(map, diagnostics);
        clients::boot(map, diagnostics);
    }
}

fn subnet(level: Level<'_>, seen: &mut Seen, diagnostics: &mut Diagnostics) {
    let Some(subnet) = level.map() else { return };
    common(level, diagnostics);
    link(subnet, diagnostics);
    allocator(level, seen, diagnostics);
    if let Some(id) = subnet.get("id")
        && let Some(number) = id.as_int()
    {
        unique(&mut seen.ids, number, id, format!("the subnet id {number}"), diagnostics);
    }
    let mut prefix = None;
    if let Some(value) = subnet.get("subnet")
        && let Some(text) = value.as_str()
    {
        match text.parse::<Prefix4>() {
            Ok(parsed) => {
                prefix = Some(parsed);
                host_bits(text, parsed, value, diagnostics);
                unique(&mut seen.prefixes, parsed, value, format!("the subnet {parsed}"), diagnostics);
            }
            Err(error) => diagnostics.error(value.source(), format!("'{text}' {error}")),
        }
    }
    pools::check(subnet, prefix, diagnostics);
    clients::reservations(subnet, prefix, seen.unique_reservations, diagnostics);
    if let Some(value) = subnet.get("4o6-subnet")
        && let Some(text) = value.as_str()
        && !text.is_empty()
        && !is_prefix6(text)
    {
        diagnostics.error(
            value.source(),
            format!("\"4o6-subnet\" is '{text}', not an IPv6 prefix such as '2001:db8::/56'"),
        );
    }
}

/// Queues of free leases are shared by those who share the database that they stand in. Kea judges subnets alone, too.
fn allocator(level: Level<'_>, seen: &mut Seen, diagnostics: &mut Diagnostics) {
    if let Some(value) = level.get("allocator")
        && value.as_str() == Some("shared-flq")
        && seen.shared_queues.insert(value.source().clone())
    {
        let message =
            "the allocator \"shared-flq\" is only supported by MySQL and PostgreSQL lease databases";
        let hint = "use 'flq': the leases of a memfile are this server's alone";
        diagnostics.error_with_hint(value.source(), message, hint);
    }
}

/// The subnets of a shared network are on one link and agree about who has authority over it.
fn shared_network(level: Level<'_>, seen: &mut Seen, diagnostics: &mut Diagnostics) {
    let Some(network) = level.map() else { return };
    link(network, diagnostics);
    if let Some(name) = network.get("name")
        && let Some(text) = name.as_str()
    {
        if text.is_empty() {
            diagnostics.error(name.source(), "a shared network must have a name, this is empty");
        } else {
            unique(
                &mut seen.names,
                text.to_owned(),
                name,
                format!("the shared network \"{text}\""),
                diagnostics,
            );
        }
    }
    let authoritative = level.bool("authoritative");
    let mut interface =
        network.get("interface").filter(|value| value.as_str().is_some_and(|name| !name.is_empty()));
    for subnet in network.list("subnet4") {
        if let Some(value) = subnet.get("authoritative")
            && value.as_bool().is_some_and(|own| own != authoritative)
        {
            let message = format!("\"authoritative\" must be {authoritative} as in the shared network");
            // Kea compares before shared networks inherit from the global scope, so it starts with this.
            if network.get("authoritative").is_none() && authoritative {
                diagnostics.warning(value.source(), message);
            } else {
                diagnostics.error(value.source(), message);
            }
        }
        let Some(own) = subnet.get("interface") else { continue };
        match (interface.and_then(Value::as_str), own.as_str()) {
            (_, None | Some("")) => {}
            (None, Some(_)) => interface = Some(own),
            (Some(name), Some(other)) if name != other => {
                let at = interface.map(|value| value.source().to_string()).unwrap_or_default();
                let message = format!(
                    "the interface \"{other}\" differs from \"{name}\" at {at} in the same shared network"
                );
                diagnostics.error_with_hint(own.source(), message, "a shared network is one link");
            }
            _ => {}
        }
    }
}

/// Interface, relay agents and classes.
fn link(map: &Value, diagnostics: &mut Diagnostics) {
    clients::class_names(map, diagnostics);
    let addresses = map.get("relay").map_or(&[][..], |relay| relay.list("ip-addresses"));
    let mut seen = HashMap::new();
    for value in addresses {
        let Some(text) = value.as_str() else { continue };
        match text.parse::<Ipv4Addr>() {
            Ok(address) => unique(&mut seen, address, value, format!("the relay {address}"), diagnostics),
            Err(_) => diagnostics.error(value.source(), format!("'{text}' is not an IPv4 address")),
        }
    }
}

/// Kea takes a prefix with host bits and so does this server, but hardly anyone means one.
fn host_bits(text: &str, prefix: Prefix4, value: &Value, diagnostics: &mut Diagnostics) {
    let address = text.split('/').next().and_then(|address| address.trim().parse::<Ipv4Addr>().ok());
    if address.is_some_and(|address| address != prefix.network()) {
        diagnostics.warning(
            value.source(),
            format!("'{text}' is not the first address of its prefix, it is read as {prefix}"),
        );
    }
}

/// Notes that `value` is `what`; an error if another is already.
fn unique<K: std::hash::Hash + Eq>(
    seen: &mut HashMap<K, Source>,
    key: K,
    value: &Value,
    what: String,
    diagnostics: &mut Diagnostics,
) {
    match seen.entry(key) {
        std::collections::hash_map::Entry::Vacant(source) => {
            source.insert(value.source().clone());
        }
        std::collections::hash_map::Entry::Occupied(first) => {
            diagnostics.error(value.source(), format!("{what} is there already, at {}", first.get()));
        }
    }
}

fn is_prefix6(text: &str) -> bool {
    text.split_once('/').is_some_and(|(address, length)| {
        address.parse::<std::net::Ipv6Addr>().is_ok()
            && length.parse::<u8>().is_ok_and(|length| length <= 128)
    })
}
