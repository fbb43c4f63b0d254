//! The server of one configuration.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;

use kotare_config::v4::{Classes, Config4};
use kotare_expr::Memberships;
use kotare_model::{Arrival4, Lease4, Reserved4, SubnetId, Timestamp};
use kotare_store::{HostSources, LeaseStore};
use kotare_wire::v4::{Codes, Index, Message, SERVER_PORT};

use super::edited::{Edited4, Rewritten};
use super::exchange::Exchange;
use super::intake::{self, class_identifiers, identifiers, identifiers_of};
use super::ipv6_only::Ipv6Only;
use super::messages::*;
use super::text::MessageText;
use super::trace::{Because, Step as Traced, Trace, changed};
use super::{Dropped, Outcome, Over6, Query4, QueryKind, Received, Refused, classify, stash};
use crate::first_time::FirstTime;
use crate::hooks::v4::Hooks4;
use crate::hooks::{Parking, Point, Step, Verdict};
use crate::messages::{
    DHCP4_HOOK_LEASE4_OFFER_PARK, DHCP4_HOOK_LEASES4_COMMITTED_PARK, DHCP4_HOOK_SUBNET4_SELECT_PARK,
};
use crate::{Leases, Plan, Ports};

/// What one configuration answers with: everything of a [`Config4`] that can be prepared before a packet comes.
///
/// Immutable; workers share it behind an `Arc` and a new configuration makes a new one.
#[derive(Debug)]
pub struct Server {
    pub(crate) config: Arc<Config4>,
    pub(crate) plan: Plan,
    pub(crate) ports: Ports,
    pub(crate) hooks: Hooks4,
    /// Where reservations are besides the configuration.
    pub(super) sources: HostSources<Reserved4>,
    parking: Parking,
    /// What clients may call this server (option 54) besides the addresses it listens on, sorted.
    pub(super) identifiers: Vec<Ipv4Addr>,
    /// What clients of some class may call it, sorted.
    pub(super) class_identifiers: Vec<Ipv4Addr>,
    pub(super) ipv6_only: Ipv6Only,
    /// Which options were told of as left out.
    pub(super) told_left_out: FirstTime<Codes>,
    /// Takes down how it is decided what becomes of messages.
    pub(super) trace: Trace,
}

impl Server {
    /// The server of `config`, whose occupancy and statistics `plan` holds ([`Leases::plan`]), with the modules in
    /// `hooks`. Their observers are told of leases from now on.
    pub fn new(config: Arc<Config4>, plan: Plan, ports: Ports, hooks: Hooks4) -> Self {
        let (identifiers, ipv6_only) = (identifiers(&config), Ipv6Only::new(&config));
        let class_identifiers = class_identifiers(&config);
        let (plan, parking) =
            (plan.observed(&hooks.observers), Parking::new(config.process.parked_packet_limit));
        let told_left_out = FirstTime::default();
        let trace = Trace::default();
        Self {
            config,
            plan,
            ports,
            hooks,
            sources: HostSources::default(),
            parking,
            identifiers,
            class_identifiers,
            ipv6_only,
            told_left_out,
            trace,
        }
    }

    /// This server with reservations that are looked for besides those of the configuration.
    #[must_use]
    pub fn with_hosts(self, sources: HostSources<Reserved4>) -> Self {
        let sources = sources.with_cache(self.hooks.host_cache.clone());
        Self { sources, ..self }
    }

    /// A server of the same configuration but for its reservations: `config` has others.
    #[must_use]
    pub fn reserving(&self, config: Arc<Config4>) -> Self {
        Self {
            plan: self.plan.reserving(&config.hosts),
            ports: self.ports,
            hooks: self.hooks.clone(),
            sources: self.sources.clone(),
            parking: Parking::new(self.parking.limit()),
            identifiers: self.identifiers.clone(),
            class_identifiers: self.class_identifiers.clone(),
            ipv6_only: self.ipv6_only.clone(),
            told_left_out: FirstTime::default(),
            trace: Trace::default(),
            config,
        }
    }

    /// A server of the same configuration but for these subnets, which `config` has otherwise. Nothing, if they give something
    /// else: then leases have to be looked through.
    pub fn exchanging(&self, config: Arc<Config4>, subnets: &HashSet<SubnetId>) -> Option<Self> {
        let stays = |id: &SubnetId| Some(config.subnet(*id)?.gives_as(self.config.subnet(*id)?));
        if !subnets.iter().all(|id| stays(id) == Some(true)) {
            return None;
        }
        let (identifiers, ipv6_only) = (identifiers(&config), Ipv6Only::new(&config));
        Some(Self { identifiers, ipv6_only, ..self.reserving(config) })
    }

