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
    while action == Action::Send {
        let heard = match attempt(&daemon, transaction) {
            None => Heard::Failed,
            Some(attempt) => {
                let heard = tried(&daemon, &attempt, patience).await;
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
fn attempt(daemon: &Daemon, transaction: &Transaction) -> Option<Attempt> {
    let number = daemon.chance().ok()?;
    transaction.attempt(number as u16, daemon.clock().since_epoch().as_secs())
}

/// Sends a message and waits for the answer to it.
async fn tried(daemon: &Daemon, attempt: &Attempt, patience: Duration) -> Heard {
    tokio::select! {
        heard = asked(daemon, attempt) => heard,
        () = daemon.clock().sleep(patience) => Heard::Timeout,
    }
}

async fn asked(daemon: &Daemon, attempt: &Attempt) -> Heard {
    let Ok(socket) = sent(attempt).await else { return Heard::Failed };
    let now = || daemon.clock().since_epoch();
    daemon.statistics().sent(attempt.key().map(|key| key.name()), now());
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

/// Sends a message from a port that the kernel chooses; nobody but the server can answer there.
async fn sent(attempt: &Attempt) -> std::io::Result<UdpSocket> {
    let from: SocketAddr = match attempt.to.at {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(from).await?;
    socket.connect(attempt.to.at).await?;
    socket.send(&attempt.message).await?;
    Ok(socket)
}
