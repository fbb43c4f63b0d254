//! What servers ask and answer each other.

use std::time::Duration;

use kotare_ha::{Heartbeat, SyncStep};

use crate::link::{Ask, Call, Purpose, Reply};
use crate::node::{Lease, Sync};
use crate::world::{Event, World};

impl World {
    pub(crate) fn call(&mut self, from: usize, to: usize, ask: Ask, purpose: Purpose) {
        let call = Call { from, life: self.nodes[from].life, to, ask, purpose };
        match self.link.carry(from, to) {
            Some(delay) => self.after(delay, Event::Arrives(call)),
            None => self.after(call.timeout(), Event::Returns(call, None)),
        }
    }

    /// A question arrives at a server, which answers it.
    pub(crate) fn arrive(&mut self, call: Call) {
        let node = call.to;
        if self.link.deaf == Some(node) {
            return self.after(call.timeout(), Event::Returns(call, None));
        }
        let Some(reply) = self.answer(node, &call.ask) else {
            // Nobody listens there.
            return self.after(Duration::from_millis(1), Event::Returns(call, None));
        };
        match self.link.carry(node, call.from) {
            Some(delay) => self.after(delay, Event::Returns(call, Some(reply))),
            None => self.after(call.timeout(), Event::Returns(call, None)),
        }
    }

    pub(crate) fn answer(&mut self, node: usize, ask: &Ask) -> Option<Reply> {
        let (now, moment) = (self.now, self.nodes[node].moment(self.now));
        self.nodes[node].machine.as_ref()?;
        match ask {
            Ask::Heartbeat => {
                let machine = self.nodes[node].machine.as_ref()?;
                return machine.describe(moment).arguments.map(Reply::Heartbeat);
            }
            Ask::Update(leases) => {
                let took = leases.iter().filter(|lease| self.nodes[node].update(**lease)).count();
                return Some(if took == leases.len() { Reply::Done } else { Reply::Conflict });
            }
            Ask::Page(from) => return Some(Reply::Page(self.nodes[node].page(*from))),
            Ask::Disable(seconds) => {
                let span = seconds.map_or(Duration::MAX / 2, Duration::from_secs);
                self.nodes[node].disabled = Some(now + span);
            }
            Ask::Enable => self.nodes[node].disabled = None,
            Ask::Notify => {
                let mut is_told = self.nodes[node].following == 0;
                self.with(node, |machine, moment| {
                    machine.sync_complete(moment);
                    is_told &= machine.ends_following();
                });
                self.nodes[node].disabled = None;
                if !is_told {
                    return Some(Reply::Conflict);
                }
            }
            Ask::Follow(begins) => {
                let mut answer = None;
                self.with(node, |machine, _| answer = Some(machine.follow(*begins)));
                if answer?.code != 0 {
                    return Some(Reply::Conflict);
                }
            }
            Ask::Reset => self.with(node, |machine, moment| {
                machine.reset(moment);
            }),
        }
        Some(Reply::Done)
    }

    /// What came of a question.
    pub(crate) fn returned(&mut self, call: &Call, reply: Option<Reply>) {
        let node = call.from;
        let is_done = matches!(reply, Some(Reply::Done));
        match call.purpose {
            Purpose::Beat(ticket) => {
                let heartbeat = match &reply {
                    Some(Reply::Heartbeat(arguments)) => Heartbeat::read(Some(arguments)).ok(),
                    _ => None,
                };
                self.with(node, |machine, moment| machine.heartbeat(ticket, heartbeat, moment));
            }
            Purpose::Reset(ticket) => {
                self.with(node, |machine, moment| machine.reset_sent(ticket, is_done, moment));
            }
            Purpose::Backlog(ticket, many) => {
                let waits =
                    self.nodes[node].machine.as_ref().is_some_and(|machine| machine.waits_for(ticket));
                if is_done && waits {
                    if let Some(machine) = &mut self.nodes[node].machine {
                        machine.sent(ticket, many);
                    }
                    self.send_backlog(node, ticket);
                } else {
                    self.with(node, |machine, moment| machine.backlog_ended(ticket, false, moment));
                }
            }
            Purpose::Sync(ticket) => self.sync_returned(node, ticket, reply),
            Purpose::Exchange(number) => self.update_returned(node, number, reply),
            Purpose::Follow => {
                self.nodes[node].following -= 1;
                if reply.is_none() {
                    self.with(node, |machine, moment| machine.missed(moment));
                }
            }
            Purpose::Nothing => {}
        }
    }

