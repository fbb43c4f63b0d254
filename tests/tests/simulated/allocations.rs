//! What a worker allocates for a message: nothing, once it has served as many.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use kotare_server::Store;
use kotare_store_memfile::Memfile;
use kotare_tests::world::eventually;

use crate::link::LinkOf;
use crate::protocol::Protocol;
use crate::server::{ServerOf, clock};
use crate::store::DatabaseOf;

const CLIENTS: u32 = 100;

/// Lets clients get leases, and counts what a second round of the same messages allocates: places, slots and the rooms of
/// a round are used again.
fn allocations_of_a_second_round<P: Protocol, S: Store<P::Lease>>(
    link: &LinkOf<P>,
    server: &ServerOf<P, S>,
) -> u64 {
    let mut clients: Vec<_> = (0..CLIENTS).map(P::client).collect();
    let mut round = || clients.iter_mut().for_each(|client| drop(server.lease(link, client)));
    round();
    server.faults.allocations.store(0, SeqCst);
    round();
    server.faults.allocations.load(SeqCst)
}

/// With leases in memory and in a file, the whole way from the datagram to the end of its exchange allocates nothing, on
/// one worker as on several, where the client is guarded.
fn a_message_allocates_nothing<P: Protocol>() {
    for threads in [1, 3] {
        let link = LinkOf::<P>::default();
        let mut persistent = P::config(threads, 53);
        persistent[P::MAP]["lease-database"] = serde_json::json!({"type": "memfile", "name": "leases.csv"});
        let open = Arc::new(Memfile::<P::Lease>::open);
        let server = ServerOf::<P, _>::start(&link, P::SERVERS[0], clock(), persistent, open);
        assert_eq!(allocations_of_a_second_round(&link, &server), 0, "{threads} threads");
    }
}

/// An exchange that may have to wait takes a slot that was there before, whether it waits or not. (The store of this
/// test allocates itself; a message of a client that waits behind another one asks it nothing.)
fn waiting_allocates_nothing<P: Protocol>() {
    let (link, database) = (LinkOf::<P>::default(), DatabaseOf::<P>::new());
    let server = ServerOf::<P>::with_database(&link, P::config(1, 53), &database);
    let mut client = P::client(1);
    server.lease(&link, &mut client);
    database.gate.suspend(true);
    let mut send = || {
        P::go_on(&mut client);
        link.broadcast(&P::look(&client));
    };
    send();
    eventually("the first waits", || (database.gate.waiting().len() == 1).then_some(()));
    send();
    send();
    let received = |count| {
        eventually("the duplicates are counted", || (server.counted("duplicate") == count).then_some(()));
    };
    received(1);
    server.faults.allocations.store(0, SeqCst);
    (0..50).for_each(|_| send());
    received(51);
    assert_eq!(server.faults.allocations.load(SeqCst), 0);
}

both! { a_message_allocates_nothing, waiting_allocates_nothing }
