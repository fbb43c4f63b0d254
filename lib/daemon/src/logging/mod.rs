//! Kea's logging on tracing's events.
//!
//! A message of a `kotare_messages` table is an event whose name is the message's id. The layer looks the
//! id up in the registered tables, decides once for each configuration whether the call site is enabled, and
//! hands what is enabled as one line to each output of the message's logger, whose own thread writes it: who logs
//! waits for nothing. Events of no table (other crates' tracing) are not logged.
//!
//! ```
//! use kotare_daemon::{Clock, Environment, logging::Logging};
//! kotare_messages::messages! {
//!     Info "dhcp4" DHCP4_STARTED(version) = "Kea DHCPv4 server version {version} started";
//! }
//! let environment = Environment::of_process();
//! let logging = Logging::new("kea-dhcp4", &[MESSAGES], false, Clock::system(), &environment);
//! logging.with(|| DHCP4_STARTED("3.3.1"));
//! // 2026-11-21 18:20:30.123 INFO  [kea-dhcp4.dhcp4/811.811] DHCP4_STARTED Kea DHCPv4 server version 3.3.1 started
//! ```

mod config;
mod file;
mod layer;
mod line;
pub mod messages;
mod output;
mod pattern;
mod routes;
mod stream;
mod syslog;
mod time_format;
mod writer;

use std::io::Write;
use std::sync::Arc;

use arc_swap::ArcSwap;
use kotare_messages::Message;
use tracing::Dispatch;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

pub use config::{Destination, Format, LoggerConfig, LoggingConfig, OutputConfig, Threshold};
pub use syslog::Facility;

use crate::{Clock, Environment};
use layer::Lines;
use line::Facts;
use output::OutputContext;
use routes::Routes;

/// The logging of one daemon: the messages it knows and the configuration they are logged by. Clones are the
/// same logging.
#[derive(Clone, Debug)]
pub struct Logging {
    shared: Arc<Shared>,
    dispatch: Dispatch,
}

/// A configuration whose outputs are open, ready for [`Logging::publish`]. Dropped, it changes nothing.
#[derive(Debug)]
pub struct Prepared(Routes);

/// What the handle and the subscriber share.
#[derive(Debug)]
struct Shared {
    root: String,
    messages: Vec<&'static Message>,
    verbose: bool,
    facts: Facts,
    context: OutputContext,
    current: ArcSwap<Routes>,
}

impl Logging {
    /// Logging that knows the messages of `tables` and its own, configured as [`LoggingConfig::at_start`]. `root`
    /// is the root logger's name, the program's; `verbose` (`-d`) overrides all severities with DEBUG 99.
    pub fn new(
        root: &str,
        tables: &[&'static [Message]],
        verbose: bool,
        clock: Clock,
        environment: &Environment,
    ) -> Self {
        let own = std::iter::once(messages::MESSAGES);
        let shared = Arc::new(Shared {
            root: root.to_owned(),
            messages: tables.iter().copied().chain(own).flatten().collect(),
            verbose,
            facts: Facts::new(clock.clone(), environment),
            context: OutputContext::new(root, verbose, clock, environment),
            current: ArcSwap::from_pointee(Routes::default()),
        });
        let logging =
            Self { dispatch: Dispatch::new(Registry::default().with(Lines(shared.clone()))), shared };
        logging.configure(&LoggingConfig::default());
        logging
    }

    /// Makes this the process's logging. Once for each process; false if there is one already.
    ///
    /// What waits to be written when a thread panics is written before the panic goes on.
    pub fn install(&self) -> bool {
        let installed = tracing::dispatcher::set_global_default(self.dispatch.clone()).is_ok();
        if installed {
            let (logging, then) = (self.clone(), std::panic::take_hook());
            std::panic::set_hook(Box::new(move |panic| {
                logging.flush();
                then(panic);
            }));
        }
        installed
    }

    /// Runs `body` with this as the logging of the current thread: for tests and for several daemons in one
    /// process.
    pub fn with<T>(&self, body: impl FnOnce() -> T) -> T {
        tracing::dispatcher::with_default(&self.dispatch, body)
    }

    /// Opens the outputs of `config`. Never fails as a whole: what cannot be opened is among
    /// [`Prepared::problems`], and logs to standard error until it can.
    pub fn prepare(&self, config: &LoggingConfig) -> Prepared {
        let Shared { root, messages, verbose, context, .. } = &*self.shared;
        let verbose = verbose.then(|| config.clone().verbose());
        let former = self.shared.current.load();
        Prepared(Routes::new(root, messages, verbose.as_ref().unwrap_or(config), context, &former))
    }

    /// Logs by a prepared configuration from now on, and closes the outputs of the one before. Files of one
    /// name are opened anew, so that reconfiguring also follows a file that was moved away.
    pub fn publish(&self, prepared: Prepared) {
        let new = Arc::new(prepared.0);
        let former = self.shared.current.swap(new.clone());
        // tracing asks the calling thread's subscriber when there is only one, so it must be this one.
        self.with(tracing::callsite::rebuild_interest_cache);
        new.start(&former, &self.dispatch.downgrade());
    }

    /// [`Logging::prepare`] and [`Logging::publish`] in one; returns the problems.
    pub fn configure(&self, config: &LoggingConfig) -> Vec<String> {
        let prepared = self.prepare(config);
        let problems = prepared.problems().to_vec();
        self.publish(prepared);
        problems
    }

    /// Logs INFO and graver to standard error from now on, whatever was configured: for what must be seen when
    /// the start fails. Unless [`Logging::has_console`], log the failure before and after.
    pub fn use_stderr(&self) {
        self.flush();
        self.configure(&LoggingConfig {
            loggers: vec![LoggerConfig {
                name: self.shared.root.clone(),
                severity: Some(Threshold::Info),
                outputs: vec![OutputConfig::new(Destination::Stderr)],
            }],
        });
    }

    /// True when the root logger writes to standard output or error, where an operator at a terminal sees it.
    pub fn has_console(&self) -> bool {
        self.shared.current.load().has_console()
    }

    /// Waits until what was logged is written, what outputs without `flush` hold back included; to be called before the
    /// process ends. An output that is stuck is waited for a second.
    pub fn flush(&self) {
        self.shared.current.load().flush();
    }
}

impl Prepared {
    /// The outputs that could not be opened, each with its place and reason.
    pub fn problems(&self) -> &[String] {
        self.0.problems()
    }
}

/// Writes a line to standard error, whatever logging does: for what must be seen when the start fails.
///
/// At once, end of line included: the thread that writes the log may have the same file behind it, and standard error
/// holds nothing back that is formatted in pieces.
pub fn to_stderr(line: &str) {
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

#[cfg(test)]
mod tests;
