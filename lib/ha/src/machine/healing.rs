//! How the service goes on by itself after it ended: partners that both can and want to compare their leases.
//!
//! Kea's partners stay terminated until both are restarted. Here a server goes on asking its partner how it is; when the
//! clocks agree, and the times are past that one that was ahead has left in leases, it says that it is ready to begin
//! again, and does when the partner is, too. Kea's partner does not say so, but it waits for us once it was restarted.
//! Beginning again means that both fetch each other's leases.

use std::time::Duration;

use crate::messages::*;
use crate::sync::AHEAD;
use crate::{Contact, Moment, Partner, State};

/// A server is terminated for so long, at least.
const FIRST: Duration = Duration::from_secs(60);
/// And for so long at most, however often it did not help.
const LONGEST: Duration = Duration::from_secs(3600);

/// When the service may go on.
#[derive(Clone, Debug, Default)]
pub(super) struct Healing {
    /// For how long it is terminated this time.
    delay: Duration,
    ready: Duration,
    /// When it last went on.
    left: Option<Duration>,
    /// By how many seconds the clocks differed since the service ended, at most.
    differed: u64,
    /// Since when they do no longer.
    agree: Option<Duration>,
}

impl Healing {
    /// The service ended. If it did so soon after it went on, it takes longer this time.
    pub(super) fn begin(&mut self, contact: &Contact, now: Moment) {
        let is_again = self.left.is_some_and(|left| now.uptime.saturating_sub(left) < LONGEST);
        self.delay = if is_again { (self.delay * 2).min(LONGEST) } else { FIRST };
        self.ready = now.uptime + self.delay;
        (self.differed, self.agree) = (0, None);
        self.compare(contact, now);
    }

    /// The partner was heard, so it is known what its clock says.
    pub(super) fn compare(&mut self, contact: &Contact, now: Moment) {
        if contact.skew.is_fine() {
            self.agree.get_or_insert(now.uptime);
        } else if let Some(seconds) = contact.skew.seconds() {
            (self.differed, self.agree) = (self.differed.max(seconds.unsigned_abs()), None);
        }
    }

    /// Whether the clocks agree, and that for so long that no lease is left of a time to come, which one of them was ahead at
    /// when it was given: it would not be taken.
    fn is_settled(&self, contact: &Contact, now: Moment) -> bool {
        let to_come = Duration::from_secs(self.differed.saturating_sub(AHEAD.unsigned_abs())).min(LONGEST);
        contact.skew.is_fine() && self.agree.is_some_and(|since| since + to_come <= now.uptime)
    }

    /// It goes on.
    pub(super) const fn leave(&mut self, now: Moment) {
        self.left = Some(now.uptime);
    }

    /// Whether this server is ready to begin again.
    pub(super) fn is_ready(&self, contact: &Contact, now: Moment) -> bool {
        self.ready <= now.uptime && self.is_settled(contact, now)
    }

    /// Whether both are.
    pub(super) fn is_over(&self, contact: &Contact, now: Moment) -> bool {
        match contact.partner() {
            Partner::In(State::Terminated) => contact.offers_to_heal() && self.is_ready(contact, now),
            // It was restarted, or went ahead.
            Partner::In(State::Waiting) => self.is_settled(contact, now),
            _ => false,
        }
    }
}

/// Says that the service goes on.
pub(super) fn tell(name: &str, contact: &Contact) {
    KOTARE_HA_LEAVES_TERMINATED(name, &contact.skew);
}
