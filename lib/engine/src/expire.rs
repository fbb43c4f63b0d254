//! Reclamation of expired leases (Kea's manual, "Lease Reclamation").
//!
//! A reclaimed lease is kept for its client for `hold-reclaimed-time`, or removed at once if that is 0 or
//! `flush-reclaimed-timer-wait-time` is, as nobody would remove it later. A lease in probation is nobody's and is always
//! removed. A lease that was given back is reclaimed, too.

use std::sync::Arc;
use std::time::Duration;

use kotare_config::process::ExpiredLeases;
use kotare_model::{Lease4, LeaseState, Timestamp};
use kotare_store::{Change, LeaseStore, Put, StoreError};

use crate::hooks::v4::Lease4Expire;
use crate::hooks::{Cause, Verdict};
use crate::messages::*;
use crate::{Leases, v4::Label};

/// How many leases are asked for at once, so that a reclamation without limit does not read all of them.
const BATCH: usize = 512;

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

/// Reclaims leases that expired by `now`, as many and as long as `settings` allow, and one at least. `elapsed` tells
/// how long it has been running. A lease that one of `modules` wants to be left alone is left alone.
///
/// # Errors
/// When the store fails. What was reclaimed before stays reclaimed.
// `Send` is said where the compiler can prove it for every store: at a call for one store it cannot (rust#100013).
pub fn reclaim<'a, S: LeaseStore<Lease4>>(
    leases: &'a Leases<S>,
    settings: &'a ExpiredLeases,
    modules: &'a [Arc<dyn Lease4Expire>],
    now: Timestamp,
    elapsed: impl Fn() -> Duration + Send + Sync + 'a,
) -> impl Future<Output = Result<Reclaimed, StoreError>> + Send + 'a {
    reclaim_and_log(leases, settings, modules, now, elapsed)
}

async fn reclaim_and_log<S: LeaseStore<Lease4>>(
    leases: &Leases<S>,
    settings: &ExpiredLeases,
    modules: &[Arc<dyn Lease4Expire>],
    now: Timestamp,
    elapsed: impl Fn() -> Duration + Send + Sync,
) -> Result<Reclaimed, StoreError> {
    ALLOC_ENGINE_V4_LEASES_RECLAMATION_START(settings.max_leases, settings.max_time.as_millis());
    let mut done = Reclaimed::default();
    let result = reclaim_all(leases, settings, modules, now, &elapsed, &mut done).await;
    match &result {
        Ok(()) => {
            if !done.incomplete {
                ALLOC_ENGINE_V4_NO_MORE_EXPIRED_LEASES();
            }
            if done.timed_out {
                ALLOC_ENGINE_V4_LEASES_RECLAMATION_TIMEOUT(settings.max_time.as_millis());
            }
            ALLOC_ENGINE_V4_LEASES_RECLAMATION_COMPLETE(done.leases, format_args!("{:?}", elapsed()));
        }
        Err(error) => ALLOC_ENGINE_V4_LEASES_RECLAMATION_FAILED(error),
    }
    result.map(|()| done)
}

async fn reclaim_all<S: LeaseStore<Lease4>>(
    leases: &Leases<S>,
    settings: &ExpiredLeases,
    modules: &[Arc<dyn Lease4Expire>],
    now: Timestamp,
    elapsed: &(impl Fn() -> Duration + Sync),
    done: &mut Reclaimed,
) -> Result<(), StoreError> {
    let limit = if settings.max_leases == 0 { usize::MAX } else { settings.max_leases };
    loop {
        // One more than will be taken tells whether any are left.
        let want = BATCH.min((limit - done.leases).saturating_add(1));
        let expired = leases.store().expired(None, now, want).await?;
        let more = expired.len() == want;
        let before = done.leases;
        for lease in &expired {
            if done.leases == limit {
                done.incomplete = true;
                return Ok(());
            }
            done.leases += usize::from(reclaim_one(leases, settings, modules, lease, now).await?);
            if !settings.max_time.is_zero() && elapsed() >= settings.max_time {
                done.timed_out = true;
                done.incomplete = more || done.leases - before < expired.len();
                return Ok(());
            }
        }
        // Nothing done with leases there: somebody else changes them all the time. The next reclamation will see.
        if !more || done.leases == before {
            return Ok(());
        }
    }
}

/// Reclaims a lease, unless it was changed meanwhile or a module wants it to be left alone.
async fn reclaim_one<S: LeaseStore<Lease4>>(
    leases: &Leases<S>,
    settings: &ExpiredLeases,
    modules: &[Arc<dyn Lease4Expire>],
    lease: &Lease4,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if modules.iter().any(|module| module.lease4_expire(lease) != Verdict::Continue) {
        return Ok(false);
    }
    let client = Label { hwaddr: &lease.hwaddr, id: lease.client_id.as_ref(), transaction: None };
    ALLOC_ENGINE_V4_LEASE_RECLAIM(client, lease.address);
    let declined = lease.state == LeaseState::Declined;
    let kept = !declined && settings.keeps();
    let to = kept.then(|| Lease4 {
        fqdn_fwd: false,
        fqdn_rev: false,
        hostname: "".into(),
        state: LeaseState::ExpiredReclaimed,
        user_context: None,
        ..lease.clone()
    });
    let change = Change { address: lease.address, from: Some(lease), to: to.as_ref() };
    let failed = |error: &StoreError| ALLOC_ENGINE_V4_LEASE_RECLAMATION_FAILED(lease.address, error);
    if leases.put(change, Cause::Reclamation, now).await.inspect_err(failed)? != Put::Done {
        return Ok(false);
    }
    if declined {
        ALLOC_ENGINE_V4_DECLINED_RECOVERED(lease.address, lease.valid_lifetime);
    }
    ALLOC_ENGINE_LEASE_RECLAIMED(lease.address);
    Ok(true)
}

/// Removes reclaimed leases that expired longer than `hold-reclaimed-time` before `now`; says how many.
///
/// # Errors
/// When the store fails.
pub async fn remove_reclaimed<S: LeaseStore<Lease4>>(
    leases: &Leases<S>,
    settings: &ExpiredLeases,
    now: Timestamp,
) -> Result<usize, StoreError> {
    ALLOC_ENGINE_V4_RECLAIMED_LEASES_DELETE(settings.hold.as_secs());
    let mut removed = 0;
    loop {
        // Their addresses are free already and nothing counts them: the maps and statistics need not know.
        match leases.store().remove_reclaimed(now - settings.hold, BATCH).await {
            Ok(count) => {
                removed += count;
                if count < BATCH {
                    ALLOC_ENGINE_V4_RECLAIMED_LEASES_DELETE_COMPLETE(removed);
                    return Ok(removed);
                }
            }
            Err(error) => {
                ALLOC_ENGINE_V4_RECLAIMED_LEASES_DELETE_FAILED(&error);
                return Err(error);
            }
        }
    }
}
