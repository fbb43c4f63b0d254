//! Everything about a new configuration that can fail, done before anything changes.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_config::process::Memfile;
use kotare_config::{Candidate, Configuration, Written, schema};
use kotare_control::Duplicate;
use kotare_daemon::DirectoryError;
use kotare_daemon::logging::{
    self, Destination, Facility, Format, LoggerConfig, LoggingConfig, OutputConfig, Threshold,
};
use kotare_engine::{Plan, Ports, Sanity};
use kotare_model::{Durability, SubnetId};
use kotare_modules::{Environment, ServerLink, SystemLogger};
use kotare_options::Definitions;
use kotare_process::{ControlConfig, ControlError, DatabaseAt};
use kotare_stats::{PreparedStatistics, Statistics};
use kotare_store::{LeaseStore, StoreError, Tally};
use kotare_store_memfile::Options;
use kotare_store_sql::Access;
use tokio::runtime::Handle;

use crate::announce::{self, Remarks};
use crate::commands;
use crate::config_backend::Laid;
use crate::family::{Family, Flow, Former, StatOf};
use crate::generation::Generation;
use crate::host_stores;
use crate::store_aside::store_aside;
use crate::stores::{Patience, Store, Stored, connections};
use crate::surroundings::Surroundings;
use crate::worker::ROUNDS;

/// A configuration that only needs to be published. It owns what was prepared for it: to give up, drop it.
#[derive(Debug)]
pub(crate) struct Next<F: Flow> {
    pub(crate) generation: Generation<F>,
    pub(crate) statistics: PreparedStatistics<StatOf<F>>,
    pub(crate) counted: Vec<Tally>,
    pub(crate) logging: logging::Prepared,
    pub(crate) control: ControlConfig,
}

/// What serves until a configuration takes effect.
pub(crate) struct Before<'a, F: Flow> {
    pub(crate) running: Option<&'a Arc<Generation<F>>>,
    pub(crate) coming: Coming,
    pub(crate) laid: Laid,
}

/// How a configuration comes about.
#[derive(Clone, Debug)]
pub(crate) enum Coming {
    /// It is read, and begins anew what is not about leases.
    Whole,
    /// It is the one in effect with a part that a command or a database changed; all else goes on as before.
    Edited,
    /// It is the one in effect with other subnets in the place of these, of which there is nothing to say.
    Exchanged(Arc<HashSet<SubnetId>>),
}

impl Coming {
    /// Whether it begins anew.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self, Self::Whole)
    }
}

impl<F: Flow> Before<'_, F> {
    /// Nothing serves yet.
    pub(crate) const NOTHING: Self = Self { running: None, coming: Coming::Whole, laid: Laid::Anew };
}

/// The way of modules to the server.
pub(crate) type LinkOf<F> = ServerLink<<F as Flow>::Lease, <F as Flow>::Engine>;

/// Why a configuration cannot be served from.
#[derive(Debug)]
pub enum Unprepared {
    /// What is written is wrong.
    Written(Diagnostics),
    /// A path or a database that it names cannot be used.
    Judged(Diagnostics),
    /// A directory that is missing cannot be made.
    Directory(DirectoryError),
    /// A log file cannot be written.
    Logging(String),
    /// The leases cannot be opened.
    Leases(StoreError),
    /// The server cannot call itself what it shall.
    Identity(String),
    /// What of it is in databases cannot be looked for.
    Backend(StoreError),
    /// What of it is in databases cannot be read.
    Fetched(String),
    /// Reservations cannot be looked for.
    Hosts(StoreError),
    /// The leases cannot be counted.
    Count(StoreError),
    /// The system gives no random numbers.
    Chance(std::io::Error),
    /// What is configured for modules is wrong, or something that they need cannot be had.
    Modules(Diagnostics),
    /// What a module is connected to cannot be reached or used.
    Beside(String),
    /// Two modules want the same command.
    Commands(Duplicate),
    /// The threads that would serve cannot be started.
    Threads(usize, std::io::Error),
    /// A control socket cannot be opened.
    Control(ControlError),
    /// Another one has to be confirmed or cancelled before.
    OnTrial(String),
    /// `service-sockets-require-all`, and a service socket cannot be opened.
    Sockets(String),
}

