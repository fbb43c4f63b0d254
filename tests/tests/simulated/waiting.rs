//! Exchanges that wait for a store.

use std::sync::Arc;
use std::time::Duration;

use kotare_testkit::{Asked, Call, Memory};
use kotare_tests::world::eventually;
use serde_json::json;

use crate::link::LinkOf;
use crate::protocol::{Protocol, Reply, Says};
use crate::server::ServerOf;
use crate::store::{Database, DatabaseOf};

/// A server of so many threads whose database holds up every call.
fn held_up<P: Protocol>(threads: usize) -> (LinkOf<P>, DatabaseOf<P>, ServerOf<P>) {
    let (link, database) = (LinkOf::default(), Database::new());
    let server = ServerOf::with_database(&link, P::config(threads, 53), &database);
    database.gate.suspend(true);
    (link, database, server)
}

/// Waits until so many calls wait.
fn await_calls<L: Asked>(database: &Database<Memory<L>>, count: usize) {
    eventually(&format!("{count} calls wait"), || (database.gate.waiting().len() == count).then_some(()));
}

fn look<P: Protocol>(number: u32) -> P::Message {
    P::look(&P::client(number))
}

/// While one client's exchange waits for the database, others are answered, in whichever order they can be.
fn who_waits_holds_up_nobody<P: Protocol>() {
    let (link, database, _server) = held_up::<P>(1);
    let (slow, quick) = (look::<P>(1), look::<P>(2));
    link.broadcast(&slow);
    await_calls(&database, 1);
    let [(held, _)] = database.gate.waiting()[..] else { panic!("one call waits") };
    database.gate.suspend(false);
    link.broadcast(&quick);
    assert_eq!(link.reply_to(&quick).says(), Says::Offer);
    assert!(link.replies().is_empty(), "the first client's call still waits");
    database.gate.resume(held);
    assert_eq!(link.reply_to(&slow).says(), Says::Offer);
}

/// Two clients are after one address: while one is being written the other waits for that, without asking the database, and
/// each gets an address of its own.
fn two_that_want_one_address_get_two<P: Protocol>() {
    let (link, database, server) = held_up::<P>(1);
    // Who a server is and which addresses it has, its offers tell.
    database.gate.suspend(false);
    let [offer, wish] = [8, 9].map(|number| {
        let look = look::<P>(number);
        link.broadcast(&look);
        link.reply_to(&look)
    });
    let wish = wish.given().expect("an address is offered");
    database.gate.suspend(true);
    let requests = [1, 2].map(|number| P::choose(&P::client(number), &offer.of(wish)));
    requests.iter().for_each(|request| link.broadcast(request));
    // Both go on until one wants to write and the other has no more to ask.
    let put = eventually("one wants to write, and nobody asks", || {
        let waiting = database.gate.waiting();
        let (puts, others): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|(_, call)| *call == Call::Put(wish.into()));
        assert!(puts.len() < 2, "one at a time");
        let goes_on = !others.is_empty() || link.unread(server.address) > 0;
        others.into_iter().for_each(|(call, _)| database.gate.resume(call));
        puts.first().filter(|_| !goes_on).map(|(call, _)| *call)
    });
    database.gate.resume(put);
    let first = link.reply("the first to write", |_| true);
    assert_eq!((first.says(), first.given()), (Says::Yours, Some(wish)));
    database.release();
    let second = link.reply("the other", |reply| reply.client() != first.client());
    assert!(second.says() == Says::No || second.given() != Some(wish), "{second:?}");
    assert_eq!(server.leased(), 1 + i64::from(second.says() == Says::Yours));
}

