//! Free places in the order in which they became free.

use std::collections::{HashMap, VecDeque};

use kotare_model::Chance;

use super::bitmap::Bitmap;

/// Offsets in the order in which they became free; each is in it once at most.
#[derive(Debug)]
pub(super) struct FreeQueue {
    order: VecDeque<u32>,
    queued: Bitmap,
    /// How many at the beginning were free from the start, so that none of them has been so longer than another. As in
    /// Kea they come in no order that anybody can guess.
    fresh: usize,
}

impl FreeQueue {
    pub(super) fn new(size: usize) -> Self {
        let queued = Bitmap::new(size);
        (0..size).for_each(|offset| {
            queued.insert(offset);
        });
        Self { order: (0..size as u32).collect(), queued, fresh: size }
    }

    pub(super) fn push(&mut self, offset: usize) {
        if self.queued.insert(offset) {
            self.order.push_back(offset as u32);
        }
    }

    /// The offset that has been free longest, which goes to the end; of those that were so from the start, one by chance.
    /// `lowest` is one that is free, if one is.
    pub(super) fn longest_free(
        &mut self,
        seed: u64,
        is_taken: impl Fn(usize) -> bool,
        lowest: impl Fn() -> Option<usize>,
    ) -> Option<usize> {
        let mut chance = Chance::new(seed);
        while let Some(offset) = self.pop(&mut chance) {
            if !is_taken(offset) {
                self.push(offset);
                return Some(offset);
            }
        }
        // One that was freed while it was being taken can be missing here; the map has it.
        let offset = lowest()?;
        self.push(offset);
        Some(offset)
    }

    /// What [`FreeQueue::longest_free`] would return, for who has looked so far: nothing changes but the look.
    pub(super) fn would_be_longest_free(
        &self,
        seed: u64,
        look: &mut Look,
        is_taken: impl Fn(usize) -> bool,
        lowest: impl Fn() -> Option<usize>,
    ) -> Option<usize> {
        let mut chance = Chance::new(seed);
        while let Some(offset) = self.peek(look, &mut chance) {
            if !is_taken(offset) {
                look.pushed.push(offset as u32);
                return Some(offset);
            }
        }
        let offset = lowest()?;
        look.pushed.push(offset as u32);
        Some(offset)
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
pub struct Look {
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
