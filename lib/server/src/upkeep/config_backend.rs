//! Looks what is new in the databases that parts of the configuration are in, again and again.

use super::{due, next};
use crate::Daemon;
use crate::family::Family;

/// Looks whenever `config-fetch-wait-time` has passed since the last look.
pub(super) async fn poll<F: Family>(daemon: &Daemon<F>) {
    let mut reconfigured = daemon.reconfigured.subscribe();
    let clock = &daemon.surroundings.clock;
    let mut last = clock.moment();
    loop {
        let generation = daemon.generation();
        // In repair mode it is looked when a command says so.
        if generation.backend.is_none() || daemon.surroundings.args.repairs {
            next(&mut reconfigured).await;
            last = clock.moment();
            continue;
        }
        let wait = generation.process().config_fetch_wait;
        drop(generation);
        if due(daemon, &mut reconfigured, last, wait).await {
            if let Err(failed) = daemon.pull().await
                && failed.is_new
            {
                F::WORDS.cb_periodic_fetch_updates_fail(&failed.reason);
            }
            last = clock.moment();
        }
    }
}
