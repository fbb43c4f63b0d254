//! Measures what a message costs without sockets: intake, exchange and report, in batches as a worker does it, with
//! leases in memory and no lease file; and with the samples of statistics that a worker takes, one for a batch under load
//! and one for each message that comes alone. And what classes and reservations cost it.
//!
//! ```text
//! cargo run --release -p kotare-engine --example measure             # everything
//! cargo run --release -p kotare-engine --example measure classes 500  # what is configured so, with 500 clients
//! ```
//!
//! The latter is for a profiler: `valgrind --tool=callgrind --toggle-collect='measure::answer*'` counts the instructions.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::net::{Ipv4Addr, SocketAddrV4};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use kotare_engine::hooks::Cause;
use kotare_engine::v4::{Outcome, Query4, Received, Sent, report};
use kotare_model::{Arrival4, ClientId, HwAddr, Lease4, LeaseState, Lifetime, SubnetId};
use kotare_store::{Change, LeaseStore};
use kotare_store_memfile::{Memfile4, Options};
use kotare_testkit::{Client, Config, Message, SERVER, Subnet, Via, World, configured, option, relayed, run};
use kotare_wire::v4::{Index, Message as View, OptionCode};
use serde_json::{Value, json};

/// How many messages are answered together.
const BATCH: usize = 64;
const CLIENTS: u32 = 20_000;
const ROUNDS: usize = 9;
/// Whose hardware address shows many identifiers.
const COLLECTOR: u32 = 9_999_999;
/// How many.
const COLLECTED: u32 = 500_000;
const RELAY: Ipv4Addr = Ipv4Addr::new(10, 255, 0, 1);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    if let [only, clients] = &args[..] {
        return measure_all_configured(only, clients.parse()?);
    }
    let subnet =
        Subnet::new(1, "10.0.0.0/8").pool("10.0.0.1", "10.3.255.254").option(option(3, &[10, 0, 0, 1]));
    let store = Arc::new(Memfile4::open(Options::new(None, 1))?);
    let mut world = World::with_store(Config::new().subnet(subnet).build(), store);
    let mut leased = Vec::new();
    for number in 0..CLIENTS {
        let offer = send(&mut world, client(number).discover()).ok_or("no offer")?;
        let given = send(&mut world, client(number).select(&offer)).ok_or("no acknowledgement")?;
        leased.push(given.yiaddr());
    }
    let bytes = |message: Message| relayed(message, RELAY, &[]).bytes();
    let known: Vec<_> = (0..CLIENTS).map(|number| bytes(client(number).discover())).collect();
    let new: Vec<_> = (CLIENTS..2 * CLIENTS).map(|number| bytes(client(number).discover())).collect();
    let renewals: Vec<_> = (0..).zip(&leased).map(|(number, at)| bytes(client(number).renew(*at))).collect();
    measure(&mut world, "DISCOVER, client known", &known);
    measure(&mut world, "DISCOVER, client new", &new);
    measure(&mut world, "renewal", &renewals);
    measure_sampled(&mut world, "renewal, batches sampled", &renewals, Some(BATCH));
    measure_sampled(&mut world, "renewal, each sampled", &renewals, Some(1));

    let collected: Vec<_> = (0..COLLECTED).map(|number| collect(&world, number)).collect::<Result<_, _>>()?;
    let known: Vec<_> = (0..CLIENTS).map(|number| bytes(collector(number).discover())).collect();
    let new: Vec<_> =
        (COLLECTED..COLLECTED + CLIENTS).map(|number| bytes(collector(number).discover())).collect();
    let nameless = vec![bytes(Client::new(COLLECTOR).discover()); CLIENTS as usize];
    let renewals: Vec<_> =
        (0..CLIENTS).zip(&collected).map(|(number, at)| bytes(collector(number).renew(*at))).collect();
    println!("of a hardware address with {COLLECTED} leases, each with another client identifier:");
    measure(&mut world, "DISCOVER, identifier known", &known);
    measure(&mut world, "DISCOVER, identifier new", &new);
    measure(&mut world, "DISCOVER, no identifier", &nameless);
    measure(&mut world, "renewal", &renewals);
    drop(world);
    measure_all_configured("", CLIENTS)
}

