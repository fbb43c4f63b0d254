//! What happens every second: samples of the statistics, a look at the workers, a sign of life.

use std::time::Duration;

use crate::Daemon;
use crate::family::Family;

/// How often statistics are sampled.
const TICK: Duration = Duration::from_secs(1);

/// Samples the statistics, notices workers that failed, and tells the service manager that the server is alive.
pub(super) async fn sample<F: Family>(daemon: &Daemon<F>) {
    let clock = &daemon.surroundings.clock;
    let watchdog = daemon.notifier.watchdog_interval();
    let mut next = clock.moment() + TICK;
    let mut alive = clock.moment();
    loop {
        clock.sleep_until(next).await;
        // Seconds that were slept through are not made up for.
        let now = clock.moment();
        next = (next + TICK).max(now);
        daemon.statistics.tick(clock.since_epoch());
        if watchdog.is_some_and(|interval| now.since(alive) >= interval.min(TICK)) {
            daemon.notifier.alive();
            alive = now;
        }
        // Whoever opens sockets just now looks after them.
        let failure = daemon.sockets.try_lock().ok().and_then(|mut sockets| sockets.as_mut()?.failure());
        if let Some(failure) = failure {
            daemon.fail(&failure);
        }
        daemon.sweep().await;
    }
}
