//! Clients of DHCPv4, and their leases.

use std::fmt::Display;
use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_config::v4::{Config4, Subnet4};
use kotare_engine::hooks::v4::{Asked4, Hooks4, Link4, Subnet4Select};
use kotare_engine::hooks::{LeaseEvent4, Observer4, Step, Verdict};
use kotare_engine::v4::{Packet, PacketOptions, Query4};
use kotare_expr::ClassSet;
use kotare_model::{ClientId, HostIdType, Lease4, Reserved4, SubnetId};
use kotare_radius::{Attribute, Value, known};
use kotare_stats::Stat4;

use super::access::{NO_SUBNET, Spot, last};
use super::accounting::Session;
use super::commands::Told;
use super::parameters::Calling;
use super::{Radius, Served};

/// Where a client of DHCPv4 is.
struct Spot4<'l, 'c> {
    asked: Asked4<'l>,
    link: &'l mut Link4<'c>,
}

impl Spot4<'_, '_> {
    fn or_none(selected: Option<&Subnet4>) -> SubnetId {
        selected.map_or(NO_SUBNET, |subnet| subnet.id)
    }
}

impl Spot<Lease4> for Spot4<'_, '_> {
    fn query(&self) -> &dyn Display {
        self.asked.query
    }

    fn subnet(&self) -> Option<SubnetId> {
        self.link.subnet().map(|subnet| subnet.id)
    }

    fn hosts_of(&self, subnet: SubnetId) -> Option<SubnetId> {
        Lease4::hosts_of(self.link.config(), subnet)
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
        let has_pool = |subnet: &Subnet4| subnet.pools.iter().any(|pool| pool.fits(&only));
        let current = self.link.subnet()?;
        let stays = current.fits(&self.link.classes(self.asked.query)) && has_pool(current);
        (!stays).then(|| Self::or_none(self.link.among(self.asked, has_pool)))
    }

    fn for_address(&self, address: Ipv4Addr) -> Option<SubnetId> {
        let (config, classes) = (self.link.config(), self.link.classes(self.asked.query));
        let current = self.link.subnet()?;
        let stays = current.fits(&classes) && current.prefix.contains(address);
        let holds = || config.lookup.containing(address, |at| config[at].fits(&classes));
        (!stays).then(|| Self::or_none(holds().map(|at| &config[at])))
    }
}

impl Subnet4Select for Radius<Lease4> {
    fn subnet4_select<'a>(&'a self, asked: Asked4<'a>, link: &'a mut Link4<'_>) -> Step<'a> {
        let Some(access) = self.access.as_ref().filter(|_| link.subnet().is_some()) else {
            return Step::Now(Verdict::Continue);
        };
        let (message, query, calling) = (asked.message, asked.query, self.settings.calling);
        let identity = match calling.kind {
            HostIdType::HwAddress => calling.of_hwaddr(Some(&query.client.hwaddr)),
            HostIdType::CircuitId => {
                let circuit = query.relay_agent(message).and_then(|agent| agent.circuit_id());
                calling.of_circuit(circuit.map(|circuit| circuit.bytes().collect()))
            }
            _ => calling.of_client_id(query.client.id.as_ref().map(ClientId::as_bytes)),
        };
        let packet = Packet::of_query(PacketOptions::Plain(message), query);
        let hwaddr = Some(&query.client.hwaddr).filter(|hwaddr| !hwaddr.is_empty());
        let request = |identity: &_| self.request(identity, hwaddr, &packet);
        self.admit(access, identity, request, Spot4 { asked, link })
    }
}

impl Observer4 for Radius<Lease4> {
    fn lease4(&self, event: &LeaseEvent4<'_>) {
        self.follow(event);
    }
}

impl Served for Lease4 {
    const IDENTIFIER: &str = "identifier-type4";
    const KINDS: &[HostIdType] = &HostIdType::ALL;
    const COMMANDS: &str = "lease4-";
    const DUPLICATE: Stat4 = Stat4::Duplicate;
    const QUEUE_FULL: Stat4 = Stat4::QueueFull;
    const PROCESSING_FAILED: Stat4 = Stat4::ProcessingFailed;

    fn judge(config: &Config4) -> Result<(), String> {
        if config.early_global_hosts {
            return Err(super::EARLY.to_owned());
        }
        super::judge_networks(config.subnets.iter().map(|subnet| {
            let network = subnet.network.map(|at| &*config[at].name);
            (subnet.id, subnet.prefix.to_string(), network, subnet.params.reservations)
        }))
    }

    fn hosts_of(config: &Config4, subnet: SubnetId) -> Option<SubnetId> {
        let global = config.subnet(subnet)?.params.reservations.global;
        Some(if global { SubnetId::GLOBAL } else { subnet })
    }

    fn reserved(attributes: &[Attribute]) -> Option<Reserved4> {
        match last(attributes, known::FRAMED_IP_ADDRESS)?.value {
            Value::Ipv4(address) if !address.is_unspecified() => {
                Some(Reserved4 { address: Some(address), ..Reserved4::default() })
            }
            _ => None,
        }
    }

    fn leading(reserved: &Reserved4) -> Option<Ipv4Addr> {
        reserved.address
    }

    fn rebinds(_: &Query4) -> bool {
        false
    }

    fn session(calling: &Calling, lease: &Self) -> Option<Session> {
        let told = Told {
            address: lease.address.into(),
            subnet: lease.subnet_id,
            hwaddr: Some(lease.hwaddr),
            client_id: lease.client_id.as_ref().map(|id| id.as_bytes().to_vec()),
            duid: None,
            prefix_len: None,
        };
        Self::session_of(calling, &told)
    }

    fn session_of(calling: &Calling, told: &Told) -> Option<Session> {
        let std::net::IpAddr::V4(address) = told.address else { return None };
        let hwaddr = told.hwaddr.as_ref().filter(|hwaddr| !hwaddr.is_empty());
        let mac = hwaddr.map(|hwaddr| calling.hwaddr(hwaddr));
        let id = told.client_id.as_deref();
        let (user, station) = match id {
            Some(id) => (calling.client_id(id), mac),
            None => (mac?, None),
        };
        let identity = match calling.kind {
            HostIdType::HwAddress => calling.of_hwaddr(hwaddr),
            HostIdType::CircuitId => Err("a lease does not say it"),
            _ => calling.of_client_id(id),
        };
        Some(Session {
            user,
            station,
            address: address.into(),
            given: Attribute { code: known::FRAMED_IP_ADDRESS, value: Value::Ipv4(address) },
            subnet: told.subnet,
            id: identity.ok().map(|identity| identity.id),
        })
    }

    fn register(hooks: &mut Hooks4, module: Arc<Radius<Self>>) {
        if module.access.is_some() {
            hooks.subnet4_select.push(module.clone());
        }
        if module.accounting.is_some() {
            hooks.observers.push(module);
        }
    }

    fn cache(hooks: &Hooks4) -> Option<&super::Cache<Self>> {
        hooks.host_cache.as_ref()
    }
}
