//! What is logged and where to, as configuration, environment and command line say.

use std::fmt;
use std::path::{Path, PathBuf};

use kotare_messages::Severity;

use super::syslog::Facility;
use crate::Environment;

/// The `loggers` of a daemon. Without an entry for the root logger the root keeps its start configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggingConfig {
    /// The entries, in any order; of two with one name the later counts.
    pub loggers: Vec<LoggerConfig>,
}

/// One entry of `loggers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggerConfig {
    /// Full name, `kea-dhcp4` or `kea-dhcp4.leases`; a name outside the root is taken below it.
    pub name: String,
    /// What is logged; `None` inherits from the next configured logger above, with its debug level.
    pub severity: Option<Threshold>,
    /// Where to. Empty inherits the root's.
    pub outputs: Vec<OutputConfig>,
}

/// `severity` and `debuglevel` in one: which messages pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// `NONE`: no message.
    None,
    /// `FATAL`.
    Fatal,
    /// `ERROR` and above.
    Error,
    /// `WARN` and above.
    Warn,
    /// `INFO` and above.
    Info,
    /// Everything but `DEBUG` messages of a higher level (0–99).
    Debug(u8),
}

/// One entry of `output-options`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OutputConfig {
    /// `output`.
    pub destination: Destination,
    /// `flush`: every line is written at once (default true).
    pub flush: bool,
    /// `maxsize`: a file is rotated when it grew to that many bytes (default 10240000; below 204800: never).
    pub maxsize: u64,
    /// `maxver`: how many rotated files are kept (default and least 1).
    pub maxver: u32,
    /// What a line looks like.
    pub format: Format,
}

/// Where lines go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Destination {
    /// `stdout`.
    Stdout,
    /// `stderr`.
    Stderr,
    /// `syslog`, `syslog:<facility>`.
    Syslog(Facility),
    /// Any other text: a file, already judged by [`crate::Paths`].
    File(PathBuf),
}

/// What a line looks like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `pattern`, in log4cplus' language; empty means the destination's default.
    Pattern(String),
    /// `"format": "json"`: one object a line.
    Json,
}

impl LoggingConfig {
    /// How the daemon logs until it has read its configuration: INFO, or everything under `-d`, to standard
    /// output; changed by `KEA_LOGGER_DESTINATION`, `KEA_LOGGER_SEVERITY`, `KEA_LOGGER_DBGLEVEL`.
    pub fn at_start(root: &str, verbose: bool, environment: &Environment) -> Self {
        let level = environment.text("KEA_LOGGER_DBGLEVEL").and_then(|level| level.parse::<i64>().ok());
        let level = level.map_or(Threshold::MAX_DEBUG_LEVEL, |level| level.clamp(0, 99) as u8);
        let severity = environment.text("KEA_LOGGER_SEVERITY").and_then(|text| Threshold::parse(text, level));
        let default = if verbose { Threshold::Debug(level) } else { Threshold::Info };
        let destination = environment.text("KEA_LOGGER_DESTINATION").unwrap_or("stdout");
        Self {
            loggers: vec![LoggerConfig {
                name: root.to_owned(),
                severity: Some(severity.unwrap_or(default)),
                outputs: vec![OutputConfig::new(Destination::parse(destination))],
            }],
        }
    }

    /// The log files.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let outputs = self.loggers.iter().flat_map(|logger| &logger.outputs);
        outputs.filter_map(|output| match &output.destination {
            Destination::File(path) => Some(path.as_path()),
            _ => None,
        })
    }

    /// The same with every logger at `DEBUG` 99, as `-d` asks for whatever is configured.
    pub(super) fn verbose(mut self) -> Self {
        for logger in &mut self.loggers {
            logger.severity = Some(Threshold::Debug(Threshold::MAX_DEBUG_LEVEL));
        }
        self
    }
}

impl OutputConfig {
    /// An output with Kea's defaults.
    pub fn new(destination: Destination) -> Self {
        let format = Format::Pattern(String::new());
        Self { destination, flush: true, maxsize: 10_240_000, maxver: 1, format }
    }
}

impl Threshold {
    /// The most talkative debug level.
    pub const MAX_DEBUG_LEVEL: u8 = 99;