/// Prints what a message takes with the configurations whose name contains this.
fn measure_all_configured(only: &str, clients: u32) -> Result<(), Box<dyn std::error::Error>> {
    let reservations = |from: u32| (from..from + 100_000).map(reservation).collect::<Value>();
    let classes = (0..100).map(class).collect::<Value>();
    for (what, more) in [
        ("nothing else configured", json!({})),
        ("100 classes", json!({"client-classes": classes})),
        ("reservations for 100 000 others", json!({"reservations": reservations(3 * CLIENTS)})),
        ("reservations for all", json!({"reservations": reservations(0)})),
    ] {
        if what.contains(only) {
            measure_configured(what, &more, clients)?;
        }
    }
    Ok(())
}

/// Prints what a message takes of clients that show a vendor class, behind a relay that shows a circuit, with `more` in the
/// configuration.
fn measure_configured(what: &str, more: &Value, clients: u32) -> Result<(), Box<dyn std::error::Error>> {
    let mut dhcp4 = json!({"valid-lifetime": 4000, "cache-threshold": 0.0, "subnet4": [{
        "id": 1, "subnet": "10.0.0.0/8", "pools": [{"pool": "10.0.0.1 - 10.3.255.254"}],
        "option-data": [{"name": "routers", "data": "10.0.0.1"}],
    }]});
    dhcp4["client-classes"] = more.get("client-classes").cloned().unwrap_or(json!([]));
    dhcp4["subnet4"][0]["reservations"] = more.get("reservations").cloned().unwrap_or(json!([]));
    let store = Arc::new(Memfile4::open(Options::new(None, 1))?);
    let mut world = World::with_store(configured(&dhcp4), store);
    println!("{what}:");
    let described =
        |message: Message| relayed(message.option(OptionCode(60), b"MSFT 5.0"), RELAY, b"\x01\x04e0/1");
    let new: Vec<_> = (0..clients).map(|number| described(client(number).discover()).bytes()).collect();
    measure(&mut world, "DISCOVER, client new", &new);
    let mut renewals = Vec::new();
    for number in 0..clients {
        let offer = send(&mut world, client(number).discover()).ok_or("no offer")?;
        let given = send(&mut world, client(number).select(&offer)).ok_or("no acknowledgement")?;
        renewals.push(described(client(number).renew(given.yiaddr())).bytes());
    }
    measure(&mut world, "DISCOVER, client known", &new);
    measure(&mut world, "renewal", &renewals);
    Ok(())
}

/// A class as in the benchmark: nearly all look at something that is there and find something else.
fn class(number: usize) -> Value {
    let test = match number % 10 {
        0 => format!("substring(option[60].hex, 0, 9) == 'PXEClient' and option[93].hex == 0x{number:04x}"),
        1 => format!("option[60].text == 'vendor {number}'"),
        2 => format!("substring(pkt4.mac, 0, 3) == 0x02aa{number:02x}"),
        3 => format!("option[77].text == 'floor-{number}' or option[77].text == 'lab-{number}'"),
        4 => format!("relay4[1].hex == 'e0/{number}' and pkt4.giaddr == {RELAY}"),
        5 => format!("option[12].exists and substring(option[12].hex, 0, 5) == 'pc-{number:02}'"),
        6 => format!("member('KNOWN') and not member('class-{}')", number - 1),
        7 => "pkt4.msgtype == 8 and option[55].exists".to_owned(),
        8 => format!("ifelse(option[61].exists, option[61].hex, pkt4.mac) == 0x0102000000{number:04x}"),
        _ => format!("concat(relay4[1].hex, option[60].hex) == 'e0/{number}MSFT 5.0'"),
    };
    json!({"name": format!("class-{number}"), "test": test, "option-data": [{"name": "ntp-servers", "data": "10.0.0.4"}]})
}

/// An address outside the pool for a client.
fn reservation(number: u32) -> Value {
    let Client { hwaddr, .. } = client(number);
    let hwaddr: Vec<_> = hwaddr.iter().map(|byte| format!("{byte:02x}")).collect();
    let address = Ipv4Addr::from_bits(u32::from(Ipv4Addr::new(10, 64, 0, 1)) + number);
    json!({"hw-address": hwaddr.join(":"), "ip-address": address})
}

