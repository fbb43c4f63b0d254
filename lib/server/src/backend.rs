//! What a server of a program keeps its leases in: in memory with a journal, or in a database.

use std::sync::Arc;

use kotare_model::{SubnetId, Tally, Timestamp};
use kotare_process::DatabaseAt;
use kotare_store::{
    Ahead, Change, Counted, Found, LeaseStore, NextFree, PageFilter, Put, Queue, QueueChange, SharedPool,
    StoreError,
};
use kotare_store_memfile::{Kept, Memfile};
use kotare_store_sql::{Reach, Record, SqlLeases};
use tokio::sync::watch;

use crate::awaited::Absent;
use crate::stores::Store;

/// A memfile or a database, be it there or not. On the way of a packet it costs a branch which one it is.
#[derive(Debug)]
pub enum Backend<L: Kept + Record> {
    /// In memory.
    Memfile(Memfile<L>),
    /// In a database.
    Sql(SqlLeases<L>),
    /// In a database that was not there when the server started.
    Absent(Absent<L>),
}

/// Asks whichever it is.
macro_rules! either {
    ($self:ident, $store:ident => $call:expr) => {
        match $self {
            Backend::Memfile($store) => $call.await,
            // What waits is kept apart, so that what does not wait is not as large.
            Backend::Sql($store) => Box::pin($call).await,
            Backend::Absent($store) => $call.await,
        }
    };
}

impl<L: Kept + Record> LeaseStore<L> for Backend<L> {
    fn is_there(&self) -> bool {
        !matches!(self, Self::Absent(_))
    }

    fn is_far(&self) -> bool {
        self.waits()
    }

    async fn get(&self, by: L::By<'_>) -> Result<Found<L>, StoreError> {
        either!(self, store => store.get(by))
    }

    async fn put(&self, change: Change<'_, L>) -> Result<Put<L>, StoreError> {
        either!(self, store => store.put(change))
    }

    async fn expired(
        &self,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<L>, StoreError> {
        either!(self, store => store.expired(subnet, now, limit))
    }

    async fn remove_reclaimed(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        either!(self, store => store.remove_reclaimed(before, limit))
    }

    async fn page(
        &self,
        after: Option<L::Address>,
        limit: usize,
        filter: PageFilter<'_>,
    ) -> Result<Vec<L>, StoreError> {
        either!(self, store => store.page(after, limit, filter))
    }

    async fn index_relayed(&self, leases: &[L]) -> Result<u64, StoreError> {
        either!(self, store => store.index_relayed(leases))
    }

    async fn share(&self, pools: Vec<SharedPool<L::Address>>) -> Result<(), StoreError> {
        either!(self, store => store.share(pools))
    }

    async fn next_free(&self, pool: SharedPool<L::Address>) -> Result<NextFree<L::Address>, StoreError> {
        either!(self, store => store.next_free(pool))
    }

    async fn queues(&self) -> Result<Option<Vec<Queue<L::Address>>>, StoreError> {
        either!(self, store => store.queues())
    }

    async fn change_queue(
        &self,
        pool: SharedPool<L::Address>,
        change: QueueChange,
    ) -> Result<(), StoreError> {
        either!(self, store => store.change_queue(pool, change))
    }

    async fn tally(&self) -> Result<Vec<Tally>, StoreError> {
        either!(self, store => store.tally())
    }

    async fn count(&self, of: Counted<'_>) -> Result<Option<u64>, StoreError> {
        either!(self, store => store.count(of))
    }

    fn precede(&self, ahead: &Arc<dyn Ahead>) -> bool {
        match self {
            Self::Memfile(memfile) => memfile.precede(ahead),
            Self::Sql(leases) => leases.precede(ahead),
            Self::Absent(absent) => absent.precede(ahead),
        }
    }

    async fn flush(&self) -> Result<(), StoreError> {
        either!(self, store => store.flush())
    }

    async fn flush_at_once(&self) -> Result<bool, StoreError> {
        either!(self, store => store.flush_at_once())
    }
}

impl<L: Kept + Record> Store<L> for Backend<L> {
    fn waits(&self) -> bool {
        !matches!(self, Self::Memfile(_))
    }

    fn memfile(&self) -> Option<&Memfile<L>> {
        match self {
            Self::Memfile(memfile) => Some(memfile),
            Self::Sql(_) | Self::Absent(_) => None,
        }
    }

    async fn connect(at: &DatabaseAt, connections: usize) -> Result<Self, StoreError> {
        let opened = SqlLeases::open(at.access.clone(), at.retry, connections).await;
        opened
            .map(Self::Sql)
            .map_err(|error| error.into_store(format!("open the lease database ({})", at.access)))
    }

    fn absent(reach: watch::Receiver<Reach>) -> Option<Self> {
        Some(Self::Absent(Absent::new(reach)))
    }

    fn resize(&self, connections: usize) {
        if let Self::Sql(leases) = self {
            leases.resize(connections);
        }
    }

    fn reach(&self) -> Option<watch::Receiver<Reach>> {
        match self {
            Self::Memfile(_) => None,
            Self::Sql(leases) => Some(leases.reach()),
            Self::Absent(absent) => Some(absent.reach()),
        }
    }
}
