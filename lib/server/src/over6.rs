//! DHCPv4 over DHCPv6 (RFC 7341): the way between the server of DHCPv6 and the one of DHCPv4.
//!
//! They talk over two UDP ports of ::1, as Kea's do, so that either may be Kea's: `dhcp4o6-port` is the DHCPv6 server's,
//! the one above it the DHCPv4 server's. Each takes messages from the other only. What comes is worked on by a task of the
//! runtime, one message after the other (`upkeep/over6.rs`); what a worker has to pass on it sends itself.

use std::fmt;
use std::io;
use std::net::{Ipv6Addr, UdpSocket};
use std::sync::Arc;

use kotare_daemon::Published;
use kotare_model::Chance;

use crate::Daemon;
use crate::family::{CountersOf, DepartureOf, Family, Flow};
use crate::messages::KOTARE_OVER6_NOT_PASSED_ON;
use crate::sockets::Sockets;

/// Which end of the way a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The server of DHCPv4.
    V4,
    /// The server of DHCPv6.
    V6,
}

impl End {
    /// Its own port and the other's, of the two that begin with `first`.
    pub(crate) fn ports(self, first: u16) -> (u16, u16) {
        let second = first.saturating_add(1);
        match self {
            Self::V4 => (second, first),
            Self::V6 => (first, second),
        }
    }
}

/// The way to the other server, as long as it is open.
#[derive(Debug)]
pub(crate) struct Way(Published<Option<UdpSocket>>);

impl Default for Way {
    fn default() -> Self {
        Self(Published::new(Arc::new(None)))
    }
}

impl Way {
    /// Opens it; what the other server sends is received from the socket that is returned. Called within a tokio runtime.
    pub(crate) fn open(&self, end: End, first: u16) -> io::Result<tokio::net::UdpSocket> {
        let (own, other) = end.ports(first);
        let socket = UdpSocket::bind((Ipv6Addr::LOCALHOST, own))?;
        socket.connect((Ipv6Addr::LOCALHOST, other))?;
        socket.set_nonblocking(true)?;
        let receiver = tokio::net::UdpSocket::from_std(socket.try_clone()?)?;
        self.0.publish(Arc::new(Some(socket)));
        Ok(receiver)
    }

    /// Closes it.
    pub(crate) fn close(&self) {
        self.0.publish(Arc::new(None));
    }

    /// Sends a message to the other server. Waits for nothing.
    fn send(&self, message: &[u8]) -> io::Result<()> {
        let socket = self.0.load();
        let socket = Option::as_ref(&**socket).ok_or(io::ErrorKind::NotConnected)?;
        match socket.send(message) {
            // That nobody was there for what was sent before is not said of this one.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => socket.send(message),
            sent => sent,
        }
        .map(drop)
    }

    /// The same for a worker, who can do nothing if it fails: the client asks again.
    pub(crate) fn pass_on(&self, message: &[u8]) {
        if let Err(error) = self.send(message) {
            KOTARE_OVER6_NOT_PASSED_ON(error);
        }
    }
}

/// Where the messages are worked on that the other server passes on.
pub struct Desk<F: Flow> {
    daemon: Arc<Daemon<F>>,
    counters: CountersOf<F>,
    chance: Chance,
}

impl<F: Family> Desk<F> {
    pub(crate) fn new(daemon: Arc<Daemon<F>>) -> io::Result<Self> {
        let (counters, seed) = (daemon.statistics.worker(), (daemon.surroundings.seed)()?);
        Ok(Self { daemon, counters, chance: Chance::new(seed) })
    }

    /// The server.
    pub fn daemon(&self) -> &Daemon<F> {
        &self.daemon
    }

    /// What is counted here.
    pub fn counters(&self) -> &CountersOf<F> {
        &self.counters
    }

    /// Any number, another one each time.
    pub fn seed(&mut self) -> u64 {
        self.chance.number()
    }

    /// Passes a message on to the other server.
    ///
    /// # Errors
    /// What the system says.
    pub fn pass_on(&self, message: &[u8]) -> io::Result<()> {
        self.daemon.shared.over6.send(message)
    }

    /// Sends a message to the network, as a reply is sent.
    ///
    /// # Errors
    /// What the network says.
    pub async fn send(&self, departure: DepartureOf<F>, message: &[u8]) -> io::Result<()> {
        let sockets = self.daemon.sockets.lock().await;
        let crew = sockets.as_ref().map(Sockets::crew).ok_or(io::ErrorKind::NotConnected)?;
        crew.send(departure, message.into()).await
    }
}

impl<F: Flow> fmt::Debug for Desk<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each end has one of two ports that follow each other.
    #[test]
    fn ends_have_ports_of_their_own() {
        assert_eq!((End::V6.ports(786), End::V4.ports(786)), ((786, 787), (787, 786)));
        assert_eq!(End::V4.ports(65_534), (65_535, 65_534));
    }

    /// Nothing goes a way that is not open.
    #[test]
    fn a_closed_way_takes_nothing() {
        assert_eq!(Way::default().send(&[1]).map_err(|error| error.kind()), Err(io::ErrorKind::NotConnected));
    }
}
