//! Sending replies in batches.

use std::io;
use std::os::fd::BorrowedFd;

use super::Endpoint;
use crate::mmsg::BATCH;
use crate::outbox::Outbox;

/// Buffers for replies; consecutive ones of one socket leave with one system call.
#[derive(Debug)]
pub(crate) struct Sender {
    outbox: Outbox,
}

impl Sender {
    /// See [`Outbox::new`].
    pub(crate) fn new(joins: bool) -> Self {
        Self { outbox: Outbox::new(joins) }
    }

    /// Sends each reply through the socket that `route` tells; returns how many the kernel took. For each other one
    /// `unsent` is called with its place in `replies`.
    pub(crate) fn send<'a, 's, S: Endpoint + 's>(
        &mut self,
        replies: impl IntoIterator<Item = (S::Departure, &'a [u8])>,
        route: impl Fn(&S::Departure) -> Option<&'s S>,
        unsent: &mut impl FnMut(usize, io::Error),
    ) -> usize {
        let mut pending = Pending { fd: None, payloads: [&[]; BATCH], places: [0; BATCH], filled: 0 };
        let mut taken = 0;
        for (place, (to, payload)) in replies.into_iter().enumerate() {
            let Some(socket) = route(&to) else {
                unsent(place, io::Error::from_raw_os_error(libc::ENODEV));
                continue;
            };
            let fd = socket.leaves_through(&to);
            if pending.filled == BATCH || pending.fd.is_some_and(|other| !same(other, fd)) {
                taken += self.flush(&mut pending, unsent);
            }
            pending.fd = Some(fd);
            if let Err(error) = socket.address(&mut self.outbox, pending.filled, &to, payload) {
                unsent(place, error);
                continue;
            }
            pending.payloads[pending.filled] = payload;
            pending.places[pending.filled] = place;
            pending.filled += 1;
        }
        taken + self.flush(&mut pending, unsent)
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
