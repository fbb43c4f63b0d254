//! One connection to a database of any engine.

use std::time::Duration;

use tokio::time::timeout;

use crate::access::Access;
use crate::driver::{mysql, postgres, sqlite};
use crate::engine::Engine;
use crate::error::{SqlError, Trouble};
use crate::statement::Statement;
use crate::value::Row;

/// One connection to a database. After an error of the kind [`Trouble::Lost`](crate::Trouble::Lost) it is of no use any more.
#[derive(Debug)]
pub struct Connection {
    inner: Inner,
    connect: Duration,
    answer: Option<Duration>,
}

#[derive(Debug)]
enum Inner {
    Sqlite(Box<sqlx::SqliteConnection>),
    MySql(Box<sqlx::MySqlConnection>),
    Postgres(Box<sqlx::PgConnection>),
}

/// Does the same with the connection of any engine.
macro_rules! each {
    ($self:ident, $connection:ident, $driver:ident => $what:expr) => {
        match &mut $self.inner {
            Inner::Sqlite($connection) => {
                use sqlite as $driver;
                $what.await
            }
            Inner::MySql($connection) => {
                use mysql as $driver;
                $what.await
            }
            Inner::Postgres($connection) => {
                use postgres as $driver;
                $what.await
            }
        }
    };
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Lost, when the database cannot be reached in `connect-timeout`; refused, when it does not let us in.
    pub async fn open(access: &Access) -> Result<Self, SqlError> {
        let limit = access.timeouts.connect;
        let opened = timeout(limit, async {
            Ok(match access.engine {
                Engine::Sqlite => Inner::Sqlite(Box::new(sqlite::open(access).await?)),
                Engine::MySql => Inner::MySql(Box::new(mysql::open(access).await?)),
                Engine::Postgres => Inner::Postgres(Box::new(postgres::open(access).await?)),
            })
        });
        let inner = opened.await.unwrap_or_else(|_| Err(late("a connection", limit)))?;
        Ok(Self { inner, connect: limit, answer: access.timeouts.answer })
    }

    /// What it is a connection to.
    pub fn engine(&self) -> Engine {
        match &self.inner {
            Inner::Sqlite(_) => Engine::Sqlite,
            Inner::MySql(_) => Engine::MySql,
            Inner::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs a statement and gives the rows that it answers with.
    ///
    /// # Errors
    /// Whatever the database says; lost, when it says nothing for as long as is waited.
    pub async fn rows(&mut self, statement: Statement) -> Result<Vec<Row>, SqlError> {
        let Statement { text, values, .. } = statement;
        let limit = self.answer;
        in_time(limit, async { each!(self, connection, driver => driver::rows(connection, text, values)) })
            .await
    }

    /// Runs a statement and says how many rows it changed; of MySQL, how many it found to change.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub async fn execute(&mut self, statement: Statement) -> Result<u64, SqlError> {
        let Statement { text, values, .. } = statement;
        let limit = self.answer;
        in_time(limit, async { each!(self, connection, driver => driver::execute(connection, text, values)) })
            .await
    }

    /// Runs statements without values, one after the other as they stand: those of a schema, and those that begin and end
    /// a transaction.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub async fn script(&mut self, text: &str) -> Result<(), SqlError> {
        let (text, limit) = (text.to_owned(), self.answer);
        in_time(limit, async { each!(self, connection, driver => driver::script(connection, text)) }).await
    }

    /// Begins a transaction, in which everything happens or nothing.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub async fn begin(&mut self) -> Result<(), SqlError> {
        match self.engine() {
            // Who reads first, and then would write, may find that somebody else did so.
            Engine::Sqlite => self.script("BEGIN IMMEDIATE").await,
            Engine::MySql | Engine::Postgres => self.script("BEGIN").await,
        }
    }

    /// Ends a transaction: what was done in it stays, unless it failed.
    ///
    /// # Errors
    /// Why it failed, or that it cannot stay.
    pub async fn end<T>(&mut self, outcome: Result<T, SqlError>) -> Result<T, SqlError> {
        let outcome = match outcome {
            Ok(done) => self.script("COMMIT").await.map(|()| done),
            failed => failed,
        };
        match outcome {
            // Of a lost connection the database does this itself; one that does not answer would only be waited for once more.
            Err(mut error) if error.trouble != Trouble::Lost && self.script("ROLLBACK").await.is_err() => {
                error.trouble = Trouble::Lost;
                Err(error)
            }
            outcome => outcome,
        }
    }

    /// Asks for a sign of life, for as long as a new connection would be waited for.
    ///
    /// # Errors
    /// Lost, when there is none.
    pub(crate) async fn ping(&mut self) -> Result<(), SqlError> {
        let limit = self.connect;
        let answer = async {
            match &mut self.inner {
                Inner::Sqlite(connection) => sqlx::Connection::ping(&mut **connection).await,
                Inner::MySql(connection) => sqlx::Connection::ping(&mut **connection).await,
                Inner::Postgres(connection) => sqlx::Connection::ping(&mut **connection).await,
            }
        };
        match timeout(limit, answer).await {
            Ok(answer) => answer.map_err(|error| SqlError::lost(error.to_string())),
            Err(_) => Err(late("life", limit)),
        }
    }

    /// Has the database look rows up by key, whatever it knows of its tables. PostgreSQL keeps the plan of a prepared statement,
    /// and one that was made while a table was empty reads all of it when it has a million rows. What is said to it are single
    /// statements that say what they expect to find: none has to be done again because of what somebody else read. Who holds a
    /// row for long is in the way, and no reason to give the connection up. Where a table has to be read nevertheless, that costs
    /// so much on paper that PostgreSQL would compile the statement, for seconds.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub(crate) async fn expect_keys(&mut self) -> Result<(), SqlError> {
        match self.engine() {
            Engine::Postgres => {
                self.script(
                    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off; \
                     SET default_transaction_isolation = 'read committed'; SET lock_timeout = '5s'",
                )
                .await
            }
            Engine::MySql => {
                self.script("SET SESSION innodb_lock_wait_timeout = 5").await?;
                self.see_what_others_wrote().await
            }
            Engine::Sqlite => Ok(()),
        }
    }

    /// Has the node of a cluster (Galera) answer when it has what all others were told before the question: who gets what is
    /// decided by what is read.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub(crate) async fn see_what_others_wrote(&mut self) -> Result<(), SqlError> {
        if self.engine() != Engine::MySql {
            return Ok(());
        }
        let asked = Statement::new(Engine::MySql, "SHOW VARIABLES LIKE 'wsrep_on'");
        let clustered = self.rows(asked).await?.iter().any(|row| row.text(1) == Some("ON"));
        if clustered { self.script("SET SESSION wsrep_sync_wait = 1").await } else { Ok(()) }
    }

    /// Takes leave of the database; what fails then does not matter.
    pub async fn close(self) {
        let _ = match self.inner {
            Inner::Sqlite(connection) => sqlx::Connection::close(*connection).await,
            Inner::MySql(connection) => sqlx::Connection::close(*connection).await,
            Inner::Postgres(connection) => sqlx::Connection::close(*connection).await,
        };
    }
}

async fn in_time<T>(
    limit: Option<Duration>,
    answer: impl Future<Output = Result<T, SqlError>>,
) -> Result<T, SqlError> {
    match limit {
        Some(limit) => timeout(limit, answer).await.unwrap_or_else(|_| Err(late("an answer", limit))),
        None => answer.await,
    }
}

fn late(what: &str, limit: Duration) -> SqlError {
    SqlError::lost(format!("no sign of {what} within {limit:?}"))
}
