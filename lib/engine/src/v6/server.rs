//! The server of one configuration.

use std::collections::HashSet;
use std::net::SocketAddrV6;
use std::sync::Arc;

use kotare_config::v6::{Codes6, Config6};
use kotare_model::{Arrival6, Duid, Lease6, Reserved6, SubnetId, Timestamp};
use kotare_store::{HostSources, LeaseStore};
use kotare_wire::v6::{Index, Message, SERVER_PORT};

use super::exchange::Exchange;
use super::exchange_messages::{DHCP6_HOOK_LEASES6_COMMITTED_PARK, DHCP6_HOOK_SUBNET6_SELECT_PARK};
use super::messages::DHCP6_BUFFER_RECEIVED;
use super::trace::Trace;
use super::{Dropped, Outcome, Query6, QueryKind, Received, Refused, Rewritten6, intake};
use crate::first_time::FirstTime;
use crate::hooks::v6::{Hooks6, Point6};
use crate::hooks::{Parking, Step};
use crate::v4::Ports;
use crate::{Leases6, Plan6};

/// What one configuration answers with: everything of a [`Config6`] that can be prepared before a packet comes.
///
/// Immutable; workers share it behind an `Arc` and a new configuration makes a new one.
#[derive(Debug)]
pub struct Server {
    pub(crate) config: Arc<Config6>,
    pub(crate) plan: Plan6,
    pub(crate) ports: Ports,
    pub(crate) hooks: Hooks6,
    /// Where reservations are besides the configuration.
    pub(super) sources: HostSources<Reserved6>,
    parking: Parking,
    /// What the server calls itself (option 2).
    pub(crate) duid: Duid,
    /// Which options were told of as left out.
    pub(super) told_left_out: FirstTime<Codes6>,
    /// Takes down how it is decided what becomes of messages.
    pub(super) trace: Trace,
}

impl Server {
    /// The server of `config`, whose occupancy and statistics `plan` holds ([`crate::Leases::plan`]), with the modules in
    /// `hooks`, which calls itself `duid`. Observers are told of leases from now on.
    pub fn new(config: Arc<Config6>, plan: Plan6, ports: Ports, hooks: Hooks6, duid: Duid) -> Self {
        let (plan, parking) =
            (plan.observed(&hooks.observers), Parking::new(config.process.parked_packet_limit));
        let (sources, told_left_out) = (HostSources::default(), FirstTime::default());
        Self { config, plan, ports, hooks, sources, parking, duid, told_left_out, trace: Trace::default() }
    }

    /// This server with reservations that are looked for besides those of the configuration.
    #[must_use]
    pub fn with_hosts(self, sources: HostSources<Reserved6>) -> Self {
        let sources = sources.with_cache(self.hooks.host_cache.clone());
        Self { sources, ..self }
    }

    /// A server of the same configuration but for its reservations: `config` has others.
    #[must_use]
    pub fn reserving(&self, config: Arc<Config6>) -> Self {
        Self {
            plan: self.plan.reserving(&config.hosts),
            ports: self.ports,
            hooks: self.hooks.clone(),
            sources: self.sources.clone(),
            parking: Parking::new(self.parking.limit()),
            duid: self.duid.clone(),
            told_left_out: FirstTime::default(),
            trace: Trace::default(),
            config,
        }
    }

    /// A server of the same configuration but for these subnets, which `config` has otherwise. Nothing, if they give something
    /// else: then leases have to be looked through.
    pub fn exchanging(&self, config: Arc<Config6>, subnets: &HashSet<SubnetId>) -> Option<Self> {
        let stays = |id: &SubnetId| Some(config.subnet(*id)?.gives_as(self.config.subnet(*id)?));
        subnets.iter().all(|id| stays(id) == Some(true)).then(|| self.reserving(config))
    }

    /// Where reservations are looked for after the configuration.
    pub fn sources(&self) -> &HostSources<Reserved6> {
        &self.sources
    }

    /// Whether there are reservations, perhaps.
    pub(super) fn has_hosts(&self) -> bool {
        !self.config.hosts.is_empty() || !self.sources.is_empty()
    }

