//! What leases are kept in: which store, where, and how it is opened.

use std::fmt::Debug;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use kotare_config::Process;
use kotare_control::aside;
use kotare_daemon::Clock;
use kotare_engine::Leases;
use kotare_modules::databases::Keeps;
use kotare_process::DatabaseAt;
use kotare_store::{Failure, LeaseStore, StoreError};
use kotare_store_memfile::{Kept, LfcFiles, Memfile, Options};
use kotare_store_sql::Reach;
use tokio::sync::watch;

use crate::awaited::Awaited;
use crate::daemon::thread_count;
use crate::family::{CountersOf, Flow, LeasesOf};
use crate::messages::DHCPSRV_LEASE_MGR_DB_OPEN_CONNECTION_WITH_RETRY_FAILED;

/// How long a running cleanup is waited for before the lease file is opened.
const CLEANUP_LIMIT: Duration = Duration::from_secs(30);
/// How often it is looked whether it still runs.
const CLEANUP_PAUSE: Duration = Duration::from_millis(50);

/// A lease store, as far as a server has to know what is behind it.
pub trait Store<L: Kept>: LeaseStore<L> + Debug + Sized + 'static {
    /// Whether it may have to be waited for. If not, its futures are ready when they are polled first.
    fn waits(&self) -> bool;

    /// The leases in memory, if that is where they are: what has a file, and cleans it up.
    fn memfile(&self) -> Option<&Memfile<L>>;

    /// Connects to a database, with so many connections, if leases can be kept in one.
    ///
    /// # Errors
    /// When it cannot be reached or used, or this is no store for databases.
    fn connect(
        at: &DatabaseAt,
        _connections: usize,
    ) -> impl Future<Output = Result<Self, StoreError>> + Send {
        let refused = StoreError::refused(format!("open {}", at.access), "leases are kept in memory here");
        std::future::ready(Err(refused))
    }

    /// What stands in the place of a database that cannot be reached yet, if leases can be kept in one.
    fn absent(_reach: watch::Receiver<Reach>) -> Option<Self> {
        None
    }

    /// Keeps so many connections from now on, if it is a database that is connected to.
    fn resize(&self, _connections: usize) {}

    /// How the database can be reached, if it is one that is connected to.
    fn reach(&self) -> Option<watch::Receiver<Reach>> {
        None
    }
}

impl<L: Kept> Store<L> for Memfile<L> {
    fn waits(&self) -> bool {
        false
    }

    fn memfile(&self) -> Option<&Memfile<L>> {
        Some(self)
    }
}

/// Opens a store and reads what is in it. It may take long, and is called where nothing else waits for it.
pub type Open<S> = Arc<dyn Fn(Options) -> Result<S, StoreError> + Send + Sync>;

/// Leases, and where they are kept. The next configuration takes them over if it keeps its leases there, too.
#[derive(Debug)]
pub(crate) struct Stored<F: Flow> {
    /// The lease file, if there is one.
    pub(crate) at: Option<PathBuf>,
    /// The database, if that is where they are.
    pub(crate) database: Option<DatabaseAt>,
    pub(crate) leases: LeasesOf<F>,
    /// What takes the place of this, if the database was not there when the server started.
    pub(crate) awaited: Option<Awaited<Self>>,
}

impl<F: Flow> Stored<F> {
    /// Opens leases. A cleanup that a former server started is waited for.
    pub(crate) async fn open(
        open: &Open<F::Store>,
        options: Options,
        counters: CountersOf<F>,
        clock: &Clock,
    ) -> Result<Arc<Self>, StoreError> {
        let at = options.path.clone();
        if let Some(path) = &at {
            let start = clock.moment();
            while LfcFiles::of(path).in_use() && clock.moment().since(start) < CLEANUP_LIMIT {
                clock.sleep(CLEANUP_PAUSE).await;
            }
        }
        let open = open.clone();
        let store = aside(move || open(options)).await?;
        let leases = Leases::new(store, counters);
        Ok(Arc::new(Self { at, database: None, leases, awaited: None }))
    }

    /// Connects to a database, or begins to wait for it.
    pub(crate) async fn connect(
        at: DatabaseAt,
        connections: usize,
        counters: impl Fn() -> CountersOf<F>,
        patience: Patience<'_>,
    ) -> Result<Arc<Self>, StoreError> {
        Keeps::Leases.in_a(at.access.engine).opens(&at.given);
        let place = at.clone();
        let open = move || -> Opening<'static, F::Store> {
            let place = place.clone();
            Box::pin(async move { F::Store::connect(&place, connections).await })
        };
        let of = |at, store, counters, awaited| {
            let leases = Leases::new(store, counters);
            Self { at: None, database: Some(at), leases, awaited }
        };
        let error = match open().await {
            Ok(store) => return Ok(Arc::new(of(at, store, counters(), None))),
            Err(error) => error,
        };
        let Some(clock) = patience.waits(&at, &error) else { return Err(error) };
        let (named, counted) = (at.clone(), counters());
        let make = move |store| of(named, store, counted, None);
        let awaited = Awaited::begin(at.retry, clock.clone(), &error, open, make);
        let Some(absent) = F::Store::absent(awaited.reach()) else { return Err(error) };
        DHCPSRV_LEASE_MGR_DB_OPEN_CONNECTION_WITH_RETRY_FAILED(&at.given, &error.source);
        Ok(Arc::new(of(at, absent, counters(), Some(awaited))))
    }

    /// The leases of the database that was waited for, if it has come.
    pub(crate) fn come(&self) -> Option<Arc<Self>> {
        self.awaited.as_ref()?.come()
    }

    /// Acts on what can change while leases stay where they are.
    pub(crate) fn set(&self, process: &Process) {
        let store = self.leases.store();
        if let (Some(memfile), Some(config)) = (store.memfile(), process.lease_database.memfile()) {
            memfile.set_durability(config.durability);
        }
        store.resize(connections(process));
    }
}

/// How many connections to a database a configuration wants: one for each thread, and one for what the others ask meanwhile.
pub(crate) fn connections(process: &Process) -> usize {
    thread_count(process) + 1
}

/// The opening of a store. It is boxed, as it is a part of futures that nest deeply.
pub(crate) type Opening<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Whether a database is waited for that cannot be reached.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Patience<'a> {
    /// As `retry-on-startup` wants: the server does what `on-fail` says meanwhile.
    AsConfigured(&'a Clock),
    /// Not at all: a server that serves goes on as before.
    None,
}

impl<'a> Patience<'a> {
    /// By which clock it is waited for a database that could not be opened, if it is.
    pub(crate) fn waits(self, at: &DatabaseAt, error: &StoreError) -> Option<&'a Clock> {
        let may = at.retry_at_start && (at.retry.tries > 0 || at.retry.for_ever);
        match self {
            Self::AsConfigured(clock) if may && error.failure == Failure::Unavailable => Some(clock),
            _ => None,
        }
    }
}
