//! Requests that wait: in order for each name and each address, side by side for others.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::time::Duration;

use foldhash::fast::FixedState;

use crate::journal::Kept;
use crate::numbered::Numbered;
use crate::request::ChangeRequest;

#[cfg(test)]
mod tests;

/// Of so many requests that are ready, those that come behind them are not looked at yet.
const ENOUGH: usize = 512;

/// The longest pause between two times that a request is tried. Pauses begin with a second and double.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What two requests must not change at a time: a name or an address, by a hash. Two things of one hash wait for each other without
/// need, which does no harm.
type Thing = u64;

/// A hash is hashed by being itself.
#[derive(Clone, Copy, Debug, Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A bounded queue. A request is given out when no earlier one of its name or its address waits or is under way.
///
/// Times are since any one moment, the same for all calls.
#[derive(Debug)]
pub struct Queue {
    /// Those that came and are not done, those under way among them, by their numbers.
    requests: BTreeMap<u64, Entry>,
    /// Those that came behind all of them, and whether each is held. While enough are ready nobody has to know what they wait for.
    behind: Numbered<(Kept, bool)>,
    /// Who is the last one that changes a thing: the end of a line, of which the first one may.
    lines: HashMap<Thing, u64, BuildHasherDefault<Itself>>,
    seed: u64,
    /// Those that are first in both of their lines.
    ready: BTreeSet<u64>,
    /// Those that were, and are to be tried again at this time.
    postponed: BTreeSet<(Duration, u64)>,
    under_way: usize,
    capacity: usize,
    longest_pause: Duration,
    /// How many are enough.
    enough: usize,
    /// Whether the last one that was given out had been postponed; new ones and those take turns.
    was_postponed: bool,
}

#[derive(Debug)]
struct Entry {
    things: [Thing; 2],
    /// Who is before it in the lines of its things, and who behind.
    before: [Option<u64>; 2],
    behind: [Option<u64>; 2],
    kept: Kept,
    /// The last pause of it; none if it was never tried.
    pause: Duration,
    /// Whether it may not be given out yet, even when it is its turn.
    is_held: bool,
    /// Whether it is given out.
    is_out: bool,
    /// When it is to be tried again, if it is postponed.
    again: Option<Duration>,
    /// Whether a try was more than that.
    was_sent: bool,
}

/// The right to change a name and an address; to be given back to [`Queue::done`] or [`Queue::postpone`].
#[derive(Debug)]
pub struct Ticket(u64);

impl Entry {
    /// Whether it is first in both of its lines.
    fn is_first(&self) -> bool {
        self.before == [None; 2]
    }

    fn was_tried(&self) -> bool {
        !self.pause.is_zero()
    }
}

