//! One output: a layout, a bounded queue of lines, and a thread that writes them.
//!
//! Whoever logs only puts a line into the queue, so nobody but the output's own thread waits for a disk, a pipe that is
//! not read or a syslog daemon that hangs. When the queue is full, what comes is dropped and counted; the thread says how
//! much once the output takes lines again. Lines come out in the order in which they went in.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use kotare_messages::Severity;
use nix::sys::signal::SigSet;
use parking_lot::{Condvar, Mutex, MutexGuard};
use tracing::dispatcher::{self, WeakDispatch};

use super::config::{Destination, LoggerConfig, LoggingConfig, OutputConfig};
use super::messages::KOTARE_LOG_LINES_DROPPED;
use super::pattern::Layout;
use super::syslog::{self, Facility, Syslog};
use super::writer::Writer;
use crate::{Clock, Environment};

/// How many bytes of lines may wait: what a busy server logs in a tenth of a second or more.
const LIMIT: usize = 4 << 20;

/// How long to wait for an output to write what it has. One that takes longer is stuck.
const PATIENCE: Duration = Duration::from_secs(1);

/// An open output. Loggers with the same configuration share it. What was put into it before it is dropped is written.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) layout: Layout,
    config: OutputConfig,
    problem: Option<String>,
    channel: Arc<Channel>,
}

/// What every output of a daemon needs to know.
#[derive(Debug)]
pub(super) struct OutputContext {
    root: String,
    clock: Clock,
    environment: Environment,
    start: LoggerConfig,
    syslog: PathBuf,
}

/// Between those who log and the thread that writes.
#[derive(Debug)]
struct Channel {
    queue: Mutex<Queue>,
    /// Wakes the thread.
    filled: Condvar,
    /// Wakes those who wait until everything is written.
    settled: Condvar,
    /// Locked while something is written; only the thread does, where there is one.
    writer: Mutex<Writer>,
}

#[derive(Debug, Default)]
struct Queue {
    lines: Lines,
    /// Lines that there was no room for, since the thread looked last.
    dropped: u64,
    stage: Stage,
    /// The thread sleeps.
    idle: bool,
    /// Something may not be written yet that is not in the queue any more.
    busy: bool,
    /// What is held back shall be written, too.
    flush: bool,
    /// No more lines will come.
    closed: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing is written yet.
    #[default]
    Prepared,
    Started,
    /// The system has no room for a thread, so whoever logs writes.
    Threadless,
}

/// Lines that wait, one after the other.
#[derive(Debug, Default)]
struct Lines {
    text: String,
    /// Where each ends, and what is to be known of it.
    marks: Vec<(usize, Severity, Duration)>,
}

impl OutputContext {
    pub(super) fn new(root: &str, verbose: bool, clock: Clock, environment: &Environment) -> Self {
        let start = LoggingConfig::at_start(root, verbose, environment).loggers.remove(0);
        let (environment, syslog) = (environment.clone(), syslog::SOCKET.into());
        Self { root: root.to_owned(), clock, environment, start, syslog }
    }

    /// How the root logger is configured while no configuration says so.
    pub(super) fn start(&self) -> &LoggerConfig {
        &self.start
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Whether other processes are kept out while a file is rotated.
    pub(super) fn locks_files(&self) -> bool {
        self.environment.text("KEA_LOCKFILE_DIR").is_none_or(|d| !d.eq_ignore_ascii_case("none"))
    }

    /// A connection to the syslog daemon.
    pub(super) fn syslog(&self, facility: Facility) -> Syslog {
        Syslog::new(self.syslog.clone(), &self.root, facility)
    }
}

impl Output {
    /// Opens an output. Lines wait in it until it is [started](Output::start).
    pub(super) fn open(config: OutputConfig, context: &OutputContext) -> Self {
        let (writer, problem) = Writer::open(&config, context);
        let channel = Channel {
            queue: Mutex::default(),
            filled: Condvar::new(),
            settled: Condvar::new(),
            writer: Mutex::new(writer),
        };
        Self { layout: Layout::new(&config), config, problem, channel: Arc::new(channel) }
    }

    /// Begins to write once those of `former` with the same destination have written what they have, or are stuck.
    /// `dispatch` is told of lines that were dropped.
    pub(super) fn start(&self, former: &[Arc<Self>], dispatch: &WeakDispatch) {
        {
            let mut queue = self.channel.queue.lock();
            if queue.stage != Stage::Prepared {
                return;
            }
            (queue.stage, queue.busy) = (Stage::Started, true);
        }
        let same = |other: &&Arc<Self>| other.config.destination == self.config.destination;
        let former: Vec<_> = former.iter().filter(same).cloned().collect();
        let (channel, destination) = (self.channel.clone(), self.config.destination.to_string());
        let dispatch = dispatch.clone();
        let body = move || {
            let _ = SigSet::all().thread_block();
            former.iter().for_each(|output| _ = output.flush());
            drop(former);
            channel.serve(&|count| {
                if let Some(dispatch) = dispatch.upgrade() {
                    dispatcher::with_default(&dispatch, || KOTARE_LOG_LINES_DROPPED(count, &destination));
                }
            });
        };
        if thread::Builder::new().name("log".into()).spawn(body).is_err() {
            let mut queue = self.channel.queue.lock();
            (queue.stage, queue.busy) = (Stage::Threadless, false);
        }
    }

