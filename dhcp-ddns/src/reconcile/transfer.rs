//! Zones copied from their DNS servers.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use kotare_ddns::{Contents, DnsServer, LONGEST_SILENCE, Transfer, Zone};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::daemon::Daemon;

/// How long the copying of a zone may take as a whole.
const LONGEST: Duration = Duration::from_secs(600);

/// What is in a zone; its servers are asked in turn, and have `patience` to be reached, and a second at least.
///
/// # Errors
/// Why no server gives it.
pub(super) async fn copy(daemon: &Arc<Daemon>, zone: &Zone, patience: Duration) -> Result<Contents, String> {
    let mut reasons = Vec::new();
    for server in &zone.servers {
        let copied = tokio::select! {
            copied = copy_from(daemon, zone, server, patience.max(Duration::from_secs(1))) => copied,
            () = daemon.clock().sleep(LONGEST) => Err(format!("it took more than {} s", LONGEST.as_secs())),
        };
        match copied {
            Ok(contents) => return Ok(contents),
            Err(reason) => reasons.push(format!("{}: {reason}", server.at)),
        }
    }
    Err(reasons.join("; "))
}

async fn copy_from(
    daemon: &Arc<Daemon>,
    zone: &Zone,
    server: &DnsServer,
    patience: Duration,
) -> Result<Contents, String> {
    let now = || daemon.clock().since_epoch().as_secs();
    let number = daemon.chance().map_err(|error| error.to_string())?;
    let key = server.signing(now());
    let key = key.ok_or("no key is agreed on with it")?;
    let begun = Transfer::begin(&zone.name, key.as_ref(), number as u16, now());
    let (mut transfer, question) = begun.ok_or("the question has no room")?;
    let connected = in_time(daemon, patience, TcpStream::connect(server.at)).await;
    let mut stream = connected.map_err(|error| format!("cannot connect: {error}"))?;
    let length = u16::try_from(question.len()).map_err(|_| "the question has no room")?;
    let framed = [&length.to_be_bytes()[..], &question].concat();
    let broke = |error| format!("the connection broke: {error}");
    in_time(daemon, LONGEST_SILENCE, stream.write_all(&framed)).await.map_err(broke)?;
    let mut message = Vec::new();
    loop {
        let length = in_time(daemon, LONGEST_SILENCE, stream.read_u16()).await.map_err(broke)?;
        message.resize(length.into(), 0);
        in_time(daemon, LONGEST_SILENCE, stream.read_exact(&mut message)).await.map_err(broke)?;
        if transfer.read(&message, now()).map_err(|error| error.to_string())? {
            return Ok(transfer.into_contents());
        }
    }
}

async fn in_time<T>(
    daemon: &Arc<Daemon>,
    patience: Duration,
    what: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    tokio::select! {
        done = what => done,
        () = daemon.clock().sleep(patience) => Err(io::ErrorKind::TimedOut.into()),
    }
}
