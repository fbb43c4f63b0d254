//! Whether a partner that is ready lacks leases: it has fetched all, but was taken to be down when more were given after that.

use super::Machine;

/// What the partner has of the leases that it was not told of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fetched {
    /// How many there were when it had fetched all.
    known: u64,
    /// It was made to begin anew, and has not said since that it has all.
    is_reset: bool,
}

impl Fetched {
    /// Whether it lacks some, if there are so many now. One that came back without a word fetches nothing (`sync-leases`), so
    /// it is made to begin anew once only.
    const fn lacks(self, unsent: u64) -> bool {
        !self.is_reset && self.known != unsent
    }

    /// It begins anew.
    pub(super) const fn reset(&mut self) {
        self.is_reset = true;
    }
}

impl<U> Machine<U> {
    /// The partner has all leases that were given until now.
    pub(super) const fn has_all(&mut self) {
        self.fetched = Fetched { known: self.contact.unsent(), is_reset: false };
    }

    /// Whether it lacks leases that were given since.
    pub(super) const fn lacks_any(&self) -> bool {
        self.fetched.lacks(self.contact.unsent())
    }
}
