//! More messages than a server can answer.

use std::sync::atomic::Ordering::SeqCst;

use kotare_testkit::{Client, Message};
use kotare_tests::world::eventually;
use kotare_wire::v4::MessageType;
use serde_json::json;

use crate::link::Link;
use crate::protocol4::Reply4 as Reply;
use crate::server::{Server, config};
use crate::store::Database;

/// A server that reads nothing until a test has sent all it wants.
struct Scene {
    link: Link,
    server: Server,
}

impl Scene {
    fn new() -> Self {
        let (link, database) = (Link::default(), Database::new());
        let server = Server::with_database(&link, config(1, 53), &database);
        Self { link, server }
    }

    /// Lets clients get leases; their renewals.
    fn renewals(&self, numbers: std::ops::Range<u32>) -> Vec<Message> {
        let renewal = |number| {
            let mut client = Client::new(number);
            let given = self.server.lease(&self.link, &mut client);
            client.xid += 1;
            client.renew(given.yiaddr)
        };
        numbers.map(renewal).collect()
    }

    /// Sends messages of which the server can read none before all are there; what it answered, in this order, once
    /// everything is answered or dropped.
    fn answers(&self, messages: &[Message]) -> Vec<Reply> {
        self.server.faults.unreadable.store(true, SeqCst);
        let (last, first) = messages.split_last().expect("there are messages");
        first.iter().for_each(|message| self.link.broadcast(message));
        self.server.faults.unreadable.store(false, SeqCst);
        // It rings.
        self.link.broadcast(last);
        eventually("all are answered or dropped", || {
            let dropped = self.dropped("pkt4-queue-full") + self.dropped("pkt4-limit-exceeded");
            (self.link.replies().len() + dropped == messages.len()).then_some(())
        });
        self.link.take()
    }

    fn dropped(&self, name: &str) -> usize {
        usize::try_from(self.server.statistic(name)).expect("a count")
    }
}

fn discovers(numbers: std::ops::Range<u32>) -> Vec<Message> {
    numbers.map(|number| Client::new(number).discover()).collect()
}

/// Where the last reply stands that is `wanted`.
fn last(replies: &[Reply], wanted: impl Fn(&Reply) -> bool) -> usize {
    replies.iter().rposition(wanted).expect("there is one")
}

/// Who has a lease is answered before those who only ask, even if it came later; a burst that there is room for is
/// answered whole.
#[test]
fn renewals_go_before_discovers() {
    let scene = Scene::new();
    let mut messages = discovers(100..1900);
    messages.extend(scene.renewals(0..50));
    scene.link.take();
    let replies = scene.answers(&messages);
    assert_eq!(replies.len(), messages.len());
    assert!(last(&replies, |reply| reply.kind == MessageType::ACK) < 1700);
    assert_eq!(scene.server.statistic("pkt4-receive-drop"), 0);
}

/// When the system has no room any more, it is those who only ask that are dropped, and it is counted.
#[test]
fn what_is_least_urgent_is_dropped() {
    let scene = Scene::new();
    let mut messages = discovers(1000..6000);
    messages.extend(scene.renewals(0..200));
    scene.link.take();
    scene.server.faults.overflowed.store(1, SeqCst);
    let replies = scene.answers(&messages);
    let renewed = replies.iter().filter(|reply| reply.kind == MessageType::ACK).count();
    assert_eq!(renewed, 200);
    let dropped = scene.dropped("pkt4-queue-full");
    assert!(dropped > 500, "{dropped}");
    assert_eq!(scene.dropped("pkt4-receive-drop"), dropped + 1, "and what the system dropped");
    assert_eq!(scene.dropped("pkt4-limit-exceeded"), 0);
}

/// However much one client sends, others are served as if it had sent no more than its share, and what is beyond that is
/// dropped first.
#[test]
fn a_greedy_client_waits_for_others() {
    let scene = Scene::new();
    let mut greedy = Client::new(1);
    let mut messages: Vec<_> = (0..4000)
        .map(|xid| {
            greedy.xid = xid;
            greedy.discover()
        })
        .collect();
    messages.extend(discovers(100..200));
    let replies = scene.answers(&messages);
    let is_greedy = |reply: &Reply| reply.chaddr == messages[0].chaddr;
    assert_eq!(replies.iter().filter(|reply| !is_greedy(reply)).count(), 100);
    assert!(last(&replies, |reply| !is_greedy(reply)) < 2000);
    assert!(scene.dropped("pkt4-limit-exceeded") > 1000);
    assert_eq!(scene.dropped("pkt4-queue-full"), 0);
    assert_eq!(scene.server.ask("status-get", json!({}))["sockets"]["status"], "ready");
}

/// A configuration that comes into effect meanwhile loses nothing of what waits.
#[test]
fn a_new_configuration_answers_what_waits() {
    let scene = Scene::new();
    let messages = discovers(0..4000);
    std::thread::scope(|scope| {
        let answers = scope.spawn(|| scene.answers(&messages));
        for dns in 54..64 {
            scene.server.reconfigure(config(1, dns)).expect("the configuration is good");
        }
        assert_eq!(answers.join().expect("no panic").len(), messages.len());
    });
    assert_eq!(scene.server.statistic("pkt4-receive-drop"), 0);
}
