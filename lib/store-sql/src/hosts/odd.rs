//! Rows that make no sense, told to whoever looks after the database.

use std::collections::HashSet;
use std::fmt;

use parking_lot::Mutex;

/// A row that is left out, because nobody can tell what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OddRow {
    /// Its table.
    pub table: &'static str,
    /// Its number: `host_id`, `reservation_id`, `option_id`.
    pub number: i64,
    /// The column that makes no sense.
    pub column: &'static str,
}

impl fmt::Display for OddRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {} of {}: {} makes no sense", self.number, self.table, self.column)
    }
}

/// So many are remembered, so that each is told once; further ones are not told.
const REMEMBERED: usize = 1024;

/// Tells of each odd row once.
pub(super) struct Oddities {
    tell: Box<dyn Fn(OddRow) + Send + Sync>,
    told: Mutex<HashSet<OddRow>>,
}

impl Oddities {
    pub(super) fn new(tell: impl Fn(OddRow) + Send + Sync + 'static) -> Self {
        Self { tell: Box::new(tell), told: Mutex::default() }
    }

    pub(super) fn found(&self, table: &'static str, number: Option<i64>, column: &'static str) {
        let row = OddRow { table, number: number.unwrap_or_default(), column };
        let is_new = {
            let mut told = self.told.lock();
            told.len() < REMEMBERED && told.insert(row)
        };
        if is_new {
            (self.tell)(row);
        }
    }
}

impl fmt::Debug for Oddities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Oddities").finish_non_exhaustive()
    }
}
