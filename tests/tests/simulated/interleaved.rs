//! Everything at once, in an order that a number decides (but for what the threads make of it): messages, stores that
//! wait and fail, flushes that fail, configurations that come and that fail, other numbers of threads, and the end.

use std::collections::HashMap;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Weak};
use std::time::Duration;

use kotare_model::Chance;
use kotare_server::{Generation, Open};
use kotare_tests::world::eventually;
use serde_json::{Value, json};

use crate::link::LinkOf;
use crate::protocol::{Protocol, Reply, Says};
use crate::server::{ServerOf, clock};
use crate::store::{Database, DatabaseOf};

const STEPS: usize = 250;
const CLIENTS: u32 = 12;

/// What a server answered from before.
type Former<P> = Generation<<P as Protocol>::On<DatabaseOf<P>>>;

/// A server with two places for its leases, and what was done to it.
struct Play<P: Protocol> {
    link: LinkOf<P>,
    /// Which configurations keep their leases where: an even number in the first, an odd one in the second.
    databases: [DatabaseOf<P>; 2],
    server: ServerOf<P>,
    clients: Vec<P::Client>,
    /// What each client was offered last.
    offers: HashMap<Vec<u8>, P::Reply>,
    /// The address that each client has asked for last: with that it may give up what it had.
    asked: HashMap<Vec<u8>, P::Address>,
    acknowledged: Vec<P::Reply>,
    sent: i64,
    threads: usize,
    /// The number of the configuration in effect, which is what it tells clients as the resolver's last byte.
    number: u8,
    former: Vec<Weak<Former<P>>>,
    chance: Chance,
}

impl<P: Protocol> Play<P> {
    fn new(seed: u64) -> Self {
        let (link, databases) = (LinkOf::default(), [Database::new(), Database::new()]);
        let [first, second] = databases.clone();
        let open: Open<DatabaseOf<P>> =
            Arc::new(move |options| Ok(if options.path.is_none() { first.clone() } else { second.clone() }));
        let server = ServerOf::start(&link, P::SERVERS[0], clock(), P::config(1, 2), open);
        Self {
            link,
            databases,
            server,
            clients: (0..CLIENTS).map(P::client).collect(),
            offers: HashMap::new(),
            asked: HashMap::new(),
            acknowledged: Vec::new(),
            sent: 0,
            threads: 1,
            number: 2,
            former: Vec::new(),
            chance: Chance::new(seed),
        }
    }

    fn step(&mut self) {
        match self.chance.below(16) {
            0..8 => self.send(),
            8 => {
                let (at, suspends) = (self.chance.below(2), self.chance.below(3) == 0);
                self.databases[at].gate.suspend(suspends);
            }
            9 | 10 => self.let_go(),
            11 => {
                let (at, unkept) = (self.chance.below(2), self.chance.below(3) == 0);
                self.databases[at].unkept.store(unkept, SeqCst);
            }
            12 | 13 => self.reconfigure(),
            14 => self.fail_to_reconfigure(),
            _ => self.server.hands.advance(Duration::from_secs(1)),
        }
        self.collect();
    }

    /// A client asks for what it was offered, or for an offer.
    fn send(&mut self) {
        let at = self.chance.below(self.clients.len());
        let client = &mut self.clients[at];
        P::go_on(client);
        let look = P::look(client);
        let message = match self.offers.remove(P::sender(&look)) {
            Some(offer) => {
                let address = offer.given().expect("an address is offered");
                self.asked.insert(P::sender(&look).to_vec(), address);
                P::choose(client, &offer)
            }
            None => look,
        };
        self.link.broadcast(&message);
        self.sent += 1;
    }

    /// Lets one call that waits go on, or fail.
    fn let_go(&mut self) {
        let at = self.chance.below(2);
        let waiting = self.databases[at].gate.waiting();
        if waiting.is_empty() {
            return;
        }
        let (call, _) = waiting[self.chance.below(waiting.len())];
        match self.chance.below(6) {
            0 => self.databases[at].gate.fail(call),
            _ => self.databases[at].gate.resume(call),
        }
    }

