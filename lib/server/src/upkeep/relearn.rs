//! Leases in a database, which other servers may change, too: what they freed is looked for when nothing free is found.

use std::time::Duration;

use crate::Daemon;
use crate::family::Family;
use crate::messages::KOTARE_LEASES_LOOKED_THROUGH;
use crate::stores::Store;

/// How soon it is looked after somebody found nothing.
const SOON: Duration = Duration::from_secs(1);
/// How long it takes at least until it is looked again.
const PAUSE: Duration = Duration::from_secs(30);

/// Looks through the database whenever somebody found nothing free.
pub(super) async fn relearn<F: Family>(daemon: &Daemon<F>) {
    let clock = &daemon.surroundings.clock;
    loop {
        clock.sleep(SOON).await;
        let generation = daemon.generation();
        let leases = generation.leases();
        if !leases.was_exhausted() || !leases.store().waits() {
            continue;
        }
        // What cannot be read is lost, which is told where connections are watched.
        if let Ok(freed) = leases.relearn().await {
            KOTARE_LEASES_LOOKED_THROUGH(freed);
        }
        drop(generation);
        clock.sleep(PAUSE).await;
    }
}
