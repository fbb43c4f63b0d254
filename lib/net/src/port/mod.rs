//! One worker's sockets, of either protocol.

mod routes;
mod send;
mod served;

use std::fmt::Debug;
use std::io;
use std::net::IpAddr;
use std::os::fd::BorrowedFd;
use std::time::Duration;

pub(crate) use self::routes::Route;
use self::routes::Routes;
use self::send::Sender;
pub use self::served::Served;
use crate::error::SocketError;
use crate::outbox::Outbox;
use crate::poller::{Poller, Ready};
use crate::sys;
use crate::waker::Waker;

/// A socket of one worker: what it serves, and how datagrams of its protocol go through it.
pub trait Endpoint: Clone + Debug {
    /// What it serves.
    type Spec: Debug;
    /// An address of its protocol.
    type Address: Copy + Ord + Debug;
    /// Room for the datagrams of one receipt.
    type Arrivals: Batch<Self> + Default + Debug;
    /// Where and how a reply leaves.
    type Departure: Copy;

    /// Whether replies of one way and length may be handed over as one packet: not where those who wait for them listen to
    /// packets, as relay agents of DHCPv4 do.
    const JOINS: bool;

    /// What it serves.
    fn spec(&self) -> &Self::Spec;
    /// The name of its interface, and its address there.
    fn place(spec: &Self::Spec) -> (&str, IpAddr);
    /// Which replies leave through it.
    fn route(spec: &Self::Spec) -> Route<Self::Address>;
    /// What is received from, and sent with for the interface itself.
    fn main(&self) -> BorrowedFd<'_>;
    /// Packets that the kernel dropped since this was asked last; `before` is what it remembers in between.
    fn dropped(&self, before: &mut u32) -> u32;
    /// The interface and the source address a reply leaves from; 0 for any interface.
    fn from(to: &Self::Departure) -> (u32, Self::Address);
    /// The descriptor that a reply leaves through.
    fn leaves_through(&self, to: &Self::Departure) -> BorrowedFd<'_>;
    /// Addresses a reply in a slot of the outbox.
    ///
    /// # Errors
    /// When it is too long.
    fn address(
        &self,
        outbox: &mut Outbox,
        slot: usize,
        to: &Self::Departure,
        payload: &[u8],
    ) -> io::Result<()>;
}

/// The datagrams of one receipt.
pub trait Batch<S> {
    /// Forgets them.
    fn clear(&mut self);
    /// Receives from a socket in place of what was there; returns how many packets came, valid or not.
    ///
    /// # Errors
    /// What the kernel says of the socket.
    fn fill(&mut self, socket: &S) -> io::Result<usize>;
    /// How many there are.
    fn len(&self) -> usize;
}

/// One worker's set of sockets: wait, receive a batch, send a batch.
///
/// ```no_run
/// # use kotare_net::{Arrivals4, Port4, SocketOptions4, Spec4, open4};
/// # fn work(specs: &[Spec4]) -> Result<(), Box<dyn std::error::Error>> {
/// let mut port = Port4::new()?;
/// for spec in specs {
///     for socket in open4(spec, &SocketOptions4::default(), 1)? {
///         port.add(socket)?;
///     }
/// }
/// let mut arrivals = Arrivals4::new();
/// loop {
///     let ready = port.wait(None)?;
///     if ready.woken { /* look what the waker's owner wants */ }
///     port.recv(&mut arrivals)?;
///     let replies: Vec<(kotare_model::Departure4, Vec<u8>)> = Vec::new(); // from `arrivals.iter()`
///     port.send(replies.iter().map(|(to, reply)| (*to, &reply[..])), |reply, error| { /* count it */ });
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Port<S: Endpoint> {
    poller: Poller,
    /// By the poller's token.
    sockets: Vec<Option<Member<S>>>,
    routes: Routes<S::Address>,
    sender: Sender,
    tally: Tally,
    /// Whether the kernel tells when datagrams came.
    stamps: bool,
}

#[derive(Debug)]
struct Member<S> {
    socket: S,
    /// What [`Endpoint::dropped`] remembers.
    dropped: u32,
}

/// What became of the packets for one port since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Packets read from the kernel.
    pub received: u64,
    /// Of these, how many were no valid datagrams: bad IP or UDP header, bad checksum, longer than
    /// [`crate::SLOT`]. They are not passed on.
    pub malformed: u64,
    /// Packets that the kernel dropped because the server did not read fast enough.
    pub overflowed: u64,
}

