//! A server, its leases and a clock.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use kotare_config::v4::Config4;
use kotare_engine::Leases;
use kotare_engine::expire::{self, Reclaimed};
use kotare_engine::hooks::v4::Hooks4;
use kotare_engine::v4::{
    Outcome, Ports, Received, Rehearsed, ReplyKind, Sent, Server, report, report_refused, statistics_layout,
};
use kotare_model::{Arrival4, Departure4, Lease4, MacAddr, Reserved4, Timestamp};
use kotare_stats::{Counters4, Sampler4, Statistics4};
use kotare_store::{HostSources, LeaseStore};
use kotare_wire::v4::{Index, Message as View, OptionCode};

use crate::{Client, MemoryStore, Message, Task, run};

/// The server's own address, on interface `eth0`.
pub const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 254);

/// A server of a configuration, with its leases and statistics and a clock that begins at second 1 000 000.
#[derive(Debug)]
pub struct World<S = MemoryStore> {
    /// The lease store.
    pub store: S,
    /// The door to it.
    pub leases: Leases<S>,
    /// The server of the current configuration.
    pub server: Server,
    /// What time it is.
    pub now: Timestamp,
    /// What became of the last message.
    pub last: String,
    /// What messages are counted in.
    pub counters: Counters4,
    /// What becomes of replies.
    pub replies: Replies,
    /// Where reservations are besides the configuration.
    sources: HostSources<Reserved4>,
    statistics: Statistics4,
    seed: u64,
}

/// What becomes of the replies of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replies {
    /// They leave.
    Leave,
    /// The network does not take them.
    Fail,
    /// They are held back, as when the store cannot keep leases.
    Withheld,
}

/// What became of a message.
#[derive(Clone, Debug)]
pub struct Served {
    /// The reply, if there is one and it leaves.
    pub answer: Option<Answer>,
    /// The outcome, or why the message was refused.
    pub became: String,
}

/// How a message comes to the server.
#[derive(Clone, Copy, Debug)]
pub struct Via {
    /// IP source.
    pub source: Ipv4Addr,
    /// UDP source port.
    pub port: u16,
    /// IP destination.
    pub destination: Ipv4Addr,
    /// The address of the interface it comes in on.
    pub local: Ipv4Addr,
    /// The link-layer sender.
    pub mac: Option<MacAddr>,
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where it goes.
    pub departure: Departure4,
    /// What it is.
    pub kind: ReplyKind,
    index: Index,
}

impl Via {
    /// From a client without an address, to all.
    pub const BROADCAST: Self = Self {
        source: Ipv4Addr::UNSPECIFIED,
        port: 68,
        destination: Ipv4Addr::BROADCAST,
        local: SERVER,
        mac: Some([2, 0, 0, 0, 0, 0xcc]),
    };

    /// From a client with an address, to the server alone.
    pub fn unicast(source: Ipv4Addr) -> Self {
        Self { source, destination: SERVER, ..Self::BROADCAST }
    }

    /// From a client with an address, to all.
    pub fn broadcast(source: Ipv4Addr) -> Self {
        Self { source, ..Self::BROADCAST }
    }

    /// From a relay, to the server alone.
    pub fn relay(relay: Ipv4Addr) -> Self {
        Self { source: relay, port: 67, destination: SERVER, ..Self::BROADCAST }
    }

    /// A datagram that came so.
    fn received(self, datagram: &[u8]) -> Received<'_> {
        let arrival = Arrival4 {
            ifindex: 7,
            local: self.local,
            destination: self.destination,
            source: SocketAddrV4::new(self.source, self.port),
            source_mac: self.mac,
            destination_mac: self.mac.map(|_| [0xff; 6]),
        };
        Received { datagram, arrival, interface: "eth0", mtu: 1500, listening: &[SERVER] }
    }
}

impl World {
    /// A server of this configuration without leases.
    pub fn new(config: Config4) -> Self {
        Self::with_store(config, MemoryStore::new())
    }
}

