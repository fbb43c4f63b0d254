//! The routers that clients are told.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use super::{Scene4, Written4};
use crate::json::{Diagnostics, Value};
use crate::review::Ranges;

const ROUTERS: i64 = 3;
/// How many routers of a level are looked at: a client uses the first that answers.
const LOOKED_AT: usize = 16;

/// A router, and the data of the option that names it.
type Router<'a> = (Ipv4Addr, &'a Value);

/// Visits all subnets with the routers that their clients are told: those of the innermost level that has any.
fn told<'a>(scene: &Scene4<'a>, mut visit: impl FnMut(&Written4<'a>, &[Router<'a>])) {
    let global = scene.global();
    let everywhere = global.map().map(named).unwrap_or_default();
    let networks: Vec<_> = global.items("shared-networks").iter().map(named).collect();
    for subnet in Written4::all(scene) {
        let (own, none) = (named(subnet.map), Vec::new());
        let of_network = subnet.network.and_then(|at| networks.get(at)).unwrap_or(&none);
        let levels = [&own, of_network, &everywhere];
        let routers = levels.into_iter().find(|routers| !routers.is_empty());
        visit(&subnet, routers.unwrap_or(&none));
    }
}

/// The routers in the options of a map.
fn named(map: &Value) -> Vec<Router<'_>> {
    let options = map.list("option-data").iter().filter(|option| is_routers(option));
    let addresses = options.filter_map(|option| option.get("data")).flat_map(|data| {
        let texts = data.as_str().unwrap_or_default().split(',');
        texts.filter_map(move |text| Some((text.trim().parse().ok()?, data)))
    });
    addresses.take(LOOKED_AT).collect()
}

fn is_routers(option: &Value) -> bool {
    let is_standard = option.get("space").is_none_or(|space| space.as_str() == Some("dhcp4"));
    let is_named = option.get("name").is_some_and(|name| name.as_str() == Some("routers"));
    is_standard && (is_named || option.get("code").and_then(Value::as_int) == Some(ROUTERS))
}

/// Whoever is given the address of the router takes the subnet off the network.
pub(super) fn in_pool(scene: &Scene4<'_>, diagnostics: &mut Diagnostics) {
    told(scene, |subnet, routers| {
        for pool in subnet.pools() {
            if let Some((router, _)) = routers.iter().find(|(it, _)| (pool.first..=pool.last).contains(it)) {
                let message = format!("the pool has {router}, the address of the router of its clients");
                diagnostics.warning_with_hint(pool.value.source(), message, "leave it out of the pool");
            }
        }
    });
}

/// A client reaches no router that is not on its link. An option that many are told is named once.
pub(super) fn outside(scene: &Scene4<'_>, diagnostics: &mut Diagnostics) {
    let mut links: HashMap<usize, Vec<(Ipv4Addr, Ipv4Addr)>> = HashMap::new();
    for subnet in Written4::all(scene) {
        if let Some(at) = subnet.network {
            let range = (subnet.prefix.network(), subnet.prefix.last());
            links.entry(at).or_default().push(range);
        }
    }
    let links: HashMap<usize, Ranges<Ipv4Addr>> =
        links.into_iter().map(|(at, list)| (at, Ranges::new(list))).collect();
    let mut seen: HashMap<(Ipv4Addr, *const Value), usize> = HashMap::new();
    let mut found = Vec::new();
    told(scene, |subnet, routers| {
        for &(router, place) in routers {
            let is_on_link = subnet.prefix.contains(router)
                || subnet
                    .network
                    .and_then(|at| links.get(&at))
                    .is_some_and(|link| link.meets(router, router));
            if is_on_link {
                continue;
            }
            let at = *seen.entry((router, place)).or_insert_with(|| {
                found.push((router, place, subnet.prefix, 0));
                found.len() - 1
            });
            found[at].3 += 1;
        }
    });
    for (router, place, prefix, count) in found {
        let others = match count {
            1 => String::new(),
            count => format!(" and {} other subnets", count - 1),
        };
        let message =
            format!("clients of {prefix}{others} are told the router {router}, which is not on their link");
        diagnostics.warning_with_hint(place.source(), message, "name a router of the subnet");
    }
}