    pub(crate) fn send_backlog(&mut self, node: usize, ticket: kotare_ha::Ticket) {
        let Some(machine) = &self.nodes[node].machine else { return };
        let leases: Vec<Lease> = machine.backlog().oldest(2).copied().collect();
        if leases.is_empty() {
            return self.with(node, |machine, moment| machine.backlog_ended(ticket, true, moment));
        }
        let many = leases.len();
        self.call(node, 1 - node, Ask::Update(leases), Purpose::Backlog(ticket, many));
    }

    /// Does the next step of a synchronisation.
    pub(crate) fn synchronize(&mut self, node: usize) {
        let now = self.now;
        loop {
            let Some(Sync { ticket, plan, page }) = &self.nodes[node].sync else { return };
            let ticket = *ticket;
            let ask = match plan.step() {
                Some(SyncStep::Disable { seconds }) => Ask::Disable(seconds),
                Some(SyncStep::Follow { begins }) => Ask::Follow(begins),
                Some(SyncStep::Page { from }) => Ask::Page(from.map(last_octet)),
                Some(SyncStep::Tell { stretch }) => {
                    let before = stretch.and_then(|stretch| stretch.after);
                    let until = stretch.and_then(|stretch| stretch.until);
                    let [after, until] = [before, until].map(|address| address.map(last_octet));
                    let lacking = self.nodes[node].lacking(page, after, until, now);
                    if lacking.is_empty() {
                        let Some(sync) = &mut self.nodes[node].sync else { return };
                        sync.plan.told(None);
                        continue;
                    }
                    if plan.is_quiet() {
                        let Some(sync) = &mut self.nodes[node].sync else { return };
                        sync.plan.hush(before);
                        continue;
                    }
                    Ask::Update(lacking)
                }
                Some(SyncStep::Notify) => Ask::Notify,
                Some(SyncStep::Enable) => Ask::Enable,
                None => {
                    let outcome = plan.outcome().map_err(|_| plan.reached());
                    self.nodes[node].sync = None;
                    return self.with(node, |machine, moment| machine.synchronized(ticket, outcome, moment));
                }
            };
            return self.call(node, 1 - node, ask, Purpose::Sync(ticket));
        }
    }

    pub(crate) fn sync_returned(&mut self, node: usize, ticket: kotare_ha::Ticket, reply: Option<Reply>) {
        if self.nodes[node].sync.as_ref().is_none_or(|sync| sync.ticket != ticket) {
            return;
        }
        if let Some(Reply::Page(page)) = &reply {
            self.nodes[node].merge(page, self.now);
        }
        let Some(sync) = &mut self.nodes[node].sync else { return };
        match (reply, sync.plan.step()) {
            (Some(Reply::Page(page)), _) => {
                sync.plan.page(&page.iter().map(kotare_ha::Synced::address).collect::<Vec<_>>());
                sync.page = page;
            }
            // What the partner does not take it does not take.
            (Some(_), Some(SyncStep::Tell { .. })) => sync.plan.told(None),
            (Some(Reply::Conflict), Some(SyncStep::Follow { .. })) if sync.plan.afresh() => {}
            (Some(Reply::Done), _) => sync.plan.done(),
            _ => sync.plan.failed("no answer".into()),
        }
        self.synchronize(node);
    }
}

/// The number of an address.
fn last_octet(address: std::net::IpAddr) -> u8 {
    match address {
        std::net::IpAddr::V4(address) => address.octets()[3],
        std::net::IpAddr::V6(_) => 0,
    }
}
