//! What of the configuration is in databases (`config-control`; manual, "Configuration Backend in DHCPv4").
//!
//! A configuration that is read is laid under what the databases have for this server. From then on it is looked
//! what changed there, by time or when a command says so, and that is laid over what is served, as an edit.

mod tables;

use std::path::Path;
use std::sync::Arc;

use kotare_config::json::{Diagnostics, Value};
use kotare_config::overlay::Overlay;
use kotare_config::{Candidate, Configuration, Document, Process};
use kotare_control::aside;
use kotare_process::{DatabaseAt, Judge};
use kotare_store::StoreError;
use kotare_store_sql::config::{ConfigReader, Fetched, Look, Seen, SqlConfig};
use kotare_store_sql::{Engine, Reach};
use parking_lot::Mutex;
use tokio::sync::watch;

use self::tables::Tables;
use crate::Daemon;
use crate::family::Family;
use crate::generation::Generation;
use crate::messages::{DCTL_CONFIG_FETCH, DCTL_DB_OPEN_CONNECTION_WITH_RETRY_FAILED, DCTL_OPEN_CONFIG_DB};
use crate::prepare::Unprepared;
use crate::reconfigure::Come;
use crate::stores::Patience;
use crate::surroundings::Surroundings;

/// A database with configurations. The next configuration takes it over if it names it, too.
#[derive(Debug)]
pub(crate) struct ConfigStore {
    at: DatabaseAt,
    reader: ConfigReader,
    config: SqlConfig,
}

/// What databases have laid over what was written.
#[derive(Debug)]
pub(crate) struct Backend {
    pub(crate) stores: Vec<Arc<ConfigStore>>,
    /// What was written, without them.
    base: Arc<Value>,
    /// What each of them has; none before it was looked, in repair mode.
    fetched: Vec<Option<Arc<Fetched>>>,
    attempt: Mutex<Attempt>,
}

/// What came of the looks since something was laid over last.
#[derive(Debug, Default)]
struct Attempt {
    /// Up to where was looked, in each database: farther than what is served from, if that cannot be, whenever it is tried.
    looked: Option<Vec<Option<Seen>>>,
    /// Why what was found is not served from.
    unusable: Option<String>,
    /// Why nothing was found out the last time.
    unread: Option<String>,
}

/// How a configuration comes to what databases have.
pub(crate) enum Laid {
    /// It is looked for.
    Anew,
    /// It has what the one before it had.
    AsBefore,
    /// It has this.
    Over(Option<Arc<Backend>>),
}

/// Why what was found in databases is not served from.
struct NotServed {
    reason: String,
    /// Whether the same may be served from another time.
    may_pass: bool,
}

/// Why what is in databases is not served from.
pub(crate) struct NotPulled {
    pub(crate) reason: String,
    /// Whether that has not been told yet.
    pub(crate) is_new: bool,
}

impl ConfigStore {
    async fn open(
        at: DatabaseAt,
        reader: ConfigReader,
        patience: Patience<'_>,
    ) -> Result<Arc<Self>, StoreError> {
        DCTL_OPEN_CONFIG_DB(&at.given);
        let opened = SqlConfig::open(at.access.clone(), at.retry, reader.clone()).await;
        let opened =
            opened.map_err(|error| error.into_store(format!("open the config database ({})", at.access)));
        let config = match opened {
            Err(error) if patience.waits(&at, &error).is_some() => {
                DCTL_DB_OPEN_CONNECTION_WITH_RETRY_FAILED(&at.given, &error.source);
                SqlConfig::later(error.source.to_string(), at.access.clone(), at.retry, reader.clone())
            }
            opened => opened?,
        };
        Ok(Arc::new(Self { at, reader, config }))
    }

    /// What it is, as `type` has it.
    pub(crate) fn kind(&self) -> &'static str {
        self.at.access.engine.name()
    }

    /// Where it is and what is done when it is lost.
    pub(crate) fn at(&self) -> &DatabaseAt {
        &self.at
    }

    /// How it can be reached.
    pub(crate) fn reach(&self) -> watch::Receiver<Reach> {
        self.config.reach()
    }

    fn is_there(&self) -> bool {
        *self.config.reach().borrow() == Reach::Up
    }
}

impl Backend {
    /// What is written of a configuration that is on its way back.
    fn over(&self, fetched: Vec<Option<Arc<Fetched>>>) -> Self {
        let (stores, base) = (self.stores.clone(), self.base.clone());
        Self { stores, base, fetched, attempt: Mutex::default() }
    }

