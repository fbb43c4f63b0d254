//! Looks what is new in the databases that parts of the configuration are in, again and again.

use std::time::Duration;

use super::due;
use crate::Daemon;
use crate::family::Family;

/// How long a database that was not there at the start is waited for.
const FIRST: Duration = Duration::from_secs(1);

/// Looks whenever `config-fetch-wait-time` has passed since the last look.
pub(super) async fn poll<F: Family>(daemon: &Daemon<F>) {
    let mut reconfigured = daemon.reconfigured.subscribe();
    let clock = &daemon.surroundings.clock;
    let mut last = clock.moment();
    loop {
        let generation = daemon.generation();
        // In repair mode it is looked when a command says so.
        let backend = generation.backend.as_ref().filter(|_| !daemon.surroundings.args.repairs);
        let wait = match backend {
            None => Duration::ZERO,
            Some(backend) if !backend.is_fetched() => FIRST,
            Some(_) => generation.process().config_fetch_wait,
        };
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
