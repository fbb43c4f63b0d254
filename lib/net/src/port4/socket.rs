//! What a socket serves, and the socket.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use kotare_model::{Departure4, MacAddr};
use kotare_wire::frame::{Addresses, BROADCAST_MAC, HEADROOM};

use super::Arrivals4;
use crate::mmsg::Name;
use crate::outbox::Outbox;
use crate::port::{Endpoint, Route};
use crate::sys;

/// What one socket of a [`crate::Port4`] shall serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec4 {
    /// Index of the interface.
    pub ifindex: u32,
    /// Name of the interface, for errors and for binding to it.
    pub interface: String,
    /// Link-layer address of the interface: the sender of raw frames (zeros where it has none).
    pub mac: MacAddr,
    /// The interface's address that serves.
    pub local: Ipv4Addr,
    /// Whether datagrams to 255.255.255.255 are received here. Kea does so on raw sockets, and on UDP sockets
    /// never (they serve relays and renewing clients). When several addresses of one interface are served,
    /// each that says so gets its own copy of every broadcast.
    pub broadcast: bool,
    /// The kind of socket.
    pub mode: Mode4,
}

/// The kinds of socket: `dhcp-socket-type` of Kea's `interfaces-config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode4 {
    /// `raw`: packets are read from and written to the link layer, so that clients without an address are
    /// reached by unicast. Needs an Ethernet-like interface.
    Raw,
    /// `udp`: an ordinary UDP socket; the kernel routes and resolves link-layer addresses.
    Udp,
}

/// What all sockets of a server have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketOptions4 {
    /// The UDP port to listen on and to send from, 67 by default.
    pub server_port: u16,
    /// Bytes of kernel receive buffer asked for each socket. Beyond `net.core.rmem_max` only with
    /// CAP_NET_ADMIN; without it the kernel gives what it allows.
    pub receive_buffer: usize,
}

impl SocketOptions4 {
    /// Those of a server that is told nothing else.
    pub const DEFAULT: Self = Self { server_port: 67, receive_buffer: 4 << 20 };
}

impl Default for SocketOptions4 {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// One worker's socket for one [`Spec4`]. Clones are the same socket, which closes when the last is dropped.
#[derive(Clone, Debug)]
pub struct Socket4 {
    pub(super) spec: Arc<Spec4>,
    pub(super) server_port: u16,
    /// What is received from: an `AF_PACKET` or a UDP socket.
    pub(super) main: Arc<OwnedFd>,
    /// Beside a raw socket, shared by all workers: holds the UDP port, so that the kernel neither answers with
    /// ICMP "port unreachable" nor lets another server in; receives nothing; sends what shall be routed.
    pub(super) fallback: Option<Arc<OwnedFd>>,
}

impl Socket4 {
    /// What it serves.
    #[must_use]
    pub fn spec(&self) -> &Spec4 {
        &self.spec
    }

    /// The UDP port it serves and sends from.
    #[must_use]
    pub fn server_port(&self) -> u16 {
        self.server_port
    }

    /// Whether the interface that it was opened on is gone. It will never receive again then, though an interface of the
    /// same name and index may be there.
    #[must_use]
    pub fn is_orphaned(&self) -> bool {
        self.spec.mode == Mode4::Raw && matches!(sys::bound_link(self.main()), Ok(None))
    }

    /// A UDP socket to send with where routing decides.
    fn routed(&self) -> BorrowedFd<'_> {
        self.fallback.as_ref().unwrap_or(&self.main).as_fd()
    }

    /// Whether a reply leaves as a frame.
    fn frames(&self, to: &Departure4) -> bool {
        to.ifindex != 0 && self.spec.mode == Mode4::Raw
    }
}

impl Endpoint for Socket4 {
    type Spec = Spec4;
    type Address = Ipv4Addr;
    type Arrivals = Arrivals4;
    type Departure = Departure4;

    const JOINS: bool = false;

    fn spec(&self) -> &Spec4 {
        &self.spec
    }

    fn place(spec: &Spec4) -> (&str, IpAddr) {
        (&spec.interface, spec.local.into())
    }

    fn route(spec: &Spec4) -> Route<Ipv4Addr> {
        Route { ifindex: spec.ifindex, local: spec.local, anywhere: spec.mode == Mode4::Udp }
    }

    fn main(&self) -> BorrowedFd<'_> {
        self.main.as_fd()
    }

    fn dropped(&self, before: &mut u32) -> u32 {
        match self.spec.mode {
            // The kernel forgets what it has told.
            Mode4::Raw => sys::packet_drops(self.main()).unwrap_or(0),
            Mode4::Udp => sys::new_drops(self.main(), before),
        }
    }

    fn from(to: &Departure4) -> (u32, Ipv4Addr) {
        (to.ifindex, *to.source.ip())
    }

    fn leaves_through(&self, to: &Departure4) -> BorrowedFd<'_> {
        if self.frames(to) { self.main() } else { self.routed() }
    }

    fn address(&self, outbox: &mut Outbox, slot: usize, to: &Departure4, payload: &[u8]) -> io::Result<()> {
        if !self.frames(to) {
            outbox.address_inet(slot, to.destination, Some((to.ifindex, *to.source.ip())));
            return Ok(());
        }
        let destination_mac = to.destination_mac.unwrap_or(BROADCAST_MAC);
        let addresses = Addresses {
            source_mac: self.spec.mac,
            destination_mac,
            source: to.source,
            destination: to.destination,
        };
        outbox.address_link(slot, Name::link(self.spec.ifindex, destination_mac), |buffer| {
            let too_long = |_| io::Error::from_raw_os_error(libc::EMSGSIZE);
            buffer
                .get_mut(HEADROOM..HEADROOM + payload.len())
                .ok_or_else(|| too_long(()))?
                .copy_from_slice(payload);
            addresses.enclose(buffer, payload.len()).map_err(|_no_room| too_long(()))
        })
    }
}
