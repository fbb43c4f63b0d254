//! Waiting for conditions.

use std::time::{Duration, Instant};

/// Waits until `condition` gives something, at most 20 seconds; `what` is told when it does not.
pub fn eventually<T>(what: &str, condition: impl FnMut() -> Option<T>) -> T {
    eventually_within(Duration::from_secs(20), what, condition)
}

/// Waits until `condition` gives something, at most `limit`; panics with `what` after that.
#[expect(
    clippy::disallowed_methods,
    reason = "real programs run in real time; this is the one place that polls them"
)]
pub fn eventually_within<T>(limit: Duration, what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(start.elapsed() < limit, "{what}: not within {limit:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
