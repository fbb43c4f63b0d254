//! What is free of pools of which servers share a queue (`shared-flq`).
//!
//! Where a store keeps such queues, they take the place of what an allocator of this server proposes, which knows what others
//! have only when it is stumbled over. Proposals they are all the same: the store decides by compare-and-set.

use std::net::{Ipv4Addr, Ipv6Addr};

use kotare_config::v4::{Allocator, Config4, Pool4, Subnet4};
use kotare_config::v6::{Config6, PdPool6, Pool6, Subnet6};
use kotare_model::LeaseType;
use kotare_store::{LeaseStore, NextFree, SharedPool, StoreError};

use super::Leases;
use super::leased::Leased;

/// Pools of more places have no queue: they do not run out, and all that is free would stand in it.
const MOST: u128 = 1 << 24;

/// A pool of addresses.
pub(crate) fn pool4(subnet: &Subnet4, pool: &Pool4) -> Option<SharedPool<Ipv4Addr>> {
    let (first, last) = (pool.first, pool.last);
    let size = u128::from(u32::from(last) - u32::from(first)) + 1;
    let lease_type = LeaseType::Na;
    (size <= MOST).then_some(SharedPool { first, last, lease_type, delegated_len: 128, subnet: subnet.id })
}

/// The same of DHCPv6.
pub(crate) fn pool6(subnet: &Subnet6, pool: &Pool6) -> Option<SharedPool<Ipv6Addr>> {
    let (first, last) = (pool.first, pool.last);
    let lease_type = LeaseType::Na;
    (u128::from(last) - u128::from(first) < MOST).then_some(SharedPool {
        first,
        last,
        lease_type,
        delegated_len: 128,
        subnet: subnet.id,
    })
}

/// A pool of prefixes.
pub(crate) fn pd_pool6(subnet: &Subnet6, pool: &PdPool6) -> Option<SharedPool<Ipv6Addr>> {
    let (first, delegated_len) = (pool.prefix.network(), pool.delegated_len);
    let size = 1u128.checked_shl((delegated_len - pool.prefix.prefix_len()).into());
    let rest = u128::MAX.checked_shr(pool.prefix.prefix_len().into()).unwrap_or(0);
    let last = Ipv6Addr::from(u128::from(first) | rest);
    let lease_type = LeaseType::Pd;
    size.filter(|size| *size <= MOST).map(|_| SharedPool {
        first,
        last,
        lease_type,
        delegated_len,
        subnet: subnet.id,
    })
}

/// The pools of a configuration of which servers share a queue.
pub(super) fn all4(config: &Config4) -> Vec<SharedPool<Ipv4Addr>> {
    let subnets = config.subnets.iter().filter(|it| it.params.allocator == Allocator::SharedFreeLeaseQueue);
    subnets.flat_map(|subnet| subnet.pools.iter().filter_map(|pool| pool4(subnet, pool))).collect()
}

/// The same of DHCPv6.
pub(super) fn all6(config: &Config6) -> Vec<SharedPool<Ipv6Addr>> {
    let mut all = Vec::new();
    for subnet in config.subnets.iter() {
        if subnet.params.allocator == Allocator::SharedFreeLeaseQueue {
            all.extend(subnet.pools.iter().filter_map(|pool| pool6(subnet, pool)));
        }
        if subnet.params.pd_allocator == Allocator::SharedFreeLeaseQueue {
            all.extend(subnet.pd_pools.iter().filter_map(|pool| pd_pool6(subnet, pool)));
        }
    }
    all
}

impl<L: Leased, S: LeaseStore<L>> Leases<S, L> {
    /// What the queues of these pools have next, beginning with one by chance, so that no pool is emptied before the others are
    /// touched. `None` where there are no queues, or not of all of them.
    pub(crate) fn next_free(
        &self,
        mut pools: Vec<Option<SharedPool<L::Address>>>,
        seed: u64,
    ) -> impl Future<Output = Result<Option<Option<L::Address>>, StoreError>> + Send + '_ {
        if !pools.is_empty() {
            let start = seed % pools.len() as u64;
            pools.rotate_left(start as usize);
        }
        async move {
            for pool in pools {
                let Some(pool) = pool else { return Ok(None) };
                match self.store().next_free(pool).await? {
                    NextFree::Place(address) => return Ok(Some(Some(address))),
                    NextFree::Nothing => {}
                    NextFree::NoQueue => return Ok(None),
                }
            }
            Ok(Some(None))
        }
    }
}
