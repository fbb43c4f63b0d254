//! Changing the number of worker threads while messages come.

use kotare_tests::world::eventually;
use serde_json::json;

use crate::link::LinkOf;
use crate::protocol::{Protocol, Reply};
use crate::server::ServerOf;
use crate::store::Database;

fn looks<P: Protocol>(numbers: std::ops::Range<u32>) -> Vec<P::Message> {
    numbers.map(|number| P::look(&P::client(number))).collect()
}

/// What the workers that leave have not read, those that come do; what they were at, they still answer. With more
/// threads there are sockets for all of them, with fewer no socket is closed.
fn a_change_of_threads_loses_no_message<P: Protocol>() {
    let (link, database) = (LinkOf::<P>::default(), Database::new());
    let server = ServerOf::with_database(&link, P::config(1, 53), &database);
    let mut sent = Vec::new();
    let mut number = 0;
    for threads in [4, 2, 3, 8, 1] {
        // So many that most of them stay in the sockets, because all that were read wait.
        database.gate.suspend(true);
        let messages = looks::<P>(number..number + 2500);
        number += 2500;
        messages.iter().for_each(|message| link.broadcast(message));
        sent.extend(messages);
        eventually("some wait", || (database.gate.waiting().len() > 900).then_some(()));
        server.reconfigure(P::config(threads, 53)).expect("threads can be started");
        let status = server.ask("status-get", json!({}));
        let shown = status["thread-pool-size"].as_u64().unwrap_or(1);
        assert_eq!(shown, threads as u64);
        database.release();
        for message in sent.drain(..) {
            link.reply_to(&message);
        }
        assert_eq!((link.unread(server.address), link.lost()), (0, 0), "{threads} threads");
    }
    assert_eq!(link.sockets(server.address), 8, "as many as there were workers at most");
    eventually("all are in the books", || (server.statistic(P::OFFERED) == i64::from(number)).then_some(()));
    assert_eq!(server.counted("receive-drop"), 0);
}

/// Threads that left are gone when their last exchange is.
fn workers_that_left_end_with_their_last_exchange<P: Protocol>() {
    let (link, database) = (LinkOf::<P>::default(), Database::new());
    let server = ServerOf::with_database(&link, P::config(2, 53), &database);
    database.gate.suspend(true);
    let message = P::look(&P::client(1));
    link.broadcast(&message);
    eventually("it waits", || (database.gate.waiting().len() == 1).then_some(()));
    server.reconfigure(P::config(1, 54)).expect("the new configuration is good");
    // The former worker alone holds the exchange, and it still has a socket to answer through.
    database.release();
    assert_eq!(link.reply_to(&message).number(), Some(53));
    eventually("only the new worker is left", || {
        server.hands.advance(std::time::Duration::from_secs(1));
        (server.threads() == 1).then_some(())
    });
}

both! {
    a_change_of_threads_loses_no_message,
    workers_that_left_end_with_their_last_exchange,
}
