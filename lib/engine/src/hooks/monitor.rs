//! Watching how long messages take.

use std::fmt;
use std::time::Duration;

use kotare_model::SubnetId;

/// Hears of each message that was answered how long that took. In Kea a part of `pkt4_send` and `pkt6_send`.
pub trait Monitor: Send + Sync {
    /// A reply was sent. Called by the worker: it must be quick.
    fn answered(&self, timed: Timed<'_>);
}

/// A message that was answered.
#[derive(Clone, Copy)]
pub struct Timed<'a> {
    /// Its name in the log.
    pub query: &'a dyn fmt::Display,
    /// The number of its type.
    pub asked: u8,
    /// The number of the type of the reply.
    pub replied: u8,
    /// The subnet that its client is served from, if it is from one.
    pub subnet: Option<SubnetId>,
    /// When.
    pub times: Times,
}

/// When a message got how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// How long it had waited in the kernel until it was read, where the kernel tells.
    pub waited: Option<Duration>,
    /// When it was read, since 1970-01-01T00:00:00Z.
    pub read: Duration,
    /// How long after that it was found to be one to be answered, and stood in line for that; with several threads
    /// only, as in Kea.
    pub queued: Option<Duration>,
    /// How long after it was read its exchange began.
    pub started: Duration,
    /// How long after it was read its exchange had ended.
    pub completed: Duration,
}

impl fmt::Debug for Timed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timed")
            .field("asked", &self.asked)
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}
