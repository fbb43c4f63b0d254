//! Wall-clock seconds and spans of them, as lease files and packets carry them.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// A lease's length in seconds; [`Lifetime::INFINITE`] never ends (RFC 2131 §3.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lifetime(pub u32);

impl Lifetime {
    /// 0xffffffff: the lease does not expire.
    pub const INFINITE: Self = Self(u32::MAX);
}

impl Timestamp {
    /// Later than every time that occurs.
    pub const NEVER: Self = Self(i64::MAX);

    /// The second that is `since_epoch` after 1970-01-01T00:00:00Z.
    pub fn of(since_epoch: Duration) -> Self {
        Self(i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX))
    }

    /// The moment `lifetime` after this one; [`Timestamp::NEVER`] when the lifetime is infinite.
    pub fn after(self, lifetime: Lifetime) -> Self {
        if lifetime == Lifetime::INFINITE { Self::NEVER } else { Self(self.0 + i64::from(lifetime.0)) }
    }

    /// Seconds from `earlier` to here, 0 if `earlier` is later.
    pub fn since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add_unsigned(span.as_secs()))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub_unsigned(span.as_secs()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2131 §3.3: 0xffffffff represents infinity.
    #[test]
    fn an_infinite_lifetime_never_ends() {
        assert_eq!(Timestamp(5).after(Lifetime::INFINITE), Timestamp::NEVER);
        assert_eq!(Timestamp(5).after(Lifetime(7)), Timestamp(12));
        assert_eq!(Timestamp(5).since(Timestamp(7)), 0);
    }
}
