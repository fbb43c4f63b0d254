//! Changing the number of worker threads while messages come.

use kotare_testkit::{Client, Message};
use kotare_tests::world::eventually;
use serde_json::json;

use crate::link::Link;
use crate::server::{Server, config};
use crate::store::Database;

fn discovers(numbers: std::ops::Range<u32>) -> Vec<Message> {
    numbers.map(|number| Client::new(number).discover()).collect()
}

/// What the workers that leave have not read, those that come do; what they were at, they still answer. With more
/// threads there are sockets for all of them, with fewer no socket is closed.
#[test]
fn a_change_of_threads_loses_no_message() {
    let (link, database) = (Link::default(), Database::new());
    let server = Server::with_database(&link, config(1, 53), &database);
    let mut sent = Vec::new();
    let mut number = 0;
    for threads in [4, 2, 3, 8, 1] {
        // So many that most of them stay in the sockets, because all that were read wait.
        database.gate.suspend(true);
        let messages = discovers(number..number + 2500);
        number += 2500;
        messages.iter().for_each(|message| link.broadcast(message));
        sent.extend(messages);
        eventually("some wait", || (database.gate.waiting().len() > 900).then_some(()));
        server.reconfigure(config(threads, 53)).expect("threads can be started");
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
    eventually("all are in the books", || {
        (server.statistic("pkt4-offer-sent") == i64::from(number)).then_some(())
    });
    assert_eq!(server.statistic("pkt4-receive-drop"), 0);
}

/// Threads that left are gone when their last exchange is.
#[test]
fn workers_that_left_end_with_their_last_exchange() {
    let (link, database) = (Link::default(), Database::new());
    let server = Server::with_database(&link, config(2, 53), &database);
    database.gate.suspend(true);
    let message = Client::new(1).discover();
    link.broadcast(&message);
    eventually("it waits", || (database.gate.waiting().len() == 1).then_some(()));
    server.reconfigure(config(1, 54)).expect("the new configuration is good");
    // The former worker alone holds the exchange, and it still has a socket to answer through.
    database.release();
    assert_eq!(link.reply_to(&message).dns.as_deref(), Some(&[192, 0, 2, 53][..]));
    eventually("only the new worker is left", || {
        server.hands.advance(std::time::Duration::from_secs(1));
        (server.threads() == 1).then_some(())
    });
}
