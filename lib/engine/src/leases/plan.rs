//! What one configuration needs of the leases.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use kotare_model::SubnetId;
use kotare_stats::SubnetStats;

use super::registry::Registry;
use crate::alloc::SubnetAllocator;

/// The part of [`Leases`](super::Leases) that one configuration uses: occupancy and statistics of its subnets. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Plan(Arc<Planned>);

#[derive(Debug)]
struct Planned {
    /// By index into `Config4::subnets`.
    allocators: Vec<Arc<SubnetAllocator>>,
    /// By index into `Config4::networks`: the member that gave an address last.
    preferred: Vec<AtomicUsize>,
    /// What [`Leases`](super::Leases) must keep right for this configuration.
    registry: Arc<Registry>,
}

impl Plan {
    pub(super) fn new(
        allocators: Vec<Arc<SubnetAllocator>>,
        preferred: Vec<AtomicUsize>,
        registry: Arc<Registry>,
    ) -> Self {
        Self(Arc::new(Planned { allocators, preferred, registry }))
    }

    /// What [`Leases`](super::Leases) must keep right for this configuration.
    pub(super) fn registry(&self) -> &Arc<Registry> {
        &self.0.registry
    }

    /// The allocator of a subnet, by index into `Config4::subnets`.
    pub(crate) fn allocator(&self, subnet: usize) -> &SubnetAllocator {
        &self.0.allocators[subnet]
    }

    /// The statistics of a subnet.
    pub(crate) fn stats(&self, id: SubnetId) -> Option<&SubnetStats> {
        self.0.registry.stats(id)
    }

    /// The member of a shared network that gave an address last.
    pub(crate) fn preferred(&self, network: usize) -> Option<usize> {
        Some(self.0.preferred[network].load(Relaxed)).filter(|&subnet| subnet != usize::MAX)
    }

    /// Remembers the member of a shared network where an address was looked for.
    pub(crate) fn prefer(&self, network: usize, subnet: usize) {
        self.0.preferred[network].store(subnet, Relaxed);
    }
}
