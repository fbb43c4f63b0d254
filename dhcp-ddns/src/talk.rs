//! A message to a DNS server, and what comes back in time.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use kotare_ddns::{Attempt, Bundle, Heard};
use tokio::net::UdpSocket;

use crate::daemon::Daemon;

/// The longest answer that is read; answers to updates have no records of their own but the signature.
const LONGEST: usize = 4096;

/// What becomes of a message where nobody is. No answer will come, but that counts as one that did not come in time, as it does for
/// Kea: a server that is started again is back when the same is tried once more.
const NOBODY_THERE: [ErrorKind; 3] =
    [ErrorKind::ConnectionRefused, ErrorKind::HostUnreachable, ErrorKind::NetworkUnreachable];

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
    heard(&socket, |datagram| attempt.read(datagram, now().as_secs())).await
}

/// Waits for a datagram that `read` makes something of, for ever if none comes.
async fn heard(socket: &UdpSocket, read: impl Fn(&[u8]) -> Option<Heard>) -> Heard {
    let mut buffer = [0; LONGEST];
    loop {
        match socket.recv(&mut buffer).await {
            // What answers something else may be anybody's; the answer may still come.
            Ok(length) => {
                if let Some(heard) = read(&buffer[..length]) {
                    return heard;
                }
            }
            Err(error) if NOBODY_THERE.contains(&error.kind()) => {}
            Err(_) => return Heard::Failed,
        }
    }
}

/// Sends a message; nobody but the server can answer where it came from.
async fn sent(attempt: &Attempt) -> io::Result<UdpSocket> {
    let socket = connected(attempt.to.at).await?;
    socket.send(&attempt.message).await?;
    Ok(socket)
}

/// A socket at a port that the kernel chooses, which hears of this server alone.
pub(crate) async fn connected(to: SocketAddr) -> io::Result<UdpSocket> {
    let from: SocketAddr = match to {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(from).await?;
    socket.connect(to).await?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use kotare_ddns::Rcode;

    use super::*;

    /// That nobody is there is no answer: who comes while it is waited for one is heard.
    #[tokio::test]
    async fn nobody_is_waited_for() {
        let at = (Ipv4Addr::LOCALHOST, 0);
        let taken = UdpSocket::bind(at).await.expect("a socket");
        let server = taken.local_addr().expect("an address");
        let socket = connected(server).await.expect("a socket");
        drop(taken);
        socket.send(b"?").await.expect("it is sent");
        // The kernel has said so when it is sent.
        socket.ready(tokio::io::Interest::ERROR).await.expect("it can be waited for");
        let answer = async {
            let server = UdpSocket::bind(server).await.expect("the port is free again");
            let client = socket.local_addr().expect("an address");
            for datagram in [b"?", b"!"] {
                server.send_to(datagram, client).await.expect("it is sent");
            }
        };
        let answered = Heard::Answered(Rcode::NOERROR);
        let read = |datagram: &[u8]| (datagram == b"!").then_some(answered);
        assert_eq!(tokio::join!(heard(&socket, read), answer).0, answered);
    }
}
