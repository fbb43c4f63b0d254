//! Whether the databases that a configuration names can be used, and what of it is in them: what `-T` adds to what is written
//! (manual, "Configuration Backend in DHCPv4" and the options of the program).
//!
//! Nothing is changed there, and no file made. Each is tried once, whatever `retry-on-startup` says. Of a file of
//! SQLite that is not whole it is said what it lacks, which is no error: the server makes it.

use std::path::Path;

use kotare_config::json::{Diagnostics, Source};
use kotare_config::process::Database;
use kotare_config::{Candidate, Process};
use kotare_modules::legal_log;
use kotare_process::{DatabaseAt, Judge};
use kotare_store::StoreError;
use kotare_store_sql::{Engine, SqlLog, schema};

use crate::family::Family;
use crate::host_stores::{self, HostStores};
use crate::prepare::Unprepared;
use crate::stores::{Patience, Store};
use crate::surroundings::Surroundings;

/// A database that can be looked into, and where it is written.
struct There {
    at: DatabaseAt,
    source: Source,
    /// Whether who serves makes what it lacks.
    is_own: bool,
}

/// The databases of a configuration, by what is kept there.
#[derive(Default)]
struct Wanted {
    leases: Vec<There>,
    hosts: Vec<There>,
    config: Vec<There>,
    logs: Vec<There>,
}

impl<F: Family> Surroundings<F> {
    /// Judges all that applying a configuration here would, with what databases have of it, and applies nothing of it.
    ///
    /// # Errors
    /// All that is wrong with it, or what of the databases cannot be used.
    pub(crate) fn judge_reached(
        &self,
        mut candidate: Candidate<F::Config>,
    ) -> Result<Candidate<F::Config>, Diagnostics> {
        self.judge_applied(&mut candidate)?;
        let wanted = candidate.judge(|config, diagnostics| self.wanted(config.as_ref(), diagnostics))?;
        if wanted.is_empty() {
            return Ok(candidate);
        }
        match tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build() {
            Ok(runtime) => runtime.block_on(self.reach(candidate, wanted)),
            Err(error) => {
                let source = candidate.written.root().source();
                Err(wrong(&candidate, &[(source, format!("cannot start the event loop: {error}"))]))
            }
        }
    }

    /// The databases that a configuration names, but files of SQLite that are not there: who serves makes them.
    fn wanted(&self, process: &Process, diagnostics: &mut Diagnostics) -> Wanted {
        let there = |written: &Database, diagnostics: &mut Diagnostics| {
            let mut at = Judge { paths: &self.paths, diagnostics }.database(written)?;
            let is_missing = at.access.engine == Engine::Sqlite && !Path::new(&at.access.name).exists();
            let is_own = at.access.engine == Engine::Sqlite && !at.access.readonly;
            at.access.readonly = true;
            at.retry_at_start = false;
            (!is_missing).then(|| There { at, source: written.source.clone(), is_own })
        };
        let judged = |written: &Database| there(written, &mut Diagnostics::new());
        Wanted {
            leases: process.lease_database.database().and_then(judged).into_iter().collect(),
            hosts: process.hosts_databases.iter().filter_map(judged).collect(),
            config: process.config_databases.iter().filter_map(judged).collect(),
            // What modules are told of databases was not judged yet.
            logs: legal_log::databases(process).filter_map(|written| there(&written, diagnostics)).collect(),
        }
    }

    async fn reach(
        &self,
        candidate: Candidate<F::Config>,
        wanted: Wanted,
    ) -> Result<Candidate<F::Config>, Diagnostics> {
        let Wanted { leases, hosts, config, logs } = wanted;
        let mut lacking = Vec::new();
        let (leases, hosts) = (whole(leases, &mut lacking).await, whole(hosts, &mut lacking).await);
        let (config, logs) = (whole(config, &mut lacking).await, whole(logs, &mut lacking).await);
        let mut failed: Vec<(&Source, String)> = Vec::new();
        for There { at, source, .. } in &leases {
            let opened = F::Store::connect(at, 1).await;
            failed.extend(opened.err().map(|error| (source, error.to_string())));
        }
        for There { at, source, .. } in &hosts {
            let opened: Result<HostStores<F::Reserved>, StoreError> =
                host_stores::open(vec![at.clone()], &[], 1, Patience::None).await;
            failed.extend(opened.err().map(|error| (source, error.to_string())));
        }
        for There { at, source, .. } in &logs {
            let opened = SqlLog::open(at.access.clone(), at.retry).await;
            let reason = |error| format!("open the database of the legal log ({}): {error}", at.access);
            failed.extend(opened.err().map(|error| (source, reason(error))));
        }
        if !failed.is_empty() {
            return Err(wrong(&candidate, &failed));
        }
        let Some(first) = config.first().map(|first| first.source.clone()) else {
            return Ok(warned(candidate, &lacking));
        };
        let databases = config.iter().map(|there| there.at.clone()).collect();
        // What is in the database is judged, too, and with what is written.
        let root = candidate.written.root().clone();
        let unusable = |reason: String| {
            let named = config.iter().find(|there| reason.contains(&there.at.access.to_string()));
            let mut diagnostics = Diagnostics::new();
            diagnostics.error(named.map_or(&first, |there| &there.source), reason);
            diagnostics.locate(&root);
            diagnostics
        };
        match Box::pin(self.fetch_from(databases, candidate, None)).await {
            Ok((mut candidate, _)) => {
                self.judge_applied(&mut candidate)?;
                Ok(warned(candidate, &lacking))
            }
            Err(Unprepared::Written(wrong) | Unprepared::Judged(wrong)) => Err(wrong),
            Err(Unprepared::Backend(error)) => Err(unusable(error.to_string())),
            Err(Unprepared::Fetched(reason)) => Err(unusable(reason)),
            Err(other) => Err(unusable(other.to_string())),
        }
    }
}

impl Wanted {
    fn is_empty(&self) -> bool {
        [&self.leases, &self.hosts, &self.config, &self.logs].into_iter().all(Vec::is_empty)
    }
}

/// So much of what a file lacks is named.
const NAMED: usize = 5;

/// Without files of SQLite that lack something, which who serves makes; of these it is said what.
async fn whole(databases: Vec<There>, lacking: &mut Vec<(Source, String)>) -> Vec<There> {
    let mut whole = Vec::with_capacity(databases.len());
    for there in databases {
        let mut lacks = match there.is_own {
            true => schema::left_to_servers(&there.at.access).await,
            false => Vec::new(),
        };
        if lacks.is_empty() {
            whole.push(there);
            continue;
        }
        // Tables first: that one is not there says more than what else has to be done.
        lacks.sort_by_key(|step| !step.starts_with("new table"));
        let more = lacks.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named = lacks[..lacks.len().min(NAMED)].join(", ");
        let said = format!(
            "the database ({}) is not whole and was not looked into; the server makes what it lacks: {named}{more}",
            there.at.access
        );
        lacking.push((there.source, said));
    }
    whole
}

/// With warnings of these.
fn warned<C>(mut candidate: Candidate<C>, warnings: &[(Source, String)]) -> Candidate<C> {
    for (source, warning) in warnings {
        candidate.diagnostics.warning(source, warning.clone());
    }
    candidate.diagnostics.locate(candidate.written.root());
    candidate
}

/// These reasons, each with where what it is about is written.
fn wrong<C>(candidate: &Candidate<C>, reasons: &[(&Source, String)]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for (source, reason) in reasons {
        diagnostics.error(source, reason.clone());
    }
    diagnostics.locate(candidate.written.root());
    diagnostics
}
