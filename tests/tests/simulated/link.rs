//! A link between servers and the clients of a test.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use std::time::Duration;

use kotare_model::{Arrival4, Departure4};
use kotare_net::{BATCH, Interface, InterfaceAddress4, Ready, Spec4, Tally, Waker};
use kotare_server::{Changes, Network, Port, Where};
use kotare_testkit::Message;
use kotare_wire::v4::{Index, Message as View, MessageType};

/// How long a test waits for what must come; it is woken as soon as it does.
const LIMIT: Duration = Duration::from_secs(90);

/// So many messages that wait in a socket are many.
const CROWD: usize = 512;

/// A link. Clones are the same link.
#[derive(Clone, Debug, Default)]
pub(crate) struct Link(Arc<Wire>);

#[derive(Debug, Default)]
struct Wire {
    state: Mutex<State>,
    /// Told of every reply.
    replied: Condvar,
    /// Messages that were in a socket when it was closed, or that no socket took.
    lost: AtomicUsize,
}

#[derive(Debug, Default)]
struct State {
    groups: Vec<Group>,
    replies: Vec<Reply>,
}

/// The sockets of one server's address, among which clients are steered.
#[derive(Debug)]
struct Group {
    spec: Spec4,
    members: Vec<Weak<Socket>>,
}

/// A reply that left a server.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// The server's address.
    pub(crate) server: Ipv4Addr,
    /// What it is.
    pub(crate) kind: MessageType,
    pub(crate) xid: u32,
    pub(crate) yiaddr: Ipv4Addr,
    /// Option 6.
    pub(crate) dns: Option<Vec<u8>>,
    /// Who it is for.
    pub(crate) chaddr: Vec<u8>,
    /// All of it.
    pub(crate) bytes: Vec<u8>,
}

#[derive(Debug)]
struct Socket {
    spec: Spec4,
    /// Its interface is gone, and nothing comes to it any more.
    orphaned: AtomicBool,
    wire: Weak<Wire>,
    queue: Mutex<VecDeque<(Arrival4, Vec<u8>)>>,
    /// Wakes the worker that receives from it.
    bell: Mutex<Option<Waker>>,
}

impl Link {
    /// Sends a client's message to all.
    pub(crate) fn broadcast(&self, message: &Message) {
        let (bytes, lost) = (message.bytes(), &self.0.lost);
        let client =
            message.chaddr.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31) + usize::from(*byte));
        for group in &self.state().groups {
            let open: Vec<_> = group.members.iter().filter_map(Weak::upgrade).collect();
            let Some(socket) = open.get(client % open.len().max(1)) else {
                lost.fetch_add(1, SeqCst);
                continue;
            };
            let arrival = Arrival4 {
                ifindex: group.spec.ifindex,
                local: group.spec.local,
                destination: Ipv4Addr::BROADCAST,
                source: SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 68),
                source_mac: None,
            };
            lock(&socket.queue).push_back((arrival, bytes.clone()));
            lock(&socket.bell).iter().for_each(Waker::wake);
        }
    }

    /// Waits for a reply that is `wanted`, and takes it.
    ///
    /// # Panics
    /// When it does not come.
    pub(crate) fn reply(&self, what: &str, mut wanted: impl FnMut(&Reply) -> bool) -> Reply {
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
    pub(crate) fn reply_to(&self, message: &Message) -> Reply {
        let what = format!("{:02x?} {:#x}", message.chaddr, message.xid);
        self.reply(&what, |reply| reply.xid == message.xid && reply.chaddr == message.chaddr)
    }

    /// The replies that nobody has taken.
    pub(crate) fn replies(&self) -> Vec<Reply> {
        self.state().replies.clone()
    }

    /// Takes all replies there are.
    pub(crate) fn take(&self) -> Vec<Reply> {
        std::mem::take(&mut self.state().replies)
    }

    /// How many messages wait unread in the sockets of a server.
    pub(crate) fn unread(&self, server: Ipv4Addr) -> usize {
        let state = self.state();
        let groups = state.groups.iter().filter(|group| group.spec.local == server);
        let sockets = groups.flat_map(|group| group.members.iter().filter_map(Weak::upgrade));
        sockets.map(|socket| lock(&socket.queue).len()).sum()
    }

    /// How many sockets a server has.
    pub(crate) fn sockets(&self, server: Ipv4Addr) -> usize {
        let state = self.state();
        let groups = state.groups.iter().filter(|group| group.spec.local == server);
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

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no test panics while it holds a lock")
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(wire) = self.wire.upgrade() {
            wire.lost.fetch_add(lock(&self.queue).len(), SeqCst);
        }
    }
}

/// One server's view of a link: interface `eth0` with one address.
#[derive(Debug)]
pub(crate) struct Simulated {
    link: Link,
    address: Ipv4Addr,
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
    /// The network takes no reply.
    pub(crate) unsendable: AtomicBool,
}

impl Simulated {
    pub(crate) fn new(link: &Link, address: Ipv4Addr, faults: &Arc<Faults>) -> Self {
        Self { link: link.clone(), address, faults: faults.clone() }
    }

