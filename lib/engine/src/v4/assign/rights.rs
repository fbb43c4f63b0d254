//! What a client may have on its link: what is reserved for it, what is in a pool, and nothing that is reserved for
//! somebody else.

use std::net::Ipv4Addr;

use kotare_config::v4::{Config4, HostId, SubnetAt};
use kotare_model::Reserved4;
use kotare_store::{HostSources, StoreError};
use smallvec::SmallVec;

use super::siblings;
use crate::hosts::is_for_others;
use crate::v4::Query4;
use crate::v4::hosts::Found;
use crate::v4::messages::*;

/// The rights of a client.
pub(in super::super) struct Rights<'e> {
    pub(in super::super) config: &'e Config4,
    pub(in super::super) sources: &'e HostSources<Reserved4>,
    pub(in super::super) query: &'e Query4,
    /// What names it in reservations.
    pub(in super::super) ids: SmallVec<[HostId<'e>; 5]>,
    /// What is reserved for it.
    pub(in super::super) found: &'e Found,
}

/// What is reserved for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reserved {
    /// Neither an address nor a subnet.
    Nothing,
    /// Any address of this subnet: there is a reservation in it that names none.
    Subnet(SubnetAt),
    /// This address, in this subnet.
    Address(Ipv4Addr, SubnetAt),
}

impl Reserved {
    /// The subnet where something is reserved.
    pub(super) fn subnet(self) -> Option<SubnetAt> {
        match self {
            Self::Nothing => None,
            Self::Subnet(at) | Self::Address(_, at) => Some(at),
        }
    }

    /// Whether it is this address.
    pub(super) fn is(self, address: Ipv4Addr) -> bool {
        matches!(self, Self::Address(reserved, _) if reserved == address)
    }
}

impl Rights<'_> {
    /// What is reserved for the client on the link of `from`, which comes first: of the subnets' reservations the first
    /// one, or else the global one, where its address fits.
    pub(super) fn reserved(&self, from: SubnetAt) -> Reserved {
        let (config, found) = (self.config, self.found);
        if !found.is_known() {
            return Reserved::Nothing;
        }
        for at in siblings(config, from, &self.query.classes) {
            let Some(host) = found.local(config, at) else { continue };
            let Some(address) = host.address else { return Reserved::Subnet(at) };
            // Where reserved addresses are out of pools, one of a pool is everybody's.
            let subnet = &config[at];
            if !subnet.params.reservations.out_of_pool || subnet.pool_of(address).is_none() {
                return Reserved::Address(address, at);
            }
        }
        let Some(address) = found.global_address() else {
            return Reserved::Nothing;
        };
        let fits =
            |at: &SubnetAt| found.global(config, *at).is_some() && config[*at].prefix.contains(address);
        match siblings(config, from, &self.query.classes).find(fits) {
            Some(at) => Reserved::Address(address, at),
            None => {
                ALLOC_ENGINE_IGNORING_UNSUITABLE_GLOBAL_ADDRESS(self.query, address, LinkText(config, from));
                Reserved::Nothing
            }
        }
    }

    /// Whether an address of a subnet is reserved, and not for this client.
    pub(super) async fn is_for_others(
        &self,
        subnet: SubnetAt,
        address: Ipv4Addr,
    ) -> Result<bool, StoreError> {
        self.is_reserved(subnet, address, |id| self.ids.contains(&id)).await
    }

    /// Whether an address of a subnet is reserved, for whomever. Who looks for just any address gets none that is: what
    /// is reserved for a client it has by its reservation, or when it asks for the address.
    pub(super) async fn is_for_somebody(
        &self,
        subnet: SubnetAt,
        address: Ipv4Addr,
    ) -> Result<bool, StoreError> {
        self.is_reserved(subnet, address, |_| false).await
    }

    async fn is_reserved(
        &self,
        subnet: SubnetAt,
        address: Ipv4Addr,
        is_mine: impl Fn(HostId<'_>) -> bool + Send,
    ) -> Result<bool, StoreError> {
        let (subnet, config) = (&self.config[subnet], self.config);
        let modes = subnet.params.reservations;
        if !modes.in_subnet || config.hosts.is_empty() && self.sources.is_empty() {
            return Ok(false);
        }
        if modes.out_of_pool && subnet.pool_of(address).is_some() {
            return Ok(false);
        }
        let (all, unique) = ((&config.hosts, self.sources), config.unique_reservations);
        is_for_others(all, unique, (subnet.id, address), is_mine).await
    }

    /// The same for an address of any subnet on the link of `from`.
    pub(super) async fn is_for_others_here(
        &self,
        from: SubnetAt,
        address: Ipv4Addr,
    ) -> Result<bool, StoreError> {
        if self.config.hosts.is_empty() && self.sources.is_empty() {
            return Ok(false);
        }
        for at in siblings(self.config, from, &self.query.classes) {
            if self.config[at].prefix.contains(address) && self.is_for_others(at, address).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The subnet on the link of `from` with a pool that holds the address.
    pub(super) fn pool_subnet(&self, from: SubnetAt, address: Ipv4Addr) -> Option<SubnetAt> {
        let classes = &self.query.classes;
        let has_pool = |at: SubnetAt| self.config[at].pool_for(address, classes).is_some();
        siblings(self.config, from, classes).find(|&at| has_pool(at))
    }

    /// The same, unless the address is reserved for somebody else there.
    pub(super) async fn free_to_have(
        &self,
        from: SubnetAt,
        address: Ipv4Addr,
    ) -> Result<Option<SubnetAt>, StoreError> {
        let Some(subnet) = self.pool_subnet(from, address) else { return Ok(None) };
        Ok((!self.is_for_others(subnet, address).await?).then_some(subnet))
    }
}

/// Where a client is, in log messages.
struct LinkText<'a>(&'a Config4, SubnetAt);

impl std::fmt::Display for LinkText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let subnet = &self.0[self.1];
        match subnet.network {
            Some(network) => write!(f, "shared-network: {}", self.0[network].name),
            None => write!(f, "subnet id: {}", subnet.id),
        }
    }
}
