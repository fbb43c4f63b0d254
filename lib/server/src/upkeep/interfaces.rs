//! Following interfaces as they come, change and go.

use std::time::Duration;

use super::next;
use crate::Daemon;
use crate::family::Family;
use crate::network::{Changes, Network};

/// The longest pause before trying again to open a socket.
const RETRY_LIMIT: Duration = Duration::from_secs(60);
/// Interfaces often change several times in a row; one look after that is enough.
const SETTLE: Duration = Duration::from_millis(50);

/// Opens and closes sockets as interfaces change, and tries for ever to open what could not be opened.
pub(super) async fn watch<F: Family>(daemon: &Daemon<F>) {
    let clock = &daemon.surroundings.clock;
    let changes = match daemon.surroundings.network.changes() {
        Ok(changes) => Some(changes),
        Err(error) => {
            F::WORDS.buffer_receive_fail(format_args!(
                "interfaces cannot be watched, they are looked at once a minute: {error}"
            ));
            None
        }
    };
    let mut reconfigured = daemon.reconfigured.subscribe();
    // What changed before they were watched.
    let mut retry = daemon.adjust_sockets().await;
    let mut pause = first_pause(retry);
    loop {
        let waiting = retry.is_some() || changes.is_none();
        let changed = async {
            match &changes {
                Some(changes) => changes.changed().await.is_ok(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = changed => {
                // Changes that cannot be heard would be asked for again at once.
                clock.sleep(if changed { SETTLE } else { RETRY_LIMIT }).await;
                pause = Duration::ZERO;
            }
            () = clock.sleep(pause), if waiting => pause = (pause * 2).min(RETRY_LIMIT),
            () = next(&mut reconfigured) => pause = Duration::ZERO,
        }
        retry = daemon.adjust_sockets().await;
        pause = pause.max(first_pause(retry));
    }
}

/// How long to wait the first time; without watching interfaces, as long as ever.
fn first_pause(retry: Option<Duration>) -> Duration {
    retry.unwrap_or(RETRY_LIMIT).clamp(Duration::from_millis(100), RETRY_LIMIT)
}