impl Unprepared {
    /// Sockets for commands that cannot be opened; what is for partners their module tells of.
    pub(crate) fn control<F: Family>(modules: &F::Modules, error: ControlError) -> Self {
        if let ControlError::Partners(reason) = &error {
            F::beside(modules).tell_unheard(reason);
        }
        Self::Control(error)
    }
}

impl<F: Family> Surroundings<F> {
    /// Prepares what a configuration is served from. What stays the same of what is served `before` is kept.
    pub(crate) async fn prepare(
        &self,
        candidate: Candidate<F::Config>,
        before: Before<'_, F>,
        link: &LinkOf<F>,
        statistics: &Statistics<StatOf<F>>,
    ) -> Result<Next<F>, Unprepared> {
        let Before { running, coming, laid } = before;
        // What is exchanged brings and takes no remarks.
        let exchanged = match &coming {
            Coming::Exchanged(subnets) => running.map(|running| (running, subnets)),
            Coming::Whole | Coming::Edited => None,
        };
        let kept = exchanged.map(|(running, _)| &running.remarks);
        let (mut candidate, backend) = match laid {
            Laid::Anew => Box::pin(self.fetch(candidate, running.map(|running| &**running))).await?,
            Laid::AsBefore => (candidate, running.and_then(|running| running.backend.clone())),
            Laid::Over(backend) => (candidate, backend),
        };
        // What has been told of it before is not told again.
        let edited = running.filter(|_| !coming.is_whole());
        let subnets = exchanged.map(|(_, subnets)| &**subnets);
        let known = edited.map(|running| Former { config: &*running.config, exchanged: subnets });
        F::situate(&mut candidate, self, running.map(|running| &*running.modules));
        F::WORDS.config_start(Redacted(&candidate.written, candidate.config.definitions()));
        let judged = match exchanged {
            None => self.judge(&mut candidate),
            Some(_) => self.judge_quietly(&mut candidate),
        };
        let judged = judged.map_err(Unprepared::Judged)?;
        // An edit leaves control sockets alone.
        let http = match coming.is_whole() {
            true => self.judge_http(&mut candidate).map_err(Unprepared::Judged)?,
            false => Vec::new(),
        };
        let Candidate { written, config, diagnostics, without_effect } = candidate;
        let remarks = kept.cloned().unwrap_or(Remarks { diagnostics, without_effect });
        remarks.tell::<F>(edited.map(|running| &running.remarks));
        F::announce(&config, known);
        for directory in judged.directories() {
            self.paths.make_if_missing(directory).map_err(Unprepared::Directory)?;
        }
        let databases = judged.config.iter().map(|it| it.access.clone()).collect();
        let before = running.map(|running| &**running);
        let patience = self.patience(before);
        let mut modules = self.build_modules(&config, &written, databases, before, link)?;
        let beside = F::beside(&modules);
        let logging = self.logging.prepare(&with_loggers(judged.logging, &beside.loggers));
        if let Some(problem) = logging.problems().first() {
            return Err(Unprepared::Logging(problem.clone()));
        }
        beside.prepare().await.map_err(Unprepared::Beside)?;
        let commands = commands::all(F::module_commands(&mut modules)).map_err(Unprepared::Commands)?;
        let commands = commands.guarded(F::module_guards(&mut modules));
        let commands = commands.watched(F::module_watchers(&mut modules));
        if known.is_none() {
            announce::complete::<F>(&config);
        }
        let (config, modules) = (Arc::new(config), Arc::new(modules));
        let rounds = judged.memfile.as_ref().map_or(1, rounds);
        let is_where =
            |stored: &Stored<F>| stored.at == judged.lease_file && stored.database == judged.database;
        let stored = match running.filter(|running| is_where(&running.stored)) {
            Some(running) => running.stored.come().unwrap_or_else(|| running.stored.clone()),
            None => {
                let file = (judged.lease_file, judged.memfile);
                let opened = self.open_leases(file, judged.database, &config, statistics, patience);
                let stored = opened.await?;
                self.correct_leases(&stored, &config).await.map_err(Unprepared::Leases)?;
                stored
            }
        };
        let open = running.map_or(&[][..], |running| &running.hosts);
        let hosts = host_stores::open(judged.hosts, open, connections(config.as_ref().as_ref()), patience);
        let hosts = hosts.await.map_err(Unprepared::Hosts)?;
        let identity = F::identify(&config, self).map_err(Unprepared::Identity)?;
        let exchanged = exchanged.filter(|(running, _)| Arc::ptr_eq(&running.stored, &stored));
        let prepared = match exchanged {
            None => statistics.prepare(&F::layout(&config)),
            Some((_, subnets)) => {
                let layout = subnets.iter().filter_map(|id| F::layout_of(&config, *id)).collect::<Vec<_>>();
                statistics.prepare_exchange(&layout, subnets)
            }
        };
        let exchanged = exchanged.map(|(running, subnets)| (running.clone(), subnets.clone()));
        let look = look_through::<F>(&stored, &config, prepared, exchanged);
        let (plan, prepared, counted) = look.await.map_err(Unprepared::Count)?;
        let ports = Ports { server: self.args.server_port, client: self.args.client_port };
        let engine = F::engine(&config, &modules, plan, ports, identity, host_stores::sources(&hosts));
        F::announce_allocators(&config, known);
        let generation = Generation {
            written,
            rounds,
            waits: stored.leases.store().waits() || !hosts.is_empty() || F::waits(&engine),
            modules,
            engine,
            config,
            stored,
            hosts,
            backend,
            commands: Arc::new(commands),
            since: edited.map_or_else(|| self.clock.moment(), |running| running.since),
            remarks,
        };
        let partners = F::beside(&generation.modules).listeners.clone();
        let control = ControlConfig { unix: judged.unix, http, partners };
        Ok(Next { generation, statistics: prepared, counted, logging, control })
    }
}

