//! Which addresses or prefixes of a pool of DHCPv6 are taken.

use kotare_config::Prefix6;
use kotare_config::v6::{Allocator, PdPool6, Pool6};
use parking_lot::Mutex;

use super::bars::Bars;
use super::place::Place6;
use super::queue::{FreeQueue, Look};
use super::set::Set;
use super::{Count, Map};

/// Of a pool with more places than this none is kept in a queue: one by chance is, for any practical time, one that was
/// not given lately.
const QUEUED: u128 = 1 << 24;

/// What makes two configurations' pools the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolKey6 {
    /// Whether it is a pool of prefixes.
    delegated: bool,
    /// The lowest address.
    first: u128,
    /// The highest address.
    last: u128,
    /// How many bits of a place are fixed: 128 for addresses.
    len: u8,
    /// Places are proposed longest free first, those that were never leased by chance (`flq`).
    queued: bool,
}

impl PoolKey6 {
    /// That of a pool of addresses.
    pub(crate) fn of(pool: &Pool6, order: Allocator) -> Self {
        let queued = order.is_queued();
        Self { delegated: false, first: pool.first.into(), last: pool.last.into(), len: 128, queued }
    }

    /// That of a pool of prefixes.
    pub(crate) fn of_prefixes(pool: &PdPool6, order: Allocator) -> Self {
        let (first, last) = (pool.prefix.network().into(), pool.prefix.last().into());
        let len = pool.delegated_len.clamp(pool.prefix.prefix_len(), 128);
        Self { delegated: true, first, last, len, queued: order.is_queued() }
    }

    /// Whether it is a pool of prefixes.
    pub(crate) fn is_delegated(self) -> bool {
        self.delegated
    }

    /// The lowest and the highest address.
    pub(crate) fn ends(self) -> (u128, u128) {
        (self.first, self.last)
    }

    fn size(self) -> u128 {
        shift_right(self.last - self.first, self.len).saturating_add(1)
    }

    /// The offset of an address.
    fn offset(self, address: u128) -> u128 {
        shift_right(address - self.first, self.len)
    }

    /// The offset of a place that is one of the pool's own.
    fn own(self, place: Place6) -> Option<u128> {
        let prefix = place.prefix().filter(|prefix| prefix.prefix_len() == self.len)?;
        Some(self.offset(prefix.network().into())).filter(|offset| *offset < self.size())
    }

    /// The offsets of what a prefix has in common with the pool, which is something.
    fn offsets(self, prefix: Prefix6) -> (u128, u128) {
        let first = self.offset(u128::from(prefix.network()).max(self.first));
        let last = self.offset(u128::from(prefix.last()).min(self.last));
        (first, last.min(self.size() - 1))
    }

    /// The bits that a place of the pool begins with.
    fn prefix(self, offset: u128) -> Option<Prefix6> {
        let bits = offset.checked_shl(128 - u32::from(self.len)).unwrap_or(0);
        Prefix6::new((self.first | bits).into(), self.len).filter(|_| self.delegated).or_else(|| {
            // Pools of addresses begin anywhere.
            Prefix6::new(self.first.saturating_add(offset).into(), 128)
        })
    }
}

/// The bits of a number that are the first `len` ones of 128.
fn shift_right(number: u128, len: u8) -> u128 {
    number.checked_shr(128 - u32::from(len)).unwrap_or(0)
}

/// Which places of a pool are taken: leased, registered or in probation, as far as is known. A lease of another length
/// can take a part of a place, or several places.
#[derive(Debug)]
pub struct PoolMap6 {
    key: PoolKey6,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The places that leases have.
    taken: Set,
    /// How many they are.
    count: u128,
    bars: Bars,
    /// What is not proposed: what is taken or barred. Only while something is barred.
    closed: Option<Set>,
    queue: Option<FreeQueue>,
    /// While the map is being filled from the store: the places freed meanwhile, which the filling may have read before
    /// and marked after.
    freed: Option<Vec<Place6>>,
}

impl State {
    /// What is not proposed.
    fn closed(&self) -> &Set {
        self.closed.as_ref().unwrap_or(&self.taken)
    }

    /// Something is barred now: these are not proposed.
    fn close(&mut self, (first, last): (u128, u128)) {
        self.closed.get_or_insert_with(|| self.taken.copy()).insert(first, last);
    }

    /// Something of the pool is not taken or barred any more for one reason; there may be others.
    fn open(&mut self, key: PoolKey6, prefix: Prefix6) {
        let (first, last) = key.offsets(prefix);
        if let Some(closed) = &mut self.closed {
            let whole = if prefix.prefix_len() > key.len { key.prefix(first) } else { Some(prefix) };
            let Some(whole) = whole.filter(|whole| !self.bars.cover(*whole)) else { return };
            closed.remove(first, last);
            self.taken.between(first, last).for_each(|(first, last)| closed.insert(first, last));
            for inside in self.bars.within(whole) {
                let (first, last) = key.offsets(inside);
                closed.insert(first, last);
            }
        }
        if self.bars.is_empty() {
            self.closed = None;
        }
        if let Some(queue) = &mut self.queue {
            let closed = self.closed.as_ref().unwrap_or(&self.taken);
            let open = (first..=last).filter(|offset| !closed.contains(*offset));
            open.for_each(|offset| queue.push(offset as usize));
        }
    }
}

