//! Exchanges a second and their latency, under a load that never pauses.

use serde_json::Value;

use super::figures::{Figure, Readings};
use super::leases;
use super::process::cpu;
use super::protocol::Protocol;
use super::stage::{Act, Contender};
use crate::run::Done;

/// What the clients do, and how the server is set.
pub(crate) struct Steps {
    /// How many exchanges are always under way.
    pub(super) in_flight: u32,
    /// Threads of the server, 0 for as many as it wants.
    pub(super) threads: u32,
    /// `dhcp-socket-type` of DHCPv4.
    pub(super) socket_type: &'static str,
    /// `durability` of the lease file; Kotare's own.
    pub(super) durability: Option<&'static str>,
    pub(super) pool: Pool,
    /// Whether clients want a prefix beside an address, in DHCPv6.
    pub(super) prefixes: bool,
}

/// Which leases there are, and which exchanges.
#[derive(Clone, Copy)]
pub(super) enum Pool {
    /// Whole exchanges of new clients, in a large empty pool. `described` if messages have what relay agents and clients
    /// usually add.
    Large { described: bool },
    /// The same, but few clients take turns, so that they soon have leases.
    Returning { clients: u32 },
    /// Only offers, in a pool of 60 000, empty or with one address in 500 free.
    Offers { full: bool },
    /// Renewals of so many leases.
    Renewals(u32),
}

impl Steps {
    pub(super) const DEFAULT: Self = Self {
        in_flight: 1,
        threads: 0,
        socket_type: "udp",
        durability: None,
        pool: Pool::Large { described: false },
        prefixes: false,
    };

    /// A configuration without subnets that is set like this.
    pub(super) fn configuration<P: Protocol>(&self, act: &Act<'_>) -> Value {
        let mut map = P::configuration(act);
        map["multi-threading"]["thread-pool-size"] = self.threads.into();
        if let Some(durability) = self.durability {
            map["lease-database"]["durability"] = durability.into();
        }
        map
    }
}

/// The clients that load the server in an offers' pool are none of those that have leases.
const STRANGERS: u32 = 1 << 24;

/// Starts a server, loads it and reads the figures.
pub(super) fn load<P: Protocol>(act: &Act<'_>, steps: &Steps) -> Done<Readings> {
    loaded::<P>(act, steps, P::with_pool(act, steps))
}

/// The same with another configuration.
pub(super) fn loaded<P: Protocol>(act: &Act<'_>, steps: &Steps, map: Value) -> Done<Readings> {
    match steps.pool {
        Pool::Large { .. } | Pool::Returning { .. } | Pool::Offers { full: false } => {}
        Pool::Offers { full: true } => act.place::<P>(&act.lease_file(), "full", |path| {
            let having = (0..60_000).filter(|client| client % 500 != 499);
            leases::write::<P>(path, act.contender, having, 0, false)
        })?,
        Pool::Renewals(clients) => {
            let name = if steps.prefixes { "renewals-prefixes" } else { "renewals" };
            act.place::<P>(&act.lease_file(), name, |path| {
                leases::write::<P>(path, act.contender, 0..clients, 0, steps.prefixes)
            })?;
        }
    }
    let mut command = act.load::<P>();
    command.args(["--in-flight", &steps.in_flight.to_string(), "--seconds", &act.seconds().to_string()]);
    P::want(&mut command, steps.prefixes);
    match steps.pool {
        Pool::Large { described } => {
            command.args(["--clients", "4000000"]).args(described.then_some("--described"));
        }
        Pool::Returning { clients } => {
            command.args(["--clients", &clients.to_string()]);
        }
        Pool::Offers { .. } => {
            command.args(["--clients", "4000000", "--first", &STRANGERS.to_string(), "--offers-only"]);
        }
        Pool::Renewals(clients) => {
            command.args(["--clients", &clients.to_string()]);
            P::renew(&mut command);
        }
    }
    let server = act.start::<P>(map)?;
    let before = cpu(server.pid());
    let output = command.output()?;
    let after = cpu(server.pid());
    server.stop();
    let read: Value = serde_json::from_slice(&output.stdout)?;
    let refused = read["refused"].as_u64().unwrap_or(u64::MAX);
    // With a database, several threads of Kea offer one address to two clients now and then, and refuse one of them.
    let is_borne =
        act.contender == Contender::Kea && refused < read["all_exchanges"].as_u64().unwrap_or(0) / 1000;
    if refused != 0 && !is_borne {
        return Err(format!("the server refused {refused} times").into());
    }
    Ok(readings(steps, &read, after.zip(before).map(|(after, before)| after - before)))
}

/// What the machine carries: a socket loop without any logic in the place of the server.
pub(super) fn bare<P: Protocol>(act: &Act<'_>, prefixes: bool) -> Done<Readings> {
    let mut server = act.bare::<P>()?;
    let mut load = act.load::<P>();
    P::want(&mut load, prefixes);
    let output = load.args(["--in-flight", "256", "--seconds", &act.seconds().to_string()]).output();
    let used = cpu(server.id());
    server.kill()?;
    server.wait()?;
    let read: Value = serde_json::from_slice(&output?.stdout)?;
    Ok(readings(&Steps { in_flight: 256, ..Steps::DEFAULT }, &read, used))
}

fn readings(steps: &Steps, read: &Value, cpu: Option<f64>) -> Readings {
    let value = |key: &str| read[key].as_f64().unwrap_or(f64::NAN);
    if steps.in_flight == 1 {
        return vec![(Figure::P50, value("p50_us")), (Figure::P99, value("p99_us"))];
    }
    let per_exchange = cpu.unwrap_or(f64::NAN) * 1e6 / value("all_exchanges");
    let mut readings = vec![
        (Figure::EXCHANGES, value("exchanges_per_second")),
        (Figure::CPU_PER_EXCHANGE, per_exchange),
        (Figure::BUSY, value("busy") * 100.0),
    ];
    if steps.durability.is_some() {
        readings.push((Figure::P99, value("p99_us")));
    }
    if value("resent") > 0.0 {
        readings.push((Figure::RESENT, value("resent")));
    }
    readings
}
