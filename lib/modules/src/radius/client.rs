//! Requests on their way to servers: what is sent, what is waited for, and what is told of it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kotare_radius::{
    Answer, Attempt, Attribute, Bad, Code, Dictionary, Exchange, Health, MAX_PACKET, Missed, Nonces, Plan,
    Sealed, Value, known,
};
use parking_lot::Mutex;
use tokio::net::UdpSocket;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::attributes::tell_no_value;
use super::messages::*;
use super::radsec::Radsec;

/// So many requests of one kind are on their way at most.
pub(super) const MOST: usize = 1024;

/// A server that is asked.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) at: SocketAddr,
    pub(super) secret: Box<str>,
    /// The way through TLS, if that is the way.
    pub(super) radsec: Option<Radsec>,
}

impl Server {
    fn is_same(&self, other: &Self) -> bool {
        let same_way = match (&self.radsec, &other.radsec) {
            (Some(one), Some(other)) => one.is_same(other),
            (None, None) => true,
            _ => false,
        };
        self.at == other.at && self.secret == other.secret && same_way
    }
}

/// The servers of a service, and how they are asked.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) servers: Vec<Server>,
    pub(super) plan: Plan,
    pub(super) timeout: Duration,
    /// `bindaddr`
    pub(super) local: Option<IpAddr>,
    /// Whether requests have a Message-Authenticator, and answers must.
    pub(super) signed: bool,
    pub(super) dictionary: Arc<Dictionary>,
    pub(super) shared: Arc<Shared>,
    health: Mutex<Health>,
    /// A server answered.
    pub(super) heard: Notify,
}

/// What all services have together.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) nonces: Nonces,
    /// What times are counted from.
    begun: Instant,
    /// Of access, and of accounting: a server of accounting that says nothing keeps nobody out.
    pending: [AtomicUsize; 2],
}

/// What became of a request.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A server answered.
    Answered(Answer),
    /// None did.
    Failed(Missed),
}

impl Outcome {
    /// Its number and its name in the log.
    pub(super) fn told(&self) -> (i8, &'static str) {
        match self {
            Self::Answered(answer) if answer.code == Code::ACCESS_REJECT => (2, "reject"),
            Self::Answered(_) => (0, "ok"),
            Self::Failed(Missed::Silence) => (1, "timeout"),
            Self::Failed(Missed::Bad | Missed::Nonsense) => (-2, "bad response"),
            Self::Failed(Missed::Unreachable) => (-1, "error"),
            Self::Failed(Missed::Busy) => (3, "temporarily unavailable"),
        }
    }
}

/// A place among the requests that are on their way, until it is dropped.
#[derive(Debug)]
pub(super) struct Pending(Arc<Shared>, Code);

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.pending(self.1).fetch_sub(1, Ordering::Relaxed);
    }
}

impl Shared {
    pub(super) fn new(seed: u64) -> Self {
        Self { nonces: Nonces::new(seed), begun: Instant::now(), pending: Default::default() }
    }

    /// Takes a place for a request of this kind, if there is one.
    pub(super) fn enter(self: &Arc<Self>, code: Code) -> Option<Pending> {
        let before = self.pending(code).fetch_add(1, Ordering::Relaxed);
        let pending = Pending(self.clone(), code);
        (before < MOST).then_some(pending)
    }

    fn pending(&self, code: Code) -> &AtomicUsize {
        &self.pending[usize::from(code == Code::ACCOUNTING_REQUEST)]
    }
}

