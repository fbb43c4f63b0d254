//! What a configuration asks of the file system, judged: everything that is wrong with it, not the first only.

use std::path::{Path, PathBuf};

use kotare_config::json::{Diagnostics, Topic};
use kotare_config::process::{LogOutput, Logger, UnixSocket, WrittenPath};
use kotare_control::unix::SocketConfig;
use kotare_daemon::logging::{
    Destination, Format, LoggerConfig, Logging, LoggingConfig, OutputConfig, Threshold,
};
use kotare_daemon::{PathKind, Paths};

/// Judges paths. What is wrong goes to the diagnostics, and as warnings what `-X` lets pass.
#[derive(Debug)]
pub struct Judge<'a> {
    /// Where files may be.
    pub paths: &'a Paths,
    /// Hears of what is wrong.
    pub diagnostics: &'a mut Diagnostics,
}

impl Judge<'_> {
    /// What loggers ask for.
    pub fn logging(&mut self, loggers: &[Logger]) -> LoggingConfig {
        let logger = |written: &Logger| LoggerConfig {
            name: written.name.to_string(),
            severity: Threshold::parse(&written.severity, written.debug_level),
            outputs: written.outputs.iter().filter_map(|output| self.output(output)).collect(),
        };
        LoggingConfig { loggers: loggers.iter().map(logger).collect() }
    }

    fn output(&mut self, written: &LogOutput) -> Option<OutputConfig> {
        let destination = match Destination::parse(&written.output.path) {
            Destination::File(_) => Destination::File(self.path(PathKind::Log, &written.output)?),
            other => other,
        };
        let format = if written.json { Format::Json } else { Format::Pattern(written.pattern.to_string()) };
        let (maxsize, maxver) = (written.max_size, written.max_versions);
        Some(OutputConfig { destination, flush: written.flush, maxsize, maxver, format })
    }

    /// The control sockets that are to be served.
    pub fn unix_sockets(&mut self, sockets: &[UnixSocket]) -> Vec<SocketConfig> {
        if let Some(first) = sockets.first() {
            match self.paths.check_socket_permissions() {
                Ok(warning) => self.warn(Topic::SocketPermissions, &first.name, warning),
                Err(error) => self.diagnostics.error(&first.name.source, error.to_string()),
            }
        }
        let paths = sockets.iter().filter_map(|socket| self.path(PathKind::ControlSocket, &socket.name));
        paths.map(SocketConfig::new).collect()
    }

    /// The whole path; `None` if it may not be used.
    pub fn path(&mut self, kind: PathKind, written: &WrittenPath) -> Option<PathBuf> {
        match self.paths.file(kind, &written.path) {
            Ok(validated) => {
                let topic = match kind {
                    PathKind::ControlSocket => Topic::SocketPath,
                    PathKind::Data => Topic::LeaseFilePath,
                    PathKind::Log => Topic::LogFilePath,
                    _ => Topic::Content,
                };
                self.warn(topic, written, validated.warning);
                Some(validated.path.into())
            }
            Err(error) => {
                self.diagnostics.error(&written.source, error.to_string());
                None
            }
        }
    }

    fn warn(&mut self, topic: Topic, written: &WrittenPath, warning: Option<String>) {
        if let Some(warning) = warning {
            self.diagnostics.warning_about(topic, &written.source, warning, "");
        }
    }
}

/// Logs by these loggers from now on, if all that they ask for can be had. They are those of a configuration that the
/// daemon is going to start with: whether it does or not is to be found where they write.
pub fn log_by(loggers: &[Logger], paths: &Paths, log: &Logging) {
    let mut diagnostics = Diagnostics::new();
    let logging = Judge { paths, diagnostics: &mut diagnostics }.logging(loggers);
    let mut folders = logging.files().filter_map(Path::parent);
    if diagnostics.has_errors() || folders.any(|folder| paths.make_if_missing(folder).is_err()) {
        return;
    }
    let prepared = log.prepare(&logging);
    if prepared.problems().is_empty() {
        log.publish(prepared);
    }
}
