//! Requests that wait: in order for each name and each address, side by side for others.

use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use crate::request::ChangeRequest;

/// What two requests must not change at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Name(Arc<[u8]>),
    Address(IpAddr),
}

/// A bounded queue. A request is given out when no earlier one of its name or its address waits or is under way.
#[derive(Debug)]
pub struct Queue {
    waiting: VecDeque<([Thing; 2], ChangeRequest)>,
    busy: BTreeSet<Thing>,
    under_way: usize,
    capacity: usize,
}

/// The right to change a name and an address; to be given back to [`Queue::done`].
#[derive(Debug)]
pub struct Ticket([Thing; 2]);

/// There is no room for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl Queue {
    /// An empty queue with room for so many requests that wait.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { waiting: VecDeque::new(), busy: BTreeSet::new(), under_way: 0, capacity }
    }

    /// Puts a request last.
    ///
    /// # Errors
    /// When there is no room.
    pub fn push(&mut self, request: ChangeRequest) -> Result<(), Full> {
        if self.waiting.len() >= self.capacity {
            return Err(Full);
        }
        let things = [Thing::Name(request.fqdn.canonical().into()), Thing::Address(request.address)];
        self.waiting.push_back((things, request));
        Ok(())
    }

    /// The first request that need not wait for another.
    pub fn take(&mut self) -> Option<(Ticket, ChangeRequest)> {
        let mut ahead: BTreeSet<&Thing> = BTreeSet::new();
        let mut found = None;
        for (index, (things, _)) in self.waiting.iter().enumerate() {
            if things.iter().any(|thing| self.busy.contains(thing) || ahead.contains(thing)) {
                ahead.extend(things);
            } else {
                found = Some(index);
                break;
            }
        }
        let (things, request) = self.waiting.remove(found?)?;
        self.busy.extend(things.iter().cloned());
        self.under_way += 1;
        Some((Ticket(things), request))
    }

    /// What was given out for this ticket is done.
    pub fn done(&mut self, ticket: Ticket) {
        self.under_way -= 1;
        for thing in ticket.0 {
            self.busy.remove(&thing);
        }
    }

    /// How many requests wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
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
