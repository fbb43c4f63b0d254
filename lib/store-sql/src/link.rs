//! The connections to one database: made, kept, and made again when they are lost.
//!
//! What clients wait for goes into a queue, of which each connection takes as much as there is when it becomes free: the
//! busier a database is, the more of it goes into one statement. Whatever takes long has a connection of its own.
//!
//! The database is lost when none of the connections is left and no other comes about. Whoever loses one makes the others
//! look whether they are still there; so does a while without anything to do, which finds, and keeps away, what ends
//! connections that are silent. Nothing is waited for without a bound: a database that accepts and does not answer is as
//! good as lost.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::time::Duration;

use kotare_store::ring;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use crate::access::Access;
use crate::connection::Connection;
use crate::error::{SqlError, Trouble};
use crate::keepers::Keepers;
use crate::statement::Statement;
use crate::value::Row;

/// As much as goes into one batch.
const BATCH: usize = 128;
/// So much waits at most; what comes then is refused. A worker of a server asks up to three things at a time for each of its
/// exchanges, of which there are bounded many.
const QUEUE: usize = 3 * 65_536;

/// How long an answer that clients wait for may take where no time is configured: they ask again much sooner.
pub(crate) const ANSWER: Duration = Duration::from_secs(30);
/// The same for what takes long.
pub(crate) const LONG: Duration = Duration::from_secs(600);
/// So long after its last use it is looked whether a connection still is there.
const IDLE: Duration = Duration::from_secs(30);
/// Between two tries at least, so that a wait time of 0 does not keep a processor busy.
const MIN_WAIT: Duration = Duration::from_millis(10);
/// The same while there is another connection.
const MIN_WAIT_FOR_MORE: Duration = Duration::from_secs(1);

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

    /// Looks whether the tables still are what statements were made for: somebody may have upgraded the database while it
    /// could not be reached.
    ///
    /// # Errors
    /// Refused, if they are not; what the database says.
    fn suits(&self, connection: &mut Connection) -> impl Future<Output = Result<(), SqlError>> + Send;
}

/// Refuses a layout that is not what it was.
pub(crate) fn unchanged<T: PartialEq>(was: &T, now: &T) -> Result<(), SqlError> {
    match was == now {
        true => Ok(()),
        false => Err(SqlError::refused(
            "the tables of the database are of another version than when the server began to use it: start it again",
        )),
    }
}

/// The connections to a database.
#[derive(Debug)]
pub(crate) struct Link<W: Work> {
    shared: Arc<Shared<W>>,
    /// Wakes a connection that has nothing to do. Of what is asked together the first does not go alone.
    bell: Waker,
    /// What keeps connections; ends with the link.
    keepers: Mutex<Keepers>,
    /// The connection for what takes long, made when it is needed.
    aside: Arc<tokio::sync::Mutex<Option<Connection>>>,
    runtime: Handle,
}

#[derive(Debug)]
struct Shared<W: Work> {
    work: W,
    access: Access,
    retry: Retry,
    state: Mutex<State<W::Ask>>,
    /// Wakes a connection that has nothing to do.
    more: Notify,
    /// Changes only while `state` is locked.
    reach: watch::Sender<Reach>,
    /// How often a connection was lost: after each time the others look whether they still are there.
    losses: watch::Sender<u64>,
}

#[derive(Debug)]
struct State<A> {
    queue: VecDeque<A>,
    /// How many connections there are in the queue's service.
    open: usize,
    /// How many there shall be.
    wanted: usize,
    /// How many tasks keep one, or try to.
    keepers: usize,
}

impl<W: Work> Link<W> {
    /// The first connection: what takes part in making it is bounded, too.
    ///
    /// # Errors
    /// As [`Connection::open`].
    pub(crate) async fn first(access: &Access) -> Result<Connection, SqlError> {
        for_clients(access).await
    }

    /// Keeps so many connections, of which the first is there.
    pub(crate) fn new(first: Connection, access: Access, retry: Retry, connections: usize, work: W) -> Self {
        Self::begun(Ok(first), access, retry, connections, work)
    }

    /// The same of a database that was not there just now: it is as good as lost.
    pub(crate) fn later(reason: String, access: Access, retry: Retry, connections: usize, work: W) -> Self {
        Self::begun(Err(reason), access, retry, connections, work)
    }

