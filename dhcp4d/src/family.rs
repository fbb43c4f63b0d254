//! What a server of DHCPv4 is.

use std::collections::HashSet;
use std::marker::PhantomData;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use kotare_config::json::Diagnostics;
use kotare_config::process::ExpiredLeases;
use kotare_config::schema::File;
use kotare_config::v4::{self as config, Config4};
use kotare_control::{AccessControl, Bound, Command, Facts, Watcher};
use kotare_daemon::args::Program;
use kotare_engine::expire::{self, Reclaimed};
use kotare_engine::hooks::{Monitor, RoundEnd, Timed, Times};
use kotare_engine::messages::ALLOC_ENGINE_V4_LEASES_RECLAMATION_SLOW;
use kotare_engine::v4::{self, Dropped, Given, Outcome, Query4, QueryKind, Received, Sent};
use kotare_engine::{ClientKey, Leases, Plan4, Ports};
use kotare_messages::Message;
use kotare_model::{Arrival4, Departure4, Lease4, Reserved4, SubnetId, Timestamp};
use kotare_modules::{Beside, Environment4, Modules4, Places};
use kotare_net::{Interface, Spec4};
use kotare_server::over6::{Desk, End};
use kotare_server::{
    Begin, Daemon, Ended, Family, Fate, Flow, Former, Listening, NamedPool, NamedSubnet, Network, Parts,
    Port, Protocol, Store, Surroundings, Urgency, Wanted, Words,
};
use kotare_stats::{Counters4, PoolKind, Stat4, SubnetLayout};
use kotare_store::{HostSources, StoreError};
use kotare_wire::v4::{Index, Message as View};

use crate::announce;
use crate::interfaces::wanted;
use crate::messages::*;
use crate::over6;

/// A DHCPv4 server on the network `N`, with its leases in `S`.
#[derive(Debug)]
pub struct Dhcp4<N, S>(PhantomData<(N, S)>);

impl<N: Network4, S: Store<Lease4>> Family for Dhcp4<N, S> {
    type Identity = ();

    const PROGRAM: Program = Program {
        name: "kea-dhcp4",
        title: "DHCPv4 server",
        version: env!("CARGO_PKG_VERSION"),
        lease_backends: &[
            "Memfile backend 3.0",
            "MySQL backend 35.0",
            "PostgreSQL backend 34.0",
            "SQLite backend 1.1",
        ],
        may_fail: true,
    };
    const WORDS: Words = WORDS;
    const FILE: &'static File = &config::FILE.with_libraries(kotare_modules::SCHEMAS);
    const PROTOCOL: &'static str = "DHCPv4";
    const TABLES: Protocol = Protocol::V4;
    const LEASE_FILE: &'static str = "kea-leases4.csv";
    const MESSAGES: &'static [&'static [Message]] = &[
        MESSAGES,
        kotare_engine::messages::MESSAGES,
        v4::messages::MESSAGES,
        kotare_expr::messages::MESSAGES,
    ];
    const END: End = End::V4;
    const COMMANDS: &'static [Command<Daemon<Self>>] = &crate::commands::table();

    fn judge_modules(
        config: &Config4,
        own: &[Facts],
        places: Option<&dyn Places>,
        diagnostics: &mut Diagnostics,
    ) {
        Modules4::judge(config, own, places, diagnostics);
    }

    fn modules(
        config: &Config4,
        environment: &Environment4,
        former: Option<&Modules4>,
        diagnostics: &mut Diagnostics,
    ) -> Modules4 {
        Modules4::build(config, environment, former, diagnostics)
    }

    fn module_commands(modules: &mut Modules4) -> Vec<Bound> {
        std::mem::take(&mut modules.commands)
    }

    fn module_guards(modules: &mut Modules4) -> Vec<Arc<dyn AccessControl>> {
        std::mem::take(&mut modules.guards)
    }

    fn module_watchers(modules: &mut Modules4) -> Vec<Arc<dyn Watcher>> {
        std::mem::take(&mut modules.watchers)
    }

    fn beside(modules: &Modules4) -> &Beside {
        &modules.beside
    }

    fn identify(_: &Config4, _: &Surroundings<Self>) -> Result<(), String> {
        Ok(())
    }

    fn engine(
        config: &Arc<Config4>,
        modules: &Modules4,
        plan: Plan4,
        ports: Ports,
        (): (),
        hosts: HostSources<Reserved4>,
    ) -> v4::Server {
        v4::Server::new(config.clone(), plan, ports, modules.hooks.clone()).with_hosts(hosts)
    }

    fn plan(server: &v4::Server) -> &Plan4 {
        server.plan()
    }

    fn reserving(server: &v4::Server, config: Arc<Config4>) -> v4::Server {
        server.reserving(config)
    }

    fn exchanging(
        server: &v4::Server,
        config: Arc<Config4>,
        subnets: &HashSet<SubnetId>,
    ) -> Option<v4::Server> {
        server.exchanging(config, subnets)
    }

    fn waits(server: &v4::Server) -> bool {
        server.hooks().wait()
    }

    async fn reclaim(
        server: &v4::Server,
        leases: &Leases<S>,
        settings: &ExpiredLeases,
        now: Timestamp,
        elapsed: impl Fn() -> Duration + Send + Sync,
    ) -> Result<Reclaimed, StoreError> {
        expire::reclaim(leases, settings, &server.hooks().lease4_expire, now, elapsed).await
    }

    fn layout(config: &Config4) -> Vec<SubnetLayout> {
        v4::statistics_layout(config)
    }

    fn layout_of(config: &Config4, id: SubnetId) -> Option<SubnetLayout> {
        config.subnet(id).map(v4::subnet_layout)
    }

    fn named_subnets(config: &Config4) -> Vec<NamedSubnet> {
        let subnet = |subnet: &Arc<config::Subnet4>| NamedSubnet {
            id: subnet.id,
            prefix: subnet.prefix.to_string(),
            network: subnet.network.map(|at| config[at].name.clone()),
            pools: subnet
                .pools
                .iter()
                .map(|pool| NamedPool { kind: PoolKind::Addresses, id: pool.id, range: pool.range() })
                .collect(),
        };
        config.subnets.iter().map(subnet).collect()
    }

    fn announce(config: &Config4, former: Option<Former<'_, Config4>>) {
        announce::announce(config, former);
    }

    fn announce_complete(config: &Config4) {
        announce::complete(config);
    }

    fn announce_allocators(config: &Config4, former: Option<Former<'_, Config4>>) {
        announce::allocators(config, former);
    }

    fn summary(config: &Config4) -> String {
        format!("{} subnets, {} shared networks", config.subnets.len(), config.networks.len())
    }

    async fn passed(desk: &mut Desk<Self>, message: &[u8]) {
        over6::passed(desk, message).await;
    }

    fn wanted(config: &Config4, present: &[Interface]) -> Wanted<Spec4> {
        wanted(&config.interfaces, present)
    }
}

