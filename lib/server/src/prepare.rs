//! Everything about a new configuration that can fail, done before anything changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use kotare_config::Candidate;
use kotare_config::process::{Durability, LeaseDatabase, Memfile, WrittenPath};
use kotare_config::v4::Config4;
use kotare_control::unix::SocketConfig;
use kotare_daemon::logging::{self, Logging, LoggingConfig};
use kotare_daemon::{Clock, Environment, PathKind, Paths, seed};
use kotare_engine::hooks::v4::Hooks4;
use kotare_engine::{Leases, v4};
use kotare_stats::{Counted, PoolLayout, Prepared, Statistics4, SubnetLayout};
use kotare_store::LeaseStore;
use kotare_store_memfile::{self as store, LfcFiles, Memfile4, Options, PidFile, Wait};

use crate::commands;
use crate::generation::Generation;
use crate::messages::{DHCP4_CONFIG_NO_EFFECT, DHCP4_CONFIG_SYNTAX_WARNING};
use crate::worker::ROUNDS;

/// The lease file where none is named.
const DEFAULT_LEASE_FILE: &str = "kea-leases4.csv";

/// How long a running cleanup is waited for at the start.
const CLEANUP_LIMIT: Duration = Duration::from_secs(30);

/// What preparing needs of the daemon.
#[derive(Debug)]
pub(crate) struct Surroundings {
    pub(crate) clock: Clock,
    pub(crate) environment: Environment,
    pub(crate) paths: Paths,
    pub(crate) logging: Logging,
    pub(crate) ports: v4::Ports,
}

/// A configuration that only needs to be published. Dropping it changes nothing.
#[derive(Debug)]
pub(crate) struct Next {
    pub(crate) generation: Generation,
    pub(crate) statistics: Prepared,
    pub(crate) counted: Vec<Counted>,
    pub(crate) logging: logging::Prepared,
    pub(crate) control: Vec<SocketConfig>,
}

/// Where the configuration keeps files, judged.
#[derive(Debug)]
pub(crate) struct Places {
    lease_file: Option<PathBuf>,
    control: Vec<SocketConfig>,
    logging: LoggingConfig,
    /// What `-X` let pass.
    pub(crate) warnings: Vec<String>,
}

impl Places {
    /// The directories of the files.
    fn directories(&self) -> impl Iterator<Item = &Path> {
        let sockets = self.control.iter().map(|socket| socket.path.as_path());
        let files = self.lease_file.as_deref().into_iter().chain(sockets).chain(self.logging.files());
        files.filter_map(Path::parent)
    }
}

impl Surroundings {
    /// Judges all paths of a configuration and whether its lease database can be served: what `-T` adds to `-t`.
    pub(crate) fn places(&self, config: &Config4) -> Result<Places, String> {
        let mut warnings = Vec::new();
        let mut judge = |kind, what: &str, written: &WrittenPath| {
            let at = |text: String| format!("{}: {what}: {text}", written.source);
            let validated = self.paths.file(kind, &written.path).map_err(|error| at(error.to_string()))?;
            warnings.extend(validated.warning.map(at));
            Ok::<_, String>(PathBuf::from(validated.path))
        };
        let memfile = memfile(config)?;
        let lease_file = match &memfile.name {
            _ if !memfile.persist => None,
            Some(name) => Some(judge(PathKind::Data, "lease-database/name", name)?),
            None => Some(self.paths.directory(PathKind::Data).join(DEFAULT_LEASE_FILE)),
        };
        let mut control = Vec::new();
        for socket in &config.process.control_sockets {
            control.push(SocketConfig::new(judge(PathKind::ControlSocket, "socket-name", &socket.name)?));
        }
        if let Some(first) = config.process.control_sockets.first() {
            let at = |text: String| format!("{}: socket-name: {text}", first.name.source);
            let judged = self.paths.check_socket_permissions().map_err(|error| at(error.to_string()))?;
            warnings.extend(judged.map(at));
        }
        let (logging, told) = LoggingConfig::from_written(&config.process.loggers, &self.paths)?;
        warnings.extend(told);
        Ok(Places { lease_file, control, logging, warnings })
    }

