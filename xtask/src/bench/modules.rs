//! What each hook library costs an exchange.

use kotare_tests::libraries;
use kotare_tests::radius::RadiusServer;
use kotare_tests::world::{V4, V6};
use serde_json::{Value, json};

use super::figures::Readings;
use super::load::{Pool, Steps, loaded};
use super::measures::{Measure, Turns};
use super::protocol::Protocol;
use super::queries::{beside_exchanges, queries};
use super::stage::Act;
use crate::run::Done;

/// A row for a library of a protocol.
macro_rules! library {
    ($family:ty, $label:literal, $name:literal, $kea:ident) => {
        Measure {
            name: concat!($label, "the hook library ", $name, ", 256 in flight"),
            kea: Turns::$kea,
            aims: &[],
            take: |act| with::<$family>(act, &[$name]),
        }
    };
}

/// A row for something that is measured with one, which Debian's Kea does not have.
macro_rules! row {
    ($name:expr, $take:expr) => {
        Measure { name: $name, kea: Turns::None, aims: &[], take: $take }
    };
}

/// All of them, after the same without any. Debian's Kea has few.
pub(super) const MEASURES_OF_MODULES: &[Measure] = &[
    Measure {
        name: "no hook library, 256 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| with::<V4>(act, &[]),
    },
    library!(V4, "", "bootp", All),
    library!(V4, "", "ddns_tuning", None),
    library!(V4, "", "flex_id", None),
    library!(V4, "", "flex_option", All),
    row!("no hook library, reservations in a file of SQLite, 256 in flight", |act| reserved::<V4>(act, &[])),
    row!("the hook library host_cache, reservations in a file of SQLite, 256 in flight", |act| {
        reserved::<V4>(act, &["host_cache"])
    }),
    library!(V4, "", "lease_query", None),
    row!("the hook library lease_query, 256 in flight, queries beside", beside_exchanges::<V4>),
    row!("the hook library lease_query, 32 queries in flight", queries::<V4>),
    library!(V4, "", "legal_log", None),
    library!(V4, "", "limits", None),
    library!(V4, "", "perfmon", None),
    row!("the hook library ping_check, 256 in flight", pinging),
    row!("the hook library radius, 256 in flight", asking::<V4>),
    library!(V4, "", "run_script", All),
    library!(V4, "", "user_chk", None),
    Measure {
        name: "DHCPv6: no hook library, 256 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| with::<V6>(act, &[]),
    },
    library!(V6, "DHCPv6: ", "ddns_tuning", None),
    library!(V6, "DHCPv6: ", "flex_id", None),
    library!(V6, "DHCPv6: ", "flex_option", All),
    row!("DHCPv6: no hook library, reservations in a file of SQLite, 256 in flight", |act| {
        reserved::<V6>(act, &[])
    }),
    row!("DHCPv6: the hook library host_cache, reservations in a file of SQLite, 256 in flight", |act| {
        reserved::<V6>(act, &["host_cache"])
    }),
    library!(V6, "DHCPv6: ", "lease_query", None),
    row!("DHCPv6: the hook library lease_query, 256 in flight, queries beside", beside_exchanges::<V6>),
    row!("DHCPv6: the hook library lease_query, 32 queries in flight", queries::<V6>),
    library!(V6, "DHCPv6: ", "legal_log", None),
    library!(V6, "DHCPv6: ", "limits", None),
    library!(V6, "DHCPv6: ", "perfmon", None),
    row!("DHCPv6: the hook library radius, 256 in flight", asking::<V6>),
    library!(V6, "DHCPv6: ", "run_script", All),
    library!(V6, "DHCPv6: ", "user_chk", None),
];

/// Whole exchanges with some libraries, set as a server that does all they can would be.
fn with<P: Protocol>(act: &Act<'_>, names: &[&'static str]) -> Done<Readings> {
    let steps = Steps { in_flight: 256, ..Steps::DEFAULT };
    loaded::<P>(act, &steps, configured::<P>(act, &steps, names)?)
}

/// A configuration with these libraries.
pub(super) fn configured<P: Protocol>(act: &Act<'_>, steps: &Steps, names: &[&'static str]) -> Done<Value> {
    let files: Vec<_> =
        names.iter().map(|name| (*name, act.library(&format!("libdhcp_{name}.so")))).collect();
    Ok(libraries::with::<P>(P::with_pool(act, steps), act.world.folder(), &files)?)
}

/// Whoever might use an address is asked, and nobody answers: each offer of a new address waits for that.
fn pinging(act: &Act<'_>) -> Done<Readings> {
    let steps = Steps { in_flight: 256, ..Steps::DEFAULT };
    act.server.ip(&format!("route add 10.0.0.0/8 via {}", V4::RELAY));
    let mut map = configured::<V4>(act, &steps, &["ping_check"])?;
    map["hooks-libraries"][0]["parameters"] = json!({});
    loaded::<V4>(act, &steps, map)
}

/// A server beside it says that each client may come in, and is told of each lease.
fn asking<P: Protocol>(act: &Act<'_>) -> Done<Readings> {
    let steps = Steps { in_flight: 256, ..Steps::DEFAULT };
    let _server = RadiusServer::start(&act.server);
    let mut map = configured::<P>(act, &steps, &["host_cache", "radius"])?;
    map["hooks-libraries"][1]["parameters"] = RadiusServer::parameters();
    loaded::<P>(act, &steps, map)
}

/// So many clients have reservations, and take turns.
const RESERVED: u32 = 2000;

/// Whole exchanges of clients that have reservations in a file of SQLite, which commands put there.
fn reserved<P: Protocol>(act: &Act<'_>, names: &[&'static str]) -> Done<Readings> {
    let pool = Pool::Returning { clients: RESERVED };
    let steps = Steps { in_flight: 256, pool, ..Steps::DEFAULT };
    let database = json!([{"type": "sqlite", "name": act.world.path("hosts.sqlite")}]);
    let mut map = configured::<P>(act, &steps, &["host_cmds"])?;
    map["hosts-databases"] = database.clone();
    let server = act.start::<P>(map)?;
    for number in 0..RESERVED {
        let reservation = json!({"reservation": P::reservation(number), "operation-target": "database"});
        let answer = server.command("reservation-add", Some(reservation));
        if answer["result"] != 0 {
            return Err(format!("reservation-add is answered with {answer}").into());
        }
    }
    server.stop();
    let mut map = configured::<P>(act, &steps, names)?;
    map["hosts-databases"] = database;
    loaded::<P>(act, &steps, map)
}
