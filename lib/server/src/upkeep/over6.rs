//! What the server of the other protocol passes on (DHCPv4 over DHCPv6).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use super::next;
use crate::Daemon;
use crate::family::Family;
use crate::messages::{KOTARE_OVER6_FAILED, KOTARE_OVER6_LISTENING};
use crate::over6::{Clients, Desk, Way};
use crate::store_aside::store_aside;

/// The longest datagram there is.
const LONGEST: usize = 65_535;
/// How long to wait before what could not be opened, or read from, is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// So many messages are worked on at a time; others wait with the kernel.
const DESKS: usize = 16;

/// Opens and closes the way to the other server as the configuration asks for, and has what comes worked on.
pub(super) async fn serve<F: Family>(daemon: &Arc<Daemon<F>>) {
    let mut reconfigured = daemon.reconfigured.subscribe();
    let mut buffer = vec![0; LONGEST];
    let mut end = Open { way: &daemon.shared.over6, port: 0, socket: None };
    let mut desks = Desks::new(daemon.clone());
    let mut told = None;
    loop {
        let port = daemon.generation().process().dhcp4o6_port;
        let problem = end.adjust::<F>(port).err().map(|error| (port, error.kind()));
        if let Some((port, kind)) = problem.filter(|problem| told != Some(*problem)) {
            KOTARE_OVER6_FAILED(port, kind);
        }
        told = problem;
        tokio::select! {
            received = end.receive(&mut buffer), if desks.has_room() => match received {
                Ok(len) => if let Err(error) = desks.take(buffer[..len].into()) {
                    KOTARE_OVER6_FAILED(port, error);
                },
                // Nobody was there for what was sent.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(error) => {
                    KOTARE_OVER6_FAILED(port, error);
                    end.close();
                    daemon.surroundings.clock.sleep(RETRY).await;
                }
            },
            () = desks.done(), if !desks.are_idle() => {}
            () = next(&mut reconfigured) => {}
            () = daemon.surroundings.clock.sleep(RETRY), if problem.is_some() => {}
        }
    }
}

/// Where messages are worked on.
struct Desks<F: Family> {
    daemon: Arc<Daemon<F>>,
    /// Once there was a message.
    clients: Option<Arc<Clients>>,
    free: Vec<Desk<F>>,
    at_work: JoinSet<Desk<F>>,
}

impl<F: Family> Desks<F> {
    fn new(daemon: Arc<Daemon<F>>) -> Self {
        Self { daemon, clients: None, free: Vec::new(), at_work: JoinSet::new() }
    }

    fn has_room(&self) -> bool {
        self.at_work.len() < DESKS
    }

    fn are_idle(&self) -> bool {
        self.at_work.is_empty()
    }

    /// Has a message worked on, where it may take a while.
    fn take(&mut self, message: Box<[u8]>) -> io::Result<()> {
        let mut desk = match self.free.pop() {
            Some(desk) => desk,
            None => self.another()?,
        };
        self.at_work.spawn(store_aside(move || async move {
            F::passed(&mut desk, &message).await;
            desk
        }));
        Ok(())
    }

    fn another(&mut self) -> io::Result<Desk<F>> {
        let clients = match &self.clients {
            Some(clients) => clients.clone(),
            None => {
                let clients = Arc::new(Clients::new((self.daemon.surroundings.seed)()?));
                self.clients.insert(clients).clone()
            }
        };
        Desk::new(self.daemon.clone(), clients)
    }

    /// Returns when a message has been worked on.
    async fn done(&mut self) {
        // Of a message that was too much for a desk the desk is not used again.
        if let Some(Ok(desk)) = self.at_work.join_next().await {
            self.free.push(desk);
        }
    }
}

/// This server's end of the way; closed when it is dropped.
struct Open<'w> {
    way: &'w Way,
    /// The first of the two ports.
    port: u16,
    socket: Option<UdpSocket>,
}

impl Open<'_> {
    /// Makes it that of this port; none for 0.
    fn adjust<F: Family>(&mut self, port: u16) -> io::Result<()> {
        if self.port != port {
            self.close();
        }
        if port != 0 && self.socket.is_none() {
            self.socket = Some(self.way.open(F::END, port)?);
            self.port = port;
            let (own, other) = F::END.ports(port);
            KOTARE_OVER6_LISTENING(own, other);
        }
        Ok(())
    }

    /// Receives a message from the other server.
    async fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.socket {
            Some(socket) => socket.recv(buffer).await,
            None => std::future::pending().await,
        }
    }

    fn close(&mut self) {
        self.way.close();
        (self.port, self.socket) = (0, None);
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.close();
    }
}
