//! Which server is asked, how often, and which one after it.

use std::collections::VecDeque;
use std::time::Duration;

/// How servers are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How often each is asked again.
    pub retries: u32,
    /// For how long a server that did not answer is asked last; zero is not at all.
    pub deadtime: Duration,
}

/// What is known of servers from exchanges before: until when each is asked last. Times are since any moment that stays the
/// same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health(Vec<Duration>);

impl Health {
    /// So many servers, of which nothing is known.
    pub fn new(servers: usize) -> Self {
        Self(vec![Duration::ZERO; servers])
    }

    /// Servers of which it is known what is known of those in these places of `former`, if they are there.
    pub fn after(former: &Self, places: impl IntoIterator<Item = Option<usize>>) -> Self {
        let held = |place: Option<usize>| place.and_then(|place| former.0.get(place).copied());
        Self(places.into_iter().map(|place| held(place).unwrap_or_default()).collect())
    }

    /// Whether a server is asked last.
    pub fn is_held(&self, server: usize, now: Duration) -> bool {
        self.0.get(server).is_some_and(|until| *until > now)
    }

    /// A server answered.
    pub fn answered(&mut self, server: usize) {
        self.hold(server, Duration::ZERO);
    }

    fn hold(&mut self, server: usize, until: Duration) {
        if let Some(held) = self.0.get_mut(server) {
            *held = until;
        }
    }
}

/// Why there is no answer to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// Nothing came in time.
    Silence,
    /// What came is no answer that can be believed.
    Bad,
    /// The server's answer makes no sense: it would say the same again.
    Nonsense,
    /// Nobody listens there, or nothing could be sent there.
    Unreachable,
    /// It was not asked: too many others are waiting for its answers. That says nothing of it.
    Busy,
}

/// A request on its way from server to server.
#[derive(Clone, Debug)]
pub struct Exchange {
    plan: Plan,
    /// The servers that are still to be asked; the first one is being asked.
    servers: VecDeque<usize>,
    /// How often the first one was.
    tries: u32,
    missed: Missed,
}

/// A request that is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Which server.
    pub server: usize,
    /// How often it was asked before.
    pub retry: u32,
    /// Whether there is another server to ask.
    pub has_others: bool,
}

impl Exchange {
    /// Begins now: the servers in the order written, but those last that did not answer lately.
    pub fn begin(plan: Plan, health: &Health, now: Duration) -> Self {
        let all = 0..health.0.len();
        let (held, well): (Vec<_>, Vec<_>) = all.partition(|server| health.is_held(*server, now));
        let servers = well.into_iter().chain(held).collect();
        Self { plan, servers, tries: 0, missed: Missed::Unreachable }
    }

    /// What is to be sent next; none if there is nobody left to ask.
    pub fn attempt(&self) -> Option<Attempt> {
        let server = *self.servers.front()?;
        Some(Attempt { server, retry: self.tries, has_others: self.servers.len() > 1 })
    }

    /// The attempt has no answer.
    pub fn missed(&mut self, missed: Missed, health: &mut Health, now: Duration) {
        self.missed = missed;
        self.tries = self.tries.saturating_add(1);
        // Who is not there, or has no time, is not asked again as long as somebody else can be.
        let is_no_use = matches!(missed, Missed::Unreachable | Missed::Busy);
        let gives_up = is_no_use && self.servers.len() > 1 || missed == Missed::Nonsense;
        if self.tries <= self.plan.retries && !gives_up {
            return;
        }
        self.tries = 0;
        let server = self.servers.pop_front();
        let is_dead = matches!(missed, Missed::Silence | Missed::Unreachable);
        if let Some(server) = server.filter(|_| is_dead && !self.plan.deadtime.is_zero()) {
            health.hold(server, now.saturating_add(self.plan.deadtime));
        }
    }

