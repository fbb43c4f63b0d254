//! The reservations of a client: who it is to them, and which are its own.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_config::v4::{Classes, Config4, Host4, HostId, HostIdType, SubnetAt};
use kotare_model::{ClientId, Lease4, SubnetId};
use kotare_store::{LeaseStore, StoreError, Wanted};
use kotare_wire::v4::Message;
use smallvec::SmallVec;

use super::assign::Rights;
use super::exchange::Exchange;
use super::messages::*;
use super::trace::{Step, Trace, begun};
use super::{Dropped, Query4, classify};
use crate::hooks::v4::FlexId;
use crate::hosts::{Local, global, on_link, put, wanted};
use crate::messages::{
    HOSTS_CFG_GET_ONE_SUBNET_ID_IDENTIFIER, HOSTS_CFG_GET_ONE_SUBNET_ID_IDENTIFIER_HOST,
    HOSTS_CFG_GET_ONE_SUBNET_ID_IDENTIFIER_NULL, HOSTS_MGR_ALTERNATE_GET4_SUBNET_ID_IDENTIFIER,
    HOSTS_MGR_ALTERNATE_GET4_SUBNET_ID_IDENTIFIER_HOST, HOSTS_MGR_ALTERNATE_GET4_SUBNET_ID_IDENTIFIER_NULL,
    KOTARE_HOST_OPTION_LEFT_OUT,
};

/// The first byte of a client identifier that has a DUID in it (RFC 4361 §6.1).
const TYPE_DUID: u8 = 255;
/// What stands before the DUID: the type and an IAID.
const BEFORE_DUID: usize = 5;

/// What names the client that sent `message` in reservations, in the order in which it is looked for
/// (`host-reservation-identifiers`). `flex_id` is what modules made; empty, they made nothing.
fn identifiers<'q>(
    order: &[HostIdType],
    query: &'q Query4,
    message: Message<'q>,
    flex_id: &'q [u8],
) -> SmallVec<[HostId<'q>; 5]> {
    let client_id = || query.client.id.as_ref().map(ClientId::as_bytes);
    let bytes = |kind: HostIdType| match kind {
        HostIdType::HwAddress => Some(query.client.hwaddr.as_bytes()),
        HostIdType::Duid => client_id().filter(|id| id.first() == Some(&TYPE_DUID))?.get(BEFORE_DUID..),
        HostIdType::CircuitId => query.relay_agent(message)?.circuit_id()?.as_slice(),
        HostIdType::ClientId => client_id(),
        HostIdType::FlexId => Some(flex_id),
    };
    let ids = order.iter().filter_map(|&kind| Some(HostId { kind, bytes: bytes(kind)? }));
    ids.filter(|id| !id.bytes.is_empty()).collect()
}

