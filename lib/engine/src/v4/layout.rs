//! What of a configuration has statistics of its own.

use std::sync::Arc;

use kotare_config::v4::{Config4, Subnet4};
use kotare_stats::{PoolLayout, SubnetLayout};

/// The subnets of a configuration and their pools, for [`kotare_stats::Statistics4::prepare`].
pub fn statistics_layout(config: &Config4) -> Vec<SubnetLayout> {
    let subnet = |subnet: &Arc<Subnet4>| SubnetLayout {
        id: subnet.id,
        pools: subnet.pools.iter().map(|pool| PoolLayout::of_addresses(pool.id, pool.size())).collect(),
    };
    config.subnets.iter().map(subnet).collect()
}
