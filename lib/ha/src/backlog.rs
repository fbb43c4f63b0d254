//! Updates that wait for the partner to be heard again.

use std::collections::VecDeque;

/// A queue of updates, oldest first, up to `delayed-updates-limit`.
#[derive(Clone, Debug)]
pub struct Backlog<U> {
    updates: VecDeque<U>,
    limit: usize,
    is_overflown: bool,
}

impl<U> Backlog<U> {
    pub(crate) const fn new(limit: u32) -> Self {
        Self { updates: VecDeque::new(), limit: limit as usize, is_overflown: false }
    }

    /// Queues an update if there is room; that there was none is remembered.
    pub(crate) fn push(&mut self, update: U) {
        if self.updates.len() < self.limit {
            self.updates.push_back(update);
        } else {
            self.is_overflown = true;
        }
    }

    /// The oldest updates, as many as are to be sent together. They stay until the partner has them
    /// ([`crate::Machine::sent`]).
    pub fn oldest(&self, many: usize) -> impl Iterator<Item = &U> {
        self.updates.iter().take(many)
    }

    /// The partner has the oldest ones.
    pub(crate) fn sent(&mut self, many: usize) {
        self.updates.drain(..many.min(self.updates.len()));
    }

    /// How many are queued.
    #[must_use]
    pub fn len(&self) -> usize {
        self.updates.len()
    }

    /// Whether none is queued.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.updates.is_empty()
    }

    /// Whether updates were lost for want of room.
    #[must_use]
    pub const fn is_overflown(&self) -> bool {
        self.is_overflown
    }

    pub(crate) fn clear(&mut self) {
        (self.updates, self.is_overflown) = (VecDeque::new(), false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Updates leave in their order, when the partner has them; what found no room is known to be missing.
    #[test]
    fn updates_wait_in_order() {
        let mut backlog = Backlog::new(3);
        (1..=3).for_each(|update| backlog.push(update));
        assert!(!backlog.is_overflown());
        assert_eq!(backlog.oldest(2).collect::<Vec<_>>(), [&1, &2]);
        backlog.sent(2);
        backlog.push(4);
        assert_eq!(backlog.oldest(9).collect::<Vec<_>>(), [&3, &4]);
        (5..=6).for_each(|update| backlog.push(update));
        assert!(backlog.is_overflown() && backlog.len() == 3);
        backlog.clear();
        assert!(backlog.is_empty() && !backlog.is_overflown());
    }

    /// Without room nothing is kept, and it is known.
    #[test]
    fn no_room_is_an_overflow() {
        let mut backlog = Backlog::new(0);
        backlog.push(1);
        assert!(backlog.is_empty() && backlog.is_overflown());
    }
}
