//! The leases of one shard: by address, by when they expire, and counted.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use kotare_model::{LeaseState, SubnetId, Timestamp};
use kotare_store::Tally;

use crate::queue::{self, Answer, Entry, Queues};
use crate::record::Record;
use crate::texts::Texts;
use crate::view::View;

/// How many shards there are: enough that a handful of threads rarely meet.
pub(crate) const SHARDS: usize = 16;

/// Addresses in a block: dense pools fill blocks, and a page of leases walks them in order.
const BLOCK: u32 = 64;

/// The shard of `address`. Neighbours in a block share one, so that it fills.
pub(crate) fn shard_of(address: Ipv4Addr) -> usize {
    // Fibonacci hashing: the top bits of the product are well mixed.
    ((address.to_bits() / BLOCK).wrapping_mul(0x9e37_79b9) >> (32 - SHARDS.ilog2())) as usize
}

/// The leases of one shard.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    blocks: HashMap<u32, Block, FixedState>,
    /// The numbers of `blocks`, in order.
    order: BTreeSet<u32>,
    /// Records, those in `free` unused.
    slots: Vec<Record>,
    free: Vec<u32>,
    /// What does not fit into records.
    texts: Texts,
    unreclaimed: Queues,
    reclaimed: Queues,
    tallies: HashMap<(SubnetId, u32), Counts, FixedState>,
}

/// Where the leases of [`BLOCK`] neighbouring addresses are.
#[derive(Debug)]
struct Block {
    /// Bit i: address i of the block has a lease.
    used: u64,
    slots: [u32; BLOCK as usize],
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    assigned: u64,
    declined: u64,
    registered: u64,
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

impl Shard {
    /// How many leases there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// The lease of `address`.
    pub(crate) fn find(&self, address: Ipv4Addr) -> Option<View<'_>> {
        Some(self.slots[self.slot(address)? as usize].view(address, &self.texts))
    }

    /// Sets the lease of its address, keeping count and queue in step.
    pub(crate) fn set(&mut self, lease: &View<'_>) {
        let address = lease.address;
        if let Some(slot) = self.slot(address) {
            let record = &mut self.slots[slot as usize];
            let old = record.view(address, &self.texts);
            if (old.subnet_id, old.pool_id, old.state) != (lease.subnet_id, lease.pool_id, lease.state) {
                count(&mut self.tallies, &old, Step::Down);
                count(&mut self.tallies, lease, Step::Up);
            }
            // The old entry still serves if it is in the right queue and not too late.
            let queued = Some(record.queued).filter(|&queued| {
                (Class::of(old.state), old.subnet_id) == (Class::of(lease.state), lease.subnet_id)
                    && queue::deadline(lease.expires()).is_none_or(|deadline| queued <= deadline)
            });
            record.set(lease, &mut self.texts);
            record.queued = queued.unwrap_or(Record::NOT_QUEUED);
        } else {
            count(&mut self.tallies, lease, Step::Up);
            self.insert(lease);
        }
        self.enqueue(lease);
    }

    /// Removes the lease of `address`, keeping count. Its queue entry goes stale.
    pub(crate) fn remove(&mut self, address: Ipv4Addr) {
        let Some(slot) = self.slot(address) else { return };
        count(&mut self.tallies, &self.slots[slot as usize].view(address, &self.texts), Step::Down);
        self.take(address);
    }

    /// Sets the lease of its address, leaving count and queue to a later [`Shard::settle`].
    pub(crate) fn set_unsettled(&mut self, lease: &View<'_>) {
        match self.slot(lease.address) {
            Some(slot) => self.slots[slot as usize].set(lease, &mut self.texts),
            None => self.insert(lease),
        }
    }

    /// Removes the lease of `address`, leaving count and queue to a later [`Shard::settle`].
    pub(crate) fn take(&mut self, address: Ipv4Addr) {
        let (number, bit) = place(address);
        let Some(block) = self.blocks.get_mut(&number) else { return };
        if block.used & 1 << bit == 0 {
            return;
        }
        let slot = block.slots[bit];
        block.used &= !(1 << bit);
        if block.used == 0 {
            self.blocks.remove(&number);
            self.order.remove(&number);
        }
        self.slots[slot as usize].clear(&mut self.texts);
        self.free.push(slot);
    }

    /// Counts and queues all leases anew.
    pub(crate) fn settle(&mut self) {
        self.tallies.clear();
        let (mut unreclaimed, mut reclaimed) = (Vec::with_capacity(self.len()), Vec::new());
        for (&number, block) in &self.blocks {
            for bit in bits(block.used) {
                let address = Ipv4Addr::from_bits(number * BLOCK + bit);
                let record = &mut self.slots[block.slots[bit as usize] as usize];
                let lease = record.view(address, &self.texts);
                count(&mut self.tallies, &lease, Step::Up);
                let (class, subnet) = (Class::of(lease.state), lease.subnet_id);
                let deadline = queue::deadline(lease.expires());
                record.queued = deadline.unwrap_or(Record::NOT_QUEUED);
                if let Some(deadline) = deadline {
                    let entry = (subnet, Entry { deadline, address: address.to_bits() });
                    match class {
                        Class::Unreclaimed => unreclaimed.push(entry),
                        Class::Reclaimed => reclaimed.push(entry),
                    }
                }
            }
        }
        self.unreclaimed = Queues::new(unreclaimed);
        self.reclaimed = Queues::new(reclaimed);
    }

