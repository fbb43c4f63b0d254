//! How long a lease is preferred and valid, when it is renewed, and when it need not be written again.

use kotare_config::v6::{ClassParams6, Config6, LifetimeRange, Params6, TeeTimes};
use kotare_expr::Memberships;
use kotare_model::{Lease6, LeaseState, Lifetime, Timestamp};

use super::Lifetimes;
use crate::trace::Scope;

/// The lifetimes a client may have: those of the first of its classes which has any, or else those of its subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranges {
    /// Of the preferred lifetime, in seconds; without one it follows from the other.
    pub preferred: Option<LifetimeRange>,
    /// Of the valid lifetime, in seconds.
    pub valid: LifetimeRange,
}

/// Where the lifetimes that a client may have are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeScopes {
    /// The preferred lifetime.
    pub preferred: Scope,
    /// The valid lifetime.
    pub valid: Scope,
}

impl RangeScopes {
    /// Those of what [`Ranges::of`] finds for a client of these classes.
    pub(super) fn of(config: &Config6, classes: &Memberships) -> Self {
        let of = |has: fn(&ClassParams6) -> bool| {
            let class = config.classes.giving(classes).find(|class| has(&class.params));
            let id = class.and_then(|class| config.classes.id(&class.name));
            id.map_or(Scope::Inherited, Scope::Class)
        };
        Self {
            preferred: of(|params| params.preferred_lifetime.is_some()),
            valid: of(|params| params.valid_lifetime.is_some()),
        }
    }
}

impl Ranges {
    /// Those of a client of these classes on a subnet with these parameters.
    pub(super) fn of(config: &Config6, classes: &Memberships, params: &Params6) -> Self {
        let mut ranges = Self { preferred: None, valid: params.valid_lifetime };
        let mut valid = None;
        for class in config.classes.giving(classes) {
            ranges.preferred = ranges.preferred.or(class.params.preferred_lifetime);
            valid = valid.or(class.params.valid_lifetime);
        }
        ranges.valid = valid.unwrap_or(ranges.valid);
        ranges.preferred = ranges.preferred.or(params.preferred_lifetime);
        ranges
    }

    /// The lifetimes for a client that asks for these, before they are [`sane`](Lifetimes::sane); 0 asks for nothing.
    pub(super) fn choose(self, wish: Lifetimes) -> Lifetimes {
        let some = |lifetime: Lifetime| Some(lifetime).filter(|&it| it != Lifetime(0));
        let preferred = self.preferred.map_or(Lifetime(0), |range| range.choose(some(wish.preferred)));
        Lifetimes { preferred, valid: self.valid.choose(some(wish.valid)) }
    }

    /// The lifetimes where prefixes are scarce: the shortest there are, but not less than is left of the lease that the
    /// client has; before they are sane.
    pub(super) fn shortest(self, own: Option<&Lease6>, now: Timestamp) -> Lifetimes {
        let left = own.map_or(Lifetimes::default(), |lease| left(lease, now));
        let preferred = self.preferred.map_or(Lifetime(0), |range| range.min);
        Lifetimes { preferred: preferred.max(left.preferred), valid: self.valid.min.max(left.valid) }
    }
}

impl Lifetimes {
    /// Nothing is preferred for longer than it is valid. What is not set is five eighths of that, as in Kea.
    pub(super) fn sane(self) -> Self {
        let Self { mut preferred, valid } = self;
        if preferred == Lifetime(0) || preferred > valid {
            preferred = Lifetime((u64::from(valid.0) * 5 / 8) as u32);
        }
        Self { preferred, valid }
    }
}

/// What is left of a lease that is assigned and has not ended.
fn left(lease: &Lease6, now: Timestamp) -> Lifetimes {
    if lease.state != LeaseState::Assigned || lease.cltt > now || lease.expired(now) {
        return Lifetimes::default();
    }
    let age = u32::try_from(now.since(lease.cltt)).unwrap_or(u32::MAX);
    let less = |lifetime: Lifetime| match lifetime {
        Lifetime::INFINITE => lifetime,
        Lifetime(seconds) => Lifetime(seconds.saturating_sub(age)),
    };
    Lifetimes { preferred: less(lease.preferred_lifetime), valid: less(lease.valid_lifetime) }
}

