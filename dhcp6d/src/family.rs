//! What a server of DHCPv6 is.

use std::collections::HashSet;
use std::marker::PhantomData;
use std::net::Ipv6Addr;
use std::sync::Arc;
use std::time::Duration;

use kotare_config::Candidate;
use kotare_config::json::Diagnostics;
use kotare_config::process::ExpiredLeases;
use kotare_config::schema::File;
use kotare_config::v6::{self as config, Config6, PrefixRoutes};
use kotare_control::{AccessControl, Bound, Command, Facts, Watcher};
use kotare_daemon::PathKind;
use kotare_daemon::args::Program;
use kotare_engine::expire::{self, Reclaimed};
use kotare_engine::hooks::{Monitor, RoundEnd, Timed, Times};
use kotare_engine::v6::{self, Dropped, Given, Outcome, Query6, QueryKind, Received, Sent};
use kotare_engine::{ClientKey, Leases6, Plan6, Ports};
use kotare_messages::Message;
use kotare_model::{Arrival6, Departure6, Duid, Lease6, Reserved6, SubnetId, Timestamp};
use kotare_modules::{Beside, Environment6, Modules6, Places};
use kotare_net::{Interface, Spec6};
use kotare_process::Judge;
use kotare_server::over6::{Desk, End};
use kotare_server::{
    Begin, Daemon, Ended, Family, Fate, Flow, Former, Listening, NamedPool, NamedSubnet, Network, Parts,
    Port, Protocol, Store, Surroundings, Urgency, Wanted, Words,
};
use kotare_stats::{Counters6, PoolKind, Stat6, SubnetLayout};
use kotare_store::{HostSources, StoreError};
use kotare_wire::v6::{Index, Message as View};

use crate::announce;
use crate::interfaces::wanted;
use crate::learned;
use crate::messages::{DHCP6_PACKET_DROP_DHCP_DISABLED, DHCP6_USING_SERVERID, MESSAGES};
use crate::modules::Modules;
use crate::over6;
use crate::routes;
use crate::server_id::{Around, duid};
use crate::server_id_file::ServerIdFile;
use crate::words::WORDS;

/// A DHCPv6 server on the network `N`, with its leases in `S`.
#[derive(Debug)]
pub struct Dhcp6<N, S>(PhantomData<(N, S)>);

impl<N: Network6, S: Store<Lease6>> Family for Dhcp6<N, S> {
    type Identity = Duid;

