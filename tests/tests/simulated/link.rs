//! A link between servers and the clients of a test.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use std::time::Duration;

use kotare_net::{BATCH, Interface, Ready, Tally, Waker};
use kotare_server::{Changes, Network, Port, Where};

use crate::protocol::{Protocol, Reply as _};
use crate::protocol4::V4;

/// How long a test waits for what must come; it is woken as soon as it does.
const LIMIT: Duration = Duration::from_secs(90);

/// So many messages that wait in a socket are many.
const CROWD: usize = 512;

/// A link of DHCPv4.
pub(crate) type Link = LinkOf<V4>;

/// A link. Clones are the same link.
#[derive(Clone, Debug, Default)]
pub(crate) struct LinkOf<P: Protocol>(Arc<Wire<P>>);

#[derive(Debug, Default)]
struct Wire<P: Protocol> {
    state: Mutex<State<P>>,
    /// Told of every reply.
    replied: Condvar,
    /// Messages that were in a socket when it was closed, or that no socket took.
    lost: AtomicUsize,
}

#[derive(Debug)]
struct State<P: Protocol> {
    groups: Vec<Group<P>>,
    replies: Vec<P::Reply>,
}

impl<P: Protocol> Default for State<P> {
    fn default() -> Self {
        Self { groups: Vec::new(), replies: Vec::new() }
    }
}

/// The sockets for what one server's spec asks for, among which clients are steered.
#[derive(Debug)]
struct Group<P: Protocol> {
    spec: P::Spec,
    members: Vec<Weak<Socket<P>>>,
}

#[derive(Debug)]
struct Socket<P: Protocol> {
    spec: P::Spec,
    /// Its interface is gone, and nothing comes to it any more.
    orphaned: AtomicBool,
    wire: Weak<Wire<P>>,
    queue: Mutex<VecDeque<(P::Arrival, Vec<u8>)>>,
    /// Wakes the worker that receives from it.
    bell: Mutex<Option<Waker>>,
}

impl<P: Protocol> LinkOf<P> {
    /// Sends a client's message to all.
    pub(crate) fn broadcast(&self, message: &P::Message) {
        let (bytes, lost) = (P::bytes(message), &self.0.lost);
        let sender = P::sender(message).iter();
        let client = sender.fold(0_usize, |sum, byte| sum.wrapping_mul(31) + usize::from(*byte));
        for group in self.state().groups.iter().filter(|group| P::hears_all(&group.spec)) {
            let open: Vec<_> = group.members.iter().filter_map(Weak::upgrade).collect();
            let Some(socket) = open.get(client % open.len().max(1)) else {
                lost.fetch_add(1, SeqCst);
                continue;
            };
            lock(&socket.queue).push_back((P::arrival(&group.spec), bytes.clone()));
            lock(&socket.bell).iter().for_each(Waker::wake);
        }
    }

    /// Waits for a reply that is `wanted`, and takes it.
    ///
    /// # Panics
    /// When it does not come.
    pub(crate) fn reply(&self, what: &str, mut wanted: impl FnMut(&P::Reply) -> bool) -> P::Reply {
        let mut state = self.state();
        loop {
            if let Some(at) = state.replies.iter().position(&mut wanted) {
                return state.replies.remove(at);
            }
            let (woken, late) =
                self.0.replied.wait_timeout(state, LIMIT).expect("no test panics while it looks");
            assert!(!late.timed_out(), "{what}: no such reply, but {:?}", woken.replies);
            state = woken;
        }
    }

    /// The reply to this message of a client.
    pub(crate) fn reply_to(&self, message: &P::Message) -> P::Reply {
        let (client, transaction) = (P::sender(message), P::transaction(message));
        let what = format!("{client:02x?} {transaction:#x}");
        self.reply(&what, |reply| reply.transaction() == transaction && reply.client() == client)
    }