    /// Why the last attempt has no answer.
    pub fn failure(&self) -> Missed {
        self.missed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Asks until somebody answers; the servers in the order asked, and who answered. Each attempt takes ten seconds.
    fn ask(
        plan: Plan,
        health: &mut Health,
        now: &mut Duration,
        answers: impl Fn(usize) -> Result<(), Missed>,
    ) -> (Vec<usize>, Result<usize, Missed>) {
        let (mut exchange, mut asked) = (Exchange::begin(plan, health, *now), Vec::new());
        while let Some(Attempt { server, retry, .. }) = exchange.attempt() {
            assert_eq!(retry as usize, asked.iter().rev().take_while(|other| **other == server).count());
            asked.push(server);
            match answers(server) {
                Ok(()) => {
                    health.answered(server);
                    return (asked, Ok(server));
                }
                Err(missed) => {
                    *now += secs(10);
                    exchange.missed(missed, health, *now);
                }
            }
        }
        (asked, Err(exchange.failure()))
    }

    const SILENT: Result<(), Missed> = Err(Missed::Silence);

    /// Each server is asked once and again as often as is said, then the next one.
    #[test]
    fn silence_leads_to_the_next_server() {
        let plan = Plan { retries: 2, deadtime: Duration::ZERO };
        let (mut health, mut now) = (Health::new(2), secs(100));
        let (asked, ended) = ask(plan, &mut health, &mut now, |_| SILENT);
        assert_eq!((asked, ended), (vec![0, 0, 0, 1, 1, 1], Err(Missed::Silence)));
        assert_eq!(now, secs(160));
        let (asked, ended) = ask(plan, &mut health, &mut now, |at| if at == 1 { Ok(()) } else { SILENT });
        assert_eq!((asked, ended), (vec![0, 0, 0, 1], Ok(1)), "without deadtime nobody is remembered");
    }

    /// Who has no time is not dead: the next one is asked at once, and the next request goes there first.
    #[test]
    fn a_busy_server_is_not_dead() {
        let plan = Plan { retries: 2, deadtime: secs(60) };
        let (mut health, mut now) = (Health::new(2), secs(0));
        let busy = |at| if at == 1 { Ok(()) } else { Err(Missed::Busy) };
        for _ in 0..2 {
            assert_eq!(ask(plan, &mut health, &mut now, busy), (vec![0, 1], Ok(1)));
        }
        let all = ask(plan, &mut health, &mut now, |_| Err(Missed::Busy));
        assert_eq!(all, (vec![0, 1, 1, 1], Err(Missed::Busy)));
        assert!((0..2).all(|server| !health.is_held(server, now)));
    }

    /// Who did not answer is asked last for a while, and first again when that is over or it answered.
    #[test]
    fn a_dead_server_is_asked_last() {
        let plan = Plan { retries: 1, deadtime: secs(60) };
        let (mut health, mut now) = (Health::new(3), secs(0));
        let only = |well: &'static [usize]| move |at| if well.contains(&at) { Ok(()) } else { SILENT };
        assert_eq!(ask(plan, &mut health, &mut now, only(&[1, 2])).0, [0, 0, 1]);
        assert_eq!(now, secs(20));
        assert_eq!(ask(plan, &mut health, &mut now, only(&[1, 2])).0, [1]);
        assert_eq!(ask(plan, &mut health, &mut now, only(&[0])).0, [1, 1, 2, 2, 0], "it is asked at all");
        assert_eq!(now, secs(60));
        let (asked, _) = ask(plan, &mut health, &mut now, only(&[0, 1, 2]));
        assert_eq!(asked, [0], "it answered, the others did not");
        now = secs(200);
        assert_eq!(ask(plan, &mut health, &mut now, only(&[2])).0, [0, 0, 1, 1, 2], "that is over");
    }

    /// Who is not there is left at once for another, but asked again where there is nobody else; who answers nonsense is not
    /// dead.
    #[test]
    fn the_reason_counts() {
        let plan = Plan { retries: 1, deadtime: secs(60) };
        let (mut health, mut now) = (Health::new(2), secs(0));
        let (asked, ended) = ask(plan, &mut health, &mut now, |_| Err(Missed::Unreachable));
        assert_eq!((asked, ended), (vec![0, 1, 1], Err(Missed::Unreachable)));
        assert!(health.is_held(0, now) && health.is_held(1, now));
        let mut health = Health::new(2);
        let (asked, ended) = ask(plan, &mut health, &mut now, |_| Err(Missed::Bad));
        assert_eq!((asked, ended), (vec![0, 0, 1, 1], Err(Missed::Bad)));
        assert!(!health.is_held(0, now) && !health.is_held(1, now));
        let (asked, ended) = ask(plan, &mut health, &mut now, |_| Err(Missed::Nonsense));
        assert_eq!((asked, ended), (vec![0, 1], Err(Missed::Nonsense)));
        assert!(!health.is_held(0, now) && !health.is_held(1, now));
        let (asked, ended) = ask(plan, &mut Health::new(0), &mut now, |_| Ok(()));
        assert_eq!((asked, ended), (vec![], Err(Missed::Unreachable)));
    }
}
