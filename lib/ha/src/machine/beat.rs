//! Heartbeats: when the partner is asked how it is, and what its answer changes.

use std::time::Duration;

use super::{Action, Machine, Ticket};
use crate::messages::*;
use crate::{Heartbeat, Input, Moment, Partner, State};

/// A partner that has just fetched our leases is asked so often whether it is ready.
const IMPATIENT: Duration = Duration::from_secs(1);

/// The next heartbeat.
#[derive(Clone, Copy, Debug)]
pub(super) enum Beat {
    /// There is none.
    Idle,
    /// It is sent at this uptime.
    Due(Duration),
    /// It was sent.
    Sent(Ticket),
}

impl Beat {
    pub(super) const fn due(self) -> Option<Duration> {
        match self {
            Self::Due(due) => Some(due),
            Self::Idle | Self::Sent(_) => None,
        }
    }
}

impl<U> Machine<U> {
    /// Whether the partner is asked at all, as things are.
    fn beats(&self) -> bool {
        let is_paired = self.relationship.is_paired() && self.relationship.partner().is_some();
        let is_wanted = !self.relationship.heartbeat_delay.is_zero();
        is_paired && is_wanted && self.running.is_none()
    }

    /// Sees that there is a next heartbeat, if there ought to be, and none if not.
    pub(super) fn keep_beating(&mut self, now: Moment) {
        self.beat = match self.beat {
            _ if !self.beats() => Beat::Idle,
            Beat::Idle => Beat::Due(now.uptime + self.relationship.heartbeat_delay),
            other => other,
        };
    }

    /// The next heartbeat is due now.
    pub(super) fn beat_now(&mut self, now: Moment) {
        if self.beats() && !matches!(self.beat, Beat::Sent(_)) {
            self.beat = Beat::Due(now.uptime);
        }
    }

    /// Does not wait for the answer to a heartbeat that was sent: it may say what was so before something else was agreed.
    pub(super) fn forget_beat(&mut self, now: Moment) {
        self.beat = Beat::Idle;
        self.keep_beating(now);
    }

    /// What a partner says that has ended its maintenance: that it is still at it means that it has not yet our answer.
    fn outdated(&mut self, heartbeat: Heartbeat, now: Moment) -> Heartbeat {
        let is_at_it = heartbeat.partner == Partner::In(State::PartnerInMaintenance);
        if is_at_it && self.revoked.is_some_and(|until| now.uptime < until) {
            return Heartbeat { partner: self.contact.partner(), ..heartbeat };
        }
        self.revoked = None;
        heartbeat
    }

    pub(super) fn beat_if_due(&mut self, now: Moment) {
        if self.beat.due().is_some_and(|due| due <= now.uptime) {
            let ticket = self.ticket();
            self.beat = Beat::Sent(ticket);
            self.actions.push(Action::SendHeartbeat(ticket));
        }
    }

    /// What came of a heartbeat: the partner's answer, or none. What nobody waits for any more changes nothing.
    pub fn heartbeat(&mut self, ticket: Ticket, answer: Option<Heartbeat>, now: Moment) {
        if !matches!(self.beat, Beat::Sent(sent) if sent == ticket) {
            return;
        }
        self.beat = Beat::Idle;
        let is_answered = answer.is_some();
        match answer {
            Some(answer) => {
                let answer = self.outdated(answer, now);
                self.contact.hear(answer, now);
                self.healing.compare(&self.contact, now);
                self.look_at_follower();
            }
            None => {
                self.contact.lose(now);
                if self.contact.is_interrupted(&self.relationship, now) {
                    let partner = self.relationship.partner().map_or("", |partner| &partner.name);
                    HA_COMMUNICATION_INTERRUPTED(&self.relationship.this_server, partner);
                }
            }
        }
        self.keep_beating(now);
        self.run(Input::Look, now);
        if self.held.is_some() {
            // It says that it is ready in a moment; or it does not come back.
            if is_answered && self.contact.partner() == Partner::In(State::Syncing) {
                self.beat = Beat::Due(now.uptime + IMPATIENT.min(self.relationship.heartbeat_delay));
            } else {
                self.release();
            }
        }
    }
}
