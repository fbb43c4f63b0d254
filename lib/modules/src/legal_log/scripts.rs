//! Scripts that are run when a log is rotated: each beside everything else, behind those that answer clients.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use super::messages::KOTARE_LEGAL_LOG_SCRIPT_FAILED;

/// So many run at a time.
const MOST: usize = 16;

/// The scripts that run, of which each has a part of this until it has ended.
#[derive(Debug, Default)]
pub(super) struct Scripts(Arc<()>);

impl Scripts {
    /// Runs a script, if there is one, with the name of a file, and does not wait for it: a thread of its own does, so that none is
    /// left behind that has ended, whatever becomes of the log.
    pub(super) fn run(&self, script: Option<&Path>, file: &Path) {
        let Some(script) = script else { return };
        if self.running() >= MOST {
            let reason = format!("{MOST} are still running");
            return KOTARE_LEGAL_LOG_SCRIPT_FAILED(script.display(), reason);
        }
        let mut command = Command::new(script);
        command.arg(file).env_clear().stdin(Stdio::null()).stdout(Stdio::null());
        let (path, place) = (script.to_owned(), self.0.clone());
        let waiting = move || {
            // The script inherits it: it may pack all that a day wrote. Where it is not allowed the script runs all the same.
            let _ = kotare_net::come_last();
            if let Err(error) = command.status() {
                KOTARE_LEGAL_LOG_SCRIPT_FAILED(path.display(), error);
            }
            drop(place);
        };
        if let Err(error) = thread::Builder::new().name("legal-log-rotates".into()).spawn(waiting) {
            let reason = format!("no thread can be started for it: {error}");
            KOTARE_LEGAL_LOG_SCRIPT_FAILED(script.display(), reason);
        }
    }

    /// How many run.
    pub(super) fn running(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}
