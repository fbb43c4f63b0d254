//! Who looks at the registry again, and who writes down what became of users: a thread each, the second with a bounded queue
//! before it. However many outcomes there are to write, it is looked.

use std::convert::Infallible;
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Map, Value as Json};

use super::messages::{KOTARE_USER_CHK_OUTCOME_LOST, KOTARE_USER_CHK_REGISTRY_KEPT};
use super::registry::Registry;
use crate::Companion;

/// So many outcomes wait to be written at most.
const MOST: usize = 16_384;
/// How often it is looked whether the registry is another one.
const EVERY: Duration = Duration::from_millis(500);
/// How long the end of a configuration waits until outcomes are written.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the thread that writes is told.
enum Told {
    Outcome(String),
    /// All that was told before is to be written, and the registry looked at.
    Flush(SyncSender<()>),
}

/// The way to the threads, which end with it.
pub(super) struct Clerk {
    told: SyncSender<Told>,
    /// What the threads begin with; nothing once they have begun.
    idle: Mutex<Option<(Desk, Lookout)>>,
    /// Nothing is ever said there.
    _ends: Sender<Infallible>,
    path: PathBuf,
    lost: Mutex<u64>,
}

struct Desk {
    told: Receiver<Told>,
    registry: Arc<Registry>,
    outcomes: File,
    path: PathBuf,
}

struct Lookout {
    registry: Arc<Registry>,
    end: Receiver<Infallible>,
}

impl Clerk {
    /// One that is going to work for a registry and write outcomes to a file.
    pub(super) fn new(registry: Arc<Registry>, outcomes: File, path: PathBuf) -> Self {
        let (told, receiver) = sync_channel(MOST);
        let (ends, end) = channel();
        let desk = Desk { told: receiver, registry: registry.clone(), outcomes, path: path.clone() };
        let idle = Mutex::new(Some((desk, Lookout { registry, end })));
        Self { told, idle, _ends: ends, path, lost: Mutex::default() }
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
        let (desk, _) = idle.as_ref().expect("no thread takes them");
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
        while let Ok(told) = self.told.recv() {
            match told {
                Told::Outcome(outcome) => {
                    if let Err(error) = self.outcomes.write_all(outcome.as_bytes()) {
                        KOTARE_USER_CHK_OUTCOME_LOST(1, self.path.display(), error);
                    }
                }
                Told::Flush(done) => {
                    self.registry.refresh();
                    _ = done.send(());
                }
            }
        }
    }
}

impl Lookout {
    fn look(self) {
        while self.end.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
            self.registry.refresh();
        }
    }
}

impl Companion for Clerk {
    fn begin(&self) {
        let Some((desk, lookout)) = self.idle.lock().take() else { return };
        let thread = |name: &str| thread::Builder::new().name(name.into());
        if let Err(error) = thread("user-chk").spawn(move || desk.work()) {
            KOTARE_USER_CHK_OUTCOME_LOST("all", self.path.display(), error);
        }
        if let Err(error) = thread("user-chk-look").spawn(move || lookout.look()) {
            KOTARE_USER_CHK_REGISTRY_KEPT(error);
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