    /// Where reservations are looked for after the configuration.
    pub fn sources(&self) -> &HostSources<Reserved4> {
        &self.sources
    }

    /// Whether there are reservations, perhaps.
    pub(super) fn has_hosts(&self) -> bool {
        !self.config.hosts.is_empty() || !self.sources.is_empty()
    }

    /// This server for one message, of which nothing is left behind; with how it is decided what becomes of it.
    pub(super) fn rehearsal(&self, trace: &Trace) -> Self {
        let none = Parking::new(self.parking.limit());
        Self {
            config: self.config.clone(),
            plan: self.plan.rehearsal(),
            ports: self.ports,
            hooks: self.hooks.rehearsal(),
            sources: self.sources.clone(),
            parking: none,
            identifiers: self.identifiers.clone(),
            class_identifiers: self.class_identifiers.clone(),
            ipv6_only: self.ipv6_only.clone(),
            told_left_out: FirstTime::default(),
            trace: trace.clone(),
        }
    }

    /// The configuration it serves from.
    pub fn config(&self) -> &Arc<Config4> {
        &self.config
    }

    /// The plan it serves from.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Reads a datagram and decides whether it is for this server to answer. Pure and quick.
    ///
    /// What it finds out of the datagram's options is left in `index`: with both, [`Message::new`] makes the view that
    /// [`Server::exchange`] wants.
    ///
    /// # Errors
    /// When it is not answered; the reason is for [`super::report_refused`].
    #[expect(
        clippy::result_large_err,
        reason = "what is dropped may come in floods, and costs no allocation either"
    )]
    pub fn intake(&self, received: &Received<'_>, index: &mut Index) -> Result<Query4, Refused> {
        intake::intake(self, received, None, index)
    }

    /// The same for a message that came over DHCPv6 (RFC 7341): `received` has it without what was put around it, which
    /// `over6` tells of. Its reply goes the same way, not by its departure.
    ///
    /// # Errors
    /// As [`Server::intake`].
    #[expect(clippy::result_large_err, reason = "as above")]
    pub fn intake_over6(
        &self,
        received: &Received<'_>,
        over6: &Over6,
        index: &mut Index,
    ) -> Result<Query4, Refused> {
        intake::intake(self, received, Some(over6), index)
    }

    /// The modules that are registered.
    pub fn hooks(&self) -> &Hooks4 {
        &self.hooks
    }

    /// Runs the exchange: finds or changes the lease and writes the reply into `reply`. `query` is what
    /// [`Server::intake`] made of `message`.
    ///
    /// The reply must not be sent before [`LeaseStore::flush`] of the store succeeded. `seed` is any number, a
    /// different one each time; it chooses the address with allocator `random`. `reply` is
    /// room for the longest reply to a relay; one to a client on the link is not longer than a packet of that. Configured
    /// options that do not fit are left out.
    #[expect(clippy::manual_async_fn, reason = "the signature promises `Send`, see `Leases`")]
    pub fn exchange<'e, S: LeaseStore<Lease4>>(
        &'e self,
        leases: &'e Leases<S>,
        message: Message<'e>,
        query: &'e mut Query4,
        now: Timestamp,
        seed: u64,
        reply: &'e mut [u8],
    ) -> impl Future<Output = Outcome> + Send + 'e {
        async move {
            if query.kind == QueryKind::LeaseQuery {
                return self.answer_query(leases, message, query, now, reply).await;
            }
            if message.cut_short() {
                DHCP4_PACKET_OPTIONS_SKIPPED(&*query, "an option is longer than what is left of the message");
            }
            DHCP4_QUERY_LABEL(&*query);
            if stash::is_wanted(&self.config, message, query)
                && let Err(error) = stash::recover(&self.config, leases, query, now).await
            {
                return Outcome::Dropped(error.into());
            }
            classify::first(&self.config, message, query);
            if query.server_of_class.is_some_and(|identifier| !self.is_called(identifier, &query.classes)) {
                return Outcome::Dropped(Dropped::OtherServer);
            }
            self.tell(message, query);
            let rewritten = match self.pkt4_receive(message, query) {
                Ok(rewritten) => rewritten,
                Err(reason) => return Outcome::Dropped(reason),
            };
            let message = rewritten.as_deref().and_then(Rewritten::message).unwrap_or(message);
            if query.classes.contains(Classes::DROP) {
                DHCP4_PACKET_DROP_0010(query.client.hwaddr, self.text(message, query));
                return Outcome::Dropped(Dropped::ByClass);
            }
            Exchange { server: self, leases, message, query, now, seed }.run(reply).await
        }
    }

    /// Tells of a datagram that has come, before anything is made of it.
    pub fn received(&self, received: &Received<'_>) {
        let Received { arrival, interface, .. } = received;
        let (source, destination) = (arrival.source, self.local(arrival));
        DHCP4_BUFFER_RECEIVED(source.ip(), source.port(), destination.ip(), destination.port(), interface);
    }

    /// Whether one of these classes gives this server identifier.
    fn is_called(&self, identifier: Ipv4Addr, classes: &Memberships) -> bool {
        self.config
            .classes
            .giving(classes)
            .any(|class| identifiers_of(&class.options).any(|it| it == identifier))
    }

    /// Tells of a message that was let in.
    fn tell(&self, message: Message<'_>, query: &Query4) {
        let Query4 { arrival, interface, kind, .. } = query;
        let (kind, local) = (kind.message_type(), self.local(arrival));
        DHCP4_PACKET_RECEIVED(query, kind, kind.0, query.remote(), local.ip(), interface);
        DHCP4_QUERY_DATA(query, self.text(message, query));
    }

    /// A query in words.
    pub(super) fn text<'a>(&'a self, message: Message<'a>, query: &Query4) -> MessageText<'a> {
        let Query4 { arrival, .. } = query;
        let (local, remote) = (self.local(arrival), arrival.source);
        MessageText { bytes: message.as_bytes(), local, remote, definitions: &self.config.definitions }
    }

    /// The port that messages come to.
    pub fn port(&self) -> u16 {
        self.ports.server.unwrap_or(SERVER_PORT)
    }

    /// Where a message was sent to.
    fn local(&self, arrival: &Arrival4) -> SocketAddrV4 {
        SocketAddrV4::new(arrival.destination, self.port())
    }

    /// Shows a message to modules; the message anew, if they change it.
    fn pkt4_receive(
        &self,
        message: Message<'_>,
        query: &mut Query4,
    ) -> Result<Option<Box<Rewritten>>, Dropped> {
        if self.hooks.pkt4_receive.is_empty() {
            return Ok(None);
        }
        let mut edited = Edited4::new(message, usize::from(u16::MAX));
        let before = query.trace.is_wanted().then(|| query.classes.clone());
        for module in &self.hooks.pkt4_receive {
            let counts = match module.pkt4_receive(query, &mut edited) {
                Verdict::Continue => continue,
                Verdict::Skip => None,
                Verdict::Drop(counts) => counts,
            };
            return Err(Dropped::ByModule { point: Point::Pkt4Receive, counts });
        }
        if let Some(before) = before {
            let joined = query.classes.in_order().filter(|class| !before.contains(*class));
            joined.for_each(|class| query.trace.note(|| Traced::Joined(class, Because::Module)));
            query.trace.note(|| Traced::QueryEdited(changed(&edited)));
        }
        let rewritten = edited.rewritten();
        if let Some(message) = rewritten.as_deref().and_then(Rewritten::message) {
            query.follow(&edited, message)?;
        }
        Ok(rewritten)
    }

    /// The answer of a module. A message that has to wait for it needs room to wait in.
    pub(super) async fn step<V>(
        &self,
        point: Point,
        query: &Query4,
        step: Step<'_, V>,
    ) -> Result<V, Dropped> {
        let answer = match step {
            Step::Now(answer) => return Ok(answer),
            Step::Wait(answer) => answer,
        };
        let limit = self.parking.limit();
        let _space = self.parking.enter(point).ok_or(Dropped::ParkingLotFull { point, limit })?;
        match point {
            Point::Receive4 | Point::LeaseQuery4 | Point::Pkt4Receive | Point::Lease4Select => {}
            Point::Subnet4Select => DHCP4_HOOK_SUBNET4_SELECT_PARK(query),
            Point::Lease4Offer => DHCP4_HOOK_LEASE4_OFFER_PARK(query),
            Point::Leases4Committed => DHCP4_HOOK_LEASES4_COMMITTED_PARK(query),
        }
        Ok(answer.await)
    }
}
