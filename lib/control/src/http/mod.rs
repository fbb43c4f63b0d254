//! Commands over HTTP and HTTPS: the control sockets that management programs reach through a network.
//!
//! A client posts one JSON map and gets a list of one answer, as from Kea; the connection stays for the next command.
//! [`Listeners`] serves any number of addresses and can exchange them while it serves: [`Listeners::prepare`] opens what
//! is new, [`Listeners::publish`] lets it answer, gives those that stay their new settings and closes those that are
//! gone. A command under way is answered first, that of who asked for another configuration too.
//!
//! What a client may take is bounded by the same [`Limits`] as that of a UNIX socket, but it shares
//! no room with those: nobody who comes through a network keeps the operator out.

mod authentication;
mod certificate;
mod connection;
pub(crate) mod details;
mod exchange;
mod heard;
mod pages;
mod tls;
mod watched;
mod words;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use hyper::header::{
    CONNECTION, CONTENT_LENGTH, DATE, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use kotare_config::json::Source;
use kotare_config::process::Monitoring;
use parking_lot::{Mutex, MutexGuard};
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};

use crate::dispatch::AT_ONCE;
use crate::messages::*;
use crate::room::{Limits, Room};
use crate::{Apart, Execute};
use authentication::Admitted;
pub use authentication::Authentication;
pub use pages::{Asked, Opening, Page};
pub use tls::Tls;
pub use words::Words;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 128;

/// How much of an answer the kernel keeps for a client. As much as it wants would be many megabytes, and the kernel would
/// ask for more only after so much was read that a slow client seems to read nothing for a while.
const SEND_BUFFER: u32 = 256 << 10;

/// An address to serve.
#[derive(Clone, Debug)]
pub struct ListenerConfig {
    /// Where clients connect to.
    pub at: SocketAddr,
    /// What is said and asked there.
    pub settings: Arc<Settings>,
    /// Where the configuration has it.
    pub source: Source,
    /// For one whose clients are to be answered quickly.
    pub quick: Option<Quick>,
}

/// Where clients are answered quickly. That does not change while an address is served.
#[derive(Clone, Debug)]
pub struct Quick {
    /// The event loop.
    pub apart: Arc<Apart>,
    /// The commands that run there; the others are run where all else is.
    pub commands: &'static [&'static str],
}

/// What may change while an address is served.
#[derive(Debug, Default)]
pub struct Settings {
    /// Whom to let in; without, everybody.
    pub authentication: Option<Authentication>,
    /// What to add to each answer.
    pub headers: Vec<Header>,
    /// For HTTPS. Whether there is any may not change.
    pub tls: Option<Tls>,
    /// What programs that watch the server see; without, nothing.
    pub monitoring: Option<Monitoring>,
    /// The commands that are taken; without, all.
    pub accepts: Option<&'static [&'static str]>,
    /// How many commands run at once that came there; without, as many as of all.
    pub turns: Option<Turns>,
}

/// How many commands run at once.
#[derive(Debug)]
pub struct Turns {
    count: usize,
    free: Semaphore,
}

/// A header to add to answers.
#[derive(Clone, Debug)]
pub struct Header {
    name: HeaderName,
    value: HeaderValue,
}

/// The HTTP listeners of a server.
pub struct Listeners {
    shared: Arc<Shared>,
    open: Mutex<BTreeMap<SocketAddr, Open>>,
}

struct Shared {
    executor: Arc<dyn Execute>,
    limits: Limits,
    room: Arc<Room>,
    /// What the server is called in `service`: `dhcp4`. Without, that is for the executor to read.
    service: Option<String>,
    words: &'static Words,
    /// Turns for those who make pages.
    pages: Arc<Semaphore>,
}

/// An address that is served. Dropping it ends the accepting task and the connections of those who wait for no answer.
struct Open {
    settings: watch::Sender<Arc<Settings>>,
}

/// Listeners that are open but do not answer yet. Dropping it closes the new ones.
#[must_use = "the listeners do not answer before they are published"]
pub struct Prepared {
    wanted: BTreeMap<SocketAddr, (Arc<Settings>, Option<Fresh>)>,
}

