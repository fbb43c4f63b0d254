//! The leases of one shard: by address, by when they expire, and counted.

use std::ops::Bound;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use kotare_model::{LeaseState, LeaseType, SubnetId, Timestamp};
use kotare_store::Tally;

use crate::kept::{Kept, Places, Unit};
use crate::queue::{self, Answer, Entry, Queues};
use crate::record::{NOT_QUEUED, Record};
use crate::texts::Texts;
use crate::view::View;

/// How many shards there are: enough that a handful of threads rarely meet.
pub(crate) const SHARDS: usize = 16;

/// The leases of one shard.
#[derive(Debug)]
pub(crate) struct Shard<L: Kept> {
    places: L::Places,
    /// Records, those in `free` unused.
    slots: Vec<Record<L>>,
    free: Vec<u32>,
    /// What does not fit into records.
    texts: Texts,
    unreclaimed: Queues,
    reclaimed: Queues,
    tallies: Tallies,
}

/// Counts of leases by subnet, kind and pool.
type Tallies = HashMap<(SubnetId, LeaseType, u32), Tally, FixedState>;

impl<L: Kept> Default for Shard<L> {
    fn default() -> Self {
        Self {
            places: Default::default(),
            slots: Vec::new(),
            free: Vec::new(),
            texts: Texts::default(),
            unreclaimed: Queues::default(),
            reclaimed: Queues::default(),
            tallies: HashMap::default(),
        }
    }
}

/// The two kinds of leases that somebody asks for when they expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Assigned, declined, released (or registered): to reclaim.
    Unreclaimed,
    /// Reclaimed: to remove.
    Reclaimed,
}

impl Class {
    /// The kind a lease in this state is of.
    pub(crate) fn of(state: LeaseState) -> Self {
        match state {
            LeaseState::ExpiredReclaimed => Self::Reclaimed,
            LeaseState::Assigned | LeaseState::Declined | LeaseState::Released | LeaseState::Registered => {
                Self::Unreclaimed
            }
        }
    }
}

