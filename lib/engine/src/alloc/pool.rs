//! Which addresses of a pool are taken.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::net::Ipv4Addr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use kotare_model::Chance;
use parking_lot::Mutex;

use super::bitmap::Bitmap;

/// What makes two configurations' pools the same, so that one's map serves the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PoolKey {
    /// The lowest address.
    pub(crate) first: u32,
    /// The highest address.
    pub(crate) last: u32,
    /// `exclude-first-last-24` applies: addresses that end in .0 or .255 are never proposed.
    pub(crate) without_ends: bool,
    /// Addresses are proposed longest free first, those that were never leased by chance (`flq`).
    pub(crate) queued: bool,
}

/// Which addresses of a pool are taken: leased or in probation, as far as is known.
#[derive(Debug)]
pub(crate) struct PoolMap {
    key: PoolKey,
    /// What is not proposed: taken or barred.
    taken: Bitmap,
    /// Only once something was.
    barred: OnceLock<Barred>,
    queue: Option<Mutex<FreeQueue>>,
    /// How many are taken, of a pool with a queue.
    count: AtomicU64,
    /// While the map is being filled from the store: the addresses freed meanwhile, which the filling may have read
    /// before and marked after.
    filling: AtomicBool,
    freed: Mutex<Vec<Ipv4Addr>>,
}

impl PoolMap {
    /// A map in which nothing is taken, to be filled from the store.
    pub(crate) fn new(key: PoolKey) -> Self {
        let size = (u64::from(key.last) - u64::from(key.first) + 1) as usize;
        let taken = Bitmap::new(size);
        if key.without_ends {
            (key.first..=key.last).filter(|&address| is_end(address)).for_each(|address| {
                taken.insert((address - key.first) as usize);
            });
        }
        let excluded =
            if key.without_ends { (key.first..=key.last).filter(|&it| is_end(it)).count() } else { 0 };
        let queue = key.queued.then(|| Mutex::new(FreeQueue::new(size)));
        let count = AtomicU64::new(excluded as u64);
        let (barred, filling) = (OnceLock::new(), AtomicBool::new(true));
        Self { key, taken, barred, queue, count, filling, freed: Mutex::default() }
    }

    pub(crate) fn key(&self) -> PoolKey {
        self.key
    }

    /// How many addresses the pool has.
    pub(crate) fn size(&self) -> u64 {
        u64::from(self.key.last) - u64::from(self.key.first) + 1
    }

    pub(crate) fn contains(&self, address: Ipv4Addr) -> bool {
        (self.key.first..=self.key.last).contains(&u32::from(address))
    }

    /// Notes that an address of the pool is taken. Do it before the lease is put into the store, so that a removal
    /// that follows is noted later.
    pub(crate) fn take(&self, address: Ipv4Addr) {
        let offset = self.offset(address);
        let is_new = match self.if_barred(offset, |bar| std::mem::replace(&mut bar.taken, true)) {
            Some(was_taken) => !was_taken,
            None => self.taken.insert(offset),
        };
        if is_new && self.queue.is_some() {
            self.count.fetch_add(1, SeqCst);
        }
    }

    /// Notes that an address of the pool is free. Do it after the lease was removed from the store.
    pub(crate) fn free(&self, address: Ipv4Addr) {
        if self.filling.load(SeqCst) {
            self.freed.lock().push(address);
        }
        if self.key.without_ends && is_end(address.into()) {
            return;
        }
        let offset = self.offset(address);
        let barred = self.if_barred(offset, |bar| {
            self.taken.insert(offset);
            std::mem::replace(&mut bar.taken, false)
        });
        if barred.unwrap_or_else(|| self.open(offset)) && self.queue.is_some() {
            self.count.fetch_sub(1, SeqCst);
        }
    }

    /// Keeps an address of the pool from being proposed, whether or not it is taken, until it was let as often.
    pub(crate) fn bar(&self, address: Ipv4Addr) {
        let offset = self.offset(address);
        let barred = self.barred.get_or_init(|| Barred::new(self.size()));
        let mut bars = barred.bars.lock();
        let bar = bars.entry(offset).or_insert_with(|| {
            barred.offsets.insert(offset);
            Bar { times: 0, taken: !self.taken.insert(offset) }
        });
        bar.times += 1;
    }

