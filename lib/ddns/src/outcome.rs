//! What of a transaction is done.

/// The directions that are done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The name has its address or lost it.
    pub(crate) forward: bool,
    /// The address has its name or lost it.
    pub(crate) reverse: bool,
}