impl<L: Kept> Shard<L> {
    /// How many leases there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// The lease of `address`.
    pub(crate) fn find(&self, address: L::Address) -> Option<View<'_, L>> {
        Some(self.slots[self.slot(address)? as usize].view(address, &self.texts))
    }

    /// Sets the lease of its address, keeping count and queue in step.
    pub(crate) fn set(&mut self, lease: &View<'_, L>) {
        let address = lease.address;
        if let Some(slot) = self.slot(address) {
            let record = &mut self.slots[slot as usize];
            let old = record.view(address, &self.texts);
            let counted =
                |lease: &View<'_, L>| (lease.subnet_id, L::kind(&lease.own), lease.pool_id, lease.state);
            if counted(&old) != counted(lease) {
                count(&mut self.tallies, &old, Step::Down);
                count(&mut self.tallies, lease, Step::Up);
            }
            // The old entry still serves if it is in the right queue and not too late.
            let queued = Some(record.queued).filter(|&queued| {
                (Class::of(old.state), old.subnet_id) == (Class::of(lease.state), lease.subnet_id)
                    && queue::deadline(lease.expires()).is_none_or(|deadline| queued <= deadline)
            });
            record.set(lease, &mut self.texts);
            record.queued = queued.unwrap_or(NOT_QUEUED);
        } else {
            count(&mut self.tallies, lease, Step::Up);
            self.insert(lease);
        }
        self.enqueue(lease);
    }

    /// Removes the lease of `address`, keeping count. Its queue entry goes stale.
    pub(crate) fn remove(&mut self, address: L::Address) {
        let Some(slot) = self.slot(address) else { return };
        count(&mut self.tallies, &self.slots[slot as usize].view(address, &self.texts), Step::Down);
        self.take(address);
    }

    /// Sets the lease of its address, leaving count and queue to a later [`Shard::settle`].
    pub(crate) fn set_unsettled(&mut self, lease: &View<'_, L>) {
        match self.slot(lease.address) {
            Some(slot) => self.slots[slot as usize].set(lease, &mut self.texts),
            None => self.insert(lease),
        }
    }

    /// Removes the lease of `address`, leaving count and queue to a later [`Shard::settle`].
    pub(crate) fn take(&mut self, address: L::Address) {
        let Some(slot) = self.places.remove(address, &self.slots) else { return };
        self.slots[slot as usize].clear(&mut self.texts);
        self.free.push(slot);
    }

    /// Counts and queues all leases anew.
    pub(crate) fn settle(&mut self) {
        self.tallies.clear();
        let (mut unreclaimed, mut reclaimed) = (Vec::with_capacity(self.len()), Vec::new());
        for (address, slot) in self.places.iter(&self.slots) {
            let lease = self.slots[slot as usize].view(address, &self.texts);
            count(&mut self.tallies, &lease, Step::Up);
            if let Some(deadline) = queue::deadline(lease.expires()) {
                let entry = (lease.subnet_id, Entry { deadline, handle: L::handle(address, slot) });
                match Class::of(lease.state) {
                    Class::Unreclaimed => unreclaimed.push(entry),
                    Class::Reclaimed => reclaimed.push(entry),
                }
            }
        }
        for record in &mut self.slots {
            record.queued = queue::deadline(record.expires()).unwrap_or(NOT_QUEUED);
        }
        self.unreclaimed = Queues::new(unreclaimed);
        self.reclaimed = Queues::new(reclaimed);
    }

    /// The first `count` units from here on, in order.
    pub(crate) fn units(&self, from: Bound<Unit<L>>, count: usize) -> Vec<Unit<L>> {
        self.places.units(from, &self.slots).take(count).collect()
    }

    /// All units, in order.
    pub(crate) fn all_units(&self) -> impl Iterator<Item = Unit<L>> {
        self.places.units(Bound::Unbounded, &self.slots)
    }

    /// The leases of a unit, by address.
    pub(crate) fn unit(&self, unit: Unit<L>) -> impl Iterator<Item = View<'_, L>> {
        let leases = self.places.unit(unit, &self.slots);
        leases.map(|(address, slot)| self.slots[slot as usize].view(address, &self.texts))
    }

    /// All leases, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = View<'_, L>> {
        self.iter_with_handles().map(|(_, lease)| lease)
    }

    /// All leases with their handles, in no order.
    pub(crate) fn iter_with_handles(&self) -> impl Iterator<Item = (u32, View<'_, L>)> {
        self.places.iter(&self.slots).map(|(address, slot)| {
            (L::handle(address, slot), self.slots[slot as usize].view(address, &self.texts))
        })
    }

    /// The handle of the lease of `address`.
    pub(crate) fn handle(&self, address: L::Address) -> Option<u32> {
        Some(L::handle(address, self.slot(address)?))
    }

    /// The lease with this handle, or another one that came in its place.
    pub(crate) fn at(&self, handle: u32) -> Option<View<'_, L>> {
        let (address, slot) = self.locate(handle)?;
        Some(self.slots[slot as usize].view(address, &self.texts))
    }

    /// Up to `limit` leases of a kind, of one subnet or of all, that ended at or before `now`, the longest ended first:
    /// when, and which.
    pub(crate) fn due(
        &mut self,
        class: Class,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
    ) -> Vec<(Timestamp, L::Address)> {
        let mut queues = std::mem::take(self.queues(class));
        let due = queues.due(subnet, now, limit, |subnet, entry| {
            let answer = self.answer(class, subnet, entry);
            if let Answer::Ends(end) = answer
                && let Some((_, slot)) = self.locate(entry.handle)
            {
                self.slots[slot as usize].queued = queue::deadline(end).unwrap_or(NOT_QUEUED);
            }
            answer
        });
        *self.queues(class) = queues;
        let address = |(end, handle)| Some((end, self.locate(handle)?.0));
        due.into_iter().filter_map(address).collect()
    }

    /// The counts, for each subnet, kind and pool that has leases.
    pub(crate) fn tallies(&self) -> impl Iterator<Item = Tally> {
        self.tallies.values().copied()
    }

    fn slot(&self, address: L::Address) -> Option<u32> {
        self.places.get(address, &self.slots)
    }

    fn locate(&self, handle: u32) -> Option<(L::Address, u32)> {
        L::locate(handle, &self.places, &self.slots)
    }

    fn insert(&mut self, lease: &View<'_, L>) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Record::EMPTY);
            // Memory is full long before there are 2^32.
            (self.slots.len() - 1) as u32
        });
        self.slots[slot as usize].set(lease, &mut self.texts);
        self.places.insert(lease.address, slot, &self.slots);
    }

    /// Makes sure that the queue asks for the lease in time.
    fn enqueue(&mut self, lease: &View<'_, L>) {
        let Some(deadline) = queue::deadline(lease.expires()) else { return };
        let Some(slot) = self.slot(lease.address) else { return };
        let record = &mut self.slots[slot as usize];
        if record.queued <= deadline {
            return;
        }
        record.queued = deadline;
        let class = Class::of(lease.state);
        self.queues(class).push(lease.subnet_id, Entry { deadline, handle: L::handle(lease.address, slot) });
        if self.queues(class).len() > 2 * self.len() + 64 {
            let mut queues = std::mem::take(self.queues(class));
            queues.retain(|subnet, entry| self.answer(class, subnet, entry) != Answer::Stale);
            *self.queues(class) = queues;
        }
    }

    /// What the lease of `entry`, which is in the queue of `subnet`, says to it.
    fn answer(&self, class: Class, subnet: SubnetId, entry: Entry) -> Answer {
        let Some((address, slot)) = self.locate(entry.handle) else { return Answer::Stale };
        let record = &self.slots[slot as usize];
        let lease = record.view(address, &self.texts);
        let counts =
            record.queued == entry.deadline && (Class::of(lease.state), lease.subnet_id) == (class, subnet);
        if counts { Answer::Ends(lease.expires()) } else { Answer::Stale }
    }

    fn queues(&mut self, class: Class) -> &mut Queues {
        match class {
            Class::Unreclaimed => &mut self.unreclaimed,
            Class::Reclaimed => &mut self.reclaimed,
        }
    }
}

#[derive(Clone, Copy)]
enum Step {
    Up,
    Down,
}

/// Counts a lease in or out. Subnets without leases in states that are counted have no entry.
fn count<L: Kept>(tallies: &mut Tallies, lease: &View<'_, L>, step: Step) {
    let (subnet, lease_type, pool_id) = (lease.subnet_id, L::kind(&lease.own), lease.pool_id);
    if !lease.state.is_held() {
        return;
    }
    let key = (subnet, lease_type, pool_id);
    let new = || Tally { subnet, lease_type, pool_id, ..Tally::default() };
    let tally = tallies.entry(key).or_insert_with(new);
    let counter = match lease.state {
        LeaseState::Declined => &mut tally.declined,
        LeaseState::Registered => &mut tally.registered,
        _ => &mut tally.assigned,
    };
    match step {
        Step::Up => *counter += 1,
        Step::Down => *counter -= 1,
    }
    if tally.is_empty() {
        tallies.remove(&key);
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