    /// Undoes a [`PoolMap::bar`].
    pub(crate) fn unbar(&self, address: Ipv4Addr) {
        let Some(barred) = self.barred.get() else { return };
        let offset = self.offset(address);
        let mut bars = barred.bars.lock();
        let Entry::Occupied(mut bar) = bars.entry(offset) else { return };
        bar.get_mut().times -= 1;
        if bar.get().times == 0 {
            barred.offsets.remove(offset);
            if !bar.remove().taken {
                self.open(offset);
            }
        }
    }

    /// Does something to the bar of an offset, if there is one.
    fn if_barred<T>(&self, offset: usize, act: impl FnOnce(&mut Bar) -> T) -> Option<T> {
        let barred = self.barred.get().filter(|barred| barred.offsets.contains(offset))?;
        barred.bars.lock().get_mut(&offset).map(act)
    }

    /// From now on an offset may be proposed; whether it could not be before.
    fn open(&self, offset: usize) -> bool {
        let was_closed = self.taken.remove(offset);
        if was_closed && let Some(queue) = &self.queue {
            queue.lock().push(offset);
        }
        was_closed
    }

    /// How many addresses of a pool with a queue are taken, or are when `address` is, if that is one of them.
    pub(super) fn occupied(&self, address: Ipv4Addr) -> u64 {
        let is_taken =
            |offset| self.if_barred(offset, |bar| bar.taken).unwrap_or_else(|| self.taken.contains(offset));
        let is_free = self.contains(address) && !is_taken(self.offset(address));
        self.count.load(SeqCst) + u64::from(is_free)
    }

    /// The filling is over. Returns the addresses freed meanwhile: for each, the store must be asked once more.
    pub(crate) fn filled(&self) -> Vec<Ipv4Addr> {
        self.filling.store(false, SeqCst);
        std::mem::take(&mut *self.freed.lock())
    }

    /// Whether the map is being filled.
    pub(crate) fn is_filling(&self) -> bool {
        self.filling.load(SeqCst)
    }

    /// The lowest free offset at or after this one.
    pub(super) fn next_free(&self, offset: usize) -> Option<usize> {
        self.taken.next_absent(offset)
    }

    /// The offset that has been free longest, for pools with a queue; of those that were so from the start, one by chance.
    /// It goes to the end of the queue.
    pub(super) fn longest_free(&self, seed: u64) -> Option<usize> {
        let mut queue = self.queue.as_ref()?.lock();
        let mut chance = Chance::new(seed);
        while let Some(offset) = queue.pop(&mut chance) {
            if !self.taken.contains(offset) {
                queue.push(offset);
                return Some(offset);
            }
        }
        // An address freed while it was being taken can be missing from the queue; the map has it.
        let offset = self.taken.next_absent(0)?;
        queue.push(offset);
        Some(offset)
    }

    /// What [`PoolMap::longest_free`] would return, for who has looked so far: nothing changes but the look.
    pub(super) fn would_be_longest_free(&self, seed: u64, look: &mut Look) -> Option<usize> {
        let queue = self.queue.as_ref()?.lock();
        let mut chance = Chance::new(seed);
        while let Some(offset) = queue.peek(look, &mut chance) {
            if !self.taken.contains(offset) {
                look.pushed.push(offset as u32);
                return Some(offset);
            }
        }
        let offset = self.taken.next_absent(0)?;
        look.pushed.push(offset as u32);
        Some(offset)
    }

    /// The address at this offset.
    pub(super) fn address(&self, offset: usize) -> Ipv4Addr {
        (self.key.first + offset as u32).into()
    }

    fn offset(&self, address: Ipv4Addr) -> usize {
        (u32::from(address) - self.key.first) as usize
    }
}

/// Addresses that are not for everybody.
#[derive(Debug)]
struct Barred {
    /// Which they are, for a quick look.
    offsets: Bitmap,
    bars: Mutex<HashMap<usize, Bar>>,
}

/// Why an address is not proposed.
#[derive(Debug)]
struct Bar {
    /// How often it was barred: several configurations can share a map, and several clients an address.
    times: u32,
    /// Whether it is taken, too.
    taken: bool,
}

impl Barred {
    fn new(size: u64) -> Self {
        Self { offsets: Bitmap::new(size as usize), bars: Mutex::default() }
    }
}

/// Offsets in the order in which they became free; each is in it once at most.
#[derive(Debug)]
struct FreeQueue {
    order: VecDeque<u32>,
    queued: Bitmap,
    /// How many at the beginning were free from the start, so that none of them has been so longer than another. As in
    /// Kea they come in no order that anybody can guess.
    fresh: usize,
}