/// A client that asks again while its message waits keeps one place behind it: the newest is answered, what it replaced
/// is counted as a duplicate, on one worker as on several.
fn the_newest_message_of_a_client_waits<P: Protocol>() {
    for threads in [1, 3] {
        let (link, database, server) = held_up::<P>(threads);
        let mut client = P::client(1);
        let messages = [(); 3].map(|()| {
            P::go_on(&mut client);
            P::look(&client)
        });
        link.broadcast(&messages[0]);
        await_calls(&database, 1);
        link.broadcast(&messages[1]);
        link.broadcast(&messages[2]);
        eventually("a duplicate is counted", || (server.counted("duplicate") == 1).then_some(()));
        assert_eq!(database.gate.waiting().len(), 1, "one exchange of a client at a time");
        database.release();
        link.reply_to(&messages[0]);
        link.reply_to(&messages[2]);
        assert!(link.replies().is_empty(), "{threads} threads: the second message was replaced");
        eventually("all are in the books", || (server.counted("received") == 3).then_some(()));
        assert_eq!(server.statistic(P::OFFERED), 2);
        assert_eq!(server.counted("receive-drop"), 1);
    }
}

/// When all slots are taken nothing more is received: it stays in the socket, as in the kernel, and is answered when
/// there is room again.
fn what_finds_no_room_stays_in_the_kernel<P: Protocol>() {
    let (link, database, server) = held_up::<P>(1);
    let messages: Vec<_> = (0..1500).map(look::<P>).collect();
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
        assert_eq!(link.reply_to(message).says(), Says::Offer);
    }
    assert_eq!((link.unread(server.address), link.lost()), (0, 0));
    eventually("all are in the books", || (server.statistic(P::OFFERED) == 1500).then_some(()));
}

/// A configuration takes effect although exchanges of the former one wait; they end under the one they began with, which
/// is gone after them.
fn a_former_configuration_ends_with_its_last_exchange<P: Protocol>() {
    let (link, database, server) = held_up::<P>(2);
    let before = look::<P>(1);
    link.broadcast(&before);
    await_calls(&database, 1);
    let former = Arc::downgrade(&server.daemon.generation());
    server.reconfigure(P::config(2, 54)).expect("the new configuration is good");
    assert!(former.upgrade().is_some(), "an exchange is under way in it");
    let [(held, _)] = database.gate.waiting()[..] else { panic!("one call waits") };
    database.gate.suspend(false);
    let after = look::<P>(2);
    link.broadcast(&after);
    assert_eq!(link.reply_to(&after).number(), Some(54));
    server.hands.advance(Duration::from_secs(2));
    assert!(former.upgrade().is_some(), "the exchange still waits");
    database.gate.resume(held);
    assert_eq!(link.reply_to(&before).number(), Some(53));
    eventually("the former configuration is gone", || {
        server.hands.advance(Duration::from_secs(1));
        former.upgrade().is_none().then_some(())
    });
}

/// A server that shall stop does not wait for a database that does not answer, and what waited is not answered.
fn stopping_does_not_wait_for_ever<P: Protocol>() {
    let (link, database, server) = held_up::<P>(2);
    (0..5).for_each(|number| link.broadcast(&look::<P>(number)));
    await_calls(&database, 5);
    server.stop();
    assert_eq!(database.gate.waiting(), [], "the exchanges are dropped with their worker");
    assert!(link.replies().is_empty());
}

/// What can still end when a server is asked to stop, does: its workers receive no more, but wait for a moment.
fn what_ends_in_time_is_answered_before_the_end<P: Protocol>() {
    let (link, database, server) = held_up::<P>(1);
    let message = look::<P>(1);
    link.broadcast(&message);
    await_calls(&database, 1);
    let stopping = server.begin_stop();
    eventually("the workers are asked to stop", || {
        let shown = server.ask("interface-list", json!({}));
        (shown["interfaces"][0]["in-use"] == false).then_some(())
    });
    database.release();
    assert_eq!(link.reply_to(&message).says(), Says::Offer);
    server.finish_stop(stopping);
}

both! {
    who_waits_holds_up_nobody,
    two_that_want_one_address_get_two,
    the_newest_message_of_a_client_waits,
    what_finds_no_room_stays_in_the_kernel,
    a_former_configuration_ends_with_its_last_exchange,
    stopping_does_not_wait_for_ever,
    what_ends_in_time_is_answered_before_the_end,
}
