//! Everything at once, in an order that a number decides (but for what the threads make of it): messages, stores that
//! wait and fail, flushes that fail, configurations that come and that fail, other numbers of threads, and the end.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Weak};
use std::time::Duration;

use kotare_dhcp4d::Dhcp4;
use kotare_model::Chance;
use kotare_server::{Generation, Open};
use kotare_testkit::Client;
use kotare_tests::world::eventually;
use kotare_wire::v4::{MessageType, OptionCode};
use serde_json::{Value, json};

use crate::link::{Link, Reply, Simulated};
use crate::server::{Server, clock, config};
use crate::store::Database;

const STEPS: usize = 250;
const CLIENTS: u32 = 12;

/// A server with two places for its leases, and what was done to it.
struct Play {
    link: Link,
    /// Which configurations keep their leases where: an even number in the first, an odd one in the second.
    databases: [Database; 2],
    server: Server,
    clients: Vec<Client>,
    /// The address that each client was offered last.
    offers: HashMap<Vec<u8>, Ipv4Addr>,
    /// The address that each client has asked for last: with that it gives up what it had.
    asked: HashMap<Vec<u8>, Ipv4Addr>,
    acknowledged: Vec<Reply>,
    sent: i64,
    threads: usize,
    /// The number of the configuration in effect, which is what it tells clients as the resolver's last byte.
    number: u8,
    former: Vec<Weak<Generation<Dhcp4<Simulated, Database>>>>,
    chance: Chance,
}

impl Play {
    fn new(seed: u64) -> Self {
        let (link, databases) = (Link::default(), [Database::new(), Database::new()]);
        let [first, second] = databases.clone();
        let open: Open<Database> =
            Arc::new(move |options| Ok(if options.path.is_none() { first.clone() } else { second.clone() }));
        let server = Server::start(&link, Ipv4Addr::new(192, 0, 2, 1), clock(), config(1, 2), open);
        Self {
            link,
            databases,
            server,
            clients: (0..CLIENTS).map(Client::new).collect(),
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
        client.xid += 1;
        let message = match self.offers.remove(&client.hwaddr) {
            Some(address) => {
                self.asked.insert(client.hwaddr.clone(), address);
                let request = client.request().address(OptionCode::REQUESTED_ADDRESS, address);
                request.address(OptionCode::SERVER_IDENTIFIER, self.server.address)
            }
            None => client.discover(),
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
        let mut wanted = config(threads, number);
        if number % 2 == 1 {
            let elsewhere = json!({"type": "memfile", "name": "elsewhere.csv"});
            wanted["Dhcp4"]["lease-database"] = elsewhere;
        }
        wanted
    }

    /// Takes the replies there are.
    fn collect(&mut self) {
        for reply in self.link.take() {
            match reply.kind {
                MessageType::OFFER => drop(self.offers.insert(reply.chaddr.clone(), reply.yiaddr)),
                MessageType::ACK => self.acknowledged.push(reply),
                _ => {}
            }
        }
    }

    /// What was acknowledged is kept, for who was told so, where the configuration keeps it. Only a client that has asked
    /// for another address since may have lost it, even if it was not answered.
    fn check_acknowledged(&self) {
        for ack in self.acknowledged.iter().filter(|ack| self.asked[&ack.chaddr] == ack.yiaddr) {
            let number = ack.dns.as_ref().expect("a configuration tells its number")[3];
            let lease = self.databases[usize::from(number % 2)].gate.inner().lease(ack.yiaddr);
            let lease = lease.unwrap_or_else(|| panic!("{ack:?} is not kept"));
            assert_eq!(lease.hwaddr.as_bytes(), ack.chaddr, "{ack:?}");
        }
    }

    /// All is well again, and everything comes to its end.
    fn settle(&mut self) {
        for database in &self.databases {
            database.unkept.store(false, SeqCst);
        }
        eventually("every message is in the books", || {
            self.databases.iter().for_each(Database::release);
            self.collect();
            (self.server.statistic("pkt4-received") == self.sent).then_some(())
        });
        eventually("former configurations and their workers are gone", || {
            self.server.hands.advance(Duration::from_secs(1));
            let gone = self.former.iter().all(|former| former.strong_count() == 0);
            (gone && self.server.threads() == self.threads).then_some(())
        });
        self.collect();
        let count = |name| self.server.statistic(name);
        // Every message was answered, or dropped for one of the reasons there were.
        assert_eq!(count("pkt4-sent") + count("pkt4-receive-drop"), self.sent);
        assert_eq!(count("pkt4-duplicate") + count("pkt4-processing-failed"), count("pkt4-receive-drop"));
        assert_eq!((self.link.unread(self.server.address), self.link.lost()), (0, 0));
    }
}

/// Whatever happens in whatever order: what is acknowledged is kept, no message is lost or counted twice, and nothing of
/// a former configuration stays.
#[test]
fn every_message_is_accounted_for() {
    let mut acknowledged = 0;
    for seed in 0..12 {
        let mut play = Play::new(seed);
        (0..STEPS).for_each(|_| play.step());
        play.settle();
        play.check_acknowledged();
        acknowledged += play.acknowledged.len();
    }
    assert!(acknowledged > 30, "only {acknowledged} leases: too little happened");
}

/// The end may come at any time, and what was acknowledged until then is kept.
#[test]
fn the_end_may_come_at_any_time() {
    for seed in 100..112 {
        let mut play = Play::new(seed);
        let steps = 20 + play.chance.below(STEPS);
        (0..steps).for_each(|_| play.step());
        play.server.stop();
        play.collect();
        play.check_acknowledged();
        let waiting = |database: &Database| database.gate.waiting().len();
        assert_eq!(play.databases.iter().map(waiting).sum::<usize>(), 0, "seed {seed}: an exchange goes on");
        assert_eq!(play.server.threads(), 0, "seed {seed}");
    }
}
