//! The task that asks: it owns the socket, sends what [`Pings`] decides, and tells those who wait.

use std::collections::HashSet;
use std::future::pending;
use std::io;
use std::net::Ipv4Addr;

use kotare_model::Chance;
use kotare_net::{EchoError, EchoSocket4};
use kotare_wire::icmp::{Answer, Echo, Refused};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::messages::*;
use super::pings::{Next, Pings, Plan};
use crate::Environment4;

/// Requests that the task did not get round to; who asks more waits for room.
const QUEUE: usize = 64;

/// The way to the task, which ends with it.
#[derive(Debug)]
pub(super) struct Channel {
    requests: mpsc::Sender<Request>,
    /// The addresses that somebody is finding out about. The task may still ask for one that is not here any more.
    claimed: Mutex<HashSet<Ipv4Addr>>,
}

/// The right to find out about an address, which nobody else has meanwhile.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    channel: &'a Channel,
    target: Ipv4Addr,
}

/// Whether somebody uses an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// Somebody answered.
    InUse,
    /// Nobody answered in time, or nobody could be asked.
    Free,
}

#[derive(Debug)]
struct Request {
    target: Ipv4Addr,
    plan: Plan,
    answer: oneshot::Sender<Finding>,
}

impl Channel {
    /// Opens the socket and starts the task.
    ///
    /// # Errors
    /// When the socket cannot be opened.
    pub(super) fn open(environment: &Environment4) -> io::Result<Self> {
        let _runtime = environment.runtime.enter();
        let socket = EchoSocket4::open()?;
        PING_CHECK_CHANNEL_SOCKET_OPENED();
        let (requests, incoming) = mpsc::channel(QUEUE);
        let asker = Asker { socket, pings: Pings::new(Chance::new(environment.seed)) };
        environment.runtime.spawn(asker.run(incoming));
        Ok(Self { requests, claimed: Mutex::default() })
    }

    /// Whether the socket failed: nobody is asked any more.
    pub(super) fn is_down(&self) -> bool {
        self.requests.is_closed()
    }

    /// Claims an address; `None` when somebody else is finding out about it.
    pub(super) fn claim(&self, target: Ipv4Addr) -> Option<Claim<'_>> {
        self.claimed.lock().insert(target).then_some(Claim { channel: self, target })
    }
}

impl Claim<'_> {
    /// Asks, and waits for what comes of it.
    pub(super) async fn ask(self, plan: Plan) -> Finding {
        let (answer, finding) = oneshot::channel();
        let request = Request { target: self.target, plan, answer };
        // A task that is gone tells nothing.
        match self.channel.requests.send(request).await {
            Ok(()) => finding.await.unwrap_or(Finding::Free),
            Err(_) => Finding::Free,
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.channel.claimed.lock().remove(&self.target);
    }
}

/// What the task has.
struct Asker {
    socket: EchoSocket4,
    pings: Pings<oneshot::Sender<Finding>>,
}

/// The socket failed.
struct Down;

impl Asker {
    /// Asks until there is nobody left who could want to know, or the socket fails.
    async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let ended = self.serve(&mut requests).await;
        match ended {
            Ok(()) => PING_CHECK_MGR_STOPPING(),
            Err(Down) => PING_CHECK_CHANNEL_STOP(),
        }
        // Whoever waits is told nothing more: the addresses are taken to be free.
        drop((self, requests));
        PING_CHECK_CHANNEL_SOCKET_CLOSED();
        match ended {
            Ok(()) => PING_CHECK_MGR_STOPPED(),
            Err(Down) => PING_CHECK_MGR_CHANNEL_DOWN(),
        }
    }

    async fn serve(&mut self, requests: &mut mpsc::Receiver<Request>) -> Result<(), Down> {
        loop {
            let due = self.pings.deadline();
            let due = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                request = requests.recv() => match request {
                    Some(request) => self.begin(request)?,
                    None => return Ok(()),
                },
                received = self.socket.receive() => match received {
                    Ok(()) => self.hear(),
                    Err(error) => {
                        PING_CHECK_CHANNEL_SOCKET_READ_FAILED(error);
                        return Err(Down);
                    }
                },
                () = due => self.expire()?,
            }
        }
    }

    fn begin(&mut self, request: Request) -> Result<(), Down> {
        let Request { target, plan, answer } = request;
        let echo = self.pings.begin(target, plan, answer, Instant::now());
        self.send(target, echo)
    }

    fn send(&mut self, target: Ipv4Addr, echo: Echo) -> Result<(), Down> {
        match self.socket.request(target, echo) {
            Ok(()) => {
                PING_CHECK_CHANNEL_ECHO_REQUEST_SENT(target, echo.id, echo.sequence);
                Ok(())
            }
            Err(EchoError::Target(error)) => {
                PING_CHECK_CHANNEL_NETWORK_WRITE_ERROR(target, error);
                tell(self.pings.end(target), Finding::Free);
                Ok(())
            }
            Err(EchoError::Socket(error)) => {
                PING_CHECK_CHANNEL_SOCKET_WRITE_FAILED(error);
                Err(Down)
            }
        }
    }

    fn hear(&mut self) {
        for answer in self.socket.answers() {
            let answer = match answer {
                Ok(answer) => answer,
                // Of others' business, and perhaps quite right.
                Err(Refused::Else | Refused::NotIcmp) => continue,
                Err(malformed) => {
                    PING_CHECK_CHANNEL_MALFORMED_PACKET_RECEIVED(malformed);
                    continue;
                }
            };
            let waiting = self.pings.answered(&answer);
            match answer {
                Answer::Reply { from, echo: Echo { id, sequence } } => {
                    PING_CHECK_CHANNEL_ECHO_REPLY_RECEIVED(from, id, sequence);
                    match waiting {
                        Some(_) => PING_CHECK_MGR_RECEIVED_ECHO_REPLY(from, id, sequence),
                        None => PING_CHECK_MGR_RECEIVED_UNEXPECTED_ECHO_REPLY(from, id, sequence),
                    }
                    tell(waiting, Finding::InUse);
                }
                Answer::Unreachable { target, echo: Echo { id, sequence } } => {
                    match waiting {
                        Some(_) => PING_CHECK_MGR_RECEIVED_UNREACHABLE_MSG(target, id, sequence),
                        None => PING_CHECK_MGR_RECEIVED_UNEXPECTED_UNREACHABLE_MSG(target, id, sequence),
                    }
                    tell(waiting, Finding::Free);
                }
            }
        }
    }

    fn expire(&mut self) -> Result<(), Down> {
        let now = Instant::now();
        while let Some(expired) = self.pings.expire(now) {
            let (target, sent, plan) = (expired.target, expired.sent, expired.plan);
            PING_CHECK_MGR_REPLY_TIMEOUT_EXPIRED(target, sent, plan.requests, plan.timeout.as_millis());
            match expired.next {
                Next::Free(waiting) => tell(Some(waiting), Finding::Free),
                Next::Again(_) if self.pings.waiting(target).is_none_or(oneshot::Sender::is_closed) => {
                    self.pings.end(target);
                }
                Next::Again(echo) => {
                    PING_CHECK_MGR_NEXT_ECHO_SCHEDULED(target, sent + 1, plan.requests);
                    self.send(target, echo)?;
                }
            }
        }
        Ok(())
    }
}

/// Tells who waits, if somebody does still.
fn tell(waiting: Option<oneshot::Sender<Finding>>, finding: Finding) {
    if let Some(waiting) = waiting {
        // Who gave up needs no answer.
        let _ = waiting.send(finding);
    }
}
