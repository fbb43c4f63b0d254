//! What a command works on, and where it runs.
//!
//! Commands run on threads for what takes a while: they may wait for a database, or look at a million leases, and
//! nothing else of the server waits for them. Of the store they ask a bounded number of leases at a time, so that a
//! client's exchange never waits for more than that.

use std::sync::Arc;

use kotare_control::{Reply, Request, Response, behind, blocking};
use kotare_engine::hooks::Cause;
use kotare_engine::{Answer, AnyLeases};
use kotare_model::{SubnetId, Timestamp};
use kotare_store::{Change, Found, PageFilter, Put, Queue, QueueChange, SharedPool, StoreError};
use tokio::runtime::Handle;

use super::LeaseCmds;
use super::family::Commanded;
use crate::arguments::Refused;
use crate::dns_updates::Updates;
use crate::give_way::give_way;
use crate::{Server, Serving};

/// What a command answers, or why it is not done.
pub(super) type Done = Result<Response, Refused>;

/// How many leases are asked for at once.
const SLICE: usize = 512;

/// What a command works on: a configuration and its leases, which stay the same until it is done.
pub(super) struct Scene<L: Commanded> {
    /// The server itself.
    pub(super) server: Arc<dyn Server<L, L::Engine>>,
    serving: Arc<dyn Serving<L, L::Engine>>,
    runtime: Handle,
    /// What has names changed in the DNS, if anything does.
    pub(super) updates: Option<Arc<Updates<L>>>,
    /// What time it is.
    pub(super) now: Timestamp,
}

/// The reply of a command that does `work`.
pub(super) fn command<L: Commanded>(
    module: &LeaseCmds<L>,
    request: Request,
    work: fn(&Scene<L>, &Request) -> Done,
) -> Reply<'static> {
    blocking(doing(module, request, work))
}

/// The same of one that can wait: it stands back behind clients.
pub(super) fn command_behind<L: Commanded>(
    module: &LeaseCmds<L>,
    request: Request,
    work: fn(&Scene<L>, &Request) -> Done,
) -> Reply<'static> {
    Box::pin(behind(doing(module, request, work)))
}

/// What a thread does for such a reply.
fn doing<L: Commanded>(
    module: &LeaseCmds<L>,
    request: Request,
    work: fn(&Scene<L>, &Request) -> Done,
) -> impl FnOnce() -> Response + Send + 'static {
    let scene = Scene::of(module);
    move || {
        let done = scene.and_then(|scene| work(&scene, &request));
        done.unwrap_or_else(Response::from)
    }
}

impl<L: Commanded> Scene<L> {
    /// What a command of now works on.
    pub(super) fn of(module: &LeaseCmds<L>) -> Result<Self, Refused> {
        let server = module.server.get().ok_or("the server is about to end")?;
        Ok(Self {
            serving: server.serving(),
            now: server.now(),
            runtime: Handle::current(),
            updates: module.updates.clone(),
            server,
        })
    }

    /// What is configured.
    pub(super) fn config(&self) -> &L::Config {
        self.serving.config()
    }

    fn leases(&self) -> &dyn AnyLeases<L> {
        self.serving.leases()
    }

    /// Does what waits for the store, on a thread that may wait.
    pub(super) fn finish<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// The answer of the store.
    fn wait<T>(&self, answer: Answer<'_, T>) -> Result<T, Refused> {
        self.finish(answer).map_err(refused)
    }

    /// The leases asked for.
    pub(super) fn get<'a>(&'a self, by: L::By<'a>) -> Result<Found<L>, Refused> {
        self.finish(self.found(by))
    }

    /// The same for who may not wait.
    pub(super) async fn found<'a>(&'a self, by: L::By<'a>) -> Result<Found<L>, Refused> {
        self.leases().get(by).await.map_err(refused)
    }

    /// Changes a lease if it still is as expected.
    pub(super) fn put(&self, change: Change<'_, L>) -> Result<Put<L>, Refused> {
        self.finish(self.changed(change))
    }

    /// The same for who may not wait.
    pub(super) async fn changed(&self, change: Change<'_, L>) -> Result<Put<L>, Refused> {
        self.leases().put(change, Cause::Command, self.now).await.map_err(refused)
    }

    /// The queues of what is free, if there can be some.
    pub(super) fn queues(&self) -> Result<Option<Vec<Queue<L::Address>>>, Refused> {
        self.wait(self.leases().queues())
    }

    /// Changes a queue.
    pub(super) fn change_queue(
        &self,
        pool: SharedPool<L::Address>,
        change: QueueChange,
    ) -> Result<(), Refused> {
        self.wait(self.leases().change_queue(pool, change))
    }

    /// Keeps what was changed as safe as configured, which an answer promises, and shows it in the statistics.
    pub(super) fn flush(&self) -> Result<(), Refused> {
        self.finish(self.flushed())
    }

    async fn flushed(&self) -> Result<(), Refused> {
        self.server.statistics().tick(self.server.since_epoch());
        self.leases().flush().await.map_err(refused)
    }

    /// The same for who may not wait, if it can be done so; whether it was ([`LeaseStore::flush_at_once`]).
    ///
    /// [`LeaseStore::flush_at_once`]: kotare_store::LeaseStore::flush_at_once
    pub(super) async fn flushed_at_once(&self) -> Result<bool, Refused> {
        self.server.statistics().tick(self.server.since_epoch());
        self.leases().flush_at_once().await.map_err(refused)
    }

    /// Whether answers of the store take their time.
    pub(super) fn is_far(&self) -> bool {
        self.leases().is_far()
    }

    /// Hands on the leases with an address above `after`, by address, of one subnet or of all, until there is no more or
    /// `take` says that it has enough.
    pub(super) fn each(
        &self,
        after: Option<L::Address>,
        subnet: Option<SubnetId>,
        mut take: impl FnMut(L) -> Result<bool, Refused>,
    ) -> Result<(), Refused> {
        let mut after = after;
        loop {
            let slice = self.wait(self.leases().page(after, SLICE, PageFilter { subnet, relayed: None }))?;
            let is_last = slice.len() < SLICE;
            after = slice.last().map(L::address);
            for (at, lease) in slice.into_iter().enumerate() {
                give_way(at);
                if !take(lease)? {
                    return Ok(());
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

/// What the store could not do.
fn refused(error: StoreError) -> Refused {
    Refused::error(error.to_string())
}
