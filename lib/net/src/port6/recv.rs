//! Received datagrams, with where they came from.

use std::io;

use kotare_model::Arrival6;

use super::socket::Socket6;
use crate::mmsg::{BATCH, Inbox};
use crate::port::{Batch, Endpoint};

/// The datagrams of one [`crate::Port6::recv`]: made once, filled again and again.
#[derive(Debug)]
pub struct Arrivals6 {
    inbox: Inbox,
    /// How each valid datagram arrived, and which of the inbox it is.
    found: Vec<(Arrival6, usize)>,
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
        self.found.iter().map(|&(arrival, place)| (arrival, self.inbox.datagram(place).unwrap_or_default()))
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
            let (ifindex, destination) = inbox.aside(place).packet_info6.unwrap_or(usual);
            (Arrival6 { ifindex, local: spec.local, destination, source: inbox.sender6(place) }, place)
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
