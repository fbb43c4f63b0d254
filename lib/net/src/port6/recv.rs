//! Received datagrams, with where they came from.

use std::io;
use std::time::Duration;

use kotare_model::Arrival6;

use super::socket::Socket6;
use crate::mmsg::{BATCH, Inbox};
use crate::port::{Batch, Endpoint};

/// The datagrams of one [`crate::Port6::recv`]: made once, filled again and again.
#[derive(Debug)]
pub struct Arrivals6 {
    inbox: Inbox,
    /// How each valid datagram arrived, which of the inbox it is, and when the kernel received it.
    found: Vec<(Arrival6, usize, Option<Duration>)>,
}

impl Arrivals6 {
    /// Room for [`crate::BATCH`] datagrams.
    #[must_use]
    pub fn new() -> Self {
        Self { inbox: Inbox::new(), found: Vec::with_capacity(BATCH) }
    }

    /// How many datagrams there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The datagrams: how each arrived, and its UDP payload.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Arrival6, &[u8])> {
        self.stamped().map(|(arrival, payload, _)| (arrival, payload))
    }

    /// The same, and when the kernel received each, where it tells ([`crate::Port::stamp`]).
    pub fn stamped(&self) -> impl ExactSizeIterator<Item = (Arrival6, &[u8], Option<Duration>)> {
        let payload = |place| self.inbox.datagram(place).unwrap_or_default();
        self.found.iter().map(move |&(arrival, place, came)| (arrival, payload(place), came))
    }
}

impl Batch<Socket6> for Arrivals6 {
    fn clear(&mut self) {
        self.found.clear();
    }

    fn fill(&mut self, socket: &Socket6) -> io::Result<usize> {
        self.found.clear();
        let received = self.inbox.receive(socket.main())?;
        let (inbox, spec) = (&self.inbox, socket.spec());
        let valid = (0..received).filter(|&place| inbox.datagram(place).is_some());
        self.found.extend(valid.map(|place| {
            let usual = (spec.ifindex, spec.group.unwrap_or(spec.local));
            let aside = inbox.aside(place);
            let (ifindex, destination) = aside.packet_info6.unwrap_or(usual);
            let source = inbox.sender6(place);
            (Arrival6 { ifindex, local: spec.local, destination, source }, place, aside.came)
        }));
        Ok(received)
    }

    fn len(&self) -> usize {
        self.found.len()
    }
}

impl Default for Arrivals6 {
    fn default() -> Self {
        Self::new()
    }
}
