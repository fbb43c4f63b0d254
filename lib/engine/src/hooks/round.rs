//! The end of a round of exchanges.

/// What exchanges have a module write down is written for all that end together, in one go.
pub trait RoundEnd: Send + Sync {
    /// The leases of the exchanges that ended together are kept, and their replies are going to be sent. Every thread that has
    /// exchanges end says so for its own.
    fn round_ends(&self);
}
