//! Waiting for conditions.

use std::time::{Duration, Instant};

/// How long a program may take for anything. A slow machine that has other things to do takes long for what is quick
/// elsewhere, and only a test that fails waits for all of it.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Waits until `condition` gives something, at most for our [`PATIENCE`]; `what` is told when it does not.
pub fn eventually<T>(what: &str, condition: impl FnMut() -> Option<T>) -> T {
    eventually_within(PATIENCE, what, condition)
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
