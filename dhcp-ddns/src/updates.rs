//! From the datagrams of DHCP servers to transactions: the task that owns the socket and the queue.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::time::Duration;

use kotare_ddns::{
    Ask, Bundle, Bundles, ChangeRequest, Finished, Heard, Kept, LONGEST_PARCEL, Queue, RequestError, Ticket,
    unpack,
};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::askers::Askers;
use crate::daemon::Daemon;
use crate::keeping::Keeping;
use crate::messages::*;
use crate::reconcile::{Taken, Watched};
use crate::talk;

/// How many messages to DNS servers are under way at a time. BIND drops what it has more than a hundred updates of
/// (`update-quota`), and whatever is dropped is waited for in vain; there may be another who updates its zones.
const AT_ONCE: usize = 48;

/// How many transactions are carried out at a time, several of which one message may be for.
pub(crate) const TRANSACTIONS: usize = 256;

/// How many datagrams are read in one go.
const BATCH: usize = 64;

/// Bytes of requests that may wait in the kernel, where they take several times their length. The system's default is
/// full after some 150, and a request that finds it full is lost.
const RECEIVE_BUFFER: usize = 4 << 20;

/// How often those who ask for receipts hear that somebody is there, while nothing is received: well before they think that nobody
/// is there who gives receipts.
const PRESENCE: Duration = Duration::from_secs(5);

/// How the server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// After the transactions under way.
    Normal,
    /// After all requests that wait.
    DrainFirst,
    /// At once.
    Now,
}

impl Ending {
    /// Every ending, as commands call it.
    pub(crate) const ALL: [(Self, &'static str); 3] =
        [(Self::Normal, "normal"), (Self::DrainFirst, "drain_first"), (Self::Now, "now")];

    /// The ending of this name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(ending, _)| *ending)
    }

    /// What commands call it.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(ending, _)| *ending == self).map_or("", |(_, name)| name)
    }
}

/// What the task is told.
#[derive(Debug)]
pub(crate) enum Order {
    /// Requests come to this socket from now on.
    Listen(Arc<UdpSocket>),
    /// No more requests are received, and the task ends.
    End(Ending),
    /// What is asked for from now on is noted, and what waits.
    Watch(oneshot::Sender<()>),
    /// These are queued as requests that came, but for those about what was noted; as many as there is room for. When it
    /// is dry it is only said what would become of them.
    Take { requests: Vec<ChangeRequest>, is_dry: bool, reply: oneshot::Sender<Taken> },
    /// Nothing is noted any more.
    Unwatch,
}

/// A socket that requests may come to, in the place of a former one if there is one.
///
/// # Errors
/// Why there is none, with the address.
pub(crate) fn listen(at: SocketAddr, former: Option<&UdpSocket>) -> Result<Arc<UdpSocket>, String> {
    let open = || -> io::Result<UdpSocket> {
        let socket = match former {
            Some(former) => kotare_net::bind_in_place_of(former.as_fd(), at)?,
            None => std::net::UdpSocket::bind(at)?,
        };
        kotare_net::set_receive_buffer(socket.as_fd(), RECEIVE_BUFFER);
        socket.set_nonblocking(true)?;
        UdpSocket::from_std(socket)
    };
    open().map(Arc::new).map_err(|error| format!("cannot listen for requests at {at}: {error}"))
}

/// Tells of an address that more than the machine itself can reach.
pub(crate) fn tell_if_exposed(at: IpAddr) {
    if at.is_unspecified() {
        DHCP_DDNS_LISTENING_ON_ALL_INTERFACES(at);
    } else if !at.is_loopback() {
        DHCP_DDNS_NOT_ON_LOOPBACK(at);
    }
}