    /// Whether anything of it has been looked for yet.
    pub(crate) fn is_fetched(&self) -> bool {
        self.fetched.iter().all(Option::is_some)
    }

    /// Why what is in the databases is not served from, if so.
    pub(crate) fn failure(&self) -> Option<String> {
        let attempt = self.attempt.lock();
        attempt.unread.clone().or_else(|| attempt.unusable.clone())
    }

    /// Looks at each database; none, if nothing changed there since the last look.
    async fn look(&self) -> Result<Vec<Option<Look>>, String> {
        let looked = self.attempt.lock().looked.clone();
        let looked = looked.unwrap_or_else(|| {
            let seen = |fetched: &Option<Arc<Fetched>>| fetched.as_ref().map(|it| it.seen().clone());
            self.fetched.iter().map(seen).collect()
        });
        let mut looks = Vec::with_capacity(self.stores.len());
        for ((store, fetched), looked) in self.stores.iter().zip(&self.fetched).zip(looked) {
            let look = store.config.look(looked, fetched.clone()).await;
            looks.push(look.map_err(|error| format!("{}: {error}", store.at.access))?);
        }
        Ok(looks)
    }

    /// What was found, in each database; those without a change stay as they are.
    fn found(&self, looks: Vec<Option<Look>>) -> Result<Vec<Option<Arc<Fetched>>>, String> {
        let found = self.stores.iter().zip(&self.fetched).zip(looks);
        found
            .map(|((store, former), look)| match look.map(|look| look.read) {
                None => Ok(former.clone()),
                Some(Ok(fetched)) => Ok(Some(Arc::new(fetched))),
                Some(Err(odd)) => Err(format!("{}: {odd}", store.at.access)),
            })
            .collect()
    }

    /// What these databases lay over `root`, over which `self` was laid.
    fn lay<F: Family>(
        &self,
        root: &Value,
        config: &F::Config,
        fetched: &[Option<Arc<Fetched>>],
    ) -> Result<Value, Diagnostics> {
        let process: &Process = config.as_ref();
        let origin = match &*process.server_tag {
            "" => "the configuration backend".to_owned(),
            tag => format!("the configuration backend, for server tag '{tag}' or all"),
        };
        let tables = Tables::of(F::TABLES);
        let overlay = Overlay {
            file: F::FILE,
            definitions: config.definitions(),
            base: &self.base,
            former: &tables.rows(&self.fetched),
            now: &tables.rows(fetched),
            origin: &origin,
        };
        overlay.over(root)
    }
}

impl<F: Family> Surroundings<F> {
    /// A configuration that was read, with what its databases lay over it. Those that are open are used.
    pub(crate) async fn fetch(
        &self,
        mut candidate: Candidate<F::Config>,
        running: Option<&Generation<F>>,
    ) -> Result<(Candidate<F::Config>, Option<Arc<Backend>>), Unprepared> {
        let judged = candidate.judge(|config, diagnostics| {
            let mut judge = Judge { paths: &self.paths, diagnostics };
            let process: &Process = config.as_ref();
            process.config_databases.iter().filter_map(|it| judge.database(it)).collect::<Vec<_>>()
        });
        self.fetch_from(judged.map_err(Unprepared::Judged)?, candidate, running).await
    }

