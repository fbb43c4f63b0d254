//! One output: a layout, and a sink that lines are written to one at a time.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use kotare_messages::Severity;
use parking_lot::{Mutex, MutexGuard};

use super::config::{Destination, LoggerConfig, LoggingConfig, OutputConfig};
use super::file::{LEAST_MAXSIZE, LogFile, Rotation};
use super::pattern::Layout;
use super::syslog::{self, Syslog};
use super::to_stderr;
use crate::clock::Moment;
use crate::{Clock, Environment};

/// An open output. Loggers with the same configuration share it.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) layout: Layout,
    config: OutputConfig,
    clock: Clock,
    zone: jiff::tz::TimeZone,
    rotation: Option<Rotation>,
    /// Held for one write.
    sink: Mutex<Sink>,
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

#[derive(Debug)]
enum Sink {
    Stdout,
    Stderr,
    Syslog {
        syslog: Syslog,
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
}

impl Output {
    pub(super) fn open(config: OutputConfig, context: &OutputContext) -> Self {
        let lock =
            context.environment.text("KEA_LOCKFILE_DIR").is_none_or(|d| !d.eq_ignore_ascii_case("none"));
        let rotation = (config.maxsize > 0).then_some(Rotation {
            maxsize: config.maxsize.max(LEAST_MAXSIZE),
            maxver: config.maxver.max(1),
            lock,
        });
        let (layout, clock) = (Layout::new(&config), context.clock.clone());
        let sink = match &config.destination {
            Destination::Stdout => Sink::Stdout,
            Destination::Stderr => Sink::Stderr,
            Destination::Syslog(facility) => Sink::Syslog {
                syslog: Syslog::new(context.syslog.clone(), &context.root, *facility),
                reported: false,
            },
            Destination::File(path) => match LogFile::open(path, rotation) {
                Ok(file) => Sink::File(file),
                Err(error) => Sink::failed(&error, clock.moment()),
            },
        };
        let zone = jiff::tz::TimeZone::system();
        Self { layout, config, clock, zone, rotation, sink: Mutex::new(sink) }
    }

    /// Why the output could not be opened.
    pub(super) fn problem(&self) -> Option<String> {
        match &*self.lock() {
            Sink::Failed { reason, .. } => Some(self.failure(reason)),
            _ => None,
        }
    }

    pub(super) fn is_console(&self) -> bool {
        matches!(self.config.destination, Destination::Stdout | Destination::Stderr)
    }

    /// Writes one formatted line whole. Never fails: what cannot be written where it belongs goes to standard
    /// error.
    pub(super) fn write(&self, line: &str, severity: Severity) {
        let flush = self.config.flush || severity >= Severity::Warn;
        let mut sink = self.lock();
        let failure = match &mut *sink {
            Sink::Stdout => {
                let mut out = io::stdout().lock();
                let _ =
                    out.write_all(line.as_bytes()).and_then(|()| if flush { out.flush() } else { Ok(()) });
                None
            }
            Sink::Stderr => {
                let _ = io::stderr().write_all(line.as_bytes());
                None
            }
            Sink::Syslog { syslog, reported } => {
                let sent = syslog.send(line, severity, self.clock.since_epoch(), &self.zone);
                match sent {
                    Err(error) if !*reported => {
                        to_stderr(&self.failure(&error.to_string()));
                        *reported = true;
                    }
                    Err(_) => {}
                    Ok(()) => *reported = false,
                }
                if *reported {
                    let _ = io::stderr().write_all(line.as_bytes());
                }
                None
            }
            Sink::File(file) => file.write(line, flush).err(),
            Sink::Failed { .. } => return self.write_failed(&mut sink, line, flush),
        };
        if let Some(error) = failure {
            *sink = Sink::failed(&error, self.clock.moment());
            self.write_failed(&mut sink, line, flush);
        }
    }

    /// Writes what is held back.
    pub(super) fn flush(&self) {
        let mut sink = self.lock();
        let flushed = match &mut *sink {
            Sink::Stdout => io::stdout().flush(),
            Sink::File(file) => file.flush(),
            _ => Ok(()),
        };
        if let Err(error) = flushed {
            to_stderr(&self.failure(&error.to_string()));
        }
    }

    /// The file may be writable again; if not, the line and, once, the reason go to standard error.
    fn write_failed(&self, sink: &mut Sink, line: &str, flush: bool) {
        let Sink::Failed { reason, reported, retry_at } = sink else { return };
        let now = self.clock.moment();
        if *reported && now >= *retry_at {
            *retry_at = now + RETRY;
            if let Destination::File(path) = &self.config.destination
                && let Ok(mut file) = LogFile::open(path, self.rotation)
                && file.write(line, flush).is_ok()
            {
                *sink = Sink::File(file);
                return;
            }
        }
        if !*reported {
            to_stderr(&self.failure(reason));
            *reported = true;
        }
        let _ = io::stderr().write_all(line.as_bytes());
    }

    fn failure(&self, reason: &str) -> String {
        format!("cannot log to {}: {reason}; logging to standard error instead", self.config.destination)
    }

    fn lock(&self) -> MutexGuard<'_, Sink> {
        self.sink.lock()
    }
}

impl Sink {
    fn failed(error: &io::Error, now: Moment) -> Self {
        Self::Failed { reason: error.to_string(), reported: false, retry_at: now + RETRY }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixDatagram;

    use super::*;
    use crate::logging::{Facility, Format};

    /// The syslog output sends formatted lines to the daemon's socket.
    #[test]
    fn syslog_lines_arrive_at_the_socket() {
        let directory = tempfile::tempdir().unwrap();
        let mut context = OutputContext::new("kea-dhcp4", false, Clock::system(), &Environment::default());
        context.syslog = directory.path().join("log");
        let daemon = UnixDatagram::bind(&context.syslog).unwrap();
        let output = Output::open(OutputConfig::new(Destination::Syslog(Facility::Daemon)), &context);
        output.write("WARN  [kea-dhcp4.dhcp4.1] ID text\n", Severity::Warn);
        let mut buffer = [0; 256];
        let length = daemon.recv(&mut buffer).unwrap();
        let text = std::str::from_utf8(&buffer[..length]).unwrap();
        assert!(text.starts_with("<28>"), "{text}");
        assert!(text.ends_with(" kea-dhcp4: WARN  [kea-dhcp4.dhcp4.1] ID text"), "{text}");
    }

    /// `maxsize` 0 turns rotation off; any other small value rotates as log4cplus does, at 204800 bytes.
    #[test]
    fn a_small_maxsize_rotates_at_log4cplus_least() {
        let directory = tempfile::tempdir().unwrap();
        let context = OutputContext::new("kea-dhcp4", false, Clock::system(), &Environment::default());
        let rotated = |maxsize: u64| {
            let path = directory.path().join(format!("{maxsize}.log"));
            let config = OutputConfig {
                maxsize,
                format: Format::Json,
                ..OutputConfig::new(Destination::File(path.clone()))
            };
            let output = Output::open(config, &context);
            output.write(&"x".repeat(204_800), Severity::Info);
            let before = path.with_extension("log.1").exists();
            output.write("y", Severity::Info);
            (before, path.with_extension("log.1").exists())
        };
        assert_eq!(rotated(0), (false, false));
        assert_eq!(rotated(1), (false, true));
        assert_eq!(rotated(204_801), (false, false));
    }
}
