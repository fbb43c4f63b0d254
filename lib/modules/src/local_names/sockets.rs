//! Where questions come to: sockets that are opened as soon as they can be, and a task for each.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use kotare_local_names::{LONGEST_QUESTION, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::messages::{KOTARE_LOCAL_NAMES_LISTENING, KOTARE_LOCAL_NAMES_NOT_LISTENING};
use super::told::Told;

/// So many connections may be open at each address.
const CONNECTIONS: usize = 64;
/// How long a connection may be without a question, and a part of one may take (RFC 7766, section 6.2.3).
const IDLE: Duration = Duration::from_secs(10);
/// Before a socket that fails is used again.
const PAUSE: Duration = Duration::from_millis(50);

/// The sockets of a configuration; they are closed when it is dropped.
#[derive(Debug)]
pub(super) struct Sockets {
    told: Arc<Told>,
    missing: HashSet<(SocketAddr, Over)>,
    tasks: JoinSet<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Over {
    Udp,
    Tcp,
}

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        })
    }
}

impl Sockets {
    /// None are open yet.
    pub(super) fn new(listen: &[SocketAddr], told: Arc<Told>) -> Self {
        let missing = listen.iter().flat_map(|&at| [(at, Over::Udp), (at, Over::Tcp)]).collect();
        Self { told, missing, tasks: JoinSet::new() }
    }

    /// Opens those that are not open, as far as that can be done.
    pub(super) async fn open(&mut self) {
        for (at, over) in self.missing.clone() {
            let told = self.told.clone();
            let opened = match over {
                Over::Udp => UdpSocket::bind(at).await.map(|socket| {
                    self.tasks.spawn(datagrams(socket, told));
                }),
                Over::Tcp => TcpListener::bind(at).await.map(|listener| {
                    self.tasks.spawn(connections(listener, told));
                }),
            };
            let about = format!("{at} over {over}");
            match opened {
                Ok(()) => {
                    self.missing.remove(&(at, over));
                    self.told.problem(about, None);
                    KOTARE_LOCAL_NAMES_LISTENING(at, over);
                }
                Err(error) => {
                    if self.told.problem(about, Some(error.to_string())) {
                        KOTARE_LOCAL_NAMES_NOT_LISTENING(at, over, error);
                    }
                }
            }
        }
    }
}

async fn datagrams(socket: UdpSocket, told: Arc<Told>) {
    // A byte more than a question may have tells those that are longer.
    let mut buffer = [0; LONGEST_QUESTION + 1];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, from)) => {
                if let Some(answer) = told.answer(&buffer[..length], Transport::Udp) {
                    // Whoever does not get it asks again.
                    let _ = socket.send_to(&answer, from).await;
                }
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

async fn connections(listener: TcpListener, told: Arc<Told>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut open = JoinSet::new();
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else { return };
        while open.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                let told = told.clone();
                open.spawn(async move {
                    let _ = converse(stream, &told).await;
                    drop(permit);
                });
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// Answers the questions of a connection, one after the other, until there are no more.
async fn converse(mut stream: TcpStream, told: &Told) -> io::Result<()> {
    let mut buffer = [0; LONGEST_QUESTION];
    loop {
        let length = timeout(IDLE, stream.read_u16()).await??;
        let Some(question) = buffer.get_mut(..length.into()) else { return Ok(()) };
        timeout(IDLE, stream.read_exact(question)).await??;
        let Some(answer) = told.answer(question, Transport::Tcp) else { return Ok(()) };
        let length = (answer.len() as u16).to_be_bytes();
        timeout(IDLE, stream.write_all(&[&length, &answer[..]].concat())).await??;
    }
}
