//! The room of one message, from its arrival to its reply.

use std::time::Duration;

use kotare_daemon::Moment;
use kotare_net::{PAYLOAD, SLOT};

use crate::family::{ArrivalOf, Flow};

/// The room of one message: its bytes, what was read from them, and its reply.
///
/// A place goes with its message: through the exchange, which owns it for a while, and back to a worker when the reply
/// has left. Workers keep places for the next messages and make new ones only when all are under way.
pub struct Place<F: Flow> {
    datagram: [u8; SLOT],
    len: usize,
    arrival: ArrivalOf<F>,
    /// When it was received: the time of the round.
    pub(super) received: Moment,
    /// How far it got when, where somebody watches that.
    pub(super) watched: Option<Watched>,
    index: F::Index,
    pub(super) query: Option<F::Query>,
    reply: [u8; PAYLOAD],
}

/// How far a message got when.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Watched {
    /// How long the system had had it when it was read, if that is known.
    pub(super) waited: Option<Duration>,
    pub(super) read: Moment,
    /// When it was put in line for a thread, if there are several.
    pub(super) queued: Option<Moment>,
    /// When its exchange began and had ended.
    pub(super) started: Moment,
    pub(super) completed: Moment,
}

/// What is in a place, each for itself.
#[derive(Debug)]
pub struct Parts<'a, F: Flow> {
    /// The bytes of the message.
    pub datagram: &'a [u8],
    /// How it came.
    pub arrival: ArrivalOf<F>,
    /// What reading the bytes finds out of them.
    pub index: &'a mut F::Index,
    /// What is known of the message, once it was let in.
    pub query: &'a mut Option<F::Query>,
    /// The buffer for the reply.
    pub reply: &'a mut [u8],
}

impl<F: Flow> Place<F> {
    /// The place of a message, whose bytes are at most [`SLOT`].
    pub(super) fn new(arrival: ArrivalOf<F>, datagram: &[u8], received: Moment) -> Box<Self> {
        let mut place = Box::new(Self {
            datagram: [0; SLOT],
            len: 0,
            arrival,
            received,
            watched: None,
            index: F::Index::default(),
            query: None,
            reply: [0; PAYLOAD],
        });
        place.take(arrival, datagram, received);
        place
    }

    /// Takes another message in.
    pub(super) fn take(&mut self, arrival: ArrivalOf<F>, datagram: &[u8], received: Moment) {
        self.len = datagram.len().min(SLOT);
        self.datagram[..self.len].copy_from_slice(&datagram[..self.len]);
        self.arrival = arrival;
        self.received = received;
        self.watched = None;
        self.query = None;
    }

    /// What is in it.
    pub fn parts(&mut self) -> Parts<'_, F> {
        Parts {
            datagram: &self.datagram[..self.len],
            arrival: self.arrival,
            index: &mut self.index,
            query: &mut self.query,
            reply: &mut self.reply,
        }
    }

    /// The first `len` bytes of the reply.
    pub(super) fn reply(&self, len: usize) -> &[u8] {
        &self.reply[..len.min(PAYLOAD)]
    }
}

impl<F: Flow> std::fmt::Debug for Place<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place")
            .field("arrival", &self.arrival)
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