impl FreeQueue {
    fn new(size: usize) -> Self {
        let queued = Bitmap::new(size);
        (0..size).for_each(|offset| {
            queued.insert(offset);
        });
        Self { order: (0..size as u32).collect(), queued, fresh: size }
    }

    fn push(&mut self, offset: usize) {
        if self.queued.insert(offset) {
            self.order.push_back(offset as u32);
        }
    }

    /// What [`FreeQueue::pop`] would return after as many as were looked at.
    fn peek(&self, look: &mut Look, chance: &mut Chance) -> Option<usize> {
        let at = look.passed;
        if let Some(fresh @ 1..) = self.fresh.checked_sub(at) {
            let other = at + (chance.number() % fresh as u64) as usize;
            let (here, there) = (look.at(self, at)?, look.at(self, other)?);
            look.swapped.extend([(at, there), (other, here)]);
        }
        let offset = look.at(self, at)?;
        look.passed += 1;
        Some(offset as usize)
    }

    fn pop(&mut self, chance: &mut Chance) -> Option<usize> {
        if let Some(left) = self.fresh.checked_sub(1) {
            self.order.swap(0, (chance.number() % self.fresh as u64) as usize);
            self.fresh = left;
        }
        let offset = self.order.pop_front()? as usize;
        self.queued.remove(offset);
        Some(offset)
    }
}

/// How far somebody looked into a queue that stays as it is.
#[derive(Debug, Default)]
pub(crate) struct Look {
    passed: usize,
    /// What would stand elsewhere by now.
    swapped: HashMap<usize, u32>,
    /// What would stand behind all others.
    pushed: Vec<u32>,
}

impl Look {
    fn at(&self, queue: &FreeQueue, place: usize) -> Option<u32> {
        let behind = || self.pushed.get(place.checked_sub(queue.order.len())?);
        self.swapped.get(&place).or_else(|| queue.order.get(place)).or_else(behind).copied()
    }
}

/// Whether the address ends in .0 or .255.
fn is_end(address: u32) -> bool {
    matches!(address & 0xff, 0 | 0xff)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is barred is not free while it is, whatever becomes of its leases; then it is what they made of it.
    #[test]
    fn what_is_barred_is_not_free() {
        for queued in [false, true] {
            let map = PoolMap::new(PoolKey { first: 10, last: 12, without_ends: false, queued });
            map.filled();
            let free = |offset| map.next_free(offset) == Some(offset);
            let [a, b, c] = [10, 11, 12].map(Ipv4Addr::from);
            map.take(a);
            for address in [a, b, b, c] {
                map.bar(address);
            }
            map.take(b);
            map.take(b);
            map.free(a);
            if queued {
                assert_eq!(
                    (map.occupied(Ipv4Addr::UNSPECIFIED), map.occupied(a), map.occupied(b)),
                    (1, 2, 1)
                );
            }
            assert_eq!((map.next_free(0), map.longest_free(1)), (None, None));
            map.unbar(a);
            map.unbar(b);
            assert!(free(0) && !free(1) && !free(2), "it was barred twice");
            map.unbar(b);
            map.unbar(c);
            assert!(free(0) && !free(1) && free(2), "it is taken");
            map.free(b);
            assert!(free(1));
            if queued {
                assert_eq!(map.occupied(Ipv4Addr::UNSPECIFIED), 0);
                let mut order: Vec<_> = (0..3).filter_map(|seed| map.longest_free(seed)).collect();
                order.sort_unstable();
                assert_eq!(order, [0, 1, 2]);
            }
            map.unbar(c);
            assert!(free(2), "what is not barred cannot be let");
        }
    }

    /// An address that is freed while the map is being filled may be marked by what the filling read before: the map
    /// says which to ask for again.
    #[test]
    fn what_is_freed_while_filling_is_asked_for_again() {
        let map = PoolMap::new(PoolKey { first: 10, last: 19, without_ends: false, queued: false });
        let address = Ipv4Addr::from(12);
        map.free(address);
        map.take(address);
        assert_eq!(map.filled(), [address]);
        assert!(!map.is_filling());
        map.free(address);
        assert!(map.filled().is_empty());
        assert_eq!(map.next_free(2), Some(2));
    }
}
