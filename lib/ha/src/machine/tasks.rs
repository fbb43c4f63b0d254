//! What takes time: synchronising, sending what was queued, having the partner synchronise.

use std::net::IpAddr;

use super::{Action, Machine};
use crate::{Input, Moment, Partner, State, Task};

/// Tells answers apart: one that nobody waits for any more changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// A task that was begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    task: Task,
    ticket: Ticket,
    /// What the partner said before that it had kept to itself.
    unsent: Option<u64>,
    /// Whether the partner is told of what it lacks.
    tells: bool,
}

/// How far a synchronisation came that broke off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reached {
    address: IpAddr,
    /// What the partner had kept to itself by then.
    unsent: Option<u64>,
    /// Whether the partner was told of what it lacks up to there.
    told: bool,
}

impl<U> Machine<U> {
    pub(super) const fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    /// Begins a task. The partner is not asked how it is meanwhile.
    pub(super) fn begin(&mut self, task: Task) {
        let (ticket, unsent) = (self.ticket(), self.contact.theirs.heard());
        // One that has just begun, too, fetches our leases itself.
        let begins =
            matches!(self.contact.partner(), Partner::In(State::Waiting | State::Syncing | State::Ready));
        let tells = task == Task::Synchronize && !begins;
        self.running = Some(Running { task, ticket, unsent, tells });
        self.beat = super::Beat::Idle;
        self.actions.push(match task {
            Task::Synchronize => {
                // It may go on where it broke off if the partner has told of all leases that it gave since.
                let is_of_use = |it: &Reached| unsent.is_some() && it.unsent == unsent && (it.told || !tells);
                let reached = self.reached.take().filter(is_of_use).map(|it| it.address);
                Action::Synchronize { ticket, reached, tells }
            }
            Task::SendBacklog => Action::SendBacklog(ticket),
            Task::SendReset => Action::SendReset(ticket),
        });
    }

    /// Does not wait for a task any more.
    pub(super) const fn abandon(&mut self) {
        self.running = None;
    }

    /// Ends a task, if it is still waited for.
    fn end(&mut self, ticket: Ticket, task: Task, now: Moment) -> Option<Running> {
        let ended = self.running.take_if(|running| running.ticket == ticket && running.task == task);
        if ended.is_some() {
            self.contact.listen(now);
        }
        ended
    }

    /// Whether somebody still waits for what comes of a ticket.
    #[must_use]
    pub fn waits_for(&self, ticket: Ticket) -> bool {
        self.running.is_some_and(|running| running.ticket == ticket)
    }

    /// What came of a synchronisation: the leases are here, or those up to an address, if to any.
    pub fn synchronized(&mut self, ticket: Ticket, outcome: Result<(), Option<IpAddr>>, now: Moment) {
        let Some(Running { unsent, tells, .. }) = self.end(ticket, Task::Synchronize, now) else { return };
        match outcome {
            Ok(()) => {
                self.contact.theirs.synchronized(unsent);
                self.beat_now(now);
                // What the partner said before is old by now: it may have taken over meanwhile. Kea acts on it.
                self.step(Input::Synchronized, now);
            }
            Err(reached) => {
                self.reached = reached.map(|address| Reached { address, unsent, told: tells });
                self.contact.lose(now);
                self.keep_beating(now);
                self.run(Input::Look, now);
            }
        }
    }

    /// The partner has the oldest updates of those that were queued.
    pub fn sent(&mut self, ticket: Ticket, many: usize) {
        if self.waits_for(ticket) {
            self.backlog.sent(many);
        }
    }

    /// What came of sending what was queued: the partner has all, or did not take something.
    pub fn backlog_ended(&mut self, ticket: Ticket, is_sent: bool, now: Moment) {
        if self.end(ticket, Task::SendBacklog, now).is_none() {
            return;
        }
        if is_sent && !self.backlog.is_empty() && !self.backlog.is_overflown() {
            return self.begin(Task::SendBacklog);
        }
        self.beat_now(now);
        let is_complete = is_sent && !self.backlog.is_overflown();
        self.run(if is_complete { Input::BacklogSent } else { Input::BacklogFailed }, now);
    }

    /// What came of having the partner synchronise: it does, or did not hear of it.
    pub fn reset_sent(&mut self, ticket: Ticket, is_accepted: bool, now: Moment) {
        if self.end(ticket, Task::SendReset, now).is_none() {
            return;
        }
        self.keep_beating(now);
        if is_accepted {
            if self.state == State::PartnerDown {
                // It was ready, and is no longer.
                self.fetched.reset();
                self.contact.enter(Partner::In(State::Waiting), now);
            }
            self.run(Input::ResetAccepted, now);
        }
    }
}
