//! A transaction: what is said to DNS servers for one request, one message after the other.

use std::sync::Arc;

use crate::answer::{Heard, Rcode};
use crate::attempt::Attempt;
use crate::messages::*;
use crate::next::{MAX_TRIES, Move, Plan, Step, next};
use crate::outcome::Outcome;
use crate::request::ChangeRequest;
use crate::told;
use crate::zones::{DnsServer, Zone};

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// To send [`Transaction::attempt`] and to say what came of it within the time that a server has.
    Send,
    /// Nothing more: all that was asked for is done.
    Succeeded,
    /// Nothing more: something that was asked for is not done.
    Failed,
}

/// A transaction.
#[derive(Debug)]
pub struct Transaction {
    request: ChangeRequest,
    forward: Option<Arc<Zone>>,
    reverse: Option<Arc<Zone>>,
    outcome: Outcome,
    at: Option<At>,
    /// Whether a server was not reached, or could not at the moment.
    was_away: bool,
}

/// Where a transaction is.
#[derive(Debug)]
struct At {
    zone: Arc<Zone>,
    server: usize,
    step: Step,
    tries: u32,
    turns: u32,
    /// Whether a message that had this step and others was refused.
    is_alone: bool,
}

impl Transaction {
    /// A transaction that asks servers of these zones; at least one of the two is there.
    #[must_use]
    pub fn new(request: ChangeRequest, forward: Option<Arc<Zone>>, reverse: Option<Arc<Zone>>) -> Self {
        Self { request, forward, reverse, outcome: Outcome::default(), at: None, was_away: false }
    }

    /// The request that it is for.
    #[must_use]
    pub fn request(&self) -> &ChangeRequest {
        &self.request
    }

    /// The server that is asked.
    #[must_use]
    pub fn server(&self) -> Option<&DnsServer> {
        let at = self.at.as_ref()?;
        at.zone.servers.get(at.server)
    }

    /// Begins.
    pub fn begin(&mut self) -> Action {
        DHCP_DDNS_STARTING_TRANSACTION(&self.request.dhcid);
        match self.forward.clone() {
            Some(zone) => self.enter(zone, Plan::of(&self.request).first_forward()),
            None => self.go_reverse(),
        }
    }

    /// Which step is to be taken now, at which server of which zone.
    pub(crate) fn asks(&self) -> Option<(&Arc<Zone>, usize, Step)> {
        let at = self.at.as_ref()?;
        Some((&at.zone, at.server, at.step))
    }

    /// Whether its step may be in a message with others: no such message was refused, and it is not the last try, which is made
    /// by itself lest something between keeps longer messages back.
    pub(crate) fn may_go_along(&self) -> bool {
        self.at.as_ref().is_some_and(|at| !at.is_alone && at.tries + 1 < MAX_TRIES)
    }

    /// What to send now, with this number and signed at this time, in seconds since 1970.
    ///
    /// # Errors
    /// When nothing is to be sent to this server, what is to be said instead of what came of it: [`Heard::NoKey`] without a
    /// key, [`Heard::Failed`] when there is nothing to send or it has no room, which no request that came as a datagram
    /// brings about.
    pub fn attempt(&self, id: u16, now: u64) -> Result<Attempt, Heard> {
        Attempt::of([self].into_iter(), id, now)
    }

    /// A message that had its step and others was refused, of which nothing is done: it is taken by itself.
    pub(crate) fn refused_with_others(&mut self, heard: Heard) -> Action {
        if let Some(server) = self.server() {
            told::heard(&self.request, server, heard);
        }
        if let Some(at) = &mut self.at {
            at.is_alone = true;
        }
        Action::Send
    }

    /// Says what came of the last attempt; how it goes on.
    pub fn heard(&mut self, heard: Heard) -> Action {
        let Some(at) = &mut self.at else { return Action::Failed };
        let Some(server) = at.zone.servers.get(at.server) else { return Action::Failed };
        if heard != Heard::NoKey {
            told::heard(&self.request, server, heard);
        }
        at.tries += 1;
        let plan = Plan::of(&self.request);
        let step = at.step;
        let went = next(plan, step, heard, at.tries, at.turns);
        if !matches!(heard, Heard::Answered(_)) || went == Move::Rejected {
            told::failed(&self.request, server, step, heard);
        }
        self.was_away |= match heard {
            Heard::Timeout | Heard::Failed | Heard::NoKey => went == Move::NextServer,
            heard => heard == Heard::Answered(Rcode::SERVFAIL),
        };
        // A server that judged what is at the name said the last word, whoever was away before it.
        if went == Move::Rejected && matches!(heard, Heard::Answered(rcode) if is_verdict(rcode)) {
            self.was_away = false;
        }
        match went {
            Move::Again => Action::Send,
            Move::Turn(step) => {
                *at =
                    At { zone: at.zone.clone(), step, tries: 0, turns: at.turns + 1, is_alone: false, ..*at };
                Action::Send
            }
            Move::NextServer => {
                let step = if step == Step::Reverse { step } else { plan.first_forward() };
                let (zone, server) = (at.zone.clone(), at.server + 1);
                *at = At { zone, server, step, tries: 0, turns: 1, is_alone: false };
                self.ask()
            }
            Move::Done if step == Step::Reverse => {
                self.outcome.reverse = true;
                self.end(None)
            }
            Move::Done => {
                self.outcome.forward = true;
                self.go_reverse()
            }
            Move::Rejected => self.end(Some("UPDATE_FAILED_EVT")),
        }
    }

    /// Whether a transaction that failed may succeed later, from the beginning: a server was away, or failed itself.
    #[must_use]
    pub fn may_succeed_later(&self) -> bool {
        self.was_away
    }

    fn go_reverse(&mut self) -> Action {
        match self.reverse.clone() {
            Some(zone) => self.enter(zone, Step::Reverse),
            None => self.end(None),
        }
    }

    fn enter(&mut self, zone: Arc<Zone>, step: Step) -> Action {
        self.at = Some(At { zone, server: 0, step, tries: 0, turns: 1, is_alone: false });
        self.ask()
    }

    /// Goes on if there is a server to ask.
    fn ask(&mut self) -> Action {
        if self.server().is_some() { Action::Send } else { self.end(Some("NO_MORE_SERVERS_EVT")) }
    }

    /// Ends, well or for this reason.
    fn end(&mut self, failure: Option<&'static str>) -> Action {
        self.at = None;
        told::ended(&self.request, self.outcome, failure);
        if failure.is_none() { Action::Succeeded } else { Action::Failed }
    }
}

/// Whether an answer is about what is at the name that was asked to be changed (RFC 2136, 3.2), and not about the server.
fn is_verdict(rcode: Rcode) -> bool {
    [Rcode::YXDOMAIN, Rcode::NXDOMAIN, Rcode::YXRRSET, Rcode::NXRRSET].contains(&rcode)
}
