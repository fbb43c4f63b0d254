//! Cleaning up the lease file from time to time.

use std::time::Duration;

use kotare_store_memfile::Memfile;

use super::due;
use crate::Daemon;
use crate::family::Family;
use crate::messages::{DHCPSRV_MEMFILE_LFC_RESCHEDULED, DHCPSRV_MEMFILE_LFC_SETUP};
use crate::stores::{Store, Stored};

/// Starts a cleanup of the lease file as often as configured, and when it grew too large meanwhile. With an interval of
/// 0, which asks for none, there is none.
pub(super) async fn clean_up<F: Family>(daemon: &Daemon<F>) {
    let clock = &daemon.surroundings.clock;
    let mut reconfigured = daemon.reconfigured.subscribe();
    let mut last = clock.moment();
    let mut told = None;
    loop {
        let generation = daemon.generation();
        let memfile = generation.process().lease_database.memfile().filter(|memfile| memfile.persist);
        let interval = memfile.map_or(Duration::ZERO, |memfile| memfile.lfc_interval);
        if !interval.is_zero() && told != Some(interval) {
            DHCPSRV_MEMFILE_LFC_SETUP(interval.as_secs());
            told = Some(interval);
        }
        tokio::select! {
            due = due(daemon, &mut reconfigured, last, interval) => if due {
                daemon.cleanup.start(&generation.stored).await;
                last = clock.moment();
            },
            () = grown(daemon, &generation.stored), if !interval.is_zero() => {
                daemon.cleanup.start(&generation.stored).await;
                last = clock.moment();
            }
            () = daemon.cleanup.rescheduled.notified(), if !interval.is_zero() => {
                DHCPSRV_MEMFILE_LFC_RESCHEDULED();
                last = clock.moment();
            }
        }
    }
}

/// Waits until a cleanup is due because of what is in the lease file.
async fn grown<F: Family>(daemon: &Daemon<F>, stored: &Stored<F>) {
    loop {
        daemon.surroundings.clock.sleep(daemon.cleanup.pause()).await;
        if stored.leases.store().memfile().is_some_and(Memfile::cleanup_due) {
            return;
        }
    }
}