    /// Why the output could not be opened.
    pub(super) fn problem(&self) -> Option<&String> {
        self.problem.as_ref()
    }

    pub(super) fn config(&self) -> &OutputConfig {
        &self.config
    }

    pub(super) fn is_console(&self) -> bool {
        matches!(self.config.destination, Destination::Stdout | Destination::Stderr)
    }

    /// Whether it takes no more lines for now.
    pub(super) fn is_full(&self) -> bool {
        self.channel.queue.lock().dropped > 0
    }

    /// Takes one formatted line of a message that was logged at `at`.
    pub(super) fn write(&self, line: &str, severity: Severity, at: Duration) {
        let mut queue = self.channel.queue.lock();
        queue.put(line, severity, at);
        queue.flush |= self.config.flush || severity >= Severity::Warn;
        self.channel.ring(queue);
    }

    /// Waits until everything is written that was logged, what is held back included, or for a second. Whether it is.
    pub(super) fn flush(&self) -> bool {
        // Who panics may have the lock.
        let Some(mut queue) = self.channel.queue.try_lock_for(PATIENCE) else { return false };
        if queue.stage == Stage::Prepared {
            return queue.is_empty();
        }
        queue.flush = true;
        self.channel.ring(queue);
        let mut queue = self.channel.queue.lock();
        let unsettled = |queue: &mut Queue| queue.flush || queue.busy || !queue.is_empty();
        !self.channel.settled.wait_while_for(&mut queue, unsettled, PATIENCE).timed_out()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        let mut queue = self.channel.queue.lock();
        queue.closed = true;
        self.channel.ring(queue);
    }
}

impl Channel {
    /// Writes until the output is closed; `tell` is called with how many lines had to be dropped.
    fn serve(&self, tell: &dyn Fn(u64)) {
        let mut batch = Lines::default();
        loop {
            let mut queue = self.queue.lock();
            queue.busy = false;
            while !queue.has_work() {
                self.settled.notify_all();
                if queue.closed {
                    return;
                }
                queue.idle = true;
                self.filled.wait(&mut queue);
            }
            drop(queue);
            let dropped = self.write_waiting(&mut batch);
            if dropped > 0 {
                tell(dropped);
            }
        }
    }

    /// Writes what waits; how many lines did not find room until then. `batch` is empty, before as after.
    fn write_waiting(&self, batch: &mut Lines) -> u64 {
        let mut writer = self.writer.lock();
        let mut queue = self.queue.lock();
        std::mem::swap(&mut queue.lines, batch);
        let (dropped, flush) = (std::mem::take(&mut queue.dropped), std::mem::take(&mut queue.flush));
        (queue.busy, queue.idle) = (true, false);
        drop(queue);
        for (line, severity, at) in batch.iter() {
            writer.write(line, severity, at);
        }
        if flush {
            writer.flush();
        }
        batch.clear();
        dropped
    }

    /// Lets the thread see what is new in the queue.
    fn ring(&self, mut queue: MutexGuard<'_, Queue>) {
        if queue.stage == Stage::Threadless {
            drop(queue);
            self.write_waiting(&mut Lines::default());
            self.queue.lock().busy = false;
        } else if queue.idle {
            queue.idle = false;
            drop(queue);
            self.filled.notify_one();
        }
    }
}

impl Queue {
    fn put(&mut self, line: &str, severity: Severity, at: Duration) {
        let full = !self.lines.text.is_empty() && self.lines.text.len() + line.len() > LIMIT;
        // What comes after a line that was dropped would hide where the gap is.
        if full || self.dropped > 0 {
            self.dropped += 1;
        } else {
            self.lines.text.push_str(line);
            self.lines.marks.push((self.lines.text.len(), severity, at));
        }
    }

    fn is_empty(&self) -> bool {
        self.lines.marks.is_empty()
    }

    fn has_work(&self) -> bool {
        !self.is_empty() || self.flush
    }
}

impl Lines {
    fn iter(&self) -> impl Iterator<Item = (&str, Severity, Duration)> {
        let mut start = 0;
        self.marks.iter().map(move |&(end, severity, at)| {
            (&self.text[std::mem::replace(&mut start, end)..end], severity, at)
        })
    }

    /// Keeps room for as much as usual; a burst must not be paid for ever.
    fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(1 << 20);
        self.marks.clear();
        self.marks.shrink_to(1 << 14);
    }
}

#[cfg(test)]
mod tests;
