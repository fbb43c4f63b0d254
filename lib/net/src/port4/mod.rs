//! One worker's sockets.

mod open;
mod recv;
mod routes;
mod send;
mod socket;

use std::io;
use std::time::Duration;

use kotare_model::Departure4;

use self::routes::Routes;
use self::send::Sender4;
use crate::error::SocketError;
use crate::poller::{Poller, Ready};
use crate::sys;
use crate::waker::Waker;

pub use open::{extend4, open4};
pub use recv::Arrivals4;
pub use socket::{Mode4, Socket4, SocketOptions4, Spec4};

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
pub struct Port4 {
    poller: Poller,
    /// By the poller's token.
    sockets: Vec<Option<Member>>,
    routes: Routes,
    sender: Sender4,
    tally: Tally,
}

#[derive(Debug)]
struct Member {
    socket: Socket4,
    /// For a UDP socket: the kernel's drop counter when it was last read.
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

impl Port4 {
    /// A port without sockets; it can already wait and be woken.
    ///
    /// # Errors
    /// When the system is out of file descriptors.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            poller: Poller::new()?,
            sockets: Vec::new(),
            routes: Routes::default(),
            sender: Sender4::new(),
            tally: Tally::default(),
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
    pub fn add(&mut self, socket: Socket4) -> Result<(), SocketError> {
        let token = match self.poller.watch(socket.main()) {
            Ok(token) => token,
            Err(source) => return Err(failed(socket.spec(), "watch a socket", source)),
        };
        self.routes.insert(socket.spec(), token);
        // Of a socket that was another port's before, what was dropped until now is counted there.
        let dropped = match socket.spec().mode {
            Mode4::Raw => 0,
            Mode4::Udp => sys::socket_drops(socket.main()).unwrap_or(0),
        };
        let member = Some(Member { socket, dropped });
        match self.sockets.get_mut(token) {
            Some(vacant) => *vacant = member,
            None => self.sockets.push(member),
        }
        Ok(())
    }

    /// Closes the sockets for which `keep` is false, with the packets still in them.
    pub fn retain(&mut self, mut keep: impl FnMut(&Spec4) -> bool) {
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
    pub fn hand_over(&mut self) -> Vec<Socket4> {
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
    pub fn specs(&self) -> impl Iterator<Item = &Spec4> {
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
    /// when nothing is ready: [`Port4::wait`] then.
    ///
    /// # Errors
    /// What the kernel says of one socket, for example that its interface went down. The other sockets, and this
    /// one once the interface is back, go on.
    pub fn recv(&mut self, arrivals: &mut Arrivals4) -> Result<usize, SocketError> {
        arrivals.clear();
        let Some(token) = self.poller.next() else { return Ok(0) };
        let Some(member) = &self.sockets[token] else { return Ok(0) };
        let received = match arrivals.fill(&member.socket) {
            Ok(received) => received,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(0),
            Err(source) => return Err(failed(member.socket.spec(), "receive", source)),
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
        replies: impl IntoIterator<Item = (Departure4, &'a [u8])>,
        mut unsent: impl FnMut(usize, io::Error),
    ) -> usize {
        let (sockets, routes) = (&self.sockets, &self.routes);
        let route =
            |to: &Departure4| routes.find(to).and_then(|token| Some(&sockets[token].as_ref()?.socket));
        self.sender.send(replies, route, &mut unsent)
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
            let socket = member.socket.main();
            match member.socket.spec().mode {
                // The kernel forgets what it has told.
                Mode4::Raw => self.tally.overflowed += u64::from(sys::packet_drops(socket).unwrap_or(0)),
                Mode4::Udp => {
                    let dropped = sys::socket_drops(socket).unwrap_or(member.dropped);
                    self.tally.overflowed += u64::from(dropped.wrapping_sub(member.dropped));
                    member.dropped = dropped;
                }
            }
        }
    }
}

fn failed(spec: &Spec4, attempted: &'static str, source: io::Error) -> SocketError {
    SocketError { interface: spec.interface.clone(), local: spec.local, attempted, source }
}
