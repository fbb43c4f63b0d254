//! What changed of leases with names, for the task that tells names.

use std::collections::HashMap;
use std::net::IpAddr;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// So many leases can have changed without anybody looking; of more it is only known that some did.
const ROOM: usize = 1 << 14;

/// What changed since somebody looked: of each address the newest lease alone, or that it has none with a name.
#[derive(Debug)]
pub(super) struct Changes<L> {
    state: Mutex<Changed<L>>,
    told: Notify,
}

/// What changed.
#[derive(Debug)]
pub(super) struct Changed<L> {
    pub(super) leases: HashMap<IpAddr, Option<L>>,
    /// Whether there was no room for some, so that all leases have to be looked through.
    pub(super) lost: bool,
}

impl<L> Default for Changed<L> {
    fn default() -> Self {
        Self { leases: HashMap::new(), lost: false }
    }
}

impl<L> Default for Changes<L> {
    fn default() -> Self {
        Self { state: Mutex::default(), told: Notify::new() }
    }
}

impl<L> Changes<L> {
    /// Takes what has changed.
    pub(super) fn take(&self) -> Changed<L> {
        std::mem::take(&mut *self.state.lock())
    }

    /// Returns when something has changed since the last call that returned.
    pub(super) async fn told(&self) {
        self.told.notified().await;
    }

    pub(super) fn note(&self, address: IpAddr, lease: Option<L>) {
        let mut state = self.state.lock();
        if state.leases.len() < ROOM || state.leases.contains_key(&address) {
            state.leases.insert(address, lease);
        } else {
            state.lost = true;
        }
        drop(state);
        self.told.notify_one();
    }
}
