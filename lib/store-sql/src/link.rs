//! The connections to one database: made, kept, and made again when they are lost.
//!
//! What clients wait for goes into a queue, of which each connection takes as much as there is when it becomes free: the
//! busier a database is, the more of it goes into one statement. Whatever takes long has a connection of its own.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::access::Access;
use crate::connection::Connection;
use crate::error::{SqlError, Trouble};
use crate::statement::Statement;
use crate::value::Row;

/// As much as goes into one batch.
const BATCH: usize = 64;
/// So much waits at most; what comes then is refused. A worker of a server asks one thing at a time for each of its
/// exchanges, of which there are bounded many.
const QUEUE: usize = 65_536;

/// How a lost connection is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// `max-reconnect-tries`.
    pub tries: u32,
    /// `reconnect-wait-time`: between two tries.
    pub wait: Duration,
    /// Whether it is tried for ever after that (`serve-retry-continue`).
    pub for_ever: bool,
}

/// How a database can be reached just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It answers.
    Up,
    /// It is lost, for this reason, and so many tries to reach it again have failed.
    Lost {
        /// Why, in the words of the database or the system.
        reason: String,
        /// How many tries have failed since.
        failed: u32,
    },
    /// It is lost, and nobody tries any more.
    GivenUp {
        /// Why the last try failed.
        reason: String,
    },
}

/// What is done with a connection for those who wait.
pub(crate) trait Work: Debug + Send + Sync + 'static {
    /// What is waited for.
    type Ask: Debug + Send + 'static;

    /// Answers all asks. Those that a lost connection leaves unanswered are failed.
    ///
    /// # Errors
    /// When the connection is lost.
    fn run(
        &self,
        connection: &mut Connection,
        asks: Vec<Self::Ask>,
    ) -> impl Future<Output = Result<(), SqlError>> + Send;

    /// Answers that it cannot be done.
    fn fail(ask: Self::Ask, error: &SqlError);
}

/// The connections to a database.
#[derive(Debug)]
pub(crate) struct Link<W: Work> {
    shared: Arc<Shared<W>>,
    /// What keeps connections; ends with the link.
    _tasks: JoinSet<()>,
    /// The connection for what takes long, made when it is needed.
    aside: Arc<tokio::sync::Mutex<Option<Connection>>>,
    runtime: Handle,
}

#[derive(Debug)]
struct Shared<W: Work> {
    work: W,
    access: Access,
    retry: Retry,
    queue: Mutex<VecDeque<W::Ask>>,
    /// Wakes a connection that has nothing to do.
    more: Notify,
    reach: watch::Sender<Reach>,
    /// Tells connections that have nothing to do that another one was lost.
    lost: Notify,
}

impl<W: Work> Link<W> {
    /// Keeps so many connections, of which the first is there.
    pub(crate) fn new(first: Connection, access: Access, retry: Retry, connections: usize, work: W) -> Self {
        let shared = Arc::new(Shared {
            work,
            access,
            retry,
            queue: Mutex::default(),
            more: Notify::new(),
            reach: watch::Sender::new(Reach::Up),
            lost: Notify::new(),
        });
        let mut tasks = JoinSet::new();
        let mut first = Some(first);
        for _ in 0..connections.max(1) {
            tasks.spawn(serve(shared.clone(), first.take()));
        }
        Self { shared, _tasks: tasks, aside: Arc::default(), runtime: Handle::current() }
    }

    /// Puts something into the queue.
    pub(crate) fn ask(&self, ask: W::Ask) {
        let mut queue = self.shared.queue.lock();
        let reach = self.shared.reach.borrow();
        let refused = match &*reach {
            Reach::Up if queue.len() < QUEUE => None,
            Reach::Up => Some("too many wait for the database".to_owned()),
            Reach::Lost { reason, .. } | Reach::GivenUp { reason } => Some(reason.clone()),
        };
        drop(reach);
        if let Some(reason) = refused {
            drop(queue);
            return W::fail(ask, &SqlError::lost(reason));
        }
        queue.push_back(ask);
        drop(queue);
        self.shared.more.notify_one();
    }

    /// The rows of a statement that may take long.
    pub(crate) async fn rows(&self, statement: Statement) -> Result<Vec<Row>, SqlError> {
        self.aside(move |connection| Box::pin(connection.rows(statement))).await
    }

