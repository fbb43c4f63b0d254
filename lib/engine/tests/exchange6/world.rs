//! A server, its leases and a clock.

use std::net::{Ipv6Addr, SocketAddrV6};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use jiff::tz::TimeZone;
use kotare_config::v6::{Config6, FILE};
use kotare_config::{Input, read};
use kotare_engine::hooks::v6::Hooks6;
use kotare_engine::v4::{Ports, Sent};
use kotare_engine::v6::{
    Outcome, Received, Rehearsed, Reply, Server, report, report_refused, statistics_layout,
};
use kotare_engine::{Leases, Leases6};
use kotare_expr::ClassId;
use kotare_model::{Arrival6, Departure6, Duid, Lease6, LeaseType, Reserved6, Timestamp};
use kotare_stats::{Counters6, Statistics6};
use kotare_store::{HostSources, LeaseStore};
use kotare_testkit::{MemoryStore6, Task, run};
use kotare_wire::v6::{Index, Message};
use serde_json::{Value, json};

use crate::told::{Ask, SERVER_ID, told};

/// A server of a configuration, with its leases and a clock that begins at second 1 000 000.
pub(crate) struct World<S = MemoryStore6> {
    pub(crate) store: S,
    pub(crate) leases: Leases6<S>,
    pub(crate) server: Server,
    statistics: Statistics6,
    counters: Counters6,
    text: Value,
    pub(crate) now: Timestamp,
    seed: u64,
    /// Whom messages come from.
    pub(crate) source: Ipv6Addr,
    /// How long a reply may be.
    pub(crate) room: usize,
}

/// A reply.
pub(crate) struct Served {
    pub(crate) bytes: Vec<u8>,
    pub(crate) departure: Departure6,
}

/// A configuration with one subnet, 2001:db8:1::/64 on `eth0`, in which these parameters hold, and without lease
/// caching. With `null` one is not written.
pub(crate) fn config(parameters: Value) -> Value {
    let mut subnet = json!({
        "id": 1,
        "subnet": "2001:db8:1::/64",
        "interface": "eth0",
        "preferred-lifetime": 3000,
        "valid-lifetime": 4000,
        "renew-timer": 1000,
        "rebind-timer": 2000,
        "cache-threshold": 0.0,
        "pools": [{ "pool": "2001:db8:1::10 - 2001:db8:1::1f" }],
        "pd-pools": [{ "prefix": "2001:db8:f000::", "prefix-len": 40, "delegated-len": 56 }],
    });
    extend(&mut subnet, parameters);
    json!({ "Dhcp6": { "interfaces-config": { "interfaces": ["eth0"] }, "subnet6": [subnet] } })
}

/// A configuration with these subnets in a network on `eth0`, and what else there is.
pub(crate) fn shared(subnets: Value, more: Value) -> Value {
    let mut dhcp6 = json!({
        "interfaces-config": { "interfaces": ["eth0"] },
        "preferred-lifetime": 3000,
        "valid-lifetime": 4000,
        "renew-timer": 1000,
        "rebind-timer": 2000,
        "cache-threshold": 0.0,
        "shared-networks": [{ "name": "net", "interface": "eth0", "subnet6": subnets }],
    });
    extend(&mut dhcp6, more);
    json!({ "Dhcp6": dhcp6 })
}

fn extend(map: &mut Value, more: Value) {
    let map = map.as_object_mut().unwrap();
    for (name, value) in more.as_object().unwrap().clone() {
        match value {
            Value::Null => drop(map.remove(&name)),
            value => drop(map.insert(name, value)),
        }
    }
}

/// The DUID of a client, as reservations have it.
pub(crate) fn duid(client: u8) -> String {
    format!("00:03:00:01:02:00:00:00:00:{client:02x}")
}

fn resolved(text: &Value) -> Arc<Config6> {
    let read = read::<Config6>(Input::Command("test", text), &FILE);
    Arc::new(read.unwrap_or_else(|refused| panic!("{refused}")).config)
}

impl World {
    /// A server of this configuration without leases.
    pub(crate) fn new(text: Value) -> Self {
        Self::with_hooks(text, Hooks6::default())
    }

    /// The same with modules.
    pub(crate) fn with_hooks(text: Value, hooks: Hooks6) -> Self {
        Self::with_store(MemoryStore6::new(), text, hooks)
    }

    /// The same with reservations that are looked for besides those of the configuration.
    pub(crate) fn looking_in(self, sources: HostSources<Reserved6>) -> Self {
        Self { server: self.server.with_hosts(sources), ..self }
    }

    /// The same on another interface.
    pub(crate) fn moved(&self, interface: &str) -> Self {
        let mut text = self.text.clone();
        text["Dhcp6"]["subnet6"][0]["interface"] = json!(interface);
        Self::new(text)
    }

    /// All leases, by address: what of, whose, where and in which state.
    pub(crate) fn leases(&self) -> Vec<String> {
        self.store.all().into_iter().map(shown).collect()
    }

