//! Following interfaces as they come, change and go.

use std::time::Duration;

use kotare_config::process::ServiceSockets;

use super::next;
use crate::Daemon;
use crate::family::Family;
use crate::network::{Changes, Network};

/// The shortest and, unless a longer one is configured, the longest pause before trying again to open a socket.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(60));
/// Interfaces often change several times in a row; one look after that is enough.
const SETTLE: Duration = Duration::from_millis(50);

/// Opens and closes sockets as interfaces change, and tries for ever to open what could not be opened; except that a
/// server which starts and must serve all ends after as many tries as it may have.
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
    let mut tried = 0_u32;
    let mut is_starting = retry.is_some_and(|retry| retry.max_retries > 0);
    loop {
        match retry {
            Some(ServiceSockets { require_all, max_retries, .. }) if is_starting && tried >= max_retries => {
                is_starting = false;
                if require_all {
                    F::WORDS.fatal_open_sockets_failed(max_retries);
                    return daemon.shut_down(1);
                }
                F::WORDS.open_sockets_failed(max_retries);
            }
            Some(_) => {}
            None => (tried, is_starting) = (0, false),
        }
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
                clock.sleep(if changed { SETTLE } else { RETRY.1 }).await;
                // What else is missing may come soon.
                tried = retry.map_or(0, |retry| tried.min(retry.max_retries));
            }
            () = clock.sleep(pause(retry, tried)), if waiting => tried = tried.saturating_add(1),
            // What it requires could be opened when it was made ready.
            () = next(&mut reconfigured) => (tried, is_starting) = (0, false),
        }
        retry = daemon.adjust_sockets().await;
    }
}

/// How long to wait after so many tries: as long as configured as often as configured, then longer and longer. Without
/// watching interfaces, as long as ever.
fn pause(retry: Option<ServiceSockets>, tried: u32) -> Duration {
    let Some(ServiceSockets { max_retries, retry_wait, .. }) = retry else { return RETRY.1 };
    let wait = retry_wait.max(RETRY.0);
    let doublings = tried.saturating_sub(max_retries).min(u32::BITS - 1);
    wait.saturating_mul(1 << doublings).min(wait.max(RETRY.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As often as configured the wait is that which is configured; then it doubles up to a minute.
    #[test]
    fn pauses_get_longer_after_the_configured_tries() {
        let waits = |max_retries, millis: u64, tries: &[u32]| -> Vec<u64> {
            let retry_wait = Duration::from_millis(millis);
            let retry = Some(ServiceSockets { require_all: false, max_retries, retry_wait });
            tries.iter().map(|&tried| pause(retry, tried).as_secs()).collect()
        };
        assert_eq!(waits(0, 5000, &[0, 1, 2, 3, 4, 40, u32::MAX]), [5, 10, 20, 40, 60, 60, 60]);
        assert_eq!(waits(3, 5000, &[0, 1, 2, 3, 4, u32::MAX]), [5, 5, 5, 5, 10, 60]);
        assert_eq!(waits(2, 90_000, &[0, 1, 2, 3]), [90, 90, 90, 90]);
        assert_eq!(pause(None, 7), RETRY.1);
        let retry_wait = Duration::ZERO;
        let eager = ServiceSockets { require_all: false, max_retries: u32::MAX, retry_wait };
        assert_eq!(pause(Some(eager), 100), RETRY.0);
    }
}
