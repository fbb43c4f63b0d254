//! What is to be done about routes, and when: decides, with the time as an argument, and does nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kotare_config::v6::Prefix6;
use kotare_daemon::Moment;

use super::changes::{Changed, Wish};

/// So many prefixes can wait for something to be done; for more, all leases are looked through instead.
const ROOM: usize = 1 << 16;
/// The pause before what failed is tried again, the first time; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);
/// How often a change counts as failed that was not made when all leases were looked through: it may have failed long since.
pub(super) const LATER: u32 = 4;
/// How often all leases are looked through, in case that somebody else changed routes.
const REGULARLY: Duration = Duration::from_secs(300);

/// What is to be done.
#[derive(Debug)]
pub(super) struct Plan {
    /// The newest wish for each prefix that has one which is not fulfilled.
    wishes: BTreeMap<Prefix6, Pending>,
    /// When they are due.
    due: BTreeSet<(Moment, Prefix6)>,
    /// When all leases are to be looked through.
    sync: Moment,
    /// How often in a row that failed.
    failures: u32,
    /// When that may begin at the earliest: it must not take all the time there is.
    earliest: Moment,
}

#[derive(Debug)]
struct Pending {
    wish: Wish,
    failures: u32,
    due: Moment,
}

/// Something to do: one change, or one more try of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// The prefix.
    pub(crate) prefix: Prefix6,
    /// What shall be so.
    pub(crate) wish: Wish,
    /// How often it has failed.
    pub(super) failures: u32,
}

impl Plan {
    /// Nothing is known: all leases are to be looked through.
    pub(super) fn new(now: Moment) -> Self {
        let (wishes, due) = (BTreeMap::new(), BTreeSet::new());
        Self { wishes, due, sync: now, failures: 0, earliest: now }
    }

    /// Takes in what changed.
    pub(super) fn note(&mut self, changed: Changed, now: Moment) {
        for (prefix, wish) in changed.prefixes {
            self.wish(Change { prefix, wish, failures: 0 }, now);
        }
        if changed.lost {
            self.sync_by(now);
        }
    }

    /// All leases are to be looked through, not later than then.
    pub(super) fn sync_by(&mut self, at: Moment) {
        self.sync = self.sync.min(at.max(self.earliest));
    }

    /// Whether that is to be done now. It makes everything else superfluous that is to be done now.
    pub(super) fn syncs(&mut self, now: Moment) -> bool {
        let syncs = self.sync <= now;
        if syncs {
            self.wishes.clear();
            self.due.clear();
        }
        syncs
    }

    /// All leases were looked through, from `began` on, or that failed.
    pub(super) fn synced(&mut self, done: bool, began: Moment, now: Moment) {
        self.failures = if done { 0 } else { self.failures + 1 };
        let took = now.since(began);
        self.earliest = now + FIRST + took * 10;
        let pause = if done { REGULARLY } else { pause(self.failures) };
        self.sync = (now + pause).max(self.earliest);
    }

    /// Takes at most `most` changes that are due.
    pub(super) fn take(&mut self, now: Moment, most: usize) -> Vec<Change> {
        let mut taken = Vec::new();
        while taken.len() < most
            && let Some(&(due, prefix)) = self.due.first()
            && due <= now
        {
            self.due.pop_first();
            if let Some(Pending { wish, failures, .. }) = self.wishes.remove(&prefix) {
                taken.push(Change { prefix, wish, failures });
            }
        }
        taken
    }

    /// A change failed: it is tried again, unless something newer is wished for. In how long.
    pub(super) fn failed(&mut self, change: Change, now: Moment) -> Duration {
        let failures = change.failures + 1;
        let pause = pause(failures);
        if !self.wishes.contains_key(&change.prefix) {
            self.wish(Change { failures, ..change }, now + pause);
        }
        pause
    }

    /// When something is to be done next.
    pub(super) fn next(&self) -> Moment {
        self.due.first().map_or(self.sync, |(due, _)| self.sync.min(*due))
    }

    fn wish(&mut self, change: Change, due: Moment) {
        let Change { prefix, wish, failures } = change;
        if let Some(former) = self.wishes.remove(&prefix) {
            self.due.remove(&(former.due, prefix));
        } else if self.wishes.len() >= ROOM {
            return self.sync_by(due);
        }
        self.due.insert((due, prefix));
        self.wishes.insert(prefix, Pending { wish, failures, due });
    }
}

/// How long to wait after so many failures.
fn pause(failures: u32) -> Duration {
    (FIRST * 2u32.saturating_pow(failures.clamp(1, 16) - 1)).min(LONGEST)
}