/// A network that carries DHCPv4.
pub trait Network4: Network<Spec = Spec4, Address = Ipv4Addr, Port: Port4> {}

impl<N: Network<Spec = Spec4, Address = Ipv4Addr, Port: Port4>> Network4 for N {}

/// The sockets of one worker on such a network.
pub trait Port4: Port<Arrival = Arrival4, Departure = Departure4> {}

impl<P: Port<Arrival = Arrival4, Departure = Departure4>> Port4 for P {}

impl<N: Network4, S: Store<Lease4>> Flow for Dhcp4<N, S> {
    type Lease = Lease4;
    type Reserved = Reserved4;
    type Config = Config4;
    type Network = N;
    type Store = S;
    type Modules = Modules4;
    type Engine = v4::Server;
    type Index = Index;
    type Query = Query4;
    type Outcome = Outcome;

    fn intake(
        server: &v4::Server,
        place: Parts<'_, Self>,
        listening: &Listening<Ipv4Addr>,
        counters: &Counters4,
    ) -> Option<Query4> {
        let Parts { datagram, arrival, index, query, .. } = place;
        let (interface, mtu) = listening.link(arrival.ifindex);
        let received = Received { datagram, arrival, interface, mtu, listening: listening.addresses() };
        // One that waited for another message of its client is read anew.
        if query.is_none() {
            server.received(&received);
        }
        server.intake(&received, index).map_err(|refused| v4::report_refused(&refused, counters)).ok()
    }

    fn client(query: &Query4) -> Option<ClientKey<'_>> {
        query.client_key()
    }

    fn sender(query: &Query4) -> ClientKey<'_> {
        query.sender()
    }

    fn urgency(query: &Query4) -> Urgency {
        match query.kind {
            QueryKind::Request if query.ciaddr.is_some() => Urgency::Keeps,
            QueryKind::Request | QueryKind::Release | QueryKind::Decline => Urgency::Takes,
            QueryKind::Discover | QueryKind::Inform | QueryKind::LeaseQuery => Urgency::Asks,
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
            _ => Outcome::Dropped(Dropped::NoMessageType),
        };
        begin.ended(outcome)
    }

    fn reply(outcome: &Outcome) -> Option<(Departure4, usize)> {
        match outcome {
            Outcome::Reply(reply) => Some((reply.departure, reply.len)),
            _ => None,
        }
    }

    fn report(
        server: &v4::Server,
        query: &Query4,
        fate: Fate<'_, Outcome>,
        reply: &[u8],
        counters: &Counters4,
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
        v4::report(server, query, outcome, reply, sent, counters);
    }

    fn monitor(server: &v4::Server) -> Option<&dyn Monitor> {
        server.hooks().monitor.as_deref()
    }

    fn round_ends(server: &v4::Server) -> &[Arc<dyn RoundEnd>] {
        &server.hooks().round_ends
    }

    fn timed(server: &v4::Server, query: &Query4, outcome: &Outcome, times: Times) {
        if let (Some(monitor), Outcome::Reply(reply)) = (Self::monitor(server), outcome) {
            let subnet = match &reply.given {
                Given::Lease(given) => Some(server.config()[given.subnet].id),
                _ => None,
            };
            let (asked, replied) = (query.kind.message_type().0, reply.kind.message_type().0);
            monitor.answered(Timed { query, asked, replied, subnet, times });
        }
    }

    fn report_disabled(arrival: Arrival4, listening: &Listening<Ipv4Addr>, counters: &Counters4) {
        counters.count(Stat4::Received);
        counters.count(Stat4::ServiceDisabled);
        counters.count(Stat4::ReceiveDrop);
        let (interface, _) = listening.link(arrival.ifindex);
        DHCP4_PACKET_DROP_0008(format_args!("{} on {interface}", arrival.source));
    }
}