/// A listener that is open.
struct Fresh {
    listener: TcpListener,
    quick: Option<Quick>,
}

/// Why an address cannot be served.
#[derive(Debug)]
pub struct ListenError {
    at: SocketAddr,
    source: Source,
    words: &'static Words,
    why: Why,
}

#[derive(Debug)]
enum Why {
    System(io::Error),
    Twice,
    Becomes(&'static str),
}

impl Turns {
    /// So many.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let count = count.clamp(1, Semaphore::MAX_PERMITS);
        Self { count, free: Semaphore::new(count) }
    }
}

impl Settings {
    /// How many commands run at once.
    fn at_once(&self) -> usize {
        self.turns.as_ref().map_or(AT_ONCE, |turns| turns.count.min(AT_ONCE))
    }

    /// Whether whoever sent these headers may send commands.
    fn admits(&self, headers: &HeaderMap) -> Admitted<'_> {
        self.authentication
            .as_ref()
            .map_or(Admitted::Anybody, |authentication| authentication.admits(headers))
    }

    /// `HTTP` or `HTTPS`.
    fn protocol(&self) -> &'static str {
        if self.tls.is_some() { "HTTPS" } else { "HTTP" }
    }
}

impl Header {
    /// A header for each answer.
    ///
    /// # Errors
    /// If it cannot be one.
    pub fn new(name: &str, value: &str) -> Result<Self, String> {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("'{name}' is no name that a header can have"))?;
        let value = HeaderValue::from_str(value)
            .map_err(|_| format!("'{value}' is no value that a header can have"))?;
        Ok(Self { name, value })
    }

    /// Whether the server says this itself, because the answer would not be understood otherwise.
    fn is_the_servers(&self) -> bool {
        [CONNECTION, CONTENT_LENGTH, DATE, TRANSFER_ENCODING].contains(&self.name)
    }
}

impl Listeners {
    /// No listeners yet. `executor` answers what comes from all of them; `service` is what a command calls the server,
    /// `dhcp4`, or nothing if commands for any are taken. What is told of them is in `words`.
    pub fn new(
        executor: Arc<dyn Execute>,
        limits: Limits,
        service: Option<String>,
        words: &'static Words,
    ) -> Self {
        let room = Room::new(&limits);
        let pages = Arc::new(Semaphore::new(pages::AT_ONCE));
        Self {
            shared: Arc::new(Shared { executor, limits, room, service, words, pages }),
            open: Mutex::default(),
        }
    }

    /// Opens the listeners of `wanted` that are not open. Clients that connect to them wait until they are published.
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// If one cannot be opened; then none is, and those that answer go on.
    pub fn prepare(&self, wanted: &[ListenerConfig]) -> Result<Prepared, ListenError> {
        let mut prepared = Prepared { wanted: BTreeMap::new() };
        for config in wanted {
            let words = self.shared.words;
            let error = |why| ListenError { at: config.at, source: config.source.clone(), words, why };
            if prepared.wanted.contains_key(&config.at) {
                return Err(error(Why::Twice));
            }
            let fresh = match self.open().get(&config.at) {
                Some(open) => {
                    let (is, becomes) = (open.settings.borrow().protocol(), config.settings.protocol());
                    if is != becomes {
                        (words.reuse_failed)(is, config.at);
                        return Err(error(Why::Becomes(becomes)));
                    }
                    None
                }
                None => {
                    let quick = config.quick.clone();
                    let _there = quick.as_ref().map(|quick| quick.apart.handle().enter());
                    let listener = listen(config.at).map_err(|reason| error(Why::System(reason)))?;
                    Some(Fresh { listener, quick: quick.clone() })
                }
            };
            prepared.wanted.insert(config.at, (config.settings.clone(), fresh));
        }
        Ok(prepared)
    }