    /// The same, from these.
    pub(crate) async fn fetch_from(
        &self,
        wanted: Vec<DatabaseAt>,
        candidate: Candidate<F::Config>,
        running: Option<&Generation<F>>,
    ) -> Result<(Candidate<F::Config>, Option<Arc<Backend>>), Unprepared> {
        if wanted.is_empty() {
            return Ok((candidate, None));
        }
        let reader = ConfigReader::new(F::TABLES, &candidate.config.as_ref().server_tag);
        let open = running.and_then(|running| running.backend.as_deref());
        let open = open.map_or(&[][..], |backend| &backend.stores);
        let mut stores = Vec::with_capacity(wanted.len());
        for at in wanted {
            stores.push(match open.iter().find(|store| store.at == at && store.reader == reader) {
                Some(store) => store.clone(),
                None => {
                    let folder = Path::new(&at.access.name).parent();
                    if let (Engine::Sqlite, Some(folder), false) =
                        (at.access.engine, folder, at.access.readonly)
                    {
                        self.paths.make_if_missing(folder).map_err(Unprepared::Directory)?;
                    }
                    let opened = ConfigStore::open(at, reader.clone(), self.patience(running));
                    opened.await.map_err(Unprepared::Backend)?
                }
            });
        }
        let (base, nothing) = (Arc::new(candidate.written.root().clone()), vec![None; stores.len()]);
        let backend = Backend { stores, base, fetched: nothing, attempt: Mutex::default() };
        // Who repairs what is there must not stumble over it. Who serves what databases have does not do without them.
        let does_without = running.is_none() && !backend.stores.iter().all(|store| store.is_there());
        if self.args.repairs || does_without {
            return Ok((candidate, Some(Arc::new(backend))));
        }
        DCTL_CONFIG_FETCH();
        let found = async { backend.found(backend.look().await?) };
        let found = found.await.map_err(Unprepared::Fetched)?;
        let laid = aside(move || {
            let root = backend.lay::<F>(&backend.base, &candidate.config, &found)?;
            Ok((Document::of(root, F::FILE).judge()?, Some(Arc::new(backend.over(found)))))
        });
        let laid = laid.await.map_err(Unprepared::Written)?;
        F::WORDS.config_merged();
        Ok(laid)
    }
}

impl<F: Family> Daemon<F> {
    /// Whether what databases have of the configuration is served, or is not to be.
    pub(crate) fn has_fetched(&self) -> bool {
        let generation = self.generation();
        let is_fetched = generation.backend.as_ref().is_none_or(|backend| backend.is_fetched());
        is_fetched || self.surroundings.args.repairs
    }

    /// Looks what is new in the databases of the configuration in effect, and serves from it.
    pub(crate) async fn pull(&self) -> Result<(), NotPulled> {
        // As an edit, it never undoes another.
        let _turn = self.reconfiguring.lock().await;
        self.on_trial().map_err(|reason| NotPulled { reason, is_new: false })?;
        let running = self.generation();
        let Some(backend) = running.backend.clone() else { return Ok(()) };
        DCTL_CONFIG_FETCH();
        let looks = match backend.look().await {
            Ok(looks) => looks,
            Err(reason) => {
                let former = backend.attempt.lock().unread.replace(reason.clone());
                return Err(NotPulled { is_new: former.as_ref() != Some(&reason), reason });
            }
        };
        backend.attempt.lock().unread = None;
        if looks.iter().all(Option::is_none) {
            let unusable = backend.attempt.lock().unusable.clone();
            return unusable.map_or(Ok(()), |reason| Err(NotPulled { reason, is_new: false }));
        }
        let seen = looks.iter().zip(&backend.fetched).map(|(look, fetched)| match look {
            Some(look) => Some(look.seen.clone()),
            None => fetched.as_ref().map(|fetched| fetched.seen().clone()),
        });
        let seen = seen.collect();
        let served = async {
            let found = backend.found(looks).map_err(|reason| NotServed { reason, may_pass: false })?;
            self.serve_found(&running, &backend, found).await
        };
        match served.await {
            Ok(()) => {
                F::WORDS.config_merged();
                Ok(())
            }
            Err(NotServed { reason, may_pass }) => {
                let mut attempt = backend.attempt.lock();
                // Only what changes there makes another of what cannot be served from; all else the next look tries again.
                if !may_pass {
                    attempt.looked = Some(seen);
                }
                let former = attempt.unusable.replace(reason.clone());
                Err(NotPulled { is_new: !may_pass || former.as_ref() != Some(&reason), reason })
            }
        }
    }

    async fn serve_found(
        &self,
        running: &Arc<Generation<F>>,
        backend: &Arc<Backend>,
        found: Vec<Option<Arc<Fetched>>>,
    ) -> Result<(), NotServed> {
        let (running, backend) = (running.clone(), backend.clone());
        let laid = aside(move || {
            let root = backend.lay::<F>(running.written.root(), &running.config, &found)?;
            let backend = Some(Arc::new(backend.over(found)));
            Ok((Come::of(&running, root, backend.clone())?, Laid::Over(backend)))
        });
        let served = async {
            let (come, laid) = laid.await.map_err(Unprepared::Written)?;
            self.serve(come, laid).await
        };
        served.await.map_err(|refused| NotServed {
            reason: refused.lines().join("; "),
            may_pass: !refused.is_of_what_is_written(),
        })
    }
}