    /// Prepares everything; `running` is what serves now, of which is kept what stays the same.
    pub(crate) async fn prepare(
        &self,
        candidate: Candidate<Config4>,
        running: Option<&Generation>,
        statistics: &Statistics4,
    ) -> Result<Next, String> {
        let Candidate { written, config, diagnostics, without_effect } = candidate;
        let places = self.places(&config)?;
        for warning in diagnostics.warnings() {
            DHCP4_CONFIG_SYNTAX_WARNING(warning);
        }
        for warning in &places.warnings {
            DHCP4_CONFIG_SYNTAX_WARNING(warning);
        }
        if !without_effect.is_empty() {
            let keywords: Vec<_> = without_effect.iter().map(ToString::to_string).collect();
            DHCP4_CONFIG_NO_EFFECT(keywords.join(", "));
        }
        for directory in places.directories() {
            self.paths.make_if_missing(directory).map_err(|error| error.to_string())?;
        }
        let logging = self.logging.prepare(&places.logging);
        if let Some(problem) = logging.problems().first() {
            return Err(problem.clone());
        }
        let config = Arc::new(config);
        let kept = running.filter(|running| running.leases.store().path() == places.lease_file.as_deref());
        let rounds = match memfile(&config)?.durability {
            Durability::Process => 1,
            Durability::System => ROUNDS,
        };
        let leases = match kept {
            Some(running) => running.leases.clone(),
            None => self.open(memfile(&config)?, places.lease_file, statistics).await?,
        };
        let prepared = statistics.prepare(&layout(&config));
        let handles: Vec<_> =
            config.subnets.iter().filter_map(|subnet| prepared.subnet(subnet.id).cloned()).collect();
        let failed = |error| format!("the leases cannot be counted: {error}");
        let plan = leases.plan(&config, &handles).await.map_err(failed)?;
        let counted = leases.store().tally().await.map_err(failed)?.iter().map(counted).collect();
        let server = v4::Server::new(config, plan, self.ports, Hooks4::default());
        let commands = Arc::new(commands::own().map_err(|error| error.to_string())?);
        let generation = Generation { written, server, leases, commands, rounds, since: self.clock.moment() };
        Ok(Next { generation, statistics: prepared, counted, logging, control: places.control })
    }

    /// Opens the lease file and reads the leases. A cleanup that a former server started is waited for.
    async fn open(
        &self,
        config: &Memfile,
        path: Option<PathBuf>,
        statistics: &Statistics4,
    ) -> Result<Arc<Leases<Memfile4>>, String> {
        if let Some(path) = &path {
            let start = self.clock.moment();
            while cleanup_runs(path) && self.clock.moment().since(start) < CLEANUP_LIMIT {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        let options = Options {
            max_row_errors: config.max_row_errors,
            durability: durability(config),
            ..Options::new(path, seed().map_err(|error| error.to_string())?)
        };
        let store = Memfile4::open(options).map_err(|error| error.to_string())?;
        Ok(Arc::new(Leases::new(store, statistics.worker())))
    }
}

/// Whether `kea-lfc` is at work on this lease file. What cannot be found out is left to [`Memfile4::open`] to report.
fn cleanup_runs(lease_file: &Path) -> bool {
    match PidFile::lock(&LfcFiles::of(lease_file).pid, Wait::No) {
        Ok(Some(pid_file)) => matches!(pid_file.running(), Ok(Some(_))),
        Ok(None) => true,
        Err(_) => false,
    }
}

/// The settings of the memfile, which is the only kind of lease database there is.
pub(crate) fn memfile(config: &Config4) -> Result<&Memfile, String> {
    match &config.process.lease_database {
        LeaseDatabase::Memfile(memfile) => Ok(memfile),
        LeaseDatabase::Unavailable { kind, source } => Err(format!(
            "{source}: lease-database/type: leases cannot be kept in '{kind}' in this version; use 'memfile'"
        )),
    }
}

/// When leases of this memfile count as kept.
pub(crate) fn durability(config: &Memfile) -> store::Durability {
    match config.durability {
        Durability::Process => store::Durability::Process,
        Durability::System => store::Durability::System,
    }
}

fn layout(config: &Config4) -> Vec<SubnetLayout> {
    let subnet = |subnet: &kotare_config::v4::Subnet4| SubnetLayout {
        id: subnet.id,
        pools: subnet.pools.iter().map(|pool| PoolLayout { id: pool.id, addresses: pool.size() }).collect(),
    };
    config.subnets.iter().map(subnet).collect()
}

fn counted(tally: &kotare_store::Tally) -> Counted {
    Counted {
        subnet: tally.subnet,
        pool_id: tally.pool_id,
        assigned: tally.assigned,
        declined: tally.declined,
    }
}