    /// Makes `prepared` the listeners that answer. Must be called within a tokio runtime.
    pub fn publish(&self, prepared: Prepared) {
        let (mut open, mut gone) = (self.open(), Vec::new());
        open.retain(|at, open| {
            let stays = prepared.wanted.contains_key(at);
            if !stays {
                self.tell_stopping(*at, open);
                gone.push(*at);
            }
            stays
        });
        gone.into_iter().for_each(self.shared.words.stopped);
        for (at, (settings, fresh)) in prepared.wanted {
            let protocol = settings.protocol();
            if let Some(Fresh { listener, quick }) = fresh {
                (self.shared.words.started)(protocol, settings.at_once(), at);
                let (sender, receiver) = watch::channel(settings);
                let there = quick.as_ref().map_or_else(Handle::current, |it| it.apart.handle().clone());
                there.spawn(accept(self.shared.clone(), listener, at, receiver, quick));
                open.insert(at, Open { settings: sender });
            } else if let Some(open) = open.get(&at) {
                (self.shared.words.updated)(protocol, at);
                open.settings.send_replace(settings);
            }
        }
    }

    /// Closes all listeners and waits, at most `grace`, until commands under way are answered.
    pub async fn close(&self, grace: Duration) {
        let mut open = std::mem::take(&mut *self.open());
        open.iter().for_each(|(at, open)| self.tell_stopping(*at, open));
        let gone: Vec<_> = std::mem::take(&mut open).into_keys().collect();
        gone.into_iter().for_each(self.shared.words.stopped);
        // Who has not read the answer by then does not get it.
        let _ = tokio::time::timeout(grace, self.shared.room.emptied()).await;
    }

    /// The addresses that answer.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.open().keys().copied().collect()
    }

    fn tell_stopping(&self, at: SocketAddr, open: &Open) {
        (self.shared.words.stopping)(open.settings.borrow().protocol(), at);
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<SocketAddr, Open>> {
        self.open.lock()
    }
}

fn listen(at: SocketAddr) -> io::Result<TcpListener> {
    let socket = if at.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // What a server that ended a moment ago left in the kernel is no obstacle.
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(at)?;
    socket.listen(BACKLOG)
}

/// Accepts clients until the listener is retired.
async fn accept(
    shared: Arc<Shared>,
    listener: TcpListener,
    at: SocketAddr,
    mut settings: watch::Receiver<Arc<Settings>>,
    quick: Option<Quick>,
) {
    loop {
        let client = async {
            let (stream, remote) = listener.accept().await?;
            Ok::<_, io::Error>((stream, remote, shared.room.enter().await))
        };
        tokio::select! {
            () = retired(&mut settings) => return,
            client = client => match client {
                Ok((stream, remote, place)) => {
                    let (shared, settings, quick) = (shared.clone(), settings.clone(), quick.clone());
                    tokio::spawn(connection::serve(stream, remote, shared, place, settings, quick));
                }
                Err(error) => {
                    KOTARE_HTTP_ACCEPT_FAILED(at, &error);
                    // Out of descriptors, most likely: give connections time to end.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
}

/// Returns once nobody has the listener open any more.
async fn retired(settings: &mut watch::Receiver<Arc<Settings>>) {
    while settings.changed().await.is_ok() {}
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listeners").field(&self.addresses()).finish()
    }
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, source, words, why } = self;
        let Words { address, port, .. } = words;
        match why {
            Why::Twice => write!(f, "{source}: {at} is configured for HTTP twice; remove one of them"),
            Why::Becomes(protocol) => {
                let former = if *protocol == "HTTPS" { "HTTP" } else { "HTTPS" };
                write!(
                    f,
                    "Can not switch from {former} to {protocol} sockets using the same address and port. ({source}: \
                     choose another {port} than {}, or restart the server)",
                    at.port()
                )
            }
            Why::System(error) => {
                write!(f, "{source}: cannot serve HTTP at {at}: {error}")?;
                match error.kind() {
                    io::ErrorKind::AddrInUse => {
                        write!(f, " (another program has it: choose another {port})")
                    }
                    io::ErrorKind::AddrNotAvailable => {
                        write!(f, " (no interface has it: choose another {address})")
                    }
                    io::ErrorKind::PermissionDenied => {
                        write!(f, " (ports below 1024 need CAP_NET_BIND_SERVICE: choose another {port})")
                    }
                    _ => Ok(()),
                }
            }
        }
    }
}

impl std::error::Error for ListenError {}
