//! The `loggers` of a configuration file, made ready to log by.

use kotare_config::process::{LogOutput, Logger};

use super::config::{Destination, Format, LoggerConfig, LoggingConfig, OutputConfig, Threshold};
use crate::{PathKind, Paths};

impl LoggingConfig {
    /// Takes `loggers` as configured; log files are judged by `paths`. Also returns what deserves a warning
    /// (`DCTL_LOG_PATH_SECURITY_WARNING`) under `-X`. The first path that may not be used is the error, with its place.
    pub fn from_written(loggers: &[Logger], paths: &Paths) -> Result<(Self, Vec<String>), String> {
        let mut warnings = Vec::new();
        let loggers = loggers.iter().map(|written| logger(written, paths, &mut warnings));
        Ok((Self { loggers: loggers.collect::<Result<_, _>>()? }, warnings))
    }
}

fn logger(written: &Logger, paths: &Paths, warnings: &mut Vec<String>) -> Result<LoggerConfig, String> {
    let outputs = written.outputs.iter().map(|written| output(written, paths, warnings));
    Ok(LoggerConfig {
        name: written.name.to_string(),
        severity: Threshold::parse(&written.severity, written.debug_level),
        outputs: outputs.collect::<Result<_, _>>()?,
    })
}

fn output(written: &LogOutput, paths: &Paths, warnings: &mut Vec<String>) -> Result<OutputConfig, String> {
    let destination = match Destination::parse(&written.output.path) {
        Destination::File(_) => {
            let at = |text: String| format!("{}: output: {text}", written.output.source);
            let judged = paths.file(PathKind::Log, &written.output.path);
            let validated = judged.map_err(|error| at(error.to_string()))?;
            warnings.extend(validated.warning.map(at));
            Destination::File(validated.path.into())
        }
        other => other,
    };
    let format = if written.json { Format::Json } else { Format::Pattern(written.pattern.to_string()) };
    let (maxsize, maxver) = (written.max_size, written.max_versions);
    Ok(OutputConfig { destination, flush: written.flush, maxsize, maxver, format })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Environment;
    use kotare_config::process::WrittenPath;

    fn written(output: &str) -> Logger {
        let output = LogOutput {
            output: WrittenPath {
                path: output.into(),
                source: kotare_config::json::Source::whole("kea.conf"),
            },
            flush: false,
            max_size: 1,
            max_versions: 2,
            pattern: "%m".into(),
            json: false,
        };
        let name = "kea-dhcp4.leases".into();
        Logger { name, severity: "DEBUG".into(), debug_level: 50, outputs: vec![output] }
    }

    /// Everything written is kept; a plain file name is taken below the log directory.
    #[test]
    fn written_loggers_are_kept_whole() {
        let paths = Paths::new(&Environment::default(), true);
        let (config, warnings) = LoggingConfig::from_written(&[written("kea.log")], &paths).unwrap();
        let output = OutputConfig {
            destination: Destination::File("/var/log/kea/kea.log".into()),
            flush: false,
            maxsize: 1,
            maxver: 2,
            format: Format::Pattern("%m".into()),
        };
        let name = "kea-dhcp4.leases".to_owned();
        let logger = LoggerConfig { name, severity: Some(Threshold::Debug(50)), outputs: vec![output] };
        assert_eq!((config.loggers, warnings), (vec![logger], vec![]));
    }

    /// A file elsewhere is refused; under `-X` it is a warning. Streams and syslog are no paths.
    #[test]
    fn files_elsewhere_are_refused() {
        let paths = |enforced| Paths::new(&Environment::default(), enforced);
        let error = LoggingConfig::from_written(&[written("/tmp/x")], &paths(true)).unwrap_err();
        assert!(
            error.contains(": output: invalid path specified: '/tmp', supported path is '/var/log/kea'"),
            "{error}"
        );
        let (config, warnings) = LoggingConfig::from_written(&[written("/tmp/x")], &paths(false)).unwrap();
        assert_eq!(config.loggers[0].outputs[0].destination, Destination::File("/tmp/x".into()));
        assert_eq!(warnings.len(), 1);
        assert!(LoggingConfig::from_written(&[written("syslog:local1")], &paths(true)).is_ok());
    }
}
