//! `loggers`.

use super::WrittenPath;
use crate::Level;
use crate::json::Value;
use crate::schema::tables::{LOGGER, OUTPUT_OPTION};

/// A `loggers` entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logger {
    /// `name`: `kea-dhcp4` or one below it.
    pub name: Box<str>,
    /// `severity`, in capitals: NONE, DEBUG, INFO, WARN, ERROR or FATAL; empty inherits, with the debug level.
    pub severity: Box<str>,
    /// `debuglevel`, 0 to 99.
    pub debug_level: u8,
    /// `output-options`; empty inherits.
    pub outputs: Vec<LogOutput>,
}

/// An `output-options` entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOutput {
    /// `output`: `stdout`, `stderr`, `syslog`, `syslog:name` or a file.
    pub output: WrittenPath,
    /// `flush`.
    pub flush: bool,
    /// `maxsize`, bytes; 0 turns rotation off.
    pub max_size: u64,
    /// `maxver`: how many rotated files are kept.
    pub max_versions: u32,
    /// `pattern`, empty for the default.
    pub pattern: Box<str>,
    /// `format` is `json` (Kotare's own parameter).
    pub json: bool,
}

/// All loggers.
pub(crate) fn loggers(global: Level<'_>) -> Vec<Logger> {
    global.list(&LOGGER).map(logger).collect()
}

fn logger(level: Level<'_>) -> Logger {
    // What `config-get` shows where none is written is not what holds: without it, the logger above decides.
    let severity = level.own("severity").and_then(Value::as_str).unwrap_or_default();
    Logger {
        name: level.text("name").into(),
        severity: severity.to_uppercase().into(),
        debug_level: level.count("debuglevel"),
        outputs: level.list(&OUTPUT_OPTION).filter_map(output).collect(),
    }
}

/// `None` without `output`, which the schema reports.
fn output(level: Level<'_>) -> Option<LogOutput> {
    Some(LogOutput {
        output: WrittenPath::of(level.own("output")?)?,
        flush: level.bool("flush"),
        max_size: level.count("maxsize"),
        max_versions: level.count("maxver"),
        pattern: level.text("pattern").into(),
        json: level.text("format") == "json",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Diagnostics, from_json};
    use crate::schema::tables::DHCP4;
    use serde_json::json;

    /// A log file may grow beyond what 32 bits can count.
    #[test]
    fn log_files_may_be_large() {
        let dhcp4 = json!({"loggers": [{"name": "kea-dhcp4", "output-options": [
            {"output": "large", "maxsize": 5_000_000_000_i64}, {"output": "usual"}]}]});
        let dhcp4 = from_json("test", &dhcp4, &mut Diagnostics::new()).expect("values");
        let loggers = loggers(Level::of(&DHCP4, &dhcp4));
        let sizes: Vec<_> = loggers[0].outputs.iter().map(|output| output.max_size).collect();
        assert_eq!(sizes, [5_000_000_000, 10_240_000]);
    }
}
