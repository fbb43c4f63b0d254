//! Interfaces that change, and packets that the system loses on them.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use kotare_testkit::Client;
use kotare_tests::world::eventually;
use serde_json::json;

use crate::link::Link;
use crate::server::{Server, config};
use crate::store::Database;

/// An interface that was made anew with the same name, number and addresses needs other sockets.
#[test]
fn an_interface_made_anew_is_served() {
    let (link, database) = (Link::default(), Database::new());
    let server = Server::with_database(&link, config(2, 53), &database);
    let mut client = Client::new(1);
    for _ in 0..2 {
        server.lease(&link, &mut client);
        link.replace_interfaces();
        assert_eq!(server.ask("interface-redetect", json!({}))["interfaces"][0]["in-use"], true);
        assert_eq!(link.sockets(server.address), 2, "one for each worker, and none of the former");
    }
    server.lease(&link, &mut client);
}

/// What the system dropped because nobody read it in time is counted, and told apart from what no server could read.
#[test]
fn packets_that_the_system_drops_are_counted() {
    let (link, database) = (Link::default(), Database::new());
    let server = Server::with_database(&link, config(1, 53), &database);
    server.faults.overflowed.store(7, SeqCst);
    server.faults.malformed.store(2, SeqCst);
    server.lease(&link, &mut Client::new(1));
    eventually("they are counted", || {
        server.hands.advance(Duration::from_secs(1));
        link.broadcast(&Client::new(2).discover());
        (server.statistic("pkt4-receive-drop") == 9).then_some(())
    });
    assert_eq!(server.statistic("pkt4-parse-failed"), 2);
    assert_eq!(server.ask("status-get", json!({}))["packets-lost"], json!({"malformed": 2, "overflowed": 7}));
}
