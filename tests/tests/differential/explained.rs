//! The differences that are meant, each with its reason.

/// Stands for any step or value.
pub(crate) const ANYTHING: &str = "*";

/// A difference between Kea 2.2 and ours that is meant.
pub(crate) struct Explained {
    /// The script it occurs in.
    pub(crate) script: &'static str,
    /// The step of the script, or [`ANYTHING`].
    pub(crate) step: &'static str,
    /// The field.
    pub(crate) field: &'static str,
    /// What Kea 2.2 says, or [`ANYTHING`].
    pub(crate) kea: &'static str,
    /// What we say, or [`ANYTHING`].
    pub(crate) ours: &'static str,
    /// The later Kea or the RFC that asks for it.
    #[expect(dead_code, reason = "for those who read the table")]
    pub(crate) because: &'static str,
}

/// All of them.
pub(crate) const EXPLAINED: &[Explained] = &[];
