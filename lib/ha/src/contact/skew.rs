//! How the partner's clock differs: leases end by the clock, so the partners must agree on the time.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp as Time;
use kotare_model::Timestamp;

/// A difference of more seconds is warned about.
const WARNED: u64 = 30;
/// With a difference of more seconds the partners cannot work together.
const HOPELESS: u64 = 60;
/// There are at least so long between two warnings.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(61);

/// The difference between the clocks, when it was last measured.
#[derive(Clone, Debug, Default)]
pub struct Skew {
    measured: Option<Measured>,
    warned: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
struct Measured {
    theirs: Timestamp,
    ours: Timestamp,
}

impl Skew {
    /// Both clocks at the time of an answer.
    pub(super) const fn measure(&mut self, theirs: Timestamp, ours: Timestamp) {
        self.measured = Some(Measured { theirs, ours });
    }

    /// The partner was not heard.
    pub(super) const fn reset(&mut self) {
        (self.measured, self.warned) = (None, None);
    }

    /// By how many seconds the partner is ahead, if that is known.
    #[must_use]
    pub fn seconds(&self) -> Option<i64> {
        self.measured.map(|it| it.theirs.0.saturating_sub(it.ours.0))
    }

    /// What the clocks of the partner and of this server said then.
    #[must_use]
    pub fn clocks(&self) -> Option<(Timestamp, Timestamp)> {
        self.measured.map(|it| (it.theirs, it.ours))
    }

    fn exceeds(&self, limit: u64) -> bool {
        self.seconds().is_some_and(|seconds| seconds.unsigned_abs() > limit)
    }

    /// Whether the partners cannot work together.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        self.exceeds(HOPELESS)
    }

    /// Whether the clocks are known to agree well enough to begin again.
    pub(crate) fn is_fine(&self) -> bool {
        self.measured.is_some() && !self.exceeds(WARNED)
    }

    /// Whether it is time to warn.
    pub(crate) fn should_warn(&mut self, uptime: Duration) -> bool {
        let is_due = self.warned.is_none_or(|last| uptime.saturating_sub(last) >= BETWEEN_WARNINGS);
        let warns = self.exceeds(WARNED) && is_due;
        if warns {
            self.warned = Some(uptime);
        }
        warns
    }
}

/// A time as commands and log lines have it, in UTC: `2024-01-01 12:00:00`.
#[must_use]
pub(crate) fn shown(time: Timestamp) -> String {
    Time::from_second(time.0)
        .map_or_else(|_| time.to_string(), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

impl fmt::Display for Skew {
    /// What log lines say of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Measured { theirs, ours }) = self.measured else {
            return f.write_str("skew not initialized");
        };
        let (ours, theirs) = (shown(ours), shown(theirs));
        write!(f, "my time: {ours}, partner's time: {theirs}, partner's clock is ")?;
        match self.seconds().unwrap_or(0) {
            0 => f.write_str("synchronized"),
            behind @ ..0 => write!(f, "{}s behind", behind.unsigned_abs()),
            ahead => write!(f, "{ahead}s ahead"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 30 seconds may pass, 60 are warned about, more are too many; either way.
    #[test]
    fn limits_of_the_difference() {
        let mut skew = Skew::default();
        assert!(!skew.is_fine() && !skew.is_hopeless() && skew.seconds().is_none());
        for (seconds, fine, hopeless) in [
            (0, true, false),
            (-30, true, false),
            (31, false, false),
            (-60, false, false),
            (61, false, true),
            (-61, false, true),
        ] {
            skew.measure(Timestamp(1000 + seconds), Timestamp(1000));
            assert_eq!((skew.is_fine(), skew.is_hopeless()), (fine, hopeless), "{seconds}");
        }
        skew.measure(Timestamp(i64::MAX), Timestamp(-5));
        assert!(skew.is_hopeless());
        skew.reset();
        assert!(!skew.is_hopeless());
    }

    /// A warning a minute is enough.
    #[test]
    fn warnings_are_rare() {
        let mut skew = Skew::default();
        skew.measure(Timestamp(1040), Timestamp(1000));
        assert!(skew.should_warn(Duration::from_secs(5)));
        assert!(!skew.should_warn(Duration::from_secs(65)));
        assert!(skew.should_warn(Duration::from_secs(66)));
    }

    /// The words of the log.
    #[test]
    fn the_difference_is_said() {
        let mut skew = Skew::default();
        assert_eq!(skew.to_string(), "skew not initialized");
        skew.measure(Timestamp(1_704_110_400 + 5), Timestamp(1_704_110_400));
        assert_eq!(
            skew.to_string(),
            "my time: 2024-01-01 12:00:00, partner's time: 2024-01-01 12:00:05, partner's clock is 5s ahead"
        );
        skew.measure(Timestamp(-5), Timestamp(0));
        assert!(skew.to_string().ends_with("5s behind"));
    }
}
