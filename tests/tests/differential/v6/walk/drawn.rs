//! Configurations that are drawn at random: something for every level that has it.

use kotare_model::Chance;
use serde_json::Value;

/// Where something is configured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Server,
    Network,
    Subnet,
    Pool,
    PrefixPool,
}

/// Visits every level of a `Dhcp6` map.
pub(super) fn each(dhcp6: &mut Value, visit: &mut impl FnMut(Level, &mut Value)) {
    visit(Level::Server, dhcp6);
    for network in list(dhcp6, "shared-networks") {
        visit(Level::Network, network);
        each_subnet(network, visit);
    }
    each_subnet(dhcp6, visit);
}

fn each_subnet(holder: &mut Value, visit: &mut impl FnMut(Level, &mut Value)) {
    for subnet in list(holder, "subnet6") {
        visit(Level::Subnet, subnet);
        list(subnet, "pools").iter_mut().for_each(|pool| visit(Level::Pool, pool));
        list(subnet, "pd-pools").iter_mut().for_each(|pool| visit(Level::PrefixPool, pool));
    }
}

fn list<'v>(map: &'v mut Value, key: &str) -> &'v mut [Value] {
    map.get_mut(key).and_then(Value::as_array_mut).map_or(&mut [], Vec::as_mut_slice)
}

/// One of these.
pub(super) fn one_of<T: Clone>(noise: &mut Chance, all: &[T]) -> T {
    all[noise.below(all.len())].clone()
}

/// Whether something comes about that does so once in `turns`.
pub(super) fn once_in(noise: &mut Chance, turns: usize) -> bool {
    noise.below(turns) == 0
}
