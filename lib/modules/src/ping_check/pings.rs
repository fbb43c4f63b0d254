//! Who is asked, how often, and until when.
//!
//! Decides and does nothing: requests to send come out, answers and the time go in.

use std::collections::{BTreeSet, HashMap};
use std::net::Ipv4Addr;
use std::time::Duration;

use kotare_model::Chance;
use kotare_wire::icmp::{Answer, Echo};
use tokio::time::Instant;

/// The addresses that are being asked; for each, `W` waits for what comes of it.
#[derive(Debug)]
pub(super) struct Pings<W> {
    /// The identifier of all our requests.
    id: u16,
    chance: Chance,
    asked: HashMap<Ipv4Addr, Ping<W>>,
    /// When the current request of each is given up. Exactly those of `asked`.
    deadlines: BTreeSet<(Instant, Ipv4Addr)>,
}

/// An address that is being asked.
#[derive(Debug)]
struct Ping<W> {
    plan: Plan,
    /// The sequence number of the first request. It is chosen at random, so that nobody who does not see the request can
    /// answer it.
    first: u16,
    /// How many requests were sent, at least one.
    sent: u32,
    deadline: Instant,
    waiting: W,
}

/// How an address is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// How many requests remain unanswered before the address is free; at least one is sent.
    pub(super) requests: u32,
    /// How long each is waited for.
    pub(super) timeout: Duration,
}

/// A request whose time is over.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expired<W> {
    /// Who was asked.
    pub(super) target: Ipv4Addr,
    /// Which of the requests it was, from 1.
    pub(super) sent: u32,
    /// How the address is asked.
    pub(super) plan: Plan,
    /// What comes next.
    pub(super) next: Next<W>,
}

/// What comes after a request whose time is over.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<W> {
    /// The next request is to be sent.
    Again(Echo),
    /// It was the last: nobody is there.
    Free(W),
}

impl<W> Pings<W> {
    /// Nobody is asked.
    pub(super) fn new(mut chance: Chance) -> Self {
        let id = chance.number() as u16;
        Self { id, chance, asked: HashMap::new(), deadlines: BTreeSet::new() }
    }

    /// Begins to ask `target`; the first request is to be sent now. Whoever waited for an answer of the same address waits
    /// in vain from now on: only one asks at a time.
    pub(super) fn begin(&mut self, target: Ipv4Addr, plan: Plan, waiting: W, now: Instant) -> Echo {
        self.end(target);
        let first = self.chance.number() as u16;
        let deadline = now + plan.timeout;
        self.deadlines.insert((deadline, target));
        self.asked.insert(target, Ping { plan, first, sent: 1, deadline, waiting });
        Echo { id: self.id, sequence: first }
    }

    /// Asks `target` no more; who waited for it, if it was asked.
    pub(super) fn end(&mut self, target: Ipv4Addr) -> Option<W> {
        let ping = self.asked.remove(&target)?;
        self.deadlines.remove(&(ping.deadline, target));
        Some(ping.waiting)
    }

    /// Who waits for an answer of `target`, if it is asked.
    pub(super) fn waiting(&self, target: Ipv4Addr) -> Option<&W> {
        self.asked.get(&target).map(|ping| &ping.waiting)
    }

    /// An answer came; who waited for it, if it answers one of our requests. Answers to the requests of others, forged
    /// ones and those that come too late are nobody's.
    pub(super) fn answered(&mut self, answer: &Answer) -> Option<W> {
        let (target, echo) = match *answer {
            Answer::Reply { from, echo } => (from, echo),
            Answer::Unreachable { target, echo } => (target, echo),
        };
        let ping = self.asked.get(&target)?;
        let ours = echo.id == self.id && u32::from(echo.sequence.wrapping_sub(ping.first)) < ping.sent;
        if ours { self.end(target) } else { None }
    }

