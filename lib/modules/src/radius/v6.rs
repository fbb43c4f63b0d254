//! Clients of DHCPv6, and their leases.

use std::fmt::Display;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use kotare_config::v6::{Config6, Subnet6};
use kotare_engine::hooks::v6::{Asked6, Hooks6, Link6, Subnet6Select};
use kotare_engine::hooks::{LeaseEvent6, Observer6, Step, Verdict6};
use kotare_engine::v6::{Packet, Query6, QueryKind};
use kotare_expr::ClassSet;
use kotare_model::{Duid, HostIdType, KeptPrefix, Lease6, LeaseType, Reserved6, SubnetId};
use kotare_radius::{Attribute, Value, known};
use kotare_stats::Stat6;

use super::access::{NO_SUBNET, Spot, last};
use super::accounting::Session;
use super::commands::Told;
use super::parameters::Calling;
use super::{Radius, Served};

/// Where a client of DHCPv6 is.
struct Spot6<'l, 'c> {
    asked: Asked6<'l>,
    link: &'l mut Link6<'c>,
}

impl Spot6<'_, '_> {
    fn or_none(selected: Option<&Subnet6>) -> SubnetId {
        selected.map_or(NO_SUBNET, |subnet| subnet.id)
    }
}

impl Spot<Lease6> for Spot6<'_, '_> {
    fn query(&self) -> &dyn Display {
        self.asked.query
    }

    fn subnet(&self) -> Option<SubnetId> {
        self.link.subnet().map(|subnet| subnet.id)
    }

    fn hosts_of(&self, subnet: SubnetId) -> Option<SubnetId> {
        Lease6::hosts_of(self.link.config(), subnet)
    }

    fn select(&mut self, subnet: SubnetId) -> bool {
        self.link.select(subnet)
    }

    fn leave(&mut self) {
        self.link.leave();
    }

    fn join(&mut self, class: &str) {
        self.link.join(class);
    }

    fn for_class(&self, class: &str) -> Option<SubnetId> {
        let only: ClassSet = self.link.config().classes.id(class).into_iter().collect();
        let has_pool = |subnet: &Subnet6| subnet.pools.iter().any(|pool| pool.fits(&only));
        let current = self.link.subnet()?;
        let stays = current.fits(&self.link.classes(self.asked.query)) && has_pool(current);
        (!stays).then(|| Self::or_none(self.link.among(self.asked, has_pool)))
    }

    fn for_address(&self, address: Ipv6Addr) -> Option<SubnetId> {
        let (config, classes) = (self.link.config(), self.link.classes(self.asked.query));
        let current = self.link.subnet()?;
        let stays = current.fits(&classes) && current.prefix.contains(address);
        let holds = || config.lookup.containing(address, |at| config[at].fits(&classes));
        (!stays).then(|| Self::or_none(holds().map(|at| &config[at])))
    }
}

impl Subnet6Select for Radius<Lease6> {
    fn subnet6_select<'a>(&'a self, asked: Asked6<'a>, link: &'a mut Link6<'_>) -> Step<'a, Verdict6> {
        let Some(access) = self.access.as_ref().filter(|_| link.subnet().is_some()) else {
            return Step::Now(Verdict6::Continue);
        };
        let (query, calling) = (asked.query, self.settings.calling);
        let hwaddr = query.client.hwaddr.as_ref().map(|found| &found.address);
        let identity = match calling.kind {
            HostIdType::HwAddress => calling.of_hwaddr(hwaddr),
            _ => calling.of_duid(query.duid().map(Duid::as_bytes)),
        };
        let packet = Packet::of_query(asked.message, query);
        let hwaddr = hwaddr.filter(|hwaddr| !hwaddr.is_empty());
        let request = |identity: &_| self.request(identity, hwaddr, &packet);
        self.admit(access, identity, request, Spot6 { asked, link })
    }
}

impl Observer6 for Radius<Lease6> {
    fn lease6(&self, event: &LeaseEvent6<'_>) {
        self.follow(event);
    }
}

