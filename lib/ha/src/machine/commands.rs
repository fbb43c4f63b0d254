//! Commands of operators and of the partner, and their answers.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Action, Machine};
use crate::messages::*;
use crate::result;
use crate::{Heartbeat, Input, Moment, State};

/// For how long a server waits at most for what its partner is about to do: to come back, or to end a maintenance.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// An answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The result code.
    pub code: i64,
    /// What is said.
    pub text: String,
    /// The arguments, if there are any.
    pub arguments: Option<Value>,
}

impl Answer {
    /// That something was done.
    #[must_use]
    pub fn done(text: &str) -> Self {
        Self { code: result::SUCCESS, text: text.to_owned(), arguments: None }
    }

    /// That it was heard that somebody has fetched all leases (`ha-sync-complete-notify`).
    #[must_use]
    pub fn sync_completed() -> Self {
        Self::done("Server successfully notified about the synchronization completion.")
    }

    /// That it was not.
    #[must_use]
    pub fn error(text: impl Into<String>) -> Self {
        Self { code: result::ERROR, text: text.into(), arguments: None }
    }
}

impl<U> Machine<U> {
    /// `ha-heartbeat`.
    #[must_use]
    pub fn describe(&self, now: Moment) -> Answer {
        let heals = self.state == State::Terminated && self.healing.is_ready(&self.contact, now);
        let arguments =
            Heartbeat::arguments(self.state, now.clock, self.scopes.served(), self.contact.unsent(), heals);
        Answer { arguments: Some(arguments), ..Answer::done("HA peer status returned.") }
    }

    /// `ha-reset`.
    pub fn reset(&mut self, now: Moment) -> Answer {
        if self.state == State::Waiting {
            return Answer::done("HA state machine already in WAITING state.");
        }
        // It is the partner that says so, or somebody who knows better.
        self.contact.listen(now);
        self.run(Input::Reset, now);
        self.beat_now(now);
        self.beat_if_due(now);
        Answer::done("HA state machine reset.")
    }

    /// `ha-continue`.
    pub fn go_on(&mut self, now: Moment) -> Answer {
        if !self.is_paused {
            return Answer::done("HA state machine is not paused.");
        }
        HA_STATE_MACHINE_CONTINUED(&self.relationship.this_server);
        self.is_paused = false;
        self.run(Input::Look, now);
        Answer::done("HA state machine continues.")
    }

    /// `ha-scopes` with these `scopes`.
    pub fn serve_scopes(&mut self, scopes: &[String]) -> Answer {
        match self.scopes.serve_named(scopes) {
            Ok(()) => {
                self.actions.push(Action::Publish);
                Answer::done("New HA scopes configured.")
            }
            Err(wrong) => Answer::error(wrong),
        }
    }

    /// `ha-sync-complete-notify`: the partner has our leases.
    ///
    /// While the partner was taken to be down it was told of none, so none are given until it is known to be back or gone.
    /// Whoever drives the server ends the partner's `dhcp-disable`, after this.
    pub fn sync_complete(&mut self, now: Moment) -> Answer {
        self.has_all();
        if self.state == State::PartnerDown {
            self.held = Some(now.uptime + PATIENCE);
            self.is_serving = false;
            self.actions.push(Action::Publish);
            self.beat_now(now);
            self.beat_if_due(now);
        }
        Answer::sync_completed()
    }

    /// Checks the arguments of `ha-scopes`.
    ///
    /// # Errors
    /// Kea's sentence about what is wrong with them.
    pub fn read_scopes(arguments: Option<&Value>) -> Result<Vec<String>, String> {
        let arguments = arguments.ok_or("arguments not found in the 'ha-scopes' command")?;
        let arguments = arguments.as_object().ok_or("arguments in the 'ha-scopes' command are not a map")?;
        let scopes = arguments.get("scopes").ok_or("'scopes' is mandatory for the 'ha-scopes' command")?;
        let scopes = scopes.as_array().ok_or("'scopes' must be a list in the 'ha-scopes' command")?;
        let name = |scope: &Value| scope.as_str().map(str::to_owned);
        let names: Option<Vec<_>> = scopes.iter().map(name).collect();
        names.ok_or_else(|| "scope name must be a string in the 'scopes' argument".into())
    }

    /// The arguments of an answer that says the state.
    pub(super) fn state_argument(&self) -> Option<Value> {
        Some(json!({"state": self.state.name()}))
    }
}
