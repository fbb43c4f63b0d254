//! One configuration in effect.

use std::fmt;
use std::sync::Arc;

use kotare_config::Written;
use kotare_config::ddns::ConfigDdns;
use kotare_config::json::Diagnostics;
use kotare_control::Commands;
use kotare_daemon::Moment;
use kotare_ddns::Zones;
use kotare_process::ControlError;
use kotare_process::configured::InEffect;

use crate::daemon::Daemon;
use crate::gss_tsig::GssTsig;
use crate::reconcile::DhcpServer;

/// A configuration and what was made of it. Immutable, and replaced as a whole.
#[derive(Debug)]
pub struct Generation {
    pub(crate) written: Written,
    pub(crate) config: ConfigDdns,
    /// Which DNS servers are asked.
    pub(crate) zones: Zones,
    /// What agrees on keys with them.
    pub(crate) gss_tsig: Option<GssTsig>,
    /// Whose leases zones are compared with.
    pub(crate) dhcp_servers: Vec<DhcpServer>,
    /// What can be asked of the server.
    pub(crate) commands: Arc<Commands<Daemon>>,
    /// When it was read.
    pub(crate) since: Moment,
}

impl Generation {
    /// What the configuration says, in a line of Kea's form.
    pub(crate) fn summary(&self) -> String {
        let at = self.config.at;
        format!("listening on {}, port {}, using UDP", at.ip(), at.port())
    }
}

/// Why a configuration cannot be used.
#[derive(Debug)]
pub enum Refused {
    /// What is written is wrong, or a file that it names.
    Written(Diagnostics),
    /// A log file or a directory cannot be had.
    Logging(String),
    /// A socket for commands cannot be opened.
    Control(ControlError),
    /// The address that requests come to cannot be listened at.
    Listen(String),
    /// Requests cannot be kept as is asked for.
    Queue(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written(refused) => f.write_str(&refused.error_lines().join("; ")),
            Self::Logging(reason) | Self::Listen(reason) | Self::Queue(reason) => f.write_str(reason),
            Self::Control(error) => error.fmt(f),
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
    type Config = ConfigDdns;

    fn written(&self) -> &Written {
        &self.written
    }

    fn meaning(&self) -> &ConfigDdns {
        &self.config
    }
}
