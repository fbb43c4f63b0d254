//! Leases in the tables `lease4` and `lease6`.
//!
//! - [`SqlLeases`]: the store.
//! - [`Bulk`]: leases by the hundreds, for programs that carry them.
//! - `batch`: many questions and changes at once, on one connection; `changes`: what became of each change.
//! - `checkpoint`: what keeps the log of a file of SQLite short.
//! - `statements`: what is said to the database.
//! - `shared`: queues of what is free that servers share; `relayed` and `index`: what finds leases by what relay agents said.
//! - [`Record`]: a lease as a row, of either family (`v4`, `v6`), in any version of the schema (`layout`).
//!
//! Whether a change may be made the statement itself decides, by what it expects to be there: several servers may use one
//! database, and none of them locks anything.

mod batch;
mod bulk;
mod changes;
mod checkpoint;
mod index;
mod layout;
mod question;
mod record;
mod relayed;
mod shared;
mod statements;
mod v4;
mod v6;

use std::collections::BTreeMap;
use std::marker::PhantomData;

use kotare_model::{LeaseState, LeaseType, SubnetId, Tally, Timestamp};
use kotare_store::{
    Change, Counted, Found, LeaseStore, NextFree, PageFilter, Put, Queue, QueueChange, SharedPool, StoreError,
};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use crate::access::Access;
use crate::connection::Connection;
use crate::engine::Engine;
use crate::error::SqlError;
use crate::link::{Link, Reach, Retry, Work, unchanged};
use crate::schema;
use crate::statement::Statement;
use crate::value::Row;
use batch::{Ask, OwnChange, Waiting};
pub use bulk::{Bulk, Page};
use checkpoint::Changes;
use layout::Layout;
use question::Question;
pub use record::Record;
use statements::Statements;

/// Leases in a database.
#[derive(Debug)]
pub struct SqlLeases<L: Record> {
    link: Link<Clients<L>>,
    statements: Statements,
    /// What keeps the log of a file short; ends with the store.
    _upkeep: JoinSet<()>,
}

/// What is done for clients.
#[derive(Debug)]
struct Clients<L> {
    statements: Statements,
    /// Of a file.
    changes: Option<Changes>,
    leases: PhantomData<fn() -> L>,
}

impl<L: Record> Work for Clients<L> {
    type Ask = Ask<L>;

    async fn run(&self, connection: &mut Connection, asks: Vec<Ask<L>>) -> Result<(), SqlError> {
        let changes = asks.iter().filter(|ask| matches!(ask, Ask::Put(..))).count();
        let outcome = batch::run(&self.statements, connection, asks).await;
        if let Some(all) = &self.changes {
            all.count(changes);
        }
        outcome
    }

    fn fail(ask: Ask<L>, error: &SqlError) {
        ask.fail(error);
    }

    async fn suits(&self, connection: &mut Connection) -> Result<(), SqlError> {
        let layout = self.statements.layout;
        // Where the schema has become today's, leases are counted as before.
        let now = Layout { counts: layout.counts, ..Layout::of::<L>(connection).await? };
        unchanged(&layout, &now)
    }
}

impl<L: Record> SqlLeases<L> {
    /// Connects to a database that has Kea's tables (in a file of SQLite they are made), and keeps so many connections to
    /// it in the tasks of this runtime.
    ///
    /// # Errors
    /// When the database cannot be reached, does not let us in, has no such tables, or those of a version that is too old
    /// or too new.
    pub async fn open(access: Access, retry: Retry, connections: usize) -> Result<Self, SqlError> {
        let mut first = Link::<Clients<L>>::first(&access).await?;
        let connections = useful(access.engine, connections);
        if !access.readonly {
            schema::make_if_own(&mut first, &access).await?;
        }
        schema::check(&mut first).await?;
        let statements = Statements::of::<L>(Layout::of::<L>(&mut first).await?);
        let changes = (access.engine == Engine::Sqlite && !access.readonly).then(Changes::default);
        let mut upkeep = JoinSet::new();
        if let Some(changes) = &changes {
            upkeep.spawn(changes.clone().put_into_place(access.clone()));
        }
        let clients = Clients { statements: statements.clone(), changes, leases: PhantomData };
        let link = Link::new(first, access, retry, connections, clients);
        Ok(Self { link, statements, _upkeep: upkeep })
    }

