//! The configuration in a database, over a connection that is made again when it is lost.

use std::sync::Arc;

use tokio::sync::{oneshot, watch};

use super::audit::Seen;
use super::read::{ConfigReader, Fetched, Look};
use crate::access::Access;
use crate::connection::Connection;
use crate::error::{SqlError, Trouble};
use crate::link::{Link, Reach, Retry, Work};
use crate::schema::{self, Version};

/// The configuration of one server in a database.
#[derive(Debug)]
pub struct SqlConfig {
    link: Link<ConfigReader>,
}

/// What is waited for.
#[derive(Debug)]
pub(crate) struct Ask {
    looked: Option<Seen>,
    former: Option<Arc<Fetched>>,
    waiting: oneshot::Sender<Result<Option<Look>, SqlError>>,
}

impl SqlConfig {
    /// Connects to a database that has Kea's tables of today (in a file of SQLite they are made), and stays connected to it in
    /// a task of this runtime.
    ///
    /// # Errors
    /// When the database cannot be reached, does not let us in, or has not these tables.
    pub async fn open(access: Access, retry: Retry, reader: ConfigReader) -> Result<Self, SqlError> {
        let mut first = Link::<ConfigReader>::first(&access).await?;
        if !access.readonly {
            schema::make_if_own(&mut first, &access).await?;
        }
        check(&mut first).await?;
        Ok(Self { link: Link::new(first, access, retry, 1, reader) })
    }

    /// The same of a database that was not there just now, for this reason: it is looked for from now on.
    pub fn later(reason: String, access: Access, retry: Retry, reader: ConfigReader) -> Self {
        Self { link: Link::later(reason, access, retry, 1, reader) }
    }

    /// How the database can be reached, now and whenever that changes.
    pub fn reach(&self) -> watch::Receiver<Reach> {
        self.link.reach()
    }

    /// As [`ConfigReader::look`].
    ///
    /// # Errors
    /// When the database cannot be reached or does not answer.
    pub async fn look(
        &self,
        looked: Option<Seen>,
        former: Option<Arc<Fetched>>,
    ) -> Result<Option<Look>, SqlError> {
        let (waiting, answer) = oneshot::channel();
        self.link.ask(Ask { looked, former, waiting });
        answer.await.unwrap_or_else(|_| Err(SqlError::lost("the connection ended")))
    }
}

impl Work for ConfigReader {
    type Ask = Ask;

    async fn run(&self, connection: &mut Connection, asks: Vec<Ask>) -> Result<(), SqlError> {
        let mut lost = None;
        for ask in asks {
            if let Some(error) = &lost {
                Self::fail(ask, error);
                continue;
            }
            let Ask { looked, former, waiting } = ask;
            let look = self.look(connection, looked.as_ref(), former.as_deref()).await;
            if let Err(error) = &look
                && error.trouble == Trouble::Lost
            {
                lost = Some(error.again());
            }
            drop(waiting.send(look));
        }
        lost.map_or(Ok(()), Err)
    }

    fn fail(ask: Ask, error: &SqlError) {
        drop(ask.waiting.send(Err(error.again())));
    }

    async fn suits(&self, connection: &mut Connection) -> Result<(), SqlError> {
        check(connection).await
    }
}

/// Looks whether a database has the tables of today, all columns of which are read.
async fn check(connection: &mut Connection) -> Result<(), SqlError> {
    let (found, current) = (Version::check(connection).await?, Version::current(connection.engine()));
    match found.major == current.major {
        true => Ok(()),
        false => Err(SqlError::refused(format!(
            "its schema has the version {found}, and configurations are read from {current}: upgrade it with kea-admin db-upgrade"
        ))),
    }
}
