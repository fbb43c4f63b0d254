//! Reservations that do nothing, or too much.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Scene;
use super::leasing::{Leasing, Ranges, WrittenPool, WrittenSubnet, reserving};
use crate::common::written_identifier;
use crate::json::{Diagnostics, Value};
use crate::{Address, Prefix};

/// Where nothing reserved is in a pool, nobody need look for reservations when something of a pool is given.
pub(super) fn out_of_pool<C: Leasing>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    for subnet in WrittenSubnet::all(scene) {
        let level = subnet.level;
        let (pools, mut reserved) = (subnet.pooled(), subnet.reserved().peekable());
        let is_said = level.bool("reservations-out-of-pool") || !level.bool("reservations-in-subnet");
        if is_said || reserved.peek().is_none() || reserved.any(|reserved| pools.has(&reserved)) {
            continue;
        }
        let message = format!("all addresses that {} reserves are outside of its pools", subnet.prefix);
        let hint = "set \"reservations-out-of-pool\" to true, so that reservations need not be looked up";
        diagnostics.warning_with_hint(subnet.place().source(), message, hint);
    }
}

/// Pools of which every address is reserved.
pub(super) fn exhausting<C: Leasing>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    exhausted(scene, false, |subnet| subnet.pools().collect(), diagnostics);
}

/// Pools of which every prefix is reserved.
pub(crate) fn exhausting_prefixes<C: Leasing>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    exhausted(scene, true, |subnet| C::delegated(subnet.map).collect(), diagnostics);
}

fn exhausted<'a, C: Leasing>(
    scene: &Scene<'a, C>,
    are_delegated: bool,
    pools: impl Fn(&WrittenSubnet<'a, C>) -> Vec<WrittenPool<'a, C::Address>>,
    diagnostics: &mut Diagnostics,
) {
    for subnet in WrittenSubnet::all(scene) {
        let level = subnet.level;
        if !level.bool("reservations-in-subnet") || level.bool("reservations-out-of-pool") {
            continue;
        }
        let reserved = subnet.reserved().filter(|reserved| reserved.is_delegated == are_delegated);
        let reserved = Ranges::new(reserved.map(|it| (it.prefix.network(), it.prefix.last())).collect());
        for pool in pools(&subnet) {
            let count = places_taken(&pool, &reserved);
            if count > pool.place(pool.last) - pool.place(pool.first) {
                let what = if are_delegated { "prefixes" } else { "addresses" };
                let message = format!("all {count} {what} of the pool are reserved");
                let hint = "no other client gets one of it: make it larger";
                diagnostics.warning_with_hint(pool.value.source(), message, hint);
            }
        }
    }
}

/// How many places of a pool have something that is reserved.
fn places_taken<A: Address>(pool: &WrittenPool<'_, A>, reserved: &Ranges<A>) -> u128 {
    let (mut count, mut next) = (0_u128, 0);
    for (first, last) in reserved.between(pool.first, pool.last) {
        let first = pool.place(pool.first.max(*first)).max(next);
        let last = pool.place(pool.last.min(*last));
        if first <= last {
            count = count.saturating_add(last - first).saturating_add(1);
            next = last.saturating_add(1);
        }
    }
    count
}

/// Reservations that nobody is ever found by, or whose address nobody gets.
pub(super) fn without_effect<C: Leasing>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    let global = scene.global();
    let all = WrittenSubnet::all(scene);
    for map in reserving(scene, &all) {
        not_looked_for(scene, map, diagnostics);
    }
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
            for reserved in subnet.reserved().filter(|reserved| pools.has(reserved)) {
                let text = reserved.text();
                let message =
                    format!("{text} is in a pool, and \"reservations-out-of-pool\" says that none is");
                let hint = "nobody gets it as reserved: take it out of the pool, or set that to false";
                diagnostics.warning_with_hint(reserved.value.source(), message, hint);
            }
        }
    }
}

/// The reservations in a map whose identifiers are not asked for.
fn not_looked_for<C: Leasing>(scene: &Scene<'_, C>, map: &Value, diagnostics: &mut Diagnostics) {
    for reservation in map.list("reservations") {
        let named = written_identifier(C::IDENTIFIERS, reservation);
        if let Some((kind, _)) = named.filter(|(kind, _)| !scene.config.host_ids().contains(kind))
            && let Some(entry) = reservation.entry(kind.keyword())
        {
            let keyword = kind.keyword();
            let message = format!("clients are not looked for by \"{keyword}\"");
            let hint = format!("add \"{keyword}\" to \"host-reservation-identifiers\"");
            diagnostics.warning_with_hint(entry.key.source(), message, hint);
        }
    }
}

/// What is reserved for several clients, in one list or in several.
pub(super) fn twice<C: Leasing>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    let mut seen: HashMap<(bool, Prefix<C::Address>), (&Value, _)> = HashMap::new();
    let subnets = WrittenSubnet::all(scene);
    for reservation in reserving(scene, &subnets).into_iter().flat_map(|map| map.list("reservations")) {
        let client = written_identifier(C::IDENTIFIERS, reservation);
        for reserved in C::reserved(reservation) {
            match seen.entry((reserved.is_delegated, reserved.prefix)) {
                Entry::Occupied(first) if first.get().1 != client => {
                    let (text, first) = (reserved.text(), first.get().0.source());
                    let message = format!("{text} is reserved for another client, too, at {first}");
                    let hint = "only one of them can have it at a time";
                    diagnostics.warning_with_hint(reserved.value.source(), message, hint);
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(place) => _ = place.insert((reserved.value, client.clone())),
            }
        }
    }
}
