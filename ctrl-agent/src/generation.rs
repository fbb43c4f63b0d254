//! One configuration in effect.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use kotare_config::Written;
use kotare_config::agent::ConfigAgent;
use kotare_config::json::Diagnostics;
use kotare_control::{Commands, http};
use kotare_daemon::Moment;
use kotare_modules::ModulesAgent;
use kotare_process::configured::InEffect;

use crate::agent::Agent;
use crate::forward::Target;

/// A configuration and what was made of it. Immutable, and replaced as a whole.
#[derive(Debug)]
pub struct Generation {
    written: Written,
    config: ConfigAgent,
    /// The daemons, by what commands call them.
    pub(crate) targets: BTreeMap<&'static str, Arc<Target>>,
    /// What has a say in which commands are run.
    pub(crate) modules: ModulesAgent,
    /// What can be asked of the agent itself.
    pub(crate) commands: Arc<Commands<Agent>>,
    /// When it was read.
    pub(crate) since: Moment,
}

impl Generation {
    pub(crate) fn new(
        (written, config): (Written, ConfigAgent),
        targets: BTreeMap<&'static str, Arc<Target>>,
        modules: ModulesAgent,
        commands: Arc<Commands<Agent>>,
        since: Moment,
    ) -> Self {
        Self { written, config, targets, modules, commands, since }
    }

    /// What the configuration says, in a line of Kea's form.
    pub(crate) fn summary(&self) -> String {
        let ConfigAgent { http, libraries, .. } = &self.config;
        let services: Vec<_> = self.targets.keys().copied().collect();
        let services = if services.is_empty() { "none".to_owned() } else { services.join(" ") };
        let paths: String = libraries.iter().map(|library| format!("{} ", library.path)).collect();
        let rest = format!(", {} lib(s):{paths}", libraries.len());
        let Some(http) = http else { return format!("control sockets: {services}{rest}") };
        let tls = http.tls.as_ref().map(|tls| {
            let certificates = if tls.required { "required" } else { "optional" };
            format!(
                ", trust anchor {}, cert file {}, key file {}, client certs are {certificates}",
                tls.trust_anchor.path, tls.certificate.path, tls.key.path
            )
        });
        let asks = http.authentication.as_ref().is_some_and(|it| !it.clients.is_empty());
        format!(
            "listening on {}, port {}{}, control sockets: {services}{}{rest}",
            http.at.ip(),
            http.at.port(),
            tls.unwrap_or_default(),
            if asks { ", requires basic HTTP authentication" } else { "" },
        )
    }
}

/// Why a configuration cannot be used.
#[derive(Debug)]
pub enum Refused {
    /// What is written is wrong, or a file that it names.
    Written(Diagnostics),
    /// A log file or a directory cannot be had.
    Logging(String),
    /// The address cannot be served.
    Listen(http::ListenError),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written(refused) => f.write_str(&refused.error_lines().join("; ")),
            Self::Logging(reason) => f.write_str(reason),
            Self::Listen(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Refused {}

impl From<Diagnostics> for Refused {
    fn from(wrong: Diagnostics) -> Self {
        Self::Written(wrong)
    }
}

impl InEffect for Generation {
    type Config = ConfigAgent;

    fn written(&self) -> &Written {
        &self.written
    }

    fn meaning(&self) -> &ConfigAgent {
        &self.config
    }
}