    /// How the database can be reached, now and whenever that changes.
    pub fn reach(&self) -> watch::Receiver<Reach> {
        self.link.reach()
    }

    /// Keeps so many connections from now on.
    pub fn resize(&self, connections: usize) {
        self.link.resize(useful(self.access().engine, connections));
    }

    /// Where the leases are.
    pub fn access(&self) -> &Access {
        self.link.access()
    }

    async fn asked<T>(
        &self,
        attempted: &str,
        ask: impl FnOnce(Waiting<T>) -> Ask<L>,
    ) -> Result<T, StoreError> {
        let (waiting, answer) = oneshot::channel();
        self.link.ask(ask(waiting));
        answer.await.unwrap_or_else(|_| Err(StoreError::unavailable(attempted, "the connection ended")))
    }

    async fn rows(&self, attempted: &str, statement: Statement) -> Result<Vec<Row>, StoreError> {
        self.link.rows(statement).await.map_err(|error| error.into_store(attempted))
    }

    /// The leases of rows that make sense.
    fn leases(&self, rows: &[Row]) -> Vec<L> {
        rows.iter().filter_map(|row| L::of_row(row, &self.statements.layout).ok()).collect()
    }
}

/// How many connections are of use. A file has one writer at a time; several would wait for each other, by polling.
fn useful(engine: Engine, connections: usize) -> usize {
    if engine == Engine::Sqlite { 1 } else { connections }
}

impl<L: Record> LeaseStore<L> for SqlLeases<L> {
    async fn get(&self, by: L::By<'_>) -> Result<Found<L>, StoreError> {
        let question = L::Question::of(by);
        if question.is_empty() {
            return Ok(Found::new());
        }
        self.asked("look for leases", |waiting| Ask::Get(question, waiting)).await
    }

    async fn put(&self, change: Change<'_, L>) -> Result<Put<L>, StoreError> {
        if let Some(to) = change.to
            && let Some(reason) = record::too_late(to, &self.statements.layout)
        {
            return Err(StoreError::refused(format!("keep a lease of {}", to.address()), reason));
        }
        let change =
            OwnChange { address: change.address, from: change.from.cloned(), to: change.to.cloned() };
        self.asked("change a lease", |waiting| Ask::Put(Box::new(change), waiting)).await
    }

