//! What leases are kept in: which store, where, and how it is opened.

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kotare_config::process;
use kotare_control::aside;
use kotare_daemon::Clock;
use kotare_engine::Leases;
use kotare_store::{LeaseStore, StoreError};
use kotare_store_memfile::{Kept, LfcFiles, Memfile, Options};

use crate::family::{CountersOf, Flow, LeasesOf};

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
    pub(crate) leases: LeasesOf<F>,
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
        Ok(Arc::new(Self { at, leases: Leases::new(store, counters) }))
    }

    /// Acts on what can change while leases stay where they are.
    pub(crate) fn set(&self, config: &process::Memfile) {
        if let Some(memfile) = self.leases.store().memfile() {
            memfile.set_durability(config.durability);
        }
    }
}
