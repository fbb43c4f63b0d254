//! What of a configuration has statistics of its own.

use kotare_config::v4::{Config4, Subnet4};
use kotare_stats::{PoolLayout, SubnetLayout};

/// The subnets of a configuration and their pools, for [`kotare_stats::Statistics4::prepare`].
pub fn statistics_layout(config: &Config4) -> Vec<SubnetLayout> {
    config.subnets.iter().map(|subnet| subnet_layout(subnet)).collect()
}

/// One of them.
pub fn subnet_layout(subnet: &Subnet4) -> SubnetLayout {
    let pools = subnet.pools.iter().map(|pool| PoolLayout::of_addresses(pool.id, pool.size()));
    SubnetLayout { id: subnet.id, pools: pools.collect() }
}
