//! A client: it asks until it is answered, and asks again before its lease ends.

use std::time::Duration;

/// For how long leases last.
pub(crate) const LIFETIME: Duration = Duration::from_secs(600);
/// When a client asks again that was not answered.
pub(crate) const AGAIN: Duration = Duration::from_secs(4);

/// A client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Client {
    /// Since when it has been trying.
    pub(crate) tries: Option<Duration>,
    /// Its address, and until when it may use it.
    pub(crate) lease: Option<(u8, Duration)>,
    /// Whether an event for it is on its way.
    pub(crate) is_awake: bool,
}

impl Client {
    /// The address that it uses.
    pub(crate) fn address(&self, now: Duration) -> Option<u8> {
        self.lease.filter(|(_, until)| *until > now).map(|(address, _)| address)
    }

    /// When it begins to ask again.
    pub(crate) fn renews(&self) -> Option<Duration> {
        self.lease.map(|(_, until)| until - LIFETIME / 2)
    }
}
