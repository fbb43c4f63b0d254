//! A plain UDP socket that receives and sends in batches, for load generators and other tools.

use std::io;
use std::net::SocketAddrV4;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::net::sockopt::set_socket_broadcast;
use rustix::net::{AddressFamily, SocketType};

use crate::mmsg::{BATCH, Inbox, Outbox};
use crate::sys;

/// A non-blocking IPv4 UDP socket with batches of up to [`crate::BATCH`] datagrams.
#[derive(Debug)]
pub struct BatchSocket {
    socket: OwnedFd,
    local: SocketAddrV4,
    outbox: Outbox,
}

/// Buffers for received datagrams; made once, filled again and again.
#[derive(Debug)]
pub struct Batch {
    inbox: Inbox,
    received: usize,
}

impl BatchSocket {
    /// Opens a socket bound to `local` (port 0: one that the kernel chooses) with `receive_buffer` bytes of kernel
    /// buffer, or what the system allows.
    ///
    /// # Errors
    /// When the address is not ours or taken.
    pub fn bind(local: SocketAddrV4, receive_buffer: usize) -> io::Result<Self> {
        let socket = sys::socket(AddressFamily::INET, SocketType::DGRAM, None)?;
        sys::set_receive_buffer(socket.as_fd(), receive_buffer);
        set_socket_broadcast(&socket, true)?;
        rustix::net::bind(&socket, &local)?;
        let local = rustix::net::getsockname(&socket)?.try_into()?;
        Ok(Self { socket, local, outbox: Outbox::new() })
    }

    /// The address and port it is bound to.
    #[must_use]
    pub fn local(&self) -> SocketAddrV4 {
        self.local
    }

    /// Waits until there is something to receive (`true`) or the time is over (`false`).
    ///
    /// # Errors
    /// When the system cannot wait.
    pub fn wait(&self, timeout: Option<Duration>) -> io::Result<bool> {
        sys::wait_readable(self.socket.as_fd(), timeout)
    }

    /// Receives what is there into `batch`, replacing what was there; returns how many datagrams, 0 for none.
    ///
    /// # Errors
    /// What the kernel says of the socket.
    pub fn recv(&self, batch: &mut Batch) -> io::Result<usize> {
        batch.received = 0;
        match batch.inbox.receive(self.socket.as_fd()) {
            Ok(received) => batch.received = received,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        Ok(batch.received)
    }

    /// Sends each payload to its address; returns how many the kernel took. For each other one `unsent` is called
    /// with its place in `datagrams` and the reason; the rest goes on.
    pub fn send<'a>(
        &mut self,
        datagrams: impl IntoIterator<Item = (SocketAddrV4, &'a [u8])>,
        mut unsent: impl FnMut(usize, io::Error),
    ) -> usize {
        let mut datagrams = datagrams.into_iter();
        let (mut first, mut taken) = (0, 0);
        loop {
            let mut payloads = [&[][..]; BATCH];
            let mut filled = 0;
            while filled < BATCH
                && let Some((to, payload)) = datagrams.next()
            {
                self.outbox.address_inet(filled, to, None);
                payloads[filled] = payload;
                filled += 1;
            }
            if filled == 0 {
                return taken;
            }
            taken += self.outbox.send(self.socket.as_fd(), &payloads[..filled], |place, error| {
                unsent(first + place, error);
            });
            first += filled;
        }
    }

    /// Datagrams that were lost because they were not received fast enough.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn overflowed(&self) -> io::Result<u32> {
        sys::socket_drops(self.socket.as_fd())
    }
}

impl AsFd for BatchSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Batch {
    /// Buffers, empty.
    #[must_use]
    pub fn new() -> Self {
        Self { inbox: Inbox::new(), received: 0 }
    }

    /// The datagrams last received with their senders; those longer than [`crate::SLOT`] are left out.
    pub fn iter(&self) -> impl Iterator<Item = (SocketAddrV4, &[u8])> {
        (0..self.received).filter_map(|place| Some((self.inbox.sender4(place), self.inbox.datagram(place)?)))
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}
