//! The free addresses and prefixes of a subnet of DHCPv6.

use std::sync::Arc;

use kotare_config::v6::Subnet6;

use super::{Place6, PoolKey6, PoolMap6, SubnetAllocator};

/// Proposes free addresses of a subnet (`allocator`), and free prefixes (`pd-allocator`).
#[derive(Debug)]
pub struct SubnetAllocators6 {
    /// Over the subnet's `pools`, by their position.
    pub(crate) addresses: SubnetAllocator<PoolMap6>,
    /// Over its `pd-pools`, by their position.
    pub(crate) prefixes: SubnetAllocator<PoolMap6>,
}

impl SubnetAllocators6 {
    /// Those of a subnet, on maps that `map` knows or makes, taking turns with those there were `before`.
    pub(crate) fn new(
        subnet: &Subnet6,
        map: impl Fn(PoolKey6) -> Arc<PoolMap6>,
        before: Option<&Self>,
    ) -> Self {
        let (order, pd_order) = (subnet.params.allocator, subnet.params.pd_allocator);
        let reserves = subnet.params.reservations.in_pool();
        let addresses = subnet.pools.iter().map(|pool| map(PoolKey6::of(pool, order))).collect();
        let prefixes =
            subnet.pd_pools.iter().map(|pool| map(PoolKey6::of_prefixes(pool, pd_order))).collect();
        Self {
            addresses: SubnetAllocator::new(order, addresses, before.map(|it| &it.addresses))
                .reserving(reserves),
            prefixes: SubnetAllocator::new(pd_order, prefixes, before.map(|it| &it.prefixes))
                .reserving(reserves),
        }
    }

    /// Those that propose what these would, and change nothing.
    pub(crate) fn rehearsal(&self) -> Self {
        Self { addresses: self.addresses.rehearsal(), prefixes: self.prefixes.rehearsal() }
    }

    /// Every pool's map.
    pub(crate) fn maps(&self) -> impl Iterator<Item = &Arc<PoolMap6>> {
        self.addresses.pools().iter().chain(self.prefixes.pools())
    }

    /// What gives places of this sort.
    pub(crate) fn of(&self, place: Place6) -> &SubnetAllocator<PoolMap6> {
        if place.is_prefix() { &self.prefixes } else { &self.addresses }
    }
}
