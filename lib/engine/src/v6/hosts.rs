//! The reservations of a client: who it is to them, and which are its own.

use std::fmt;
use std::net::Ipv6Addr;
use std::sync::Arc;

use kotare_config::v6::{Classes, Config6, Host6, HostId, HostIdType, SubnetAt};
use kotare_model::{Duid, SubnetId, Timestamp};
use kotare_store::{StoreError, Wanted};
use kotare_wire::v6::Message;
use smallvec::SmallVec;

use super::messages::*;
use super::trace::{Step, Trace, begun};
use super::{Dropped, Query6, Server, classify};
use crate::hooks::v4::FlexId;
use crate::hooks::v6::Asked6;
use crate::hosts::{Local, global, on_link, put, wanted};
use crate::messages::{
    HOSTS_CFG_GET_ONE_SUBNET_ID_IDENTIFIER, HOSTS_CFG_GET_ONE_SUBNET_ID_IDENTIFIER_HOST,
    HOSTS_CFG_GET_ONE_SUBNET_ID_IDENTIFIER_NULL, HOSTS_MGR_ALTERNATE_GET6_SUBNET_ID_IDENTIFIER,
    HOSTS_MGR_ALTERNATE_GET6_SUBNET_ID_IDENTIFIER_HOST, HOSTS_MGR_ALTERNATE_GET6_SUBNET_ID_IDENTIFIER_NULL,
    KOTARE_HOST_OPTION_LEFT_OUT,
};

/// What names a client in reservations.
pub(super) type Ids<'a> = SmallVec<[HostId<'a>; 3]>;

/// What names the client in reservations, in the order in which it is looked for (`host-reservation-identifiers`).
/// `flex_id` is what modules made; empty, they made nothing.
pub(super) fn identifiers<'q>(order: &[HostIdType], query: &'q Query6, flex_id: &'q [u8]) -> Ids<'q> {
    let bytes = |kind: HostIdType| match kind {
        HostIdType::HwAddress => query.client.hwaddr.as_ref().map(|hwaddr| hwaddr.address.as_bytes()),
        HostIdType::Duid => query.duid().map(Duid::as_bytes),
        HostIdType::FlexId => Some(flex_id),
        // Of DHCPv4.
        HostIdType::CircuitId | HostIdType::ClientId => None,
    };
    let ids = order.iter().filter_map(|&kind| Some(HostId { kind, bytes: bytes(kind)? }));
    ids.filter(|id| !id.bytes.is_empty()).collect()
}

impl Server {
    /// Looks for the client's global reservation before it is known where it is, if that is wanted
    /// (`early-global-reservations-lookup`): its classes have a say in that.
    pub(super) async fn look_early(
        &self,
        message: Message<'_>,
        query: &mut Query6,
        now: Timestamp,
    ) -> Result<Found, Dropped> {
        let config = &*self.config;
        let mut found = Found::default();
        if !config.early_global_hosts || !self.has_hosts() {
            return Ok(found);
        }
        found.flex_id = self.flex_id(Asked6 { message, query, now });
        let early = {
            let ids = identifiers(&config.host_ids, query, &found.flex_id);
            global(&ids, &config.hosts, |at, id, host| tell(at, id, host, &query.trace))
        };
        found.global = early;
        if !self.sources.is_empty() {
            let ids = identifiers(&config.host_ids, query, &found.flex_id);
            let wanted = wanted(&ids, Some(found.global.as_ref()), std::iter::empty(), &found.local);
            drop(ids);
            Box::pin(self.look_in_sources(query, &wanted, &mut found)).await?;
        }
        if let Some(host) = &found.global {
            reclassify(config, message, query, host);
            classify::known(query, true);
            classify::second(config, message, query);
            if query.classes.contains(Classes::DROP) {
                DHCP6_PACKET_DROP_DROP_CLASS_EARLY(query.client_label(), self.text(message, query));
                return Err(Dropped::ByClass);
            }
        }
        Ok(found)
    }

