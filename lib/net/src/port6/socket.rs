//! What a socket serves, and the socket.

use std::io;
use std::net::{IpAddr, Ipv6Addr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use kotare_model::Departure6;

use super::Arrivals6;
use crate::outbox::Outbox;
use crate::port::{Endpoint, Route};
use crate::sys;

/// What one socket of a [`crate::Port6`] shall serve: what is sent on an interface to an address of it, or to a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec6 {
    /// Index of the interface.
    pub ifindex: u32,
    /// Name of the interface, for errors.
    pub interface: String,
    /// The interface's address that serves: what messages are sent to, or, of a group, what answers.
    pub local: Ipv6Addr,
    /// The group that is listened to instead of `local`: ff02::1:2 or ff05::1:3 (RFC 9915 §7.1).
    pub group: Option<Ipv6Addr>,
}

/// What all sockets of a server have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketOptions6 {
    /// The UDP port to listen on and to send from, 547 by default.
    pub server_port: u16,
    /// Bytes of kernel receive buffer asked for each socket, as for DHCPv4.
    pub receive_buffer: usize,
}

impl SocketOptions6 {
    /// Those of a server that is told nothing else.
    pub const DEFAULT: Self = Self { server_port: 547, receive_buffer: 4 << 20 };
}

impl Default for SocketOptions6 {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// One worker's socket for one [`Spec6`]. Clones are the same socket, which closes when the last is dropped.
#[derive(Clone, Debug)]
pub struct Socket6 {
    pub(super) spec: Arc<Spec6>,
    pub(super) main: Arc<OwnedFd>,
}

impl Socket6 {
    /// What it serves.
    #[must_use]
    pub fn spec(&self) -> &Spec6 {
        &self.spec
    }
}

impl Endpoint for Socket6 {
    type Spec = Spec6;
    type Address = Ipv6Addr;
    type Arrivals = Arrivals6;
    type Departure = Departure6;

    const JOINS: bool = true;

    fn spec(&self) -> &Spec6 {
        &self.spec
    }

    fn place(spec: &Spec6) -> (&str, IpAddr) {
        (&spec.interface, spec.local.into())
    }

    fn route(spec: &Spec6) -> Route<Ipv6Addr> {
        Route { ifindex: spec.ifindex, local: spec.local, anywhere: true }
    }

    fn main(&self) -> BorrowedFd<'_> {
        self.main.as_fd()
    }

    fn dropped(&self, before: &mut u32) -> u32 {
        match self.spec.group {
            // The kernel counts what is another worker's, too.
            Some(_) => 0,
            None => sys::new_drops(self.main(), before),
        }
    }

    fn from(to: &Departure6) -> (u32, Ipv6Addr) {
        (to.ifindex, to.source)
    }

    fn leaves_through(&self, _: &Departure6) -> BorrowedFd<'_> {
        self.main()
    }

    fn address(&self, outbox: &mut Outbox, slot: usize, to: &Departure6, _: &[u8]) -> io::Result<()> {
        outbox.address_inet6(slot, to.destination, Some((to.ifindex, to.source)));
        Ok(())
    }
}
