//! Subnets, the shared networks around them, and how clients are found to be there.

use std::collections::HashMap;

use super::Scene;
use super::leasing::{Leasing, WrittenSubnet};
use crate::Prefix;
use crate::json::{Diagnostics, Value};

/// A shared network joins subnets: with fewer than two there is nothing to join.
pub(super) fn dispensable_network<C: Leasing>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    for network in scene.global().items("shared-networks") {
        let (Some(name), count) = (network.get("name"), network.list(C::SUBNETS).len()) else { continue };
        if count < 2 {
            let has = if count == 0 { "no subnet" } else { "a single subnet" };
            let message = format!("the shared network {} has {has}", name.as_str().unwrap_or_default());
            let hint = match count {
                0 => "remove it".to_owned(),
                _ => format!("write its subnet under the global \"{}\"", C::SUBNETS),
            };
            diagnostics.warning_with_hint(name.source(), message, hint);
        }
    }
}

/// Without pools and reservations there is no address to give.
pub(super) fn dispensable_subnet<C: Leasing>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    for subnet in WrittenSubnet::all(scene) {
        let has = |keyword: &&str| !subnet.map.list(keyword).is_empty();
        let gives =
            subnet.level.bool("reservations-global") || ["pools", "pd-pools", "reservations"].iter().any(has);
        if !gives {
            let message = format!("the subnet {} has neither pools nor reservations", subnet.prefix);
            diagnostics.warning_with_hint(subnet.place().source(), message, "add some, or remove the subnet");
        }
    }
}

/// Sorted by where they begin, the larger first, a subnet is in the last one before it that has not ended.
pub(super) fn overlapping<C: Leasing>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    let mut subnets: Vec<(Prefix<C::Address>, &Value)> =
        WrittenSubnet::all(scene).iter().map(|subnet| (subnet.prefix, subnet.place())).collect();
    subnets.sort_by_key(|(prefix, _)| (prefix.network(), prefix.prefix_len()));
    let mut around: Vec<(Prefix<C::Address>, &Value)> = Vec::new();
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

/// Where a subnet is, and what it is.
struct Found<A> {
    prefix: Prefix<A>,
    network: Option<usize>,
}

/// Of several links with the same name the subnet with the lowest id is found, unless it is for some classes only.
pub(super) fn link_named_twice<C: Leasing>(scene: &Scene<'_, C>, diagnostics: &mut Diagnostics) {
    let mut subnets = WrittenSubnet::all(scene);
    subnets.sort_by_key(|subnet| subnet.map.get("id").and_then(Value::as_int));
    let mut found: HashMap<(&str, String), Found<C::Address>> = HashMap::new();
    for subnet in &subnets {
        let level = subnet.level;
        let is_guarded = [level.own("client-classes"), level.network_get("client-classes")]
            .into_iter()
            .flatten()
            .any(|classes| !classes.items().is_empty());
        for (keyword, name, value) in names::<C>(subnet) {
            match found.get(&(keyword, name.clone())) {
                Some(first) if first.network.is_none() || first.network != subnet.network => {
                    let message = format!(
                        "clients of this {keyword} are found in the subnet {}, which has a lower id than {}",
                        first.prefix, subnet.prefix
                    );
                    let hint = "put both into one shared network if they are on one link";
                    diagnostics.warning_with_hint(value.source(), message, hint);
                }
                Some(_) => {}
                None if is_guarded => {}
                None => {
                    let (prefix, network) = (subnet.prefix, subnet.network);
                    found.insert((keyword, name), Found { prefix, network });
                }
            }
        }
    }
}

/// What a subnet's link is called, its own names or those of its shared network.
fn names<'a, C: Leasing>(subnet: &WrittenSubnet<'a, C>) -> Vec<(&'static str, String, &'a Value)> {
    let level = subnet.level;
    let texts = ["interface", "interface-id"].into_iter().filter_map(|keyword| {
        let value = level.network_get(keyword)?;
        let name = value.as_str().filter(|name| !name.is_empty())?;
        Some((keyword, name.to_owned(), value))
    });
    let relays = level.network_get("relay").map_or(&[][..], |relay| relay.list("ip-addresses"));
    let relays = relays.iter().filter_map(|value| {
        let address: C::Address = value.as_str()?.parse().ok()?;
        Some(("relay", address.to_string(), value))
    });
    texts.chain(relays).collect()
}
