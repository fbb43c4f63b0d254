//! Which leases expire next, at no cost to a renewal.
//!
//! Every queued lease has one entry that counts: the one whose deadline its record remembers. Extending a lease
//! leaves its entry alone; when the entry's time comes, it is put back with the lease's real end. Only a lease
//! that ends *earlier* than its entry gets a new one, and the old one is stale. Stale entries go when their time
//! comes, or all at once when they outnumber the leases.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::Ipv4Addr;

use kotare_model::Timestamp;

use crate::record::Record;

/// Leases by when they expire.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    entries: BinaryHeap<Reverse<Entry>>,
}

/// The lease of `address` may have expired at `deadline`, but not before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) deadline: u32,
    pub(crate) address: u32,
}

/// What a lease says to its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The lease is gone, or another entry counts.
    Stale,
    /// The lease ends then.
    Ends(Timestamp),
}

/// The latest deadline not after `end`, or `None` if the lease never ends. What ends beyond 2106 is asked for
/// early and put back.
pub(crate) fn deadline(end: Timestamp) -> Option<u32> {
    (end != Timestamp::NEVER).then(|| end.0.clamp(0, i64::from(Record::NOT_QUEUED - 1)) as u32)
}

impl Queue {
    /// A queue of these entries.
    pub(crate) fn from_entries(entries: Vec<Reverse<Entry>>) -> Self {
        Self { entries: entries.into() }
    }

    /// Adds an entry.
    pub(crate) fn push(&mut self, entry: Entry) {
        self.entries.push(Reverse(entry));
    }

    /// How many entries there are, stale ones included.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Forgets all entries that `counts` denies.
    pub(crate) fn retain(&mut self, counts: impl Fn(Entry) -> bool) {
        let mut entries = std::mem::take(&mut self.entries).into_vec();
        entries.sort_unstable();
        entries.dedup();
        entries.retain(|entry| counts(entry.0));
        self.entries = entries.into();
    }

    /// Up to `limit` leases that ended at or before `now`, the longest ended first. They stay in the queue.
    ///
    /// `ask` answers for an entry's lease, and remembers the lease's real deadline when it is not the entry's:
    /// the entry is put back with that one.
    pub(crate) fn due(
        &mut self,
        now: Timestamp,
        limit: usize,
        mut ask: impl FnMut(Entry) -> Answer,
    ) -> Vec<(Timestamp, Ipv4Addr)> {
        let mut due = Vec::new();
        let mut back: Vec<Entry> = Vec::new();
        while due.len() < limit
            && let Some(&Reverse(entry)) = self.entries.peek()
            && i64::from(entry.deadline) <= now.0
        {
            self.entries.pop();
            let Answer::Ends(end) = ask(entry) else { continue };
            match deadline(end) {
                Some(deadline) if deadline == entry.deadline => {
                    // The same entry twice in a row: one is enough.
                    if back.last() == Some(&entry) {
                        continue;
                    }
                    back.push(entry);
                    if end <= now {
                        due.push((end, Ipv4Addr::from_bits(entry.address)));
                    }
                }
                Some(deadline) => self.push(Entry { deadline, ..entry }),
                None => {}
            }
        }
        self.entries.extend(back.into_iter().map(Reverse));
        due
    }
}
