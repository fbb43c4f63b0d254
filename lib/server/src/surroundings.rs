//! What a server is started with, and the judgement of what a configuration asks of it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kotare_config::Process;
use kotare_config::process::WrittenPath;
use kotare_control::unix::SocketConfig;
use kotare_daemon::args::ServerArgs;
use kotare_daemon::logging::{Logging, LoggingConfig};
use kotare_daemon::{Clock, Environment, PathKind, Paths};

use crate::family::{Family, Flow};
use crate::stores::{self, Open};

/// What a server is started with. All of it is given: two servers in one process have nothing in common but what their
/// surroundings share.
pub struct Surroundings<F: Flow> {
    /// The clock.
    pub clock: Clock,
    /// The environment variables.
    pub environment: Environment,
    /// Where files may be.
    pub paths: Paths,
    /// The log.
    pub logging: Logging,
    /// The command line.
    pub args: ServerArgs,
    /// Where packets come from.
    pub network: Arc<F::Network>,
    /// Opens the lease store.
    pub open: Open<F::Store>,
    /// Gives random numbers that nobody else knows.
    pub seed: Seed,
}

/// Gives random numbers; an error where the system has none.
pub type Seed = Box<dyn Fn() -> io::Result<u64> + Send + Sync>;

/// What a configuration asks of the file system, judged.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The lease file, if leases are kept in one.
    pub(crate) lease_file: Option<PathBuf>,
    pub(crate) control: Vec<SocketConfig>,
    pub(crate) logging: LoggingConfig,
    /// What `-X` let pass.
    pub(crate) warnings: Vec<String>,
}

impl Judged {
    /// The directories of the files.
    pub(crate) fn directories(&self) -> impl Iterator<Item = &Path> {
        let sockets = self.control.iter().map(|socket| socket.path.as_path());
        let files = self.lease_file.as_deref().into_iter().chain(sockets).chain(self.logging.files());
        files.filter_map(Path::parent)
    }
}

impl<F: Family> Surroundings<F> {
    /// Judges all paths of a configuration and whether its lease database can be served: what `-T` adds to `-t`.
    pub(crate) fn judge(&self, process: &Process) -> Result<Judged, String> {
        let mut warnings = Vec::new();
        let mut judge = |kind, what: &str, written: &WrittenPath| {
            let at = |text: String| format!("{}: {what}: {text}", written.source);
            let validated = self.paths.file(kind, &written.path).map_err(|error| at(error.to_string()))?;
            warnings.extend(validated.warning.map(at));
            Ok::<_, String>(PathBuf::from(validated.path))
        };
        let memfile = stores::memfile(process)?;
        let lease_file = match &memfile.name {
            _ if !memfile.persist => None,
            Some(name) => Some(judge(PathKind::Data, "lease-database/name", name)?),
            None => Some(self.paths.directory(PathKind::Data).join(F::LEASE_FILE)),
        };
        let mut control = Vec::new();
        for socket in &process.control_sockets {
            control.push(SocketConfig::new(judge(PathKind::ControlSocket, "socket-name", &socket.name)?));
        }
        if let Some(first) = process.control_sockets.first() {
            let at = |text: String| format!("{}: socket-name: {text}", first.name.source);
            let judged = self.paths.check_socket_permissions().map_err(|error| at(error.to_string()))?;
            warnings.extend(judged.map(at));
        }
        let (logging, told) = LoggingConfig::from_written(&process.loggers, &self.paths)?;
        warnings.extend(told);
        Ok(Judged { lease_file, control, logging, warnings })
    }
}

impl<F: Flow> std::fmt::Debug for Surroundings<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings").field("args", &self.args).finish_non_exhaustive()
    }
}
