//! Received datagrams, with where they came from.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use kotare_model::Arrival4;
use kotare_wire::frame::Frame;

use super::socket::{Mode4, Socket4};
use crate::mmsg::{BATCH, Inbox};
use crate::port::{Batch, Endpoint};

/// The datagrams of one [`crate::Port4::recv`]: made once, filled again and again.
#[derive(Debug)]
pub struct Arrivals4 {
    inbox: Inbox,
    /// One for each valid datagram.
    found: Vec<Payload>,
}

#[derive(Debug)]
struct Payload {
    arrival: Arrival4,
    /// Which datagram of the inbox, and where in it the payload is.
    place: usize,
    start: usize,
    length: usize,
    came: Option<Duration>,
}

impl Arrivals4 {
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
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Arrival4, &[u8])> {
        self.stamped().map(|(arrival, payload, _)| (arrival, payload))
    }

    /// The same, and when the kernel received each, where it tells ([`crate::Port::stamp`]).
    pub fn stamped(&self) -> impl ExactSizeIterator<Item = (Arrival4, &[u8], Option<Duration>)> {
        self.found.iter().map(|found| {
            let datagram = self.inbox.datagram(found.place).unwrap_or_default();
            (found.arrival, &datagram[found.start..][..found.length], found.came)
        })
    }

    fn in_frame(&self, socket: &Socket4, place: usize) -> Option<Payload> {
        let bytes = self.inbox.datagram(place)?;
        let aside = self.inbox.aside(place);
        let frame = Frame::parse(bytes, !aside.checksum_not_ready).ok()?;
        let arrival = Arrival4 {
            ifindex: socket.spec().ifindex,
            local: socket.spec().local,
            destination: *frame.destination.ip(),
            source: frame.source,
            source_mac: Some(frame.source_mac),
            destination_mac: Some(frame.destination_mac),
        };
        // The payload is a part of the frame; remembering where is what lets the bytes stay.
        let start = frame.payload.as_ptr().addr() - bytes.as_ptr().addr();
        Some(Payload { arrival, place, start, length: frame.payload.len(), came: aside.came })
    }

    fn in_datagram(&self, socket: &Socket4, place: usize) -> Option<Payload> {
        let length = self.inbox.datagram(place)?.len();
        let aside = self.inbox.aside(place);
        let (ifindex, destination): (u32, Ipv4Addr) =
            aside.packet_info4.unwrap_or((socket.spec().ifindex, socket.spec().local));
        let source = self.inbox.sender4(place);
        let local = socket.spec().local;
        let (source_mac, destination_mac) = (None, None);
        let arrival = Arrival4 { ifindex, local, destination, source, source_mac, destination_mac };
        Some(Payload { arrival, place, start: 0, length, came: aside.came })
    }
}

impl Batch<Socket4> for Arrivals4 {
    fn clear(&mut self) {
        self.found.clear();
    }

    fn fill(&mut self, socket: &Socket4) -> io::Result<usize> {
        self.found.clear();
        let received = self.inbox.receive(socket.main())?;
        for place in 0..received {
            let found = match socket.spec().mode {
                Mode4::Raw => self.in_frame(socket, place),
                Mode4::Udp => self.in_datagram(socket, place),
            };
            self.found.extend(found);
        }
        Ok(received)
    }

    fn len(&self) -> usize {
        self.found.len()
    }
}

impl Default for Arrivals4 {
    fn default() -> Self {
        Self::new()
    }
}
