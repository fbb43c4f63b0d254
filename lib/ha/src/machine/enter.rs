//! Entering a state: whom it answers, what it forgets, and what the log says of it.

use super::{Action, Machine};
use crate::messages::*;
use crate::{Mode, Moment, Pause, Role, Served, State};

impl<U> Machine<U> {
    /// Leaves the state for another. `is_ordered` says that somebody wants the partner to be down.
    pub(super) fn enter(&mut self, state: State, is_ordered: bool, now: Moment) {
        let name = &self.relationship.this_server;
        let (from, to) = (self.state.shouted(), state.shouted());
        if self.relationship.mode == Mode::PassiveBackup {
            HA_STATE_TRANSITION_PASSIVE_BACKUP(name, &from, &to);
        } else {
            let partner = self.contact.partner().name().to_ascii_uppercase();
            HA_STATE_TRANSITION(name, &from, &to, partner);
        }
        if (self.state, state) == (State::Waiting, State::Ready) {
            HA_CONFIG_LEASE_SYNCING_DISABLED_REMINDER(name);
        }
        if self.state == State::Terminated {
            self.healing.leave(now);
        }
        if self.state == State::CommunicationRecovery {
            // What the partner did not get it has to fetch.
            (0..self.backlog.len()).for_each(|_| self.contact.count_unsent());
            self.backlog.clear();
        }
        self.abandon();
        (self.previous, self.state, self.entered) = (self.state, state, now.uptime);
        self.remind(&to);
        self.arrive(is_ordered, now);
    }

    /// Says whether the partner is told of leases.
    fn remind(&self, to: &str) {
        let (relationship, name) = (&self.relationship, &self.relationship.this_server);
        if relationship.mode == Mode::PassiveBackup || relationship.role() == Role::Backup {
            return;
        }
        if !relationship.sends_updates {
            HA_CONFIG_LEASE_UPDATES_DISABLED_REMINDER(name, to);
        } else if self.state.sends_updates() {
            HA_LEASE_UPDATES_ENABLED(name, to);
        } else {
            HA_LEASE_UPDATES_DISABLED(name, to);
        }
    }

    /// Does what is done on entering the present state.
    pub(super) fn arrive(&mut self, is_ordered: bool, now: Moment) {
        let state = self.state;
        let fails_over = is_ordered || self.relationship.own().is_some_and(|own| own.fails_over);
        let served = match state.served() {
            Served::All if state == State::PartnerDown && !fails_over => Served::Own,
            served => served,
        };
        self.held = None;
        self.scopes.serve(served);
        self.serve(state.served() != Served::Nobody);
        self.actions.push(Action::Publish);
        if state.forgets_rejections() {
            self.contact.rejected.clear();
        }
        if state == State::Terminated {
            self.healing.begin(&self.contact, now);
        }
        self.keep_beating(now);
        self.pause();
        let name = &self.relationship.this_server;
        match state {
            State::InMaintenance => HA_MAINTENANCE_SHUTDOWN_SAFE(name),
            State::PartnerInMaintenance => HA_MAINTENANCE_STARTED(name),
            State::PartnerDown if is_ordered => HA_MAINTENANCE_STARTED_IN_PARTNER_DOWN(name),
            State::Terminated => HA_TERMINATED(name),
            _ => {}
        }
    }

    /// Answers clients from now on, or does not.
    fn serve(&mut self, serves: bool) {
        if serves != self.is_serving {
            let (name, state) = (&self.relationship.this_server, self.state.shouted());
            if serves {
                HA_LOCAL_DHCP_ENABLE(name, state);
            } else {
                HA_LOCAL_DHCP_DISABLE(name, state);
            }
            self.is_serving = serves;
        }
    }

    /// Answers clients again that it kept silent for.
    pub(super) fn release(&mut self) {
        if self.held.take().is_some() {
            self.serve(self.state.served() != Served::Nobody);
            self.actions.push(Action::Publish);
        }
    }

    fn pause(&mut self) {
        if self.is_paused {
            return;
        }
        let state = self.state;
        self.is_paused = match self.relationship.pause(state) {
            Pause::Never => false,
            Pause::Always => true,
            Pause::Once => !self.paused_once.contains(&state),
        };
        if self.is_paused {
            self.paused_once.push(state);
            HA_STATE_MACHINE_PAUSED(&self.relationship.this_server, state.shouted());
        }
    }
}