    /// The replies that nobody has taken.
    pub(crate) fn replies(&self) -> Vec<P::Reply> {
        self.state().replies.clone()
    }

    /// Takes all replies there are.
    pub(crate) fn take(&self) -> Vec<P::Reply> {
        std::mem::take(&mut self.state().replies)
    }

    /// How many messages wait unread in the sockets of a server.
    pub(crate) fn unread(&self, server: P::Address) -> usize {
        let state = self.state();
        let groups = state.groups.iter().filter(|group| is_of(group, server));
        let sockets = groups.flat_map(|group| group.members.iter().filter_map(Weak::upgrade));
        sockets.map(|socket| lock(&socket.queue).len()).sum()
    }

    /// How many sockets a server has for what is sent to all.
    pub(crate) fn sockets(&self, server: P::Address) -> usize {
        let state = self.state();
        let groups = state.groups.iter().filter(|group| is_of(group, server));
        groups.map(|group| group.members.iter().filter(|it| it.strong_count() > 0).count()).sum()
    }

    /// The interfaces of all servers are removed, and made anew with the same names and numbers.
    pub(crate) fn replace_interfaces(&self) {
        let groups = std::mem::take(&mut self.state().groups);
        let sockets = groups.iter().flat_map(|group| group.members.iter().filter_map(Weak::upgrade));
        sockets.for_each(|socket| socket.orphaned.store(true, SeqCst));
    }

    /// How many messages no server will ever read.
    pub(crate) fn lost(&self) -> usize {
        self.0.lost.load(SeqCst)
    }

    fn state(&self) -> MutexGuard<'_, State<P>> {
        lock(&self.0.state)
    }
}

/// Whether a server has these sockets for what is sent to all.
fn is_of<P: Protocol>(group: &Group<P>, server: P::Address) -> bool {
    P::local(&group.spec) == server && P::hears_all(&group.spec)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no test panics while it holds a lock")
}

impl<P: Protocol> Drop for Socket<P> {
    fn drop(&mut self) {
        if let Some(wire) = self.wire.upgrade() {
            wire.lost.fetch_add(lock(&self.queue).len(), SeqCst);
        }
    }
}

/// One server's view of a link: interface `eth0` with one address.
#[derive(Debug)]
pub(crate) struct Simulated<P: Protocol = V4> {
    link: LinkOf<P>,
    address: P::Address,
    faults: Arc<Faults>,
}

/// What the system refuses for now, and what it has given.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// How often memory was allocated from when messages were received until their exchanges had ended, or waited.
    pub(crate) allocations: AtomicU64,
    /// How many ports there are: each worker has one for as long as it lives.
    pub(crate) ports: AtomicUsize,
    /// There is no room for one more worker.
    pub(crate) no_ports: AtomicBool,
    /// `eth0` is down.
    pub(crate) down: AtomicBool,
    /// How many packets were lost since the start that were no valid datagrams, or that nobody read in time.
    pub(crate) malformed: AtomicU64,
    pub(crate) overflowed: AtomicU64,
    /// No message is read.
    pub(crate) unreadable: AtomicBool,
    /// When the system received what is read, where that is asked: nanoseconds since 1970.
    pub(crate) came: AtomicU64,
    /// The network takes no reply.
    pub(crate) unsendable: AtomicBool,
}

impl<P: Protocol> Simulated<P> {
    pub(crate) fn new(link: &LinkOf<P>, address: P::Address, faults: &Arc<Faults>) -> Self {
        Self { link: link.clone(), address, faults: faults.clone() }
    }

    fn socket(&self, spec: &P::Spec) -> Arc<Socket<P>> {
        let wire = Arc::downgrade(&self.link.0);
        Arc::new(Socket {
            spec: spec.clone(),
            orphaned: AtomicBool::new(false),
            wire,
            queue: Mutex::default(),
            bell: Mutex::default(),
        })
    }
}

