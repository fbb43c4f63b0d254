//! Files with what goes on beside the messages: a thread writes what commands have to say, for no command waits for a disk.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Map, Value as Json};

use super::file::Files;
use super::messages::*;
use crate::gathered::{Full, Gathered};
use crate::{Companion, Doing};

/// The lines for files. When it is dropped its thread writes what waits and ends.
pub(super) struct Scribe {
    lines: Arc<Gathered<Files>>,
    /// Where the thread waits until it is woken; nothing once it was started.
    idle: Mutex<Option<Receiver<()>>>,
    wakes: SyncSender<()>,
}

impl Scribe {
    /// Lines for these files.
    pub(super) fn new(files: Files) -> Self {
        // Who is woken looks for all that is there, so that being woken once is enough.
        let (wakes, idle) = sync_channel(1);
        Self { lines: Arc::new(Gathered::new(files)), idle: Mutex::new(Some(idle)), wakes }
    }

    /// Where exchanges put their lines.
    pub(super) fn lines(&self) -> &Arc<Gathered<Files>> {
        &self.lines
    }

    /// Puts a line behind the others, which the thread writes when it is woken, or whoever writes before. Waits for nobody.
    pub(super) fn leave(&self, at: Duration, line: &[u8]) {
        match self.lines.offer(at, line) {
            Ok(true) => self.wake(),
            Err(Full { waiting, is_first: true }) => KOTARE_LEGAL_LOG_LOSES_LINES(waiting),
            Ok(false) | Err(_) => {}
        }
    }

    /// Has the thread write what is there.
    pub(super) fn wake(&self) {
        // It fails when the thread is going to look anyway.
        let _ = self.wakes.try_send(());
    }
}

impl Companion for Scribe {
    fn prepare(&self) -> Doing<'_, Result<(), String>> {
        Box::pin(async {
            let Some(idle) = self.idle.lock().take() else { return Ok(()) };
            let lines = self.lines.clone();
            let write = move || {
                while idle.recv().is_ok() {
                    lines.write();
                }
            };
            let started = thread::Builder::new().name("legal-log".into()).spawn(write);
            started.map_err(|error| format!("no thread can be started for the legal log: {error}"))?;
            Ok(())
        })
    }

    fn begin(&self) {}

    fn end(&self) {
        self.lines.end();
    }

    fn report(&self, _: &mut Map<String, Json>) {}
}

impl fmt::Debug for Scribe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scribe").field(&self.lines).finish()
    }
}
