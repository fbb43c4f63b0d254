//! Subnets and shared networks of DHCPv6.

use std::net::Ipv6Addr;

use super::networks::{Seen, link, one_link};
use super::{pd_pools, pools, reservations, timers};
use crate::json::{Diagnostics, Value};
use crate::schema::tables::{PREFIX_FROM, SHARED_NETWORK6, SUBNET6};
use crate::{Level, Prefix6};

/// Room for the name of an interface and the zero behind it (`IFNAMSIZ`).
const INTERFACE_NAME: usize = 16;

/// Checks every level that has lifetimes, and what subnets must not share.
pub(super) fn check(global: Level<'_>, diagnostics: &mut Diagnostics) {
    common(global, diagnostics);
    let mut seen = Seen::new(global);
    for network in global.items("shared-networks") {
        let level = global.inner(&SHARED_NETWORK6, network);
        common(level, diagnostics);
        shared_network(level, &mut seen, diagnostics);
        for subnet in network.list("subnet6") {
            self::subnet(level.inner(&SUBNET6, subnet), &mut seen, diagnostics);
        }
    }
    for subnet in global.items("subnet6") {
        self::subnet(global.inner(&SUBNET6, subnet), &mut seen, diagnostics);
    }
}

/// What global map, shared networks and subnets have in common.
fn common(level: Level<'_>, diagnostics: &mut Diagnostics) {
    timers::check6(level, diagnostics);
    if let Some(map) = level.map() {
        timers::ddns_ttl(map, diagnostics);
    }
}

fn subnet(level: Level<'_>, seen: &mut Seen<Ipv6Addr>, diagnostics: &mut Diagnostics) {
    let Some(subnet) = level.map() else { return };
    common(level, diagnostics);
    link::<Ipv6Addr>(subnet, diagnostics);
    reached(subnet, diagnostics);
    if let Some(from) = subnet.get(PREFIX_FROM.name).filter(|from| from.is_map()) {
        prefix_from(from, diagnostics);
    }
    // Pools of addresses are too large for a list of what is free in them.
    let no_queue = "the allocator \"flq\" is not supported for the addresses of DHCPv6";
    let hint = "\"pd-allocator\" may be \"flq\"; for addresses use \"iterative\" or \"random\"";
    seen.refuse_allocator(level, "allocator", "flq", (no_queue, hint), diagnostics);
    seen.allocator(level, "allocator", diagnostics);
    seen.allocator(level, "pd-allocator", diagnostics);
    let prefix = seen.subnet(subnet, diagnostics);
    if let Some(prefix) = prefix.filter(|prefix| prefix.prefix_len() == 0)
        && let Some(value) = subnet.get("subnet")
    {
        let message =
            format!("the subnet {prefix} is all addresses; it must have a prefix length of 1 at least");
        diagnostics.error(value.source(), message);
    }
    let mut ranges = pools::check(subnet, prefix, diagnostics);
    ranges.extend(pd_pools::check(subnet, diagnostics));
    pools::overlaps(ranges, diagnostics);
    reservations::check6(subnet, prefix, seen.unique_reservations, diagnostics);
}

/// An interface that may be there, and where its prefix may lie.
fn prefix_from(from: &Value, diagnostics: &mut Diagnostics) {
    if let Some(value) = from.get("interface")
        && let Some(name) = value.as_str()
        && (name.is_empty() || name.len() >= INTERFACE_NAME || name.contains(['/', ' ']))
    {
        let message = format!("'{name}' is not the name of an interface");
        diagnostics.error_with_hint(value.source(), message, "routes to nowhere are on \"lo\"");
    }
    if let Some(value) = from.get("within")
        && let Some(text) = value.as_str()
        && let Err(error) = text.parse::<Prefix6>()
    {
        diagnostics.error(value.source(), format!("'{text}' {error}"));
    }
}

/// A link is this server's own, or is reached through a relay that names it.
fn reached(map: &Value, diagnostics: &mut Diagnostics) {
    let set = |keyword| map.get(keyword).filter(|value| value.as_str().is_some_and(|text| !text.is_empty()));
    if let (Some(_), Some(value)) = (set("interface"), set("interface-id")) {
        let message = "\"interface-id\" is for clients behind a relay, \"interface\" for those on this \
                       server's own links; only one of them can be there";
        diagnostics.error(value.source(), message);
    }
}

/// The subnets of a shared network are on one link and agree about whether two messages are enough for its clients.
fn shared_network(level: Level<'_>, seen: &mut Seen<Ipv6Addr>, diagnostics: &mut Diagnostics) {
    let Some(network) = level.map() else { return };
    link::<Ipv6Addr>(network, diagnostics);
    reached(network, diagnostics);
    seen.name(network, diagnostics);
    let subnets = network.list("subnet6");
    let mut rapid: Option<(bool, &Value)> = None;
    for subnet in subnets.iter().filter(|subnet| subnet.is_map()) {
        let own = level.inner(&SUBNET6, subnet).bool("rapid-commit");
        let (first, at) = *rapid.get_or_insert((own, subnet));
        if own != first {
            let message = format!(
                "\"rapid-commit\" is {own} here and {first} in the subnet at {}, in the same shared network",
                at.source()
            );
            let value = subnet.get("rapid-commit").unwrap_or(subnet);
            diagnostics.error_with_hint(value.source(), message, "set it in the shared network alone");
        }
    }
    one_link(network, subnets, diagnostics);
}