    /// The number of the block that has `address`.
    pub(crate) fn block_of(address: Ipv4Addr) -> u32 {
        place(address).0
    }

    /// The number of the first block at or after `number`.
    pub(crate) fn next_block(&self, number: u32) -> Option<u32> {
        self.order.range(number..).next().copied()
    }

    /// The numbers of the first `count` blocks at or after `number`, in order.
    pub(crate) fn next_blocks(&self, number: u32, count: usize) -> Vec<u32> {
        self.order.range(number..).take(count).copied().collect()
    }

    /// The numbers of all blocks.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = u32> {
        self.blocks.keys().copied()
    }

    /// The leases of block `number`, by address.
    pub(crate) fn block(&self, number: u32) -> impl Iterator<Item = View<'_>> {
        self.blocks.get(&number).into_iter().flat_map(move |block| {
            bits(block.used).map(move |bit| {
                let address = Ipv4Addr::from_bits(number * BLOCK + bit);
                self.slots[block.slots[bit as usize] as usize].view(address, &self.texts)
            })
        })
    }

    /// All leases, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = View<'_>> {
        self.blocks.keys().flat_map(|&number| self.block(number))
    }

    /// Up to `limit` leases of a kind, of one subnet or of all, that ended at or before `now`, the longest ended first:
    /// when, and which.
    pub(crate) fn due(
        &mut self,
        class: Class,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
    ) -> Vec<(Timestamp, Ipv4Addr)> {
        let mut queues = std::mem::take(self.queues(class));
        let due = queues.due(subnet, now, limit, |subnet, entry| {
            let answer = self.answer(class, subnet, entry);
            if let Answer::Ends(end) = answer
                && let Some(slot) = self.slot(Ipv4Addr::from_bits(entry.address))
            {
                self.slots[slot as usize].queued = queue::deadline(end).unwrap_or(Record::NOT_QUEUED);
            }
            answer
        });
        *self.queues(class) = queues;
        due
    }

    /// The counts, for each subnet and pool that has leases.
    pub(crate) fn tallies(&self) -> impl Iterator<Item = Tally> {
        self.tallies.iter().map(|(&(subnet, pool_id), counts)| Tally {
            subnet,
            pool_id,
            assigned: counts.assigned,
            declined: counts.declined,
            registered: counts.registered,
            ..Tally::default()
        })
    }

    fn slot(&self, address: Ipv4Addr) -> Option<u32> {
        let (number, bit) = place(address);
        let block = self.blocks.get(&number)?;
        (block.used & 1 << bit != 0).then(|| block.slots[bit])
    }

    fn insert(&mut self, lease: &View<'_>) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Record::EMPTY);
            // There are no more than 2^32 addresses.
            (self.slots.len() - 1) as u32
        });
        self.slots[slot as usize].set(lease, &mut self.texts);
        let (number, bit) = place(lease.address);
        let block = self.blocks.entry(number).or_insert_with(|| {
            self.order.insert(number);
            Block { used: 0, slots: [0; BLOCK as usize] }
        });
        block.used |= 1 << bit;
        block.slots[bit] = slot;
    }

    /// Makes sure that the queue asks for the lease in time.
    fn enqueue(&mut self, lease: &View<'_>) {
        let Some(deadline) = queue::deadline(lease.expires()) else { return };
        let Some(slot) = self.slot(lease.address) else { return };
        let record = &mut self.slots[slot as usize];
        if record.queued <= deadline {
            return;
        }
        record.queued = deadline;
        let class = Class::of(lease.state);
        self.queues(class).push(lease.subnet_id, Entry { deadline, address: lease.address.to_bits() });
        if self.queues(class).len() > 2 * self.len() + 64 {
            let mut queues = std::mem::take(self.queues(class));
            queues.retain(|subnet, entry| self.answer(class, subnet, entry) != Answer::Stale);
            *self.queues(class) = queues;
        }
    }

    /// What the lease of `entry`, which is in the queue of `subnet`, says to it.
    fn answer(&self, class: Class, subnet: SubnetId, entry: Entry) -> Answer {
        let address = Ipv4Addr::from_bits(entry.address);
        let Some(slot) = self.slot(address) else { return Answer::Stale };
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

/// The block of `address`, and which of its bits.
fn place(address: Ipv4Addr) -> (u32, usize) {
    (address.to_bits() / BLOCK, (address.to_bits() % BLOCK) as usize)
}

/// The positions of the bits set in `word`.
fn bits(mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros();
        word &= word.wrapping_sub(1);
        (bit < u64::BITS).then_some(bit)
    })
}

#[derive(Clone, Copy)]
enum Step {
    Up,
    Down,
}

/// Counts a lease in or out. Subnets without leases in states that are counted have no entry.
fn count(tallies: &mut HashMap<(SubnetId, u32), Counts, FixedState>, lease: &View<'_>, step: Step) {
    let key = (lease.subnet_id, lease.pool_id);
    if !lease.state.is_held() {
        return;
    }
    let counts = tallies.entry(key).or_default();
    let counter = match lease.state {
        LeaseState::Declined => &mut counts.declined,
        LeaseState::Registered => &mut counts.registered,
        _ => &mut counts.assigned,
    };
    match step {
        Step::Up => *counter += 1,
        Step::Down => *counter -= 1,
    }
    if counts.assigned + counts.declined + counts.registered == 0 {
        tallies.remove(&key);
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
