//! From the datagrams of DHCP servers to transactions: the task that owns the socket and the queue.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use kotare_ddns::{ChangeRequest, MAX_DATAGRAM, Queue, Ticket};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::daemon::Daemon;
use crate::messages::*;
use crate::talk;

/// How many requests may wait. More wait in the kernel, as far as it has room.
const CAPACITY: usize = 4096;

/// To how many requests a full queue must have shrunk before more are received.
const RESUMES_AT: usize = CAPACITY / 100 * 80;

/// How many transactions are carried out at a time.
const AT_ONCE: usize = 128;

/// How many datagrams are read in one go.
const BATCH: usize = 64;

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
    Listen(UdpSocket),
    /// No more requests are received, and the task ends.
    End(Ending),
}

/// A socket that requests may come to.
///
/// # Errors
/// Why there is none, with the address.
pub(crate) fn listen(at: SocketAddr) -> Result<UdpSocket, String> {
    let open = || -> io::Result<UdpSocket> {
        let socket = std::net::UdpSocket::bind(at)?;
        socket.set_nonblocking(true)?;
        UdpSocket::from_std(socket)
    };
    open().map_err(|error| format!("cannot listen for requests at {at}: {error}"))
}

/// Tells of an address that more than the machine itself can reach.
pub(crate) fn tell_if_exposed(at: IpAddr) {
    if at.is_unspecified() {
        DHCP_DDNS_LISTENING_ON_ALL_INTERFACES(at);
    } else if !at.is_loopback() {
        DHCP_DDNS_NOT_ON_LOOPBACK(at);
    }
}

/// Receives requests and has them carried out until it is told to end.
pub(crate) async fn serve(daemon: Arc<Daemon>, socket: UdpSocket, orders: mpsc::UnboundedReceiver<Order>) {
    DHCP_DDNS_QUEUE_MGR_STARTED();
    let queue = Queue::new(CAPACITY);
    let desk = Desk { daemon, queue, running: JoinSet::new(), ending: None, is_full: false };
    desk.serve(socket, orders).await;
}

struct Desk {
    daemon: Arc<Daemon>,
    queue: Queue,
    running: JoinSet<Ticket>,
    ending: Option<Ending>,
    /// Whether nothing is received until the queue has shrunk.
    is_full: bool,
}

impl Desk {
    async fn serve(mut self, mut socket: UdpSocket, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut buffer = vec![0; MAX_DATAGRAM];
        while !self.is_done() {
            let receives = self.ending.is_none() && !self.is_full;
            tokio::select! {
                ready = socket.readable(), if receives => match ready {
                    Ok(()) => self.receive(&socket, &mut buffer),
                    Err(error) => self.failed(&error),
                },
                Some(ended) = self.running.join_next() => {
                    if let Ok(ticket) = ended {
                        self.queue.done(ticket);
                    }
                }
                order = orders.recv() => match order {
                    Some(Order::Listen(other)) => {
                        DHCP_DDNS_QUEUE_MGR_RECONFIGURING();
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
                    None => self.ending = Some(Ending::Now),
                },
            }
            if self.ending.is_none_or(|ending| ending == Ending::DrainFirst) {
                self.start();
            }
            if self.is_full && self.queue.len() <= RESUMES_AT {
                DHCP_DDNS_QUEUE_MGR_RESUMING(RESUMES_AT, CAPACITY);
                self.is_full = false;
            }
        }
        DHCP_DDNS_CLEARED_FOR_SHUTDOWN(self.ending.map_or("", Ending::name));
    }

    /// Whether the task may end.
    fn is_done(&self) -> bool {
        match self.ending {
            None => false,
            Some(Ending::Normal) => self.running.is_empty(),
            Some(Ending::DrainFirst) => self.running.is_empty() && self.queue.is_empty(),
            Some(Ending::Now) => true,
        }
    }

    /// Queues what has come.
    fn receive(&mut self, socket: &UdpSocket, buffer: &mut [u8]) {
        for _ in 0..BATCH {
            if self.queue.len() >= self.queue.capacity() {
                DHCP_DDNS_QUEUE_MGR_QUEUE_FULL(self.queue.capacity());
                self.count("queue-mgr-queue-full");
                self.is_full = true;
                return;
            }
            match socket.try_recv(buffer) {
                Ok(length) => self.take_in(&buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) => return self.failed(&error),
            }
        }
    }

    fn take_in(&mut self, datagram: &[u8]) {
        match ChangeRequest::from_datagram(datagram) {
            Ok(request) => {
                self.count("ncr-received");
                DHCP_DDNS_QUEUE_MGR_QUEUE_RECEIVE(&request.dhcid);
                // There is room: it was looked for before.
                let _ = self.queue.push(request);
            }
            Err(reason) => {
                self.count("ncr-invalid");
                DHCP_DDNS_INVALID_NCR(reason);
            }
        }
    }

    fn failed(&self, error: &io::Error) {
        self.count("ncr-error");
        DHCP_DDNS_NCR_UDP_RECV_ERROR(error);
    }

    fn count(&self, name: &str) {
        self.daemon.statistics().count(name, self.daemon.clock().since_epoch());
    }

    /// Starts transactions for requests that need not wait.
    fn start(&mut self) {
        while !self.queue.is_empty() {
            if self.running.len() >= AT_ONCE {
                return DHCP_DDNS_AT_MAX_TRANSACTIONS(self.queue.len(), AT_ONCE);
            }
            let Some((ticket, request)) = self.queue.take() else {
                return DHCP_DDNS_NO_ELIGIBLE_JOBS(self.queue.len(), self.running.len());
            };
            let generation = self.daemon.generation();
            match generation.zones.place(request) {
                // It was told why.
                Err(_) => self.queue.done(ticket),
                Ok(transaction) => {
                    let (daemon, patience) = (self.daemon.clone(), generation.config.patience);
                    self.running.spawn(async move {
                        talk::carry_out(daemon, transaction, patience).await;
                        ticket
                    });
                }
            }
        }
    }
}