    async fn expired(
        &self,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<L>, StoreError> {
        let mut skipped = 0;
        loop {
            let expired = self.statements.expired(subnet, now, limit, skipped);
            let rows = self.rows("look for expired leases", expired).await?;
            let leases = self.leases(&rows);
            // Rows that make no sense, of which nothing becomes, do not keep the others from being found.
            if !leases.is_empty() || rows.is_empty() || rows.len() < limit {
                return Ok(leases);
            }
            skipped += rows.len();
        }
    }

    async fn remove_reclaimed(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let removed = self.link.execute(self.statements.remove_reclaimed(before, limit)).await;
        let removed = removed.map_err(|error| error.into_store("remove reclaimed leases"))?;
        Ok(usize::try_from(removed).unwrap_or(usize::MAX))
    }

    async fn page(
        &self,
        after: Option<L::Address>,
        limit: usize,
        filter: PageFilter<'_>,
    ) -> Result<Vec<L>, StoreError> {
        let layout = self.statements.layout;
        if filter.relayed.is_some() && !layout.finds_relayed() {
            return Err(StoreError::refused(
                "list leases by what relay agents said",
                "this database does not keep it where it can be looked for",
            ));
        }
        let mut after = after.map(|address| L::address_value(address, &layout));
        loop {
            let page = self.statements.page(after, limit, filter);
            let rows = self.rows("list leases", page).await?;
            let leases = self.leases(&rows);
            // A page without a lease is the end, for whoever asks; rows that make no sense are not.
            match rows.last() {
                Some(last) if leases.is_empty() => after = Some(last.0[0].clone()),
                _ => return Ok(leases),
            }
        }
    }

    async fn index_relayed(&self, leases: &[L]) -> Result<u64, StoreError> {
        let (statements, leases) = (self.statements.clone(), leases.to_vec());
        let indexed = self.link.aside(move |connection| {
            Box::pin(async move { index::index(&statements, connection, &leases).await })
        });
        indexed.await.map_err(|error| error.into_store("have leases found by what relay agents said"))
    }

    async fn share(&self, pools: Vec<SharedPool<L::Address>>) -> Result<(), StoreError> {
        if pools.is_empty() || !self.statements.layout.queues {
            return Ok(());
        }
        let statements = self.statements.clone();
        let shared = self.link.aside(move |connection| {
            Box::pin(async move { shared::share::<L>(&statements, connection, &pools).await })
        });
        shared.await.map_err(|error| error.into_store("see to queues of what is free"))
    }

    async fn next_free(&self, pool: SharedPool<L::Address>) -> Result<NextFree<L::Address>, StoreError> {
        if !self.statements.shared.knows(&pool) {
            return Ok(NextFree::NoQueue);
        }
        self.asked("look for what is free", |waiting| Ask::Pick(pool, waiting)).await
    }

    async fn queues(&self) -> Result<Option<Vec<Queue<L::Address>>>, StoreError> {
        if !self.statements.layout.queues {
            return Ok(None);
        }
        let rows = self.rows("list queues of what is free", self.statements.queues::<L>()).await?;
        let queue = |row: &Row| shared::queue::<L>(row, &self.statements.layout);
        Ok(Some(rows.iter().filter_map(queue).collect()))
    }

    async fn change_queue(
        &self,
        pool: SharedPool<L::Address>,
        change: QueueChange,
    ) -> Result<(), StoreError> {
        let statements = self.statements.clone();
        let changed = self.link.aside(move |connection| {
            Box::pin(async move { shared::change::<L>(&statements, connection, &pool, change).await })
        });
        changed.await.map_err(|error| error.into_store("change a queue of what is free"))
    }

    async fn tally(&self) -> Result<Vec<Tally>, StoreError> {
        let rows = self.rows("count leases", self.statements.tally()).await?;
        let mut tallies: BTreeMap<(SubnetId, LeaseType, u32), Tally> = BTreeMap::new();
        for row in &rows {
            let kind = row.number(1).and_then(LeaseType::from_number);
            let state = row.number(3).and_then(LeaseState::from_number);
            let (Some(subnet), Some(lease_type), Some(pool_id), Some(state), Some(count)) =
                (row.number(0).map(SubnetId), kind, row.number(2), state, row.number::<u64>(4))
            else {
                continue;
            };
            let tally = tallies.entry((subnet, lease_type, pool_id)).or_insert(Tally {
                subnet,
                lease_type,
                pool_id,
                ..Tally::default()
            });
            match state {
                LeaseState::Assigned => tally.assigned += count,
                LeaseState::Declined => tally.declined += count,
                LeaseState::Registered => tally.registered += count,
                LeaseState::ExpiredReclaimed | LeaseState::Released => {}
            }
        }
        Ok(tallies.into_values().collect())
    }

    async fn count(&self, of: Counted<'_>) -> Result<Option<u64>, StoreError> {
        let rows = self.rows("count leases", self.statements.count(of)).await?;
        Ok(Some(rows.first().and_then(|row| row.number(0)).unwrap_or(0)))
    }

    /// What was put was committed before it was answered.
    async fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
