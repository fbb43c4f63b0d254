//! Measures what a message of DHCPv6 costs without sockets: intake, exchange, flush and report, with leases in memory and
//! no lease file.
//!
//! ```text
//! cargo run --release -p kotare-engine --example measure6          # everything
//! cargo run --release -p kotare-engine --example measure6 RENEW 500  # these messages alone, of 500 clients
//! ```
//!
//! The latter is for a profiler: `valgrind --tool=callgrind --toggle-collect='measure6::answer*'` counts the instructions.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::net::{Ipv6Addr, SocketAddrV6};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use kotare_engine::hooks::v6::Hooks6;
use kotare_engine::v4::Ports;
use kotare_engine::v6::{Outcome, Received, Sent, Server, report, statistics_layout};
use kotare_engine::{Leases, Leases6};
use kotare_model::{Arrival6, Duid, Timestamp};
use kotare_stats::{Counters6, Statistics6};
use kotare_store::LeaseStore;
use kotare_store_memfile::{Memfile6, Options};
use kotare_testkit::run;
use kotare_testkit::v6::{Client, Message, Relay, configured, relayed};
use kotare_wire::v6::{Index, Message as View, OptionCode};
use serde_json::json;

const CLIENTS: u32 = 20_000;
const ROUNDS: usize = 9;
const SERVER: &[u8] = &[0, 3, 0, 1, 2, 2, 2, 2, 2, 2];

type Store = Arc<Memfile6>;

struct World {
    server: Server,
    leases: Leases6<Store>,
    store: Store,
    counters: Counters6,
    now: Timestamp,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let (only, clients) = match &args[..] {
        [only, clients] => (only.as_str(), clients.parse()?),
        _ => ("", CLIENTS),
    };
    let mut world = world()?;
    let relay: Ipv6Addr = "2001:db8::1".parse()?;
    for prefixes in [false, true] {
        let message = |number: u32, message: Message| {
            let message = message.without(OptionCode::IA_NA).without(OptionCode::IA_PD);
            let message = message.option(OptionCode::IA_NA, &association(number));
            let with =
                if prefixes { message.option(OptionCode::IA_PD, &association(number)) } else { message };
            relayed(&with.bytes(), &Relay::new(relay, Client::new(number).address))
        };
        let all = |from: u32, make: &dyn Fn(&Client) -> Message| -> Vec<_> {
            (from..from + clients).map(|number| message(number, make(&Client::new(number)))).collect()
        };
        let of = if prefixes { "NA and PD" } else { "NA" };
        let solicits = all(0, &Client::solicit);
        let requests = all(0, &|client| client.request(SERVER, &[]));
        let renewals = all(0, &|client| client.renew(SERVER, &[]));
        if !prefixes {
            measure(&mut world, only, "SOLICIT, client new", of, &solicits);
        }
        answer_others(&world, &requests);
        measure(&mut world, only, "SOLICIT, client known", of, &solicits);
        measure(&mut world, only, "RENEW", of, &renewals);
    }
    Ok(())
}

/// An association without anything in it.
fn association(number: u32) -> Vec<u8> {
    [number.to_be_bytes(), [0; 4], [0; 4]].concat()
}

fn world() -> Result<World, Box<dyn std::error::Error>> {
    let config = Arc::new(configured(&json!({
        "valid-lifetime": 4000, "preferred-lifetime": 3000, "cache-threshold": 0.0,
        "subnet6": [{
            "id": 1, "subnet": "2001:db8::/48",
            "pools": [{"pool": "2001:db8:0:1::/64"}],
            "pd-pools": [{"prefix": "2001:db8:1000::", "prefix-len": 36, "delegated-len": 56}],
            "option-data": [{"name": "dns-servers", "data": "2001:db8::53"}],
        }],
    })));
    let store = Arc::new(Memfile6::open(Options::new(None, 1))?);
    let now = Timestamp(1_000_000);
    let since = Duration::from_secs(1_000_000);
    let statistics = Statistics6::new(TimeZone::UTC, since);
    let leases = Leases::new(store.clone(), statistics.worker());
    let layout = statistics_layout(&config);
    let prepared = statistics.prepare(&layout);
    let subnets: Vec<_> = layout.iter().filter_map(|subnet| prepared.subnet(subnet.id).cloned()).collect();
    let plan = run(leases.plan(&config, &subnets))?;
    statistics.publish(prepared, &[], since);
    let server = Server::new(config, plan, Ports::default(), Hooks6::default(), Duid::new(SERVER)?);
    Ok(World { server, leases, store, counters: statistics.worker(), now })
}

/// Prints what a message takes.
fn measure(world: &mut World, only: &str, what: &str, of: &str, messages: &[Vec<u8>]) {
    if !format!("{what}, {of}").contains(only) {
        return;
    }
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            world.now.0 += 1;
            let seconds = time();
            answer(world, messages);
            seconds() * 1e9 / messages.len() as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{what}, {of}: {:.0} ns, at best {:.0} ns", times[ROUNDS / 2], times[0]);
}

/// Brings messages to the server that are not measured.
#[inline(never)]
fn answer_others(world: &World, messages: &[Vec<u8>]) {
    serve(world, messages);
}

/// Brings messages to the server.
#[inline(never)]
fn answer(world: &World, messages: &[Vec<u8>]) {
    serve(world, messages);
}

#[inline(always)]
fn serve(world: &World, messages: &[Vec<u8>]) {
    let (mut reply, mut index) = ([0; 4096], Index::new());
    let relay: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
    let arrival = Arrival6 {
        ifindex: 7,
        local: relay,
        destination: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2),
        source: SocketAddrV6::new(relay, 547, 0, 0),
    };
    for datagram in messages {
        let received = Received { datagram, arrival, interface: "eth0" };
        let mut query = world.server.intake(&received, &mut index).expect("a relayed message");
        let message = View::new(datagram, &index).expect("it was just read");
        let exchange = world.server.exchange(&world.leases, message, &mut query, world.now, 1, &mut reply);
        let Poll::Ready(outcome) = pin!(exchange).poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("a store in memory makes nobody wait");
        };
        run(world.store.flush()).expect("a store in memory keeps all");
        assert!(matches!(outcome, Outcome::Reply(_)), "{outcome:?}");
        report(&world.server, &query, &outcome, &[], Sent::Done, &world.counters);
    }
}

#[expect(clippy::disallowed_methods, reason = "this program measures time")]
fn time() -> impl Fn() -> f64 {
    let start = Instant::now();
    move || start.elapsed().as_secs_f64()
}
