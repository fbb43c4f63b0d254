//! A transaction carried out: messages to DNS servers, and what comes back in time.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use kotare_ddns::{Action, Attempt, Heard, Transaction};
use tokio::net::UdpSocket;

use crate::daemon::Daemon;

/// The longest answer that is read; answers to updates have no records of their own but the signature.
const LONGEST: usize = 4096;

/// Carries out a transaction to its end; which one that is.
pub(crate) async fn carry_out(
    daemon: Arc<Daemon>,
    transaction: &mut Transaction,
    patience: Duration,
) -> Action {
    let mut action = transaction.begin();
    let mut socket = None;
    while action == Action::Send {
        let heard = match attempt(&daemon, transaction) {
            Err(heard) => heard,
            Ok(attempt) => {
                let heard = tried(&daemon, &attempt, &mut socket, patience).await;
                let key = attempt.key().map(|key| key.name());
                daemon.statistics().heard(heard, key, daemon.clock().since_epoch());
                heard
            }
        };
        action = transaction.heard(heard);
    }
    action
}

/// The next message, with a number that nobody can foresee.
fn attempt(daemon: &Daemon, transaction: &Transaction) -> Result<Attempt, Heard> {
    let number = daemon.chance().map_err(|_| Heard::Failed)?;
    transaction.attempt(number as u16, daemon.clock().since_epoch().as_secs())
}

/// Sends a message and waits for the answer to it.
async fn tried(
    daemon: &Daemon,
    attempt: &Attempt,
    socket: &mut Option<Connected>,
    patience: Duration,
) -> Heard {
    tokio::select! {
        heard = asked(daemon, attempt, socket) => heard,
        () = daemon.clock().sleep(patience) => {
            // Nobody mistakes what is late for an answer to the next message.
            *socket = None;
            Heard::Timeout
        }
    }
}

async fn asked(daemon: &Daemon, attempt: &Attempt, kept: &mut Option<Connected>) -> Heard {
    // What failed once is not used again.
    let Ok(open) = sent(attempt, kept.take()).await else { return Heard::Failed };
    let Connected(socket, _) = kept.insert(open);
    let now = || daemon.clock().since_epoch();
    daemon.statistics().sent(attempt.key().map(|key| key.name()), now());
    attempt.sent();
    let mut buffer = [0; LONGEST];
    loop {
        let Ok(length) = socket.recv(&mut buffer).await else {
            *kept = None;
            return Heard::Failed;
        };
        // What answers something else may be anybody's; the answer may still come.
        if let Some(heard) = attempt.read(&buffer[..length], now().as_secs()) {
            return heard;
        }
    }
}

/// A socket of a transaction, and the server that can answer there.
struct Connected(UdpSocket, SocketAddr);

/// Sends a message from a port that the kernel chose for the transaction; nobody but the server can answer there.
async fn sent(attempt: &Attempt, kept: Option<Connected>) -> std::io::Result<Connected> {
    let open = match kept.filter(|Connected(_, server)| *server == attempt.to.at) {
        Some(open) => open,
        None => Connected(connected(attempt.to.at).await?, attempt.to.at),
    };
    open.0.send(&attempt.message).await?;
    Ok(open)
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
