//! Subnets, shared networks and the pools of addresses and of prefixes.

use std::net::Ipv6Addr;
use std::sync::Arc;

use kotare_model::SubnetId;

use super::{Scope, hosts, params};
use crate::common::resolve::{names::LevelNames, networks::join, options};
use crate::json::Value;
use crate::schema::tables::{PD_POOL, POOL6, SHARED_NETWORK6, SUBNET6};
use crate::v6::{Guard, Network6, NetworkAt, PdPool6, Pool6, Prefix6, Subnet6};
use crate::{Level, parse_pool};

/// All subnets by id, and the shared networks with their members.
pub(super) fn resolve(
    global: Level<'_>,
    names: &LevelNames,
    scope: &mut Scope<'_>,
) -> (Vec<Arc<Subnet6>>, Vec<Network6>) {
    let mut subnets = Vec::new();
    let mut networks = Vec::new();
    for network in global.items("shared-networks") {
        let at = NetworkAt::new(networks.len());
        let guard = scope.guard(network);
        networks.push(Network6 {
            name: network.get("name").and_then(Value::as_str).unwrap_or_default().into(),
            guard: guard.clone(),
            additional: scope.class_list(network, "evaluate-additional-classes"),
            user_context: network.get("user-context").cloned(),
            options: options::level(network, scope),
            subnets: Vec::new(),
            ids: Vec::new(),
        });
        let level = global.inner(&SHARED_NETWORK6, network);
        let names = names.inner(level, scope.diagnostics);
        for subnet in network.list("subnet6") {
            let level = level.inner(&SUBNET6, subnet);
            subnets.extend(one(subnet, level, Some((at, &guard)), &names, scope).map(Arc::new));
        }
    }
    for subnet in global.items("subnet6") {
        let level = global.inner(&SUBNET6, subnet);
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
) -> Option<Subnet6> {
    let id = level.own("id")?.as_int().and_then(|id| u32::try_from(id).ok()).map(SubnetId)?;
    hosts::resolve(id, subnet.list("reservations"), scope);
    let options = options::level(subnet, scope);
    let guard = scope.guard(subnet);
    let additional = scope.class_list(subnet, "evaluate-additional-classes");
    let names = names.inner(level, scope.diagnostics);
    let pools = subnet.list("pools").iter().filter_map(|it| pool(it, level, &names, scope)).collect();
    let pd_pools = subnet.list("pd-pools").iter().filter_map(|it| pd_pool(it, level, scope)).collect();
    Some(Subnet6 {
        id,
        prefix: subnet.get("subnet")?.as_str()?.parse().ok()?,
        network: network.map(|(at, _)| at),
        interface: network_text(level, "interface").map(Into::into),
        interface_id: network_text(level, "interface-id").map(|text| text.as_bytes().into()),
        relays: level.network_get("relay").map(relays).unwrap_or_default(),
        guard: network.map_or_else(|| guard.clone(), |(_, around)| guard.within(around)),
        additional,
        pools,
        pd_pools,
        params: params::resolve(level, level.bool("rapid-commit"), names.here),
        options,
        user_context: subnet.get("user-context").cloned(),
    })
}

/// A text of a subnet or its shared network, if it is not empty.
fn network_text<'a>(level: Level<'a>, keyword: &str) -> Option<&'a str> {
    level.network_get(keyword).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn pool(pool: &Value, subnet: Level<'_>, names: &LevelNames, scope: &mut Scope<'_>) -> Option<Pool6> {
    let (first, last) = parse_pool(pool.get("pool")?.as_str()?).ok()?;
    let level = subnet.inner(&POOL6, pool);
    Some(Pool6 {
        first,
        last,
        id: level.count("pool-id"),
        guard: scope.guard(pool),
        additional: scope.class_list(pool, "evaluate-additional-classes"),
        options: options::level(pool, scope),
        names: names.inner(level, scope.diagnostics).here,
    })
}

fn pd_pool(pool: &Value, subnet: Level<'_>, scope: &mut Scope<'_>) -> Option<PdPool6> {
    let level = subnet.inner(&PD_POOL, pool);
    let len = |keyword| level.int::<u8>(keyword);
    let prefix =
        |address, len: Option<u8>| Prefix6::new(level.own(address)?.as_str()?.trim().parse().ok()?, len?);
    let (whole, delegated_len) = (prefix("prefix", len("prefix-len"))?, len("delegated-len")?);
    if !(whole.prefix_len()..=128).contains(&delegated_len) {
        return None;
    }
    Some(PdPool6 {
        prefix: whole,
        delegated_len,
        // One of no length is none, as in Kea.
        excluded: prefix("excluded-prefix", len("excluded-prefix-len").filter(|len| *len > delegated_len)),
        id: level.count("pool-id"),
        guard: scope.guard(pool),
        additional: scope.class_list(pool, "evaluate-additional-classes"),
        options: options::level(pool, scope),
    })
}

/// `ip-addresses`.
fn relays(relay: &Value) -> Vec<Ipv6Addr> {
    relay.list("ip-addresses").iter().filter_map(|it| it.as_str()?.parse().ok()).collect()
}
