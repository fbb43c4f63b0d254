//! Subnets, shared networks and pools.

use std::sync::Arc;

use kotare_model::SubnetId;

use super::{Scope, hosts, options, params};
use crate::Level;
use crate::common::resolve::names::LevelNames;
use crate::common::resolve::networks::join;
use crate::json::Value;
use crate::parse_pool;
use crate::schema::tables::{POOL, SHARED_NETWORK, SUBNET4};
use crate::v4::{Guard, Network4, NetworkAt, Over6, Pool4, Subnet4};

/// All subnets by id, and the shared networks with their members.
pub(super) fn resolve(
    global: Level<'_>,
    names: &LevelNames,
    scope: &mut Scope<'_>,
) -> (Vec<Arc<Subnet4>>, Vec<Network4>) {
    let mut subnets = Vec::new();
    let mut networks = Vec::new();
    for network in global.items("shared-networks") {
        let at = NetworkAt::new(networks.len());
        let guard = scope.guard(network);
        networks.push(Network4 {
            name: network.get("name").and_then(Value::as_str).unwrap_or_default().into(),
            guard: guard.clone(),
            additional: scope.class_list(network, "evaluate-additional-classes"),
            user_context: network.get("user-context").cloned(),
            options: options::level(network, scope),
            subnets: Vec::new(),
            ids: Vec::new(),
        });
        let level = global.inner(&SHARED_NETWORK, network);
        let names = names.inner(level, scope.diagnostics);
        for subnet in network.list("subnet4") {
            let level = level.inner(&SUBNET4, subnet);
            subnets.extend(one(subnet, level, Some((at, &guard)), &names, scope).map(Arc::new));
        }
    }
    for subnet in global.items("subnet4") {
        let level = global.inner(&SUBNET4, subnet);
        subnets.extend(one(subnet, level, None, names, scope).map(Arc::new));
    }
    join(&mut subnets, &mut networks);
    (subnets, networks)
}

/// One subnet; `None` when its prefix or id cannot be read, which the schema's checks report.
fn one(
    subnet: &Value,
    level: Level<'_>,
    network: Option<(NetworkAt, &Guard)>,
    names: &LevelNames,
    scope: &mut Scope<'_>,
) -> Option<Subnet4> {
    let id = id(subnet)?;
    hosts::resolve(id, subnet.list("reservations"), scope);
    let options = options::level(subnet, scope);
    let guard = scope.guard(subnet);
    let additional = scope.class_list(subnet, "evaluate-additional-classes");
    let names = names.inner(level, scope.diagnostics);
    let pools = subnet.list("pools").iter();
    let pools = pools.filter_map(|it| pool(it, level, &names, scope)).collect();
    Some(Subnet4 {
        id,
        prefix: subnet.get("subnet")?.as_str()?.parse().ok()?,
        network: network.map(|(at, _)| at),
        interface: level
            .network_get("interface")
            .and_then(Value::as_str)
            .filter(|name| !name.is_empty())
            .map(Into::into),
        relays: level.network_get("relay").map(relays).unwrap_or_default(),
        guard: network.map_or_else(|| guard.clone(), |(_, around)| guard.within(around)),
        additional,
        pools,
        params: params::resolve(level, names.here),
        options,
        over6: Over6::of(Level::of(&SUBNET4, subnet)),
        user_context: subnet.get("user-context").cloned(),
    })
}

fn pool(pool: &Value, subnet: Level<'_>, names: &LevelNames, scope: &mut Scope<'_>) -> Option<Pool4> {
    let (first, last) = parse_pool(pool.get("pool")?.as_str()?).ok()?;
    let level = subnet.inner(&POOL, pool);
    Some(Pool4 {
        first,
        last,
        id: level.count("pool-id"),
        guard: scope.guard(pool),
        additional: scope.class_list(pool, "evaluate-additional-classes"),
        options: options::level(pool, scope),
        names: names.inner(level, scope.diagnostics).here,
    })
}

/// `ip-addresses`.
fn relays(relay: &Value) -> Vec<std::net::Ipv4Addr> {
    relay.list("ip-addresses").iter().filter_map(|it| it.as_str()?.parse().ok()).collect()
}

/// The id, which every subnet has that can be served from.
fn id(subnet: &Value) -> Option<SubnetId> {
    subnet.get("id").and_then(Value::as_int).and_then(|id| u32::try_from(id).ok()).map(SubnetId)
}
