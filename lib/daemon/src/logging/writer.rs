//! Where the lines of one output end: a console, the syslog daemon, a file, or standard error while a file fails.

use std::io::{self, Write};
use std::time::Duration;

use kotare_messages::Severity;
use nix::errno::Errno;

use super::config::{Destination, OutputConfig};
use super::file::{LEAST_MAXSIZE, LogFile, Rotation};
use super::output::OutputContext;
use super::stream::Stream;
use super::syslog::Syslog;
use super::to_stderr;
use crate::Clock;
use crate::clock::Moment;

/// Writes the lines of one output, each whole, and waits for as long as it takes.
///
/// Never fails: what cannot be written where it belongs goes to standard error.
#[derive(Debug)]
pub(super) struct Writer {
    config: OutputConfig,
    rotation: Option<Rotation>,
    clock: Clock,
    zone: jiff::tz::TimeZone,
    sink: Sink,
}

#[derive(Debug)]
enum Sink {
    Console(Stream),
    Syslog {
        syslog: Box<Syslog>,
        reported: bool,
    },
    File(LogFile),
    /// A file that failed: lines go to standard error until it can be opened again.
    Failed {
        reason: String,
        reported: bool,
        retry_at: Moment,
    },
}

/// How long a file that failed is left alone.
const RETRY: Duration = Duration::from_secs(1);

impl Writer {
    /// Opens the output; and why it could not be opened, unless it just has no reader yet.
    pub(super) fn open(config: &OutputConfig, context: &OutputContext) -> (Self, Option<String>) {
        let rotation = (config.maxsize > 0).then_some(Rotation {
            maxsize: config.maxsize.max(LEAST_MAXSIZE),
            maxver: config.maxver.max(1),
            lock: context.locks_files(),
        });
        let clock = context.clock().clone();
        let opened = match &config.destination {
            Destination::Stdout => Stream::duplicate(io::stdout()).map(Sink::Console),
            Destination::Stderr => Stream::duplicate(io::stderr()).map(Sink::Console),
            Destination::Syslog(facility) => {
                Ok(Sink::Syslog { syslog: Box::new(context.syslog(*facility)), reported: false })
            }
            Destination::File(path) => LogFile::open(path, rotation).map(Sink::File),
        };
        let problem = match &opened {
            Err(error) if !has_no_reader(error) => Some(failure(config, &reason(error))),
            _ => None,
        };
        let sink = opened.unwrap_or_else(|error| Sink::failed(&error, clock.moment()));
        let zone = jiff::tz::TimeZone::system();
        (Self { config: config.clone(), rotation, clock, zone, sink }, problem)
    }

    /// Takes one formatted line of a message that was logged at `at`; it is written now or with later ones.
    pub(super) fn write(&mut self, line: &str, severity: Severity, at: Duration) {
        match &mut self.sink {
            // Nobody is there to be told.
            Sink::Console(stream) => drop(stream.write(line)),
            Sink::Syslog { syslog, reported } => match syslog.send(line, severity, at, &self.zone) {
                Ok(()) => *reported = false,
                Err(error) => {
                    if !*reported {
                        to_stderr(&failure(&self.config, &reason(&error)));
                        *reported = true;
                    }
                    let _ = io::stderr().write_all(line.as_bytes());
                }
            },
            Sink::File(file) => {
                if let Err(error) = file.write(line) {
                    self.fail(&error);
                }
            }
            Sink::Failed { .. } => self.write_failed(line),
        }
    }

    /// Writes what is held back.
    pub(super) fn flush(&mut self) {
        match &mut self.sink {
            Sink::Console(stream) => {
                if stream.flush().is_err() {
                    stream.take();
                }
            }
            Sink::File(file) => {
                if let Err(error) = file.flush() {
                    self.fail(&error);
                }
            }
            Sink::Syslog { .. } | Sink::Failed { .. } => {}
        }
    }

    /// The file cannot be written to: what it still holds goes to standard error, as will what comes.
    fn fail(&mut self, error: &io::Error) {
        let held = match &mut self.sink {
            Sink::File(file) => file.take(),
            _ => Vec::new(),
        };
        self.sink = Sink::failed(error, self.clock.moment());
        self.write_failed("");
        let _ = io::stderr().write_all(&held);
    }

    /// The file may be writable again; if not, the line and, once, the reason go to standard error.
    fn write_failed(&mut self, line: &str) {
        let Sink::Failed { reason, reported, retry_at } = &mut self.sink else { return };
        let now = self.clock.moment();
        if *reported && now >= *retry_at {
            *retry_at = now + RETRY;
            if let Destination::File(path) = &self.config.destination
                && let Ok(mut file) = LogFile::open(path, self.rotation)
                && file.write(line).is_ok()
            {
                self.sink = Sink::File(file);
                return;
            }
        }
        if !*reported {
            to_stderr(&failure(&self.config, reason));
            *reported = true;
        }
        let _ = io::stderr().write_all(line.as_bytes());
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Sink {
    fn failed(error: &io::Error, now: Moment) -> Self {
        Self::Failed { reason: reason(error), reported: false, retry_at: now + RETRY }
    }
}

/// What the system says of a FIFO that nobody reads.
fn has_no_reader(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::ENXIO as i32)
}

fn reason(error: &io::Error) -> String {
    if has_no_reader(error) { "nobody reads it".to_owned() } else { error.to_string() }
}

fn failure(config: &OutputConfig, reason: &str) -> String {
    format!("cannot log to {}: {reason}; logging to standard error instead", config.destination)
}