    /// How many rows a statement that may take long changed.
    pub(crate) async fn execute(&self, statement: Statement) -> Result<u64, SqlError> {
        self.aside(move |connection| Box::pin(connection.execute(statement))).await
    }

    /// Does something with the connection for what takes long. It goes on if nobody waits for it any more.
    async fn aside<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Doing<'_, T> + Send + 'static,
    ) -> Result<T, SqlError> {
        let (aside, shared) = (self.aside.clone(), self.shared.clone());
        let task = self.runtime.spawn(async move {
            let mut aside = aside.lock().await;
            let mut connection = match aside.take() {
                Some(connection) => connection,
                None => Connection::open(&shared.access).await?,
            };
            let outcome = job(&mut connection).await;
            match &outcome {
                Err(error) if error.trouble == Trouble::Lost => shared.lose(error),
                _ => *aside = Some(connection),
            }
            outcome
        });
        task.await.unwrap_or_else(|error| Err(SqlError::lost(error.to_string())))
    }

    /// How the database can be reached, now and whenever that changes.
    pub(crate) fn reach(&self) -> watch::Receiver<Reach> {
        self.shared.reach.subscribe()
    }

    /// What it is connected to.
    pub(crate) fn access(&self) -> &Access {
        &self.shared.access
    }
}

/// Something done with a connection.
type Doing<'a, T> = Pin<Box<dyn Future<Output = Result<T, SqlError>> + Send + 'a>>;

/// Keeps one connection and answers with it.
async fn serve<W: Work>(shared: Arc<Shared<W>>, first: Option<Connection>) {
    let mut connection = first;
    loop {
        let Some(mut open) = connection.take() else {
            match connect(&shared).await {
                Some(opened) => connection = Some(opened),
                None => return,
            }
            continue;
        };
        let asks = tokio::select! {
            asks = shared.next() => asks,
            // Another found out that the database is gone; this connection would, too, at the cost of who waits.
            () = shared.lost.notified() => continue,
        };
        match shared.work.run(&mut open, asks).await {
            Ok(()) => connection = Some(open),
            Err(error) => shared.lose(&error),
        }
    }
}

/// Connects, as often as it takes or is wanted.
async fn connect<W: Work>(shared: &Shared<W>) -> Option<Connection> {
    let mut failed = 0;
    loop {
        match Connection::open(&shared.access).await {
            Ok(connection) => {
                shared.reach.send_if_modified(|reach| std::mem::replace(reach, Reach::Up) != Reach::Up);
                return Some(connection);
            }
            Err(error) => {
                failed += 1;
                let reason = error.to_string();
                if failed >= shared.retry.tries && !shared.retry.for_ever {
                    shared.reach.send_replace(Reach::GivenUp { reason: reason.clone() });
                    shared.fail_all(&error);
                    return None;
                }
                shared.reach.send_if_modified(|reach| match reach {
                    // Another connection came about meanwhile, or counts the tries.
                    Reach::Lost { failed: counted, .. } if *counted >= failed => false,
                    other => {
                        *other = Reach::Lost { reason, failed };
                        true
                    }
                });
                shared.fail_all(&error);
                sleep(shared.retry.wait.max(MIN_WAIT)).await;
            }
        }
    }
}

/// Between two tries at least, so that a wait time of 0 does not keep a processor busy.
const MIN_WAIT: Duration = Duration::from_millis(10);

impl<W: Work> Shared<W> {
    /// What waits, as soon as something does.
    async fn next(&self) -> Vec<W::Ask> {
        loop {
            let more = self.more.notified();
            {
                let mut queue = self.queue.lock();
                if !queue.is_empty() {
                    let count = queue.len().min(BATCH);
                    let asks: Vec<W::Ask> = queue.drain(..count).collect();
                    if !queue.is_empty() {
                        self.more.notify_one();
                    }
                    return asks;
                }
            }
            more.await;
        }
    }

    /// The database is lost until somebody reaches it.
    fn lose(&self, error: &SqlError) {
        self.reach.send_if_modified(|reach| match reach {
            Reach::Up => {
                *reach = Reach::Lost { reason: error.to_string(), failed: 0 };
                true
            }
            _ => false,
        });
        self.lost.notify_waiters();
    }

    /// Nobody waits for a database that cannot be reached.
    fn fail_all(&self, error: &SqlError) {
        let asks: Vec<W::Ask> = self.queue.lock().drain(..).collect();
        asks.into_iter().for_each(|ask| W::fail(ask, error));
    }
}
