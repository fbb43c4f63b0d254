//! The clock: what the day is, and how much time went by.

use std::fmt;
use std::ops::{Add, Sub};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use kotare_model::Timestamp;
use tokio::sync::Notify;

/// A wall clock and a monotonic clock: the system's, or one that a test moves. Cheap to clone and to read.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System { start: Instant },
    Manual(Arc<Hands>),
}

/// A point of the monotonic clock: the time since the clock was made. Never goes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(Duration);

/// The hands of a clock made by [`Clock::manual`]; all its clones show what they show.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Hands>);

/// Nanoseconds; the wall clock may be set, the monotonic one only advances.
#[derive(Debug)]
struct Hands {
    wall: AtomicU64,
    monotonic: AtomicU64,
    /// Wakes who sleeps by this clock.
    moved: Notify,
}

impl Clock {
    /// The system's clocks.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system for the time")]
    pub fn system() -> Self {
        Self(Source::System { start: Instant::now() })
    }

    /// A clock that stands at `at` until its hands are moved.
    pub fn manual(at: Timestamp) -> (Self, ManualClock) {
        let wall = Duration::from_secs(u64::try_from(at.0).unwrap_or(0));
        let hands = Arc::new(Hands {
            wall: AtomicU64::new(nanos(wall)),
            monotonic: AtomicU64::new(0),
            moved: Notify::new(),
        });
        (Self(Source::Manual(hands.clone())), ManualClock(hands))
    }

    /// The wall clock in whole seconds, as leases count.
    pub fn now(&self) -> Timestamp {
        Timestamp::of(self.since_epoch())
    }

    /// The wall clock as the time since 1970-01-01T00:00:00Z; zero if it is set to before that.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system for the time")]
    pub fn since_epoch(&self) -> Duration {
        match &self.0 {
            Source::System { .. } => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO),
            Source::Manual(hands) => Duration::from_nanos(hands.wall.load(Ordering::Acquire)),
        }
    }

    /// The monotonic clock, for deadlines and durations.
    pub fn moment(&self) -> Moment {
        Moment(match &self.0 {
            Source::System { start } => start.elapsed(),
            Source::Manual(hands) => Duration::from_nanos(hands.monotonic.load(Ordering::Acquire)),
        })
    }

    /// Returns when the monotonic clock shows `moment` or later. The system's is waited for within a tokio runtime.
    pub async fn sleep_until(&self, moment: Moment) {
        match &self.0 {
            Source::System { start } => {
                // What is too far away to be counted never comes.
                let Some(at) = start.checked_add(moment.0) else { return std::future::pending().await };
                tokio::time::sleep_until(at.into()).await;
            }
            Source::Manual(hands) => loop {
                // Made before looking, so that a move in between is noticed.
                let moved = hands.moved.notified();
                if self.moment() >= moment {
                    return;
                }
                moved.await;
            },
        }
    }

    /// Returns when `span` has gone by, see [`Clock::sleep_until`].
    pub async fn sleep(&self, span: Duration) {
        self.sleep_until(self.moment() + span).await;
    }
}

impl ManualClock {
    /// Lets `span` go by on both clocks.
    pub fn advance(&self, span: Duration) {
        self.0.wall.fetch_add(nanos(span), Ordering::AcqRel);
        self.0.monotonic.fetch_add(nanos(span), Ordering::AcqRel);
        self.0.moved.notify_waiters();
    }

    /// Sets the wall clock, as an administrator would; the monotonic clock does not notice.
    pub fn set_wall(&self, since_epoch: Duration) {
        self.0.wall.store(nanos(since_epoch), Ordering::Release);
    }
}

impl Moment {
    /// Time from `earlier` to here, zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// Time since the clock was made.
    pub fn elapsed(self) -> Duration {
        self.0
    }
}

impl Add<Duration> for Moment {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span))
    }
}

impl Sub<Duration> for Moment {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(span))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} after start", self.0)
    }
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A manual clock moves only when told, and its clones with it.
    #[test]
    fn a_manual_clock_stands_until_it_is_moved() {
        let (clock, hands) = Clock::manual(Timestamp(1_700_000_000));
        let clone = clock.clone();
        let start = clock.moment();
        assert_eq!(clock.now(), Timestamp(1_700_000_000));
        hands.advance(Duration::from_millis(2500));
        assert_eq!(clone.now(), Timestamp(1_700_000_002));
        assert_eq!(clone.moment().since(start), Duration::from_millis(2500));
    }

    /// Setting the wall clock back does not turn the monotonic clock back.
    #[test]
    fn a_wall_clock_set_back_leaves_the_monotonic_clock_alone() {
        let (clock, hands) = Clock::manual(Timestamp(1_700_000_000));
        hands.advance(Duration::from_secs(5));
        hands.set_wall(Duration::from_secs(60));
        assert_eq!(clock.now(), Timestamp(60));
        assert_eq!(clock.moment().elapsed(), Duration::from_secs(5));
    }

    /// Who sleeps by a manual clock wakes when it was moved far enough, however it was moved there.
    #[test]
    fn sleepers_wake_when_the_clock_was_moved() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (clock, hands) = Clock::manual(Timestamp(0));
            let sleeper = tokio::spawn({
                let clock = clock.clone();
                async move {
                    clock.sleep(Duration::from_secs(3)).await;
                    clock.moment()
                }
            });
            for _ in 0..4 {
                tokio::task::yield_now().await;
                assert!(!sleeper.is_finished() || clock.moment() >= Moment(Duration::from_secs(3)));
                hands.advance(Duration::from_secs(1));
            }
            assert!(sleeper.await.unwrap() >= Moment(Duration::from_secs(3)));
            clock.sleep_until(Moment::default()).await;
        });
    }

    /// The system's clock goes on.
    #[test]
    fn the_system_clock_is_past_2020_and_monotonic() {
        let clock = Clock::system();
        let before = clock.moment();
        assert!(clock.now() > Timestamp(1_577_836_800));
        assert!(clock.moment() >= before);
    }
}
