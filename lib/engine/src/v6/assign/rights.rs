//! What a client may have.

use std::fmt;
use std::net::Ipv6Addr;

use kotare_config::v6::{Config6, Host6, HostId, Prefix6, SubnetAt};
use kotare_model::{LeaseType, Reserved6};
use kotare_store::{HostSources, StoreError};
use smallvec::SmallVec;

use super::messages::*;
use super::{Place, siblings};
use crate::hosts::is_for_others;
use crate::v6::Query6;
use crate::v6::hosts::Found;

/// The rights of a client.
pub(in super::super) struct Rights<'e> {
    pub(in super::super) config: &'e Config6,
    pub(in super::super) sources: &'e HostSources<Reserved6>,
    pub(in super::super) query: &'e Query6,
    /// What is reserved for it.
    pub(in super::super) found: &'e Found,
}

/// What is reserved, each with the subnet that it is given from.
type Reserved = SmallVec<[(Place, SubnetAt); 2]>;

impl Rights<'_> {
    /// What is reserved for the client on the link of `from`: of each subnet in its order, then what is reserved
    /// globally, as far as it fits.
    pub(super) fn reserved(&self, from: SubnetAt, kind: LeaseType) -> Reserved {
        let (config, found, classes) = (self.config, self.found, &self.query.classes);
        let mut reserved = Reserved::new();
        if !found.is_known() {
            return reserved;
        }
        let fitting = || siblings(config, from, classes).filter(|at| config[*at].fits(classes));
        for at in fitting() {
            let Some(host) = found.local(config, at) else { continue };
            // Where what is reserved is out of pools, what is of a pool is everybody's.
            let out_of_pool = config[at].params.reservations.out_of_pool;
            let counts = |place: &Place| !out_of_pool || !is_of_pool(config, at, kind, place.address);
            reserved.extend(resources(host, kind).filter(counts).map(|place| (place, at)));
        }
        let Some(global) = found.anywhere() else { return reserved };
        for place in resources(global, kind) {
            // A prefix need not be of any subnet.
            let fits = |at: &SubnetAt| {
                let is_here = kind == LeaseType::Pd || config[*at].prefix.contains(place.address);
                is_here && found.global(config, *at).is_some()
            };
            match fitting().find(fits) {
                Some(at) => reserved.push((place, at)),
                None => {
                    let link = LinkText(config, from);
                    ALLOC_ENGINE_IGNORING_UNSUITABLE_GLOBAL_ADDRESS6(self.query, place.address, link);
                }
            }
        }
        reserved
    }

    /// The subnet whose reservation for the client names neither address nor prefix: anything of it will do.
    pub(super) fn home(&self, from: SubnetAt) -> Option<SubnetAt> {
        let is_home = |at: &SubnetAt| {
            let host = self.found.local(self.config, *at);
            let names_nothing = |host: &Host6| host.addresses.is_empty() && host.prefixes().is_empty();
            host.is_some_and(names_nothing) && self.config[*at].fits(&self.query.classes)
        };
        let known = self.found.is_known().then(|| siblings(self.config, from, &self.query.classes));
        known?.find(is_home)
    }

    /// Whether something of a subnet is reserved, and not by the reservation that counts for this client there. Another
    /// one that names the client, too, does not count for it.
    pub(super) async fn is_for_others(
        &self,
        at: SubnetAt,
        kind: LeaseType,
        place: Place,
    ) -> Result<bool, StoreError> {
        let (subnet, config, address) = (&self.config[at], self.config, place.address);
        let modes = subnet.params.reservations;
        if !modes.in_subnet || config.hosts.is_empty() && self.sources.is_empty() {
            return Ok(false);
        }
        if modes.out_of_pool && is_of_pool(config, at, kind, address) {
            return Ok(false);
        }
        let own = self.found.local(config, at).map(Host6::id);
        let (all, unique) = ((&config.hosts, self.sources), config.unique_reservations);
        is_for_others(all, unique, (subnet.id, address), |id: HostId<'_>| own == Some(id)).await
    }

    /// The subnet on the link of `from` with a pool that holds something, unless it is reserved for somebody else there.
    pub(super) async fn free_to_have(
        &self,
        from: SubnetAt,
        kind: LeaseType,
        place: Place,
    ) -> Result<Option<SubnetAt>, StoreError> {
        let classes = &self.query.classes;
        let has_pool = |at: &SubnetAt| {
            let subnet = &self.config[*at];
            subnet.fits(classes)
                && match kind {
                    LeaseType::Pd => subnet.pd_pool_of(place.address).is_some_and(|pool| pool.fits(classes)),
                    _ => subnet.pool_for(place.address, classes).is_some(),
                }
        };
        let Some(at) = siblings(self.config, from, classes).find(has_pool) else { return Ok(None) };
        Ok((!self.is_for_others(at, kind, place).await?).then_some(at))
    }

    /// What the client must not use of a prefix that it has from a subnet.
    pub(super) fn excluded(&self, at: SubnetAt, place: Place) -> Option<Prefix6> {
        let config = self.config;
        let mut hosts = [self.found.local(config, at), self.found.global(config, at)].into_iter().flatten();
        let is_it = |prefix: Prefix6| (prefix.network(), prefix.prefix_len()) == (place.address, place.len);
        let reserved = hosts.find_map(|host| host.prefixes().iter().find(|it| is_it(it.prefix)));
        let of_pool = || {
            let pool = config[at].pd_pool_of(place.address)?;
            pool.excluded_from(place.address).filter(|_| pool.delegated_len == place.len)
        };
        reserved.map_or_else(of_pool, |reserved| reserved.excluded)
    }
}

/// What a reservation names of one kind, in its order.
fn resources(host: &Host6, kind: LeaseType) -> impl Iterator<Item = Place> {
    let (addresses, prefixes): (&[Ipv6Addr], _) = match kind {
        LeaseType::Pd => (&[], host.prefixes()),
        _ => (&host.addresses, &[][..]),
    };
    let addresses = addresses.iter().map(|&address| Place { address, len: 128 });
    let prefixes = prefixes.iter().map(|it| it.prefix);
    addresses.chain(prefixes.map(|it| Place { address: it.network(), len: it.prefix_len() }))
}

/// Whether something is of a pool of a subnet, whoever that is for.
fn is_of_pool(config: &Config6, at: SubnetAt, kind: LeaseType, address: Ipv6Addr) -> bool {
    match kind {
        LeaseType::Pd => config[at].pd_pool_of(address).is_some(),
        _ => config[at].pool_of(address).is_some(),
    }
}

/// Where a client is, in log messages.
struct LinkText<'a>(&'a Config6, SubnetAt);

impl fmt::Display for LinkText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subnet = &self.0[self.1];
        match subnet.network {
            Some(network) => write!(f, "shared-network: {}", self.0[network].name),
            None => write!(f, "subnet id: {}", subnet.id),
        }
    }
}
