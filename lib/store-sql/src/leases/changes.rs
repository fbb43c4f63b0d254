//! Many changes at once: what became of each.

use std::collections::HashSet;

use kotare_store::{Put, StoreError};

use super::batch::{Batch, OwnChange};
use super::record::Record;
use super::relayed::{Relays, TABLES};
use super::statements::Statements;
use crate::error::{SqlError, Trouble};
use crate::statement::Statement;

/// How often something is tried again that somebody else was in the way of.
const TRIES: usize = 5;

/// What became of changes, in their order.
pub(super) type Outcomes<L> = Vec<Result<Put<L>, StoreError>>;

/// Tries something again if somebody was in the way: then nothing was changed.
macro_rules! again_if_busy {
    ($what:expr) => {{
        let mut tries = 0;
        loop {
            tries += 1;
            match $what {
                Err(error) if error.trouble == Trouble::Busy && tries < TRIES => {}
                outcome => break outcome,
            }
        }
    }};
}

/// Whether changes may have been made already when they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    Untried,
    /// They were tried with others: what is as it shall be may be our own doing.
    Tried,
}

/// That a change was not made.
fn failed<L: Record, T>(change: &OwnChange<L>, error: SqlError) -> Result<T, StoreError> {
    Err(error.into_store(format!("change the lease of {}", change.address)))
}

