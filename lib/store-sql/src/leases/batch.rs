//! Many questions and changes at once, on one connection.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use kotare_store::{Found, NextFree, Put, SharedPool, StoreError, ring_together};
use tokio::sync::oneshot;

use super::question::Question;
use super::record::Record;
use super::statements::{ROWS, Statements};
use crate::connection::Connection;
use crate::error::{SqlError, Trouble};
use crate::value::{Row, Value};

/// Who waits for an answer.
pub(super) type Waiting<T> = oneshot::Sender<Result<T, StoreError>>;

/// What a client waits for.
#[derive(Debug)]
pub(super) enum Ask<L: Record> {
    /// Leases are asked for.
    Get(L::Question, Waiting<Found<L>>),
    /// A lease changes. Both states of it are large, and asks are moved again and again.
    Put(Box<OwnChange<L>>, Waiting<Put<L>>),
    /// Something free of a pool is asked for, of which servers share a queue.
    Pick(SharedPool<L::Address>, Waiting<NextFree<L::Address>>),
}

/// A [`Change`](kotare_store::Change) of its own.
#[derive(Debug)]
pub(super) struct OwnChange<L: Record> {
    pub(super) address: L::Address,
    pub(super) from: Option<L>,
    pub(super) to: Option<L>,
}

impl<L: Record> Ask<L> {
    /// Answers that it could not be done.
    pub(super) fn fail(self, error: &SqlError) {
        let again = |attempted: String| error.again().into_store(attempted);
        match self {
            Self::Get(question, waiting) => drop(waiting.send(Err(again(format!("look for {question:?}"))))),
            Self::Put(change, waiting) => {
                drop(waiting.send(Err(again(format!("change the lease of {}", change.address)))));
            }
            Self::Pick(pool, waiting) => {
                let attempted = format!("look for what is free from {} to {}", pool.first, pool.last);
                drop(waiting.send(Err(again(attempted))));
            }
        }
    }
}

/// Answers all asks. What a lost connection leaves unanswered is failed, and the error returned.
pub(super) async fn run<L: Record>(
    statements: &Statements,
    connection: &mut Connection,
    asks: Vec<Ask<L>>,
) -> Result<(), SqlError> {
    let (mut gets, mut puts, mut picks) = (Vec::new(), Vec::new(), Vec::new());
    for ask in asks {
        match ask {
            Ask::Get(question, waiting) => gets.push((question, waiting)),
            Ask::Put(change, waiting) => puts.push((change, waiting)),
            Ask::Pick(pool, waiting) => picks.push((pool, waiting)),
        }
    }
    let mut batch = Batch { statements, connection };
    let got = batch.get(gets).await;
    // Changes are tried all the same: they say themselves that the connection is lost.
    let put = batch.put(puts).await;
    let picked = batch.pick::<L>(picks).await;
    got.and(put).and(picked)
}

/// As many kinds of questions go into one statement.
const LISTS: usize = 4;

/// A connection, and what is said to it.
pub(super) struct Batch<'a> {
    pub(super) statements: &'a Statements,
    pub(super) connection: &'a mut Connection,
}

type Gets<L> = Vec<(<L as Record>::Question, Waiting<Found<L>>)>;
type Puts<L> = Vec<(Box<OwnChange<L>>, Waiting<Put<L>>)>;

