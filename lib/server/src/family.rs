//! What makes a DHCP server of one family.

use std::collections::HashSet;
use std::fmt::Debug;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use kotare_config::json::Diagnostics;
use kotare_config::process::{ExpiredLeases, ServiceSockets};
use kotare_config::schema::File;
use kotare_config::{Candidate, Exchanging, Process};
use kotare_control::{AccessControl, Bound, Command, Facts, Watcher};
use kotare_daemon::args::Program;
use kotare_engine::expire::{Reclaimable, Reclaimed};
use kotare_engine::hooks::{Monitor, RoundEnd, Times};
use kotare_engine::{ClientKey, Leased, Leases, Pass, Plan, Ports, Sane};
use kotare_messages::Message;
use kotare_model::{SubnetId, Timestamp};
use kotare_modules::dns_updates::Updated;
use kotare_modules::{Beside, Environment, Places};
use kotare_net::Interface;
use kotare_process::Judge;
use kotare_stats::{Counters, SubnetLayout};
use kotare_store::{HostSources, StoreError};
use kotare_store_memfile::Kept;
use kotare_store_sql::HostRecord;
use kotare_store_sql::config::Protocol;

use crate::generation::Generation;
use crate::monitoring::NamedSubnet;
use crate::network::{Network, Port};
use crate::over6::{Desk, End};
use crate::shared::Listening;
use crate::stores::Store;
use crate::surroundings::Surroundings;
use crate::worker::{Fate, Parts, Place, Urgency};
use crate::{Daemon, Words};

/// What makes a DHCP server of one family: its name, its words, its sockets; the rest of a daemon is the same for all.
///
/// Named in this crate and in the programs only. What becomes of a message is [`Flow`].
pub trait Family: Flow {
    /// What a server calls itself, if that is not an address.
    type Identity: Send + 'static;