/// The name of an exchange in the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Id(u32);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl Client {
    pub(super) fn new(
        servers: Vec<Server>,
        (plan, timeout): (Plan, Duration),
        local: Option<IpAddr>,
        signed: bool,
        dictionary: Arc<Dictionary>,
        shared: Arc<Shared>,
    ) -> Self {
        let health = Mutex::new(Health::new(servers.len()));
        Self { servers, plan, timeout, local, signed, dictionary, shared, health, heard: Notify::new() }
    }

    /// Whether it asks the same servers in the same way.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let how = |it: &Self| (it.plan, it.timeout, it.local, it.signed);
        let same = |(one, other): (&Server, &Server)| one.is_same(other);
        how(self) == how(other)
            && self.servers.len() == other.servers.len()
            && self.servers.iter().zip(&other.servers).all(same)
            && self.dictionary == other.dictionary
    }

    /// Keeps in mind what another knows of its servers that are this one's, too. Both count times from the same moment.
    pub(super) fn remember(&mut self, former: &Self) {
        let place = |server: &Server| former.servers.iter().position(|other| other.at == server.at);
        *self.health.get_mut() = Health::after(&former.health.lock(), self.servers.iter().map(place));
    }

    /// Asks servers until one answers or all were asked. `began` is when what is told of happened.
    pub(super) async fn ask(&self, code: Code, attributes: &[Attribute], began: Instant) -> Outcome {
        let id = Id(self.shared.nonces.number());
        let is_secure = self.servers.first().is_some_and(|server| server.radsec.is_some());
        match is_secure {
            true => RADIUS_TCP_EXCHANGE_START(id),
            false => RADIUS_UDP_EXCHANGE_START(id),
        }
        let now = || self.shared.begun.elapsed();
        let mut exchange = Exchange::begin(self.plan, &self.health.lock(), now());
        let outcome = loop {
            let Some(attempt) = exchange.attempt() else { break Outcome::Failed(exchange.failure()) };
            match self.attempt(id, attempt, code, attributes, began).await {
                Ok(answer) => {
                    self.health.lock().answered(attempt.server);
                    self.heard.notify_one();
                    self.tell_messages(id, &answer);
                    break Outcome::Answered(answer);
                }
                Err(missed) => exchange.missed(missed, &mut self.health.lock(), now()),
            }
        };
        let result = outcome.told().1;
        match (&outcome, is_secure) {
            (Outcome::Answered(_), true) => RADIUS_TCP_EXCHANGE_SUCCESS(id, result),
            (Outcome::Answered(_), false) => RADIUS_UDP_EXCHANGE_TERMINATE(id, result),
            (Outcome::Failed(_), true) => RADIUS_TCP_EXCHANGE_FAILURE(id, result),
            (Outcome::Failed(_), false) => RADIUS_UDP_EXCHANGE_FAILED(id, result),
        }
        outcome
    }

    /// Whether a server is asked last, as it said nothing.
    #[cfg(test)]
    pub(super) fn is_held(&self, server: usize) -> bool {
        self.health.lock().is_held(server, self.shared.begun.elapsed())
    }

    fn tell_messages(&self, id: Id, answer: &Answer) {
        for attribute in answer.attributes.iter().filter(|it| it.code == known::REPLY_MESSAGE) {
            let text = String::from_utf8_lossy(attribute.bytes().unwrap_or_default());
            RADIUS_REPLY_MESSAGE_ATTRIBUTE(answer.id, id, text.escape_debug());
        }
    }

    async fn attempt(
        &self,
        id: Id,
        attempt: Attempt,
        code: Code,
        attributes: &[Attribute],
        began: Instant,
    ) -> Result<Answer, Missed> {
        let server = &self.servers[attempt.server];
        match &server.radsec {
            Some(radsec) => self.attempt_tls(id, radsec, server, (code, attributes, began)).await,
            None => self.attempt_udp(id, attempt, server, (code, attributes, began)).await,
        }
    }

    async fn attempt_tls(
        &self,
        id: Id,
        radsec: &Radsec,
        server: &Server,
        (code, attributes, began): (Code, &[Attribute], Instant),
    ) -> Result<Answer, Missed> {
        // Who waits for a connection has not asked yet: the server has its time from then on.
        let Ok(Ok(room)) = timeout_at(Instant::now() + self.timeout, radsec.room()).await else {
            RADIUS_TCP_EXCHANGE_RECEIVE_FAILED(id, "no connection is free");
            return Err(Missed::Busy);
        };
        let exchange = radsec.exchange(room, server.at, self.local, |local| {
            let sealed = self.sealed(server, code, attributes, local, began)?;
            let (to, port) = (server.at.ip(), server.at.port());
            RADIUS_TCP_EXCHANGE_SEND(id, sealed.bytes().len(), to, port, " using TLS");
            Ok(sealed)
        });
        match timeout_at(Instant::now() + self.timeout, exchange).await {
            Ok(Ok((sealed, datagram))) => {
                RADIUS_TCP_EXCHANGE_RECEIVED(id, datagram.len());
                self.read(id, server, &sealed, &datagram).map_err(|bad| match bad {
                    Bad::NoValue { .. } => Missed::Nonsense,
                    _ => Missed::Bad,
                })
            }
            Ok(Err(error)) => {
                RADIUS_TCP_EXCHANGE_RECEIVE_FAILED(id, error);
                Err(Missed::Unreachable)
            }
            Err(_) => {
                RADIUS_TCP_EXCHANGE_RECEIVE_FAILED(id, "timeout");
                Err(Missed::Silence)
            }
        }
    }

    async fn attempt_udp(
        &self,
        id: Id,
        attempt: Attempt,
        server: &Server,
        (code, attributes, began): (Code, &[Attribute], Instant),
    ) -> Result<Answer, Missed> {
        let until = Instant::now() + self.timeout;
        // A socket of its own for each attempt: an answer has to find out its port, too.
        let opened = async {
            let socket = UdpSocket::bind((self.local.unwrap_or_else(|| any(server.at)), 0)).await?;
            socket.connect(server.at).await?;
            let local = socket.local_addr()?.ip();
            std::io::Result::Ok((socket, local))
        };
        let (socket, local) = opened.await.map_err(|error| {
            RADIUS_UDP_EXCHANGE_OPEN_FAILED(id, error);
            Missed::Unreachable
        })?;
        let sealed = self.sealed(server, code, attributes, local, began).map_err(|error| {
            RADIUS_UDP_EXCHANGE_OPEN_FAILED(id, error);
            Missed::Unreachable
        })?;
        let length = sealed.bytes().len();
        match attempt.retry {
            0 => RADIUS_UDP_EXCHANGE_SEND_NEW(id, length, attempt.server, server.at.ip(), server.at.port()),
            retry => RADIUS_UDP_EXCHANGE_SEND_RETRY(id, length, retry),
        }
        match socket.send(sealed.bytes()).await {
            Ok(length) => RADIUS_UDP_EXCHANGE_SENT(id, length),
            Err(error) => {
                RADIUS_UDP_EXCHANGE_SEND_FAILED(id, error);
                if attempt.has_others {
                    return Err(Missed::Unreachable);
                }
            }
        }
        let (mut buffer, mut missed) = (vec![0; MAX_PACKET], Missed::Silence);
        // What cannot be believed may be somebody else's, and the server's answer come after it.
        while let Ok(received) = timeout_at(until, socket.recv(&mut buffer)).await {
            match received {
                Ok(length) => {
                    RADIUS_UDP_EXCHANGE_RECEIVED(id, length);
                    match self.read(id, server, &sealed, &buffer[..length]) {
                        Ok(answer) => return Ok(answer),
                        // That is what the server says, who has no other answer.
                        Err(Bad::NoValue { .. }) => return Err(Missed::Nonsense),
                        Err(_) => missed = Missed::Bad,
                    }
                }
                Err(error) => {
                    RADIUS_UDP_EXCHANGE_RECEIVE_FAILED(id, error);
                    if attempt.has_others {
                        return Err(Missed::Unreachable);
                    }
                    // Nobody listens there yet, perhaps: it is asked again when its time is over.
                    missed = Missed::Unreachable;
                }
            }
        }
        if missed == Missed::Silence {
            RADIUS_UDP_EXCHANGE_TIMEOUT(id);
        }
        Err(missed)
    }

    /// The request as it is sent to a server from this address.
    fn sealed(
        &self,
        server: &Server,
        code: Code,
        attributes: &[Attribute],
        local: IpAddr,
        began: Instant,
    ) -> Result<Sealed, String> {
        let mut all = attributes.to_vec();
        let has = |code: u8| attributes.iter().any(|attribute| attribute.code == code);
        if code == Code::ACCOUNTING_REQUEST && !has(known::ACCT_DELAY_TIME) {
            let delay = u32::try_from(began.elapsed().as_secs()).unwrap_or(u32::MAX);
            all.push(Attribute::integer(known::ACCT_DELAY_TIME, delay));
        }
        let (code_of_local, value) = match local {
            IpAddr::V4(local) => (known::NAS_IP_ADDRESS, Value::Ipv4(local)),
            IpAddr::V6(local) => (known::NAS_IPV6_ADDRESS, Value::Ipv6(local)),
        };
        if !has(code_of_local) {
            all.push(Attribute { code: code_of_local, value });
        }
        let secret = server.secret.as_bytes();
        let nonces = &self.shared.nonces;
        let id = nonces.next(secret)[0];
        let signed = self.signed || code == Code::STATUS_SERVER;
        let sealed = Sealed::new(code, id, nonces.next(secret), &all, secret, signed);
        let sealed = sealed.map_err(|error| error.to_string())?;
        let count = all.len() + usize::from(signed);
        RADIUS_ENCODE_MESSAGE(code, code.0, id, sealed.bytes().len(), count);
        Ok(sealed)
    }

    /// Reads what is said to a request.
    ///
    /// # Errors
    /// Why it is no answer; all is told of it.
    fn read(&self, id: Id, server: &Server, sealed: &Sealed, datagram: &[u8]) -> Result<Answer, Bad> {
        let read = sealed.read(datagram, server.secret.as_bytes(), self.signed, &self.dictionary);
        let result = match &read {
            Ok(answer) => {
                let Answer { code, id: number, attributes } = answer;
                RADIUS_DECODE_MESSAGE(code, code.0, number, datagram.len(), attributes.len());
                match *code {
                    Code::ACCESS_ACCEPT => RADIUS_EXCHANGE_RECEIVED_ACCESS_ACCEPT(id),
                    Code::ACCESS_REJECT => RADIUS_EXCHANGE_RECEIVED_ACCESS_REJECT(id),
                    _ => RADIUS_EXCHANGE_RECEIVED_ACCOUNTING_RESPONSE(id),
                }
                if *code == Code::ACCESS_REJECT { "reject" } else { "ok" }
            }
            Err(Bad::Mismatch { got, expected }) => {
                RADIUS_EXCHANGE_RECEIVED_MISMATCH(id, got, expected);
                "bad response"
            }
            Err(Bad::Unexpected(code)) => {
                RADIUS_EXCHANGE_RECEIVED_UNEXPECTED(id, sealed.code(), code);
                "bad response"
            }
            Err(bad) => {
                if let Bad::NoValue { code, name, kind, reason } = bad {
                    tell_no_value(*kind, *code, name, reason);
                }
                RADIUS_EXCHANGE_RECEIVED_BAD_RESPONSE(id, bad);
                "bad response"
            }
        };
        RADIUS_EXCHANGE_RECEIVED_RESPONSE(id, result);
        read
    }
}

/// Any address of the same kind.
pub(super) fn any(at: SocketAddr) -> IpAddr {
    match at {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}
