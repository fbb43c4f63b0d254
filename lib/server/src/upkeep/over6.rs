//! What the server of the other protocol passes on (DHCPv4 over DHCPv6).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;

use super::next;
use crate::Daemon;
use crate::family::Family;
use crate::messages::{KOTARE_OVER6_FAILED, KOTARE_OVER6_LISTENING};
use crate::over6::{Desk, Way};
use crate::store_aside::store_aside;

/// The longest datagram there is.
const LONGEST: usize = 65_535;
/// How long to wait before what could not be opened, or read from, is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// Opens and closes the way to the other server as the configuration asks for, and works on what comes, one message after
/// the other.
pub(super) async fn serve<F: Family>(daemon: &Arc<Daemon<F>>) {
    let mut reconfigured = daemon.reconfigured.subscribe();
    let mut buffer = vec![0; LONGEST];
    let mut end = Open { way: &daemon.shared.over6, port: 0, socket: None };
    let mut desk = None;
    let mut told = None;
    loop {
        let port = daemon.generation().process().dhcp4o6_port;
        let problem = end.adjust::<F>(port).err().map(|error| (port, error.kind()));
        if let Some((port, kind)) = problem.filter(|problem| told != Some(*problem)) {
            KOTARE_OVER6_FAILED(port, kind);
        }
        told = problem;
        tokio::select! {
            received = end.receive(&mut buffer) => match (received, desk.take()) {
                (Ok(len), known) => match known.map_or_else(|| Desk::new(daemon.clone()), Ok) {
                    Ok(known) => desk = Some(work(known, buffer[..len].into()).await),
                    Err(error) => KOTARE_OVER6_FAILED(port, error),
                },
                // Nobody was there for what was sent.
                (Err(error), known) if error.kind() == io::ErrorKind::ConnectionRefused => desk = known,
                (Err(error), known) => {
                    KOTARE_OVER6_FAILED(port, error);
                    desk = known;
                    end.close();
                    daemon.surroundings.clock.sleep(RETRY).await;
                }
            },
            () = next(&mut reconfigured) => {}
            () = daemon.surroundings.clock.sleep(RETRY), if problem.is_some() => {}
        }
    }
}

/// Works on a message, where it may take a while.
async fn work<F: Family>(mut desk: Desk<F>, message: Box<[u8]>) -> Desk<F> {
    store_aside(move || async move {
        F::passed(&mut desk, &message).await;
        desk
    })
    .await
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
