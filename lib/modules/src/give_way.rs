//! Work on many leases, by threads that others wait for now and then.

use std::thread;

/// After so many leases somebody else has the processor who waits for it: some ten microseconds, a hundred at most.
const TURN: usize = 64;

/// Gives way before some of many leases, of which this is the `nth`.
pub(crate) fn give_way(nth: usize) {
    if nth.is_multiple_of(TURN) {
        thread::yield_now();
    }
}