impl Batch<'_> {
    async fn get<L: Record>(&mut self, gets: Gets<L>) -> Result<(), SqlError> {
        let layout = self.statements.layout;
        let mut lists: BTreeMap<u8, Gets<L>> = BTreeMap::new();
        for get in gets {
            lists.entry(get.0.list()).or_default().push(get);
        }
        let mut groups: VecDeque<Gets<L>> = lists.into_values().collect();
        if (2..=LISTS).contains(&groups.len()) {
            groups = self.get_at_once(groups).await?;
        }
        while let Some(mut together) = groups.pop_front() {
            let asked = together.iter().map(|(question, _)| question.asked(&layout)).collect();
            match self.connection.rows(self.statements.get(asked)).await {
                // Somebody has very many; the others shall have their own all the same.
                Ok(rows) if rows.len() >= ROWS && together.len() > 1 => {
                    let half = together.split_off(together.len() / 2);
                    groups.extend([together, half]);
                }
                Ok(rows) => {
                    let leases = self.leases::<L>(&rows);
                    ring_together(|| {
                        for (question, waiting) in together {
                            drop(waiting.send(Ok(question.pick(&leases))));
                        }
                    });
                }
                Err(error) => {
                    let fail = |gets: Gets<L>| {
                        gets.into_iter()
                            .for_each(|(question, waiting)| Ask::<L>::Get(question, waiting).fail(&error));
                    };
                    fail(together);
                    if error.trouble == Trouble::Lost {
                        groups.into_iter().for_each(fail);
                        return Err(error);
                    }
                }
            }
        }
        Ok(())
    }

    /// Asks all, in the order of their lists, in one statement; what has to be asked otherwise.
    async fn get_at_once<L: Record>(
        &mut self,
        groups: VecDeque<Gets<L>>,
    ) -> Result<VecDeque<Gets<L>>, SqlError> {
        let layout = self.statements.layout;
        let lists = groups.iter().map(|gets| gets.iter().map(|(question, _)| question.asked(&layout)));
        let lists = lists.map(Iterator::collect);
        match self.connection.rows(self.statements.get_all(lists)).await {
            Ok(rows) if rows.len() < ROWS => {
                let mut leases = self.leases::<L>(&rows);
                leases.sort_by_key(L::address);
                leases.dedup();
                ring_together(|| {
                    for (question, waiting) in groups.into_iter().flatten() {
                        drop(waiting.send(Ok(question.pick(&leases))));
                    }
                });
                Ok(VecDeque::new())
            }
            Err(error) if error.trouble == Trouble::Lost => {
                let gets = groups.into_iter().flatten();
                gets.for_each(|(question, waiting)| Ask::<L>::Get(question, waiting).fail(&error));
                Err(error)
            }
            // Too much, or something of it is refused.
            Ok(_) | Err(_) => Ok(groups),
        }
    }

    /// The leases of rows. What stands for those that make no sense answers a question for its address alone.
    fn leases<L: Record>(&self, rows: &[Row]) -> Vec<L> {
        let layout = &self.statements.layout;
        rows.iter()
            .filter_map(|row| L::of_row(row, layout).ok().or_else(|| L::unusable(row, layout)))
            .collect()
    }

    async fn put<L: Record>(&mut self, mut puts: Puts<L>) -> Result<(), SqlError> {
        while !puts.is_empty() {
            // Of two changes of one address the second one waits for the first.
            let mut seen = HashSet::new();
            let (mut now, later): (Puts<L>, Puts<L>) =
                puts.into_iter().partition(|(change, _)| seen.insert(change.address));
            puts = later;
            // Whoever changes several rows takes them in the same order, so that no two wait for each other.
            now.sort_by_key(|(change, _)| change.address);
            let outcome = self.changes(&now.iter().map(|(change, _)| &**change).collect::<Vec<_>>()).await;
            match outcome {
                Ok(done) => {
                    ring_together(|| {
                        for ((_, waiting), put) in now.into_iter().zip(done) {
                            drop(waiting.send(put));
                        }
                    });
                }
                Err(error) => {
                    for (change, waiting) in now.into_iter().chain(puts) {
                        Ask::Put(change, waiting).fail(&error);
                    }
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// The leases of these addresses.
    pub(super) async fn there<L: Record>(
        &mut self,
        addresses: Vec<L::Address>,
    ) -> Result<HashMap<L::Address, L>, SqlError> {
        let values: Vec<Value> =
            addresses.iter().map(|address| L::address_value(*address, &self.statements.layout)).collect();
        let rows = self.connection.rows(self.statements.at(values)).await?;
        Ok(self.leases(&rows).into_iter().map(|lease: L| (lease.address(), lease)).collect())
    }
}
