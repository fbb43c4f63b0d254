//! Everything that a database has for one server, in one look at it.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::audit::{Changed, Seen};
use super::object::{Object, OddRow};
use super::{ALL, Protocol};
use crate::connection::Connection;
use crate::engine::Engine;
use crate::error::{SqlError, Trouble};

/// Reads what is for one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigReader {
    pub(super) protocol: Protocol,
    tag: String,
}

/// An object, and the number of its row.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The number.
    pub key: i64,
    /// What a configuration would say.
    pub map: Map<String, Json>,
}

/// What a database has for one server: of what may be for all and for one that for the one alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configuration {
    /// Global parameters, each a `name` and a `value`. A name with a dot is one in a map.
    pub globals: Vec<Arc<Kept>>,
    /// Definitions of options.
    pub definitions: Vec<Arc<Kept>>,
    /// Options of all clients.
    pub options: Vec<Arc<Kept>>,
    /// Client classes, in order.
    pub classes: Vec<Arc<Kept>>,
    /// Shared networks, without their subnets.
    pub networks: Vec<Arc<Kept>>,
    /// Subnets, which name their shared network ([`NETWORK_NAME`](super::NETWORK_NAME)).
    pub subnets: Vec<Arc<Kept>>,
}

/// What was read, and up to which change.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    /// What was read.
    pub configuration: Configuration,
    seen: Seen,
}

/// What came of a look at a database in which something changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Up to which change was looked.
    pub seen: Seen,
    /// What there is now, or the row that makes no sense.
    pub read: Result<Fetched, OddRow>,
}

impl Fetched {
    /// Up to which change was read.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }
}

/// Why nothing was read.
#[derive(Debug)]
pub enum Unread {
    /// The database did not answer, or has not the tables of today.
    Sql(SqlError),
    /// This row makes no sense.
    Odd(OddRow),
}

impl From<SqlError> for Unread {
    fn from(error: SqlError) -> Self {
        Self::Sql(error)
    }
}

impl From<OddRow> for Unread {
    fn from(row: OddRow) -> Self {
        Self::Odd(row)
    }
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sql(error) => error.fmt(f),
            Self::Odd(row) => row.fmt(f),
        }
    }
}

impl ConfigReader {
    /// A reader of what is for the server with this `server-tag`, or for all servers; without a tag for those alone.
    pub fn new(protocol: Protocol, tag: &str) -> Self {
        Self { protocol, tag: tag.to_owned() }
    }

    /// The tags of what is read: that of the server last.
    pub(super) fn tags(&self) -> [&str; 2] {
        [ALL, if self.tag.is_empty() { ALL } else { &self.tag }]
    }

    /// Everything.
    ///
    /// # Errors
    /// As [`Unread`] says.
    pub async fn everything(&self, connection: &mut Connection) -> Result<Fetched, Unread> {
        match self.look(connection, None, None).await? {
            Some(Look { read, .. }) => Ok(read?),
            None => Err(SqlError::refused("there is nothing to read").into()),
        }
    }

    /// The same, if something changed since `former`; none, if nothing. Only kinds of objects are read of which something
    /// changed.
    ///
    /// # Errors
    /// As [`Unread`] says. Then the same changes are found the next time.
    pub async fn changes(
        &self,
        connection: &mut Connection,
        former: &Fetched,
    ) -> Result<Option<Fetched>, Unread> {
        match self.look(connection, Some(&former.seen), Some(former)).await? {
            Some(Look { read, .. }) => Ok(Some(read?)),
            None => Ok(None),
        }
    }