/// Receives requests and has them carried out until it is told to end, first those that were kept.
pub(crate) async fn serve(
    daemon: Arc<Daemon>,
    keeping: (Keeping, Vec<Kept>),
    socket: Arc<UdpSocket>,
    orders: mpsc::UnboundedReceiver<Order>,
) {
    DHCP_DDNS_QUEUE_MGR_STARTED();
    let (keeping, kept) = keeping;
    // Without chance it is a queue all the same.
    let mut queue = Queue::new(keeping.capacity()).seeded(daemon.chance().unwrap_or_default());
    for kept in kept {
        queue.restore(kept);
    }
    let (bundles, running) = (Bundles::default(), JoinSet::new());
    let (ending, is_full, watched, askers) = (None, None, None, Askers::default());
    let mut desk = Desk { daemon, queue, keeping, bundles, running, ending, is_full, askers, watched };
    desk.start();
    desk.send();
    desk.serve(socket, orders).await;
}

struct Desk {
    daemon: Arc<Daemon>,
    queue: Queue,
    keeping: Keeping,
    /// Transactions that have something to send.
    bundles: Bundles<Errand>,
    /// Messages under way.
    running: JoinSet<(Bundle<Errand>, Heard)>,
    ending: Option<Ending>,
    /// When who asks for receipts is to hear that somebody is there, if nothing is received until the queue has shrunk.
    is_full: Option<Duration>,
    askers: Askers,
    /// What changes while somebody compares zones with leases.
    watched: Option<Watched>,
}

/// As many datagrams are read of a socket that another one takes the place of: more than there is room for in it.
const LEFT_OVER: usize = 16_384;

/// What a transaction is for, and the right to go on with its name afterwards.
type Errand = (Ticket, Kept);

impl Desk {
    async fn serve(mut self, mut socket: Arc<UdpSocket>, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut buffer = vec![0; LONGEST_PARCEL];
        while !self.is_done() {
            let receives = self.ending.is_none() && self.is_full.is_none();
            let pause = self.pause();
            let presence = self.is_full.map(|at| at.saturating_sub(self.now()));
            let clock = self.daemon.clock().clone();
            tokio::select! {
                ready = socket.readable(), if receives => match ready {
                    Ok(()) => _ = self.receive(&socket, &mut buffer),
                    Err(error) => self.failed(&error),
                },
                Some(ended) = self.running.join_next() => {
                    if let Ok((bundle, heard)) = ended {
                        self.bundles.heard(bundle, heard).into_iter().for_each(|one| self.conclude(one));
                    }
                }
                () = clock.sleep(pause.unwrap_or_default()), if pause.is_some() => {}
                () = clock.sleep(presence.unwrap_or_default()), if presence.is_some() => {
                    self.say_presence(&socket, &mut buffer);
                }
                order = orders.recv() => match order {
                    Some(Order::Listen(other)) => {
                        DHCP_DDNS_QUEUE_MGR_RECONFIGURING();
                        // What has come to the former one is not lost; whoever goes on sending there is not waited for.
                        for _ in 0..LEFT_OVER {
                            if self.ending.is_some() || !self.receive(&socket, &mut buffer) {
                                break;
                            }
                        }
                        DHCP_DDNS_QUEUE_MGR_STOPPING("reconfiguration");
                        DHCP_DDNS_QUEUE_MGR_STOPPED();
                        socket = other;
                        DHCP_DDNS_QUEUE_MGR_STARTED();
                    }
                    Some(Order::End(ending)) => {
                        DHCP_DDNS_QUEUE_MGR_STOPPING("shutdown");
                        DHCP_DDNS_QUEUE_MGR_STOPPED();
                        self.ending = Some(ending);
                    }
                    Some(Order::Watch(reply)) => {
                        let mut watched = Watched::default();
                        self.queue.requests().for_each(|request| watched.note(request));
                        self.watched = Some(watched);
                        let _ = reply.send(());
                    }
                    Some(Order::Take { requests, is_dry, reply }) => {
                        let _ = reply.send(self.take(requests, is_dry));
                    }
                    Some(Order::Unwatch) => self.watched = None,
                    None => self.ending = Some(Ending::Now),
                },
            }
            if self.ending.is_none_or(|ending| ending == Ending::DrainFirst) {
                self.start();
            }
            self.send();
            self.keeping.forget(self.is_idle(), self.now());
            let resumes_at = self.queue.capacity().saturating_mul(80) / 100;
            if self.is_full.is_some() && self.queue.len() <= resumes_at {
                DHCP_DDNS_QUEUE_MGR_RESUMING(resumes_at, self.queue.capacity());
                self.is_full = None;
            }
        }
        self.keeping.finish(self.now());
        DHCP_DDNS_CLEARED_FOR_SHUTDOWN(self.ending.map_or("", Ending::name));
    }

