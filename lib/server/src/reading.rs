//! The configuration file, read when the server starts and when it is reloaded; and why a configuration is refused.

use std::path::Path;

use kotare_config::json::{Diagnostics, Topic};
use kotare_config::process::Logger;
use kotare_config::{Candidate, Document, Input};
use kotare_control::messages::COMMAND_RECEIVED;

use crate::family::Family;
use crate::prepare::Unprepared;

/// Reads the file. `loggers` is given its loggers when nothing is wrong with them, whatever else may be.
///
/// # Errors
/// All that is wrong with it.
pub(crate) fn read<F: Family>(
    file: &Path,
    loggers: impl FnOnce(&[Logger]),
) -> Result<Candidate<F::Config>, Diagnostics> {
    let document = Document::open(Input::File(file), F::FILE)?;
    // A file is used like the arguments of a command, in Kea and so in its log.
    COMMAND_RECEIVED("config-set");
    if let Some(found) = document.loggers() {
        loggers(&found);
    }
    document.judge()
}

/// Logs each thing that is wrong with a configuration.
pub(crate) fn tell<F: Family>(reason: &Unprepared) {
    match reason {
        Unprepared::Written(refused) | Unprepared::Judged(refused) => {
            for error in refused.errors() {
                match &error.topic {
                    // Told with the file: there is no parameter whose value could be wrong.
                    Topic::Form => {}
                    _ => F::WORDS.parser_fail(error.parameter(), error),
                }
            }
        }
        Unprepared::Modules(refused) => {
            for line in refused.error_lines() {
                F::WORDS.parser_commit_fail(line);
            }
        }
        Unprepared::Commands(_) | Unprepared::Control(_) => F::WORDS.parser_commit_fail(reason),
        // What is required is not tried again before it is told.
        Unprepared::Sockets(_) => F::WORDS.open_sockets_failed(0),
        _ => {}
    }
}

/// Logs that a configuration file cannot be used; the sentence for whoever wants it used.
pub(crate) fn tell_refused<F: Family>(file: &Path, reason: &Unprepared) -> String {
    let reasons = reason.lines().join("; ");
    F::WORDS.config_load_fail(file.display(), &reasons);
    format!("configuration error using file '{}': {reasons}", file.display())
}