    /// What the leases say of names, by address.
    pub(crate) fn names(&self) -> Vec<String> {
        let text = |lease: Lease6| {
            let mut name = lease.hostname.to_string();
            name.push_str(if lease.fqdn_fwd { " fwd" } else { "" });
            name.push_str(if lease.fqdn_rev { " rev" } else { "" });
            name
        };
        self.store.all().into_iter().map(text).collect()
    }

    /// How many leases somebody holds.
    pub(crate) fn held(&self) -> usize {
        self.store.all().iter().filter(|lease| lease.held(self.now)).count()
    }
}

impl<S: LeaseStore<Lease6> + Clone> World<S> {
    /// A server of this configuration with modules and the leases of a store.
    pub(crate) fn with_store(store: S, text: Value, hooks: Hooks6) -> Self {
        let now = Timestamp(1_000_000);
        let statistics = Statistics6::new(TimeZone::UTC, since_epoch(now));
        let leases = Leases::new(store.clone(), statistics.worker());
        let server = server(&leases, &statistics, &text, hooks);
        let (source, counters) = ("fe80::c1".parse().unwrap(), statistics.worker());
        Self { store, leases, server, statistics, counters, text, now, seed: 0, source, room: 4096 }
    }

    /// Goes on with another configuration.
    pub(crate) fn reconfigure(&mut self, text: Value) {
        self.server = server(&self.leases, &self.statistics, &text, Hooks6::default());
        self.text = text;
    }

    /// Goes on with these parameters of affinity.
    pub(crate) fn expiry(&mut self, flush: u32, hold: u32) {
        let mut text = self.text.clone();
        text["Dhcp6"]["expired-leases-processing"] =
            json!({ "flush-reclaimed-timer-wait-time": flush, "hold-reclaimed-time": hold });
        self.reconfigure(text);
    }

    /// Time goes by.
    pub(crate) fn pass(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
    }

    /// The reply to a message in words, or what became of it.
    pub(crate) fn ask(&mut self, ask: &Ask) -> String {
        match self.outcome(&ask.bytes()) {
            Ok(served) => told(&served.bytes),
            Err(became) => became,
        }
    }

    /// What became of a message that is not answered.
    pub(crate) fn outcome_only(&mut self, ask: &Ask) -> String {
        self.outcome(&ask.bytes()).err().expect("no answer")
    }

    /// The reply to a message.
    pub(crate) fn send(&mut self, ask: &Ask) -> Option<Served> {
        self.outcome(&ask.bytes()).ok()
    }

    /// The reply to a datagram, or what became of it: silent or dropped.
    pub(crate) fn outcome(&mut self, datagram: &[u8]) -> Result<Served, String> {
        self.seed += 1;
        run(self.serve(datagram.to_vec(), self.seed))
    }

