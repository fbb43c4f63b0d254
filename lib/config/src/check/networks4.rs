//! Subnets and shared networks of DHCPv4.

use std::net::Ipv4Addr;

use super::networks::{Seen, link, one_link};
use super::{boot, pools, reservations, timers};
use crate::json::Diagnostics;
use crate::schema::tables::{SHARED_NETWORK, SUBNET4};
use crate::{Level, Prefix6};

/// Checks every level that has lifetimes, and what subnets must not share.
pub(super) fn check(global: Level<'_>, diagnostics: &mut Diagnostics) {
    common(global, diagnostics);
    let mut seen = Seen::new(global);
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

/// What global map, shared networks and subnets have in common.
fn common(level: Level<'_>, diagnostics: &mut Diagnostics) {
    timers::check(level, diagnostics);
    if let Some(map) = level.map() {
        timers::ddns_ttl(map, diagnostics);
        boot::check(map, diagnostics);
    }
}

fn subnet(level: Level<'_>, seen: &mut Seen<Ipv4Addr>, diagnostics: &mut Diagnostics) {
    let Some(subnet) = level.map() else { return };
    common(level, diagnostics);
    link::<Ipv4Addr>(subnet, diagnostics);
    seen.allocator(level, "allocator", diagnostics);
    let prefix = seen.subnet(subnet, diagnostics);
    let ranges = pools::check(subnet, prefix, diagnostics);
    pools::overlaps(ranges, diagnostics);
    reservations::check4(subnet, prefix, seen.unique_reservations, diagnostics);
    if let Some(value) = subnet.get("4o6-subnet")
        && let Some(text) = value.as_str()
        && !text.is_empty()
        && text.parse::<Prefix6>().is_err()
    {
        diagnostics.error(
            value.source(),
            format!("\"4o6-subnet\" is '{text}', not an IPv6 prefix such as '2001:db8::/56'"),
        );
    }
}

/// The subnets of a shared network are on one link and agree about who has authority over it.
fn shared_network(level: Level<'_>, seen: &mut Seen<Ipv4Addr>, diagnostics: &mut Diagnostics) {
    let Some(network) = level.map() else { return };
    link::<Ipv4Addr>(network, diagnostics);
    seen.name(network, diagnostics);
    let authoritative = level.bool("authoritative");
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
    }
    one_link(network, network.list("subnet4"), diagnostics);
}
