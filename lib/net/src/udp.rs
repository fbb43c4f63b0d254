//! A plain UDP socket that receives and sends in batches, for load generators and other tools.

use std::fmt::Debug;
use std::io;
use std::marker::PhantomData;
use std::net::{SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::addr::SocketAddrArg;
use rustix::net::sockopt::set_socket_broadcast;
use rustix::net::{AddressFamily, SocketAddrAny, SocketType};

use crate::mmsg::{BATCH, Inbox};
use crate::outbox::Outbox;
use crate::sys;

/// A non-blocking UDP socket with batches of up to [`crate::BATCH`] datagrams, of the Internet protocol that its addresses
/// are of.
#[derive(Debug)]
pub struct BatchSocket<A: Address> {
    socket: OwnedFd,
    local: A,
    outbox: Outbox,
}

/// Buffers for received datagrams; made once, filled again and again.
#[derive(Debug)]
pub struct Batch<A: Address> {
    inbox: Inbox,
    received: usize,
    senders: PhantomData<A>,
}

impl<A: Address> BatchSocket<A> {
    /// Opens a socket bound to `local` (port 0: one that the kernel chooses) with `receive_buffer` bytes of kernel
    /// buffer, or what the system allows.
    ///
    /// # Errors
    /// When the address is not ours or taken.
    pub fn bind(local: A, receive_buffer: usize) -> io::Result<Self> {
        let socket = sys::socket(A::DOMAIN, SocketType::DGRAM, None)?;
        sys::set_receive_buffer(socket.as_fd(), receive_buffer);
        set_socket_broadcast(&socket, true)?;
        rustix::net::bind(&socket, &local)?;
        let local = rustix::net::getsockname(&socket)?.try_into()?;
        Ok(Self { socket, local, outbox: Outbox::new(false) })
    }

    /// The address and port it is bound to.
    #[must_use]
    pub fn local(&self) -> A {
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
    pub fn recv(&self, batch: &mut Batch<A>) -> io::Result<usize> {
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
        datagrams: impl IntoIterator<Item = (A, &'a [u8])>,
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
                to.address(&mut self.outbox, filled);
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

impl<A: Address> AsFd for BatchSocket<A> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl<A: Address> Batch<A> {
    /// Buffers, empty.
    #[must_use]
    pub fn new() -> Self {
        Self { inbox: Inbox::new(), received: 0, senders: PhantomData }
    }

    /// The datagrams last received with their senders; those longer than [`crate::SLOT`] are left out.
    pub fn iter(&self) -> impl Iterator<Item = (A, &[u8])> {
        (0..self.received)
            .filter_map(|place| Some((A::sender(&self.inbox, place), self.inbox.datagram(place)?)))
    }
}

impl<A: Address> Default for Batch<A> {
    fn default() -> Self {
        Self::new()
    }
}

/// An address with a port: [`SocketAddrV4`] or [`SocketAddrV6`].
pub trait Address: told::Told {}

impl<A: told::Told> Address for A {}

/// How addresses are told to the kernel, and by it.
mod told {
    use super::*;

    pub trait Told: Copy + Debug + SocketAddrArg + TryFrom<SocketAddrAny, Error = Errno> {
        /// Which sockets have such addresses.
        const DOMAIN: AddressFamily;

        /// Addresses a datagram that is to be sent.
        fn address(self, outbox: &mut Outbox, place: usize);

        /// Who sent a datagram.
        fn sender(inbox: &Inbox, place: usize) -> Self;
    }
}

impl told::Told for SocketAddrV4 {
    const DOMAIN: AddressFamily = AddressFamily::INET;

    fn address(self, outbox: &mut Outbox, place: usize) {
        outbox.address_inet(place, self, None);
    }

    fn sender(inbox: &Inbox, place: usize) -> Self {
        inbox.sender4(place)
    }
}

impl told::Told for SocketAddrV6 {
    const DOMAIN: AddressFamily = AddressFamily::INET6;

    fn address(self, outbox: &mut Outbox, place: usize) {
        outbox.address_inet6(place, self, None);
    }

    fn sender(inbox: &Inbox, place: usize) -> Self {
        inbox.sender6(place)
    }
}