impl<S: Endpoint> Port<S> {
    /// A port without sockets; it can already wait and be woken.
    ///
    /// # Errors
    /// When the system is out of file descriptors.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            poller: Poller::new()?,
            sockets: Vec::new(),
            routes: Routes::default(),
            sender: Sender::new(S::JOINS),
            tally: Tally::default(),
            stamps: false,
        })
    }

    /// A handle that wakes the thread waiting on this port.
    #[must_use]
    pub fn waker(&self) -> Waker {
        self.poller.waker()
    }

    /// Takes a socket into the set.
    ///
    /// # Errors
    /// When the kernel cannot watch one more; the socket is closed then.
    pub fn add(&mut self, socket: S) -> Result<(), SocketError> {
        let token = match self.poller.watch(socket.main()) {
            Ok(token) => token,
            Err(source) => return Err(failed::<S>(socket.spec(), "watch a socket", source)),
        };
        self.routes.insert(S::route(socket.spec()), token);
        // Another port may have had it otherwise. Without the times it serves as well.
        let _ = sys::stamp(socket.main(), self.stamps);
        // Of a socket that was another port's before, what was dropped until now is counted there.
        let mut dropped = 0;
        socket.dropped(&mut dropped);
        let member = Some(Member { socket, dropped });
        match self.sockets.get_mut(token) {
            Some(vacant) => *vacant = member,
            None => self.sockets.push(member),
        }
        Ok(())
    }

    /// Closes the sockets for which `keep` is false, with the packets still in them.
    pub fn retain(&mut self, mut keep: impl FnMut(&S::Spec) -> bool) {
        self.read_overflows();
        for (token, member) in self.sockets.iter_mut().enumerate() {
            if let Some(closed) = member.take_if(|member| !keep(member.socket.spec())) {
                self.poller.forget(token, closed.socket.main());
                self.routes.remove(token);
            }
        }
    }

    /// The sockets, for another port to receive from. This one goes on sending through them, but receives no more; what
    /// came to them and was not read yet is read by whoever has them next.
    pub fn hand_over(&mut self) -> Vec<S> {
        self.read_overflows();
        let members = self.sockets.iter().enumerate();
        let sockets = members.filter_map(|(token, member)| Some((token, &member.as_ref()?.socket)));
        sockets
            .map(|(token, socket)| {
                self.poller.mute(token, socket.main());
                socket.clone()
            })
            .collect()
    }

    /// What the sockets of this port serve.
    pub fn specs(&self) -> impl Iterator<Item = &S::Spec> {
        self.sockets.iter().flatten().map(|member| member.socket.spec())
    }

    /// Waits until there are packets, a [`Waker`] is rung, or `timeout` has passed (`None`: no limit).
    ///
    /// Free of system calls as long as the last batches were full.
    ///
    /// # Errors
    /// When the kernel cannot wait; an interrupting signal is not an error.
    pub fn wait(&mut self, timeout: Option<Duration>) -> io::Result<Ready> {
        self.poller.wait(timeout)
    }

    /// Receives up to [`crate::BATCH`] datagrams of one socket into `arrivals`, replacing what was there. None
    /// when nothing is ready: [`Port::wait`] then.
    ///
    /// # Errors
    /// What the kernel says of one socket, for example that its interface went down. The other sockets, and this
    /// one once the interface is back, go on.
    pub fn recv(&mut self, arrivals: &mut S::Arrivals) -> Result<usize, SocketError> {
        arrivals.clear();
        let Some(token) = self.poller.next() else { return Ok(0) };
        let Some(member) = &self.sockets[token] else { return Ok(0) };
        let received = match arrivals.fill(&member.socket) {
            Ok(received) => received,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(0),
            Err(source) => return Err(failed::<S>(member.socket.spec(), "receive", source)),
        };
        self.poller.took(token, received);
        self.tally.received += received as u64;
        self.tally.malformed += (received - arrivals.len()) as u64;
        Ok(arrivals.len())
    }

    /// Sends the replies; returns how many the kernel took. For each other one `unsent` is called with its place
    /// in `replies` and the reason; the rest goes on.
    ///
    /// A reply leaves through the socket of its `ifindex` and source address, else any socket of that interface,
    /// else the UDP socket of that source address; with `ifindex` 0 through a UDP socket of the source address, as
    /// routing decides. Never waits for the network for more than a few milliseconds.
    pub fn send<'a>(
        &mut self,
        replies: impl IntoIterator<Item = (S::Departure, &'a [u8])>,
        mut unsent: impl FnMut(usize, io::Error),
    ) -> usize {
        let (sockets, routes) = (&self.sockets, &self.routes);
        let route = |to: &S::Departure| {
            let (ifindex, source) = S::from(to);
            routes.find(ifindex, source).and_then(|token| Some(&sockets[token].as_ref()?.socket))
        };
        self.sender.send(replies, route, &mut unsent)
    }

    /// Has the kernel tell of each datagram when it came, or no longer. It takes the kernel a little time for each.
    pub fn stamp(&mut self, tells: bool) {
        if std::mem::replace(&mut self.stamps, tells) != tells {
            for member in self.sockets.iter().flatten() {
                // A socket of which it is not told serves as well.
                let _ = sys::stamp(member.socket.main(), tells);
            }
        }
    }

    /// What became of the packets so far; asks the kernel for its counters.
    pub fn tally(&mut self) -> Tally {
        self.read_overflows();
        self.tally
    }

    /// Whether messages pile up: more than a quarter of the room that the kernel has for those of a socket is taken. It
    /// has room for some thousands.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        let members = self.sockets.iter().flatten();
        let mut rooms = members.filter_map(|member| sys::receive_room(member.socket.main()).ok());
        rooms.any(|(taken, room)| taken > room / 4)
    }

    fn read_overflows(&mut self) {
        for member in self.sockets.iter_mut().flatten() {
            self.tally.overflowed += u64::from(member.socket.dropped(&mut member.dropped));
        }
    }
}

fn failed<S: Endpoint>(spec: &S::Spec, attempted: &'static str, source: io::Error) -> SocketError {
    let (interface, local) = S::place(spec);
    SocketError { interface: interface.to_owned(), local, attempted, source }
}