impl<S: LeaseStore<Lease4>> Exchange<'_, S> {
    /// Looks for the client's global reservation before it is known where it is, if that is wanted
    /// (`early-global-reservations-lookup`): its classes have a say in that.
    pub(super) async fn look_early(&mut self) -> Result<Found, Dropped> {
        let config = &*self.server.config;
        let mut found = Found::default();
        if !config.early_global_hosts || !self.server.has_hosts() {
            return Ok(found);
        }
        found.flex_id = self.flex_id();
        let trace = &self.query.trace;
        let early = global(&self.identifiers(&found.flex_id), &config.hosts, telling(trace));
        found.global = early;
        if !self.server.sources.is_empty() {
            let ids = self.identifiers(&found.flex_id);
            let wanted = wanted(&ids, Some(found.global.as_ref()), std::iter::empty(), &found.local);
            drop(ids);
            Box::pin(self.look_in_sources(&wanted, &mut found)).await?;
        }
        if let Some(host) = &found.global {
            self.classify(host);
            classify::known(self.query, true);
            classify::second(config, self.message, self.query);
            if self.query.classes.contains(Classes::DROP) {
                let text = self.server.text(self.message, self.query);
                DHCP4_PACKET_DROP_0014(self.query.client.hwaddr, text);
                return Err(Dropped::ByClass);
            }
        }
        Ok(found)
    }

    /// Looks for what is reserved for the client where it is, and puts it into the classes of that.
    ///
    /// What a subnet of a shared network reserves does not count before it is known that the client is served from there.
    pub(super) async fn look_up(
        &mut self,
        selected: Option<SubnetAt>,
        found: &mut Found,
    ) -> Result<(), StoreError> {
        let config = &*self.server.config;
        let Some(selected) = selected.filter(|_| self.server.has_hosts()) else { return Ok(()) };
        let was_early = config.early_global_hosts;
        if !was_early {
            found.flex_id = self.flex_id();
        }
        let Found { flex_id, global: everywhere, local } = found;
        let ids = self.identifiers(flex_id);
        let looks_everywhere = !was_early && config[selected].params.reservations.global;
        if looks_everywhere {
            *everywhere = global(&ids, &config.hosts, telling(&self.query.trace));
        }
        let classes = &self.query.classes;
        let counts = |id| {
            let subnet = config.subnet(id);
            subnet.is_some_and(|it| it.params.reservations.in_subnet && it.guard.admits(classes))
        };
        let link = (config.link(selected), config[selected].id);
        *local = on_link(&ids, &config.hosts, link, counts, telling(&self.query.trace));
        let mut elsewhere = SmallVec::new();
        if !self.server.sources.is_empty() {
            let everywhere = looks_everywhere.then_some(everywhere.as_ref());
            let on_link = link.0.iter().copied().filter(|id| counts(*id));
            elsewhere = wanted(&ids, everywhere, on_link, local);
        }
        drop(ids);
        if !elsewhere.is_empty() {
            Box::pin(self.look_in_sources(&elsewhere, found)).await?;
        }
        let is_alone = config[selected].network.is_none();
        let gives = found.global(config, selected).filter(|_| !was_early);
        if let Some(current) = found.current(config, selected)
            && (is_alone || gives.is_some_and(|global| !global.classes().is_empty()))
        {
            self.classify(current);
        }
        Ok(())
    }

    /// Looks for what is reserved for the client outside the configuration.
    async fn look_in_sources(&self, wanted: &[Wanted], found: &mut Found) -> Result<(), StoreError> {
        let Found { flex_id, global, local } = found;
        let ids = self.identifiers(flex_id);
        for Wanted { subnet, ids: count } in wanted {
            ids[..*count].iter().for_each(|id| HOSTS_MGR_ALTERNATE_GET4_SUBNET_ID_IDENTIFIER(*subnet, *id));
        }
        let kept = self.server.sources.of_client(&ids, wanted).await?;
        for Wanted { subnet, ids: count } in
            wanted.iter().filter(|it| kept.iter().all(|(host, _)| host.subnet != it.subnet))
        {
            ids[..*count]
                .iter()
                .for_each(|id| HOSTS_MGR_ALTERNATE_GET4_SUBNET_ID_IDENTIFIER_NULL(*subnet, *id));
        }
        for (kept, from) in kept {
            let (id, subnet) = (kept.id(), kept.subnet);
            let host =
                Arc::new(self.server.config.host(&kept, |why| KOTARE_HOST_OPTION_LEFT_OUT(id, subnet, why)));
            HOSTS_MGR_ALTERNATE_GET4_SUBNET_ID_IDENTIFIER_HOST(subnet, id, from, &*host);
            self.query.trace.note(|| Step::host(subnet, id, Some(&host)));
            put(host, global, local);
        }
        Ok(())
    }

    /// What the client may have.
    pub(super) fn rights<'a>(&'a self, found: &'a Found) -> Rights<'a> {
        let config = &self.server.config;
        let ids = if self.server.has_hosts() { self.identifiers(&found.flex_id) } else { SmallVec::new() };
        Rights { config, sources: &self.server.sources, query: self.query, ids, found }
    }

    /// What modules name the client by, if they are asked.
    fn flex_id(&self) -> FlexId {
        let mut id = FlexId::new();
        if self.server.config.host_ids.contains(&HostIdType::FlexId) {
            for module in &self.server.hooks.host4_identifier {
                module.host4_identifier(self.asked(), &mut id);
            }
        }
        if !id.is_empty() {
            DHCP4_FLEX_ID(&*self.query, HostId { kind: HostIdType::FlexId, bytes: &id });
            self.query.trace.note(|| Step::FlexId(begun(&id).into()));
        }
        id
    }

    fn identifiers<'a>(&'a self, flex_id: &'a [u8]) -> SmallVec<[HostId<'a>; 5]> {
        identifiers(&self.server.config.host_ids, self.query, self.message, flex_id)
    }

    /// Puts the client into the classes of its reservation; tests that were evaluated before are evaluated anew.
    fn classify(&mut self, host: &Host4) {
        if !host.classes().is_empty() {
            classify::again(&self.server.config, self.message, self.query, host.classes().iter().copied());
        }
    }
}

/// What is reserved for a client.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What modules name it by in reservations, if anything.
    flex_id: FlexId,
    /// Its global reservation.
    global: Option<Arc<Host4>>,
    /// Those in the subnets on its link.
    local: Local<Host4>,
}

impl Found {
    /// Whether the client has a reservation, of whatever, anywhere here: it is known then.
    pub(super) fn is_known(&self) -> bool {
        self.global.is_some() || !self.local.is_empty()
    }

    /// The reservation that counts for the client in a subnet: that of the subnet, or else the global one.
    pub(super) fn current(&self, config: &Config4, subnet: SubnetAt) -> Option<&Host4> {
        self.local(config, subnet).or_else(|| self.global(config, subnet))
    }

    /// The reservation of a subnet, if such count there.
    pub(super) fn local(&self, config: &Config4, subnet: SubnetAt) -> Option<&Host4> {
        let subnet = &config[subnet];
        let mut local = self.local.iter().filter(|_| subnet.params.reservations.in_subnet);
        local.find(|host| host.subnet == subnet.id).map(|host| &**host)
    }

    /// The address that is reserved globally.
    pub(super) fn global_address(&self) -> Option<Ipv4Addr> {
        self.global.as_ref()?.address
    }

    /// The global reservation, if such count in a subnet.
    pub(super) fn global(&self, config: &Config4, subnet: SubnetAt) -> Option<&Host4> {
        self.global.as_deref().filter(|_| config[subnet].params.reservations.global)
    }
}

/// Tells what came of looking for a client.
fn telling(trace: &Trace) -> impl Fn(SubnetId, HostId<'_>, Option<&Arc<Host4>>) {
    |subnet, id, found| {
        trace.note(|| Step::host(found.map_or(subnet, |host| host.subnet), id, found));
        HOSTS_CFG_GET_ONE_SUBNET_ID_IDENTIFIER("IPv4", subnet, id);
        match found {
            Some(host) => HOSTS_CFG_GET_ONE_SUBNET_ID_IDENTIFIER_HOST(subnet, id, &**host),
            None => HOSTS_CFG_GET_ONE_SUBNET_ID_IDENTIFIER_NULL(subnet, id),
        }
    }
}
