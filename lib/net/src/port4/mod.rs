//! One worker's sockets.

use std::collections::VecDeque;
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use kotare_model::Departure4;

use self::send::Sender4;
use crate::error::SocketError;
use crate::waker::Waker;
use crate::{mmsg, sys};

mod recv;
mod send;
mod socket;

pub use recv::Arrivals4;
pub use socket::{Mode4, Options4, Socket4, Spec4, open4};

/// One worker's set of sockets: wait, receive a batch, send a batch.
///
/// ```no_run
/// # use kotare_net::{Arrivals4, Port4, Options4, Spec4, open4};
/// # fn work(specs: &[Spec4]) -> Result<(), Box<dyn std::error::Error>> {
/// let mut port = Port4::new()?;
/// for spec in specs {
///     for socket in open4(spec, &Options4::default(), 1)? {
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
    epoll: OwnedFd,
    waker: Waker,
    /// The place in this list is the socket's token with epoll, so a socket keeps it.
    sockets: Vec<Option<Member>>,
    /// Interface, address and token of every socket, sorted, to find the socket for a reply.
    places: Vec<(u32, Ipv4Addr, usize)>,
    /// Tokens of sockets that may have packets. Each at most once, see [`Member::queued`].
    queue: VecDeque<usize>,
    /// Waits answered from the queue since epoll was last asked.
    unasked: u32,
    /// How many packets in a row came alone.
    singles: u8,
    sender: Sender4,
    tally: Tally4,
}

#[derive(Debug)]
struct Member {
    socket: Socket4,
    queued: bool,
    /// For a UDP socket: the kernel's drop counter when it was last read.
    dropped: u32,
}

/// What [`Port4::wait`] returned for. Neither when the time was over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// [`Port4::recv`] probably has something.
    pub packets: bool,
    /// A [`Waker`] of this port was rung.
    pub woken: bool,
}

/// What became of the packets for one [`Port4`] since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally4 {
    /// Packets read from the kernel.
    pub received: u64,
    /// Of these, how many were no valid datagrams: bad IP or UDP header, bad checksum, longer than
    /// [`crate::SLOT`]. They are not passed on.
    pub malformed: u64,
    /// Packets that the kernel dropped because the server did not read fast enough.
    pub overflowed: u64,
}

/// How often `wait` may answer without asking epoll for other sockets' packets.
const BUSY_LIMIT: u32 = 16;
/// How long to look out for the next packet before sleeping, once packets came.
const LOOK_OUT: Duration = Duration::from_micros(50);
/// So many packets in a row that came alone are a client that waits for each answer. Several at once are a load, which
/// is served with less effort when packets gather while the worker sleeps.
const CALM: u8 = 4;
/// Epoll token of the waker.
const WAKER: u64 = u64::MAX;

impl Port4 {
    /// A port without sockets; it can already wait and be woken.
    ///
    /// # Errors
    /// When the system is out of file descriptors.
    pub fn new() -> io::Result<Self> {
        let epoll = sys::epoll()?;
        let waker = Waker::new()?;
        sys::epoll_add(epoll.as_fd(), waker.fd(), WAKER)?;
        Ok(Self {
            epoll,
            waker,
            sockets: Vec::new(),
            places: Vec::new(),
            queue: VecDeque::new(),
            unasked: 0,
            singles: 0,
            sender: Sender4::new(),
            tally: Tally4::default(),
        })
    }

    /// A handle that wakes the thread waiting on this port.
    #[must_use]
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Takes a socket into the set.
    ///
    /// # Errors
    /// When the kernel cannot watch one more; the socket is closed then.
    pub fn add(&mut self, socket: Socket4) -> Result<(), SocketError> {
        let token = self.sockets.iter().position(Option::is_none).unwrap_or(self.sockets.len());
        if let Err(source) = sys::epoll_add(self.epoll.as_fd(), socket.main(), token as u64) {
            return Err(failed(socket.spec(), "watch a socket", source));
        }
        let place = (socket.spec().ifindex, socket.spec().local, token);
        let at = self.places.partition_point(|other| *other < place);
        self.places.insert(at, place);
        // Packets that came before it was watched are found by the first read.
        self.queue.push_back(token);
        let member = Some(Member { socket, queued: true, dropped: 0 });
        match self.sockets.get_mut(token) {
            Some(vacant) => *vacant = member,
            None => self.sockets.push(member),
        }
        Ok(())
    }

    /// Closes the sockets for which `keep` is false, with the packets still in them.
    pub fn retain(&mut self, mut keep: impl FnMut(&Spec4) -> bool) {
        self.read_overflows();
        for member in &mut self.sockets {
            if member.as_ref().is_some_and(|member| !keep(member.socket.spec())) {
                *member = None;
            }
        }
        let sockets = &self.sockets;
        self.places.retain(|(_, _, token)| sockets[*token].is_some());
        self.queue.retain(|token| sockets[*token].is_some());
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
        let woken = self.waker.heard();
        let busy = woken || !self.queue.is_empty();
        if busy && self.unasked < BUSY_LIMIT {
            self.unasked += 1;
            return Ok(Ready { packets: !self.queue.is_empty(), woken });
        }
        self.unasked = 0;
        let timeout = if busy { Some(Duration::ZERO) } else { timeout };
        let mut tokens = [0; mmsg::BATCH];
        let mut ready = 0;
        if !busy && self.singles >= CALM {
            ready = self.look_out(&mut tokens)?;
            if ready == 0 {
                self.singles = 0;
            }
        }
        if ready == 0 {
            ready = sys::epoll_wait(self.epoll.as_fd(), &mut tokens, timeout)?;
        }
        for token in &tokens[..ready] {
            let Some((place, member)) = usize::try_from(*token)
                .ok()
                .and_then(|place| Some((place, self.sockets.get_mut(place)?.as_mut()?)))
            else {
                continue; // the waker, asked below
            };
            if !member.queued {
                member.queued = true;
                self.queue.push_back(place);
            }
        }
        Ok(Ready { packets: !self.queue.is_empty(), woken: self.waker.heard() || woken })
    }

