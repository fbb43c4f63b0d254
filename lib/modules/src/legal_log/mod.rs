//! `libdhcp_legal_log.so`: who had which address when (manual, "Forensic Logging").
//!
//! For each lease that a client is given, extends or gives back, and for each that a command changes, there is a line: in
//! a file, where it begins with the time, in a table of a database, or in what the syslog daemon keeps. Lines for files are
//! written together before the replies leave that they are about, and those of commands with them or by a thread, for no
//! command waits for a disk. Those for a database are put into a bounded queue and written by a thread of their own, in their
//! order, for no worker waits for a database. What is lost because there is no room for it or a file cannot be written is said
//! in the log of the server, with how many lines it is.
//!
//! - `parameters`: what is configured.
//! - `v4`, `v6`: the lines about leases of clients ([`Leases4Told`], [`Leases6Told`]).
//! - `commands`: those about leases of commands.
//! - `words`: what lines have in common.
//! - `file`: the files and when one gives way to the next.
//! - `scripts`: what is run then.
//! - `scribe`: how lines come into files, and the thread that writes those of commands.
//! - `journal`: the queue of lines for a database and its thread.
//! - `database`: the table, and how long lines wait for it.
//! - `stamp`: the time in a line.
//!
//! [`Leases4Told`]: kotare_engine::hooks::v4::Leases4Told
//! [`Leases6Told`]: kotare_engine::hooks::v6::Leases6Told

mod commands;
mod database;
mod file;
mod journal;
mod messages;
mod parameters;
mod scribe;
mod scripts;
mod stamp;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests6;
#[cfg(test)]
mod tests_database;
mod v4;
mod v6;
mod words;

use std::collections::HashSet;
use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::Duration;

use kotare_config::Process;
use kotare_config::json::{Diagnostics, Value};
use kotare_config::process::Database;
use kotare_expr::{self as expr, EvaluationError, Packet, Scratch};
use kotare_model::{SubnetId, Timestamp};

use self::database::DatabaseLog;
use self::file::Files;
use self::journal::{Journal, Line};
use self::messages::*;
use self::parameters::{Formats, StoreConfig};
use self::scribe::Scribe;
use crate::gathered::Text;
use crate::shown::Shown;
use crate::spoken::Spoken;
use crate::{Around, Beside, Companion, Entry, Library, Module, Modules, Places, ServerLink, SystemLogger};

/// The module.
pub const LIBRARY: Library = Library {
    name: "legal_log",
    parameters: &parameters::PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| LEGAL_LOG_LOAD_ERROR(reason),
    loaded: || (),
    unloaded: || (),
    v4: Some(module()),
    v6: Some(module()),
};

const fn module<L: Logged>() -> Module<L> {
    Module { judge, judge_here, build, ..Module::NOTHING }
}

/// The databases that lines of a configuration's servers go to.
pub fn databases(process: &Process) -> impl Iterator<Item = Database> {
    let entries = process.libraries.iter().filter(|entry| *entry.name == *LIBRARY.name);
    entries.filter_map(parameters::database)
}

/// The logger of lines for the syslog daemon.
const SYSLOG: &str = "legal-log-syslog";

/// A family whose leases are logged. There are two of them.
trait Logged: Spoken + Shown {
    /// What the names of its lease commands begin with.
    const COMMANDS: &str;

    /// The subnets that say in their `user-context` that they are not to be logged.
    fn silent(config: &Self::Config) -> HashSet<SubnetId>;
    /// Says that lines could not be written.
    fn write_error(reason: &dyn Display);
    /// Has the module told of leases.
    fn register(hooks: &mut Self::Hooks, module: Arc<LegalLog<Self>>);
}

/// Where lines are put.
#[derive(Clone)]
enum Store {
    /// Into files.
    Files(Arc<Scribe>),
    /// Into a queue, which what goes on beside the messages writes.
    Journal(Arc<Journal>, Arc<dyn Companion>),
    /// Into the logs, whose configuration leads them to the syslog daemon.
    Syslog(SystemLogger),
}

/// The module of a configuration.
struct LegalLog<L: Logged> {
    store: Store,
    /// What was configured of it, for the next configuration to compare.
    settings: StoreConfig,
    formats: Formats,
    silent: HashSet<SubnetId>,
    /// Whether lines tell parts of a second.
    tells_fractions: bool,
    server: ServerLink<L, L::Engine>,
}

fn judge<L: Logged>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) {
    parameters::check(entry.parameters(), &entry.written.source, diagnostics);
    Formats::read(entry, diagnostics);
}

/// Finds out whether files and scripts may be where they are said to be. Databases are asked by whoever reaches all of them.
fn judge_here<L: Logged>(entry: &Entry<'_, L>, places: &dyn Places, diagnostics: &mut Diagnostics) {
    if entry.parameters().text("type") == parameters::FILES {
        StoreConfig::read(entry, places, diagnostics);
    }
}