/// Interfaces that never change: a test asks for them to be looked at.
#[derive(Debug)]
pub(crate) struct Still;

impl Changes for Still {
    async fn changed(&self) -> io::Result<()> {
        std::future::pending().await
    }
}

/// A worker's handle of a socket. Clones are the same socket.
#[derive(Clone, Debug)]
pub(crate) struct Handle<P: Protocol>(Arc<Socket<P>>);

impl<P: Protocol> Network for Simulated<P> {
    type Spec = P::Spec;
    type Address = P::Address;
    type Socket = Handle<P>;
    type Port = SimulatedPort<P>;
    type Changes = Still;

    fn interfaces(&self) -> io::Result<Vec<Interface>> {
        let (addresses, addresses6) = P::addresses(self.address);
        let up = !self.faults.down.load(SeqCst);
        Ok(vec![Interface {
            index: 2,
            name: "eth0".to_owned(),
            up,
            running: up,
            loopback: false,
            broadcast: true,
            multicast: true,
            hardware_type: 1,
            ethernet: true,
            mac: Some([2, 0, 0, 0, 0, P::number(self.address)]),
            mtu: 1500,
            addresses,
            addresses6,
        }])
    }

    fn changes(&self) -> io::Result<Still> {
        Ok(Still)
    }

    fn port(&self) -> io::Result<SimulatedPort<P>> {
        if self.faults.no_ports.load(SeqCst) {
            return Err(io::Error::other("the test has no room for one more"));
        }
        let (link, faults) = (self.link.clone(), self.faults.clone());
        faults.ports.fetch_add(1, SeqCst);
        Ok(SimulatedPort { waker: Waker::new()?, sockets: Vec::new(), link, faults, stamps: false })
    }

    fn open(&self, spec: &P::Spec, workers: usize) -> Result<Vec<Handle<P>>, String> {
        let sockets: Vec<_> = (0..workers).map(|_| self.socket(spec)).collect();
        let members = sockets.iter().map(Arc::downgrade).collect();
        let mut state = self.link.state();
        // Whoever opens anew has closed what was there.
        state.groups.retain(|group| group.members.iter().any(|member| member.strong_count() > 0));
        state.groups.push(Group { spec: spec.clone(), members });
        Ok(sockets.into_iter().map(Handle).collect())
    }

    fn extend(&self, sockets: &mut Vec<Handle<P>>, workers: usize) -> Result<(), String> {
        let Some(first) = sockets.first().cloned() else { return Ok(()) };
        let mut state = self.link.state();
        let ours = |group: &&mut Group<P>| {
            group.members.iter().any(|member| Weak::as_ptr(member) == Arc::as_ptr(&first.0))
        };
        let Some(group) = state.groups.iter_mut().find(ours) else {
            return Err("these sockets are closed".to_owned());
        };
        while sockets.len() < workers {
            let socket = self.socket(&first.0.spec);
            group.members.push(Arc::downgrade(&socket));
            sockets.push(Handle(socket));
        }
        Ok(())
    }

    fn spec(socket: &Handle<P>) -> &P::Spec {
        &socket.0.spec
    }

    fn is_orphaned(socket: &Handle<P>) -> bool {
        socket.0.orphaned.load(SeqCst)
    }

    fn locate(spec: &P::Spec) -> Where<'_, P::Address> {
        let (ifindex, interface) = P::interface(spec);
        Where { ifindex, interface, address: P::local(spec) }
    }

    fn server_port(&self) -> u16 {
        P::PORT
    }
}

/// One worker's sockets on the link.
#[derive(Debug)]
pub(crate) struct SimulatedPort<P: Protocol> {
    waker: Waker,
    sockets: Vec<Member<P>>,
    link: LinkOf<P>,
    faults: Arc<Faults>,
    /// Whether it tells when messages came.
    stamps: bool,
}

#[derive(Debug)]
struct Member<P: Protocol> {
    socket: Arc<Socket<P>>,
    /// Whether another port receives from it now.
    muted: bool,
}

