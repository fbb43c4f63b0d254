//! Subnets, shared networks, pools and times.

use super::{Scene4, Written4};
use crate::Level;
use crate::json::{Diagnostics, Value};
use crate::schema::tables::{COMPATIBILITY, SHARED_NETWORK};
use crate::v4::Prefix4;

/// A shared network joins subnets: with fewer than two there is nothing to join.
pub(super) fn dispensable_network(scene: &Scene4<'_>, diagnostics: &mut Diagnostics) {
    for network in scene.global().items("shared-networks") {
        let (Some(name), count) = (network.get("name"), network.list("subnet4").len()) else { continue };
        if count < 2 {
            let has = if count == 0 { "no subnet" } else { "a single subnet" };
            let message = format!("the shared network {} has {has}", name.as_str().unwrap_or_default());
            let hint = if count == 0 { "remove it" } else { "write its subnet under the global \"subnet4\"" };
            diagnostics.warning_with_hint(name.source(), message, hint);
        }
    }
}

/// Without pools and reservations there is no address to give.
pub(super) fn dispensable_subnet(scene: &Scene4<'_>, diagnostics: &mut Diagnostics) {
    for subnet in Written4::all(scene) {
        let gives = subnet.level.bool("reservations-global")
            || ["pools", "reservations"].iter().any(|keyword| !subnet.map.list(keyword).is_empty());
        if !gives {
            let message = format!("the subnet {} has neither pools nor reservations", subnet.prefix);
            diagnostics.warning_with_hint(subnet.place().source(), message, "add some, or remove the subnet");
        }
    }
}

/// Sorted by where they begin, the larger first, a subnet is in the last one before it that has not ended.
pub(super) fn overlapping(scene: &Scene4<'_>, diagnostics: &mut Diagnostics) {
    let mut subnets: Vec<(Prefix4, &Value)> =
        Written4::all(scene).iter().map(|subnet| (subnet.prefix, subnet.place())).collect();
    subnets.sort_by_key(|(prefix, _)| (prefix.network(), prefix.prefix_len()));
    let mut around: Vec<(Prefix4, &Value)> = Vec::new();
    for (prefix, place) in subnets {
        around.retain(|(outer, _)| outer.last() >= prefix.network());
        if let Some((outer, other)) = around.last() {
            let message = format!("the subnet {prefix} is a part of {outer}, at {}", other.source());
            let hint = "clients in both may be given the same addresses: keep them apart";
            diagnostics.warning_with_hint(place.source(), message, hint);
        }
        around.push((prefix, place));
    }
}

/// The first and the last address of a subnet are for no host (RFC 1122 §3.2.1.3), but for links of two (RFC 3021).
pub(super) fn edges(scene: &Scene4<'_>, diagnostics: &mut Diagnostics) {
    let spared = scene.global().section(&COMPATIBILITY).bool("exclude-first-last-24");
    for subnet in Written4::all(scene) {
        let prefix = subnet.prefix;
        if prefix.prefix_len() > 30 || (spared && prefix.prefix_len() == 24) {
            continue;
        }
        for (value, first, last) in subnet.pools() {
            for (edge, what) in
                [(prefix.network(), "names the subnet itself"), (prefix.last(), "is its broadcast address")]
            {
                if (first..=last).contains(&u32::from(edge)) {
                    let message = format!("the pool has {edge}, which {what}");
                    diagnostics.warning_with_hint(value.source(), message, "leave it out of the pool");
                }
            }
        }
    }
}

/// T1 and T2 that are not before the end of a lease are not sent.
pub(super) fn timers(scene: &Scene4<'_>, diagnostics: &mut Diagnostics) {
    let global = scene.global();
    let networks = global.items("shared-networks").iter().map(|map| global.inner(&SHARED_NETWORK, map));
    let subnets = Written4::all(scene).into_iter().map(|subnet| subnet.level);
    for level in [global].into_iter().chain(networks).chain(subnets) {
        let Some(lifetime) = lifetime(level) else { continue };
        for keyword in ["renew-timer", "rebind-timer"] {
            let is_own = level.own(keyword).or_else(|| level.own("valid-lifetime"));
            if let (Some(timer), Some(place)) = (level.int::<u32>(keyword), is_own)
                && timer >= lifetime
            {
                let message =
                    format!("\"{keyword}\" ({timer}) is not before the end of a lease ({lifetime})");
                diagnostics.warning_with_hint(
                    place.source(),
                    message,
                    "it is not sent then; set it below \"valid-lifetime\"",
                );
            }
        }
    }
}

fn lifetime(level: Level<'_>) -> Option<u32> {
    level.int("valid-lifetime")
}
