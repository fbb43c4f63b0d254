//! Many questions and changes at once, on one connection.

use std::collections::HashSet;

use kotare_store::{Found, Put, StoreError};
use tokio::sync::oneshot;

use super::question::Question;
use super::record::Record;
use super::statements::Statements;
use crate::connection::Connection;
use crate::error::{SqlError, Trouble};
use crate::value::{Row, Value};

/// How often something is tried again that somebody else was in the way of.
const TRIES: usize = 5;

/// Who waits for an answer.
pub(super) type Waiting<T> = oneshot::Sender<Result<T, StoreError>>;

/// What a client waits for.
#[derive(Debug)]
pub(super) enum Ask<L: Record> {
    /// Leases are asked for.
    Get(L::Question, Waiting<Found<L>>),
    /// A lease changes.
    Put(OwnChange<L>, Waiting<Put<L>>),
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
        }
    }
}

/// Answers all asks. What a lost connection leaves unanswered is failed, and the error returned.
pub(super) async fn run<L: Record>(
    statements: &Statements,
    connection: &mut Connection,
    asks: Vec<Ask<L>>,
) -> Result<(), SqlError> {
    let (mut gets, mut puts) = (Vec::new(), Vec::new());
    for ask in asks {
        match ask {
            Ask::Get(question, waiting) => gets.push((question, waiting)),
            Ask::Put(change, waiting) => puts.push((change, waiting)),
        }
    }
    let mut batch = Batch { statements, connection };
    let got = batch.get(gets).await;
    // Changes are tried all the same: they say themselves that the connection is lost.
    let put = batch.put(puts).await;
    got.and(put)
}

struct Batch<'a> {
    statements: &'a Statements,
    connection: &'a mut Connection,
}

type Gets<L> = Vec<(<L as Record>::Question, Waiting<Found<L>>)>;
type Puts<L> = Vec<(OwnChange<L>, Waiting<Put<L>>)>;