impl<P: Protocol> SimulatedPort<P> {
    fn readable(&self) -> impl Iterator<Item = &Arc<Socket<P>>> {
        let readable = !self.faults.unreadable.load(SeqCst);
        let ours = self.sockets.iter().filter(move |member| readable && !member.muted);
        ours.map(|member| &member.socket).filter(|socket| !lock(&socket.queue).is_empty())
    }
}

impl<P: Protocol> Drop for SimulatedPort<P> {
    fn drop(&mut self) {
        self.faults.ports.fetch_sub(1, SeqCst);
    }
}

impl<P: Protocol> Port for SimulatedPort<P> {
    type Spec = P::Spec;
    type Socket = Handle<P>;
    type Arrival = P::Arrival;
    type Departure = P::Departure;
    type Error = String;

    fn waker(&self) -> Waker {
        self.waker.clone()
    }

    fn wait(&mut self, timeout: Option<Duration>) -> io::Result<Ready> {
        if self.readable().next().is_some() {
            return Ok(Ready { packets: true, woken: self.waker.heard() });
        }
        let woken = self.waker.wait(timeout)?;
        Ok(Ready { packets: self.readable().next().is_some(), woken })
    }

    fn receive(&mut self, mut take: impl FnMut(P::Arrival, &[u8], Option<Duration>)) -> Result<bool, String> {
        let Some(socket) = self.readable().next().cloned() else { return Ok(false) };
        let batch: Vec<_> = {
            let mut queue = lock(&socket.queue);
            let count = queue.len().min(BATCH);
            queue.drain(..count).collect()
        };
        let came = self.stamps.then(|| Duration::from_nanos(self.faults.came.load(SeqCst)));
        let counted = allocation_counter::measure(|| {
            batch.iter().for_each(|(arrival, bytes)| take(*arrival, bytes, came));
        });
        self.faults.allocations.fetch_add(counted.count_total, SeqCst);
        Ok(batch.len() == BATCH)
    }

    fn stamp(&mut self, tells: bool) {
        self.stamps = tells;
    }

    fn send<'a>(
        &mut self,
        replies: impl IntoIterator<Item = (P::Departure, &'a [u8])>,
        mut unsent: impl FnMut(usize, io::Error),
    ) {
        for (nth, (departure, bytes)) in replies.into_iter().enumerate() {
            let through = P::leaves(&departure);
            let socket = self.sockets.iter().find(|it| P::interface(&it.socket.spec).0 == through);
            let (Some(member), false) = (socket, self.faults.unsendable.load(SeqCst)) else {
                unsent(nth, io::ErrorKind::NetworkDown.into());
                continue;
            };
            self.link.state().replies.push(P::read(P::local(&member.socket.spec), bytes));
            self.link.0.replied.notify_all();
        }
    }

    fn tally(&mut self) -> Tally {
        let [malformed, overflowed] =
            [&self.faults.malformed, &self.faults.overflowed].map(|count| count.load(SeqCst));
        Tally { received: 0, malformed, overflowed }
    }

    fn is_crowded(&self) -> bool {
        self.readable().any(|socket| lock(&socket.queue).len() > CROWD)
    }

    fn add(&mut self, socket: Handle<P>) -> Result<(), String> {
        *lock(&socket.0.bell) = Some(self.waker.clone());
        self.sockets.push(Member { socket: socket.0, muted: false });
        Ok(())
    }

    fn retain(&mut self, mut keep: impl FnMut(&P::Spec) -> bool) {
        self.sockets.retain(|member| keep(&member.socket.spec));
    }

    fn hand_over(&mut self) -> Vec<Handle<P>> {
        let give = |member: &mut Member<P>| {
            member.muted = true;
            Handle(member.socket.clone())
        };
        self.sockets.iter_mut().map(give).collect()
    }
}
