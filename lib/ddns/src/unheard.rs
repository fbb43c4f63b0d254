//! Requests that were sent to somebody who gives no receipts.
//!
//! Of a `kea-dhcp-ddns` of Kea nothing is heard, and of ours nothing while it stands still or cannot be reached. Nobody can tell
//! the two apart, so what was sent is kept for a while: if there is a receipt after all, all of it may have been lost.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::journal::Kept;

/// For how long a request is kept after it was sent.
const KEPT_FOR: Duration = Duration::from_secs(3600);

/// The pauses between two times that the last one is sent again for the sake of an answer: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(480);

/// What was sent and not heard of, by number, and when. Times are since 1970.
#[derive(Debug, Default)]
pub(crate) struct Unheard {
    sent: BTreeMap<u64, (Duration, Kept)>,
    pause: Duration,
    /// When the last one is sent again.
    again: Duration,
}

impl Unheard {
    /// Nothing is heard from now on.
    pub(crate) fn begin(&mut self, now: Duration) {
        self.pause = FIRST_PAUSE;
        self.again = now + self.pause;
    }

    /// One more was sent.
    pub(crate) fn push(&mut self, kept: Kept, now: Duration) {
        self.sent.insert(kept.number, (now, kept));
    }

    /// What was sent at this time or later, which is not kept here any more.
    pub(crate) fn take_since(&mut self, since: Duration) -> Vec<Kept> {
        self.sent.extract_if(.., |_, (sent, _)| *sent >= since).map(|(_, (_, kept))| kept).collect()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.sent.len()
    }

    /// When the last one is to be sent again, if there is one.
    pub(crate) fn again_at(&self) -> Option<Duration> {
        (!self.sent.is_empty()).then_some(self.again)
    }

    /// The last one, if it is to be sent again now: of its name and address nothing was sent behind it, so that whoever makes the
    /// change twice has made it once.
    pub(crate) fn again(&mut self, now: Duration) -> Option<&Kept> {
        let (_, (_, last)) = self.sent.last_key_value().filter(|_| self.again <= now)?;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        self.again = now + self.pause;
        Some(last)
    }

    /// The first one, which is not kept any more.
    pub(crate) fn pop(&mut self) -> Option<u64> {
        self.sent.pop_first().map(|(number, _)| number)
    }

    /// The first one, if it has been kept for long enough.
    pub(crate) fn pop_old(&mut self, now: Duration) -> Option<u64> {
        let (_, (sent, _)) = self.sent.first_key_value()?;
        if now.saturating_sub(*sent) < KEPT_FOR { None } else { self.pop() }
    }

    /// All of them, which are not kept here any more.
    pub(crate) fn take(&mut self) -> Vec<Kept> {
        std::mem::take(&mut self.sent).into_values().map(|(_, kept)| kept).collect()
    }
}