impl<S: LeaseStore<Lease4> + Clone> World<S> {
    /// A server of this configuration with the leases of `store`.
    pub fn with_store(config: Config4, store: S) -> Self {
        let now = Timestamp(1_000_000);
        let statistics = Statistics4::new(TimeZone::UTC, since_epoch(now));
        let counters = statistics.worker();
        let leases = Leases::new(store.clone(), statistics.worker());
        let server = prepare(&store, &leases, &statistics, config, Hooks4::default(), now);
        let (last, replies) = (String::new(), Replies::Leave);
        let sources = HostSources::default();
        Self { store, leases, server, now, last, statistics, counters, replies, sources, seed: 0 }
    }

    /// Goes on with another configuration, without modules.
    pub fn reconfigure(&mut self, config: Config4) {
        self.load(config, Hooks4::default());
    }

    /// Goes on with reservations that are looked for besides those of the configuration.
    pub fn look_in(&mut self, sources: HostSources<Reserved4>) {
        self.sources = sources;
        self.hook(self.server.hooks().clone());
    }

    /// Goes on with these modules.
    pub fn hook(&mut self, hooks: Hooks4) {
        self.load((**self.server.config()).clone(), hooks);
    }

    fn load(&mut self, config: Config4, hooks: Hooks4) {
        let server = prepare(&self.store, &self.leases, &self.statistics, config, hooks, self.now);
        self.server = server.with_hosts(self.sources.clone());
    }

    /// Lets time pass.
    pub fn pass(&mut self, seconds: i64) {
        self.now.0 += seconds;
    }

    /// Brings a message to the server; the reply, if there is one and it leaves.
    pub fn send(&mut self, message: &Message, via: Via) -> Option<Answer> {
        self.send_bytes(&message.bytes(), via)
    }

    /// Brings any bytes to the server.
    pub fn send_bytes(&mut self, bytes: &[u8], via: Via) -> Option<Answer> {
        self.seed += 1;
        let served = run(self.serve(bytes.to_vec(), via, self.seed));
        self.last = served.became;
        served.answer
    }

    /// Asks the server what would become of a message.
    pub fn rehearse(&self, message: &Message, via: Via) -> Rehearsed {
        let (bytes, mut reply) = (message.bytes(), [0; 4096]);
        let received = via.received(&bytes);
        run(self.server.rehearse(&self.leases, &received, &[], self.now, 1, &mut reply))
    }