    /// Looks for what is reserved for the client where it is, and puts it into the classes of that.
    ///
    /// What a subnet of a shared network reserves does not count before it is known that the client is served from there.
    pub(super) async fn look_up(
        &self,
        message: Message<'_>,
        query: &mut Query6,
        now: Timestamp,
        selected: Option<SubnetAt>,
        found: &mut Found,
    ) -> Result<(), StoreError> {
        let config = &*self.config;
        let Some(selected) = selected.filter(|_| self.has_hosts()) else { return Ok(()) };
        let was_early = config.early_global_hosts;
        if !was_early {
            found.flex_id = self.flex_id(Asked6 { message, query, now });
        }
        let ids = identifiers(&config.host_ids, query, &found.flex_id);
        let tell = |at, id: HostId<'_>, host: Option<&Arc<Host6>>| tell(at, id, host, &query.trace);
        let looks_everywhere = !was_early && config[selected].params.reservations.global;
        if looks_everywhere {
            found.global = global(&ids, &config.hosts, tell);
        }
        let counts = |id| {
            let subnet = config.subnet(id);
            subnet.is_some_and(|it| it.params.reservations.in_subnet && it.guard.admits(&query.classes))
        };
        let link = (config.link(selected), config[selected].id);
        found.local = on_link(&ids, &config.hosts, link, counts, tell);
        let mut elsewhere = SmallVec::new();
        if !self.sources.is_empty() {
            let everywhere = looks_everywhere.then_some(found.global.as_ref());
            let on_link = link.0.iter().copied().filter(|id| counts(*id));
            elsewhere = wanted(&ids, everywhere, on_link, &found.local);
        }
        drop(ids);
        if !elsewhere.is_empty() {
            Box::pin(self.look_in_sources(query, &elsewhere, found)).await?;
        }
        let is_alone = config[selected].network.is_none();
        let gives = found.global(config, selected).filter(|_| !was_early);
        if let Some(current) = found.current(config, selected)
            && (is_alone || gives.is_some_and(|global| !global.classes().is_empty()))
        {
            reclassify(config, message, query, current);
        }
        Ok(())
    }

    /// Looks for what is reserved for the client outside the configuration.
    async fn look_in_sources(
        &self,
        query: &Query6,
        wanted: &[Wanted],
        found: &mut Found,
    ) -> Result<(), StoreError> {
        let Found { flex_id, global, local } = found;
        let ids = identifiers(&self.config.host_ids, query, flex_id);
        for Wanted { subnet, ids: count } in wanted {
            ids[..*count].iter().for_each(|id| HOSTS_MGR_ALTERNATE_GET6_SUBNET_ID_IDENTIFIER(*subnet, *id));
        }
        let kept = self.sources.of_client(&ids, wanted).await?;
        for Wanted { subnet, ids: count } in
            wanted.iter().filter(|it| kept.iter().all(|(host, _)| host.subnet != it.subnet))
        {
            ids[..*count]
                .iter()
                .for_each(|id| HOSTS_MGR_ALTERNATE_GET6_SUBNET_ID_IDENTIFIER_NULL(*subnet, *id));
        }
        for (kept, from) in kept {
            let (id, subnet) = (kept.id(), kept.subnet);
            let host = Arc::new(self.config.host(&kept, |why| KOTARE_HOST_OPTION_LEFT_OUT(id, subnet, why)));
            HOSTS_MGR_ALTERNATE_GET6_SUBNET_ID_IDENTIFIER_HOST(subnet, id, from, HostText(&host));
            query.trace.note(|| Step::host(subnet, id, Some(&host)));
            put(host, global, local);
        }
        Ok(())
    }

    /// What modules name the client by, if they are asked.
    fn flex_id(&self, asked: Asked6<'_>) -> FlexId {
        let mut id = FlexId::new();
        if self.config.host_ids.contains(&HostIdType::FlexId) {
            for module in &self.hooks.host6_identifier {
                module.host6_identifier(asked, &mut id);
            }
        }
        if !id.is_empty() {
            DHCP6_FLEX_ID(asked.query, HostId { kind: HostIdType::FlexId, bytes: &id });
            asked.query.trace.note(|| Step::FlexId(begun(&id).into()));
        }
        id
    }
}

