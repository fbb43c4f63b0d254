//! What differs between the families.

use std::net::IpAddr;
use std::sync::Arc;

use kotare_config::common::{Hosts, Names, Reservation};
use kotare_config::v4::Config4;
use kotare_config::v6::Config6;
use kotare_engine::take_reserved;
use kotare_local_names::{Fixed, Owner, Rules};
use kotare_model::{HostId, HostIdType, HostName, Lease4, Lease6, SubnetId};

use super::LocalNames;
use crate::dns_updates::Updated;

/// The client identifiers that have a DUID in them begin so (RFC 4361), with four bytes between.
const OF_DUID: u8 = 255;

/// A lease whose name is told. There are two of them.
pub trait Told: Updated {
    /// Has changes of leases told to `names`.
    fn told(hooks: &mut Self::Hooks, names: Arc<LocalNames<Self>>);

    /// What tells its client from others: that of a reservation for it which has a name, if there is one.
    fn owner(&self, config: &Self::Config) -> Owner;

    /// The names that are reserved.
    fn reserved(config: &Self::Config, rules: &Rules) -> Vec<Fixed>;

    /// The networks that addresses are given from: the first address, and how many bits are the same.
    fn prefixes(config: &Self::Config) -> Vec<(IpAddr, u8)>;

    /// What the server appends to names, by subnet.
    fn suffixes(config: &Self::Config) -> Vec<(SubnetId, Box<str>)>;
}

impl Told for Lease4 {
    fn told(hooks: &mut Self::Hooks, names: Arc<LocalNames<Self>>) {
        hooks.observers.push(names);
    }

    fn owner(&self, config: &Config4) -> Owner {
        let hwaddr = HostId { kind: HostIdType::HwAddress, bytes: self.hwaddr.as_bytes() };
        let client_id = self.client_id.as_ref().map(|id| id.as_bytes());
        let duid = client_id.filter(|id| id.first() == Some(&OF_DUID)).and_then(|id| id.get(5..));
        let own = client_id.map(|bytes| HostId { kind: HostIdType::ClientId, bytes });
        let duid = duid.map(|bytes| HostId { kind: HostIdType::Duid, bytes });
        let ids = own.into_iter().chain([hwaddr]).chain(duid);
        of_reservation(&config.hosts, ids, self.subnet_id, |host| host.hostname().is_some())
            .unwrap_or_else(|| owner(own.unwrap_or(hwaddr)))
    }

    fn reserved(config: &Config4, rules: &Rules) -> Vec<Fixed> {
        let names = |subnet: SubnetId, address: Option<IpAddr>| {
            let subnet = config.subnet(subnet)?;
            Some(match address {
                Some(IpAddr::V4(address)) => &**subnet.names_at(address),
                _ => &*subnet.params.names,
            })
        };
        fixed(&config.hosts, rules, names, |host| {
            (host.hostname(), host.address.map(IpAddr::from).into_iter().collect())
        })
    }

    fn prefixes(config: &Config4) -> Vec<(IpAddr, u8)> {
        let prefixes = config.subnets.iter().map(|subnet| subnet.prefix);
        prefixes.map(|prefix| (prefix.network().into(), prefix.prefix_len())).collect()
    }

    fn suffixes(config: &Config4) -> Vec<(SubnetId, Box<str>)> {
        let suffix = |names: &Names| names.qualifying_suffix.clone();
        config.subnets.iter().map(|subnet| (subnet.id, suffix(&subnet.params.names))).collect()
    }
}

impl Told for Lease6 {
    fn told(hooks: &mut Self::Hooks, names: Arc<LocalNames<Self>>) {
        hooks.observers.push(names);
    }

    fn owner(&self, config: &Config6) -> Owner {
        let duid = HostId { kind: HostIdType::Duid, bytes: self.duid.as_bytes() };
        let hwaddr = self
            .hwaddr
            .as_ref()
            .map(|it| HostId { kind: HostIdType::HwAddress, bytes: it.address.as_bytes() });
        let ids = [duid].into_iter().chain(hwaddr);
        of_reservation(&config.hosts, ids, self.subnet_id, |host| host.hostname().is_some())
            .unwrap_or_else(|| owner(duid))
    }

    fn reserved(config: &Config6, rules: &Rules) -> Vec<Fixed> {
        let names = |subnet: SubnetId, address: Option<IpAddr>| {
            let subnet = config.subnet(subnet)?;
            Some(match address {
                Some(IpAddr::V6(address)) => &**subnet.names_at(address),
                _ => &*subnet.params.names,
            })
        };
        fixed(&config.hosts, rules, names, |host| {
            (host.hostname(), host.addresses.iter().copied().map(IpAddr::from).collect())
        })
    }

    fn prefixes(config: &Config6) -> Vec<(IpAddr, u8)> {
        let prefixes = config.subnets.iter().map(|subnet| subnet.prefix);
        prefixes.map(|prefix| (prefix.network().into(), prefix.prefix_len())).collect()
    }

    fn suffixes(config: &Config6) -> Vec<(SubnetId, Box<str>)> {
        let suffix = |names: &Names| names.qualifying_suffix.clone();
        config.subnets.iter().map(|subnet| (subnet.id, suffix(&subnet.params.names))).collect()
    }
}

/// A client, by the kind of what names it and its bytes.
fn owner(id: HostId<'_>) -> Owner {
    [&[id.kind as u8], id.bytes].concat().into()
}

/// The client that a reservation of the subnet, or a global one, names by one of these.
fn of_reservation<'a, H: Reservation>(
    hosts: &Hosts<H>,
    ids: impl Iterator<Item = HostId<'a>>,
    subnet: SubnetId,
    has_name: impl Fn(&H) -> bool,
) -> Option<Owner> {
    let ids = ids.filter(|id| !id.bytes.is_empty());
    let mut found = ids.filter(|id| {
        let of = |subnet| hosts.get(*id, subnet).is_some_and(|host| has_name(&host));
        of(subnet) || of(SubnetId::GLOBAL)
    });
    found.next().map(owner)
}

/// The names that are reserved, as the server gives them to their clients. Which clients leases do not tell have the names
/// with the reserved addresses alone.
fn fixed<'c, H: Reservation>(
    hosts: &Hosts<H>,
    rules: &Rules,
    names: impl Fn(SubnetId, Option<IpAddr>) -> Option<&'c Names>,
    said: impl Fn(&H) -> (Option<&str>, Vec<IpAddr>),
) -> Vec<Fixed> {
    let mut all = Vec::new();
    for part in hosts.parts() {
        for host in part.iter() {
            let (Some(hostname), addresses) = said(host) else { continue };
            let mut name = HostName::from(hostname);
            if let Some(names) = names(host.subnet(), addresses.first().copied()) {
                take_reserved(hostname, names, false, &mut name);
            }
            let Some(name) = rules.of_operator(&name.to_str()) else { continue };
            let is_told = !matches!(host.id().kind, HostIdType::CircuitId | HostIdType::FlexId);
            all.push(Fixed { name, addresses, owner: is_told.then(|| owner(host.id())) });
        }
    }
    // They are in no order.
    all.sort_by(|one, other| (&one.addresses, &one.owner).cmp(&(&other.addresses, &other.owner)));
    all
}