    const PROGRAM: Program = Program {
        name: "kea-dhcp6",
        title: "DHCPv6 server",
        version: env!("CARGO_PKG_VERSION"),
        lease_backends: &[
            "Memfile backend 5.0",
            "MySQL backend 35.0",
            "PostgreSQL backend 34.0",
            "SQLite backend 1.1",
        ],
        may_fail: true,
    };
    const WORDS: Words = WORDS;
    const FILE: &'static File = &config::FILE.with_libraries(kotare_modules::SCHEMAS);
    const PROTOCOL: &'static str = "DHCPv6";
    const TABLES: Protocol = Protocol::V6;
    const LEASE_FILE: &'static str = "kea-leases6.csv";
    const MESSAGES: &'static [&'static [Message]] = &[
        MESSAGES,
        kotare_engine::messages::MESSAGES,
        v6::messages::MESSAGES,
        kotare_expr::messages::MESSAGES,
    ];
    const END: End = End::V6;
    const COMMANDS: &'static [Command<Daemon<Self>>] = &crate::commands::table();

    fn situate(
        candidate: &mut Candidate<Config6>,
        surroundings: &Surroundings<Self>,
        running: Option<&Modules>,
    ) {
        let learned = running.map(|running| running.learned().clone()).unwrap_or_default();
        learned::situate(candidate, surroundings, &learned);
    }

    // Without lease queries nobody looks into them.
    const EXTENDED_INFO_TABLES: Option<bool> = Some(false);

    fn unserved(config: &Config6) -> Vec<String> {
        learned::unserved(config)
    }

    fn judge_modules(
        config: &Config6,
        own: &[Facts],
        places: Option<&dyn Places>,
        diagnostics: &mut Diagnostics,
    ) {
        Modules6::judge(config, own, places, diagnostics);
    }

    fn modules(
        config: &Config6,
        environment: &Environment6,
        former: Option<&Modules>,
        diagnostics: &mut Diagnostics,
    ) -> Modules {
        let libraries = former.map(|former| &former.libraries);
        Modules::new(config, Modules6::build(config, environment, libraries, diagnostics), former)
    }

    fn module_commands(modules: &mut Modules) -> Vec<Bound> {
        std::mem::take(&mut modules.libraries.commands)
    }

    fn module_guards(modules: &mut Modules) -> Vec<Arc<dyn AccessControl>> {
        std::mem::take(&mut modules.libraries.guards)
    }

    fn module_watchers(modules: &mut Modules) -> Vec<Arc<dyn Watcher>> {
        std::mem::take(&mut modules.libraries.watchers)
    }

    fn beside(modules: &Modules) -> &Beside {
        &modules.libraries.beside
    }

    fn identify(config: &Config6, surroundings: &Surroundings<Self>) -> Result<Duid, String> {
        let paths = &surroundings.paths;
        let directory = paths.directory(PathKind::Data);
        let file = ServerIdFile::within(directory);
        let persist = config.server_id.persist;
        let former = if persist { file.read().map_err(|error| error.to_string())? } else { None };
        let present = surroundings.network.interfaces().map_err(|error| error.to_string())?;
        let around = Around {
            former: former.as_ref(),
            present: &present,
            since_epoch: surroundings.clock.since_epoch(),
            chance: (surroundings.seed)().map_err(|error| error.to_string())?,
        };
        let duid = duid(&config.server_id, around).map_err(|error| error.to_string())?;
        if persist && former.as_ref() != Some(&duid) {
            paths.make_if_missing(directory).map_err(|error| error.to_string())?;
            file.write(&duid).map_err(|error| error.to_string())?;
        }
        DHCP6_USING_SERVERID(&duid, file.path().display());
        Ok(duid)
    }

    fn engine(
        config: &Arc<Config6>,
        modules: &Modules,
        plan: Plan6,
        ports: Ports,
        duid: Duid,
        hosts: HostSources<Reserved6>,
    ) -> v6::Server {
        v6::Server::new(config.clone(), plan, ports, modules.libraries.hooks.clone(), duid).with_hosts(hosts)
    }

    fn plan(server: &v6::Server) -> &Plan6 {
        server.plan()
    }

    fn reserving(server: &v6::Server, config: Arc<Config6>) -> v6::Server {
        server.reserving(config)
    }

    fn exchanging(
        server: &v6::Server,
        config: Arc<Config6>,
        subnets: &HashSet<SubnetId>,
    ) -> Option<v6::Server> {
        server.exchanging(config, subnets)
    }

    fn waits(server: &v6::Server) -> bool {
        server.hooks().wait()
    }

    async fn reclaim(
        server: &v6::Server,
        leases: &Leases6<S>,
        settings: &ExpiredLeases,
        now: Timestamp,
        elapsed: impl Fn() -> Duration + Send + Sync,
    ) -> Result<Reclaimed, StoreError> {
        expire::reclaim(leases, settings, &server.hooks().lease6_expire, now, elapsed).await
    }

    fn layout(config: &Config6) -> Vec<SubnetLayout> {
        v6::statistics_layout(config)
    }

    fn layout_of(config: &Config6, id: SubnetId) -> Option<SubnetLayout> {
        config.subnet(id).map(v6::subnet_layout)
    }

    fn named_subnets(config: &Config6) -> Vec<NamedSubnet> {
        let subnet = |subnet: &Arc<config::Subnet6>| {
            let named = |kind, id, range| NamedPool { kind, id, range };
            let pools = subnet.pools.iter().map(|pool| named(PoolKind::Addresses, pool.id, pool.range()));
            let pd_pools = subnet.pd_pools.iter().map(|pool| {
                named(PoolKind::Prefixes, pool.id, format!("{}-{}", pool.prefix, pool.delegated_len))
            });
            NamedSubnet {
                id: subnet.id,
                prefix: subnet.prefix.to_string(),
                network: subnet.network.map(|at| config[at].name.clone()),
                pools: pools.chain(pd_pools).collect(),
            }
        };
        config.subnets.iter().map(subnet).collect()
    }

    fn announce(config: &Config6, former: Option<Former<'_, Config6>>) {
        announce::announce(config, former);
    }

    fn announce_complete(config: &Config6) {
        announce::complete(config);
    }

    fn announce_allocators(config: &Config6, former: Option<Former<'_, Config6>>) {
        announce::allocators(config, former);
    }

    fn summary(config: &Config6) -> String {
        format!("{} subnets, {} shared networks", config.subnets.len(), config.networks.len())
    }

    fn judge_paths(config: &Config6, judge: &mut Judge<'_>) {
        if let Some(PrefixRoutes::Script(script)) = &config.prefix_routes {
            judge.path(PathKind::HookScript, &script.path);
        }
    }

    async fn upkeep(daemon: &Arc<Daemon<Self>>) {
        tokio::join!(routes::run(daemon), learned::run(daemon));
    }

    async fn passed(desk: &mut Desk<Self>, message: &[u8]) {
        over6::passed(desk, message).await;
    }

    fn wanted(config: &Config6, present: &[Interface]) -> Wanted<Spec6> {
        wanted(&config.interfaces, present)
    }
}

/// A network that carries DHCPv6.
pub trait Network6: Network<Spec = Spec6, Address = Ipv6Addr, Port: Port6> {}

impl<N: Network<Spec = Spec6, Address = Ipv6Addr, Port: Port6>> Network6 for N {}

/// The sockets of one worker on such a network.
pub trait Port6: Port<Arrival = Arrival6, Departure = Departure6> {}