/// Prints what a message takes.
fn measure<S: LeaseStore<Lease4> + Clone>(world: &mut World<S>, what: &str, messages: &[Vec<u8>]) {
    measure_sampled(world, what, messages, None);
}

/// The same with a sample of statistics after each `sampled` messages.
fn measure_sampled<S: LeaseStore<Lease4> + Clone>(
    world: &mut World<S>,
    what: &str,
    messages: &[Vec<u8>],
    sampled: Option<usize>,
) {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            world.pass(1);
            let seconds = time();
            answer(world, messages, sampled);
            seconds() * 1e9 / messages.len() as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{what}: {:.0} ns, at best {:.0} ns", times[ROUNDS / 2], times[0]);
}

/// One of the many identifiers of one hardware address.
fn collector(number: u32) -> Client {
    Client::new(COLLECTOR).with_id(&[&[0xff], &number.to_be_bytes()[..]].concat())
}

/// Its lease.
fn collect<S: LeaseStore<Lease4> + Clone>(
    world: &World<S>,
    number: u32,
) -> Result<Ipv4Addr, Box<dyn std::error::Error>> {
    let client = collector(number);
    let lease = Lease4 {
        address: Ipv4Addr::from_bits(u32::from(Ipv4Addr::new(10, 1, 0, 0)) + number),
        hwaddr: HwAddr::new(HwAddr::ETHERNET, &client.hwaddr)?,
        client_id: client.id.as_deref().map(ClientId::new).transpose()?,
        valid_lifetime: Lifetime(4000),
        cltt: world.now,
        subnet_id: SubnetId(1),
        fqdn_fwd: false,
        fqdn_rev: false,
        hostname: "".into(),
        state: LeaseState::Assigned,
        user_context: None,
        pool_id: 0,
    };
    let change = Change { address: lease.address, from: None, to: Some(&lease) };
    run(world.leases.put(change, Cause::Command, world.now))?;
    Ok(lease.address)
}

fn client(number: u32) -> Client {
    let [_, a, b, c] = number.to_be_bytes();
    Client::new(number).with_id(&[1, 2, 0, 0, a, b, c])
}

fn send<S: LeaseStore<Lease4> + Clone>(
    world: &mut World<S>,
    message: Message,
) -> Option<kotare_testkit::Answer> {
    world.send(&relayed(message, RELAY, &[]), Via::relay(RELAY))
}

/// Brings messages to the server in batches; the bytes of a batch, its indexes and replies lie side by side. A sample is
/// taken of each `sampled` messages.
#[inline(never)]
fn answer<S: LeaseStore<Lease4> + Clone>(world: &World<S>, messages: &[Vec<u8>], sampled: Option<usize>) {
    let (mut sampler, mut second) = (world.sampler(), 0);
    let mut rooms = vec![(Index::new(), [0; 2048]); BATCH];
    let mut done: Vec<(Query4, Outcome)> = Vec::with_capacity(BATCH);
    let source = SocketAddrV4::new(RELAY, 67);
    let arrival = Arrival4 {
        ifindex: 7,
        local: SERVER,
        destination: SERVER,
        source,
        source_mac: None,
        destination_mac: None,
    };
    for batch in messages.chunks(BATCH) {
        for (datagram, (index, reply)) in batch.iter().zip(&mut rooms) {
            let received = Received { datagram, arrival, interface: "eth0", mtu: 1500, listening: &[SERVER] };
            let mut query = world.server.intake(&received, index).expect("a relayed message");
            let message = View::new(datagram, index).expect("it was just read");
            let exchange = world.server.exchange(&world.leases, message, &mut query, world.now, 1, reply);
            let Poll::Ready(outcome) = pin!(exchange).poll(&mut Context::from_waker(Waker::noop())) else {
                panic!("a store in memory makes nobody wait");
            };
            done.push((query, outcome));
        }
        for (nth, (query, outcome)) in done.drain(..).enumerate() {
            report(&world.server, &query, &outcome, &[], Sent::Done, &world.counters);
            if sampled.is_some_and(|sampled| (nth + 1) % sampled == 0) {
                second += 1;
                sampler.sample(Duration::from_secs(second));
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this program measures time")]
fn time() -> impl Fn() -> f64 {
    let start = Instant::now();
    move || start.elapsed().as_secs_f64()
}