impl Served for Lease6 {
    const IDENTIFIER: &str = "identifier-type6";
    const KINDS: &[HostIdType] = &HostIdType::V6;
    const COMMANDS: &str = "lease6-";
    const DUPLICATE: Stat6 = Stat6::Duplicate;
    const QUEUE_FULL: Stat6 = Stat6::QueueFull;
    const PROCESSING_FAILED: Stat6 = Stat6::ProcessingFailed;

    fn judge(config: &Config6) -> Result<(), String> {
        if config.early_global_hosts {
            return Err(super::EARLY.to_owned());
        }
        super::judge_networks(config.subnets.iter().map(|subnet| {
            let network = subnet.network.map(|at| &*config[at].name);
            (subnet.id, subnet.prefix.to_string(), network, subnet.params.reservations)
        }))
    }

    fn hosts_of(config: &Config6, subnet: SubnetId) -> Option<SubnetId> {
        let global = config.subnet(subnet)?.params.reservations.global;
        Some(if global { SubnetId::GLOBAL } else { subnet })
    }

    fn reserved(attributes: &[Attribute]) -> Option<Reserved6> {
        let address =
            last(attributes, known::FRAMED_IPV6_ADDRESS).and_then(|attribute| match attribute.value {
                Value::Ipv6(address) if !address.is_unspecified() => Some(address),
                _ => None,
            });
        let prefix =
            last(attributes, known::DELEGATED_IPV6_PREFIX).and_then(|attribute| match attribute.value {
                Value::Prefix(address, length) if length > 0 && !address.is_unspecified() => {
                    Some(KeptPrefix { address, length, excluded: None })
                }
                _ => None,
            });
        let reserved =
            Reserved6 { addresses: address.into_iter().collect(), prefixes: prefix.into_iter().collect() };
        (reserved != Reserved6::default()).then_some(reserved)
    }

    fn leading(reserved: &Reserved6) -> Option<Ipv6Addr> {
        reserved.addresses.first().copied()
    }

    fn rebinds(query: &Query6) -> bool {
        query.kind == QueryKind::Rebind
    }

    fn session(calling: &Calling, lease: &Self) -> Option<Session> {
        let told = Told {
            address: lease.address.into(),
            subnet: lease.subnet_id,
            hwaddr: lease.hwaddr.as_ref().map(|found| found.address),
            client_id: None,
            duid: Some(lease.duid.clone()),
            prefix_len: (lease.lease_type == LeaseType::Pd).then_some(lease.prefix_len),
        };
        Self::session_of(calling, &told)
    }

    fn session_of(calling: &Calling, told: &Told) -> Option<Session> {
        let IpAddr::V6(address) = told.address else { return None };
        let duid = told.duid.as_ref()?.as_bytes();
        let hwaddr = told.hwaddr.as_ref().filter(|hwaddr| !hwaddr.is_empty());
        let given = match told.prefix_len {
            None => Attribute { code: known::FRAMED_IPV6_ADDRESS, value: Value::Ipv6(address) },
            Some(length) => {
                Attribute { code: known::DELEGATED_IPV6_PREFIX, value: Value::Prefix(address, length) }
            }
        };
        let identity = match calling.kind {
            HostIdType::HwAddress => calling.of_hwaddr(hwaddr),
            _ => calling.of_duid(Some(duid)),
        };
        Some(Session {
            user: calling.duid(duid),
            station: hwaddr.map(|hwaddr| calling.hwaddr(hwaddr)),
            address: address.into(),
            given,
            subnet: told.subnet,
            id: identity.ok().map(|identity| identity.id),
        })
    }

    fn register(hooks: &mut Hooks6, module: Arc<Radius<Self>>) {
        if module.access.is_some() {
            hooks.subnet6_select.push(module.clone());
        }
        if module.accounting.is_some() {
            hooks.observers.push(module);
        }
    }

    fn cache(hooks: &Hooks6) -> Option<&super::Cache<Self>> {
        hooks.host_cache.as_ref()
    }
}