    /// What there is now, if something changed since `looked`; of what changed since `former`, the rest of which is taken
    /// over. Without them everything.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn look(
        &self,
        connection: &mut Connection,
        looked: Option<&Seen>,
        former: Option<&Fetched>,
    ) -> Result<Option<Look>, SqlError> {
        begin(connection).await?;
        let look = self.look_within(connection, looked, former).await;
        // Of a lost connection the database ends it itself.
        if look.as_ref().is_err_and(|error| error.trouble == Trouble::Lost) {
            return look;
        }
        match (connection.script("ROLLBACK").await, look) {
            (Err(error), Ok(_)) => Err(error),
            (_, look) => look,
        }
    }

    async fn look_within(
        &self,
        connection: &mut Connection,
        looked: Option<&Seen>,
        former: Option<&Fetched>,
    ) -> Result<Option<Look>, SqlError> {
        let before = former.map(|former| &former.seen);
        let mut since_looked = None;
        if let Some(looked) = looked {
            let mut seen = looked.clone();
            let changed = sql(self.changed(connection, &mut seen).await)?;
            if changed.as_ref().is_ok_and(|changed| changed.is_empty()) {
                return Ok(None);
            }
            since_looked = (Some(looked) == before).then_some((seen, changed));
        }
        let (seen, changed) = match since_looked {
            Some(since_looked) => since_looked,
            None => {
                let mut seen = before.cloned().unwrap_or_default();
                let changed = sql(self.changed(connection, &mut seen).await)?;
                (seen, changed)
            }
        };
        let read = match (changed, former) {
            (Ok(changed), Some(former)) => {
                self.updated(connection, former.configuration.clone(), &changed).await
            }
            (Ok(_), None) => self.whole(connection).await,
            (Err(odd), _) => Err(odd.into()),
        };
        let fetched = |configuration| Fetched { configuration, seen: seen.clone() };
        let read = sql(read)?.map(fetched);
        Ok(Some(Look { seen, read }))
    }

    async fn whole(&self, connection: &mut Connection) -> Result<Configuration, Unread> {
        Ok(Configuration {
            globals: self.globals(connection).await?,
            definitions: self.definitions(connection).await?,
            options: self.options(connection).await?,
            classes: self.classes(connection).await?,
            networks: self.networks(connection).await?,
            subnets: self.subnets(connection, None).await?,
        })
    }

    /// What was read before, with those kinds of objects read again that changed; of a few subnets only these.
    async fn updated(
        &self,
        connection: &mut Connection,
        mut former: Configuration,
        changed: &Changed,
    ) -> Result<Configuration, Unread> {
        let of = |object: Object| changed.get(&self.protocol.named(object.table));
        // Everything may be for other servers then.
        if of(self.protocol.servers()).is_some() {
            return self.whole(connection).await;
        }
        if of(self.protocol.globals()).is_some() {
            former.globals = self.globals(connection).await?;
        }
        if of(self.protocol.definitions()).is_some() {
            former.definitions = self.definitions(connection).await?;
        }
        if of(self.protocol.options()).is_some() {
            former.options = self.options(connection).await?;
        }
        if of(self.protocol.classes()).is_some() {
            former.classes = self.classes(connection).await?;
        }
        let networks = of(self.protocol.networks());
        if networks.is_some() {
            former.networks = self.networks(connection).await?;
        }
        match of(self.protocol.subnets()) {
            // With a network, what its subnets say of it is gone, which is not told.
            _ if networks.is_some() => former.subnets = self.subnets(connection, None).await?,
            Some(numbers) if numbers.len() <= FEW => {
                let read = self.subnets(connection, Some(numbers)).await?;
                for number in numbers {
                    if let Ok(at) = former.subnets.binary_search_by_key(number, |subnet| subnet.key) {
                        former.subnets.remove(at);
                    }
                }
                for subnet in read {
                    let at = former.subnets.partition_point(|other| other.key < subnet.key);
                    former.subnets.insert(at, subnet);
                }
            }
            Some(_) => former.subnets = self.subnets(connection, None).await?,
            None => {}
        }
        Ok(former)
    }
}

/// So many subnets are asked for by number.
const FEW: usize = 100;

/// Tells a database that does not answer from a row that makes no sense.
fn sql<T>(read: Result<T, Unread>) -> Result<Result<T, OddRow>, SqlError> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(Unread::Odd(row)) => Ok(Err(row)),
        Err(Unread::Sql(error)) => Err(error),
    }
}

/// Begins one look: what others change meanwhile is not in it.
async fn begin(connection: &mut Connection) -> Result<(), SqlError> {
    match connection.engine() {
        Engine::Sqlite => connection.script("BEGIN").await,
        Engine::Postgres => connection.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await,
        Engine::MySql => {
            connection.script("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await?;
            connection.script("START TRANSACTION WITH CONSISTENT SNAPSHOT").await
        }
    }
}