    fn reconfigure(&mut self) {
        self.threads = 1 + self.chance.below(4);
        self.number = 2 + self.chance.below(200) as u8;
        self.former.push(Arc::downgrade(&self.server.daemon.generation()));
        self.server.reconfigure(self.wanted(self.threads, self.number)).expect("it is good");
    }

    /// Asks for threads that there is no room for.
    fn fail_to_reconfigure(&mut self) {
        let threads = if self.threads == 1 { 3 } else { 1 };
        let number = self.chance.below(200) as u8;
        self.server.faults.no_ports.store(true, SeqCst);
        self.server.reconfigure(self.wanted(threads, number)).expect_err("there is no room");
        self.server.faults.no_ports.store(false, SeqCst);
    }

    fn wanted(&self, threads: usize, number: u8) -> Value {
        let mut wanted = P::config(threads, number);
        if number % 2 == 1 {
            let elsewhere = json!({"type": "memfile", "name": "elsewhere.csv"});
            wanted[P::MAP]["lease-database"] = elsewhere;
        }
        wanted
    }

    /// Takes the replies there are.
    fn collect(&mut self) {
        for reply in self.link.take() {
            match reply.says() {
                Says::Offer => drop(self.offers.insert(reply.client().to_vec(), reply)),
                Says::Yours => self.acknowledged.push(reply),
                Says::No => {}
            }
        }
    }

    /// What was acknowledged is kept, for who was told so, where the configuration keeps it. Only a client that has asked
    /// for another address since may have lost it, even if it was not answered.
    fn check_acknowledged(&self) {
        for ack in &self.acknowledged {
            let given = ack.given().expect("an address is given");
            if self.asked[ack.client()] != given {
                continue;
            }
            let number = ack.number().expect("a configuration tells its number");
            let lease = self.databases[usize::from(number % 2)].gate.inner().lease(given);
            let lease = lease.unwrap_or_else(|| panic!("{ack:?} is not kept"));
            assert_eq!(P::holder(&lease), ack.client(), "{ack:?}");
        }
    }

    /// All is well again, and everything comes to its end.
    fn settle(&mut self) {
        for database in &self.databases {
            database.unkept.store(false, SeqCst);
        }
        eventually("every message is in the books", || {
            self.databases.iter().for_each(DatabaseOf::<P>::release);
            self.collect();
            (self.server.counted("received") == self.sent).then_some(())
        });
        eventually("former configurations and their workers are gone", || {
            self.server.hands.advance(Duration::from_secs(1));
            let gone = self.former.iter().all(|former| former.strong_count() == 0);
            (gone && self.server.threads() == self.threads).then_some(())
        });
        self.collect();
        let count = |name| self.server.counted(name);
        // Every message was answered, or dropped for one of the reasons there were.
        assert_eq!(count("sent") + count("receive-drop"), self.sent);
        assert_eq!(count("duplicate") + count("processing-failed"), count("receive-drop"));
        assert_eq!((self.link.unread(self.server.address), self.link.lost()), (0, 0));
    }
}

/// Whatever happens in whatever order: what is acknowledged is kept, no message is lost or counted twice, and nothing of
/// a former configuration stays.
fn every_message_is_accounted_for<P: Protocol>() {
    let mut acknowledged = 0;
    for seed in 0..12 {
        let mut play = Play::<P>::new(seed);
        (0..STEPS).for_each(|_| play.step());
        play.settle();
        play.check_acknowledged();
        acknowledged += play.acknowledged.len();
    }
    assert!(acknowledged > 30, "only {acknowledged} leases: too little happened");
}

/// The end may come at any time, and what was acknowledged until then is kept.
fn the_end_may_come_at_any_time<P: Protocol>() {
    for seed in 100..112 {
        let mut play = Play::<P>::new(seed);
        let steps = 20 + play.chance.below(STEPS);
        (0..steps).for_each(|_| play.step());
        play.server.stop();
        play.collect();
        play.check_acknowledged();
        let waiting = |database: &DatabaseOf<P>| database.gate.waiting().len();
        assert_eq!(play.databases.iter().map(waiting).sum::<usize>(), 0, "seed {seed}: an exchange goes on");
        assert_eq!(play.server.threads(), 0, "seed {seed}");
    }
}

both! {
    every_message_is_accounted_for,
    the_end_may_come_at_any_time,
}