impl<F: Family> Surroundings<F> {
    /// Opens the leases of a configuration: of a file, in memory only, or in a database.
    async fn open_leases(
        &self,
        (file, memfile): (Option<PathBuf>, Option<Memfile>),
        database: Option<DatabaseAt>,
        config: &F::Config,
        statistics: &Statistics<StatOf<F>>,
        patience: Patience<'_>,
    ) -> Result<Arc<Stored<F>>, Unprepared> {
        let counters = || statistics.worker();
        let opened = match (database, memfile) {
            (Some(database), _) => {
                Stored::connect(database, connections(config.as_ref()), counters, patience).await
            }
            (None, memfile) => {
                let options = Options::new(file, (self.seed)().map_err(Unprepared::Chance)?);
                let options = match memfile {
                    Some(Memfile { max_row_errors, durability, .. }) => {
                        Options { max_row_errors, durability, ..options }
                    }
                    None => options,
                };
                Stored::open(&self.open, options, counters(), &self.clock).await
            }
        };
        opened.map_err(Unprepared::Leases)
    }

    /// How long is waited for databases that a configuration names and that cannot be reached.
    pub(crate) fn patience(&self, running: Option<&Generation<F>>) -> Patience<'_> {
        match running {
            None => Patience::AsConfigured(&self.clock),
            Some(_) => Patience::None,
        }
    }

    /// Corrects leases that do not fit a configuration; in repair mode they are let alone.
    pub(crate) async fn correct_leases(
        &self,
        stored: &Arc<Stored<F>>,
        config: &Arc<F::Config>,
    ) -> Result<(), StoreError> {
        if self.args.repairs {
            return Ok(());
        }
        let (stored, config, now) = (stored.clone(), config.clone(), self.clock.now());
        store_aside(move || async move {
            let leases = &stored.leases;
            // As in Kea, only those of a lease file: a database may have leases of many servers.
            let Some(memfile) = leases.store().memfile().filter(|memfile| memfile.path().is_some()) else {
                return Ok(());
            };
            let sanity = Sanity::<F::Lease>::new(&config);
            let suspects = memfile.select(|address, lease_type, subnet, context| {
                sanity.suspects(address, lease_type, subnet, context)
            });
            sanity.correct(leases, &suspects, memfile.len(), now).await
        })
        .await
    }

    /// Builds the modules that a configuration names.
    fn build_modules(
        &self,
        config: &F::Config,
        written: &Written,
        config_databases: Arc<[Access]>,
        running: Option<&Generation<F>>,
        link: &LinkOf<F>,
    ) -> Result<F::Modules, Unprepared> {
        let seed = (self.seed)().map_err(Unprepared::Chance)?;
        let environment = Environment {
            runtime: Handle::current(),
            seed,
            server: link.clone(),
            commands: commands::facts::<F>().map_err(Unprepared::Commands)?.into(),
            config_databases,
            places: Arc::new(self.places()),
        };
        let former = running.map(|running| &*running.modules);
        let mut diagnostics = Diagnostics::new();
        let modules = F::modules(config, &environment, former, &mut diagnostics);
        if diagnostics.has_errors() {
            written.locate(&mut diagnostics);
            return Err(Unprepared::Modules(diagnostics));
        }
        Ok(modules)
    }
}