    fn begun(
        first: Result<Connection, String>,
        access: Access,
        retry: Retry,
        connections: usize,
        work: W,
    ) -> Self {
        let (first, reach) = match first {
            Ok(first) => (Some(first), Reach::Up),
            Err(reason) => (None, Reach::Lost { reason, failed: 0 }),
        };
        let shared = Arc::new(Shared {
            work,
            access,
            retry,
            state: Mutex::new(State {
                queue: VecDeque::new(),
                open: usize::from(first.is_some()),
                wanted: 0,
                keepers: 0,
            }),
            more: Notify::new(),
            reach: watch::Sender::new(reach),
            losses: watch::Sender::new(0),
        });
        let (bell, runtime) = (Waker::from(shared.clone()), Handle::current());
        let link = Self { shared, bell, keepers: Mutex::default(), aside: Arc::default(), runtime };
        link.keep(connections, first);
        link
    }

    /// Keeps so many connections from now on. Those that are too many end when they have done what they are at.
    pub(crate) fn resize(&self, connections: usize) {
        self.keep(connections, None);
    }

    fn keep(&self, connections: usize, mut first: Option<Connection>) {
        let wanted = connections.max(1);
        let mut keepers = self.keepers.lock();
        let more = {
            let mut state = self.shared.state.lock();
            if std::mem::replace(&mut state.wanted, wanted) == wanted {
                return;
            }
            let more = wanted.saturating_sub(state.keepers);
            state.keepers += more;
            more
        };
        for _ in 0..more {
            keepers.begin(&self.runtime, self.shared.access.engine, serve(self.shared.clone(), first.take()));
        }
        // Those that wait look whether they still are wanted.
        self.shared.doubt();
    }