    /// Whether the task may end. What is to be tried again later is not waited for.
    fn is_done(&self) -> bool {
        match self.ending {
            None => false,
            Some(Ending::Normal) => self.is_idle(),
            Some(Ending::DrainFirst) => self.is_idle() && !self.queue.is_ready(),
            Some(Ending::Now) => true,
        }
    }

    /// Whether no transaction is carried out.
    fn is_idle(&self) -> bool {
        self.running.is_empty() && self.bundles.is_empty()
    }

    /// How long until a request is to be tried again, if there is one and room for it, or the file.
    fn pause(&self) -> Option<Duration> {
        let may_start = self.ending.is_none() && self.queue.under_way() < TRANSACTIONS;
        let next =
            [self.queue.next_at().filter(|_| may_start), self.keeping.again()].into_iter().flatten().min();
        next.map(|at| at.saturating_sub(self.now()))
    }

    fn now(&self) -> Duration {
        self.daemon.clock().since_epoch()
    }

    /// Queues what has come, once it is kept, and gives receipts to who asked for them. Whether more may have come that there is room
    /// for.
    fn receive(&mut self, socket: &UdpSocket, buffer: &mut [u8]) -> bool {
        let mut came = Vec::new();
        let mut asked: BTreeMap<(SocketAddr, u64), Vec<u64>> = BTreeMap::new();
        let now = self.now();
        let may_be_more = 'datagrams: {
            for _ in 0..BATCH {
                if self.is_full_with(came.len()) {
                    break 'datagrams false;
                }
                let (length, from) = match socket.try_recv_from(buffer) {
                    Ok(received) => received,
                    Err(error) => {
                        if error.kind() != io::ErrorKind::WouldBlock {
                            self.failed(&error);
                        }
                        break 'datagrams false;
                    }
                };
                for (at, (request, ask)) in unpack(&buffer[..length]).enumerate() {
                    // Those that there is no room for get no receipt and come again.
                    if at > 0 && self.is_full_with(came.len()) {
                        break 'datagrams false;
                    }
                    // What is no request will not be one when it comes again.
                    if let Some(Ask { asker, number }) = ask {
                        asked.entry((from, asker)).or_default().push(number);
                    }
                    came.extend(self.take_in(request, now));
                }
            }
            true
        };
        self.daemon.statistics().count_many("ncr-received", came.len(), now);
        if self.keeping.keep(now) {
            for ((from, asker), numbers) in asked {
                self.askers.note(from, asker);
                // One that gets lost is given when the request comes again.
                Ask::receipts(asker, &numbers).for_each(|receipt| drop(socket.try_send_to(&receipt, from)));
            }
        }
        for kept in came {
            DHCP_DDNS_QUEUE_MGR_QUEUE_RECEIVE(&kept.request.dhcid);
            // There is room: it was looked for before.
            let _ = self.queue.push(kept);
        }
        may_be_more
    }

    /// Whether there is no room behind so many that have come, which is told of.
    fn is_full_with(&mut self, came: usize) -> bool {
        let is_full = self.queue.len() + came >= self.queue.capacity();
        if is_full {
            DHCP_DDNS_QUEUE_MGR_QUEUE_FULL(self.queue.capacity());
            self.count("queue-mgr-queue-full");
            self.is_full = Some(self.now() + PRESENCE);
        }
        is_full
    }

    /// Has those who ask for receipts hear that requests wait here, not that nobody is there who gives any.
    fn say_presence(&mut self, socket: &UdpSocket, buffer: &mut [u8]) {
        self.is_full = Some(self.now() + PRESENCE);
        // Who asked nothing since the start may be the first in the line.
        if let Ok((length, from)) = socket.try_peek_from(buffer)
            && let Some(ask) = Ask::of_datagram(&buffer[..length])
        {
            self.askers.note(from, ask.asker);
        }
        for (to, asker) in self.askers.all() {
            // One that gets lost is followed by another one.
            let _ = socket.try_send_to(&Ask::presence(asker), to);
        }
    }

    fn take_in(&mut self, request: Result<ChangeRequest, RequestError>, now: Duration) -> Option<Kept> {
        match request {
            Ok(request) => {
                if let Some(watched) = &mut self.watched {
                    watched.note(&request);
                }
                Some(self.keeping.take_on(request, now.as_secs()))
            }
            Err(reason) => {
                self.count("ncr-invalid");
                DHCP_DDNS_INVALID_NCR(reason);
                None
            }
        }
    }

    /// Queues requests that nobody sent, the first ones, and leaves half of the queue to others.
    fn take(&mut self, requests: Vec<ChangeRequest>, is_dry: bool) -> Taken {
        let mut taken = Taken::default();
        let now = self.now();
        for request in requests {
            if self.watched.as_ref().is_some_and(|watched| watched.knows(&request)) {
                taken.passed_over += 1;
                continue;
            }
            if !is_dry {
                if self.queue.len() >= self.queue.capacity() / 2 {
                    break;
                }
                let kept = self.keeping.take_on(request, now.as_secs());
                // There is room: it was looked for before.
                let _ = self.queue.push(kept);
            }
            taken.queued += 1;
        }
        self.keeping.keep(now);
        taken
    }

    fn failed(&self, error: &io::Error) {
        self.count("ncr-error");
        DHCP_DDNS_NCR_UDP_RECV_ERROR(error);
    }

    fn count(&self, name: &str) {
        self.daemon.statistics().count(name, self.now());
    }

    /// A transaction has ended: its request is done, or tried again later as long as it is kept.
    fn conclude(&mut self, Finished { transaction, of: (ticket, kept), succeeded }: Finished<Errand>) {
        let is_tried_again = !succeeded && transaction.may_succeed_later();
        if is_tried_again && self.keeping.persists() {
            let now = self.now();
            let id = &kept.request.dhcid;
            if !kept.is_too_old(now.as_secs()) {
                let pause = self.queue.postpone(ticket, now);
                return KOTARE_DDNS_POSTPONED(id, &kept.request.fqdn, pause.as_secs());
            }
            KOTARE_DDNS_GIVEN_UP(id, &kept.request);
        }
        self.done(ticket);
    }

    fn done(&mut self, ticket: Ticket) {
        let number = self.queue.done(ticket);
        self.keeping.done(number);
    }

    /// Begins transactions for requests that need not wait.
    fn start(&mut self) {
        while !self.queue.is_empty() {
            if self.queue.under_way() >= TRANSACTIONS {
                return DHCP_DDNS_AT_MAX_TRANSACTIONS(self.queue.len(), TRANSACTIONS);
            }
            let Some((ticket, kept)) = self.queue.take(self.now()) else {
                return DHCP_DDNS_NO_ELIGIBLE_JOBS(self.queue.len(), self.queue.under_way());
            };
            match self.daemon.generation().zones.place(ChangeRequest::clone(&kept.request)) {
                // It was told why.
                Err(_) => self.done(ticket),
                Ok(transaction) => {
                    if let Some(finished) = self.bundles.begin(transaction, (ticket, kept)) {
                        self.conclude(finished);
                    }
                }
            }
        }
    }

    /// Sends what is to be sent.
    fn send(&mut self) {
        while self.running.len() < AT_ONCE {
            let generation = self.daemon.generation();
            let Some(bundle) = self.bundles.next(generation.config.changes_per_update) else { break };
            let (daemon, patience) = (self.daemon.clone(), generation.config.patience);
            self.running.spawn(async move {
                let heard = talk::carry(&daemon, &bundle, patience).await;
                (bundle, heard)
            });
        }
    }
}
