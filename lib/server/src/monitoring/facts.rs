//! What there is to say of a server besides its statistics.

use std::sync::atomic::Ordering;
use std::time::Duration;

use kotare_daemon::Figures;
use kotare_process::configured::InEffect;
use kotare_store_memfile::Status;
use serde_json::Value as Json;

use super::unready;
use crate::Daemon;
use crate::daemon::thread_count;
use crate::family::Family;
use crate::stores::Store;

/// What is so at one time.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) version: &'static str,
    pub(super) figures: Option<Figures>,
    /// When the server started, since 1970.
    pub(super) started: Duration,
    pub(super) workers: usize,
    pub(super) is_ready: bool,
    pub(super) is_enabled: bool,
    /// How many interfaces or addresses are configured and not served.
    pub(super) unserved: usize,
    pub(super) malformed: u64,
    pub(super) overflowed: u64,
    /// When the configuration in effect was read, since 1970.
    pub(super) configured: Duration,
    /// Whether the last configuration that was asked for took effect.
    pub(super) is_reloaded: bool,
    pub(super) config_hash: String,
    /// What `status-get` says of names that the server tells itself, if it does.
    pub(super) local_names: Option<Json>,
    /// How the lease store does, if it tells.
    pub(super) store: Option<Status>,
}

impl Facts {
    /// Those of now; `status` is what `status-get` says.
    pub(super) fn of<F: Family>(daemon: &Daemon<F>, status: &Json) -> Self {
        let generation = daemon.generation();
        let clock = &daemon.surroundings.clock;
        let (now, moment) = (clock.since_epoch(), clock.moment());
        let lost = &daemon.shared.lost;
        Self {
            version: F::PROGRAM.version,
            figures: Figures::read(),
            started: now.saturating_sub(moment.since(daemon.started)),
            workers: thread_count(generation.process()),
            is_ready: unready(status).is_empty(),
            is_enabled: status["dhcp-state"]["globally-disabled"] == false,
            unserved: status["sockets"]["errors"].as_array().map_or(0, Vec::len),
            malformed: lost.malformed.load(Ordering::Relaxed),
            overflowed: lost.overflowed.load(Ordering::Relaxed),
            configured: now.saturating_sub(moment.since(generation.since)),
            is_reloaded: !daemon.reload_failed.load(Ordering::Relaxed),
            config_hash: generation.hash().to_owned(),
            local_names: status.get("local-names").cloned(),
            store: generation.leases().store().memfile().map(|memfile| memfile.status()),
        }
    }
}
