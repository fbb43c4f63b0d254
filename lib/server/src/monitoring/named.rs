//! What people call a subnet and its pools.

use kotare_model::SubnetId;
use kotare_stats::PoolKind;
use kotare_stats::exposition::label;

/// A subnet as people know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedSubnet {
    /// Its id.
    pub id: SubnetId,
    /// Its prefix.
    pub prefix: String,
    /// The shared network that it is in.
    pub network: Option<Box<str>>,
    /// Its pools.
    pub pools: Vec<NamedPool>,
}

/// A pool as people know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPool {
    /// What it is of.
    pub kind: PoolKind,
    /// Its `pool-id`, which several may have.
    pub id: u32,
    /// Its addresses, or its prefixes.
    pub range: String,
}

impl NamedSubnet {
    /// The labels of the subnet's metrics.
    pub(super) fn labels(&self) -> String {
        let mut labels = String::new();
        label(&mut labels, "subnet", &self.prefix);
        label(&mut labels, "subnet_id", self.id);
        if let Some(network) = &self.network {
            label(&mut labels, "shared_network", network);
        }
        labels
    }

    /// The labels of the metrics of the pools of this kind with this id, which are counted together.
    pub(super) fn pool_labels(&self, kind: PoolKind, id: u32, subnet: &str) -> String {
        let ranges: Vec<_> = self
            .pools
            .iter()
            .filter(|pool| (pool.kind, pool.id) == (kind, id))
            .map(|pool| &*pool.range)
            .collect();
        let mut labels = subnet.to_owned();
        label(&mut labels, "pool", ranges.join(","));
        label(&mut labels, "pool_id", id);
        labels
    }
}
