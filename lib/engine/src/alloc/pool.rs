//! Which addresses of a pool are taken.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::Ipv4Addr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use parking_lot::Mutex;

use super::Map;
use super::bitmap::Bitmap;
use super::queue::{FreeQueue, Look};

/// What makes two configurations' pools the same, so that one's map serves the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolKey {
    /// The lowest address.
    pub first: u32,
    /// The highest address.
    pub last: u32,
    /// `exclude-first-last-24` applies: addresses that end in .0 or .255 are never proposed.
    pub without_ends: bool,
    /// Addresses are proposed longest free first, those that were never leased by chance (`flq`).
    pub queued: bool,
}

/// Which addresses of a pool are taken: leased or in probation, as far as is known.
#[derive(Debug)]
pub struct PoolMap {
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

impl Map for PoolMap {
    type Key = PoolKey;
    type Place = Ipv4Addr;
    type Bound = u32;
    type Count = u64;

    fn new(key: PoolKey) -> Self {
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

    fn key(&self) -> PoolKey {
        self.key
    }

    fn ends(&self) -> (u32, u32) {
        (self.key.first, self.key.last)
    }

    fn ends_of(address: Ipv4Addr) -> (u32, u32) {
        (address.into(), address.into())
    }

    fn size(&self) -> u64 {
        u64::from(self.key.last) - u64::from(self.key.first) + 1
    }

    fn take(&self, address: Ipv4Addr) -> bool {
        let offset = self.offset(address);
        let is_new = match self.if_barred(offset, |bar| std::mem::replace(&mut bar.taken, true)) {
            Some(was_taken) => !was_taken,
            None => self.taken.insert(offset),
        };
        if is_new && self.queue.is_some() {
            self.count.fetch_add(1, SeqCst);
        }
        // No other place shares it.
        true
    }

    fn free(&self, address: Ipv4Addr) {
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

    fn bar(&self, address: Ipv4Addr) {
        let offset = self.offset(address);
        let barred = self.barred.get_or_init(|| Barred::new(self.size()));
        let mut bars = barred.bars.lock();
        let bar = bars.entry(offset).or_insert_with(|| {
            barred.offsets.insert(offset);
            Bar { times: 0, taken: !self.taken.insert(offset) }
        });
        bar.times += 1;
    }

    fn unbar(&self, address: Ipv4Addr) {
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

    fn occupied(&self, address: Ipv4Addr) -> u64 {
        let is_taken =
            |offset| self.if_barred(offset, |bar| bar.taken).unwrap_or_else(|| self.taken.contains(offset));
        let is_free = self.touches(address) && !is_taken(self.offset(address));
        self.count.load(SeqCst) + u64::from(is_free)
    }

    fn filled(&self) -> Vec<Ipv4Addr> {
        self.filling.store(false, SeqCst);
        std::mem::take(&mut *self.freed.lock())
    }

    fn is_filling(&self) -> bool {
        self.filling.load(SeqCst)
    }

    fn next_free(&self, offset: u64) -> Option<u64> {
        self.taken.next_absent(offset as usize).map(|offset| offset as u64)
    }

    fn longest_free(&self, seed: u64) -> Option<u64> {
        let mut queue = self.queue.as_ref()?.lock();
        let offset = queue.longest_free(seed, |it| self.taken.contains(it), || self.taken.next_absent(0))?;
        Some(offset as u64)
    }

    fn would_be_longest_free(&self, seed: u64, look: &mut Look) -> Option<u64> {
        let queue = self.queue.as_ref()?.lock();
        let (is_taken, lowest) = (|it| self.taken.contains(it), || self.taken.next_absent(0));
        Some(queue.would_be_longest_free(seed, look, is_taken, lowest)? as u64)
    }

    fn place(&self, offset: u64) -> Ipv4Addr {
        (self.key.first + offset as u32).into()
    }
}

impl PoolMap {
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
