//! What happens by time rather than by packet: reclamation, cleanup, sampling, sockets that could not be opened.

use std::sync::Arc;
use std::time::Duration;

use kotare_engine::expire;
use kotare_net::InterfaceWatcher;
use tokio::time::{Instant, sleep_until};

use crate::daemon::Daemon;
use crate::messages::{
    DHCP4_BUFFER_RECEIVE_FAIL, DHCP4_RECLAIM_EXPIRED_LEASES_FAIL, DHCPSRV_MEMFILE_LFC_RESCHEDULED,
    DHCPSRV_MEMFILE_LFC_SETUP,
};
use crate::prepare::memfile;

/// The longest pause before trying again to open a socket.
const RETRY_LIMIT: Duration = Duration::from_secs(60);
/// Interfaces often change several times in a row; one look after that is enough.
const SETTLE: Duration = Duration::from_millis(50);

/// Does the upkeep until aborted.
pub(crate) async fn run(app: Arc<Daemon>) {
    tokio::join!(reclaim(&app), flush_reclaimed(&app), clean_up(&app), sample(&app), watch(&app));
}

/// Waits `period` from `since`; or for ever if it is zero. Returns false when a new configuration took effect first.
async fn due(app: &Daemon, since: Instant, period: Duration) -> bool {
    let reconfigured = app.reconfigured.notified();
    if period.is_zero() {
        reconfigured.await;
        return false;
    }
    tokio::select! {
        () = sleep_until(since + period) => true,
        () = reconfigured => false,
    }
}

async fn reclaim(app: &Daemon) {
    let mut last = Instant::now();
    let mut incomplete = 0;
    loop {
        let generation = app.shared.generation.load_full();
        let settings = generation.server.config().process.expired_leases;
        if !due(app, last, settings.reclaim_wait).await {
            continue;
        }
        let clock = app.surroundings.clock.clone();
        let (now, start) = (clock.now(), clock.moment());
        let elapsed = move || clock.moment().since(start);
        let modules = &generation.server.hooks().lease4_expire;
        match expire::reclaim(&generation.leases, &settings, modules, now, elapsed).await {
            Ok(done) => {
                incomplete = if done.incomplete { incomplete + 1 } else { 0 };
                if settings.unwarned_cycles > 0 && incomplete >= settings.unwarned_cycles {
                    kotare_engine::messages::ALLOC_ENGINE_V4_LEASES_RECLAMATION_SLOW(incomplete);
                    incomplete = 0;
                }
            }
            Err(error) => DHCP4_RECLAIM_EXPIRED_LEASES_FAIL(error),
        }
        flush(&generation.leases).await;
        last = Instant::now();
    }
}

async fn flush_reclaimed(app: &Daemon) {
    let mut last = Instant::now();
    loop {
        let generation = app.shared.generation.load_full();
        let settings = generation.server.config().process.expired_leases;
        if !due(app, last, settings.flush_wait).await {
            continue;
        }
        let now = app.surroundings.clock.now();
        if let Err(error) = expire::remove_reclaimed(&generation.leases, &settings, now).await {
            DHCP4_RECLAIM_EXPIRED_LEASES_FAIL(error);
        }
        flush(&generation.leases).await;
        last = Instant::now();
    }
}

/// Writes what upkeep changed. What fails stays buffered, and the next flush tries again.
async fn flush(leases: &kotare_engine::Leases<kotare_store_memfile::Memfile4>) {
    if let Err(error) = kotare_store::LeaseStore::flush(leases.store()).await {
        DHCP4_RECLAIM_EXPIRED_LEASES_FAIL(error);
    }
}

async fn clean_up(app: &Daemon) {
    let mut last = Instant::now();
    let mut told = None;
    loop {
        let generation = app.shared.generation.load_full();
        let config = memfile(generation.server.config());
        let interval =
            config.map_or(Duration::ZERO, |it| if it.persist { it.lfc_interval } else { Duration::ZERO });
        if !interval.is_zero() && told != Some(interval) {
            DHCPSRV_MEMFILE_LFC_SETUP(interval.as_secs());
            told = Some(interval);
        }
        tokio::select! {
            due = due(app, last, interval) => if due {
                app.cleanup.start(generation.leases.store());
                last = Instant::now();
            },
            () = app.cleanup.rescheduled.notified(), if !interval.is_zero() => {
                DHCPSRV_MEMFILE_LFC_RESCHEDULED();
                last = Instant::now();
            }
        }
    }
}

async fn sample(app: &Daemon) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    let watchdog = app.notifier.watchdog_interval();
    let mut alive = Instant::now();
    loop {
        ticks.tick().await;
        app.statistics.tick(app.surroundings.clock.since_epoch());
        if let Some(failure) = app.sockets.lock().await.failure() {
            app.fail(&failure);
        }
        if watchdog.is_some_and(|interval| alive.elapsed() >= interval.min(Duration::from_secs(1))) {
            app.notifier.alive();
            alive = Instant::now();
        }
    }
}

/// Follows interfaces as they come, change and go, and tries for ever to open what could not be opened.
async fn watch(app: &Daemon) {
    let watcher = match InterfaceWatcher::new().and_then(InterfaceWatcher::into_async) {
        Ok(watcher) => Some(watcher),
        Err(error) => {
            DHCP4_BUFFER_RECEIVE_FAIL(format_args!(
                "interfaces cannot be watched, they are looked at once a minute: {error}"
            ));
            None
        }
    };
    // What changed before the watcher listened.
    app.adjust_sockets().await;
    let mut pause = first_pause(app);
    loop {
        let waiting = !app.sockets.lock().await.problems().is_empty() || watcher.is_none();
        let changed = async {
            match &watcher {
                Some(watcher) => watcher.changed().await.is_ok(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = changed => {
                // A watcher that cannot be read would be asked again at once.
                tokio::time::sleep(if changed { SETTLE } else { RETRY_LIMIT }).await;
                pause = first_pause(app);
            }
            () = tokio::time::sleep(pause), if waiting => pause = (pause * 2).min(RETRY_LIMIT),
            () = app.reconfigured.notified() => pause = first_pause(app),
        }
        app.adjust_sockets().await;
    }
}

fn first_pause(app: &Daemon) -> Duration {
    let generation = app.shared.generation.load();
    generation.server.config().interfaces.retry_wait.clamp(Duration::from_millis(100), RETRY_LIMIT)
}