    fn socket(&self, spec: &Spec4) -> Arc<Socket> {
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
pub(crate) struct Handle(Arc<Socket>);

impl Network for Simulated {
    type Spec = Spec4;
    type Address = Ipv4Addr;
    type Socket = Handle;
    type Port = SimulatedPort;
    type Changes = Still;

    fn interfaces(&self) -> io::Result<Vec<Interface>> {
        let address = InterfaceAddress4 { address: self.address, prefix_len: 24, broadcast: None };
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
            mac: Some([2, 0, 0, 0, 0, 1]),
            mtu: 1500,
            addresses: vec![address],
            addresses6: vec![Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1)],
        }])
    }

    fn changes(&self) -> io::Result<Still> {
        Ok(Still)
    }

    fn port(&self) -> io::Result<SimulatedPort> {
        if self.faults.no_ports.load(SeqCst) {
            return Err(io::Error::other("the test has no room for one more"));
        }
        let (link, faults) = (self.link.clone(), self.faults.clone());
        faults.ports.fetch_add(1, SeqCst);
        Ok(SimulatedPort { waker: Waker::new()?, sockets: Vec::new(), link, faults })
    }

    fn open(&self, spec: &Spec4, workers: usize) -> Result<Vec<Handle>, String> {
        let sockets: Vec<_> = (0..workers).map(|_| self.socket(spec)).collect();
        let members = sockets.iter().map(Arc::downgrade).collect();
        let mut state = self.link.state();
        // Whoever opens anew has closed what was there.
        state.groups.retain(|group| group.members.iter().any(|member| member.strong_count() > 0));
        state.groups.push(Group { spec: spec.clone(), members });
        Ok(sockets.into_iter().map(Handle).collect())
    }

    fn extend(&self, sockets: &mut Vec<Handle>, workers: usize) -> Result<(), String> {
        let Some(first) = sockets.first().cloned() else { return Ok(()) };
        let mut state = self.link.state();
        let ours = |group: &&mut Group| {
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

    fn spec(socket: &Handle) -> &Spec4 {
        &socket.0.spec
    }

    fn is_orphaned(socket: &Handle) -> bool {
        socket.0.orphaned.load(SeqCst)
    }

    fn locate(spec: &Spec4) -> Where<'_, Ipv4Addr> {
        Where { ifindex: spec.ifindex, interface: &spec.interface, address: spec.local }
    }

    fn server_port(&self) -> u16 {
        67
    }
}

/// One worker's sockets on the link.
#[derive(Debug)]
pub(crate) struct SimulatedPort {
    waker: Waker,
    sockets: Vec<Member>,
    link: Link,
    faults: Arc<Faults>,
}

#[derive(Debug)]
struct Member {
    socket: Arc<Socket>,
    /// Whether another port receives from it now.
    muted: bool,
}

impl SimulatedPort {
    fn readable(&self) -> impl Iterator<Item = &Arc<Socket>> {
        let readable = !self.faults.unreadable.load(SeqCst);
        let ours = self.sockets.iter().filter(move |member| readable && !member.muted);
        ours.map(|member| &member.socket).filter(|socket| !lock(&socket.queue).is_empty())
    }
}

impl Drop for SimulatedPort {
    fn drop(&mut self) {
        self.faults.ports.fetch_sub(1, SeqCst);
    }
}

impl Port for SimulatedPort {
    type Spec = Spec4;
    type Socket = Handle;
    type Arrival = Arrival4;
    type Departure = Departure4;
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

    fn receive(&mut self, mut take: impl FnMut(Arrival4, &[u8])) -> Result<bool, String> {
        let Some(socket) = self.readable().next().cloned() else { return Ok(false) };
        let batch: Vec<_> = {
            let mut queue = lock(&socket.queue);
            let count = queue.len().min(BATCH);
            queue.drain(..count).collect()
        };
        let counted = allocation_counter::measure(|| {
            batch.iter().for_each(|(arrival, bytes)| take(*arrival, bytes));
        });
        self.faults.allocations.fetch_add(counted.count_total, SeqCst);
        Ok(batch.len() == BATCH)
    }

    fn send<'a>(
        &mut self,
        replies: impl IntoIterator<Item = (Departure4, &'a [u8])>,
        mut unsent: impl FnMut(usize, io::Error),
    ) {
        for (nth, (departure, bytes)) in replies.into_iter().enumerate() {
            let socket = self.sockets.iter().find(|it| it.socket.spec.ifindex == departure.ifindex);
            let (Some(member), false) = (socket, self.faults.unsendable.load(SeqCst)) else {
                unsent(nth, io::ErrorKind::NetworkDown.into());
                continue;
            };
            let mut index = Index::new();
            let view = View::parse(bytes, &mut index).expect("a server sends messages");
            let reply = Reply {
                server: member.socket.spec.local,
                kind: view.message_type().expect("a reply has a type"),
                xid: view.xid(),
                yiaddr: view.yiaddr(),
                dns: view.option(kotare_wire::v4::OptionCode(6)).map(|value| value.bytes().collect()),
                chaddr: view.chaddr().to_vec(),
                bytes: bytes.to_vec(),
            };
            self.link.state().replies.push(reply);
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

    fn add(&mut self, socket: Handle) -> Result<(), String> {
        *lock(&socket.0.bell) = Some(self.waker.clone());
        self.sockets.push(Member { socket: socket.0, muted: false });
        Ok(())
    }

    fn retain(&mut self, mut keep: impl FnMut(&Spec4) -> bool) {
        self.sockets.retain(|member| keep(&member.socket.spec));
    }

    fn hand_over(&mut self) -> Vec<Handle> {
        let give = |member: &mut Member| {
            member.muted = true;
            Handle(member.socket.clone())
        };
        self.sockets.iter_mut().map(give).collect()
    }
}