/// A configuration without its passwords, made into text only if it is logged.
pub(crate) struct Redacted<'a>(pub(crate) &'a Written, pub(crate) &'a Definitions);

impl std::fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        schema::redacted(&self.0.shown(self.1)).fmt(f)
    }
}

/// What is served, and in which subnets another configuration differs from it, if that is all.
type Exchange<F> = Option<(Arc<Generation<F>>, Arc<HashSet<SubnetId>>)>;

/// Looks through the leases: which addresses are taken, and how many leases there are. What is not `exchanged` in the
/// configuration that is served is known.
async fn look_through<F: Family>(
    stored: &Arc<Stored<F>>,
    config: &Arc<F::Config>,
    prepared: PreparedStatistics<StatOf<F>>,
    exchanged: Exchange<F>,
) -> Result<(Plan<F::Lease>, PreparedStatistics<StatOf<F>>, Vec<Tally>), StoreError> {
    let (stored, config) = (stored.clone(), config.clone());
    store_aside(move || async move {
        let leases = &stored.leases;
        let handles: Vec<_> = prepared.subnets().cloned().collect();
        let plan = match &exchanged {
            None => leases.plan(&config, &handles).await?,
            Some((former, subnets)) => {
                leases.plan_exchange(F::plan(&former.engine), &config, &handles, subnets).await?
            }
        };
        let mut prepared = prepared;
        let counted = match leases.store().is_there() {
            true => leases.tally(|| prepared.mark()).await?,
            false => {
                prepared.mark();
                Vec::new()
            }
        };
        Ok((plan, prepared, counted))
    })
    .await
}

/// With what modules have for the syslog daemon.
fn with_loggers(mut logging: LoggingConfig, loggers: &[SystemLogger]) -> LoggingConfig {
    logging.loggers.extend(loggers.iter().map(|logger| {
        let destination = Destination::Syslog(Facility::named(&logger.facility));
        let format = Format::Pattern(logger.pattern.clone());
        LoggerConfig {
            name: logger.name.to_owned(),
            severity: Some(Threshold::Info),
            outputs: vec![OutputConfig { format, ..OutputConfig::new(destination) }],
        }
    }));
    logging
}

fn rounds(memfile: &Memfile) -> usize {
    match memfile.durability {
        Durability::Process => 1,
        Durability::System => ROUNDS,
    }
}

impl std::fmt::Display for Unprepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Written(_) | Self::Judged(_) | Self::Modules(_) => f.write_str(&self.lines().join("\n")),
            Self::Logging(text) | Self::OnTrial(text) | Self::Beside(text) => f.write_str(text),
            Self::Fetched(reason) => write!(f, "configuration backend: {reason}"),
            Self::Directory(error) => error.fmt(f),
            Self::Leases(error) | Self::Hosts(error) | Self::Backend(error) => error.fmt(f),
            Self::Identity(reason) => write!(f, "unable to configure server identifier: {reason}"),
            Self::Count(error) => write!(f, "the leases cannot be counted: {error}"),
            Self::Chance(error) => error.fmt(f),
            Self::Commands(duplicate) => duplicate.fmt(f),
            Self::Threads(count, error) => write!(f, "cannot start {count} worker threads: {error}"),
            Self::Control(error) => error.fmt(f),
            Self::Sockets(problem) => write!(f, "service-sockets-require-all: {problem}"),
        }
    }
}

impl Unprepared {
    /// Whether it is in what is written, and stays until that is another.
    pub(crate) fn is_of_what_is_written(&self) -> bool {
        matches!(self, Self::Written(_) | Self::Judged(_) | Self::Modules(_) | Self::Commands(_))
    }

    /// One line for each thing that is wrong.
    pub(crate) fn lines(&self) -> Vec<String> {
        match self {
            Self::Written(refused) | Self::Judged(refused) | Self::Modules(refused) => refused.error_lines(),
            other => vec![other.to_string()],
        }
    }
}

impl std::error::Error for Unprepared {}
