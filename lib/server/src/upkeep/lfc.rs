//! Cleaning up the lease file from time to time.

use std::time::Duration;

use super::due;
use crate::Daemon;
use crate::family::Family;
use crate::messages::{DHCPSRV_MEMFILE_LFC_RESCHEDULED, DHCPSRV_MEMFILE_LFC_SETUP};

/// Starts a cleanup of the lease file as often as configured.
pub(super) async fn clean_up<F: Family>(daemon: &Daemon<F>) {
    let clock = &daemon.surroundings.clock;
    let mut reconfigured = daemon.reconfigured.subscribe();
    let mut last = clock.moment();
    let mut told = None;
    loop {
        let generation = daemon.generation();
        let interval = match generation.process().lease_database.memfile() {
            Some(memfile) if memfile.persist => memfile.lfc_interval,
            _ => Duration::ZERO,
        };
        if !interval.is_zero() && told != Some(interval) {
            DHCPSRV_MEMFILE_LFC_SETUP(interval.as_secs());
            told = Some(interval);
        }
        tokio::select! {
            due = due(daemon, &mut reconfigured, last, interval) => if due {
                daemon.cleanup.start(&generation.stored).await;
                last = clock.moment();
            },
            () = daemon.cleanup.rescheduled.notified(), if !interval.is_zero() => {
                DHCPSRV_MEMFILE_LFC_RESCHEDULED();
                last = clock.moment();
            }
        }
    }
}