    /// Brings a message to the server, and leaves it to the test when its exchange goes on after it had to wait.
    pub fn start<'w>(&'w self, message: &Message, via: Via) -> Task<'w, Served> {
        Task::start(self.serve(message.bytes(), via, message.xid.into()))
    }

    async fn serve(&self, bytes: Vec<u8>, via: Via, seed: u64) -> Served {
        let received = via.received(&bytes);
        self.server.received(&received);
        let mut index = Index::new();
        let mut query = match self.server.intake(&received, &mut index) {
            Ok(query) => query,
            Err(refused) => {
                report_refused(&refused, &self.counters);
                return Served { answer: None, became: format!("{:?}", refused.reason) };
            }
        };
        let mut buffer = [0; 4096];
        let message = View::new(&bytes, &index).expect("it was just read");
        let exchange = self.server.exchange(&self.leases, message, &mut query, self.now, seed, &mut buffer);
        let outcome = exchange.await;
        let unplugged = io::Error::from(io::ErrorKind::NetworkDown);
        let sent = match self.replies {
            Replies::Leave => Sent::Done,
            Replies::Fail => Sent::Failed(&unplugged),
            Replies::Withheld => Sent::Withheld,
        };
        let len = if let Outcome::Reply(reply) = &outcome { reply.len } else { 0 };
        report(&self.server, &query, &outcome, &buffer[..len], sent, &self.counters);
        let answer = match &outcome {
            Outcome::Reply(reply) if self.replies == Replies::Leave => {
                Some(Answer::new(&buffer[..reply.len], reply.departure, reply.kind))
            }
            _ => None,
        };
        Served { answer, became: format!("{outcome:?}") }
    }

    /// A client on the link gets a lease: DHCPDISCOVER, DHCPOFFER, DHCPREQUEST, DHCPACK. Its address, or `None` if
    /// it gets none.
    pub fn lease(&mut self, client: &Client) -> Option<Ipv4Addr> {
        let offer = self.send(&client.discover(), Via::BROADCAST)?;
        let reply = self.send(&client.select(&offer), Via::BROADCAST)?;
        (reply.kind == ReplyKind::Ack).then(|| reply.yiaddr())
    }

    /// Reclaims expired leases, as the server does from time to time.
    pub fn reclaim(&mut self) -> Reclaimed {
        let settings = &self.server.config().process.expired_leases;
        let modules = &self.server.hooks().lease4_expire;
        run(expire::reclaim(&self.leases, settings, modules, self.now, || Duration::ZERO))
            .expect("the store works")
    }

    /// Removes leases that were reclaimed long enough ago.
    pub fn remove_reclaimed(&mut self) -> usize {
        let settings = &self.server.config().process.expired_leases;
        run(expire::remove_reclaimed(&self.leases, settings, self.now)).expect("the store works")
    }

    /// What takes samples of [`World::counters`], as a worker does.
    pub fn sampler(&self) -> Sampler4 {
        self.statistics.sampler(&self.counters)
    }

    /// The value of a statistic by Kea's name.
    ///
    /// # Panics
    /// If there is no such statistic.
    pub fn stat(&self, name: &str) -> i64 {
        let found = self.statistics.get(name, since_epoch(self.now));
        let found: serde_json::Value = serde_json::from_str(&found).unwrap_or_default();
        found[name][0][0].as_i64().unwrap_or_else(|| panic!("there is no statistic {name}: {found}"))
    }
}

fn prepare<S: LeaseStore<Lease4>>(
    store: &S,
    leases: &Leases<S>,
    statistics: &Statistics4,
    config: Config4,
    hooks: Hooks4,
    now: Timestamp,
) -> Server {
    let layout = statistics_layout(&config);
    let prepared = statistics.prepare(&layout);
    let subnets: Vec<_> = layout.iter().filter_map(|subnet| prepared.subnet(subnet.id).cloned()).collect();
    let plan = run(leases.plan(&config, &subnets)).expect("the store works");
    let tallies = run(store.tally()).expect("the store works");
    statistics.publish(prepared, &tallies, since_epoch(now));
    Server::new(Arc::new(config), plan, Ports::default(), hooks)
}

fn since_epoch(now: Timestamp) -> Duration {
    Duration::from_secs(now.0.unsigned_abs())
}

impl Answer {
    /// A reply.
    ///
    /// # Panics
    /// If it is no message.
    pub fn new(bytes: &[u8], departure: Departure4, kind: ReplyKind) -> Self {
        let mut index = Index::new();
        index.read(bytes).expect("a server's reply is a message");
        Self { bytes: bytes.to_vec(), departure, kind, index }
    }

    /// A view of the message.
    ///
    /// # Panics
    /// If its bytes were changed.
    pub fn view(&self) -> View<'_> {
        View::new(&self.bytes, &self.index).expect("the bytes are those that were read")
    }

    /// The address offered or given.
    pub fn yiaddr(&self) -> Ipv4Addr {
        self.view().yiaddr()
    }

    /// The value of an option.
    pub fn option(&self, code: OptionCode) -> Option<Vec<u8>> {
        self.view().option(code).map(|value| value.bytes().collect())
    }

    /// The value of an option that is a number of four bytes.
    pub fn number(&self, code: OptionCode) -> Option<u32> {
        self.view().option(code)?.u32()
    }

    /// The codes of its options, in order.
    pub fn codes(&self) -> Vec<u8> {
        self.view().options().map(|(code, _)| code.0).collect()
    }
}
