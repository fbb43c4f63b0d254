//! Messages that were read and wait to be answered, when more come than can be.

use std::collections::VecDeque;

use super::Place;
use crate::family::Flow;

/// How many messages a worker reads ahead at most. More wait in the kernel as long as it has room for them.
pub(super) const ROOM: usize = 1024;

/// What is answered first when not everything can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Who has a lease wants to keep it, and loses its network if it cannot.
    Keeps,
    /// Who was offered a lease or had one before wants it, or gives one back.
    Takes,
    /// Who asks what there is has nothing to lose yet.
    Asks,
}

/// Messages by urgency, each queue in the order of arrival; and those of clients that have sent more than their share.
#[derive(Debug)]
pub(super) struct Backlog<F: Flow> {
    queues: [VecDeque<Box<Place<F>>>; EXCESS + 1],
    len: usize,
}

/// The queue of what is beyond a client's share: answered last, dropped first.
const EXCESS: usize = Urgency::Asks as usize + 1;

impl<F: Flow> Backlog<F> {
    pub(super) fn new() -> Self {
        Self { queues: std::array::from_fn(|_| VecDeque::new()), len: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many there are within their clients' shares. The others make room for them.
    pub(super) fn owed(&self) -> usize {
        self.len - self.queues[EXCESS].len()
    }

    /// Takes a message; `excess` if it is beyond its client's share.
    pub(super) fn put(&mut self, place: Box<Place<F>>, urgency: Urgency, excess: bool) {
        self.queues[if excess { EXCESS } else { urgency as usize }].push_back(place);
        self.len += 1;
    }

    /// The most urgent message, of these the oldest.
    pub(super) fn next(&mut self) -> Option<Box<Place<F>>> {
        let place = self.queues.iter_mut().find_map(VecDeque::pop_front)?;
        self.len -= 1;
        Some(place)
    }

    /// If there are more than there is room for, the least urgent message, of these the oldest: its client asks again
    /// soonest. True with it if it is beyond its client's share.
    pub(super) fn surplus(&mut self) -> Option<(Box<Place<F>>, bool)> {
        if self.len <= ROOM {
            return None;
        }
        let excess = !self.queues[EXCESS].is_empty();
        let place = self.queues.iter_mut().rev().find_map(VecDeque::pop_front)?;
        self.len -= 1;
        Some((place, excess))
    }
}
