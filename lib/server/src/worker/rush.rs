//! What a worker does when more comes than it can answer.
//!
//! As long as messages are answered as they come, nothing here costs anything, nor while some always wait but not many: a
//! load that just keeps a worker busy. When batch after batch is full and messages pile up in the kernel, the worker reads
//! ahead, answers what is urgent first, and what is beyond a client's share last. A burst that it has room for
//! together with the kernel is answered whole. Only when the kernel has to drop packets, which does not look what they are,
//! the worker drops what is least urgent instead, so that the others come through.

use std::time::Duration;

use kotare_model::Timestamp;
use kotare_net::BATCH;

use super::backlog::{Backlog, ROOM};
use super::round::Fate;
use super::shares::Shares;
use super::{Desk, NAP, ROUNDS};
use crate::family::{ArrivalOf, Begin, Ended, Family, Flow, PortOf};
use crate::messages::KOTARE_OVERLOADED;
use crate::network::Port;
use crate::worker::Place;

/// After half as many rounds in a row that left messages unread in the kernel it is looked how many those are.
const PATIENCE: u32 = 32;

/// How many batches are read at most before the next ones are answered.
const AHEAD: usize = 8;

/// How many messages within their clients' shares are read for each that is answered. Reading what is dropped takes time
/// that answering could have: with two, a server answers as much as it can and has twice as much to choose from; with four
/// it answered half as much.
const CHOICE: usize = 2;

/// The state of one worker.
#[derive(Debug)]
pub(super) struct Rush<F: Flow> {
    /// Two for each round that left messages unread, less one for each other.
    full: u32,
    /// Whether the worker reads ahead: from when messages have piled up until they are answered as they come.
    on: bool,
    backlog: Backlog<F>,
    shares: Shares,
    /// When the kernel dropped packets last.
    overflowed: Option<Timestamp>,
    /// What was dropped since that was told: in all, and what of it was beyond a client's share.
    dropped: (u64, u64),
}

impl<F: Flow> Rush<F> {
    pub(super) fn new() -> Self {
        Self {
            full: 0,
            on: false,
            backlog: Backlog::new(),
            shares: Shares::new(),
            overflowed: None,
            dropped: (0, 0),
        }
    }

    /// A round has ended; whether it left messages unread in the socket it read from, and whether they pile up.
    pub(super) fn note(&mut self, more: bool, crowded: impl FnOnce() -> bool) {
        // Beside a socket that always has more there may be one that never has.
        self.full = if more { (self.full + 2).min(PATIENCE) } else { self.full.saturating_sub(1) };
        match (self.on, self.full) {
            (true, 0) => self.on = false,
            (false, PATIENCE) => (self.on, self.full) = if crowded() { (true, PATIENCE) } else { (false, 0) },
            _ => {}
        }
    }

    /// The kernel dropped packets.
    pub(super) fn note_overflow(&mut self, now: Timestamp) {
        self.overflowed = Some(now);
    }

    pub(super) fn is_on(&self) -> bool {
        self.on || !self.backlog.is_empty()
    }

    /// Whether nothing waits here.
    pub(super) fn is_over(&self) -> bool {
        self.backlog.is_empty()
    }

    /// How long the worker may sleep.
    pub(super) fn nap(&self) -> Duration {
        if self.backlog.is_empty() { NAP } else { Duration::ZERO }
    }

    /// Takes out all that waits, the most urgent first.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = Box<Place<F>>> {
        std::iter::from_fn(|| self.backlog.next())
    }
}

impl<F, E, X> Desk<F, E, X>
where
    F: Family,
    E: Fn(Begin<F>) -> X,
    X: Future<Output = Ended<F>>,
{
    /// Reads ahead, and answers as much as in other rounds.
    pub(super) fn receive_in_rush(&mut self, port: &mut PortOf<F>) {
        self.count_lost(port);
        // When it is over, what was read ahead is answered first.
        let more = self.rush.on && self.read_ahead(port);
        while let Some((place, excess)) = self.rush.backlog.surplus() {
            let (dropped, of_excess) = &mut self.rush.dropped;
            (*dropped, *of_excess) = (*dropped + 1, *of_excess + u64::from(excess));
            self.give_up(place, Fate::Dropped { excess });
        }
        for _ in 0..self.generation.rounds * BATCH {
            if self.generation.waits && self.slots.room() == 0 {
                break;
            }
            let Some(place) = self.rush.backlog.next() else { break };
            self.begin(place);
            self.take_back();
        }
        self.rush.note(more, || port.is_crowded());
        if !self.rush.is_on() {
            // A rush must not be paid for ever.
            self.places.truncate(ROUNDS * BATCH);
        }
    }

    /// Reads what is there, as far as there is room; whether some was left.
    fn read_ahead(&mut self, port: &mut PortOf<F>) -> bool {
        let enough = self.rush.backlog.owed() + CHOICE * self.generation.rounds * BATCH;
        for _ in 0..AHEAD.max(CHOICE * self.generation.rounds) {
            let owed = self.rush.backlog.owed();
            // What the kernel has room for can wait there.
            let overflows = self.rush.overflowed == Some(self.now);
            if owed >= enough || !overflows && owed + BATCH > ROOM {
                return true;
            }
            match port.receive(|arrival, datagram, came| self.keep(arrival, datagram, came)) {
                Ok(true) => {}
                Ok(false) => return false,
                Err(error) => {
                    F::WORDS.buffer_receive_fail(error);
                    return false;
                }
            }
        }
        true
    }

    /// Reads a message and keeps it until it is its turn.
    fn keep(&mut self, arrival: ArrivalOf<F>, datagram: &[u8], came: Option<Duration>) {
        let place = self.place(arrival, datagram, came);
        let Some(place) = self.read(place) else { return };
        let Some(query) = &place.query else { return };
        let client = self.shared.in_flight.key(&F::sender(query));
        let excess = self.rush.shares.is_excess(client, self.now);
        let urgency = F::urgency(query);
        self.rush.backlog.put(place, urgency, excess);
    }

    /// Tells how much was dropped.
    pub(super) fn tell_dropped(&mut self) {
        let (dropped, excess) = std::mem::take(&mut self.rush.dropped);
        if dropped > 0 {
            KOTARE_OVERLOADED(dropped, excess);
        }
    }
}
