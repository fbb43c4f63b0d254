//! How many queries for leases are answered, and what becomes of exchanges meanwhile.

use kotare_tests::queries::Queries;
use serde_json::{Value, json};

use super::figures::{Figure, Readings};
use super::leases;
use super::load::{Pool, Steps};
use super::modules::configured;
use super::process::cpu;
use super::protocol::Protocol;
use super::stage::Act;
use crate::run::Done;

/// So many leases are asked about.
const LEASES: u32 = 200_000;
/// The clients of a load have none of them.
const STRANGERS: &str = "16777216";

/// What is set up: a server with leases, and who asks about them.
fn scene<P: Protocol>(act: &Act<'_>, in_flight: u32) -> Done<(Value, Queries)> {
    act.place::<P>(&act.lease_file(), "queries", |path| {
        leases::write::<P>(path, act.contender, 0..LEASES, 0, false)
    })?;
    let steps = Steps { in_flight: 256, pool: Pool::Renewals(LEASES), ..Steps::DEFAULT };
    let mut map = configured::<P>(act, &steps, &["lease_query"])?;
    map["hooks-libraries"][0]["parameters"] = json!({"requesters": [P::OTHER_RELAY]});
    act.relay().address("eth0", &format!("{}/{}", P::OTHER_RELAY, P::LENGTH));
    let queries = Queries {
        from: P::OTHER_RELAY.parse()?,
        to: P::SERVER_ADDRESS.parse()?,
        first: P::FIRST_LEASE.parse()?,
        addresses: LEASES,
        in_flight,
    };
    Ok((map, queries))
}

/// Nothing but queries, each for the lease of an address.
pub(super) fn queries<P: Protocol>(act: &Act<'_>) -> Done<Readings> {
    let (map, queries) = scene::<P>(act, 32)?;
    let server = act.start::<P>(map)?;
    let before = cpu(server.pid());
    let answered = queries.ask(act.relay(), act.seconds())?;
    let used = cpu(server.pid()).zip(before).map(|(after, before)| after - before);
    server.stop();
    Ok(vec![
        (Figure::QUERIES, answered.queries as f64 / answered.seconds),
        (Figure::CPU_PER_QUERY, used.unwrap_or(f64::NAN) * 1e6 / answered.queries as f64),
    ])
}

/// Whole exchanges of new clients, while eight queries are always on their way.
pub(super) fn beside_exchanges<P: Protocol>(act: &Act<'_>) -> Done<Readings> {
    let (map, queries) = scene::<P>(act, 8)?;
    let server = act.start::<P>(map)?;
    let mut load = act.load::<P>();
    load.args(["--in-flight", "256", "--clients", "4000000", "--first", STRANGERS]);
    let load = load.args(["--seconds", &act.seconds().to_string()]).spawn()?;
    let answered = queries.ask(act.relay(), act.seconds())?;
    let read: Value = serde_json::from_slice(&load.wait_with_output()?.stdout)?;
    server.stop();
    let value = |key: &str| read[key].as_f64().unwrap_or(f64::NAN);
    Ok(vec![
        (Figure::EXCHANGES, value("exchanges_per_second")),
        (Figure::QUERIES, answered.queries as f64 / answered.seconds),
    ])
}