    /// Asks epoll again and again for a moment: going to sleep and being woken takes longer than a client takes for its
    /// next message.
    #[expect(
        clippy::disallowed_methods,
        reason = "a few microseconds of the real clock, which nothing depends on"
    )]
    fn look_out(&self, tokens: &mut [u64; mmsg::BATCH]) -> io::Result<usize> {
        let start = std::time::Instant::now();
        while start.elapsed() < LOOK_OUT {
            let ready = sys::epoll_wait(self.epoll.as_fd(), tokens, Some(Duration::ZERO))?;
            if ready > 0 {
                return Ok(ready);
            }
        }
        Ok(0)
    }

    /// Receives up to [`crate::BATCH`] datagrams of one socket into `arrivals`, replacing what was there. None
    /// when nothing is ready: [`Port4::wait`] then.
    ///
    /// # Errors
    /// What the kernel says of one socket, for example that its interface went down. The other sockets, and this
    /// one once the interface is back, go on.
    pub fn recv(&mut self, arrivals: &mut Arrivals4) -> Result<usize, SocketError> {
        arrivals.clear();
        let Some(token) = self.queue.pop_front() else { return Ok(0) };
        let Some(member) = self.sockets[token].as_mut() else { return Ok(0) };
        member.queued = false;
        let received = match arrivals.fill(&member.socket) {
            Ok(received) => received,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(0),
            Err(source) => return Err(failed(member.socket.spec(), "receive", source)),
        };
        if received == mmsg::BATCH {
            member.queued = true;
            self.queue.push_back(token);
        }
        self.singles = if received == 1 { self.singles.saturating_add(1) } else { 0 };
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
        let (sockets, places) = (&self.sockets, &self.places);
        let route = |to: &Departure4| {
            let token = find_socket(places, to, |token| {
                sockets[token].as_ref().is_some_and(|member| member.socket.spec().mode == Mode4::Udp)
            })?;
            sockets[token].as_ref().map(|member| &member.socket)
        };
        self.sender.send(replies, route, &mut unsent)
    }

    /// What became of the packets so far; asks the kernel for its counters.
    pub fn tally(&mut self) -> Tally4 {
        self.read_overflows();
        self.tally
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

/// The token of the socket that `to` leaves through.
fn find_socket(
    places: &[(u32, Ipv4Addr, usize)],
    to: &Departure4,
    is_udp: impl Fn(usize) -> bool,
) -> Option<usize> {
    let source = *to.source.ip();
    if to.ifindex != 0 {
        let at = places.partition_point(|(ifindex, local, _)| (*ifindex, *local) < (to.ifindex, source));
        if let Some((ifindex, local, token)) = places.get(at)
            && (*ifindex, *local) == (to.ifindex, source)
        {
            return Some(*token);
        }
        let at = places.partition_point(|(ifindex, ..)| *ifindex < to.ifindex);
        if let Some((ifindex, _, token)) = places.get(at)
            && *ifindex == to.ifindex
        {
            return Some(*token);
        }
        // A UDP socket receives for its address on any interface, and answers there.
        return places
            .iter()
            .find(|(_, local, token)| *local == source && is_udp(*token))
            .map(|place| place.2);
    }
    places.iter().find(|(_, local, _)| *local == source).or(places.first()).map(|place| place.2)
}

fn failed(spec: &Spec4, attempted: &'static str, source: io::Error) -> SocketError {
    SocketError { interface: spec.interface.clone(), local: spec.local, attempted, source }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddrV4;

    use super::*;

    /// A reply leaves where it belongs: its address on its interface, its interface, or its address.
    #[test]
    fn a_reply_finds_its_socket() {
        let address = |last| Ipv4Addr::new(192, 0, 2, last);
        let places = [(2, address(1), 0), (2, address(2), 1), (3, address(1), 2), (5, address(9), 3)];
        let find = |ifindex, source| {
            let to = Departure4 {
                ifindex,
                source: SocketAddrV4::new(source, 67),
                destination: SocketAddrV4::new(Ipv4Addr::BROADCAST, 68),
                destination_mac: None,
            };
            find_socket(&places, &to, |token| token == 3)
        };
        assert_eq!(find(2, address(2)), Some(1));
        assert_eq!(find(3, address(1)), Some(2));
        assert_eq!(find(3, address(7)), Some(2), "another address of the interface");
        assert_eq!(find(4, address(9)), Some(3), "a UDP socket answers on any interface");
        assert_eq!(find(4, address(1)), None, "a raw one does not");
        assert_eq!(find(0, address(2)), Some(1), "routing decides, the source stays");
        assert_eq!(find(0, Ipv4Addr::UNSPECIFIED), Some(0));
    }
}
