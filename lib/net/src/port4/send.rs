//! Sending replies in batches.

use std::io;
use std::os::fd::BorrowedFd;

use kotare_model::Departure4;
use kotare_wire::frame::{Addresses, BROADCAST_MAC, HEADROOM};

use super::socket::{Mode4, Socket4};
use crate::mmsg::{BATCH, Name, Outbox};

/// Buffers for replies; consecutive ones of one socket leave with one system call.
#[derive(Debug)]
pub(crate) struct Sender4 {
    outbox: Outbox,
}

impl Sender4 {
    pub(crate) fn new() -> Self {
        Self { outbox: Outbox::new() }
    }

    /// Sends each reply through the socket that `route` tells; returns how many the kernel took. For each other one
    /// `unsent` is called with its place in `replies`.
    pub(crate) fn send<'a, 's>(
        &mut self,
        replies: impl IntoIterator<Item = (Departure4, &'a [u8])>,
        route: impl Fn(&Departure4) -> Option<&'s Socket4>,
        unsent: &mut impl FnMut(usize, io::Error),
    ) -> usize {
        let mut pending = Pending { fd: None, payloads: [&[]; BATCH], places: [0; BATCH], filled: 0 };
        let mut taken = 0;
        for (place, (to, payload)) in replies.into_iter().enumerate() {
            let Some(socket) = route(&to) else {
                unsent(place, io::Error::from_raw_os_error(libc::ENODEV));
                continue;
            };
            let framed = to.ifindex != 0 && socket.spec().mode == Mode4::Raw;
            let fd = if framed { socket.main() } else { socket.routed() };
            if pending.filled == BATCH || pending.fd.is_some_and(|other| !same(other, fd)) {
                taken += self.flush(&mut pending, unsent);
            }
            pending.fd = Some(fd);
            if framed {
                if let Err(error) = self.frame(pending.filled, socket, &to, payload) {
                    unsent(place, error);
                    continue;
                }
            } else {
                self.outbox.address_inet(pending.filled, to.destination, Some((to.ifindex, *to.source.ip())));
            }
            pending.payloads[pending.filled] = payload;
            pending.places[pending.filled] = place;
            pending.filled += 1;
        }
        taken + self.flush(&mut pending, unsent)
    }

    fn frame(&mut self, slot: usize, socket: &Socket4, to: &Departure4, payload: &[u8]) -> io::Result<()> {
        let destination_mac = to.destination_mac.unwrap_or(BROADCAST_MAC);
        let addresses = Addresses {
            source_mac: socket.spec().mac,
            destination_mac,
            source: to.source,
            destination: to.destination,
        };
        self.outbox.address_link(slot, Name::link(socket.spec().ifindex, destination_mac), |buffer| {
            let too_long = |_| io::Error::from_raw_os_error(libc::EMSGSIZE);
            buffer
                .get_mut(HEADROOM..HEADROOM + payload.len())
                .ok_or_else(|| too_long(()))?
                .copy_from_slice(payload);
            addresses.enclose(buffer, payload.len()).map_err(|_no_room| too_long(()))
        })
    }

    fn flush(&mut self, pending: &mut Pending<'_, '_>, unsent: &mut impl FnMut(usize, io::Error)) -> usize {
        let Some(fd) = pending.fd.take() else { return 0 };
        let filled = std::mem::take(&mut pending.filled);
        self.outbox.send(fd, &pending.payloads[..filled], |slot, error| unsent(pending.places[slot], error))
    }
}

/// What is addressed in the outbox and waits for the rest of its batch.
struct Pending<'a, 's> {
    fd: Option<BorrowedFd<'s>>,
    payloads: [&'a [u8]; BATCH],
    /// Where in the caller's replies each is.
    places: [usize; BATCH],
    filled: usize,
}

fn same(one: BorrowedFd<'_>, other: BorrowedFd<'_>) -> bool {
    use std::os::fd::AsRawFd;
    one.as_raw_fd() == other.as_raw_fd()
}