    /// Brings a message to the server, and leaves it to the test when its exchange goes on after it had to wait.
    pub(crate) fn start<'w>(&'w self, ask: &Ask) -> Task<'w, String> {
        let bytes = ask.bytes();
        Task::start(async move {
            match self.serve(bytes, 1).await {
                Ok(served) => told(&served.bytes),
                Err(became) => became,
            }
        })
    }

    async fn serve(&self, datagram: Vec<u8>, seed: u64) -> Result<Served, String> {
        let received = Received { datagram: &datagram, arrival: self.arrival(), interface: "eth0" };
        let mut index = Index::new();
        let mut query = match self.server.intake(&received, &mut index) {
            Ok(query) => query,
            Err(refused) => {
                report_refused(&self.server, &refused, &self.counters);
                return Err(format!("refused {:?}", refused.reason));
            }
        };
        let message = Message::new(&datagram, &index).unwrap();
        let mut reply = vec![0; self.room];
        let outcome =
            self.server.exchange(&self.leases, message, &mut query, self.now, seed, &mut reply).await;
        let flushed = self.store.flush().await;
        assert!(flushed.is_ok() || !matches!(outcome, Outcome::Reply(_)));
        let len = if let Outcome::Reply(reply) = &outcome { reply.len } else { 0 };
        report(&self.server, &query, &outcome, &reply[..len], Sent::Done, &self.counters);
        match outcome {
            Outcome::Reply(Reply { len, departure, .. }) => {
                reply.truncate(len);
                Ok(Served { bytes: reply, departure })
            }
            Outcome::PassedOn(len) => Err(format!("passed on {len} bytes")),
            Outcome::Silent(why) => Err(format!("silent {why:?}")),
            Outcome::Dropped(why) => Err(format!("dropped {why:?}")),
        }
    }

    /// What would become of the message that is asked next, in words, and how that is decided.
    pub(crate) fn rehearse(&self, ask: &Ask, assumed: &[ClassId]) -> (String, Rehearsed) {
        let datagram = ask.bytes();
        let received = Received { datagram: &datagram, arrival: self.arrival(), interface: "eth0" };
        let mut reply = vec![0; self.room];
        let (leases, now, seed) = (&self.leases, self.now, self.seed + 1);
        let rehearsed = run(self.server.rehearse(leases, &received, assumed, now, seed, &mut reply));
        let text = match &rehearsed.outcome {
            Ok(Outcome::Reply(Reply { len, .. })) => told(&reply[..*len]),
            Ok(Outcome::PassedOn(len)) => format!("passed on {len} bytes"),
            Ok(Outcome::Silent(why)) => format!("silent {why:?}"),
            Ok(Outcome::Dropped(why)) => format!("dropped {why:?}"),
            Err(refused) => format!("refused {:?}", refused.reason),
        };
        (text, rehearsed)
    }

    /// The value of a statistic.
    pub(crate) fn stat(&self, name: &str) -> i64 {
        let found = self.statistics.get(name, since_epoch(self.now));
        let found: Value = serde_json::from_str(&found).unwrap_or_default();
        found[name][0][0].as_i64().unwrap_or_else(|| panic!("there is no statistic {name}: {found}"))
    }

    /// What came of a datagram that was sent to this address, or why it was refused, with the buffer for its reply.
    pub(crate) fn exchange(
        &mut self,
        datagram: &[u8],
        destination: Ipv6Addr,
    ) -> (Result<Outcome, String>, Vec<u8>) {
        let arrival = Arrival6 { destination, ..self.arrival() };
        let received = Received { datagram, arrival, interface: "eth0" };
        let (mut index, mut reply) = (Index::new(), vec![0; self.room]);
        let mut query = match self.server.intake(&received, &mut index) {
            Ok(query) => query,
            Err(refused) => return (Err(format!("refused {:?}", refused.reason)), reply),
        };
        let message = Message::new(datagram, &index).unwrap();
        self.seed += 1;
        let (leases, now, seed) = (&self.leases, self.now, self.seed);
        let outcome = run(self.server.exchange(leases, message, &mut query, now, seed, &mut reply));
        (Ok(outcome), reply)
    }

    /// How many allocations intake, exchange, flush and report of a message make, which is answered. The exchange is ready
    /// at the first poll.
    pub(crate) fn allocations(&mut self, ask: &Ask) -> u64 {
        let datagram = ask.bytes();
        let arrival = self.arrival();
        let received = Received { datagram: &datagram, arrival, interface: "eth0" };
        let (mut reply, mut index) = ([0; 4096], Index::new());
        let (server, leases, now) = (&self.server, &self.leases, self.now);
        let (store, counters) = (&self.store, &self.counters);
        let mut answered = false;
        let counted = allocation_counter::measure(|| {
            let mut query = server.intake(&received, &mut index).unwrap();
            let message = Message::new(&datagram, &index).unwrap();
            let exchange = server.exchange(leases, message, &mut query, now, 1, &mut reply);
            let Poll::Ready(outcome) = pin!(exchange).poll(&mut Context::from_waker(Waker::noop())) else {
                panic!("a store in memory makes nobody wait");
            };
            assert!(run(store.flush()).is_ok());
            report(server, &query, &outcome, &[], Sent::Done, counters);
            answered = matches!(outcome, Outcome::Reply(_));
        });
        assert!(answered);
        counted.count_total
    }

    fn arrival(&self) -> Arrival6 {
        Arrival6 {
            ifindex: 2,
            local: "fe80::53".parse().unwrap(),
            destination: "ff02::1:2".parse().unwrap(),
            source: SocketAddrV6::new(self.source, 40_000, 0, 2),
        }
    }
}

/// A lease in words.
pub(crate) fn shown(lease: Lease6) -> String {
    let client = match lease.duid.is_empty() {
        true => "nobody".to_owned(),
        false => format!("client {}", lease.duid.as_bytes().last().unwrap()),
    };
    let len =
        if lease.lease_type == LeaseType::Pd { format!("/{}", lease.prefix_len) } else { String::new() };
    let (kind, iaid, state) = (lease.lease_type.name(), lease.iaid, lease.state.name());
    format!("{}{len} {kind} {iaid} {client} in {} {state}", lease.address, lease.subnet_id)
}

fn since_epoch(now: Timestamp) -> Duration {
    Duration::from_secs(now.0.unsigned_abs())
}

fn server<S: LeaseStore<Lease6>>(
    leases: &Leases6<S>,
    statistics: &Statistics6,
    text: &Value,
    hooks: Hooks6,
) -> Server {
    let config = resolved(text);
    let layout = statistics_layout(&config);
    let prepared = statistics.prepare(&layout);
    let subnets: Vec<_> = layout.iter().filter_map(|subnet| prepared.subnet(subnet.id).cloned()).collect();
    let plan = run(leases.plan(&config, &subnets)).unwrap();
    let tallies = run(leases.store().tally()).unwrap();
    statistics.publish(prepared, &tallies, since_epoch(Timestamp(1_000_000)));
    Server::new(config, plan, Ports::default(), hooks, Duid::new(&SERVER_ID).unwrap())
}