impl Map for PoolMap6 {
    type Key = PoolKey6;
    type Place = Place6;
    /// Pools of addresses come before those of prefixes.
    type Bound = (bool, u128);
    type Count = u128;

    fn new(key: PoolKey6) -> Self {
        let size = key.size();
        let queue = (key.queued && size <= QUEUED).then(|| FreeQueue::new(size as usize));
        let (taken, bars) = (Set::new(size), Bars::default());
        let state = State { taken, count: 0, bars, closed: None, queue, freed: Some(Vec::new()) };
        Self { key, state: Mutex::new(state) }
    }

    fn key(&self) -> PoolKey6 {
        self.key
    }

    fn ends(&self) -> ((bool, u128), (bool, u128)) {
        ((self.key.delegated, self.key.first), (self.key.delegated, self.key.last))
    }

    fn ends_of(place: Place6) -> ((bool, u128), (bool, u128)) {
        let delegated = place.is_prefix();
        ((delegated, place.address().into()), (delegated, place.last().into()))
    }

    fn size(&self) -> u128 {
        self.key.size()
    }

    fn take(&self, place: Place6) -> bool {
        let Some(prefix) = place.prefix() else { return true };
        let state = &mut *self.state.lock();
        if let Some(offset) = self.key.own(place) {
            if !state.taken.contains(offset) {
                state.taken.insert(offset, offset);
                state.count += 1;
                if let Some(closed) = &mut state.closed {
                    closed.insert(offset, offset);
                }
            }
            return !state.bars.lease_over(prefix);
        }
        let offsets @ (first, last) = self.key.offsets(prefix);
        state.bars.lease(prefix);
        state.close(offsets);
        state.taken.between(first, last).next().is_none() && !state.bars.lease_over(prefix)
    }

    fn free(&self, place: Place6) {
        let Some(prefix) = place.prefix() else { return };
        let state = &mut *self.state.lock();
        if let Some(freed) = &mut state.freed {
            freed.push(place);
        }
        let was_taken = match self.key.own(place) {
            Some(offset) if state.taken.contains(offset) => {
                state.taken.remove(offset, offset);
                state.count -= 1;
                true
            }
            Some(_) => false,
            None => state.bars.end(prefix),
        };
        if was_taken {
            state.open(self.key, prefix);
        }
    }

    fn bar(&self, place: Place6) {
        let Some(prefix) = place.prefix() else { return };
        let state = &mut *self.state.lock();
        state.bars.reserve(prefix);
        state.close(self.key.offsets(prefix));
    }

    fn unbar(&self, place: Place6) {
        let Some(prefix) = place.prefix() else { return };
        let state = &mut *self.state.lock();
        if state.bars.cancel(prefix) {
            state.open(self.key, prefix);
        }
    }

    fn occupied(&self, place: Place6) -> u128 {
        let state = self.state.lock();
        let own = Some(place).filter(|place| self.touches(*place)).and_then(|place| self.key.own(place));
        state.count + u128::from(own.is_some_and(|offset| !state.taken.contains(offset)))
    }

    fn filled(&self) -> Vec<Place6> {
        self.state.lock().freed.take().unwrap_or_default()
    }

    fn is_filling(&self) -> bool {
        self.state.lock().freed.is_some()
    }

    fn next_free(&self, offset: u128) -> Option<u128> {
        self.state.lock().closed().next_absent(offset)
    }

    fn longest_free(&self, seed: u64) -> Option<u128> {
        let state = &mut *self.state.lock();
        let closed = state.closed.as_ref().unwrap_or(&state.taken);
        let Some(queue) = &mut state.queue else { return by_chance(closed, self.size(), seed) };
        let lowest = || closed.next_absent(0).map(|offset| offset as usize);
        let offset = queue.longest_free(seed, |offset| closed.contains(offset as u128), lowest)?;
        Some(offset as u128)
    }

    fn would_be_longest_free(&self, seed: u64, look: &mut Look) -> Option<u128> {
        let state = self.state.lock();
        let closed = state.closed();
        let Some(queue) = &state.queue else { return by_chance(closed, self.size(), seed) };
        let lowest = || closed.next_absent(0).map(|offset| offset as usize);
        let is_taken = |offset| closed.contains(offset as u128);
        Some(queue.would_be_longest_free(seed, look, is_taken, lowest)? as u128)
    }

    fn place(&self, offset: u128) -> Place6 {
        match self.key.prefix(offset) {
            Some(prefix) if self.key.delegated => Place6::Prefix(prefix),
            _ => Place6::Address(self.key.first.saturating_add(offset).into()),
        }
    }
}

/// One of the offsets below `size` that are not `closed`.
fn by_chance(closed: &Set, size: u128, seed: u64) -> Option<u128> {
    closed.next_absent(u128::chosen(seed, size)).or_else(|| closed.next_absent(0))
}

#[cfg(test)]
#[path = "pool6_tests.rs"]
mod tests;
