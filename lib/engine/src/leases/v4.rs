//! Leases of DHCPv4.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_config::v4::{Config4, Host4, Hosts4, SubnetAt};
use kotare_model::{Lease4, LeaseState, LeaseType, SubnetId};
use kotare_stats::Stat4;
use kotare_store::{By4, SharedPool};

use super::leased::{Held, Leased};
use super::shared::all4;
use crate::alloc::{PoolKey, PoolMap, SubnetAllocator};
use crate::hooks::{Foretold, LeaseChange, LeaseEvent4, Observer4};
use crate::v4::{Query4, QueryKind};

impl Leased for Lease4 {
    type Stat = Stat4;
    type Config = Config4;
    type Host = Host4;
    type Query = Query4;
    type Observer = dyn Observer4;
    type Map = PoolMap;
    type Allocators = SubnetAllocator;

    const DECLINED: Stat4 = Stat4::DeclinedAddresses;
    const RECLAIMED_DECLINED: Stat4 = Stat4::ReclaimedDeclinedAddresses;
    const RECLAIMED: Stat4 = Stat4::ReclaimedLeases;

    fn place(&self) -> Ipv4Addr {
        self.address
    }

    fn place_of(address: Ipv4Addr) -> Ipv4Addr {
        address
    }

    fn address_of(address: Ipv4Addr) -> Ipv4Addr {
        address
    }

    fn asked_for(&self, by: By4<'_>) -> bool {
        let of_client = |id: &[u8]| self.client_id.as_ref().is_some_and(|it| it.as_bytes() == id);
        match by {
            By4::Address(address) => self.address == address,
            By4::ClientId(id) => of_client(id),
            By4::HwAddr(hwaddr) => self.hwaddr == *hwaddr,
            By4::ClientIdOn(id, subnets) => of_client(id) && subnets.contains(&self.subnet_id),
            By4::HwAddrOn(hwaddr, subnets) => self.hwaddr == *hwaddr && subnets.contains(&self.subnet_id),
            By4::NamelessOn(hwaddr, subnets) => {
                self.hwaddr == *hwaddr && self.client_id.is_none() && subnets.contains(&self.subnet_id)
            }
            By4::Hostname(name) => self.hostname == *name,
        }
    }

    fn is_of_client_of(&self, other: &Self) -> bool {
        (&self.client_id, self.hwaddr) == (&other.client_id, other.hwaddr)
    }

    fn held(_: LeaseType, _: LeaseState) -> Held<Stat4> {
        Held { now: Stat4::AssignedAddresses, ever: Stat4::CumulativeAssignedAddresses }
    }

    fn changed_by(query: &Query4, after: Option<&Self>) -> Option<LeaseChange> {
        match query.kind {
            QueryKind::Release => Some(LeaseChange::Released),
            QueryKind::Discover if after.is_some() => Some(LeaseChange::Offered),
            _ => None,
        }
    }

    fn foretell(observer: &(dyn Observer4 + 'static), event: &LeaseEvent4<'_>) -> Option<Box<dyn Foretold>> {
        observer.foretold4(event)
    }

    fn tell(observer: &(dyn Observer4 + 'static), event: &LeaseEvent4<'_>) {
        observer.lease4(event);
    }

    fn subnets(config: &Config4) -> impl Iterator<Item = SubnetId> {
        config.subnets.iter().map(|subnet| subnet.id)
    }

    fn shared(config: &Config4) -> Vec<SharedPool<Ipv4Addr>> {
        all4(config)
    }

    fn networks(config: &Config4) -> usize {
        config.networks.len()
    }

    fn hosts(config: &Config4) -> &Hosts4 {
        &config.hosts
    }

    fn each_reserved(host: &Host4, visit: impl FnMut(Ipv4Addr)) {
        host.address.into_iter().for_each(visit);
    }

    fn allocators(
        config: &Config4,
        subnet: SubnetAt,
        map: impl Fn(PoolKey) -> Arc<PoolMap>,
        before: Option<&SubnetAllocator>,
    ) -> SubnetAllocator {
        let subnet = &config[subnet];
        let keys = SubnetAllocator::keys(subnet, config.compatibility.exclude_first_last_24);
        SubnetAllocator::new(subnet.params.allocator, keys.map(map).collect(), before)
            .reserving(subnet.params.reservations.in_pool())
    }

    fn maps(allocator: &SubnetAllocator) -> impl Iterator<Item = &Arc<PoolMap>> {
        allocator.pools().iter()
    }

    fn rehearsal(allocator: &SubnetAllocator) -> SubnetAllocator {
        allocator.rehearsal()
    }

    fn bar(allocator: &SubnetAllocator, address: Ipv4Addr) {
        allocator.bar(address);
    }

    fn unbar(allocator: &SubnetAllocator, address: Ipv4Addr) {
        allocator.unbar(address);
    }

    fn span(keys: impl Iterator<Item = PoolKey>) -> Option<(Option<Ipv4Addr>, Ipv4Addr)> {
        let (first, last) = keys
            .map(|key| (key.first, key.last))
            .reduce(|(first, last), (low, high)| (first.min(low), last.max(high)))?;
        Some((first.checked_sub(1).map(Ipv4Addr::from), last.into()))
    }
}
