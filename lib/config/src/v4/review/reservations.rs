//! Reservations that do nothing, or too much.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use super::{Scene4, Written4};
use crate::json::{Diagnostics, Value};
use crate::v4::{HostIdType, written_identifier};

/// The addresses that a subnet reserves, each with its place.
fn addresses(map: &Value) -> impl Iterator<Item = (Ipv4Addr, &Value)> {
    map.list("reservations").iter().filter_map(|reservation| {
        let value = reservation.get("ip-address")?;
        Some((value.as_str()?.parse().ok()?, value))
    })
}

/// Where no reserved address is in a pool, nobody need look for reservations when one of a pool is given.
pub(super) fn out_of_pool(scene: &Scene4<'_>, diagnostics: &mut Diagnostics) {
    for subnet in Written4::all(scene) {
        let level = subnet.level;
        let (pools, mut reserved) = (subnet.pooled(), addresses(subnet.map).peekable());
        let is_said = level.bool("reservations-out-of-pool") || !level.bool("reservations-in-subnet");
        if is_said || reserved.peek().is_none() || reserved.any(|(address, _)| pools.contains(address)) {
            continue;
        }
        let message = format!("all addresses that {} reserves are outside of its pools", subnet.prefix);
        let hint = "set \"reservations-out-of-pool\" to true, so that reservations need not be looked up";
        diagnostics.warning_with_hint(subnet.place().source(), message, hint);
    }
}

/// Pools of which every address is reserved.
pub(super) fn exhausting(scene: &Scene4<'_>, diagnostics: &mut Diagnostics) {
    for subnet in Written4::all(scene) {
        let level = subnet.level;
        if !level.bool("reservations-in-subnet") || level.bool("reservations-out-of-pool") {
            continue;
        }
        let mut reserved: Vec<u32> = addresses(subnet.map).map(|(address, _)| address.into()).collect();
        reserved.sort_unstable();
        reserved.dedup();
        for (value, first, last) in subnet.pools() {
            let below = |limit| reserved.partition_point(|address| *address < limit);
            let within = reserved.partition_point(|address| *address <= last) - below(first);
            if within as u64 > u64::from(last - first) {
                let message = format!("all {within} addresses of the pool are reserved");
                diagnostics.warning_with_hint(
                    value.source(),
                    message,
                    "no other client gets one of it: make it larger",
                );
            }
        }
    }
}

/// Reservations that nobody is ever found by, or whose address nobody gets.
pub(super) fn without_effect(scene: &Scene4<'_>, diagnostics: &mut Diagnostics) {
    let global = scene.global();
    let all = Written4::all(scene);
    let mut identified = |map: &Value| {
        for reservation in map.list("reservations") {
            if let Some((kind, _)) = written_identifier(reservation).filter(|(kind, _)| !asked(scene, *kind))
                && let Some(entry) = reservation.entry(kind.keyword())
            {
                let keyword = kind.keyword();
                let message = format!("clients are not looked for by \"{keyword}\"");
                let hint = format!("add \"{keyword}\" to \"host-reservation-identifiers\"");
                diagnostics.warning_with_hint(entry.key.source(), message, hint);
            }
        }
    };
    global.map().into_iter().chain(all.iter().map(|subnet| subnet.map)).for_each(&mut identified);
    if let Some(entry) = global.map().and_then(|map| map.entry("reservations"))
        && !entry.value.items().is_empty()
        && !global.bool("reservations-global")
        && !all.iter().any(|subnet| subnet.level.bool("reservations-global"))
    {
        let message = "no subnet looks for global reservations";
        let hint = "set \"reservations-global\" to true where they shall hold";
        diagnostics.warning_with_hint(entry.key.source(), message, hint);
    }
    for subnet in &all {
        let Some(entry) = subnet.map.entry("reservations").filter(|it| !it.value.items().is_empty()) else {
            continue;
        };
        if !subnet.level.bool("reservations-in-subnet") {
            let message = format!("reservations of {} are not looked for", subnet.prefix);
            let hint = "set \"reservations-in-subnet\" to true";
            diagnostics.warning_with_hint(entry.key.source(), message, hint);
        } else if subnet.level.bool("reservations-out-of-pool") {
            let pools = subnet.pooled();
            for (address, value) in addresses(subnet.map).filter(|(it, _)| pools.contains(*it)) {
                let message =
                    format!("{address} is in a pool, and \"reservations-out-of-pool\" says that none is");
                diagnostics.warning_with_hint(
                    value.source(),
                    message,
                    "nobody gets it as reserved: take it out of the pool, or set that to false",
                );
            }
        }
    }
}

fn asked(scene: &Scene4<'_>, kind: HostIdType) -> bool {
    scene.config.host_ids.contains(&kind)
}

/// Addresses that are reserved for several clients, in one list or in several.
pub(super) fn twice(scene: &Scene4<'_>, diagnostics: &mut Diagnostics) {
    let mut seen: HashMap<Ipv4Addr, (&Value, _)> = HashMap::new();
    let subnets = Written4::all(scene);
    for map in scene.global().map().into_iter().chain(subnets.iter().map(|subnet| subnet.map)) {
        for reservation in map.list("reservations") {
            let Some(value) = reservation.get("ip-address") else { continue };
            let Some(address) = value.as_str().and_then(|text| text.parse::<Ipv4Addr>().ok()) else {
                continue;
            };
            let client = written_identifier(reservation);
            match seen.get(&address) {
                Some((first, other)) if *other != client => {
                    let message =
                        format!("{address} is reserved for another client, too, at {}", first.source());
                    diagnostics.warning_with_hint(
                        value.source(),
                        message,
                        "only one of them can have it at a time",
                    );
                }
                Some(_) => {}
                None => _ = seen.insert(address, (value, client)),
            }
        }
    }
}
