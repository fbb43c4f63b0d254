//! One connection: messages with their lengths before them come, are answered beside each other, and answers leave.

use std::cell::Cell;
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};

use super::{Answers, Bulked, Ended, NoQuery, Said, Scene};
use crate::lease_query::messages::*;

/// So many answers wait to be sent.
const WAITING: usize = 32;

/// Serves a requester until it goes, says something else than queries, or says or takes nothing for too long.
pub(in crate::lease_query) async fn serve<L: Bulked>(
    stream: TcpStream,
    requester: IpAddr,
    scene: Arc<Scene<L>>,
) {
    // Answers are small, and who asked waits for them.
    let _ = stream.set_nodelay(true);
    let (reader, writer) = stream.into_split();
    let (sender, receiver) = mpsc::channel(WAITING);
    let busy = Arc::new(parking_lot::Mutex::new(Instant::now()));
    let mut sending = pin!(send::<L>(writer, receiver, requester, scene.bulk.idle, busy.clone()));
    let requests = Requests { reader, requester, scene, answers: Answers(sender), busy };
    tokio::select! {
        () = &mut sending => {}
        // What was answered is sent still.
        () = requests.take() => sending.await,
    }
}

/// When something was read or sent last.
type Busy = Arc<parking_lot::Mutex<Instant>>;

async fn send<L: Bulked>(
    mut writer: OwnedWriteHalf,
    mut answers: mpsc::Receiver<Vec<u8>>,
    requester: IpAddr,
    idle: Duration,
    busy: Busy,
) {
    while let Some(answer) = answers.recv().await {
        let said = Said::<L>::new(&answer, requester);
        // No answer is longer than two bytes can say.
        let len = u16::try_from(answer.len()).unwrap_or(u16::MAX).to_be_bytes();
        let written = async { writer.write_all(&[&len[..], &answer].concat()).await };
        match timeout(idle, written).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(()) => BULK_LEASE_QUERY_RESPONSE_SENT(requester, said),
            Err(error) => return BULK_LEASE_QUERY_RESPONSE_SEND_ERROR(requester, said, error),
        }
        *busy.lock() = Instant::now();
    }
}

/// The queries of a connection.
struct Requests<L: Bulked> {
    reader: OwnedReadHalf,
    requester: IpAddr,
    scene: Arc<Scene<L>>,
    answers: Answers,
    busy: Busy,
}

/// The queries that are being answered, and their transactions.
#[derive(Default)]
struct Running {
    tasks: JoinSet<()>,
    transactions: HashMap<Id, u32>,
}

impl Running {
    fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = ended.map_or_else(|failed| failed.id(), |(id, ())| id);
        self.transactions.remove(&id);
    }

    /// Takes note of those that have ended.
    fn reap(&mut self) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.ended(ended);
        }
    }

    async fn one(&mut self) {
        if let Some(ended) = self.tasks.join_next_with_id().await {
            self.ended(ended);
        }
    }
}

impl<L: Bulked> Requests<L> {
    /// Takes queries until there are no more, and waits for their answers.
    async fn take(mut self) {
        let mut running = Running::default();
        while let Some(message) = self.next(&mut running).await {
            let requester = self.requester;
            if message.is_empty() {
                return BULK_LEASE_QUERY_EMPTY_REQUEST(requester);
            }
            let said = Said::<L>::new(&message, requester);
            let transaction = match L::transaction(&message) {
                Ok(transaction) => transaction,
                Err(NoQuery::Unreadable(reason)) => return BULK_LEASE_QUERY_UNPACK_ERROR(requester, reason),
                Err(NoQuery::Other(kind)) => return L::unsupported(&kind, requester),
                Err(NoQuery::Invalid(reason)) => {
                    return BULK_LEASE_QUERY_INVALID_REQUEST(requester, said, reason);
                }
            };
            BULK_LEASE_QUERY_QUERY_RECEIVED(requester, &said);
            // Whoever has the last answer to a query may take its transaction for the next one at once.
            running.reap();
            if running.transactions.values().any(|other| *other == transaction) {
                BULK_LEASE_QUERY_DUPLICATE_XID(requester, transaction);
                continue;
            }
            // Meanwhile nothing is read: who asks faster than is answered waits.
            if running.tasks.len() >= self.scene.bulk.queries {
                BULK_LEASE_QUERY_AT_MAX_CONCURRENT_QUERIES(requester, &said, running.tasks.len());
                running.one().await;
                BULK_LEASE_QUERY_DEQUEUED(requester, &said);
            }
            let (scene, answers) = (self.scene.clone(), self.answers.clone());
            let id = running.tasks.spawn(async move { answer::<L>(&scene, &message, &answers).await }).id();
            running.transactions.insert(id, transaction);
        }
        while !running.tasks.is_empty() {
            running.one().await;
        }
    }

    /// The next message; `None` when there is none any more.
    async fn next(&mut self, running: &mut Running) -> Option<Vec<u8>> {
        let Self { reader, scene, busy, .. } = self;
        let mut message = pin!(read(reader));
        let is_over = Cell::new(false);
        while !is_over.get() {
            let until = *busy.lock() + scene.bulk.idle;
            tokio::select! {
                message = &mut message => {
                    *busy.lock() = Instant::now();
                    return message.ok().flatten();
                }
                Some(ended) = running.tasks.join_next_with_id() => {
                    running.ended(ended);
                    *busy.lock() = Instant::now();
                }
                () = sleep_until(until), if running.tasks.is_empty() => {
                    is_over.set(until == *busy.lock() + scene.bulk.idle);
                }
            }
        }
        None
    }
}

/// A message; `None` at the end.
async fn read(reader: &mut OwnedReadHalf) -> io::Result<Option<Vec<u8>>> {
    let mut len = [0; 2];
    if reader.read(&mut len[..1]).await? == 0 {
        return Ok(None);
    }
    reader.read_exact(&mut len[1..]).await?;
    let mut message = vec![0; u16::from_be_bytes(len).into()];
    reader.read_exact(&mut message).await?;
    Ok(Some(message))
}

async fn answer<L: Bulked>(scene: &Scene<L>, message: &[u8], answers: &Answers) {
    match L::answer(scene, message, answers).await {
        Ok(()) | Err(Ended::Closed) => {}
        Err(Ended::Store(error)) => BULK_LEASE_QUERY_PROCESSING_UNEXPECTED_FAILURE(error),
        Err(Ended::TooBig(error)) => BULK_LEASE_QUERY_PROCESSING_UNEXPECTED_FAILURE(error),
    }
}
