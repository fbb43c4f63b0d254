//! How much an answer of another server may take: what is more is not read, so that no server takes this one's memory.

use std::time::Duration;

/// The longest answer to any command, in bytes.
const LONGEST: usize = 1 << 30;

/// What of an answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// For how long it is waited for.
    pub patience: Duration,
    /// How many bytes it may have.
    pub size: usize,
    /// And how many values: each takes many times the memory of its text.
    pub values: usize,
}

impl Measure {
    /// One that says what became of a command, of a few hundred leases at most. Kea's client waits for so long, too.
    pub const BRIEF: Self = Self { patience: Duration::from_secs(10), size: 1 << 20, values: 1 << 16 };

    /// What a configuration comes to, which may be as long as a command that sets it.
    pub const OF_TERMS: Self = Self { size: 64 << 20, values: 2 << 20, ..Self::BRIEF };

    /// A page of so many leases, each with some user context.
    #[must_use]
    pub fn of_leases(many: u32, patience: Duration) -> Self {
        let all = |each: usize| each.saturating_mul(many as usize);
        let size = all(4 << 10).saturating_add(Self::BRIEF.size).min(LONGEST);
        Self { patience, size, values: all(64).saturating_add(Self::BRIEF.values) }
    }
}
