//! How long a lease lasts, when it is renewed, and when it need not be written again.

use kotare_config::v4::{LifetimeRange, Params4, TeeTimes};
use kotare_model::{Lease4, LeaseState, Lifetime, Timestamp};

/// The lifetime of a lease for a client that asks for `requested` (option 51); 0 asks for nothing.
pub(super) fn valid(range: LifetimeRange, requested: Option<Lifetime>) -> Lifetime {
    range.choose(requested.filter(|&wish| wish != Lifetime(0)))
}

/// The lifetime of a lease where addresses are scarce: the shortest there is, but not less than is left of the lease that
/// the client has.
pub(super) fn shortest(range: LifetimeRange, own: Option<&Lease4>, now: Timestamp) -> Lifetime {
    let left = match own {
        Some(lease) if lease.state == LeaseState::Assigned && lease.cltt <= now && !lease.expired(now) => {
            remaining(lease, now)
        }
        _ => Lifetime(0),
    };
    range.min.max(left)
}

/// What is left of a lease that has not ended.
fn remaining(lease: &Lease4, now: Timestamp) -> Lifetime {
    if lease.valid_lifetime == Lifetime::INFINITE {
        return Lifetime::INFINITE;
    }
    let age = u32::try_from(now.since(lease.cltt)).unwrap_or(u32::MAX);
    Lifetime(lease.valid_lifetime.0.saturating_sub(age))
}

/// T1 and T2 (options 58 and 59, RFC 2131 §4.4.5) for a lease of this lifetime: what is configured or computed, as far
/// as T1 < T2 < lifetime holds.
pub(super) fn tee_times(times: &TeeTimes, lifetime: Lifetime) -> (Option<Lifetime>, Option<Lifetime>) {
    // Values beyond the type's ends become its ends.
    let part =
        |percent: f64| times.calculate.then(|| Lifetime((percent * f64::from(lifetime.0)).round() as u32));
    let sane =
        |time: Option<Lifetime>, ceiling: Lifetime| time.filter(|&time| time > Lifetime(0) && time < ceiling);
    let t2 = sane(times.rebind.or_else(|| part(times.t2_percent)), lifetime);
    let t1 = sane(times.renew.or_else(|| part(times.t1_percent)), t2.unwrap_or(lifetime));
    (t1, t2)
}

/// What is left of a lease that need not be extended yet (`cache-threshold`, `cache-max-age`), when extending it would
/// make it last `lifetime`; `None` when it must be written. Leases that never end are never written again.
pub(super) fn reusable(
    params: &Params4,
    lease: &Lease4,
    lifetime: Lifetime,
    now: Timestamp,
) -> Option<Lifetime> {
    if lease.state != LeaseState::Assigned || lease.expired(now) || lease.cltt > now {
        return None;
    }
    if lifetime == Lifetime::INFINITE {
        return Some(Lifetime::INFINITE);
    }
    let age = u32::try_from(now.since(lease.cltt)).ok()?;
    let threshold = match params.cache_threshold {
        Some(threshold) if threshold > 0.0 && threshold <= 1.0 => {
            Some((f64::from(lifetime.0) * threshold) as u32)
        }
        Some(_) => return None,
        None => None,
    };
    let limit = match (params.cache_max_age, threshold) {
        (Some(Lifetime(0)), _) | (None, None) => return None,
        (Some(Lifetime(age)), Some(threshold)) => age.min(threshold),
        (Some(Lifetime(limit)), None) | (None, Some(limit)) => limit,
    };
    (limit > 0 && age <= limit).then(|| Lifetime(lease.valid_lifetime.0 - age))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Configured times are sent when they are sane; computed ones only when asked for.
    #[test]
    fn tee_times_are_sane() {
        let times = |renew: Option<u32>, rebind: Option<u32>, calculate| TeeTimes {
            renew: renew.map(Lifetime),
            rebind: rebind.map(Lifetime),
            calculate,
            t1_percent: 0.5,
            t2_percent: 0.875,
        };
        let of = |times| {
            let (t1, t2) = tee_times(&times, Lifetime(1000));
            (t1.map(|t1| t1.0), t2.map(|t2| t2.0))
        };
        assert_eq!(of(times(None, None, false)), (None, None));
        assert_eq!(of(times(None, None, true)), (Some(500), Some(875)));
        assert_eq!(of(times(Some(300), Some(900), true)), (Some(300), Some(900)));
        // T2 must be less than the lifetime, T1 less than T2.
        assert_eq!(of(times(Some(300), Some(1000), false)), (Some(300), None));
        assert_eq!(of(times(Some(900), Some(900), false)), (None, Some(900)));
        assert_eq!(of(times(Some(0), Some(0), false)), (None, None));
        let (_, t2) = tee_times(&times(None, None, true), Lifetime::INFINITE);
        assert_eq!(t2, Some(Lifetime(3_758_096_383)));
    }
}