/// Puts the client into the classes of its reservation; tests that were evaluated before are evaluated anew.
fn reclassify(config: &Config6, message: Message<'_>, query: &mut Query6, host: &Host6) {
    if !host.classes().is_empty() {
        classify::again(config, message, query, host.classes().iter().copied());
    }
}

/// What is reserved for a client.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What modules name it by in reservations, if anything.
    pub(super) flex_id: FlexId,
    /// Its global reservation.
    global: Option<Arc<Host6>>,
    /// Those in the subnets on its link.
    local: Local<Host6>,
}

impl Found {
    /// Whether the client has a reservation, of whatever, anywhere here: it is known then.
    pub(super) fn is_known(&self) -> bool {
        self.global.is_some() || !self.local.is_empty()
    }

    /// The reservation that counts for the client in a subnet: that of the subnet, or else the global one.
    pub(super) fn current(&self, config: &Config6, subnet: SubnetAt) -> Option<&Host6> {
        self.local(config, subnet).or_else(|| self.global(config, subnet))
    }

    /// The name reserved for the client in a subnet, if it gets `address` there first: as in Kea, where that is reserved
    /// globally, the global reservation goes before that of the subnet.
    pub(super) fn name(&self, config: &Config6, subnet: SubnetAt, address: Option<Ipv6Addr>) -> Option<&str> {
        let of_address = address.and_then(|address| {
            let local = self.local(config, subnet).filter(|host| host.addresses.contains(&address));
            let global = self.global(config, subnet).filter(|host| host.addresses.contains(&address));
            global.filter(|_| local.is_none())?.hostname()
        });
        of_address.or_else(|| self.current(config, subnet).and_then(Host6::hostname))
    }

    /// The reservation of a subnet, if such count there.
    pub(super) fn local(&self, config: &Config6, subnet: SubnetAt) -> Option<&Host6> {
        let subnet = &config[subnet];
        let mut local = self.local.iter().filter(|_| subnet.params.reservations.in_subnet);
        local.find(|host| host.subnet == subnet.id).map(|host| &**host)
    }

    /// The global reservation, wherever the client is.
    pub(super) fn anywhere(&self) -> Option<&Host6> {
        self.global.as_deref()
    }

    /// The global reservation, if such count in a subnet.
    pub(super) fn global(&self, config: &Config6, subnet: SubnetAt) -> Option<&Host6> {
        self.anywhere().filter(|_| config[subnet].params.reservations.global)
    }
}

/// Tells what came of looking for a client.
fn tell(subnet: SubnetId, id: HostId<'_>, found: Option<&Arc<Host6>>, trace: &Trace) {
    trace.note(|| Step::host(found.map_or(subnet, |host| host.subnet), id, found));
    HOSTS_CFG_GET_ONE_SUBNET_ID_IDENTIFIER("IPv6", subnet, id);
    match found {
        Some(host) => HOSTS_CFG_GET_ONE_SUBNET_ID_IDENTIFIER_HOST(subnet, id, HostText(host)),
        None => HOSTS_CFG_GET_ONE_SUBNET_ID_IDENTIFIER_NULL(subnet, id),
    }
}

/// A reservation in one line.
struct HostText<'a>(&'a Host6);

impl fmt::Display for HostText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0;
        write!(f, "{} ipv6_subnet_id={}", host.id(), host.subnet)?;
        write!(f, " hostname={}", host.hostname().unwrap_or("(empty)"))?;
        let addresses = host.addresses.iter().map(|address| (*address, 128));
        let prefixes = host.prefixes().iter().map(|it| (it.prefix.network(), it.prefix.prefix_len()));
        let mut reserved = addresses.chain(prefixes).enumerate().peekable();
        if reserved.peek().is_none() {
            f.write_str(" ipv6_reservations=(none)")?;
        }
        reserved.try_for_each(|(number, (address, len))| match len {
            128 => write!(f, " ipv6_reservation{number}={address}"),
            _ => write!(f, " ipv6_reservation{number}={address}/{len}"),
        })
    }
}
