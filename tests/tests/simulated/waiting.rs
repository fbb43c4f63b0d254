//! Exchanges that wait for a store.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use kotare_testkit::{Call, Client, Message};
use kotare_tests::world::eventually;
use kotare_wire::v4::{MessageType, OptionCode};
use serde_json::json;

use crate::link::Link;
use crate::server::{Server, config};
use crate::store::Database;

/// A server of so many threads whose database holds up every call.
fn held_up(threads: usize) -> (Link, Database, Server) {
    let (link, database) = (Link::default(), Database::new());
    let server = Server::with_database(&link, config(threads, 53), &database);
    database.gate.suspend(true);
    (link, database, server)
}

/// Waits until so many calls wait.
fn await_calls(database: &Database, count: usize) {
    eventually(&format!("{count} calls wait"), || (database.gate.waiting().len() == count).then_some(()));
}

fn discover(number: u32) -> Message {
    Client::new(number).discover()
}

/// While one client's exchange waits for the database, others are answered, in whichever order they can be.
#[test]
fn who_waits_holds_up_nobody() {
    let (link, database, _server) = held_up(1);
    let (slow, quick) = (discover(1), discover(2));
    link.broadcast(&slow);
    await_calls(&database, 1);
    let [(held, _)] = database.gate.waiting()[..] else { panic!("one call waits") };
    database.gate.suspend(false);
    link.broadcast(&quick);
    assert_eq!(link.reply_to(&quick).kind, MessageType::OFFER);
    assert!(link.replies().is_empty(), "the first client's call still waits");
    database.gate.resume(held);
    assert_eq!(link.reply_to(&slow).kind, MessageType::OFFER);
}

/// Two clients are after one address, and their writes are let go in the order opposite to how they came: each gets an
/// address of its own.
#[test]
fn two_that_want_one_address_get_two() {
    let (link, database, server) = held_up(1);
    let wish = Ipv4Addr::new(192, 0, 8, 77);
    let requests = [1, 2].map(|number| {
        let request = Client::new(number).request().address(OptionCode::REQUESTED_ADDRESS, wish);
        request.address(OptionCode::SERVER_IDENTIFIER, server.address)
    });
    requests.iter().for_each(|request| link.broadcast(request));
    // Each goes on until it wants to write; then the one that came last writes first.
    let puts = eventually("both want to write", || {
        let waiting = database.gate.waiting();
        let (puts, others): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|(_, call)| *call == Call::Put(wish.into()));
        others.into_iter().for_each(|(call, _)| database.gate.resume(call));
        (puts.len() == 2).then_some(puts)
    });
    database.gate.resume(puts[1].0);
    let first = link.reply("the first to write", |_| true);
    assert_eq!((first.kind, first.yiaddr), (MessageType::ACK, wish));
    database.release();
    let second = link.reply("the other", |reply| reply.chaddr != first.chaddr);
    assert!(second.kind == MessageType::NAK || second.yiaddr != wish, "{second:?}");
    assert_eq!(server.statistic("assigned-addresses"), 1 + i64::from(second.kind == MessageType::ACK));
}

/// A client that asks again while its message waits keeps one place behind it: the newest is answered, what it replaced
/// is counted as a duplicate, on one worker as on several.
#[test]
fn the_newest_message_of_a_client_waits() {
    for threads in [1, 3] {
        let (link, database, server) = held_up(threads);
        let messages = [1, 2, 3].map(|xid| Message { xid, ..discover(1) });
        link.broadcast(&messages[0]);
        await_calls(&database, 1);
        link.broadcast(&messages[1]);
        link.broadcast(&messages[2]);
        eventually("a duplicate is counted", || (server.statistic("pkt4-duplicate") == 1).then_some(()));
        assert_eq!(database.gate.waiting().len(), 1, "one exchange of a client at a time");
        database.release();
        link.reply_to(&messages[0]);
        link.reply_to(&messages[2]);
        assert!(link.replies().is_empty(), "{threads} threads: the second message was replaced");
        eventually("all are in the books", || (server.statistic("pkt4-received") == 3).then_some(()));
        assert_eq!(server.statistic("pkt4-offer-sent"), 2);
        assert_eq!(server.statistic("pkt4-receive-drop"), 1);
    }
}

/// When all slots are taken nothing more is received: it stays in the socket, as in the kernel, and is answered when
/// there is room again.
#[test]
fn what_finds_no_room_stays_in_the_kernel() {
    let (link, database, server) = held_up(1);
    let messages: Vec<_> = (0..1500).map(discover).collect();
    messages.iter().for_each(|message| link.broadcast(message));
    // A batch of 64 is received only if all of it can wait.
    let waiting = || database.gate.waiting().len();
    let all =
        || (1024 - 64 < waiting() && waiting() + link.unread(server.address) == messages.len()).then_some(());
    eventually("all slots are taken, and the rest is unread", all);
    assert!(waiting() <= 1024);
    assert!(server.ask("version-get", json!({}))["extended"].is_string(), "commands are answered meanwhile");
    database.release();
    for message in &messages {
        assert_eq!(link.reply_to(message).kind, MessageType::OFFER);
    }
    assert_eq!((link.unread(server.address), link.lost()), (0, 0));
    eventually("all are in the books", || (server.statistic("pkt4-offer-sent") == 1500).then_some(()));
}

/// A configuration takes effect although exchanges of the former one wait; they end under the one they began with, which
/// is gone after them.
#[test]
fn a_former_configuration_ends_with_its_last_exchange() {
    let (link, database, server) = held_up(2);
    let before = discover(1);
    link.broadcast(&before);
    await_calls(&database, 1);
    let former = Arc::downgrade(&server.daemon.generation());
    server.reconfigure(config(2, 54)).expect("the new configuration is good");
    assert!(former.upgrade().is_some(), "an exchange is under way in it");
    let [(held, _)] = database.gate.waiting()[..] else { panic!("one call waits") };
    database.gate.suspend(false);
    let after = discover(2);
    link.broadcast(&after);
    assert_eq!(link.reply_to(&after).dns.as_deref(), Some(&[192, 0, 2, 54][..]));
    server.hands.advance(Duration::from_secs(2));
    assert!(former.upgrade().is_some(), "the exchange still waits");
    database.gate.resume(held);
    assert_eq!(link.reply_to(&before).dns.as_deref(), Some(&[192, 0, 2, 53][..]));
    eventually("the former configuration is gone", || {
        server.hands.advance(Duration::from_secs(1));
        former.upgrade().is_none().then_some(())
    });
}

/// A server that shall stop does not wait for a database that does not answer, and what waited is not answered.
#[test]
fn stopping_does_not_wait_for_ever() {
    let (link, database, server) = held_up(2);
    (0..5).for_each(|number| link.broadcast(&discover(number)));
    await_calls(&database, 5);
    server.stop();
    assert_eq!(database.gate.waiting(), [], "the exchanges are dropped with their worker");
    assert!(link.replies().is_empty());
}

/// What can still end when a server is asked to stop, does: its workers receive no more, but wait for a moment.
#[test]
fn what_ends_in_time_is_answered_before_the_end() {
    let (link, database, server) = held_up(1);
    let message = discover(1);
    link.broadcast(&message);
    await_calls(&database, 1);
    let stopping = server.begin_stop();
    eventually("the workers are asked to stop", || {
        let shown = server.ask("interface-list", json!({}));
        (shown["interfaces"][0]["in-use"] == false).then_some(())
    });
    database.release();
    assert_eq!(link.reply_to(&message).kind, MessageType::OFFER);
    server.finish_stop(stopping);
}
