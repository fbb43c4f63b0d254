//! Leases of DHCPv6.

use std::net::Ipv6Addr;
use std::sync::Arc;

use kotare_config::v6::{Config6, Host6, Hosts6, SubnetAt};
use kotare_model::{Lease6, LeaseState, LeaseType, SubnetId};
use kotare_stats::Stat6;
use kotare_store::{By6, Ia, SharedPool};

use super::leased::{Held, Leased};
use super::shared::all6;
use crate::alloc::{Place6, PoolKey6, PoolMap6, SubnetAllocators6};
use crate::hooks::{Foretold, LeaseChange, LeaseEvent6, Observer6};
use crate::v6::{Query6, QueryKind};

impl Leased for Lease6 {
    type Stat = Stat6;
    type Config = Config6;
    type Host = Host6;
    type Query = Query6;
    type Observer = dyn Observer6;
    type Map = PoolMap6;
    type Allocators = SubnetAllocators6;

    const DECLINED: Stat6 = Stat6::DeclinedAddresses;
    const RECLAIMED_DECLINED: Stat6 = Stat6::ReclaimedDeclinedAddresses;
    const RECLAIMED: Stat6 = Stat6::ReclaimedLeases;

    fn can_overlap(place: Place6) -> bool {
        place.is_prefix()
    }

    fn place(&self) -> Place6 {
        Place6::of(self)
    }

    fn place_of(address: Ipv6Addr) -> Place6 {
        Place6::Address(address)
    }

    fn address_of(place: Place6) -> Ipv6Addr {
        place.address()
    }

    fn asked_for(&self, by: By6<'_>) -> bool {
        // What nobody has is of no association and found by no hardware address.
        let owned = !self.duid.is_empty();
        let is_of = |ia: Ia<'_>| owned && Ia::of(self) == ia;
        match by {
            By6::Address(address) => self.address == address,
            By6::Ia(ia) => is_of(ia),
            By6::IaOn(ia, subnets) => is_of(ia) && subnets.contains(&self.subnet_id),
            By6::Duid(duid) => self.duid.as_bytes() == duid,
            By6::HwAddr(hwaddr) => owned && self.hwaddr.is_some_and(|it| it.address == *hwaddr),
            By6::Hostname(name) => self.hostname == *name,
        }
    }

    fn is_of_client_of(&self, other: &Self) -> bool {
        Ia::of(self) == Ia::of(other)
    }

    fn held(of: LeaseType, state: LeaseState) -> Held<Stat6> {
        match (of, state) {
            (LeaseType::Pd, _) => Held { now: Stat6::AssignedPds, ever: Stat6::CumulativeAssignedPds },
            (_, LeaseState::Registered) => {
                Held { now: Stat6::RegisteredNas, ever: Stat6::CumulativeRegisteredNas }
            }
            _ => Held { now: Stat6::AssignedNas, ever: Stat6::CumulativeAssignedNas },
        }
    }

    fn changed_by(query: &Query6, _: Option<&Self>) -> Option<LeaseChange> {
        (query.kind == QueryKind::Release).then_some(LeaseChange::Released)
    }

    fn foretell(observer: &(dyn Observer6 + 'static), event: &LeaseEvent6<'_>) -> Option<Box<dyn Foretold>> {
        observer.foretold6(event)
    }

    fn tell(observer: &(dyn Observer6 + 'static), event: &LeaseEvent6<'_>) {
        observer.lease6(event);
    }

    fn subnets(config: &Config6) -> impl Iterator<Item = SubnetId> {
        config.subnets.iter().map(|subnet| subnet.id)
    }

    fn shared(config: &Config6) -> Vec<SharedPool<Ipv6Addr>> {
        all6(config)
    }

    fn networks(config: &Config6) -> usize {
        config.networks.len()
    }

    fn hosts(config: &Config6) -> &Hosts6 {
        &config.hosts
    }

    fn each_reserved(host: &Host6, mut visit: impl FnMut(Place6)) {
        host.addresses.iter().for_each(|address| visit(Place6::Address(*address)));
        host.prefixes().iter().for_each(|reserved| visit(Place6::Prefix(reserved.prefix)));
    }

    fn allocators(
        config: &Config6,
        subnet: SubnetAt,
        map: impl Fn(PoolKey6) -> Arc<PoolMap6>,
        before: Option<&SubnetAllocators6>,
    ) -> SubnetAllocators6 {
        SubnetAllocators6::new(&config[subnet], map, before)
    }

    fn maps(allocators: &SubnetAllocators6) -> impl Iterator<Item = &Arc<PoolMap6>> {
        allocators.maps()
    }

    fn rehearsal(allocators: &SubnetAllocators6) -> SubnetAllocators6 {
        allocators.rehearsal()
    }

    fn bar(allocators: &SubnetAllocators6, place: Place6) {
        allocators.of(place).bar(place);
    }

    fn unbar(allocators: &SubnetAllocators6, place: Place6) {
        allocators.of(place).unbar(place);
    }

    fn span(keys: impl Iterator<Item = PoolKey6>) -> Option<(Option<Ipv6Addr>, Ipv6Addr)> {
        // A prefix that has something of a pool can begin anywhere before it.
        let low = |key: PoolKey6| if key.is_delegated() { 0 } else { key.ends().0 };
        let (first, last) = keys
            .map(|key| (low(key), key.ends().1))
            .reduce(|(first, last), (low, high)| (first.min(low), last.max(high)))?;
        Some((first.checked_sub(1).map(Ipv6Addr::from), last.into()))
    }
}

#[cfg(test)]
#[path = "v6_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "v6_shared_tests.rs"]
mod shared_tests;