/// What is left of a lease that need not be extended yet (`cache-threshold`, `cache-max-age`), when extending it would
/// make it last for `valid`; `None` when it must be written.
pub(super) fn reusable(
    params: &Params6,
    lease: &Lease6,
    valid: Lifetime,
    now: Timestamp,
) -> Option<Lifetimes> {
    if lease.state != LeaseState::Assigned || lease.cltt > now || lease.expired(now) {
        return None;
    }
    let age = u32::try_from(now.since(lease.cltt)).ok()?;
    let threshold = match params.cache_threshold {
        Some(part) if part > 0.0 && part <= 1.0 => Some((f64::from(valid.0) * part) as u32),
        Some(_) => return None,
        None => None,
    };
    let limit = match (params.cache_max_age, threshold) {
        (Some(Lifetime(0)), _) | (None, None) => return None,
        (Some(Lifetime(limit)), Some(threshold)) => limit.min(threshold),
        (Some(Lifetime(limit)), None) | (None, Some(limit)) => limit,
    };
    let left = left(lease, now);
    // What is not preferred any more is not told again as if it were.
    let runs = left.preferred > Lifetime(0) || lease.preferred_lifetime == Lifetime(0);
    (limit > 0 && age <= limit && runs).then_some(left)
}

/// T1 and T2 of an association whose shortest preferred lifetime is this one (RFC 9915 §21.4): what is configured, or
/// computed, or 0, which leaves it to the client. T1 is before T2.
pub(super) fn tee_times(times: &TeeTimes, preferred: Lifetime) -> (Lifetime, Lifetime) {
    let part = |percent: f64| match times.calculate {
        true => Lifetime((percent * f64::from(preferred.0)).round() as u32),
        false => Lifetime(0),
    };
    let t2 = times.rebind.unwrap_or_else(|| part(times.t2_percent));
    let t1 = times.renew.unwrap_or_else(|| part(times.t1_percent));
    (if t1 < t2 { t1 } else { Lifetime(0) }, t2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(min: u32, default: u32, max: u32) -> LifetimeRange {
        LifetimeRange { min: Lifetime(min), default: Lifetime(default), max: Lifetime(max) }
    }

    fn both(preferred: u32, valid: u32) -> Lifetimes {
        Lifetimes { preferred: Lifetime(preferred), valid: Lifetime(valid) }
    }

    /// What a client asks for is given as far as it may be, and nothing is preferred longer than valid.
    #[test]
    fn wishes_are_kept_within_their_range() {
        let ranges = Ranges { preferred: Some(range(10, 20, 30)), valid: range(40, 50, 60) };
        for (wish, given) in
            [((0, 0), (20, 50)), ((5, 5), (10, 40)), ((25, 55), (25, 55)), ((u32::MAX, u32::MAX), (30, 60))]
        {
            assert_eq!(ranges.choose(both(wish.0, wish.1)).sane(), both(given.0, given.1), "{wish:?}");
        }
        let without = Ranges { preferred: None, valid: range(80, 80, 80) };
        assert_eq!(without.choose(both(70, 0)).sane(), both(50, 80));
        let odd = Ranges { preferred: Some(range(90, 90, 90)), valid: range(80, 80, 80) };
        assert_eq!(odd.choose(both(0, 0)).sane(), both(50, 80));
        let endless = Ranges { preferred: None, valid: range(u32::MAX, u32::MAX, u32::MAX) };
        assert_eq!(endless.choose(both(0, 0)).sane().preferred, Lifetime(2_684_354_559));
    }

    /// Configured times are sent as they are; computed ones only when asked for; T1 only before T2.
    #[test]
    fn t1_is_before_t2() {
        let times = |renew: Option<u32>, rebind: Option<u32>, calculate| TeeTimes {
            renew: renew.map(Lifetime),
            rebind: rebind.map(Lifetime),
            calculate,
            t1_percent: 0.5,
            t2_percent: 0.8,
        };
        let of = |times| {
            let (t1, t2) = tee_times(&times, Lifetime(1000));
            (t1.0, t2.0)
        };
        assert_eq!(of(times(None, None, false)), (0, 0));
        assert_eq!(of(times(None, None, true)), (500, 800));
        assert_eq!(of(times(Some(300), Some(2000), true)), (300, 2000));
        assert_eq!(of(times(Some(900), None, true)), (0, 800));
        assert_eq!(of(times(Some(900), Some(900), false)), (0, 900));
        assert_eq!(of(times(Some(300), None, false)), (0, 0));
    }
}
