//! What happens by time rather than by packet.

mod awaited;
mod config_backend;
mod database;
mod interfaces;
mod lfc;
mod over6;
mod reclaim;
mod relearn;
mod sample;

use std::sync::Arc;
use std::time::Duration;

use kotare_daemon::Moment;

pub(crate) use self::reclaim::reclaim_once;
use crate::Daemon;
use crate::family::Family;

/// Does the upkeep until aborted.
pub(crate) async fn run<F: Family>(daemon: Arc<Daemon<F>>) {
    let reclamation = async {
        if !daemon.surroundings.args.repairs {
            tokio::join!(reclaim::reclaim(&daemon), reclaim::remove_reclaimed(&daemon));
        }
    };
    tokio::join!(
        reclamation,
        lfc::clean_up(&daemon),
        sample::sample(&daemon),
        relearn::relearn(&daemon),
        interfaces::watch(&daemon),
        config_backend::poll(&daemon),
        database::watch(&daemon),
        awaited::take_up(&daemon),
        F::upkeep(&daemon),
        over6::serve(&daemon),
    );
}

/// Waits `period` from `since`; or for ever if it is zero. Returns false when a new configuration took effect first.
async fn due<F: Family>(
    daemon: &Daemon<F>,
    reconfigured: &mut Reconfigured,
    since: Moment,
    period: Duration,
) -> bool {
    if period.is_zero() {
        next(reconfigured).await;
        return false;
    }
    tokio::select! {
        () = daemon.surroundings.clock.sleep_until(since + period) => true,
        () = next(reconfigured) => false,
    }
}

/// Hears of new configurations. Asked for before the current one is looked at, it misses none.
pub type Reconfigured = tokio::sync::watch::Receiver<()>;

/// Returns when a new configuration took effect since the last call.
pub async fn next(reconfigured: &mut Reconfigured) {
    if reconfigured.changed().await.is_err() {
        // The server is gone, and what it did with time with it.
        std::future::pending().await
    }
}
