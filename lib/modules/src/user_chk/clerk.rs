//! Who looks at the registry again, and writes down what became of users: a thread with a bounded queue before it.

use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Map, Value as Json};

use super::messages::KOTARE_USER_CHK_OUTCOME_LOST;
use super::registry::Registry;
use crate::Companion;

/// So many outcomes wait to be written at most.
const MOST: usize = 16_384;
/// How often it is looked whether the registry is another one.
const EVERY: Duration = Duration::from_millis(500);
/// How long the end of a configuration waits until outcomes are written.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the thread is told.
enum Told {
    Outcome(String),
    /// All that was told before is to be written.
    Flush(SyncSender<()>),
}

/// The way to the thread, which ends with it.
pub(super) struct Clerk {
    told: SyncSender<Told>,
    /// What the thread begins with; nothing once it has begun.
    idle: Mutex<Option<Desk>>,
    path: PathBuf,
    lost: Mutex<u64>,
}

struct Desk {
    told: Receiver<Told>,
    registry: Arc<Registry>,
    outcomes: File,
    path: PathBuf,
}

impl Clerk {
    /// One that is going to work for a registry and write outcomes to a file.
    pub(super) fn new(registry: Arc<Registry>, outcomes: File, path: PathBuf) -> Self {
        let (told, receiver) = sync_channel(MOST);
        let desk = Desk { told: receiver, registry, outcomes, path: path.clone() };
        Self { told, idle: Mutex::new(Some(desk)), path, lost: Mutex::default() }
    }

    /// Has an outcome written down. Waits for nobody.
    pub(super) fn write(&self, outcome: String) {
        let mut lost = self.lost.lock();
        match self.told.try_send(Told::Outcome(outcome)) {
            Ok(()) if *lost > 0 => {
                KOTARE_USER_CHK_OUTCOME_LOST(*lost, self.path.display(), "too many waited to be written");
                *lost = 0;
            }
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => *lost += 1,
        }
    }

    /// The outcomes that wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> Vec<String> {
        let idle = self.idle.lock();
        let desk = idle.as_ref().expect("no thread takes them");
        desk.told
            .try_iter()
            .filter_map(|told| match told {
                Told::Outcome(outcome) => Some(outcome),
                Told::Flush(_) => None,
            })
            .collect()
    }
}

impl Desk {
    fn work(mut self) {
        loop {
            match self.told.recv_timeout(EVERY) {
                Ok(Told::Outcome(outcome)) => {
                    if let Err(error) = self.outcomes.write_all(outcome.as_bytes()) {
                        KOTARE_USER_CHK_OUTCOME_LOST(1, self.path.display(), error);
                    }
                    continue;
                }
                Ok(Told::Flush(done)) => _ = done.send(()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.registry.refresh();
        }
    }
}

impl Companion for Clerk {
    fn begin(&self) {
        let Some(desk) = self.idle.lock().take() else { return };
        if let Err(error) = thread::Builder::new().name("user-chk".into()).spawn(move || desk.work()) {
            KOTARE_USER_CHK_OUTCOME_LOST("all", self.path.display(), error);
        }
    }

    fn end(&self) {
        let (done, flushed) = sync_channel(1);
        if self.idle.lock().is_none() && self.told.try_send(Told::Flush(done)).is_ok() {
            // Longer than that nobody waits.
            let _ = flushed.recv_timeout(PATIENCE);
        }
    }

    fn report(&self, _: &mut Map<String, Json>) {}
}

impl fmt::Debug for Clerk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clerk").field(&self.path).finish()
    }
}
