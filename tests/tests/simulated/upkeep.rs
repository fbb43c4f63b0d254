//! What a server does to leases as time goes by.

use std::time::Duration;

use kotare_tests::world::eventually;
use serde_json::{Value, json};

use crate::link::LinkOf;
use crate::protocol::{Protocol, Reply};
use crate::server::ServerOf;
use crate::store::Database;

fn server<P: Protocol>(link: &LinkOf<P>, expired_leases: Value) -> ServerOf<P> {
    let mut config = P::config(1, 53);
    config[P::MAP]["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
    config[P::MAP]["expired-leases-processing"] = expired_leases;
    ServerOf::with_database(link, config, &Database::new())
}

/// The states of all leases.
fn states<P: Protocol>(server: &ServerOf<P>) -> Vec<u64> {
    let leases = server.answer(P::LEASES, None);
    let leases = leases["arguments"]["leases"].as_array().cloned().unwrap_or_default();
    leases.iter().filter_map(|lease| lease["state"].as_u64()).collect()
}

/// Lets time go by, second by second, until the leases are in these states.
fn wait_for<P: Protocol>(server: &ServerOf<P>, wanted: &[u64]) {
    eventually("the leases change", || {
        server.hands.advance(Duration::from_secs(1));
        (states(server) == wanted).then_some(())
    });
}

/// Expired leases are reclaimed every `reclaim-timer-wait-time`, so many at a time, kept for their clients for
/// `hold-reclaimed-time`, and removed every `flush-reclaimed-timer-wait-time`.
fn leases_are_reclaimed_and_removed<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(
        &link,
        json!({"reclaim-timer-wait-time": 3, "flush-reclaimed-timer-wait-time": 5, "hold-reclaimed-time": 1800,
            "max-reclaim-leases": 1}),
    );
    let leased = server.lease(&link, &mut P::client(1)).given();
    server.lease(&link, &mut P::client(2));
    server.hands.advance(Duration::from_secs(4001));
    wait_for(&server, &[2, 0]);
    wait_for(&server, &[2, 2]);
    assert_eq!((server.leased(), server.statistic("reclaimed-leases")), (0, 2));
    // Its client gets the same address again, and nobody removes that.
    assert_eq!(server.lease(&link, &mut P::client(1)).given(), leased);
    server.hands.advance(Duration::from_secs(1800));
    wait_for(&server, &[0]);
}

/// Without affinity they go at once.
fn without_affinity_leases_go_at_once<P: Protocol>() {
    for none in [json!({"hold-reclaimed-time": 0}), json!({"flush-reclaimed-timer-wait-time": 0})] {
        let link = LinkOf::<P>::default();
        let server = server(&link, none);
        server.lease(&link, &mut P::client(1));
        server.hands.advance(Duration::from_secs(4001));
        wait_for(&server, &[]);
    }
}

/// A `reclaim-timer-wait-time` of 0 leaves them to the command and to clients. They are held for longer than the test
/// goes on, because the other timer may remove what is reclaimed at any moment after that.
fn without_a_timer_leases_stay<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link, json!({"reclaim-timer-wait-time": 0, "hold-reclaimed-time": 1_000_000}));
    server.lease(&link, &mut P::client(1));
    for _ in 0..50 {
        server.hands.advance(Duration::from_secs(1000));
        assert_eq!(states(&server), [0]);
    }
    let answer = server.answer("leases-reclaim", Some(json!({"remove": false})));
    assert_eq!(answer, json!({"result": 0, "text": "Reclamation of expired leases is complete."}));
    assert_eq!(states(&server), [2]);
    server.lease(&link, &mut P::client(2));
    server.hands.advance(Duration::from_secs(5000));
    server.answer("leases-reclaim", Some(json!({"remove": true})));
    assert!(!states(&server).contains(&0));
}

/// `leases-reclaim` keeps and removes as it is told to, also where the timer would keep nothing, as nobody would remove it.
fn a_command_says_what_is_kept<P: Protocol>() {
    for hold in [0, 3600] {
        let link = LinkOf::<P>::default();
        let server = server(
            &link,
            json!({"reclaim-timer-wait-time": 0, "flush-reclaimed-timer-wait-time": 0, "hold-reclaimed-time": hold}),
        );
        let lease = || server.lease(&link, &mut P::client(1)).given();
        let reclaim = |remove: bool| {
            server.hands.advance(Duration::from_secs(4001));
            server.answer("leases-reclaim", Some(json!({"remove": remove})));
            states(&server)
        };
        let leased = lease();
        assert_eq!(reclaim(false), [2], "held for {hold}");
        assert_eq!(lease(), leased, "it was kept for its client");
        assert_eq!(reclaim(true), [0; 0]);
    }
}

both! {
    leases_are_reclaimed_and_removed,
    without_affinity_leases_go_at_once,
    without_a_timer_leases_stay,
    a_command_says_what_is_kept,
}