    /// This server for one message, of which nothing is left behind; with how it is decided what becomes of it.
    pub(super) fn rehearsal(&self, trace: &Trace) -> Self {
        Self {
            config: self.config.clone(),
            plan: self.plan.rehearsal(),
            ports: self.ports,
            hooks: self.hooks.rehearsal(),
            sources: self.sources.clone(),
            parking: Parking::new(self.parking.limit()),
            duid: self.duid.clone(),
            told_left_out: FirstTime::default(),
            trace: trace.clone(),
        }
    }

    /// The configuration it serves from.
    pub fn config(&self) -> &Arc<Config6> {
        &self.config
    }

    /// The plan it serves from.
    pub fn plan(&self) -> &Plan6 {
        &self.plan
    }

    /// The modules that are registered.
    pub fn hooks(&self) -> &Hooks6 {
        &self.hooks
    }

    /// What it calls itself (option 2).
    pub fn duid(&self) -> &Duid {
        &self.duid
    }

    /// Reads a datagram and decides whether it is for this server to answer. Pure and quick.
    ///
    /// What it finds out of the datagram's parts is left in `index`: with both, [`kotare_wire::v6::Message::new`] makes the
    /// view that the exchange wants.
    ///
    /// # Errors
    /// When it is not answered.
    #[expect(
        clippy::result_large_err,
        reason = "what is dropped may come in floods, and costs no allocation either"
    )]
    pub fn intake(&self, received: &Received<'_>, index: &mut Index) -> Result<Query6, Refused> {
        intake::intake(self, received, index)
    }

    /// Tells of a datagram that has come, before anything is made of it.
    pub fn received(&self, received: &Received<'_>) {
        let Received { arrival, interface, .. } = received;
        let (source, destination) = (arrival.source, self.local(arrival));
        DHCP6_BUFFER_RECEIVED(source.ip(), source.port(), destination.ip(), destination.port(), interface);
    }

    /// The port that messages come to.
    pub fn port(&self) -> u16 {
        self.ports.server.unwrap_or(SERVER_PORT)
    }

    /// Where a message was sent to.
    pub(super) fn local(&self, arrival: &Arrival6) -> SocketAddrV6 {
        SocketAddrV6::new(arrival.destination, self.port(), 0, 0)
    }

    /// The answer of a module. A message that has to wait for it needs room to wait in.
    pub(super) async fn step<V>(
        &self,
        point: Point6,
        query: &Query6,
        step: Step<'_, V>,
    ) -> Result<V, Dropped> {
        let answer = match step {
            Step::Now(answer) => return Ok(answer),
            Step::Wait(answer) => answer,
        };
        let limit = self.parking.limit();
        let _space = self.parking.enter(point).ok_or(Dropped::ParkingLotFull { point, limit })?;
        match point {
            Point6::Subnet6Select => DHCP6_HOOK_SUBNET6_SELECT_PARK(query),
            Point6::Leases6Committed => DHCP6_HOOK_LEASES6_COMMITTED_PARK(query),
            _ => {}
        }
        Ok(answer.await)
    }

    /// Runs the exchange: finds or changes the leases and writes the reply into `reply`. `query` is what
    /// [`Server::intake`] made of `message`.
    ///
    /// The reply must not be sent before [`LeaseStore::flush`] of the store succeeded. `seed` is any number, a different
    /// one each time; it chooses what allocators propose at random. `reply` is room for the longest reply, what relay agents
    /// get included. Configured options that do not fit are left out, and so many associations are answered as fit.
    #[expect(clippy::manual_async_fn, reason = "the signature promises `Send`, see `Leases`")]
    pub fn exchange<'e, S: LeaseStore<Lease6>>(
        &'e self,
        leases: &'e Leases6<S>,
        message: Message<'e>,
        query: &'e mut Query6,
        now: Timestamp,
        seed: u64,
        reply: &'e mut [u8],
    ) -> impl Future<Output = Outcome> + Send + 'e {
        async move {
            if query.kind == QueryKind::LeaseQuery {
                return self.answer_query(leases, message, query, now, reply).await;
            }
            let rewritten = match self.admit(message, query) {
                Ok(rewritten) => rewritten,
                Err(reason) => return Outcome::Dropped(reason),
            };
            let message = rewritten.as_deref().and_then(Rewritten6::message).unwrap_or(message);
            Exchange { server: self, leases, message, query, now, seed }.run(reply).await
        }
    }
}
