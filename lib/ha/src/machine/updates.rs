//! Updates of leases, and clients that wait for the partner.

use std::time::Duration;

use super::Machine;
use crate::contact::Noticed;
use crate::messages::*;
use crate::{ClientKey, Input, Moment, Partner, Role, State};

/// What becomes of the update of a lease for a server of the relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// It is sent, and the client is not answered before the server has it.
    Await,
    /// It is sent, and the client is answered whatever becomes of it.
    Send,
    /// It is sent to a partner that fetches all leases ([`Machine::follow`]), and the client is answered whatever becomes of
    /// it; if it is not taken, the partner has to know ([`Machine::missed`]).
    Follow,
    /// It is queued ([`Machine::queue`]), and the client is answered.
    Queue,
    /// The server is not told.
    Skip,
}

impl<U> Machine<U> {
    /// What becomes of an update for another server, which has this role. That an active server is not told is counted.
    pub fn route(&mut self, peer: Role) -> Route {
        if !self.relationship.sends_updates {
            return Route::Skip;
        }
        match (peer, self.state) {
            (Role::Backup, _) if self.relationship.waits_for_backups => Route::Await,
            (Role::Backup, _) => Route::Send,
            (_, state) if state.sends_updates() => Route::Await,
            // The partner has fetched all, and is about to be back: what was begun before nobody was answered any more.
            _ if self.held.is_some() => Route::Await,
            _ if self.is_followed() => Route::Follow,
            (_, State::CommunicationRecovery) => Route::Queue,
            _ => {
                self.contact.count_unsent();
                Route::Skip
            }
        }
    }

    /// Queues updates for the partner. That it is too late for that is said: then they have to be routed anew.
    pub fn queue(&mut self, updates: impl IntoIterator<Item = U>) -> bool {
        let queues = self.state == State::CommunicationRecovery;
        if queues {
            updates.into_iter().for_each(|update| self.backlog.push(update));
        }
        queues
    }

    /// The partner has the lease of a client, who is asked for if it matters.
    pub fn accepted(&mut self, client: impl FnOnce() -> Option<ClientKey>) {
        self.contact.rejected.remove(client);
    }

    /// The partner refused the lease of a client, which `tell` says when it is news.
    pub fn rejected(&mut self, client: Option<ClientKey>, tell: impl FnOnce(), now: Moment) {
        if self.contact.rejected.add(client, now.uptime) {
            tell();
        }
        self.run(Input::Look, now);
    }

    /// The partner did not answer an update.
    pub fn lost(&mut self, now: Moment) {
        self.contact.lose(now);
        self.run(Input::Look, now);
    }

    /// Whether messages of the partner's clients are worth telling of ([`Machine::overhear`]).
    #[must_use]
    pub fn listens(&self, now: Moment) -> bool {
        self.contact.is_interrupted(&self.relationship, now)
    }

    /// A client of the partner's sent a message, and has been trying for so long. `client` is `None` if it cannot be told
    /// from others; `label` is what the log calls it. `v4` and `v6` have messages of their own ([`Overheard`]).
    pub fn overhear(
        &mut self,
        client: Option<ClientKey>,
        label: &dyn std::fmt::Display,
        tried: Duration,
        messages: &Overheard,
        now: Moment,
    ) {
        if !self.listens(now) {
            return;
        }
        let waiting = &mut self.contact.waiting;
        let noticed = waiting.hear(client, tried);
        let name = &*self.relationship.this_server;
        match noticed {
            Noticed::Nothing => return,
            Noticed::New => (messages.new)(name, label),
            Noticed::Unacked => (messages.unacked)(name, label, waiting.unacked(), waiting.left()),
        }
        if waiting.is_failure_detected() && self.contact.partner() == Partner::Unavailable {
            self.run(Input::Look, now);
        }
    }
}

/// How the log tells of a client of the partner's.
#[derive(Clone, Copy, Debug)]
pub struct Overheard {
    new: fn(&str, &dyn std::fmt::Display),
    unacked: fn(&str, &dyn std::fmt::Display, usize, usize),
}

impl Overheard {
    /// Of DHCPv4.
    pub const V4: Self = Self {
        new: |name, client| HA_COMMUNICATION_INTERRUPTED_CLIENT4(name, client),
        unacked: |name, client, so_far, left| {
            HA_COMMUNICATION_INTERRUPTED_CLIENT4_UNACKED(name, client, so_far, left);
        },
    };
    /// Of DHCPv6.
    pub const V6: Self = Self {
        new: |name, client| HA_COMMUNICATION_INTERRUPTED_CLIENT6(name, client),
        unacked: |name, client, so_far, left| {
            HA_COMMUNICATION_INTERRUPTED_CLIENT6_UNACKED(name, client, so_far, left);
        },
    };
}
