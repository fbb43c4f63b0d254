//! How long a lease lasts: minimum, default, maximum, and when to renew.

use kotare_tests::world::sandboxed;
use kotare_wire::v4::OptionCode;
use serde_json::{Value, json};

use super::{WISHES, configuration};
use crate::packets::{Query, SERVER};
use crate::stage::{Script, Side, compare};

/// Lifetimes between a minimum and a maximum.
#[test]
fn lifetimes_between_limits() {
    let limits = json!({"valid-lifetime": 4000, "min-valid-lifetime": 1000, "max-valid-lifetime": 9000});
    play("lifetimes_between_limits", limits, &[("between limits", ask_for_times), ("limits", odd_lengths)]);
}

/// T1 and T2 as configured.
#[test]
fn times_configured() {
    let timers = json!({"valid-lifetime": 4000, "renew-timer": 900, "rebind-timer": 1800});
    play("times_configured", timers, &[("timers", ask_for_times)]);
}

/// Only T1, and only T2.
#[test]
fn one_time_configured() {
    play("one_time_configured", json!({"renew-timer": 900}), &[("renew-timer only", ask_for_times)]);
}

/// T1 and T2 that do not fit the lifetime.
#[test]
fn times_beyond_the_lifetime() {
    let timers = json!({"valid-lifetime": 1000, "renew-timer": 1500, "rebind-timer": 2000});
    play("times_beyond_the_lifetime", timers, &[("timers too long", ask_for_times)]);
}

/// T1 and T2 computed.
#[test]
fn times_computed() {
    let timers = json!({"calculate-tee-times": true, "t1-percent": 0.4, "t2-percent": 0.8});
    play("times_computed", timers, &[("calculated", ask_for_times)]);
}

/// Leases for ever.
#[test]
fn infinite_lifetimes() {
    let forever = json!({"valid-lifetime": 4294967295u32, "calculate-tee-times": true});
    play("infinite_lifetimes", forever, &[("forever", ask_for_times)]);
}

fn play(test: &str, changes: Value, scripts: &[Script]) {
    sandboxed(&format!("scripts::lifetimes::{test}"), |world| {
        compare(world, &configuration(changes), scripts);
    });
}

fn ask_for_times(side: &mut Side) {
    let wish =
        |client: u16, time: u32| Query::discover(client).option(OptionCode::LEASE_TIME, &time.to_be_bytes());
    side.lease(1, |query| query.option(WISHES, &[51, 58, 59]));
    for (client, time) in (2..).zip([0, 1, 500, 1000, 3000, 9000, 20000, u32::MAX]) {
        side.ask(&format!("wish for {time}"), wish(client, time));
        let request = Query::request(client).option(OptionCode::LEASE_TIME, &time.to_be_bytes());
        let offered = side.address(&format!("offered for {time}"), Query::discover(client));
        side.ask(&format!("request for {time}"), request.server_id(SERVER).requested(offered));
        let renewal = Query::request(client).holding(offered);
        side.ask(&format!("renewed after {time}"), renewal);
    }
}

fn odd_lengths(side: &mut Side) {
    let pinned = |client: u8| Query::discover(client.into()).requested(super::host(100 + client));
    side.ask("three bytes", pinned(20).option(OptionCode::LEASE_TIME, &[0, 1, 2]));
    side.ask("no bytes", pinned(21).option(OptionCode::LEASE_TIME, &[]));
    side.ask("five bytes", pinned(22).option(OptionCode::LEASE_TIME, &[0, 0, 9, 9, 9]));
}
