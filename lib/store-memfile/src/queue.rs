//! Which leases expire next, at no cost to a renewal.
//!
//! Every queued lease has one entry that counts: the one whose deadline its record remembers. Extending a lease
//! leaves its entry alone; when the entry's time comes, it is put back with the lease's real end. Only a lease
//! that ends *earlier* than its entry gets a new one, and the old one is stale. Stale entries go when their time
//! comes, or all at once when they outnumber the leases.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use kotare_model::{SubnetId, Timestamp};

use crate::record::NOT_QUEUED;

/// Leases by subnet and by when they expire.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    /// None of them is empty.
    of: HashMap<SubnetId, Queue, FixedState>,
    /// The first entry of each, so that the first of all is known however many there are.
    heads: BTreeSet<(Entry, SubnetId)>,
    len: usize,
}

type Queue = BinaryHeap<Reverse<Entry>>;

/// The lease with this handle in its shard may have expired at `deadline`, but not before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) deadline: u32,
    pub(crate) handle: u32,
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
    (end != Timestamp::NEVER).then(|| end.0.clamp(0, i64::from(NOT_QUEUED - 1)) as u32)
}

impl Queues {
    /// Queues of these entries.
    pub(crate) fn new(entries: Vec<(SubnetId, Entry)>) -> Self {
        let len = entries.len();
        let mut queues: HashMap<SubnetId, Vec<Reverse<Entry>>, FixedState> = HashMap::default();
        for (subnet, entry) in entries {
            queues.entry(subnet).or_default().push(Reverse(entry));
        }
        let of: HashMap<SubnetId, Queue, FixedState> = queues
            .into_iter()
            .map(|(subnet, mut entries)| {
                entries.shrink_to_fit();
                (subnet, Queue::from(entries))
            })
            .collect();
        let heads = of.iter().filter_map(|(&subnet, queue)| Some((queue.peek()?.0, subnet))).collect();
        Self { of, heads, len }
    }

    /// Adds an entry.
    pub(crate) fn push(&mut self, subnet: SubnetId, entry: Entry) {
        let queue = self.of.entry(subnet).or_default();
        let head = queue.peek().map(|head| head.0);
        if head.is_none_or(|head| entry < head) {
            if let Some(head) = head {
                self.heads.remove(&(head, subnet));
            }
            self.heads.insert((entry, subnet));
        }
        queue.push(Reverse(entry));
        self.len += 1;
    }

    /// How many entries there are, stale ones included.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Forgets all entries that `counts` denies.
    pub(crate) fn retain(&mut self, counts: impl Fn(SubnetId, Entry) -> bool) {
        let mut left = Vec::with_capacity(self.len);
        for (subnet, queue) in std::mem::take(&mut self.of) {
            let mut entries = queue.into_vec();
            entries.sort_unstable();
            entries.dedup();
            let entries = entries.into_iter().map(|entry| entry.0);
            left.extend(entries.filter(|&entry| counts(subnet, entry)).map(|entry| (subnet, entry)));
        }
        *self = Self::new(left);
    }

    /// Up to `limit` leases of one subnet or of all that ended at or before `now`, the longest ended first: when, and their
    /// handles. They stay in their queues.
    ///
    /// `ask` answers for an entry's lease, and remembers the lease's real deadline when it is not the entry's:
    /// the entry is put back with that one.
    pub(crate) fn due(
        &mut self,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
        mut ask: impl FnMut(SubnetId, Entry) -> Answer,
    ) -> Vec<(Timestamp, u32)> {
        let mut due = Vec::new();
        let mut back: Vec<(SubnetId, Entry)> = Vec::new();
        while due.len() < limit
            && let Some((subnet, entry)) = self.first(subnet)
            && i64::from(entry.deadline) <= now.0
        {
            self.pop(subnet);
            let Answer::Ends(end) = ask(subnet, entry) else { continue };
            match deadline(end) {
                Some(deadline) if deadline == entry.deadline => {
                    // The same entry twice in a row: one is enough.
                    if back.last() == Some(&(subnet, entry)) {
                        continue;
                    }
                    back.push((subnet, entry));
                    if end <= now {
                        due.push((end, entry.handle));
                    }
                }
                Some(deadline) => self.push(subnet, Entry { deadline, ..entry }),
                None => {}
            }
        }
        for (subnet, entry) in back {
            self.push(subnet, entry);
        }
        due
    }

    /// The first entry of one subnet or of all.
    fn first(&self, subnet: Option<SubnetId>) -> Option<(SubnetId, Entry)> {
        match subnet {
            Some(subnet) => Some((subnet, self.of.get(&subnet)?.peek()?.0)),
            None => self.heads.first().map(|&(entry, subnet)| (subnet, entry)),
        }
    }

    /// Takes the first entry of a subnet out.
    fn pop(&mut self, subnet: SubnetId) {
        let Some(queue) = self.of.get_mut(&subnet) else { return };
        let Some(Reverse(entry)) = queue.pop() else { return };
        self.len -= 1;
        self.heads.remove(&(entry, subnet));
        match queue.peek() {
            Some(&Reverse(head)) => drop(self.heads.insert((head, subnet))),
            None => drop(self.of.remove(&subnet)),
        }
    }
}
