//! What of a configuration has statistics of its own.

use kotare_config::v6::{Config6, Subnet6};
use kotare_stats::{PoolLayout, SubnetLayout};

/// The subnets of a configuration and their pools, for [`kotare_stats::Statistics6::prepare`].
pub fn statistics_layout(config: &Config6) -> Vec<SubnetLayout> {
    config.subnets.iter().map(|subnet| subnet_layout(subnet)).collect()
}

/// One of them.
pub fn subnet_layout(subnet: &Subnet6) -> SubnetLayout {
    let pools = subnet.pools.iter().map(|pool| PoolLayout::of_addresses(pool.id, pool.size()));
    let pd_pools = subnet.pd_pools.iter().map(|pool| PoolLayout::of_prefixes(pool.id, pool.size()));
    SubnetLayout { id: subnet.id, pools: pools.chain(pd_pools).collect() }
}
