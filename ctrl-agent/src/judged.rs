//! What a configuration asks of files, judged: paths, secrets and certificates.

use std::collections::BTreeMap;
use std::sync::Arc;

use kotare_config::agent::{ConfigAgent, Daemon};
use kotare_config::json::Diagnostics;
use kotare_control::http::ListenerConfig;
use kotare_daemon::Paths;
use kotare_daemon::logging::LoggingConfig;
use kotare_modules::ModulesAgent;
use kotare_process::{Judge, http_listeners};

use crate::catalogue::Catalogue;
use crate::forward::Target;

/// What clients are told to log in to where nothing is written.
const REALM: &str = "kea-control-agent";

/// What a configuration needs to be used.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) logging: LoggingConfig,
    pub(crate) listeners: Vec<ListenerConfig>,
    pub(crate) targets: BTreeMap<&'static str, Arc<Target>>,
    pub(crate) modules: ModulesAgent,
}

impl Judged {
    /// Judges a configuration. What is wrong goes to `diagnostics`; with errors the result serves nobody.
    pub(crate) fn of(config: &ConfigAgent, paths: &Paths, diagnostics: &mut Diagnostics) -> Self {
        let logging = Judge { paths, diagnostics }.logging(&config.loggers);
        // As Kea's agent, this one may listen without asking who comes: a warning says so.
        let listeners = http_listeners(config.http.as_slice(), REALM, false, diagnostics);
        let target = |daemon: &Daemon| {
            let way = Judge { paths, diagnostics }.way(&daemon.way, "Kea-ctrl-agent")?;
            Some((daemon.service, Arc::new(Target::new(daemon.service, way, daemon.patience))))
        };
        let targets = config.daemons.iter().filter_map(target).collect();
        let modules = ModulesAgent::read(config, Catalogue::new().declared(), diagnostics);
        Self { logging, listeners, targets, modules }
    }
}
