//! When something happens, by both clocks.

use std::time::Duration;

use kotare_model::Timestamp;

/// A moment: spans are measured by the one clock, compared with the partner's by the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Since the process began; never goes back.
    pub uptime: Duration,
    /// What the clock on the wall says; somebody may set it.
    pub clock: Timestamp,
}
