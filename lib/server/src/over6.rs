//! DHCPv4 over DHCPv6 (RFC 7341): the way between the server of DHCPv6 and the one of DHCPv4.
//!
//! They talk over two UDP ports of ::1, as Kea's do, so that either may be Kea's: `dhcp4o6-port` is the DHCPv6 server's,
//! the one above it the DHCPv4 server's. Each takes messages from the other only. What comes is received by a task of the
//! runtime, and worked on at a few desks (`upkeep/over6.rs`), of a client one message at a time; what a worker has to pass on
//! it sends itself.

use std::fmt;
use std::io;
use std::net::{Ipv6Addr, UdpSocket};
use std::os::fd::AsFd;
use std::sync::Arc;

use kotare_daemon::Published;
use kotare_engine::{Admission, ClientKey, InFlight, Pass};
use kotare_model::Chance;
use tokio::sync::oneshot;

use crate::Daemon;
use crate::family::{CountersOf, DepartureOf, Family, Flow};
use crate::messages::KOTARE_OVER6_NOT_PASSED_ON;
use crate::sockets::Sockets;

/// So many bytes of messages that nobody has worked on yet wait with the kernel.
const RECEIVE_BUFFER: usize = 4 << 20;

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
        kotare_net::set_receive_buffer(socket.as_fd(), RECEIVE_BUFFER);
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

/// The clients with a message at a desk. Who waits behind that is told when it has gone, or, by nothing being told any more,
/// that a newer message of the client waits instead.
#[derive(Debug)]
pub(crate) struct Clients(InFlight<oneshot::Sender<()>>);

/// A client with a message at a desk, until this is dropped.
#[derive(Debug)]
pub struct Attended<'a> {
    clients: &'a Clients,
    pass: Option<Pass>,
}

impl Clients {
    /// None; `seed` is a random number that clients do not know.
    pub(crate) fn new(seed: u64) -> Self {
        Self(InFlight::new(seed))
    }

    async fn attend(&self, client: &ClientKey<'_>) -> Option<Attended<'_>> {
        let key = self.0.key(client);
        loop {
            let (gone, is_gone) = oneshot::channel();
            match self.0.enter(key, gone) {
                Admission::Go(pass, _) => return Some(Attended { clients: self, pass: Some(pass) }),
                Admission::Waits(replaced) => {
                    drop(replaced);
                    is_gone.await.ok()?;
                }
            }
        }
    }
}

impl Drop for Attended<'_> {
    fn drop(&mut self) {
        for waits in self.pass.take().into_iter().flat_map(|pass| self.clients.0.leave(pass)).flatten() {
            // Who was given up waits no more.
            _ = waits.send(());
        }
    }
}

/// Where a message is worked on that the other server passes on. There are a few.
pub struct Desk<F: Flow> {
    daemon: Arc<Daemon<F>>,
    counters: CountersOf<F>,
    chance: Chance,
    clients: Arc<Clients>,
}

impl<F: Family> Desk<F> {
    pub(crate) fn new(daemon: Arc<Daemon<F>>, clients: Arc<Clients>) -> io::Result<Self> {
        let (counters, seed) = (daemon.statistics.worker(), (daemon.surroundings.seed)()?);
        Ok(Self { daemon, counters, chance: Chance::new(seed), clients })
    }

    /// Waits until no other message of this client is at a desk. `None` if a newer one took the place of this one meanwhile.
    pub async fn attend(&self, client: &ClientKey<'_>) -> Option<Attended<'_>> {
        self.clients.attend(client).await
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
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn poll<T>(future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

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

    /// Of a client one message is worked on, the newest waits, and what it replaced is told so; others wait for nobody.
    #[test]
    fn a_client_has_one_message_at_a_desk() {
        let clients = Clients::new(7);
        let client = |id: &'static [u8]| ClientKey { hwaddr: None, client_id: Some(id) };
        let (one, other) = (client(b"one"), client(b"other"));
        let first = poll(pin!(clients.attend(&one))).flatten().expect("nobody is before it");
        let mut second = pin!(clients.attend(&one));
        assert!(poll(second.as_mut()).is_none());
        assert!(poll(pin!(clients.attend(&other))).flatten().is_some());
        let mut third = Box::pin(clients.attend(&one));
        assert!(poll(third.as_mut()).is_none());
        assert!(poll(second.as_mut()).expect("it is replaced").is_none());
        drop(first);
        let third = poll(third.as_mut()).flatten().expect("it is the next");
        let mut waiting = Box::pin(clients.attend(&one));
        assert!(poll(waiting.as_mut()).is_none());
        drop(waiting);
        drop(third);
        assert!(poll(pin!(clients.attend(&one))).flatten().is_some(), "who is given up holds nobody up");
    }
}
