//! Maintenance: one server takes over on purpose, so that the other can be shut down.

use super::commands::PATIENCE;
use super::{Answer, Machine};
use crate::{Input, Moment, Partner, Refusal, State, result};

/// What the partner says to `ha-maintenance-notify`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notified {
    /// It agrees.
    Agreed,
    /// It says nothing, or cannot: it is down already.
    Offline,
    /// It cannot be shut down now.
    Refused(String),
}

impl Notified {
    /// What an answer of the partner's means.
    #[must_use]
    pub fn by<T>(answer: &Result<T, Refusal>) -> Self {
        match answer {
            Ok(_) => Self::Agreed,
            Err(refusal) if refusal.code == result::ERROR => Self::Offline,
            Err(refusal) => Self::Refused(refusal.reason.clone()),
        }
    }
}

impl<U> Machine<U> {
    /// `ha-maintenance-notify` of the partner, which says its state.
    pub fn notified(&mut self, cancel: bool, partner: &str, now: Moment) -> Answer {
        if !cancel {
            let from = self.state;
            if !self.run(Input::MaintenanceNotified, now) {
                // The partner tells this from not being heard.
                return Answer {
                    code: result::MAINTENANCE_NOT_ALLOWED,
                    ..Answer::error(format!(
                        "Unable to transition the server from the {from} to in-maintenance state."
                    ))
                };
            }
            return Answer::done("Server is in-maintenance state.");
        }
        if self.state != State::InMaintenance {
            return Answer::error(
                "Unable to cancel the maintenance for the server not in the in-maintenance state.",
            );
        }
        match Partner::named(partner) {
            Some(Partner::In(state)) => self.contact.enter(Partner::In(state), now),
            _ => self.contact.lose(now),
        }
        self.run(Input::MaintenanceRevoked, now);
        // It goes back when it has our answer; what it says until then is old.
        self.revoked = Some(now.uptime + PATIENCE);
        self.forget_beat(now);
        Answer { arguments: self.state_argument(), ..Answer::done("Server maintenance canceled.") }
    }

    /// `ha-maintenance-start`: what the partner is told is the state of this server.
    ///
    /// # Errors
    /// Why it cannot be now.
    pub fn start_maintenance(&mut self, now: Moment) -> Result<Partner, Answer> {
        let from = self.state;
        if !self.run(Input::MaintenanceStart, now) {
            return Err(Answer::error(format!(
                "Unable to transition the server from the {from} to partner-in-maintenance state."
            )));
        }
        if self.relationship.partner().is_none() {
            return Err(Answer::error(format!(
                "no failover partner server found for this server {}",
                self.relationship.this_server
            )));
        }
        Ok(Partner::In(from))
    }

    /// What the partner said to it.
    pub fn maintenance_answered(&mut self, notified: Notified, now: Moment) -> Answer {
        let input = match notified {
            // It has said so just now, whatever was known before.
            Notified::Agreed => {
                self.contact.enter(Partner::In(State::InMaintenance), now);
                Input::PartnerAgreed
            }
            Notified::Offline => {
                self.contact.lose(now);
                Input::PartnerOffline
            }
            Notified::Refused(reason) => {
                return Answer::error(format!(
                    "Unable to transition to the partner-in-maintenance state. The partner server responded with the \
                     following message to the ha-maintenance-notify command: {reason}."
                ));
            }
        };
        let from = self.state;
        if !self.run(input, now) {
            return Answer::error(format!(
                "Unable to transition the server from the {from} to partner-in-maintenance state."
            ));
        }
        Answer::done(match input {
            Input::PartnerOffline => {
                "Server is now in the partner-down state as its partner appears to be offline for maintenance."
            }
            _ => {
                "Server is now in the partner-in-maintenance state and its partner is in-maintenance state. The \
                 partner can be now safely shut down."
            }
        })
    }

    /// `ha-maintenance-cancel`: what the partner is told is the state to which this server returns.
    ///
    /// # Errors
    /// Why it cannot be.
    pub fn cancel_maintenance(&self) -> Result<Partner, Answer> {
        if self.state == State::PartnerInMaintenance {
            return Ok(Partner::In(self.before()));
        }
        Err(Answer::error(
            "Unable to cancel maintenance request because the server is not in the partner-in-maintenance state.",
        ))
    }

    /// What the partner said to it: its state, if it said that.
    pub fn cancel_answered(&mut self, answer: Result<Option<Partner>, Refusal>, now: Moment) -> Answer {
        match answer {
            Ok(Some(partner)) if partner != Partner::Unavailable => self.contact.enter(partner, now),
            Ok(_) => self.contact.lose(now),
            Err(refusal) => {
                self.contact.lose(now);
                return Answer::error(format!(
                    "Unable to cancel maintenance. The partner server responded with the following message to the \
                     ha-maintenance-notify command: {}.",
                    refusal.reason
                ));
            }
        }
        self.run(Input::MaintenanceCancelled, now);
        self.forget_beat(now);
        Answer::done("Server maintenance successfully canceled.")
    }
}
