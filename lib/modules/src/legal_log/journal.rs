//! The queue of lines for a database and the thread that writes them.

use std::collections::VecDeque;
use std::fmt::{self, Display};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::messages::*;

/// So many lines wait at most: some tens of megabytes.
const MOST: usize = 65_536;
/// How long the end of a configuration waits until its lines are written.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it takes at most until it is tried again to write lines.
const PAUSE: Duration = Duration::from_millis(200);

/// A line, or several that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// When, since 1970-01-01T00:00:00Z.
    pub(super) at: Duration,
    /// The address or the prefix that it is about.
    pub(super) address: Option<String>,
    /// What, without the time.
    pub(super) text: Vec<u8>,
}

/// Where lines go.
pub(super) trait Store: Send + 'static {
    /// Writes lines, each where those of its time are. While that cannot be for now, it waits for as long as lines are
    /// `wanted`.
    fn write(&mut self, lines: &VecDeque<Line>, wanted: &Wanted<'_>) -> Written;

    /// What it is called.
    fn name(&self) -> String;
}

/// What became of lines.
#[derive(Debug)]
pub(super) struct Written {
    /// So many are not there.
    pub(super) lost: u64,
    /// Why.
    pub(super) failure: Result<(), String>,
}

/// A log. When it is dropped its thread writes what waits and ends.
#[derive(Default)]
pub(super) struct Journal(Arc<Shared>);

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// There is something to do for the thread.
    filled: Condvar,
    /// The thread has done all there was.
    emptied: Condvar,
}

#[derive(Default)]
struct Queue {
    lines: VecDeque<Line>,
    /// How many found no room since the thread was here.
    lost: u64,
    /// The thread is writing.
    is_writing: bool,
    /// Nobody puts anything in any more.
    is_closed: bool,
}

impl Journal {
    /// Starts the thread that writes what is put in, from the first line on; `failed` says why lines could not be written.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub(super) fn start(&self, store: impl Store, failed: fn(&dyn Display)) -> Result<(), String> {
        let own = self.0.clone();
        thread::Builder::new()
            .name("legal-log".into())
            .spawn(move || own.write(store, failed))
            .map_err(|error| format!("no thread can be started for the legal log: {error}"))?;
        Ok(())
    }

    /// Puts a line behind the others. Waits for nobody.
    pub(super) fn put(&self, line: Line) {
        let mut queue = self.0.queue.lock();
        if queue.lines.len() >= MOST {
            queue.lost += 1;
            let is_first = queue.lost == 1;
            drop(queue);
            if is_first {
                KOTARE_LEGAL_LOG_LOSES_LINES(MOST);
            }
            return;
        }
        queue.lines.push_back(line);
        if queue.lines.len() == 1 {
            self.0.filled.notify_one();
        }
    }

    /// Waits until all that was put in so far is written, but not for ever.
    pub(super) fn flush(&self) {
        let mut queue = self.0.queue.lock();
        let is_busy = |queue: &mut Queue| queue.is_writing || !queue.lines.is_empty();
        self.0.emptied.wait_while_for(&mut queue, is_busy, PATIENCE);
    }
}

/// Whether lines that cannot be written now may still be later.
pub(super) struct Wanted<'a>(&'a Shared);

impl Wanted<'_> {
    /// Waits for a while; whether more waiting makes sense then.
    pub(super) fn pause(&self) -> bool {
        let mut queue = self.0.queue.lock();
        if !queue.is_closed {
            self.0.filled.wait_for(&mut queue, PAUSE);
        }
        !queue.is_closed
    }
}

impl Shared {
    fn write(&self, mut store: impl Store, failed: fn(&dyn Display)) {
        let mut queue = self.queue.lock();
        loop {
            self.filled.wait_while(&mut queue, |queue| queue.lines.is_empty() && !queue.is_closed);
            if queue.lines.is_empty() {
                break;
            }
            let lines = std::mem::take(&mut queue.lines);
            let unqueued = std::mem::take(&mut queue.lost);
            queue.is_writing = true;
            drop(queue);
            let written = store.write(&lines, &Wanted(self));
            if let Err(reason) = &written.failure {
                failed(reason);
            }
            let lost = written.lost + unqueued;
            if lost > 0 {
                KOTARE_LEGAL_LOG_LOST_LINES(lost, store.name());
            }
            queue = self.queue.lock();
            queue.is_writing = false;
            if queue.lines.is_empty() {
                self.emptied.notify_all();
            }
        }
        drop(queue);
        LEGAL_LOG_STORE_CLOSED(store.name());
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.0.queue.lock().is_closed = true;
        self.0.filled.notify_one();
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Journal").field(&self.0.queue.lock().lines.len()).finish()
    }
}
