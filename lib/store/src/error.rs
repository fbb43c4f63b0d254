//! What a store says when it cannot do what was asked.

use std::fmt;

/// Whether asking again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The store cannot be reached or cannot work just now: a full disk, a lost connection, a file in use. The same
    /// question may be answered later, and what was answered before is not in doubt.
    Unavailable,
    /// The store works and will not do this, now or later: a lease that cannot be kept, a file of another kind, a
    /// schema it does not know. Somebody has to change something.
    Refused,
}

/// A store could not do what was asked.
#[derive(Debug)]
pub struct StoreError {
    /// Whether asking again can help.
    pub failure: Failure,
    /// What was attempted, with the value: "write 12 rows to /var/lib/kea/kea-leases4.csv".
    pub attempted: String,
    /// Why it failed.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl StoreError {
    /// `attempted` failed because of `source`, and may succeed another time.
    pub fn unavailable(
        attempted: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { failure: Failure::Unavailable, attempted: attempted.into(), source: source.into() }
    }

    /// `attempted` will not be done because of `source`.
    pub fn refused(
        attempted: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { failure: Failure::Refused, attempted: attempted.into(), source: source.into() }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {}: {}", self.attempted, self.source)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}