    /// `severity` in Kea's words, any case; `level` is for `DEBUG`. `None` for any other word.
    pub fn parse(severity: &str, level: u8) -> Option<Self> {
        Some(match severity.to_ascii_uppercase().as_str() {
            "NONE" => Self::None,
            "FATAL" => Self::Fatal,
            "ERROR" => Self::Error,
            "WARN" => Self::Warn,
            "INFO" => Self::Info,
            "DEBUG" => Self::Debug(level),
            _ => return None,
        })
    }

    /// Whether a message of `severity` passes.
    pub fn admits(self, severity: Severity) -> bool {
        match self {
            Self::None => false,
            Self::Fatal => severity >= Severity::Fatal,
            Self::Error => severity >= Severity::Error,
            Self::Warn => severity >= Severity::Warn,
            Self::Info => severity >= Severity::Info,
            Self::Debug(limit) => !matches!(severity, Severity::Debug(level) if level > limit),
        }
    }
}

impl Destination {
    /// Every text is a destination: what is no other is the path of a file.
    pub fn parse(text: &str) -> Self {
        match text {
            "stdout" => Self::Stdout,
            "stderr" => Self::Stderr,
            "syslog" => Self::Syslog(Facility::Local0),
            _ => match text.strip_prefix("syslog:") {
                Some(facility) => Self::Syslog(Facility::named(facility)),
                None => Self::File(text.into()),
            },
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("stdout"),
            Self::Stderr => f.write_str("stderr"),
            Self::Syslog(facility) => write!(f, "syslog:{facility}"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NONE admits nothing, each other severity itself and what is graver, DEBUG up to its level.
    #[test]
    fn thresholds_admit_what_is_grave_enough() {
        let all = [
            Severity::Debug(99),
            Severity::Debug(40),
            Severity::Debug(0),
            Severity::Info,
            Severity::Warn,
            Severity::Error,
            Severity::Fatal,
        ];
        let table = [
            (Threshold::None, 0),
            (Threshold::Fatal, 1),
            (Threshold::Error, 2),
            (Threshold::Warn, 3),
            (Threshold::Info, 4),
            (Threshold::Debug(0), 5),
            (Threshold::Debug(39), 5),
            (Threshold::Debug(40), 6),
            (Threshold::Debug(99), 7),
        ];
        for (threshold, count) in table {
            let admitted: Vec<_> = all.into_iter().filter(|&severity| threshold.admits(severity)).collect();
            assert_eq!(admitted, all[all.len() - count..], "{threshold:?}");
        }
    }

    /// The words of `output` and of `KEA_LOGGER_DESTINATION`.
    #[test]
    fn destinations_are_told_from_file_names() {
        let parse = Destination::parse;
        assert_eq!(parse("stdout"), Destination::Stdout);
        assert_eq!(parse("stderr"), Destination::Stderr);
        assert_eq!(parse("syslog"), Destination::Syslog(Facility::Local0));
        assert_eq!(parse("syslog:local3"), Destination::Syslog(Facility::Local3));
        assert_eq!(parse("/var/log/kea/x.log"), Destination::File("/var/log/kea/x.log".into()));
    }

    /// The environment rules until there is a configuration; wrong words in it change nothing.
    #[test]
    fn the_environment_sets_the_start_configuration() {
        let start = |verbose, pairs: &[(&str, &str)]| {
            let environment = pairs.iter().copied().collect();
            let mut config = LoggingConfig::at_start("kea-dhcp4", verbose, &environment);
            let logger = config.loggers.pop().unwrap();
            (logger.severity.unwrap(), logger.outputs[0].destination.to_string())
        };
        assert_eq!(start(false, &[]), (Threshold::Info, "stdout".into()));
        assert_eq!(start(true, &[]), (Threshold::Debug(99), "stdout".into()));
        let set = [("KEA_LOGGER_DESTINATION", "stderr"), ("KEA_LOGGER_SEVERITY", "WARN")];
        assert_eq!(start(true, &set), (Threshold::Warn, "stderr".into()));
        let set = [("KEA_LOGGER_SEVERITY", "DEBUG"), ("KEA_LOGGER_DBGLEVEL", "400")];
        assert_eq!(start(false, &set), (Threshold::Debug(99), "stdout".into()));
        assert_eq!(start(false, &[("KEA_LOGGER_SEVERITY", "LOUD")]), (Threshold::Info, "stdout".into()));
    }
}