impl Batch<'_> {
    async fn get<L: Record>(&mut self, mut gets: Gets<L>) -> Result<(), SqlError> {
        while !gets.is_empty() {
            let layout = self.statements.layout;
            let (together, others): (Gets<L>, Gets<L>) = {
                let first = gets[0].0.clone();
                gets.into_iter()
                    .partition(|(question, _)| question.asked(&layout).goes_with(&first.asked(&layout)))
            };
            gets = others;
            let asked: Vec<_> = together.iter().map(|(question, _)| question.asked(&layout)).collect();
            let statement = self.statements.get(&asked);
            match self.connection.rows(statement).await {
                Ok(rows) => {
                    let leases = self.leases::<L>(&rows);
                    for (question, waiting) in together {
                        drop(waiting.send(Ok(question.pick(&leases))));
                    }
                }
                Err(error) => {
                    together
                        .into_iter()
                        .for_each(|(question, waiting)| Ask::<L>::Get(question, waiting).fail(&error));
                    if error.trouble == Trouble::Lost {
                        gets.into_iter()
                            .for_each(|(question, waiting)| Ask::<L>::Get(question, waiting).fail(&error));
                        return Err(error);
                    }
                }
            }
        }
        Ok(())
    }

    /// The leases of rows, without those that make no sense: nobody has a lease of them, and nobody gets one while they
    /// are there.
    fn leases<L: Record>(&self, rows: &[Row]) -> Vec<L> {
        rows.iter().filter_map(|row| L::of_row(row, &self.statements.layout).ok()).collect()
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
            let outcome = self.changes(&now.iter().map(|(change, _)| change).collect::<Vec<_>>()).await;
            match outcome {
                Ok(done) => {
                    for ((_, waiting), put) in now.into_iter().zip(done) {
                        drop(waiting.send(put));
                    }
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

    /// What became of each change. If one of them is refused, each is tried alone.
    async fn changes<L: Record>(
        &mut self,
        changes: &[&OwnChange<L>],
    ) -> Result<Vec<Result<Put<L>, StoreError>>, SqlError> {
        match self.together(changes).await {
            Ok(done) => Ok(done.into_iter().map(Ok).collect()),
            Err(error) if error.trouble == Trouble::Lost => Err(error),
            Err(error) if changes.len() == 1 => {
                Ok(vec![Err(error.into_store(format!("change the lease of {}", changes[0].address)))])
            }
            Err(_) => {
                let mut done = Vec::with_capacity(changes.len());
                for change in changes {
                    let alone = self.together(&[*change]).await;
                    match alone {
                        Ok(mut put) => done.extend(put.pop().map(Ok)),
                        Err(error) if error.trouble == Trouble::Lost => return Err(error),
                        Err(error) => {
                            done.push(Err(
                                error.into_store(format!("change the lease of {}", change.address))
                            ));
                        }
                    }
                }
                Ok(done)
            }
        }
    }

    /// A statement for each kind of change; whether each was made is looked up only when fewer rows changed than should.
    async fn together<L: Record>(&mut self, changes: &[&OwnChange<L>]) -> Result<Vec<Put<L>>, SqlError> {
        let mut doubtful = Vec::new();
        let mut puts: Vec<Option<Put<L>>> = changes.iter().map(|_| Some(Put::Done)).collect();
        let of = |wanted: fn(&OwnChange<L>) -> bool| -> Vec<usize> {
            (0..changes.len()).filter(|at| wanted(changes[*at])).collect()
        };
        let fresh = of(|change| change.from.is_none() && change.to.is_some());
        let changed = of(|change| change.from.is_some() && change.to.is_some());
        let gone = of(|change| change.from.is_some() && change.to.is_none());
        doubtful.extend(of(|change| change.from.is_none() && change.to.is_none()));
        if !fresh.is_empty() {
            let leases: Vec<&L> = fresh.iter().filter_map(|at| changes[*at].to.as_ref()).collect();
            match self.execute(|statements| statements.insert(&leases)).await {
                Ok(_) => {}
                // Somebody has one of the addresses: none was inserted.
                Err(error) if error.is_duplicate() => doubtful.extend(self.fresh(changes, &fresh).await?),
                Err(error) => return Err(error),
            }
        }
        if !changed.is_empty() {
            let pairs: Vec<(&L, &L)> = changed
                .iter()
                .filter_map(|at| Some((changes[*at].from.as_ref()?, changes[*at].to.as_ref()?)))
                .collect();
            if self.execute(|statements| statements.update(&pairs)).await? < pairs.len() as u64 {
                doubtful.extend(changed);
            }
        }
        // Of several that go at once nobody could tell which was gone before.
        for at in gone {
            let Some(lease) = &changes[at].from else { continue };
            if self.execute(|statements| statements.delete(lease)).await? == 0 {
                let there = self.there::<L>(&[changes[at].address]).await?;
                puts[at] = Some(Put::Conflict(there.into_iter().next().map(Box::new)));
            }
        }
        if !doubtful.is_empty() {
            let there: Vec<L> =
                self.there(&doubtful.iter().map(|at| changes[*at].address).collect::<Vec<_>>()).await?;
            for at in doubtful {
                let change = changes[at];
                let lease = there.iter().find(|lease| lease.address() == change.address);
                if lease != change.to.as_ref() {
                    puts[at] = Some(Put::Conflict(lease.cloned().map(Box::new)));
                }
            }
        }
        Ok(puts.into_iter().flatten().collect())
    }

    /// Inserts those of new leases whose addresses have none; says which are in doubt.
    async fn fresh<L: Record>(
        &mut self,
        changes: &[&OwnChange<L>],
        fresh: &[usize],
    ) -> Result<Vec<usize>, SqlError> {
        for at in fresh {
            let Some(lease) = &changes[*at].to else { continue };
            match self.execute(|statements| statements.insert(&[lease])).await {
                Ok(_) => {}
                Err(error) if error.is_duplicate() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(fresh.to_vec())
    }

    async fn there<L: Record>(&mut self, addresses: &[L::Address]) -> Result<Vec<L>, SqlError> {
        let values: Vec<Value> =
            addresses.iter().map(|address| L::address_value(*address, &self.statements.layout)).collect();
        let rows = self.connection.rows(self.statements.at(values)).await?;
        Ok(self.leases(&rows))
    }

    /// Executes a statement, again if somebody was in the way.
    async fn execute(
        &mut self,
        statement: impl Fn(&Statements) -> crate::Statement,
    ) -> Result<u64, SqlError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.connection.execute(statement(self.statements)).await {
                Err(error) if error.trouble == Trouble::Busy && tries < TRIES => {}
                outcome => return outcome,
            }
        }
    }
}
