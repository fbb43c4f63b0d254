//! Whether the partner gave leases that it told nobody of: what has to be fetched before working with it again.

/// The partner's count of updates that it did not send, and up to where its leases are known.
///
/// Kea compares the last two counts that it heard; here it is the last one with that of the last synchronisation, so
/// that no leases are missed when the partner is heard more than once in between.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unsent {
    heard: Option<u64>,
    known: u64,
}

impl Unsent {
    /// The partner said how many there are. It counts anew when it begins anew.
    pub(super) fn hear(&mut self, count: u64) {
        if count < self.known {
            self.known = 0;
        }
        self.heard = Some(count);
    }

    /// What it last said, if it ever did.
    pub(crate) const fn heard(&self) -> Option<u64> {
        self.heard
    }

    /// All leases are known that it gave until it said this.
    pub(crate) const fn synchronized(&mut self, count: Option<u64>) {
        if let Some(count) = count {
            self.known = count;
        }
    }

    /// Whether there are leases that are not known.
    pub(crate) fn is_missing_any(&self) -> bool {
        self.heard.is_some_and(|heard| heard > self.known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was heard before the last synchronisation is known, however often it is heard.
    #[test]
    fn what_was_not_fetched_is_missing() {
        let mut unsent = Unsent::default();
        assert!(!unsent.is_missing_any());
        unsent.hear(5);
        unsent.hear(5);
        assert!(unsent.is_missing_any());
        unsent.synchronized(unsent.heard());
        assert!(!unsent.is_missing_any());
        unsent.hear(6);
        assert!(unsent.is_missing_any());
        // It began anew.
        unsent.hear(0);
        assert!(!unsent.is_missing_any());
        unsent.hear(5);
        assert!(unsent.is_missing_any());
    }
}
