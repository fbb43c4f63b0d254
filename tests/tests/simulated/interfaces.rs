//! Interfaces that change, and packets that the system loses on them.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use kotare_tests::world::eventually;
use serde_json::json;

use crate::link::LinkOf;
use crate::protocol::Protocol;
use crate::server::ServerOf;
use crate::store::Database;

/// An interface that was made anew with the same name, number and addresses needs other sockets.
fn an_interface_made_anew_is_served<P: Protocol>() {
    let (link, database) = (LinkOf::<P>::default(), Database::new());
    let server = ServerOf::with_database(&link, P::config(2, 53), &database);
    let mut client = P::client(1);
    for _ in 0..2 {
        server.lease(&link, &mut client);
        link.replace_interfaces();
        assert_eq!(server.ask("interface-redetect", json!({}))["interfaces"][0]["in-use"], true);
        assert_eq!(link.sockets(server.address), 2, "one for each worker, and none of the former");
    }
    server.lease(&link, &mut client);
}

/// What the system dropped because nobody read it in time is counted, and told apart from what no server could read.
fn packets_that_the_system_drops_are_counted<P: Protocol>() {
    let (link, database) = (LinkOf::<P>::default(), Database::new());
    let server = ServerOf::with_database(&link, P::config(1, 53), &database);
    server.faults.overflowed.store(7, SeqCst);
    server.faults.malformed.store(2, SeqCst);
    server.lease(&link, &mut P::client(1));
    eventually("they are counted", || {
        server.hands.advance(Duration::from_secs(1));
        link.broadcast(&P::look(&P::client(2)));
        (server.counted("receive-drop") == 9).then_some(())
    });
    assert_eq!(server.counted("parse-failed"), 2);
    assert_eq!(server.ask("status-get", json!({}))["packets-lost"], json!({"malformed": 2, "overflowed": 7}));
}

both! {
    an_interface_made_anew_is_served,
    packets_that_the_system_drops_are_counted,
}