    /// What the program is called.
    const PROGRAM: Program;
    /// What the server says of itself.
    const WORDS: Words;
    /// The form of its configuration files.
    const FILE: &'static File;
    /// The protocol, in sentences: `DHCPv4`.
    const PROTOCOL: &'static str;
    /// Whose tables of a configuration in databases are read.
    const TABLES: Protocol;
    /// The lease file where none is named.
    const LEASE_FILE: &'static str;
    /// The tables of log messages that only this family has.
    const MESSAGES: &'static [&'static [Message]];
    /// Which end it is of the way between two servers (DHCPv4 over DHCPv6).
    const END: End;
    /// The commands that only this family has.
    const COMMANDS: &'static [Command<Daemon<Self>>];

    /// Puts into a configuration what it leaves to be found out where the server runs; `running` are the modules of the one
    /// that it is going to replace. What is written of it stays as it is.
    fn situate(
        _candidate: &mut Candidate<Self::Config>,
        _surroundings: &Surroundings<Self>,
        _running: Option<&Self::Modules>,
    ) {
    }

    /// Whether what relay agents said is kept in tables for lease queries, as `status-get` tells it where no module says
    /// otherwise; `None` if the protocol has no such tables.
    const EXTENDED_INFO_TABLES: Option<bool> = None;

    /// One sentence for each subnet that cannot be served for now.
    fn unserved(_config: &Self::Config) -> Vec<String> {
        Vec::new()
    }

    /// Finds what is wrong with what a configuration says to modules of a server with these commands of its own, on this machine if
    /// its `places` are given, and touches nothing.
    fn judge_modules(
        config: &Self::Config,
        own: &[Facts],
        places: Option<&dyn Places>,
        diagnostics: &mut Diagnostics,
    );

    /// Builds the modules that a configuration names; `former` are those of the configuration it is going to replace.
    /// What is wrong goes to `diagnostics`.
    fn modules(
        config: &Self::Config,
        environment: &Environment<Self::Lease, Self::Engine>,
        former: Option<&Self::Modules>,
        diagnostics: &mut Diagnostics,
    ) -> Self::Modules;

    /// Takes the commands of the modules.
    fn module_commands(modules: &mut Self::Modules) -> Vec<Bound>;

    /// Takes what modules have a say with in which commands are run.
    fn module_guards(modules: &mut Self::Modules) -> Vec<Arc<dyn AccessControl>>;

    /// Takes what modules hear of commands with that were run.
    fn module_watchers(modules: &mut Self::Modules) -> Vec<Arc<dyn Watcher>>;

    /// What modules do beside the messages.
    fn beside(modules: &Self::Modules) -> &Beside;

    /// Finds out what the server calls itself, as a configuration says; what there is to keep of that is kept.
    ///
    /// # Errors
    /// Why it cannot call itself so.
    fn identify(config: &Self::Config, surroundings: &Surroundings<Self>) -> Result<Self::Identity, String>;

    /// What answers the messages of a configuration by the `plan` that was made for it. `hosts` is where reservations are
    /// besides the configuration.
    fn engine(
        config: &Arc<Self::Config>,
        modules: &Self::Modules,
        plan: Plan<Self::Lease>,
        ports: Ports,
        identity: Self::Identity,
        hosts: HostSources<Self::Reserved>,
    ) -> Self::Engine;

    /// The plan that it goes by.
    fn plan(engine: &Self::Engine) -> &Plan<Self::Lease>;

    /// What answers the messages of a configuration that differs from that of `engine` in its reservations alone.
    fn reserving(engine: &Self::Engine, config: Arc<Self::Config>) -> Self::Engine;

    /// What answers the messages of a configuration that differs from that of `engine` in these subnets alone; nothing, if they
    /// give something else, or say something else to modules.
    fn exchanging(
        engine: &Self::Engine,
        config: Arc<Self::Config>,
        subnets: &HashSet<SubnetId>,
    ) -> Option<Self::Engine>;

    /// Whether an exchange may have to wait for a module.
    fn waits(engine: &Self::Engine) -> bool;

    /// Reclaims expired leases, as far as `settings` and modules allow. `elapsed` tells how long that has taken.
    fn reclaim(
        engine: &Self::Engine,
        leases: &LeasesOf<Self>,
        settings: &ExpiredLeases,
        now: Timestamp,
        elapsed: impl Fn() -> Duration + Send + Sync,
    ) -> impl Future<Output = Result<Reclaimed, StoreError>>;

    /// The subnets of a configuration, for its statistics.
    fn layout(config: &Self::Config) -> Vec<SubnetLayout>;

    /// One of them, if it is there.
    fn layout_of(config: &Self::Config, id: SubnetId) -> Option<SubnetLayout>;

    /// The subnets of a configuration by id, as people know them.
    fn named_subnets(config: &Self::Config) -> Vec<NamedSubnet>;

    /// Logs what a configuration adds to the `former` one, if it is that with a part changed, as far as it is of this
    /// family.
    fn announce(config: &Self::Config, former: Option<Former<'_, Self::Config>>);

    /// Logs that a configuration is understood.
    fn announce_complete(config: &Self::Config);

    /// Logs how addresses will be given from leases that are known now.
    fn announce_allocators(config: &Self::Config, former: Option<Former<'_, Self::Config>>);

    /// What a configuration serves, in a few words.
    fn summary(config: &Self::Config) -> String;

    /// Judges the paths that only configurations of this family have, as [`kotare_process::Judge`] does the others.
    fn judge_paths(_config: &Self::Config, _judge: &mut Judge<'_>) {}

    /// What else is looked after for as long as the server runs: by time, or when another configuration takes effect.
    /// It is dropped when the server stops.
    fn upkeep(_daemon: &Arc<Daemon<Self>>) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Does what a message asks for that the server of the other protocol passed on (DHCPv4 over DHCPv6).
    fn passed(desk: &mut Desk<Self>, message: &[u8]) -> impl Future<Output = ()>;

    /// Works out which sockets `config` asks for on the interfaces `present`.
    fn wanted(config: &Self::Config, present: &[Interface]) -> Wanted<SpecOf<Self>>;
}

/// The configuration that another one takes the place of.
#[derive(Debug)]
pub struct Former<'a, C> {
    /// What it means.
    pub config: &'a C,
    /// The subnets in which the other one differs, if it is known that they are all.
    pub exchanged: Option<&'a HashSet<SubnetId>>,
}

impl<C> Clone for Former<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Former<'_, C> {}

impl<C> Former<'_, C> {
    /// Whether a subnet of the other one may be another than here.
    pub fn may_differ(&self, id: SubnetId) -> bool {
        self.exchanged.is_none_or(|exchanged| exchanged.contains(&id))
    }
}

