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

/// Reclaims expired leases as often as configured.
pub(super) async fn reclaim<F: Family>(daemon: &Daemon<F>) {
    let clock = &daemon.surroundings.clock;
    let mut reconfigured = daemon.reconfigured.subscribe();
    let mut last = clock.moment();
    let mut incomplete = 0;
    loop {
        let generation = daemon.generation();
        let settings = generation.process().expired_leases;
        if !due(daemon, &mut reconfigured, last, settings.reclaim_wait).await {
            continue;
        }
        match reclaim_once(&generation, settings, clock).await {
            Ok(done) => {
                incomplete = if done.incomplete { incomplete + 1 } else { 0 };
                if settings.unwarned_cycles > 0 && incomplete >= settings.unwarned_cycles {
                    kotare_engine::messages::ALLOC_ENGINE_V4_LEASES_RECLAMATION_SLOW(incomplete);
                    incomplete = 0;
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