    /// Puts something into the queue.
    pub(crate) fn ask(&self, ask: W::Ask) {
        let mut state = self.shared.state.lock();
        let refused = match &*self.shared.reach.borrow() {
            Reach::Up if state.queue.len() < QUEUE => None,
            Reach::Up => Some("too many wait for the database".to_owned()),
            Reach::Lost { reason, .. } | Reach::GivenUp { reason } => Some(reason.clone()),
        };
        if let Some(reason) = refused {
            drop(state);
            return W::fail(ask, &SqlError::lost(reason));
        }
        state.queue.push_back(ask);
        drop(state);
        ring(&self.bell);
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
    pub(crate) async fn aside<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Doing<'_, T> + Send + 'static,
    ) -> Result<T, SqlError> {
        let (aside, shared) = (self.aside.clone(), self.shared.clone());
        let task = self.runtime.spawn(async move {
            let mut aside = aside.lock().await;
            let mut kept = aside.take();
            if let Some(connection) = &mut kept
                && connection.ping().await.is_err()
            {
                kept = None;
                shared.doubt();
            }
            let mut connection = match kept {
                Some(connection) => connection,
                None => {
                    let mut connection = Connection::open(&shared.access.bounded(LONG)).await?;
                    connection.see_what_others_wrote().await?;
                    shared.work.suits(&mut connection).await?;
                    connection
                }
            };
            let outcome = job(&mut connection).await;
            match &outcome {
                Err(error) if error.trouble == Trouble::Lost => shared.doubt(),
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

impl<W: Work> Wake for Shared<W> {
    fn wake(self: Arc<Self>) {
        self.more.notify_one();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.more.notify_one();
    }
}

/// Something done with a connection.
pub(crate) type Doing<'a, T> = Pin<Box<dyn Future<Output = Result<T, SqlError>> + Send + 'a>>;

/// Keeps one connection and answers with it.
async fn serve<W: Work>(shared: Arc<Shared<W>>, first: Option<Connection>) {
    let mut connection = first;
    let mut losses = shared.losses.subscribe();
    loop {
        if shared.is_too_many(connection.is_some()) {
            if let Some(open) = connection {
                open.close().await;
            }
            return;
        }
        let mut open = match connection.take() {
            Some(open) => open,
            None => {
                losses.mark_unchanged();
                match connect(&shared).await {
                    Some(open) => open,
                    None => return,
                }
            }
        };
        let outcome = tokio::select! {
            biased;
            // Whether it still is there is found out here, not by those who wait.
            _ = losses.changed() => open.ping().await,
            asks = shared.next() => shared.work.run(&mut open, asks).await,
            () = sleep(IDLE) => open.ping().await,
        };
        match outcome {
            Ok(()) => connection = Some(open),
            Err(error) => shared.lose(&error),
        }
    }
}

/// A connection for what clients wait for, which is found by key.
async fn for_clients(access: &Access) -> Result<Connection, SqlError> {
    let mut connection = Connection::open(&access.bounded(ANSWER)).await?;
    connection.expect_keys().await?;
    Ok(connection)
}

/// The same once more.
async fn again<W: Work>(shared: &Shared<W>) -> Result<Connection, SqlError> {
    let mut connection = for_clients(&shared.access).await?;
    shared.work.suits(&mut connection).await?;
    Ok(connection)
}

/// Connects, as often as it takes or is wanted.
async fn connect<W: Work>(shared: &Shared<W>) -> Option<Connection> {
    let mut failed = 0;
    loop {
        match again(shared).await {
            Ok(connection) => {
                let mut state = shared.state.lock();
                state.open += 1;
                shared.reach.send_if_modified(|reach| std::mem::replace(reach, Reach::Up) != Reach::Up);
                return Some(connection);
            }
            Err(error) => {
                let wait = match shared.missed(&error, failed + 1) {
                    Missed::GiveUp => return None,
                    Missed::TryAgain => {
                        failed += 1;
                        MIN_WAIT
                    }
                    Missed::Others => {
                        failed = 0;
                        MIN_WAIT_FOR_MORE
                    }
                };
                sleep(shared.retry.wait.max(wait)).await;
                if shared.is_too_many(false) {
                    return None;
                }
            }
        }
    }
}

/// What follows from a connection that did not come about.
enum Missed {
    /// There are others: the database is not lost.
    Others,
    TryAgain,
    GiveUp,
}

impl<W: Work> Shared<W> {
    /// What waits, as soon as something does.
    async fn next(&self) -> Vec<W::Ask> {
        loop {
            let more = self.more.notified();
            {
                let mut state = self.state.lock();
                if !state.queue.is_empty() {
                    let count = state.queue.len().min(BATCH);
                    let asks: Vec<W::Ask> = state.queue.drain(..count).collect();
                    if !state.queue.is_empty() {
                        self.more.notify_one();
                    }
                    return asks;
                }
            }
            more.await;
        }
    }

    /// Whether there are more connections than wanted, so that who asks gives up his, if he has one. The only one stays until
    /// there is another.
    fn is_too_many(&self, is_open: bool) -> bool {
        let mut state = self.state.lock();
        let is_too_many = state.keepers > state.wanted && !(is_open && state.open == 1);
        if is_too_many {
            state.keepers -= 1;
            state.open -= usize::from(is_open);
        }
        is_too_many
    }

    /// A connection in the queue's service is gone.
    fn lose(&self, error: &SqlError) {
        {
            let mut state = self.state.lock();
            state.open -= 1;
            if state.open == 0 {
                self.reach.send_replace(Reach::Lost { reason: error.to_string(), failed: 0 });
            }
        }
        self.doubt();
    }

    /// Has all look whether they still are connected.
    fn doubt(&self) {
        self.losses.send_modify(|losses| *losses += 1);
    }

    /// A try to connect failed, after so many together. Nobody goes on to wait for a database that cannot be reached.
    fn missed(&self, error: &SqlError, failed: u32) -> Missed {
        let mut state = self.state.lock();
        if state.open > 0 {
            return Missed::Others;
        }
        let gives_up = failed >= self.retry.tries && !self.retry.for_ever;
        let reason = error.to_string();
        self.reach.send_if_modified(|reach| match reach {
            Reach::GivenUp { .. } => false,
            // Another connection counts its tries as well.
            Reach::Lost { failed: counted, .. } if *counted >= failed && !gives_up => false,
            other => {
                *other = if gives_up { Reach::GivenUp { reason } } else { Reach::Lost { reason, failed } };
                true
            }
        });
        let asks = std::mem::take(&mut state.queue);
        drop(state);
        asks.into_iter().for_each(|ask| W::fail(ask, error));
        if gives_up { Missed::GiveUp } else { Missed::TryAgain }
    }
}