/// The way of a message through a server of one family. Each family writes its own, plainly.
pub trait Flow: Debug + Sized + Send + Sync + 'static {
    /// What clients get.
    type Lease: Leased<Config = Self::Config> + Reclaimable + Sane + Kept + Updated;
    /// What reservations reserve.
    type Reserved: HostRecord;
    /// What is configured.
    type Config: Exchanging + AsRef<Process> + Debug + Send + Sync + 'static;
    /// Where messages come from and go to.
    type Network: Network;
    /// What leases are kept in.
    type Store: Store<Self::Lease>;
    /// The modules of one configuration.
    type Modules: Debug + Send + Sync + 'static;
    /// What answers the messages of one configuration.
    type Engine: Debug + Send + Sync + 'static;
    /// What reading a message finds out of its bytes; filled where it lies.
    type Index: Debug + Default + Send;
    /// What is known of a message that was let in. Displays as how the log names the message.
    type Query: Debug + Send;
    /// What came of an exchange.
    type Outcome: Debug;

    /// Reads the message in `place` and decides whether it is answered. If not, that is counted and logged, and there is
    /// nothing more to do.
    fn intake(
        engine: &Self::Engine,
        place: Parts<'_, Self>,
        listening: &Listening<AddressOf<Self>>,
        counters: &CountersOf<Self>,
    ) -> Option<Self::Query>;

    /// Who sent it, if messages of one client have to wait for each other.
    fn client(query: &Self::Query) -> Option<ClientKey<'_>>;

    /// Who sent it, whatever it is: by this it is told who sends too much.
    fn sender(query: &Self::Query) -> ClientKey<'_>;

    /// Whether it is answered before others when not all can be.
    fn urgency(query: &Self::Query) -> Urgency;

    /// Runs an exchange: finds or changes the lease and writes the reply.
    fn exchange(begin: Begin<Self>) -> impl Future<Output = Ended<Self>>;

    /// Where the reply goes and how long it is, if there is one.
    fn reply(outcome: &Self::Outcome) -> Option<(DepartureOf<Self>, usize)>;

    /// How long what is passed on to the server of the other protocol is, if the message is (DHCPv4 over DHCPv6). It stands
    /// where a reply would.
    fn passed_on(_: &Self::Outcome) -> Option<usize> {
        None
    }

    /// Counts an exchange and logs what came of it. `reply` is the bytes of its reply, if there is one.
    fn report(
        engine: &Self::Engine,
        query: &Self::Query,
        fate: Fate<'_, Self::Outcome>,
        reply: &[u8],
        counters: &CountersOf<Self>,
    );

    /// Who watches how long messages take, if somebody does.
    fn monitor(engine: &Self::Engine) -> Option<&dyn Monitor>;

    /// Who writes down what exchanges gathered, before their replies leave.
    fn round_ends(engine: &Self::Engine) -> &[Arc<dyn RoundEnd>];

    /// Tells them of a message that was answered.
    fn timed(engine: &Self::Engine, query: &Self::Query, outcome: &Self::Outcome, times: Times);

    /// Counts and logs a message that is not answered because the service is disabled.
    fn report_disabled(
        arrival: ArrivalOf<Self>,
        listening: &Listening<AddressOf<Self>>,
        counters: &CountersOf<Self>,
    );
}

/// An exchange that begins, with all it needs: it owns it, so that it can wait for as long as it takes.
#[derive(Debug)]
pub struct Begin<F: Flow> {
    /// The configuration it is answered from.
    pub generation: Held<F>,
    /// The message.
    pub place: Box<Place<F>>,
    /// Its client is locked with this.
    pub(crate) pass: Option<Pass>,
    /// When it began.
    pub now: Timestamp,
    /// Any number, another one for each exchange.
    pub seed: u64,
}

/// An exchange that has ended.
#[derive(Debug)]
pub struct Ended<F: Flow> {
    pub(crate) generation: Held<F>,
    pub(crate) place: Box<Place<F>>,
    pub(crate) pass: Option<Pass>,
    pub(crate) outcome: F::Outcome,
}

/// A generation that a worker holds. The count that all workers share is touched once a configuration, not once a
/// message.
pub type Held<F> = Rc<Arc<Generation<F>>>;

impl<F: Flow> Begin<F> {
    /// The exchange has come to this.
    pub fn ended(self, outcome: F::Outcome) -> Ended<F> {
        let Self { generation, place, pass, .. } = self;
        Ended { generation, place, pass, outcome }
    }
}

/// The leases of a family.
pub type LeasesOf<F> = Leases<<F as Flow>::Store, <F as Flow>::Lease>;
/// What a family counts.
pub type StatOf<F> = <<F as Flow>::Lease as Leased>::Stat;
/// What a worker of a family counts in.
pub type CountersOf<F> = Counters<StatOf<F>>;
/// What one socket of a family serves.
pub type SpecOf<F> = <<F as Flow>::Network as Network>::Spec;
/// An address of a family.
pub type AddressOf<F> = <<F as Flow>::Network as Network>::Address;
/// A socket of a family.
pub type SocketOf<F> = <<F as Flow>::Network as Network>::Socket;
/// The sockets of one worker of a family.
pub type PortOf<F> = <<F as Flow>::Network as Network>::Port;
/// How a message of a family came.
pub type ArrivalOf<F> = <PortOf<F> as Port>::Arrival;
/// How a message of a family leaves.
pub type DepartureOf<F> = <PortOf<F> as Port>::Departure;

/// What is to be served, and what cannot be for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted<S> {
    /// The sockets to have open.
    pub specs: Vec<S>,
    /// One sentence for each configured interface or address that cannot be served for now.
    pub problems: Vec<String>,
    /// One sentence for each that cannot be served as it is configured, however often it is tried.
    pub refused: Vec<String>,
    /// What is done when there are problems.
    pub sockets: ServiceSockets,
}
