//! Reclamation of expired leases (Kea's manual, "Lease Reclamation").
//!
//! A reclaimed lease is kept for its client for `hold-reclaimed-time`, or removed at once if that is 0 or
//! `flush-reclaimed-timer-wait-time` is, as nobody would remove it later. A lease in probation is nobody's and is always
//! removed, and so is one that was registered. A lease that was given back is reclaimed, too.
//!
//! It is the same for both families; what differs, most of all what is logged, says [`Reclaimable`].

mod told;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use kotare_config::process::ExpiredLeases;
use kotare_model::{LeaseState, Timestamp};
use kotare_store::{Change, LeaseStore, Put, StoreError};

pub use told::{Reclaimable, Told};

use crate::Leases;
use crate::hooks::{Cause, Expiry};

/// How many leases are asked for at once, so that a reclamation without limit does not read all of them.
const BATCH: usize = 512;

/// So many leases that modules want to be left alone are passed over at most in one reclamation.
const PASSED_OVER: usize = 16_384;

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
pub fn reclaim<'a, L: Reclaimable, S: LeaseStore<L>>(
    leases: &'a Leases<S, L>,
    settings: &'a ExpiredLeases,
    modules: &'a [Arc<L::Expire>],
    now: Timestamp,
    elapsed: impl Fn() -> Duration + Send + Sync + 'a,
) -> impl Future<Output = Result<Reclaimed, StoreError>> + Send + 'a {
    reclaim_and_log(leases, settings, modules, now, elapsed)
}

async fn reclaim_and_log<L: Reclaimable, S: LeaseStore<L>>(
    leases: &Leases<S, L>,
    settings: &ExpiredLeases,
    modules: &[Arc<L::Expire>],
    now: Timestamp,
    elapsed: impl Fn() -> Duration + Send + Sync,
) -> Result<Reclaimed, StoreError> {
    L::tell_of(Told::Begins(settings));
    let mut done = Reclaimed::default();
    let result = reclaim_all(leases, settings, modules, now, &elapsed, &mut done).await;
    match &result {
        Ok(()) => {
            if !done.incomplete {
                L::tell_of(Told::NoneLeft);
            }
            if done.timed_out {
                L::tell_of(Told::TimedOut(settings));
            }
            L::tell_of(Told::Ends(done.leases, elapsed()));
        }
        Err(error) => L::tell_of(Told::Fails(error)),
    }
    result.map(|()| done)
}

async fn reclaim_all<L: Reclaimable, S: LeaseStore<L>>(
    leases: &Leases<S, L>,
    settings: &ExpiredLeases,
    modules: &[Arc<L::Expire>],
    now: Timestamp,
    elapsed: &(impl Fn() -> Duration + Sync),
    done: &mut Reclaimed,
) -> Result<(), StoreError> {
    let limit = if settings.max_leases == 0 { usize::MAX } else { settings.max_leases };
    // Those that modules want to be left alone. They come first each time, being the oldest, and others are behind them.
    let mut alone = HashSet::new();
    loop {
        // One more than will be taken tells whether any are left. Where many are left alone ever more are asked for, so that few
        // turns get past them.
        let want = BATCH.min((limit - done.leases).saturating_add(1)) + 2 * alone.len();
        let expired = leases.store().expired(None, now, want).await?;
        let more = expired.len() == want;
        let before = (done.leases, alone.len());
        for lease in &expired {
            if alone.contains(&lease.address()) {
                continue;
            }
            match cause(modules, lease) {
                None => _ = alone.insert(lease.address()),
                Some(_) if done.leases == limit => {
                    done.incomplete = true;
                    return Ok(());
                }
                Some(cause) => {
                    done.leases += usize::from(reclaim_one(leases, settings, lease, cause, now).await?);
                }
            }
            if !settings.max_time.is_zero() && elapsed() >= settings.max_time {
                done.timed_out = true;
                done.incomplete = more || done.leases - before.0 < expired.len().saturating_sub(alone.len());
                return Ok(());
            }
        }
        // Nothing done with leases there: somebody else changes them all the time. The next reclamation will see.
        if !more || (done.leases, alone.len()) == before {
            return Ok(());
        }
        if alone.len() >= PASSED_OVER {
            done.incomplete = true;
            return Ok(());
        }
    }
}

/// Why a lease is reclaimed; `None` if a module wants it to be left alone.
fn cause<L: Reclaimable>(modules: &[Arc<L::Expire>], lease: &L) -> Option<Cause<'static, L::Query>> {
    let said = modules.iter().map(|module| L::ends(module, lease)).find(|said| *said != Expiry::Reclaim);
    match said {
        None => Some(Cause::Reclamation),
        Some(Expiry::Forget) => Some(Cause::Forgetting),
        Some(_) => None,
    }
}

/// Reclaims a lease, unless it was changed meanwhile.
async fn reclaim_one<L: Reclaimable, S: LeaseStore<L>>(
    leases: &Leases<S, L>,
    settings: &ExpiredLeases,
    lease: &L,
    cause: Cause<'static, L::Query>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    L::tell_of(Told::Reclaims(lease));
    let state = lease.state();
    let kept = !matches!(state, LeaseState::Declined | LeaseState::Registered) && settings.keeps();
    let to = kept.then(|| lease.reclaimed());
    let change = Change { address: lease.address(), from: Some(lease), to: to.as_ref() };
    let failed = |error: &StoreError| L::tell_of(Told::FailsWith(lease, error));
    if leases.put(change, cause, now).await.inspect_err(failed)? != Put::Done {
        return Ok(false);
    }
    if state == LeaseState::Declined {
        L::tell_of(Told::Recovered(lease));
    }
    L::tell_of(Told::Reclaimed(lease));
    Ok(true)
}

/// Removes reclaimed leases that expired longer than `hold-reclaimed-time` before `now`; says how many.
///
/// # Errors
/// When the store fails.
pub async fn remove_reclaimed<L: Reclaimable, S: LeaseStore<L>>(
    leases: &Leases<S, L>,
    settings: &ExpiredLeases,
    now: Timestamp,
) -> Result<usize, StoreError> {
    L::tell_of(Told::Removes(settings));
    let mut removed = 0;
    loop {
        // Their addresses are free already and nothing counts them: the maps and statistics need not know.
        match leases.store().remove_reclaimed(now - settings.hold, BATCH).await {
            Ok(count) => {
                removed += count;
                if count < BATCH {
                    L::tell_of(Told::Removed(removed));
                    return Ok(removed);
                }
            }
            Err(error) => {
                L::tell_of(Told::RemovalFails(&error));
                return Err(error);
            }
        }
    }
}
