//! What a worker allocates for a message: nothing, once it has served as many.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use kotare_model::Lease4;
use kotare_server::Store;
use kotare_store_memfile::Memfile4;
use kotare_testkit::Client;
use kotare_tests::world::eventually;

use crate::link::Link;
use crate::server::{Server, clock, config};
use crate::store::Database;

const CLIENTS: u32 = 100;

/// Lets clients get leases, and counts what a second round of the same messages allocates: places, slots and the rooms of
/// a round are used again.
fn allocations_of_a_second_round<S: Store<Lease4>>(link: &Link, server: &Server<S>) -> u64 {
    let mut clients: Vec<_> = (0..CLIENTS).map(Client::new).collect();
    let mut round = || clients.iter_mut().for_each(|client| drop(server.lease(link, client)));
    round();
    server.faults.allocations.store(0, SeqCst);
    round();
    server.faults.allocations.load(SeqCst)
}

/// With leases in memory and in a file, the whole way from the datagram to the end of its exchange allocates nothing, on
/// one worker as on several, where the client is guarded.
#[test]
fn a_message_allocates_nothing() {
    for threads in [1, 3] {
        let link = Link::default();
        let mut persistent = config(threads, 53);
        persistent["Dhcp4"]["lease-database"] = serde_json::json!({"type": "memfile", "name": "leases.csv"});
        let open = Arc::new(Memfile4::open);
        let server = Server::start(&link, [192, 0, 2, 1].into(), clock(), persistent, open);
        assert_eq!(allocations_of_a_second_round(&link, &server), 0, "{threads} threads");
    }
}

/// An exchange that may have to wait takes a slot that was there before, whether it waits or not. (The store of this
/// test allocates itself; a message of a client that waits behind another one asks it nothing.)
#[test]
fn waiting_allocates_nothing() {
    let (link, database) = (Link::default(), Database::new());
    let server = Server::with_database(&link, config(1, 53), &database);
    let mut client = Client::new(1);
    server.lease(&link, &mut client);
    database.gate.suspend(true);
    let mut send = || {
        client.xid += 1;
        link.broadcast(&client.discover());
    };
    send();
    eventually("the first waits", || (database.gate.waiting().len() == 1).then_some(()));
    send();
    send();
    let received = |count| {
        eventually("the duplicates are counted", || {
            (server.statistic("pkt4-duplicate") == count).then_some(())
        });
    };
    received(1);
    server.faults.allocations.store(0, SeqCst);
    (0..50).for_each(|_| send());
    received(51);
    assert_eq!(server.faults.allocations.load(SeqCst), 0);
}
