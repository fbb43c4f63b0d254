//! What is done when service sockets cannot be opened (manual, "Interface Configuration").

use std::time::Duration;

use crate::Level;

/// What `interfaces-config` says of sockets that cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceSockets {
    /// `service-sockets-require-all`: serve only when every socket could be opened.
    pub require_all: bool,
    /// `service-sockets-max-retries`: how often a server that starts tries again what is required.
    pub max_retries: u32,
    /// `service-sockets-retry-wait-time`: the wait before each of these tries.
    pub retry_wait: Duration,
}

impl ServiceSockets {
    pub(crate) fn of(interfaces: Level<'_>) -> Self {
        Self {
            require_all: interfaces.bool("service-sockets-require-all"),
            max_retries: interfaces.count("service-sockets-max-retries"),
            retry_wait: interfaces.millis("service-sockets-retry-wait-time"),
        }
    }
}