/// The rows of the table that every server has.
const WORDS: Words = Words {
    already_running: |program, reason| DHCP4_ALREADY_RUNNING(program, reason),
    buffer_receive_fail: |reason| DHCP4_BUFFER_RECEIVE_FAIL(reason),
    cb_on_demand_fetch_updates_fail: |reason| DHCP4_CB_ON_DEMAND_FETCH_UPDATES_FAIL(reason),
    cb_periodic_fetch_updates_fail: |reason| DHCP4_CB_PERIODIC_FETCH_UPDATES_FAIL(reason),
    cb_repair_mode_enabled: || DHCP4_CB_REPAIR_MODE_ENABLED(),
    config_hosts_database_deprecated: || DHCP4_CONFIG_HOSTS_DATABASE_DEPRECATED(),
    config_load_fail: |file, reason| DHCP4_CONFIG_LOAD_FAIL(file, reason),
    config_merged: || DHCPSRV_CFGMGR_CONFIG4_MERGED(),
    config_start: |source| DHCP4_CONFIG_START(source),
    config_syntax_warning: |warning| DHCP4_CONFIG_SYNTAX_WARNING(warning),
    config_unsupported_object: |key| DHCP4_CONFIG_UNSUPPORTED_OBJECT(key),
    db_reconnect_lost_connection: |manager, timer| DHCP4_DB_RECONNECT_LOST_CONNECTION(manager, timer),
    db_reconnect_succeeded: |manager, timer| DHCP4_DB_RECONNECT_SUCCEEDED(manager, timer),
    dynamic_reconfiguration: |file| DHCP4_DYNAMIC_RECONFIGURATION(file),
    dynamic_reconfiguration_fail: |file| DHCP4_DYNAMIC_RECONFIGURATION_FAIL(file),
    dynamic_reconfiguration_success: |file| DHCP4_DYNAMIC_RECONFIGURATION_SUCCESS(file),
    fatal_db_reconnect_disabled: |tries, wait, manager, timer| {
        DHCP4_FATAL_DB_RECONNECT_DISABLED(tries, wait, manager, timer);
    },
    fatal_db_reconnect_failed: |tries, manager, timer| DHCP4_FATAL_DB_RECONNECT_FAILED(tries, manager, timer),
    fatal_open_sockets_failed: |attempts| DHCP4_FATAL_OPEN_SOCKETS_FAILED(attempts),
    init_fail: |reason| DHCP4_INIT_FAIL(reason),
    multi_threading_info: |enabled, threads, queue| DHCP4_MULTI_THREADING_INFO(enabled, threads, queue),
    open_socket: |port| DHCP4_OPEN_SOCKET(port),
    open_sockets_failed: |attempts| DHCP4_OPEN_SOCKETS_FAILED(attempts),
    parser_commit_fail: |reason| DHCP4_PARSER_COMMIT_FAIL(reason),
    parser_fail: |parameter, reason| DHCP4_PARSER_FAIL(parameter, reason),
    reclaim_expired_leases_fail: |reason| DHCP4_RECLAIM_EXPIRED_LEASES_FAIL(reason),
    reclamation_slow: |reclamations| ALLOC_ENGINE_V4_LEASES_RECLAMATION_SLOW(reclamations),
    reservations_lookup_first_enabled: || DHCP4_RESERVATIONS_LOOKUP_FIRST_ENABLED(),
    root_user_security_warning: || DHCP4_ROOT_USER_SECURITY_WARNING(),
    security_checks_disabled: || DHCP4_SECURITY_CHECKS_DISABLED(),
    server_failed: |reason| DHCP4_SERVER_FAILED(reason),
    shutdown: || DHCP4_SHUTDOWN(),
    shutdown_request: || DHCP4_SHUTDOWN_REQUEST(),
    start_info: |pid, server_port, client_port, verbose| {
        DHCP4_START_INFO(pid, server_port, client_port, verbose);
    },
    started: |version| DHCP4_STARTED(version),
    starting: |version, kind| DHCP4_STARTING(version, kind),
};
