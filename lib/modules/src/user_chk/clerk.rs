//! Who looks at the registry again, on a thread, and the file of outcomes.

use std::convert::Infallible;
use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Map, Value as Json};

use super::messages::{KOTARE_USER_CHK_OUTCOME_LOST, KOTARE_USER_CHK_REGISTRY_KEPT};
use super::registry::Registry;
use crate::Companion;
use crate::appended::{Appended, Cut};
use crate::gathered::{Gathered, Records, Sink};

/// How often it is looked whether the registry is another one.
const EVERY: Duration = Duration::from_millis(500);

/// The file of what became of users.
#[derive(Debug)]
pub(super) struct Outcomes {
    file: Appended<File>,
    path: PathBuf,
}

impl Sink for Outcomes {
    fn write(&mut self, records: &Records) {
        if let Err(Cut { written, reason }) = self.file.append(records.bytes()) {
            KOTARE_USER_CHK_OUTCOME_LOST(records.beyond(written), self.path.display(), reason);
        }
    }
}

/// Keeps the registry up, and has outcomes written. Its thread ends with it.
pub(super) struct Clerk {
    registry: Arc<Registry>,
    outcomes: Arc<Gathered<Outcomes>>,
    /// What the thread waits at; nothing once it has begun.
    idle: Mutex<Option<Receiver<Infallible>>>,
    /// Nothing is ever said there.
    _ends: Sender<Infallible>,
}

impl Clerk {
    /// One that is going to keep up a registry and write outcomes to a file.
    pub(super) fn new(registry: Arc<Registry>, file: Appended<File>, path: PathBuf) -> Self {
        let (ends, end) = channel();
        let outcomes = Arc::new(Gathered::new(Outcomes { file, path }));
        Self { registry, outcomes, idle: Mutex::new(Some(end)), _ends: ends }
    }

    /// The outcomes that wait for the end of a round.
    pub(super) fn outcomes(&self) -> &Arc<Gathered<Outcomes>> {
        &self.outcomes
    }
}

impl Companion for Clerk {
    fn begin(&self) {
        let Some(end) = self.idle.lock().take() else { return };
        let registry = self.registry.clone();
        let look = move || {
            while end.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                registry.refresh();
            }
        };
        if let Err(error) = thread::Builder::new().name("user-chk-look".into()).spawn(look) {
            KOTARE_USER_CHK_REGISTRY_KEPT(error);
        }
    }

    fn end(&self) {
        self.outcomes.end();
    }

    fn report(&self, _: &mut Map<String, Json>) {}
}

impl fmt::Debug for Clerk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clerk").field(&self.outcomes).finish()
    }
}
