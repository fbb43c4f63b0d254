//! RADIUS through TLS (RFC 6614): connections that are kept, and one request at a time over each.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use kotare_control::client::{Secured, Tls};
use kotare_radius::{HEADER, MAX_PACKET, Sealed, length};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// So many connections there are to a server at most.
pub(super) const MOST: usize = 16;
/// A connection that was idle for longer is not used again: what is between may have forgotten it.
const IDLE: Duration = Duration::from_secs(60);
/// For how long the kernel waits until the other end has what was sent, before the connection counts as lost. A server that is
/// there tells so within milliseconds, whatever it takes to answer.
const UNHEARD: Duration = Duration::from_secs(3);

/// The way to a server.
pub(super) struct Radsec {
    tls: Tls,
    idle: Mutex<Vec<Connection>>,
    room: Semaphore,
}

struct Connection {
    stream: Secured,
    local: IpAddr,
    /// When it was used last.
    used: Instant,
}

/// That a request may have a connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Room<'a>(SemaphorePermit<'a>);

/// That a request was not answered.
#[derive(Debug)]
struct Broken {
    reason: String,
    /// Whether nothing of an answer had come.
    is_early: bool,
}

impl Radsec {
    pub(super) fn new(tls: Tls) -> Self {
        Self { tls, idle: Mutex::default(), room: Semaphore::new(MOST) }
    }

    /// Whether the same servers are believed, and shown the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.tls.is_same(&other.tls)
    }

    /// Waits until there is a connection to be had. That is not the server's fault: it answers others meanwhile.
    pub(super) async fn room(&self) -> Result<Room<'_>, String> {
        self.room.acquire().await.map(Room).map_err(|error| error.to_string())
    }

    /// Sends what `seal` makes for the address it is sent from, and waits for what is said to it.
    ///
    /// A future that is dropped ends its connection: nobody takes the answer that may still come for that to another request.
    pub(super) async fn exchange(
        &self,
        room: Room<'_>,
        at: SocketAddr,
        local: Option<IpAddr>,
        seal: impl Fn(IpAddr) -> Result<Sealed, String>,
    ) -> Result<(Sealed, Vec<u8>), String> {
        let Room(_permit) = room;
        // Of a connection that was kept the server may have got tired meanwhile, or is another since.
        if let Some(mut kept) = self.take() {
            let sealed = seal(kept.local)?;
            match kept.exchange(&sealed).await {
                Ok(datagram) => return Ok(self.keep(kept, sealed, datagram)),
                // So it is with all that were kept with it.
                Err(broken) if broken.is_early => self.idle.lock().clear(),
                Err(broken) => return Err(broken.reason),
            }
        }
        let mut fresh = self.connect(at, local).await?;
        let sealed = seal(fresh.local)?;
        let datagram = fresh.exchange(&sealed).await.map_err(|broken| broken.reason)?;
        Ok(self.keep(fresh, sealed, datagram))
    }

    fn take(&self) -> Option<Connection> {
        let mut idle = self.idle.lock();
        idle.retain(|connection| connection.used.elapsed() < IDLE);
        idle.pop()
    }

    fn keep(&self, mut connection: Connection, sealed: Sealed, datagram: Vec<u8>) -> (Sealed, Vec<u8>) {
        // Who answers another request than was sent is not asked over that connection again.
        if datagram.get(1) == Some(&sealed.id()) {
            connection.used = Instant::now();
            self.idle.lock().push(connection);
        }
        (sealed, datagram)
    }

    async fn connect(&self, at: SocketAddr, local: Option<IpAddr>) -> Result<Connection, String> {
        let connected = async {
            let stream = match local {
                None => TcpStream::connect(at).await?,
                Some(local) => {
                    let socket = if at.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
                    socket.bind((local, 0).into())?;
                    socket.connect(at).await?
                }
            };
            stream.set_nodelay(true)?;
            kotare_net::give_up_unheard(&stream, UNHEARD)?;
            let local = stream.local_addr()?.ip();
            std::io::Result::Ok((stream, local))
        };
        let (stream, local) = connected.await.map_err(|error| format!("cannot connect to {at}: {error}"))?;
        let stream = self.tls.secure(&at.ip().to_string(), stream).await?;
        Ok(Connection { stream, local, used: Instant::now() })
    }
}

impl Connection {
    async fn exchange(&mut self, sealed: &Sealed) -> Result<Vec<u8>, Broken> {
        let broken = |is_early| move |error: std::io::Error| Broken { reason: error.to_string(), is_early };
        self.stream.write_all(sealed.bytes()).await.map_err(broken(true))?;
        self.stream.flush().await.map_err(broken(true))?;
        let mut packet = vec![0; HEADER];
        self.stream.read_exact(&mut packet).await.map_err(broken(true))?;
        let length = length(&packet).filter(|length| (HEADER..=MAX_PACKET).contains(length));
        let Some(length) = length else {
            return Err(Broken { reason: "what comes is no packet of RADIUS".to_owned(), is_early: false });
        };
        packet.resize(length, 0);
        self.stream.read_exact(&mut packet[HEADER..]).await.map_err(broken(false))?;
        Ok(packet)
    }
}

impl fmt::Debug for Radsec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Radsec").field("idle", &self.idle.lock().len()).finish_non_exhaustive()
    }
}
