//! Queries through TCP: Bulk Leasequery (RFC 6926, RFC 5460).
//!
//! - `listener`: who is let in.
//! - `connection`: reads queries, has them answered, sends what that comes to.
//! - `v4`, `v6`: the answers.
//!
//! All is bounded: connections, queries of one that are answered at once, leases taken from the store at a time, and answers
//! that wait for a requester who reads slowly. Who sends no whole query for `max-requester-idle-time` is cut off, and who
//! takes no answer for as long.

mod connection;
mod listener;
mod v4;
mod v6;

use std::fmt;
use std::net::IpAddr;

use kotare_config::process::DatabaseKind;
use kotare_control::Command;
use kotare_store::StoreError;
use kotare_wire::NoRoom;
use tokio::sync::mpsc;

use super::parameters::Bulk;
use super::{Built, Queried};
use crate::ServerLink;

pub(super) use connection::serve;
pub(super) use listener::Listener;

/// A family whose leases are asked about through TCP. There are two of them.
pub(in crate::lease_query) trait Bulked: Queried {
    /// What the module can be told.
    const COMMANDS: &'static [Command<Built<Self>>];

    /// The transaction of a message, if it is a query.
    ///
    /// # Errors
    /// Why it is none.
    fn transaction(message: &[u8]) -> Result<u32, NoQuery>;

    /// How the log names a message from or to `requester`.
    fn label(message: &[u8], requester: IpAddr, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// Says that a message is of a type that is no query.
    fn unsupported(kind: &str, requester: IpAddr);

    /// Says that what relay agents said is in today's form in a database of this kind, which took so many pages with leases,
    /// and that so many were updated.
    fn upgraded(database: DatabaseKind, pages: u64, updated: u64);

    /// An address, if it is of the family.
    fn requester(address: IpAddr) -> Option<Self::Address>;

    /// Answers a query.
    ///
    /// # Errors
    /// Why not to the end.
    fn answer(
        scene: &Scene<Self>,
        message: &[u8],
        answers: &Answers,
    ) -> impl Future<Output = Result<(), Ended>> + Send;
}

/// What queries are answered with.
pub(super) struct Scene<L: Queried> {
    pub(super) server: ServerLink<L, L::Engine>,
    pub(super) bulk: Bulk,
    /// The lengths that delegated prefixes are looked for by, if they are configured.
    pub(super) prefix_lengths: Option<Vec<u8>>,
}

/// Why a message is not answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoQuery {
    /// It is no message.
    Unreadable(String),
    /// It is of this type.
    Other(String),
    /// It lacks something.
    Invalid(String),
}

/// Why a query is not answered to its end.
#[derive(Debug)]
pub(super) enum Ended {
    /// The connection was closed, or the server ends.
    Closed,
    /// The leases cannot be read.
    Store(StoreError),
    /// An answer is longer than one can be.
    TooBig(NoRoom),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The way of answers to the requester, with room for few.
#[derive(Clone)]
pub(super) struct Answers(mpsc::Sender<Vec<u8>>);

/// What nearly every answer fits into.
const USUAL: usize = 1024;
/// How long an answer may be: its length is told in two bytes.
const LONGEST: usize = u16::MAX as usize;

impl Answers {
    /// Sends what `write` writes and says the length of.
    pub(super) async fn send(
        &self,
        write: impl Fn(&mut [u8]) -> Result<usize, NoRoom> + Send,
    ) -> Result<(), Ended> {
        let made = made(USUAL, &write).or_else(|_| made(LONGEST, &write)).map_err(Ended::TooBig)?;
        self.0.send(made).await.map_err(|_| Ended::Closed)
    }
}

fn made(room: usize, write: impl Fn(&mut [u8]) -> Result<usize, NoRoom>) -> Result<Vec<u8>, NoRoom> {
    let mut answer = vec![0; room];
    let len = write(&mut answer)?;
    answer.truncate(len);
    Ok(answer)
}

/// A message in the log.
struct Said<'a, L> {
    message: &'a [u8],
    requester: IpAddr,
    of: std::marker::PhantomData<fn() -> L>,
}

impl<'a, L> Said<'a, L> {
    fn new(message: &'a [u8], requester: IpAddr) -> Self {
        Self { message, requester, of: std::marker::PhantomData }
    }
}

impl<L: Bulked> fmt::Display for Said<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        L::label(self.message, self.requester, f)
    }
}
