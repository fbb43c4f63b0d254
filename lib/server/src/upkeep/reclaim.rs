//! Reclamation of expired leases, and removal of those that were reclaimed long ago.

use std::sync::Arc;

use kotare_config::process::ExpiredLeases;
use kotare_daemon::Clock;
use kotare_engine::expire::{self, Reclaimed};
use kotare_store::{LeaseStore, StoreError};

use super::due;
use crate::Daemon;
use crate::family::Family;
use crate::generation::Generation;
use crate::store_aside::store_aside;

/// How many reclamations in a row left expired leases.
struct Incomplete(u32);

impl Incomplete {
    /// One more reclamation, which left leases or not; whether the operator is to know. That is after more in a row than
    /// `unwarned` (`unwarned-reclaim-cycles`, 0 is never), and then it is counted anew.
    fn is_too_many(&mut self, left: bool, unwarned: u32) -> bool {
        self.0 = if left { self.0.saturating_add(1) } else { 0 };
        let too_many = unwarned > 0 && self.0 > unwarned;
        if too_many {
            self.0 = 0;
        }
        too_many
    }
}

/// Reclaims expired leases as often as configured.
pub(super) async fn reclaim<F: Family>(daemon: &Daemon<F>) {
    let clock = &daemon.surroundings.clock;
    let mut reconfigured = daemon.reconfigured.subscribe();
    let mut last = clock.moment();
    let mut incomplete = Incomplete(0);
    loop {
        let generation = daemon.generation();
        let settings = generation.process().expired_leases;
        if !due(daemon, &mut reconfigured, last, settings.reclaim_wait).await {
            continue;
        }
        match reclaim_once(&generation, settings, clock).await {
            Ok(done) => {
                if incomplete.is_too_many(done.incomplete, settings.unwarned_cycles) {
                    F::WORDS.reclamation_slow(settings.unwarned_cycles);
                }
            }
            Err(error) => F::WORDS.reclaim_expired_leases_fail(error),
        }
        daemon.statistics.tick(clock.since_epoch());
        last = clock.moment();
    }
}

/// Reclaims expired leases once, and keeps what that changed.
///
/// # Errors
/// When the store fails. What could not be written stays with the store, and the next flush tries again.
pub(crate) async fn reclaim_once<F: Family>(
    generation: &Arc<Generation<F>>,
    settings: ExpiredLeases,
    clock: &Clock,
) -> Result<Reclaimed, StoreError> {
    let (generation, clock) = (generation.clone(), clock.clone());
    store_aside(move || async move {
        let leases = generation.leases();
        let (now, start) = (clock.now(), clock.moment());
        let elapsed = move || clock.moment().since(start);
        let done = F::reclaim(&generation.engine, leases, &settings, now, elapsed).await;
        let kept = leases.store().flush().await;
        done.and_then(|done| kept.map(|()| done))
    })
    .await
}

/// Removes leases that were reclaimed long ago, as often as configured.
pub(super) async fn remove_reclaimed<F: Family>(daemon: &Daemon<F>) {
    let clock = &daemon.surroundings.clock;
    let mut reconfigured = daemon.reconfigured.subscribe();
    let mut last = clock.moment();
    loop {
        let generation = daemon.generation();
        let settings = generation.process().expired_leases;
        if !due(daemon, &mut reconfigured, last, settings.flush_wait).await {
            continue;
        }
        let now = clock.now();
        let removed = store_aside(move || async move {
            let leases = generation.leases();
            let done = expire::remove_reclaimed(leases, &settings, now).await.map(drop);
            done.and(leases.store().flush().await)
        });
        if let Err(error) = removed.await {
            F::WORDS.reclaim_expired_leases_fail(error);
        }
        last = clock.moment();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As in Kea the warning comes with the reclamation after those that are not warned of.
    #[test]
    fn a_backlog_is_told_after_a_while() {
        let warned = |unwarned, left: &[bool]| {
            let mut incomplete = Incomplete(0);
            left.iter().map(|&left| incomplete.is_too_many(left, unwarned)).collect::<Vec<_>>()
        };
        assert_eq!(warned(2, &[true; 7]), [false, false, true, false, false, true, false]);
        assert_eq!(
            warned(2, &[true, true, false, true, true, true]),
            [false, false, false, false, false, true]
        );
        assert_eq!(warned(0, &[true; 3]), [false; 3]);
    }
}