impl Batch<'_> {
    /// What became of each change. If one of them is refused, each is tried alone; a database that cannot do one just now
    /// cannot do the others.
    pub(super) async fn changes<L: Record>(
        &mut self,
        changes: &[&OwnChange<L>],
    ) -> Result<Outcomes<L>, SqlError> {
        match self.together(changes, Before::Untried).await {
            Err(error) if error.trouble == Trouble::Refused && changes.len() > 1 => {
                let mut done = Vec::with_capacity(changes.len());
                for change in changes {
                    match self.together(&[*change], Before::Tried).await {
                        Ok(put) => done.extend(put),
                        Err(error) if error.trouble == Trouble::Lost => return Err(error),
                        Err(error) => done.push(failed(change, error)),
                    }
                }
                Ok(done)
            }
            Err(error) if error.trouble != Trouble::Lost => {
                Ok(changes.iter().map(|change| failed(change, error.again())).collect())
            }
            outcome => outcome,
        }
    }

    /// A statement for each kind of change.
    async fn together<L: Record>(
        &mut self,
        changes: &[&OwnChange<L>],
        before: Before,
    ) -> Result<Outcomes<L>, SqlError> {
        self.becomes_free(changes).await?;
        let mut outcomes: Outcomes<L> = changes.iter().map(|_| Ok(Put::Done)).collect();
        let of = |wanted: fn(&OwnChange<L>) -> bool| -> Vec<usize> {
            (0..changes.len()).filter(|at| wanted(changes[*at])).collect()
        };
        let fresh = of(|change| change.from.is_none() && change.to.is_some());
        let changed = of(|change| change.from.is_some() && change.to.is_some());
        let gone = of(|change| change.from.is_some() && change.to.is_none());
        let nothing = of(|change| change.from.is_none() && change.to.is_none());
        let mut not_made = self.fresh(changes, fresh, &mut outcomes).await?;
        match self.changed(changes, &changed).await {
            Ok(others) => not_made.extend(others),
            // New leases are there already.
            Err(error) if is_for_now(&error) => {
                changed.iter().for_each(|at| outcomes[*at] = failed(changes[*at], error.again()));
            }
            Err(error) => return Err(error),
        }
        if !not_made.is_empty() || !nothing.is_empty() {
            let asked = not_made.iter().chain(&nothing).map(|at| changes[*at].address);
            let mut there = self.there::<L>(asked.collect()).await?;
            for at in not_made.iter().chain(&nothing) {
                let lease = there.remove(&changes[*at].address);
                let is_so = self.is_as(lease.as_ref(), changes[*at].to.as_ref());
                if !is_so || before == Before::Untried && !nothing.contains(at) {
                    outcomes[*at] = Ok(Put::Conflict(lease.map(Box::new)));
                }
            }
        }
        // As nobody could tell later on which was gone before, these come last, and each fails for itself.
        for at in gone {
            let Some(lease) = &changes[at].from else { continue };
            outcomes[at] = match self.delete(lease).await {
                Err(error) if error.trouble == Trouble::Lost => return Err(error),
                Err(error) => Err(error.into_store(format!("remove the lease of {}", lease.address()))),
                Ok(put) => Ok(put),
            };
        }
        self.relayed(changes, &outcomes).await?;
        let done = changes.iter().zip(&outcomes).filter(|(_, outcome)| matches!(outcome, Ok(Put::Done)));
        self.became(&done.map(|(change, _)| *change).collect::<Vec<_>>()).await?;
        Ok(outcomes)
    }

    /// Keeps what relay agents said of leases where these are found by it. It goes with the lease.
    async fn relayed<L: Record>(
        &mut self,
        changes: &[&OwnChange<L>],
        outcomes: &Outcomes<L>,
    ) -> Result<(), SqlError> {
        if !self.statements.layout.relayed6 {
            return Ok(());
        }
        let (mut known, mut rows) = (Vec::new(), [Vec::new(), Vec::new()]);
        for (change, outcome) in changes.iter().zip(outcomes) {
            let (Ok(Put::Done), Some(to)) = (outcome, &change.to) else { continue };
            let was = change.from.as_ref().map(Record::relays).unwrap_or_default();
            let is = to.relays();
            if was == is {
                continue;
            }
            let address = L::address_value(change.address, &self.statements.layout);
            if was != Relays::default() {
                known.push(address.clone());
            }
            for (rows, ids) in rows.iter_mut().zip(is) {
                rows.extend(ids.into_iter().map(|id| (id, address.clone())));
            }
        }
        for (table, rows) in TABLES.into_iter().zip(rows) {
            if !known.is_empty() {
                self.execute(|statements| statements.forget(table.0, known.clone())).await?;
            }
            if !rows.is_empty() {
                self.execute(|statements| statements.told_by_relays(table, rows.clone())).await?;
            }
        }
        Ok(())
    }

    /// Inserts new leases; says which were not, because their addresses have one. It fails if none was inserted; what failed
    /// of several is among the outcomes.
    async fn fresh<L: Record>(
        &mut self,
        changes: &[&OwnChange<L>],
        fresh: Vec<usize>,
        outcomes: &mut Outcomes<L>,
    ) -> Result<Vec<usize>, SqlError> {
        let leases: Vec<&L> = fresh.iter().filter_map(|at| changes[*at].to.as_ref()).collect();
        if leases.is_empty() {
            return Ok(Vec::new());
        }
        if self.statements.tells() {
            let made = self.made::<L>(|statements| statements.insert(&leases)).await?;
            return Ok(without(changes, fresh, &made));
        }
        match self.execute(|statements| statements.insert(&leases)).await {
            Ok(_) => return Ok(Vec::new()),
            Err(error) if error.is_duplicate() && leases.len() == 1 => return Ok(fresh),
            Err(error) if error.is_duplicate() => {}
            Err(error) => return Err(error),
        }
        // None was inserted.
        let mut not_made = Vec::new();
        for (at, lease) in fresh.into_iter().zip(leases) {
            match self.execute(|statements| statements.insert(&[lease])).await {
                Ok(_) => {}
                Err(error) if error.is_duplicate() => not_made.push(at),
                Err(error) if is_for_now(&error) => outcomes[at] = failed(changes[at], error),
                Err(error) => return Err(error),
            }
        }
        Ok(not_made)
    }

    /// Changes leases; says which were not, because they are not what they were.
    async fn changed<L: Record>(
        &mut self,
        changes: &[&OwnChange<L>],
        changed: &[usize],
    ) -> Result<Vec<usize>, SqlError> {
        let pairs: Vec<(&L, &L)> = changed
            .iter()
            .filter_map(|at| Some((changes[*at].from.as_ref()?, changes[*at].to.as_ref()?)))
            .collect();
        if pairs.is_empty() {
            return Ok(Vec::new());
        }
        if self.statements.tells() {
            let made = self.made::<L>(|statements| statements.update(&pairs)).await?;
            return Ok(without(changes, changed.to_vec(), &made));
        }
        let made = self.execute(|statements| statements.update(&pairs)).await?;
        if made == pairs.len() as u64 {
            return Ok(Vec::new());
        }
        if made == 0 {
            return Ok(changed.to_vec());
        }
        // Which it were shows in what is there now. It would deceive only if somebody else made the same change of the same
        // lease at the same time.
        let there = self.there::<L>(changed.iter().map(|at| changes[*at].address).collect()).await?;
        let is_so = |at: &usize| self.is_as(there.get(&changes[*at].address), changes[*at].to.as_ref());
        Ok(changed.iter().copied().filter(|at| !is_so(at)).collect())
    }

    /// Whether what is there is what was written: not all of a name can be.
    fn is_as<L: Record>(&self, there: Option<&L>, written: Option<&L>) -> bool {
        let row = |lease: &L| lease.values(&self.statements.layout);
        there.map(row) == written.map(row)
    }

    async fn delete<L: Record>(&mut self, lease: &L) -> Result<Put<L>, SqlError> {
        if self.execute(|statements| statements.delete(lease)).await? > 0 {
            return Ok(Put::Done);
        }
        let mut there = self.there::<L>(vec![lease.address()]).await?;
        Ok(Put::Conflict(there.remove(&lease.address()).map(Box::new)))
    }

    /// The addresses whose leases a statement changed, which says so.
    async fn made<L: Record>(
        &mut self,
        statement: impl Fn(&Statements) -> Statement,
    ) -> Result<HashSet<L::Address>, SqlError> {
        let layout = &self.statements.layout;
        let rows = again_if_busy!(self.connection.rows(statement(self.statements)).await)?;
        Ok(rows.iter().filter_map(|row| L::address_of(row, layout)).collect())
    }

    /// How many rows a statement changed.
    pub(super) async fn execute(
        &mut self,
        statement: impl Fn(&Statements) -> Statement,
    ) -> Result<u64, SqlError> {
        again_if_busy!(self.connection.execute(statement(self.statements)).await)
    }
}

/// Whether a database that could not do something goes on to do other things.
fn is_for_now(error: &SqlError) -> bool {
    matches!(error.trouble, Trouble::Busy | Trouble::Full)
}

/// Those whose addresses are not among these.
fn without<L: Record>(
    changes: &[&OwnChange<L>],
    mut all: Vec<usize>,
    made: &HashSet<L::Address>,
) -> Vec<usize> {
    all.retain(|at| !made.contains(&changes[*at].address));
    all
}
