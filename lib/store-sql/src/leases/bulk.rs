//! Many leases at once, over one connection of one's own: for programs that carry leases from one place to another.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::marker::PhantomData;

use kotare_store::PageFilter;

use super::index::tables;
use super::layout::Layout;
use super::record::{Record, too_late};
use super::statements::Statements;
use crate::connection::Connection;
use crate::error::SqlError;
use crate::value::Value;

/// So many addresses are named at most.
const NAMED: usize = 5;

/// There are rows that nobody read as leases.
fn taken(which: String) -> SqlError {
    SqlError::refused(format!(
        "the database has rows of addresses of new leases ({which}) that came meanwhile, or make no sense as leases: \
         remove the latter, and try again"
    ))
}

/// The leases of a database, by a connection that is handed over each time.
#[derive(Debug)]
pub struct Bulk<L> {
    statements: Statements,
    leases: PhantomData<fn() -> L>,
}

/// Some leases of a database by address, and where the next ones begin.
#[derive(Debug)]
pub struct Page<L> {
    /// The leases.
    pub leases: Vec<L>,
    /// How many rows were none, because a column makes no sense.
    pub damaged: u64,
    after: Option<Value>,
}

impl<L> Page<L> {
    /// Where the listing begins.
    pub fn start() -> Self {
        Self { leases: Vec::new(), damaged: 0, after: None }
    }
}

impl<L: Record> Bulk<L>
where
    L::Address: Hash,
{
    /// Looks how the database has leases.
    ///
    /// # Errors
    /// When it has no tables of leases, and whatever the database says.
    pub async fn of(connection: &mut Connection) -> Result<Self, SqlError> {
        let statements = Statements::of::<L>(Layout::of::<L>(connection).await?);
        Ok(Self { statements, leases: PhantomData })
    }

    /// The page after another, of `limit` rows at most; none after the last.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn after(
        &self,
        connection: &mut Connection,
        page: Page<L>,
        limit: usize,
    ) -> Result<Option<Page<L>>, SqlError> {
        let rows = connection.rows(self.statements.page(page.after, limit, PageFilter::default())).await?;
        let Some(last) = rows.last() else { return Ok(None) };
        let leases: Vec<L> =
            rows.iter().filter_map(|row| L::of_row(row, &self.statements.layout).ok()).collect();
        let damaged = (rows.len() - leases.len()) as u64;
        Ok(Some(Page { leases, damaged, after: last.0.first().cloned() }))
    }

    /// The leases that the database has of the addresses of these.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn there(
        &self,
        connection: &mut Connection,
        leases: &[L],
    ) -> Result<HashMap<L::Address, L>, SqlError> {
        let layout = &self.statements.layout;
        let addresses = leases.iter().map(|lease| L::address_value(lease.address(), layout)).collect();
        let rows = connection.rows(self.statements.at(addresses)).await?;
        let there = rows.iter().filter_map(|row| L::of_row(row, layout).ok());
        Ok(there.map(|lease| (lease.address(), lease)).collect())
    }

    /// Whether two leases are the same where they are kept: an older schema has no place for all that there is to say
    /// of one.
    pub fn are_same(&self, one: &L, other: &L) -> bool {
        one == other || one.values(&self.statements.layout) == other.values(&self.statements.layout)
    }

    /// That all of them can be kept.
    ///
    /// # Errors
    /// Refused, with the first that cannot.
    pub fn keeps(&self, leases: &[L]) -> Result<(), SqlError> {
        let late = |lease: &L| {
            let reason = too_late(lease, &self.statements.layout)?;
            let address = lease.address();
            Some(format!("cannot keep the lease of {address}: {reason}; have it end earlier, or never"))
        };
        leases.iter().find_map(late).map_or(Ok(()), |reason| Err(SqlError::refused(reason)))
    }

    /// Puts leases there, in place of those that are `there`. Several hundred at a time; in a transaction of the caller's.
    ///
    /// # Errors
    /// Whatever the database says; refused, when one cannot be kept, changed meanwhile, or its address has a row that is not
    /// `there`: one that came meanwhile, or is no lease.
    pub async fn put(
        &self,
        connection: &mut Connection,
        leases: &[L],
        there: &HashMap<L::Address, L>,
    ) -> Result<u64, SqlError> {
        let new: Vec<&L> = leases.iter().filter(|lease| !there.contains_key(&lease.address())).collect();
        let changes: Vec<(&L, &L)> = leases
            .iter()
            .filter_map(|lease| Some((there.get(&lease.address())?, lease)))
            .filter(|(from, to)| !self.are_same(from, to))
            .collect();
        self.keeps(leases)?;
        if !new.is_empty() {
            self.insert(connection, &new).await?;
        }
        if !changes.is_empty() {
            let changed = connection.execute(self.statements.update(&changes)).await?;
            if changed != changes.len() as u64 {
                return Err(SqlError::refused("somebody else changed leases meanwhile"));
            }
        }
        if self.statements.layout.relayed6 {
            let changed: Vec<L> =
                new.iter().copied().chain(changes.iter().map(|(_, to)| *to)).cloned().collect();
            tables(&self.statements, connection, &changed).await?;
        }
        Ok((new.len() + changes.len()) as u64)
    }

    /// Inserts leases, all of them or none.
    async fn insert(&self, connection: &mut Connection, new: &[&L]) -> Result<(), SqlError> {
        let statement = self.statements.insert(new);
        if !self.statements.tells() {
            return match connection.execute(statement).await {
                Err(error) if error.is_duplicate() => Err(taken(error.to_string())),
                outcome => outcome.map(drop),
            };
        }
        let made = connection.rows(statement).await?;
        let layout = &self.statements.layout;
        let made: HashSet<L::Address> = made.iter().filter_map(|row| L::address_of(row, layout)).collect();
        let left = new.iter().map(|lease| lease.address()).filter(|address| !made.contains(address));
        let left: Vec<String> = left.take(NAMED).map(|address| address.to_string()).collect();
        if left.is_empty() { Ok(()) } else { Err(taken(left.join(", "))) }
    }
}
