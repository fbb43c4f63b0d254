//! What a server is started with.

use std::io;
use std::sync::Arc;

use kotare_config::Candidate;
use kotare_config::json::Diagnostics;
use kotare_control::http::ListenerConfig;
use kotare_daemon::args::ServerArgs;
use kotare_daemon::logging::Logging;
use kotare_daemon::{Clock, Environment, Paths};
use kotare_modules::Places;
use kotare_process::{Judge, http_listeners};

use crate::commands;
use crate::family::{Family, Flow};
use crate::judged::Judged;
use crate::stores::Open;

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

impl<F: Family> Surroundings<F> {
    /// Judges what a configuration says to modules, and all its paths. What only a server that is started can find out is
    /// left: whether files can be opened, sockets be bound.
    ///
    /// # Errors
    /// All that is wrong.
    pub(crate) fn judge(&self, candidate: &mut Candidate<F::Config>) -> Result<Judged, Diagnostics> {
        candidate.judge(|config, diagnostics| self.judged(config, None, diagnostics))
    }

    /// The same of a configuration of which nobody is told anything but errors.
    ///
    /// # Errors
    /// All that is wrong.
    pub(crate) fn judge_quietly(&self, candidate: &mut Candidate<F::Config>) -> Result<Judged, Diagnostics> {
        candidate.judge_quietly(|config, diagnostics| self.judged(config, None, diagnostics))
    }

    fn judged(
        &self,
        config: &F::Config,
        places: Option<&dyn Places>,
        diagnostics: &mut Diagnostics,
    ) -> Judged {
        judge_modules::<F>(config, places, diagnostics);
        F::judge_paths(config, &mut Judge { paths: &self.paths, diagnostics });
        Judged::of(config.as_ref(), &self.paths, (F::TABLES, F::LEASE_FILE), diagnostics)
    }

    /// Reads what HTTP sockets need, for a server that is to open them: who checks a configuration for another machine
    /// need not have its secrets.
    ///
    /// # Errors
    /// All that is wrong.
    pub(crate) fn judge_http(
        &self,
        candidate: &mut Candidate<F::Config>,
    ) -> Result<Vec<ListenerConfig>, Diagnostics> {
        candidate.judge(|config, diagnostics| {
            let realm = format!("kea-{}-server", F::PROTOCOL.to_ascii_lowercase());
            let sockets = &config.as_ref().http_sockets;
            http_listeners(sockets, &realm, self.paths.enforced(), diagnostics)
        })
    }

    /// Judges all that applying a configuration here would, files that modules need among it, and applies nothing of it.
    ///
    /// # Errors
    /// All that is wrong.
    pub(crate) fn judge_applied(&self, candidate: &mut Candidate<F::Config>) -> Result<(), Diagnostics> {
        let places = self.places();
        candidate.judge(|config, diagnostics| self.judged(config, Some(&places), diagnostics))?;
        self.judge_http(candidate).map(drop)
    }

    /// Judges what can be said of a configuration wherever it is to be used: all of it but paths.
    ///
    /// # Errors
    /// All that is wrong.
    pub(crate) fn judge_contents(
        &self,
        mut candidate: Candidate<F::Config>,
    ) -> Result<Candidate<F::Config>, Diagnostics> {
        candidate.judge(|config, diagnostics| judge_modules::<F>(config, None, diagnostics))?;
        Ok(candidate)
    }
}

fn judge_modules<F: Family>(config: &F::Config, places: Option<&dyn Places>, diagnostics: &mut Diagnostics) {
    // Two commands of one name are refused where the commands are put together.
    let own = commands::facts::<F>().unwrap_or_default();
    F::judge_modules(config, &own, places, diagnostics);
}

impl<F: Flow> std::fmt::Debug for Surroundings<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings").field("args", &self.args).finish_non_exhaustive()
    }
}
