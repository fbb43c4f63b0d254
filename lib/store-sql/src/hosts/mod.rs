//! Reservations in the tables `hosts`, `ipv6_reservations`, `dhcp4_options` and `dhcp6_options`.
//!
//! - [`SqlHosts`]: the store.
//! - `batch`: many questions at once, on one connection.
//! - `edit`: changes, each in a transaction.
//! - `statements`: what is said to the database.
//! - [`HostRecord`]: a reservation as rows, of either family (`v4`, `v6`), with its options (`option`), in any version of
//!   the schema (`layout`).
//! - [`OddRow`]: rows that make no sense are left out, and told.

mod batch;
mod edit;
mod layout;
mod odd;
mod option;
mod query;
mod record;
mod statements;
mod v4;
mod v6;

use std::sync::Arc;

use kotare_model::{Reservation, SubnetId};
use kotare_store::{Edited, HostCursor, HostPage, HostQuery, HostSource, HostStore, StoreError};
use tokio::sync::{oneshot, watch};

use crate::access::Access;
use crate::engine::Engine;
use crate::error::SqlError;
use crate::link::{Link, Reach, Retry};
use crate::schema;
use batch::{Ask, Clients};
use edit::{Done, Edit, Editor};
use layout::Layout;
pub use odd::OddRow;
use odd::Oddities;
use query::OwnQuery;
pub use record::HostRecord;
use record::assemble;
use statements::{HOSTS, Statements};

/// Reservations in a database.
#[derive(Debug)]
pub struct SqlHosts<R: HostRecord> {
    link: Link<Clients<R>>,
    editor: Arc<Editor<R>>,
}

impl<R: HostRecord> SqlHosts<R> {
    /// Connects to a database that has Kea's tables (in a file of SQLite they are made), and keeps so many connections to it
    /// in the tasks of this runtime. `tell` hears of rows that make no sense, once of each.
    ///
    /// # Errors
    /// When the database cannot be reached, does not let us in, has no such tables, or those of a version that is too old
    /// or too new.
    pub async fn open(
        access: Access,
        retry: Retry,
        connections: usize,
        tell: impl Fn(OddRow) + Send + Sync + 'static,
    ) -> Result<Self, SqlError> {
        let mut first = Link::<Clients<R>>::first(&access).await?;
        let connections = useful(access.engine, connections);
        if !access.readonly {
            schema::make_if_own(&mut first, &access).await?;
        }
        schema::check(&mut first).await?;
        let statements = Statements::<R>::of(Layout::of::<R>(&mut first).await?);
        let odd = Arc::new(Oddities::new(tell));
        let clients = Clients { statements: statements.clone(), odd: odd.clone() };
        let editor = Arc::new(Editor { statements, odd });
        Ok(Self { link: Link::new(first, access, retry, connections, clients), editor })
    }

    /// How the database can be reached, now and whenever that changes.
    pub fn reach(&self) -> watch::Receiver<Reach> {
        self.link.reach()
    }

    /// Keeps so many connections from now on.
    pub fn resize(&self, connections: usize) {
        self.link.resize(useful(self.access().engine, connections));
    }

    /// Where the reservations are.
    pub fn access(&self) -> &Access {
        self.link.access()
    }

    /// Refuses what would be changed where that is not done.
    fn refuse_readonly(&self, attempted: &str) -> Result<(), StoreError> {
        let Access { engine, readonly, .. } = self.access();
        if !readonly {
            return Ok(());
        }
        let backend = format!("{} host database backend", engine.title());
        Err(StoreError::refused(attempted, format!("{backend} is configured to operate in read only mode")))
    }

    async fn edit(&self, attempted: String, edit: Edit<R>) -> Result<Done, StoreError> {
        self.refuse_readonly(&attempted)?;
        let editor = self.editor.clone();
        let done =
            self.link.aside(move |connection| Box::pin(async move { editor.run(connection, &edit).await }));
        done.await.map_err(|error| error.into_store(attempted))
    }

    /// Adds or changes a reservation.
    async fn edit_one(
        &self,
        attempted: &str,
        host: &Reservation<R>,
        edit: impl FnOnce(Reservation<R>) -> Edit<R>,
    ) -> Result<Edited, StoreError> {
        let attempted = format!("{attempted} the reservation of {} in subnet {}", host.id(), host.subnet);
        // They stand in one text with commas between.
        if let Some(name) = host.classes.iter().find(|name| name.contains(',')) {
            return Err(StoreError::refused(attempted, format!("the name of class {name} has a comma")));
        }
        Ok(self.edit(attempted, edit(host.clone())).await?.edited)
    }
}

/// How many connections are of use. A file has one writer at a time, and its readers are quick.
fn useful(engine: Engine, connections: usize) -> usize {
    if engine == Engine::Sqlite { 1 } else { connections }
}

impl<R: HostRecord> HostSource<R> for SqlHosts<R> {
    async fn get(&self, query: HostQuery<'_, R::Address>) -> Result<Vec<Reservation<R>>, StoreError> {
        if query.is_empty() {
            return Ok(Vec::new());
        }
        let (waiting, answer) = oneshot::channel();
        self.link.ask(Ask { query: OwnQuery::of(query), waiting });
        let ended = |_| Err(StoreError::unavailable("look for reservations", "the connection ended"));
        answer.await.unwrap_or_else(ended)
    }

    async fn page(
        &self,
        after: Option<HostCursor>,
        limit: usize,
        subnet: Option<SubnetId>,
    ) -> Result<HostPage<R>, StoreError> {
        let Editor { statements, odd } = &*self.editor;
        let limit = limit.min(HOSTS);
        let rows = self.link.rows(statements.page(after, limit, subnet)).await;
        let rows = rows.map_err(|error| error.into_store("list reservations"))?;
        // Rows that make no sense fill a page, too.
        let filled = rows.chunk_by(|one, next| one.int(0) == next.int(0)).count() >= limit;
        let last = rows.last().and_then(|row| row.number(0)).map(HostCursor);
        let hosts = assemble::<R>(&rows, &statements.layout, odd);
        let hosts = hosts.into_iter().map(|kept| kept.host).collect();
        Ok(HostPage { hosts, next: last.filter(|_| filled) })
    }
}

impl<R: HostRecord> HostStore<R> for SqlHosts<R> {
    fn may_change(&self) -> Result<(), StoreError> {
        const ATTEMPTED: &str = "change reservations";
        self.refuse_readonly(ATTEMPTED)?;
        match &*self.reach().borrow() {
            Reach::Up => Ok(()),
            Reach::Lost { reason, .. } | Reach::GivenUp { reason } => {
                Err(StoreError::unavailable(format!("{ATTEMPTED} ({})", self.access()), reason.clone()))
            }
        }
    }

    async fn add(&self, host: &Reservation<R>, unique: bool) -> Result<Edited, StoreError> {
        self.edit_one("add", host, |host| Edit::Add(host, unique)).await
    }

    async fn update(&self, host: &Reservation<R>, unique: bool) -> Result<Edited, StoreError> {
        self.edit_one("change", host, |host| Edit::Update(host, unique)).await
    }

    async fn delete(&self, query: HostQuery<'_, R::Address>) -> Result<usize, StoreError> {
        if query.is_empty() {
            return Ok(0);
        }
        let edit = Edit::Delete(OwnQuery::of(query));
        Ok(self.edit("remove reservations".to_owned(), edit).await?.removed)
    }
}
