//! What a server does to leases as time goes by.

use std::time::Duration;

use kotare_testkit::Client;
use kotare_tests::world::eventually;
use serde_json::{Value, json};

use crate::link::Link;
use crate::server::{Server, config};
use crate::store::Database;

fn server(link: &Link, expired_leases: Value) -> Server {
    let mut config = config(1, 53);
    config["Dhcp4"]["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
    config["Dhcp4"]["expired-leases-processing"] = expired_leases;
    Server::with_database(link, config, &Database::new())
}

/// The states of all leases.
fn states(server: &Server) -> Vec<u64> {
    let leases = server.answer("lease4-get-all", None);
    let leases = leases["arguments"]["leases"].as_array().cloned().unwrap_or_default();
    leases.iter().filter_map(|lease| lease["state"].as_u64()).collect()
}

/// Lets time go by, second by second, until the leases are in these states.
fn wait_for(server: &Server, wanted: &[u64]) {
    eventually("the leases change", || {
        server.hands.advance(Duration::from_secs(1));
        (states(server) == wanted).then_some(())
    });
}

/// Expired leases are reclaimed every `reclaim-timer-wait-time`, so many at a time, kept for their clients for
/// `hold-reclaimed-time`, and removed every `flush-reclaimed-timer-wait-time`.
#[test]
fn leases_are_reclaimed_and_removed() {
    let link = Link::default();
    let server = server(
        &link,
        json!({"reclaim-timer-wait-time": 3, "flush-reclaimed-timer-wait-time": 5, "hold-reclaimed-time": 1800,
            "max-reclaim-leases": 1}),
    );
    let leased = server.lease(&link, &mut Client::new(1)).yiaddr;
    server.lease(&link, &mut Client::new(2));
    server.hands.advance(Duration::from_secs(4001));
    wait_for(&server, &[2, 0]);
    wait_for(&server, &[2, 2]);
    assert_eq!((server.statistic("assigned-addresses"), server.statistic("reclaimed-leases")), (0, 2));
    // Its client gets the same address again, and nobody removes that.
    assert_eq!(server.lease(&link, &mut Client::new(1)).yiaddr, leased);
    server.hands.advance(Duration::from_secs(1800));
    wait_for(&server, &[0]);
}

/// Without affinity they go at once.
#[test]
fn without_affinity_leases_go_at_once() {
    for none in [json!({"hold-reclaimed-time": 0}), json!({"flush-reclaimed-timer-wait-time": 0})] {
        let link = Link::default();
        let server = server(&link, none);
        server.lease(&link, &mut Client::new(1));
        server.hands.advance(Duration::from_secs(4001));
        wait_for(&server, &[]);
    }
}

/// A `reclaim-timer-wait-time` of 0 leaves them to the command and to clients. They are held for longer than the test
/// goes on, because the other timer may remove what is reclaimed at any moment after that.
#[test]
fn without_a_timer_leases_stay() {
    let link = Link::default();
    let server = server(&link, json!({"reclaim-timer-wait-time": 0, "hold-reclaimed-time": 1_000_000}));
    server.lease(&link, &mut Client::new(1));
    for _ in 0..50 {
        server.hands.advance(Duration::from_secs(1000));
        assert_eq!(states(&server), [0]);
    }
    let answer = server.answer("leases-reclaim", Some(json!({"remove": false})));
    assert_eq!(answer, json!({"result": 0, "text": "Reclamation of expired leases is complete."}));
    assert_eq!(states(&server), [2]);
    server.lease(&link, &mut Client::new(2));
    server.hands.advance(Duration::from_secs(5000));
    server.answer("leases-reclaim", Some(json!({"remove": true})));
    assert!(!states(&server).contains(&0));
}