/// There is no room for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl Queue {
    /// An empty queue with room for so many requests that wait.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            requests: BTreeMap::new(),
            behind: Numbered::default(),
            lines: HashMap::default(),
            seed: 0,
            ready: BTreeSet::new(),
            postponed: BTreeSet::new(),
            under_way: 0,
            capacity,
            longest_pause: LONGEST_PAUSE,
            enough: ENOUGH,
            was_postponed: false,
        }
    }

    /// The same, with a number that nobody can foresee, so that nobody makes names up that are looked for in one place.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The same, with no pause longer than this.
    #[must_use]
    pub(crate) fn with_pauses_up_to(self, longest_pause: Duration) -> Self {
        Self { longest_pause, ..self }
    }

    /// Puts a request last. Its number is greater than that of any before.
    ///
    /// # Errors
    /// When there is no room.
    pub fn push(&mut self, kept: Kept) -> Result<(), Full> {
        if self.len() >= self.capacity {
            return Err(Full);
        }
        self.restore(kept);
        Ok(())
    }

    /// Puts a request last that was accepted before, whether there is room or not.
    pub fn restore(&mut self, kept: Kept) {
        self.insert(kept, false);
    }

    /// Puts a request last that may not be given out before it is released.
    pub(crate) fn hold(&mut self, kept: Kept) {
        self.insert(kept, true);
    }

    /// A request that was held may be given out.
    pub(crate) fn release(&mut self, number: u64) {
        if let Some((_, is_held)) = self.behind.get_mut(number) {
            *is_held = false;
        } else if let Some(entry) = self.requests.get_mut(&number) {
            entry.is_held = false;
            self.look_at(number);
        }
    }

    fn insert(&mut self, kept: Kept, is_held: bool) {
        if self.ready.len() < self.enough {
            self.look_into(kept, is_held);
        } else {
            self.behind.push(kept.number, (kept, is_held));
        }
    }

    /// Looks at those behind as long as not enough are ready. Whatever takes one that is ready away does this then.
    fn look_behind(&mut self) {
        while self.ready.len() < self.enough
            && let Some((kept, is_held)) = self.behind.pop_first()
        {
            self.look_into(kept, is_held);
        }
    }

    fn look_into(&mut self, kept: Kept, is_held: bool) {
        let number = kept.number;
        let mut entry = self.entry(kept, is_held);
        entry.before = self.line_up(number, entry.things);
        self.requests.insert(number, entry);
        self.look_at(number);
    }

    fn entry(&self, kept: Kept, is_held: bool) -> Entry {
        let (things, none) = (self.things(&kept.request), [None; 2]);
        let (pause, again) = (Duration::ZERO, None);
        Entry {
            things,
            before: none,
            behind: none,
            kept,
            pause,
            is_held,
            is_out: false,
            again,
            was_sent: false,
        }
    }

    /// Makes a request the last one in the lines of its things; who is before it there.
    fn line_up(&mut self, number: u64, things: [Thing; 2]) -> [Option<u64>; 2] {
        let before = things.map(|thing| self.lines.insert(thing, number));
        for (line, before) in before.into_iter().enumerate() {
            self.change(before, |entry| entry.behind[line] = Some(number));
        }
        before
    }

    /// Takes requests back that had left, as if none of them had been given out yet: each has the place that its number says, and
    /// may not be given out before it is released. Of those that are there, who has one before it now waits for that.
    pub(crate) fn take_back(&mut self, all: impl Iterator<Item = Kept>) {
        for kept in all {
            let (number, entry) = (kept.number, self.entry(kept, true));
            self.requests.insert(number, entry);
        }
        self.lines.clear();
        self.ready.clear();
        self.postponed.clear();
        let all: Vec<_> = self.requests.iter().map(|(number, entry)| (*number, entry.things)).collect();
        for (number, things) in all {
            let before = self.line_up(number, things);
            let Some(entry) = self.requests.get_mut(&number) else { continue };
            (entry.before, entry.behind) = (before, [None; 2]);
            entry.again = entry.again.filter(|_| entry.is_first());
            self.postponed.extend(entry.again.map(|at| (at, number)));
            self.look_at(number);
        }
        self.look_behind();
    }

    /// What a request changes. Hashes of names are even and those of addresses odd, so that it does not wait for itself.
    fn things(&self, request: &ChangeRequest) -> [Thing; 2] {
        let hasher = FixedState::with_seed(self.seed);
        let name = request.fqdn.with_canonical(|name| hasher.hash_one(name));
        [name & !1, hasher.hash_one(request.address) | 1]
    }

    /// Changes the request of this number, if there is one.
    fn change(&mut self, number: Option<u64>, change: impl FnMut(&mut Entry)) {
        number.and_then(|number| self.requests.get_mut(&number)).into_iter().for_each(change);
    }

    /// Whether it is the turn of a request now.
    fn look_at(&mut self, number: u64) {
        let may_go =
            |entry: &Entry| entry.is_first() && !entry.is_held && !entry.is_out && entry.again.is_none();
        if self.requests.get(&number).is_some_and(may_go) {
            self.ready.insert(number);
        }
    }

    /// The first request that need not wait for another, or one that was postponed until `now`; in turn, if there are both.
    pub fn take(&mut self, now: Duration) -> Option<(Ticket, Kept)> {
        if self.ready.is_empty() || !self.was_postponed && self.next_at().is_some_and(|at| at <= now) {
            return self.take_again(now);
        }
        self.was_postponed = false;
        let number = self.ready.pop_first()?;
        self.look_behind();
        self.give_out(number)
    }

    /// The first of those that were postponed until `now`.
    pub(crate) fn take_again(&mut self, now: Duration) -> Option<(Ticket, Kept)> {
        let (_, number) = self.postponed.first().copied().filter(|(at, _)| *at <= now)?;
        self.was_postponed = true;
        self.forget_pause(number);
        self.give_out(number)
    }

    fn give_out(&mut self, number: u64) -> Option<(Ticket, Kept)> {
        let entry = self.requests.get_mut(&number)?;
        entry.is_out = true;
        self.under_way += 1;
        Some((Ticket(number), entry.kept.clone()))
    }

    /// What was given out for this ticket is done; the number of its request.
    pub fn done(&mut self, ticket: Ticket) -> u64 {
        let Ticket(number) = ticket;
        self.settle(ticket);
        number
    }

    /// The same; the request.
    pub(crate) fn settle(&mut self, ticket: Ticket) -> Option<Kept> {
        self.under_way -= 1;
        self.leave(ticket.0)
    }

    /// A request that is not given out is done without; the request.
    pub(crate) fn remove(&mut self, number: u64) -> Option<Kept> {
        if let Some((kept, _)) = self.behind.remove(number) {
            return Some(kept);
        }
        self.ready.remove(&number);
        self.forget_pause(number);
        let kept = self.leave(number);
        self.look_behind();
        kept
    }

    fn leave(&mut self, number: u64) -> Option<Kept> {
        let Entry { things, before, behind, kept, .. } = self.requests.remove(&number)?;
        for line in 0..things.len() {
            let (before, behind) = (before[line], behind[line]);
            self.change(before, |entry| entry.behind[line] = behind);
            self.change(behind, |entry| entry.before[line] = before);
            match (before, behind) {
                (None, Some(next)) => self.look_at(next),
                (Some(last), None) => _ = self.lines.insert(things[line], last),
                (None, None) => _ = self.lines.remove(&things[line]),
                (Some(_), Some(_)) => {}
            }
        }
        Some(kept)
    }

    /// What was given out for this ticket was not tried. If it was before, it is to be tried again at once.
    pub(crate) fn give_back(&mut self, ticket: Ticket) {
        self.under_way -= 1;
        let Some(entry) = self.requests.get_mut(&ticket.0) else { return };
        entry.is_out = false;
        if entry.was_tried() && entry.is_first() {
            entry.again = Some(Duration::ZERO);
            self.postponed.insert((Duration::ZERO, ticket.0));
        }
        self.look_at(ticket.0);
    }

    /// What was given out for this ticket is to be tried again later; after how long. Those behind it wait.
    pub fn postpone(&mut self, ticket: Ticket, now: Duration) -> Duration {
        self.under_way -= 1;
        let Some(entry) = self.requests.get_mut(&ticket.0) else { return Duration::ZERO };
        entry.is_out = false;
        entry.pause = (entry.pause * 2).clamp(Duration::from_secs(1), self.longest_pause);
        // One that was taken back meanwhile may be before it.
        if entry.is_first() {
            entry.again = Some(now + entry.pause);
            self.postponed.insert((now + entry.pause, ticket.0));
        }
        entry.pause
    }

    /// What was given out for this ticket was sent, and is to be postponed: it may have to be sent once more.
    pub(crate) fn note_sent(&mut self, ticket: &Ticket) {
        self.change(Some(ticket.0), |entry| entry.was_sent = true);
    }

    fn forget_pause(&mut self, number: u64) {
        let again = self.requests.get_mut(&number).and_then(|entry| entry.again.take());
        if let Some(at) = again {
            self.postponed.remove(&(at, number));
        }
    }

    /// Whether the request of this number was tried before.
    pub(crate) fn was_tried(&self, number: u64) -> bool {
        self.requests.get(&number).is_some_and(Entry::was_tried)
    }

    /// The request of this number.
    pub(crate) fn get(&self, number: u64) -> Option<&Kept> {
        let behind = || self.behind.get(number).map(|(kept, _)| kept);
        self.requests.get(&number).map(|entry| &entry.kept).or_else(behind)
    }

    /// All requests that are not done, those that were given out among them.
    pub fn requests(&self) -> impl Iterator<Item = &ChangeRequest> {
        let kept = self.requests.values().map(|entry| &entry.kept);
        kept.chain(self.behind.iter().map(|(_, (kept, _))| kept)).map(|kept| &*kept.request)
    }

    /// How many were postponed.
    pub(crate) fn postponed(&self) -> usize {
        self.postponed.len()
    }

    /// Those that were sent and postponed.
    pub(crate) fn sent(&self) -> Vec<u64> {
        self.postponed.iter().map(|(_, number)| *number).filter(|number| self.is_sent(*number)).collect()
    }

    /// Whether this one was sent and postponed.
    pub(crate) fn is_sent(&self, number: u64) -> bool {
        self.requests.get(&number).is_some_and(|entry| entry.was_sent && entry.again.is_some())
    }

    /// When the next one of those that were postponed is to be tried.
    #[must_use]
    pub fn next_at(&self) -> Option<Duration> {
        self.postponed.first().map(|(at, _)| *at)
    }

    /// Whether there is one that waits for nothing.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// How many requests wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.requests.len() + self.behind.len() - self.under_way
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many were given out and are not done.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.under_way
    }

    /// How many may wait.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }
}
