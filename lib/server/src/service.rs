//! Whether packets are answered, and who says so: `dhcp-disable`, `dhcp-enable`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kotare_daemon::Clock;
use parking_lot::{Mutex, MutexGuard};
use serde_json::{Value as Json, json};

/// Who may disable the service, by Kea's numbers.
pub(crate) mod origin {
    /// An operator.
    pub(crate) const USER: u64 = 1;
    /// The first number of this server's own high availability relationships.
    pub(crate) const HA_LOCAL: u64 = 1000;
    /// The first number of the partners'.
    pub(crate) const HA_REMOTE: u64 = 2000;
    /// The first number of databases whose connection was lost.
    pub(crate) const DATABASE: u64 = 3000;
}

/// The origins that have disabled the service; it is enabled when there is none.
#[derive(Debug)]
pub(crate) struct Service {
    clock: Clock,
    /// What workers look at.
    enabled: Arc<AtomicBool>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    disabled_by: BTreeSet<u64>,
    /// Counts changes, so that a delayed enabling knows whether it is still meant.
    change: u64,
}

impl Service {
    /// Enabled; `enabled` is kept true as long as it is.
    pub(crate) fn new(clock: Clock, enabled: Arc<AtomicBool>) -> Arc<Self> {
        Arc::new(Self { clock, enabled, state: Mutex::default() })
    }

    /// Disables the service for `origin`, until it is enabled or `period` has passed.
    pub(crate) fn disable(self: &Arc<Self>, origin: u64, period: Option<Duration>) {
        let change = self.change(|by| {
            by.insert(origin);
        });
        if let Some(period) = period {
            let service = self.clone();
            tokio::spawn(async move {
                service.clock.sleep(period).await;
                if service.lock().change == change {
                    service.enable(origin);
                }
            });
        }
    }

    /// Takes back what `origin` disabled.
    pub(crate) fn enable(&self, origin: u64) {
        self.change(|by| {
            by.remove(&origin);
        });
    }

    fn change(&self, change: impl FnOnce(&mut BTreeSet<u64>)) -> u64 {
        let mut state = self.lock();
        change(&mut state.disabled_by);
        state.change += 1;
        self.enabled.store(state.disabled_by.is_empty(), Ordering::Relaxed);
        state.change
    }

    /// `dhcp-state` of `status-get`.
    pub(crate) fn status(&self) -> Json {
        let by = &self.lock().disabled_by;
        let within = |from: u64, to: u64| by.range(from..to).copied().collect::<Vec<_>>();
        json!({
            "disabled-by-db-connection": within(origin::DATABASE, u64::MAX),
            "disabled-by-local-command": within(origin::HA_LOCAL, origin::HA_REMOTE),
            "disabled-by-remote-command": within(origin::HA_REMOTE, origin::DATABASE),
            "disabled-by-user": by.contains(&origin::USER),
            "globally-disabled": !by.is_empty(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}