    /// When the time of the next request is over.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// A request whose time is over at `now`, if there is one; ask again until there is none.
    pub(super) fn expire(&mut self, now: Instant) -> Option<Expired<W>> {
        let (deadline, target) = *self.deadlines.first().filter(|(deadline, _)| *deadline <= now)?;
        let ping = self.asked.get_mut(&target)?;
        let (plan, sent) = (ping.plan, ping.sent);
        if sent >= plan.requests {
            let next = Next::Free(self.end(target)?);
            return Some(Expired { target, sent, plan, next });
        }
        self.deadlines.remove(&(deadline, target));
        ping.deadline = now + plan.timeout;
        self.deadlines.insert((ping.deadline, target));
        ping.sent += 1;
        let sequence = ping.first.wrapping_add(sent as u16);
        Some(Expired { target, sent, plan, next: Next::Again(Echo { id: self.id, sequence }) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 77);
    const PLAN: Plan = Plan { requests: 3, timeout: Duration::from_millis(100) };

    fn pings() -> Pings<&'static str> {
        Pings::new(Chance::new(7))
    }

    fn reply(echo: Echo) -> Answer {
        Answer::Reply { from: TARGET, echo }
    }

    /// The requests go out one after the other, each with its own number, and after the last one the address is free.
    #[test]
    fn silence_to_all_requests_is_a_free_address() {
        let (mut pings, start) = (pings(), Instant::now());
        let first = pings.begin(TARGET, PLAN, "client", start);
        for sent in 1..=2_u16 {
            let due = start + PLAN.timeout * u32::from(sent);
            assert_eq!(pings.deadline(), Some(due));
            assert_eq!(pings.expire(due - Duration::from_millis(1)), None);
            let next = Next::Again(Echo { sequence: first.sequence.wrapping_add(sent), ..first });
            let expired = Expired { target: TARGET, sent: u32::from(sent), plan: PLAN, next };
            assert_eq!(pings.expire(due), Some(expired));
        }
        let expired = Expired { target: TARGET, sent: 3, plan: PLAN, next: Next::Free("client") };
        assert_eq!(pings.expire(start + PLAN.timeout * 3), Some(expired));
        assert_eq!((pings.deadline(), pings.asked.len()), (None, 0));
    }

    /// An answer to any of the requests counts, also to an earlier one that was slow; the same answer again does not.
    #[test]
    fn an_answer_to_any_request_counts_once() {
        for which in 0..2_u16 {
            let (mut pings, start) = (pings(), Instant::now());
            let first = pings.begin(TARGET, PLAN, "client", start);
            assert!(pings.expire(start + PLAN.timeout).is_some(), "the second request");
            let echo = Echo { sequence: first.sequence.wrapping_add(which), ..first };
            assert_eq!(pings.answered(&reply(echo)), Some("client"));
            assert_eq!(pings.answered(&reply(echo)), None);
            assert_eq!(pings.deadline(), None);
        }
        let (mut pings, start) = (pings(), Instant::now());
        let echo = pings.begin(TARGET, PLAN, "client", start);
        assert_eq!(pings.answered(&Answer::Unreachable { target: TARGET, echo }), Some("client"));
    }

    /// What answers none of our requests changes nothing: other numbers, another address, a request not sent yet.
    #[test]
    fn answers_to_others_are_nobodys() {
        let (mut pings, start) = (pings(), Instant::now());
        let echo = pings.begin(TARGET, PLAN, "client", start);
        for other in [
            reply(Echo { id: echo.id.wrapping_add(1), ..echo }),
            reply(Echo { sequence: echo.sequence.wrapping_sub(1), ..echo }),
            reply(Echo { sequence: echo.sequence.wrapping_add(1), ..echo }),
            Answer::Reply { from: Ipv4Addr::new(192, 0, 2, 78), echo },
        ] {
            assert_eq!(pings.answered(&other), None, "{other:?}");
        }
        assert_eq!(pings.answered(&reply(echo)), Some("client"));
    }

    /// Many addresses are asked at once, each in its own time; one that is asked anew begins from the start.
    #[test]
    fn each_address_has_its_own_time() {
        let (mut pings, start) = (pings(), Instant::now());
        let later = Ipv4Addr::new(192, 0, 2, 78);
        let once = |millis| Plan { requests: 1, timeout: Duration::from_millis(millis) };
        pings.begin(later, once(200), "later", start);
        pings.begin(TARGET, once(100), "sooner", start);
        pings.begin(TARGET, once(150), "anew", start);
        let end = start + Duration::from_secs(1);
        let order: Vec<_> = std::iter::from_fn(|| pings.expire(end)).map(|expired| expired.next).collect();
        assert_eq!(order, [Next::Free("anew"), Next::Free("later")]);
        assert_eq!(pings.end(TARGET), None);
    }
}