impl<P: Port<Arrival = Arrival6, Departure = Departure6>> Port6 for P {}

impl<N: Network6, S: Store<Lease6>> Flow for Dhcp6<N, S> {
    type Lease = Lease6;
    type Reserved = Reserved6;
    type Config = Config6;
    type Network = N;
    type Store = S;
    type Modules = Modules;
    type Engine = v6::Server;
    type Index = Index;
    type Query = Query6;
    type Outcome = Outcome;

    fn intake(
        server: &v6::Server,
        place: Parts<'_, Self>,
        listening: &Listening<Ipv6Addr>,
        counters: &Counters6,
    ) -> Option<Query6> {
        let Parts { datagram, arrival, index, query, .. } = place;
        let (interface, _) = listening.link(arrival.ifindex);
        let received = Received { datagram, arrival, interface };
        // One that waited for another message of its client is read anew.
        if query.is_none() {
            server.received(&received);
        }
        let taken = server.intake(&received, index);
        taken.map_err(|refused| v6::report_refused(server, &refused, counters)).ok()
    }

    fn client(query: &Query6) -> Option<ClientKey<'_>> {
        query.client_key()
    }

    fn sender(query: &Query6) -> ClientKey<'_> {
        query.sender()
    }

    fn urgency(query: &Query6) -> Urgency {
        match query.kind {
            QueryKind::Renew | QueryKind::Rebind | QueryKind::AddrRegInform => Urgency::Keeps,
            QueryKind::Request | QueryKind::Release | QueryKind::Decline => Urgency::Takes,
            QueryKind::Solicit
            | QueryKind::Confirm
            | QueryKind::InformationRequest
            | QueryKind::Dhcpv4Query
            | QueryKind::LeaseQuery => Urgency::Asks,
        }
    }

    async fn exchange(mut begin: Begin<Self>) -> Ended<Self> {
        let Begin { generation, place, now, seed, .. } = &mut begin;
        let Parts { datagram, index, query, reply, .. } = place.parts();
        let outcome = match (View::new(datagram, index), query) {
            (Some(message), Some(query)) => {
                let (server, leases) = (generation.engine(), generation.leases());
                server.exchange(leases, message, query, *now, *seed, reply).await
            }
            // Only what was let in begins an exchange.
            _ => Outcome::Dropped(Dropped::Duplicate),
        };
        begin.ended(outcome)
    }

    fn reply(outcome: &Outcome) -> Option<(Departure6, usize)> {
        match outcome {
            Outcome::Reply(reply) => Some((reply.departure, reply.len)),
            _ => None,
        }
    }

    fn passed_on(outcome: &Outcome) -> Option<usize> {
        match outcome {
            Outcome::PassedOn(len) => Some(*len),
            _ => None,
        }
    }

    fn report(
        server: &v6::Server,
        query: &Query6,
        fate: Fate<'_, Outcome>,
        reply: &[u8],
        counters: &Counters6,
    ) {
        let dropped;
        let (outcome, sent) = match fate {
            Fate::Done(outcome) => (outcome, Sent::Done),
            Fate::Unsent(outcome, None) => (outcome, Sent::FailedAgain),
            Fate::Unsent(outcome, Some(error)) => (outcome, Sent::Failed(error)),
            Fate::Withheld(outcome, _) => (outcome, Sent::Withheld),
            Fate::Replaced => (&Outcome::Dropped(Dropped::Duplicate), Sent::Done),
            Fate::Dropped { excess } => {
                dropped = Outcome::Dropped(Dropped::Overload { excess });
                (&dropped, Sent::Done)
            }
        };
        v6::report(server, query, outcome, reply, sent, counters);
    }

    fn monitor(server: &v6::Server) -> Option<&dyn Monitor> {
        server.hooks().monitor.as_deref()
    }

    fn round_ends(server: &v6::Server) -> &[Arc<dyn RoundEnd>] {
        &server.hooks().round_ends
    }

    fn timed(server: &v6::Server, query: &Query6, outcome: &Outcome, times: Times) {
        if let (Some(monitor), Outcome::Reply(reply)) = (Self::monitor(server), outcome) {
            let subnet = match &reply.given {
                Given::Associations { selected, .. } => selected.map(|at| server.config()[at].id),
                _ => None,
            };
            let (asked, replied) = (query.kind.message_type().0, reply.kind.message_type().0);
            monitor.answered(Timed { query, asked, replied, subnet, times });
        }
    }

    fn report_disabled(arrival: Arrival6, listening: &Listening<Ipv6Addr>, counters: &Counters6) {
        counters.count(Stat6::Received);
        counters.count(Stat6::ServiceDisabled);
        counters.count(Stat6::ReceiveDrop);
        let (interface, _) = listening.link(arrival.ifindex);
        DHCP6_PACKET_DROP_DHCP_DISABLED(format_args!("{} on {interface}", arrival.source));
    }
}
