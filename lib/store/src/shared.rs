//! Queues of what is free that servers share who keep leases in one store (`shared-flq`).

use kotare_model::{LeaseType, SubnetId, Timestamp};

/// A pool with such a queue. It is the same one for all who name the same first and last address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SharedPool<A> {
    /// The first address.
    pub first: A,
    /// The last address; of prefixes, that of the last one.
    pub last: A,
    /// What it has.
    pub lease_type: LeaseType,
    /// How long delegated prefixes are; of addresses, 128.
    pub delegated_len: u8,
    /// The subnet that it is of.
    pub subnet: SubnetId,
}

/// What a queue has next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextFree<A> {
    /// This, which nobody else is told before all the others were.
    Place(A),
    /// Nothing is free.
    Nothing,
    /// The store keeps no such queue: whoever asks has to find something by himself.
    NoQueue,
}

/// A queue, as who looks after it sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue<A> {
    /// What it is the queue of.
    pub pool: SharedPool<A>,
    /// When it was made.
    pub created: Timestamp,
    /// When something was told of it last.
    pub modified: Timestamp,
    /// How many places stand in it.
    pub free: u64,
}

/// What can be done with a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueChange {
    /// What is free is found out anew, from the leases there are.
    Rebuild,
    /// It goes.
    Remove,
}
