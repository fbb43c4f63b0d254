//! A message to a DNS server, and what comes back in time.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use kotare_ddns::{Attempt, Bundle, Heard};
use tokio::net::UdpSocket;

use crate::daemon::Daemon;

/// The longest answer that is read; answers to updates have no records of their own but the signature.
const LONGEST: usize = 4096;

/// Sends what goes together and waits for the answer to it; what came of it.
pub(crate) async fn carry<T>(daemon: &Daemon, bundle: &Bundle<T>, patience: Duration) -> Heard {
    let attempt = match attempt(daemon, bundle) {
        Ok(attempt) => attempt,
        Err(heard) => return heard,
    };
    let heard = tokio::select! {
        heard = asked(daemon, &attempt) => heard,
        () = daemon.clock().sleep(patience) => Heard::Timeout,
    };
    daemon.statistics().heard(heard, &attempt, daemon.clock().since_epoch());
    heard
}

/// The message, with a number that nobody can foresee.
fn attempt<T>(daemon: &Daemon, bundle: &Bundle<T>) -> Result<Attempt, Heard> {
    let number = daemon.chance().map_err(|_| Heard::Failed)?;
    bundle.attempt(number as u16, daemon.clock().since_epoch().as_secs())
}

/// Nobody mistakes what is late for an answer to the next message: each has a socket of its own.
async fn asked(daemon: &Daemon, attempt: &Attempt) -> Heard {
    let Ok(socket) = sent(attempt).await else { return Heard::Failed };
    let now = || daemon.clock().since_epoch();
    daemon.statistics().sent(attempt, now());
    attempt.sent();
    let mut buffer = [0; LONGEST];
    loop {
        let Ok(length) = socket.recv(&mut buffer).await else { return Heard::Failed };
        // What answers something else may be anybody's; the answer may still come.
        if let Some(heard) = attempt.read(&buffer[..length], now().as_secs()) {
            return heard;
        }
    }
}

/// Sends a message; nobody but the server can answer where it came from.
async fn sent(attempt: &Attempt) -> std::io::Result<UdpSocket> {
    let socket = connected(attempt.to.at).await?;
    socket.send(&attempt.message).await?;
    Ok(socket)
}

/// A socket at a port that the kernel chooses, which hears of this server alone.
pub(crate) async fn connected(to: SocketAddr) -> std::io::Result<UdpSocket> {
    let from: SocketAddr = match to {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(from).await?;
    socket.connect(to).await?;
    Ok(socket)
}