fn build<L: Logged>(
    entry: &Entry<'_, L>,
    around: &Around<'_, L>,
    modules: &mut Modules<L>,
    diagnostics: &mut Diagnostics,
) {
    let before = diagnostics.error_count();
    judge(entry, &mut *diagnostics);
    let environment = around.environment;
    let settings = StoreConfig::read(entry, &*environment.places, diagnostics);
    let formats = Formats::read(entry, &mut Diagnostics::new());
    let (Some(settings), true) = (settings, diagnostics.error_count() == before) else { return };
    let former = around.former::<LegalLog<L>>(entry).filter(|former| former.settings == settings);
    let store = match former {
        Some(former) => former.store.clone(),
        None => {
            let now = environment.server.get().map(|server| server.since_epoch());
            match Store::open(&settings, parameters::given(entry, &settings), now, L::write_error) {
                Ok(store) => store,
                Err(reason) => return diagnostics.error(&entry.written.source, reason),
            }
        }
    };
    let Beside { companions, loggers, .. } = &mut modules.beside;
    match &store {
        Store::Files(files) => {
            L::round_ends(&mut modules.hooks).push(files.lines().clone());
            companions.push(files.clone());
        }
        Store::Journal(_, companion) => companions.push(companion.clone()),
        Store::Syslog(logger) => loggers.push(logger.clone()),
    }
    let silent = L::silent(entry.config);
    let tells_fractions =
        matches!(&settings, StoreConfig::Files(files) if stamp::tells_fractions(&files.timestamp));
    let server = environment.server.clone();
    let module = Arc::new(LegalLog { store, settings, formats, silent, tells_fractions, server });
    L::register(&mut modules.hooks, module.clone());
    modules.watchers.push(module.clone());
    modules.keep(entry, module);
}

impl Store {
    /// Opens what is configured, with what was `given` for it; a database is connected to later. `failed` says why lines could
    /// not be written.
    fn open(
        settings: &StoreConfig,
        given: String,
        now: Option<Duration>,
        failed: fn(&dyn Display),
    ) -> Result<Self, String> {
        let journal = Arc::<Journal>::default();
        Ok(match settings {
            StoreConfig::Files(files) => {
                LEGAL_LOG_STORE_OPEN(given);
                Self::Files(Arc::new(Scribe::new(Files::open(files.clone(), now, failed)?)))
            }
            StoreConfig::Database(access, reconnect) => {
                let database = DatabaseLog::new(access.clone(), given, *reconnect, journal.clone(), failed);
                Self::Journal(journal, Arc::new(database))
            }
            StoreConfig::Syslog { pattern, facility } => {
                LEGAL_LOG_SYSLOG_STORE_OPEN(given);
                let (pattern, facility) = (pattern.clone(), facility.clone());
                Self::Syslog(SystemLogger { name: SYSLOG, pattern, facility })
            }
        })
    }
}

/// The subnets with `legal-logging` off, of all with their `user-context`.
fn silent<'a>(subnets: impl Iterator<Item = (SubnetId, Option<&'a Value>)>) -> HashSet<SubnetId> {
    let is_silent = |context: &Value| context.get("legal-logging").and_then(Value::as_bool) == Some(false);
    subnets.filter(|(_, context)| context.is_some_and(is_silent)).map(|(id, _)| id).collect()
}

impl<L: Logged> LegalLog<L> {
    /// Puts a line about an address or a prefix into the log, if it is not empty. `now` is what time it is.
    fn write(&self, address: Option<&dyn Display>, text: &[u8], now: Timestamp) {
        if text.is_empty() {
            return;
        }
        match &self.store {
            Store::Syslog(_) => LEGAL_LOG_SYSLOG(String::from_utf8_lossy(text)),
            Store::Files(files) => files.lines().put(self.time(now), text),
            Store::Journal(journal, _) => journal.put(Line {
                at: self.time(now),
                address: address.map(ToString::to_string),
                text: text.to_vec(),
            }),
        }
    }

    /// The same of what a command did, which waits for nobody.
    fn leave(&self, address: Option<&dyn Display>, text: &[u8], now: Timestamp) {
        match &self.store {
            Store::Files(files) => files.leave(self.time(now), text),
            Store::Syslog(_) | Store::Journal(..) => self.write(address, text, now),
        }
    }

    /// The time since 1970, no more exactly than it is told.
    fn time(&self, now: Timestamp) -> Duration {
        // A message that waited came some time ago; lines of later ones may be there already.
        let now = self
            .server
            .get()
            .map_or(Duration::from_secs(now.0.unsigned_abs()), |server| server.since_epoch());
        if self.tells_fractions { now } else { Duration::from_secs(now.as_secs()) }
    }

    /// Adds what the formats that are configured make of a message and its response; whether there are any.
    fn say(
        &self,
        request: &impl Packet,
        response: Option<&impl Packet>,
        text: &mut Text,
    ) -> Result<bool, EvaluationError> {
        let mut is_said = false;
        if let Some(format) = &self.formats.request {
            add(text, format, request)?;
            is_said = true;
        }
        if let (Some(format), Some(response)) = (&self.formats.response, response) {
            add(text, format, response)?;
            is_said = true;
        }
        Ok(is_said)
    }
}

fn add(text: &mut Text, format: &expr::Value, packet: &impl Packet) -> Result<(), EvaluationError> {
    let mut scratch = Scratch::default();
    text.0.extend_from_slice(format.evaluate(packet, &mut scratch)?);
    Ok(())
}

impl<L: Logged> fmt::Debug for LegalLog<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LegalLog").field("settings", &self.settings).finish_non_exhaustive()
    }
}
