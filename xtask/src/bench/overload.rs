//! More than a server can answer: what it makes of it, and who is served.

use kotare_tests::world::V4;
use serde_json::Value;

use super::figures::{Figure, Readings};
use super::leases;
use super::load::Steps;
use super::process::cpu;
use super::protocol::Protocol;
use super::stage::Act;
use crate::run::Done;

/// Clients that renew, one after the other, beside the flood.
const RENEWING: u32 = 10_000;

/// New clients ask for offers, far more of them at a time than can be answered, and again soon where no answer comes.
/// Beside them clients renew their leases, sixteen at a time.
pub(super) fn flood(act: &Act<'_>) -> Done<Readings> {
    act.place::<V4>(&act.lease_file(), "flood", |path| {
        leases::write::<V4>(path, act.contender, 0..RENEWING, 0, false)
    })?;
    let server = act.start::<V4>(V4::with_pool(act, &Steps::DEFAULT))?;
    let seconds = act.seconds().to_string();
    let mut flood = act.load::<V4>();
    flood.args(["--offers-only", "--first", "16777216", "--in-flight", "30000", "--resend", "0.1"]);
    let flood = flood.args(["--seconds", &seconds]).spawn()?;
    let mut renewing = act.beside_load::<V4>("kotare-load");
    V4::renew(&mut renewing);
    renewing.args(["--clients", &RENEWING.to_string()]);
    let renewing = renewing.args(["--in-flight", "16", "--seconds", &seconds]).spawn()?;
    let [flood, renewing] = [flood, renewing].map(std::process::Child::wait_with_output);
    let used = cpu(server.pid()).unwrap_or(f64::NAN);
    server.stop();
    let (flood, renewing): (Value, Value) =
        (serde_json::from_slice(&flood?.stdout)?, serde_json::from_slice(&renewing?.stdout)?);
    let value = |read: &Value, key: &str| read[key].as_f64().unwrap_or(f64::NAN);
    let answered = value(&flood, "all_exchanges") + value(&renewing, "all_exchanges");
    Ok(vec![
        (Figure::OFFERS, value(&flood, "exchanges_per_second")),
        (Figure::RENEWALS, value(&renewing, "exchanges_per_second")),
        (Figure::P50, value(&renewing, "p50_us")),
        (Figure::P99, value(&renewing, "p99_us")),
        (Figure::RESENT, value(&renewing, "resent")),
        (Figure::CPU_PER_EXCHANGE, used * 1e6 / answered),
    ])
}
