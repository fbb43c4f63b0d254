//! Changes that go to a DNS server in one message.
//!
//! A DNS server makes all that a message asks for or nothing of it (RFC 2136, section 3), and what costs it most, having the change
//! on its disk, it does once for each message. So the same step of requests for different names goes in one message
//! when several wait for the same server and zone. Nothing waits in order to have company: what comes first goes at once, and while
//! it is under way others gather, of which a whole message goes at once, too. A message that is refused has changed nothing
//! and does not say for whose sake; each of its requests is then taken by itself. What the zone has in the end is the same.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::answer::{Heard, Rcode};
use crate::attempt::Attempt;
use crate::messages::*;
use crate::next::{Plan, Step};
use crate::records;
use crate::told::Status;
use crate::transaction::{Action, Transaction};
use crate::zones::{DnsServer, Zone};

/// The longest message of several changes, in bytes: what passes every link of IPv6 in one piece, without its heads.
const LONGEST: usize = 1280 - 40 - 8;

/// The head of a message, and what a question has besides its name.
const HEAD: usize = 12 + 4;

/// Transactions that have something to send, each with what belongs to it. They are for different names and different addresses,
/// as a [`Queue`](crate::Queue) gives requests out.
#[derive(Debug)]
pub struct Bundles<T> {
    /// What may go together; the lane that is looked at next is the first.
    lanes: VecDeque<Lane<T>>,
    /// What goes by itself.
    alone: VecDeque<(Transaction, T)>,
}

/// What goes in one message.
#[derive(Debug)]
pub struct Bundle<T> {
    members: Vec<(Transaction, T)>,
    /// The lane that it comes from; `None` if it is one that goes by itself.
    lane: Option<Way>,
}

/// A transaction that has ended, what belongs to it, and whether it succeeded.
#[derive(Debug)]
pub struct Finished<T> {
    /// The transaction.
    pub transaction: Transaction,
    /// What belongs to it.
    pub of: T,
    /// Whether all that was asked for is done.
    pub succeeded: bool,
}

/// The same step at the same server of a zone.
#[derive(Clone, Debug)]
struct Way {
    zone: Arc<Zone>,
    server: usize,
    plan: Plan,
    step: Step,
}

#[derive(Debug)]
struct Lane<T> {
    way: Way,
    /// With how many bytes each takes.
    waiting: VecDeque<(usize, Transaction, T)>,
    /// How many messages are.
    under_way: usize,
}

impl<T> Default for Bundles<T> {
    fn default() -> Self {
        Self { lanes: VecDeque::new(), alone: VecDeque::new() }
    }
}

impl<T> Bundles<T> {
    /// Begins a transaction; it is given back if there is nothing to send.
    pub fn begin(&mut self, mut transaction: Transaction, of: T) -> Option<Finished<T>> {
        let action = transaction.begin();
        self.follow(action, transaction, of)
    }

    /// What goes in a message now, of at most so many changes, if there is something; to be given back with what came of it.
    pub fn next(&mut self, most: usize) -> Option<Bundle<T>> {
        for _ in 0..self.lanes.len() {
            let bundle = self.lanes.front_mut().and_then(|lane| lane.next(most));
            self.lanes.rotate_left(1);
            if bundle.is_some() {
                return bundle;
            }
        }
        let members = vec![self.alone.pop_front()?];
        Some(Bundle { members, lane: None })
    }

    /// Says what came of a bundle; those of its transactions that have ended. Others go on.
    pub fn heard(&mut self, bundle: Bundle<T>, heard: Heard) -> Vec<Finished<T>> {
        let Bundle { members, lane } = bundle;
        if let Some(way) = &lane {
            self.lanes.iter_mut().filter(|lane| lane.way.is(way)).for_each(|lane| lane.under_way -= 1);
            self.lanes.retain(|lane| lane.under_way > 0 || !lane.waiting.is_empty());
        }
        let is_refused =
            members.len() > 1 && matches!(heard, Heard::Answered(rcode) if rcode != Rcode::NOERROR);
        if let (true, Some(server)) = (is_refused, lane.as_ref().and_then(Way::server)) {
            KOTARE_DDNS_TAKEN_APART(members.len(), server, Status(heard));
        }
        let ended = members.into_iter().filter_map(|(mut transaction, of)| {
            let action = match is_refused {
                true => transaction.refused_with_others(heard),
                false => transaction.heard(heard),
            };
            self.follow(action, transaction, of)
        });
        ended.collect()
    }

    /// Whether nothing has something to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.alone.is_empty() && self.lanes.iter().all(|lane| lane.waiting.is_empty())
    }

    fn follow(&mut self, action: Action, transaction: Transaction, of: T) -> Option<Finished<T>> {
        if action != Action::Send {
            return Some(Finished { transaction, of, succeeded: action == Action::Succeeded });
        }
        let way = Way::of(&transaction).filter(|_| transaction.may_go_along());
        let Some(way) = way else {
            self.alone.push_back((transaction, of));
            return None;
        };
        let length = records::length(transaction.request(), way.step, &way.zone.name);
        let one = (length, transaction, of);
        match self.lanes.iter_mut().find(|lane| lane.way.is(&way)) {
            Some(lane) => lane.waiting.push_back(one),
            None => self.lanes.push_back(Lane { way, waiting: [one].into(), under_way: 0 }),
        }
        None
    }
}

impl<T> Bundle<T> {
    /// What to send, see [`Transaction::attempt`].
    ///
    /// # Errors
    /// When nothing is to be sent, what came of it.
    pub fn attempt(&self, id: u16, now: u64) -> Result<Attempt, Heard> {
        Attempt::of(self.transactions(), id, now)
    }

    /// Its transactions.
    pub fn transactions(&self) -> impl Iterator<Item = &Transaction> + Clone {
        self.members.iter().map(|(transaction, _)| transaction)
    }
}

impl<T> Lane<T> {
    /// The next message: a whole one, or what there is if none is under way.
    fn next(&mut self, most: usize) -> Option<Bundle<T>> {
        let mut room = self.way.room();
        let fitting = self.waiting.iter().take(most.max(1)).take_while(|(length, ..)| {
            let fits = room.checked_sub(*length);
            room = fits.unwrap_or_default();
            fits.is_some()
        });
        // One that is too long goes all the same.
        let count = fitting.count().max(1);
        let is_whole = count >= most || count < self.waiting.len();
        if self.waiting.is_empty() || !is_whole && self.under_way > 0 {
            return None;
        }
        self.under_way += 1;
        let members = self.waiting.drain(..count).map(|(_, transaction, of)| (transaction, of)).collect();
        Some(Bundle { members, lane: Some(self.way.clone()) })
    }
}

impl Way {
    fn of(transaction: &Transaction) -> Option<Self> {
        let (zone, server, step) = transaction.asks()?;
        Some(Self { zone: zone.clone(), server, plan: Plan::of(transaction.request()), step })
    }

    fn is(&self, other: &Self) -> bool {
        let of = |way: &Self| (way.server, way.plan, way.step);
        Arc::ptr_eq(&self.zone, &other.zone) && of(self) == of(other)
    }

    fn server(&self) -> Option<&DnsServer> {
        self.zone.servers.get(self.server)
    }

    /// How many bytes of changes a message has room for.
    fn room(&self) -> usize {
        let signature = self.server().map_or(0, DnsServer::signature_room);
        LONGEST.saturating_sub(HEAD + self.zone.name.as_wire().len() + signature)
    }
}
