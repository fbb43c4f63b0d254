//! More messages than a server can answer.

use std::sync::atomic::Ordering::SeqCst;

use kotare_tests::world::eventually;
use serde_json::json;

use crate::link::LinkOf;
use crate::protocol::{Protocol, Reply, Says};
use crate::server::ServerOf;
use crate::store::Database;

/// A server that reads nothing until a test has sent all it wants.
struct Scene<P: Protocol> {
    link: LinkOf<P>,
    server: ServerOf<P>,
}

impl<P: Protocol> Scene<P> {
    fn new() -> Self {
        let (link, database) = (LinkOf::default(), Database::new());
        let server = ServerOf::with_database(&link, P::config(1, 53), &database);
        Self { link, server }
    }

    /// Lets clients get leases; their renewals.
    fn renewals(&self, numbers: std::ops::Range<u32>) -> Vec<P::Message> {
        let renewal = |number| {
            let mut client = P::client(number);
            let given = self.server.lease(&self.link, &mut client);
            P::go_on(&mut client);
            P::renew(&client, &given)
        };
        numbers.map(renewal).collect()
    }

    /// Sends messages of which the server can read none before all are there; what it answered, in this order, once
    /// everything is answered or dropped.
    fn answers(&self, messages: &[P::Message]) -> Vec<P::Reply> {
        self.server.faults.unreadable.store(true, SeqCst);
        let (last, first) = messages.split_last().expect("there are messages");
        first.iter().for_each(|message| self.link.broadcast(message));
        self.server.faults.unreadable.store(false, SeqCst);
        // It rings.
        self.link.broadcast(last);
        eventually("all are answered or dropped", || {
            let dropped = self.dropped("queue-full") + self.dropped("limit-exceeded");
            (self.link.replies().len() + dropped == messages.len()).then_some(())
        });
        self.link.take()
    }

    fn dropped(&self, name: &str) -> usize {
        usize::try_from(self.server.counted(name)).expect("a count")
    }
}

fn looks<P: Protocol>(numbers: std::ops::Range<u32>) -> Vec<P::Message> {
    numbers.map(|number| P::look(&P::client(number))).collect()
}

/// Where the last reply stands that is `wanted`.
fn last<R>(replies: &[R], wanted: impl Fn(&R) -> bool) -> usize {
    replies.iter().rposition(wanted).expect("there is one")
}

/// Who has a lease is answered before those who only ask, even if it came later; a burst that there is room for is
/// answered whole.
fn renewals_go_before_those_who_look<P: Protocol>() {
    let scene = Scene::<P>::new();
    let mut messages = looks::<P>(100..1900);
    messages.extend(scene.renewals(0..50));
    scene.link.take();
    let replies = scene.answers(&messages);
    assert_eq!(replies.len(), messages.len());
    assert!(last(&replies, |reply| reply.says() == Says::Yours) < 1700);
    assert_eq!(scene.server.counted("receive-drop"), 0);
}

/// When the system has no room any more, it is those who only ask that are dropped, and it is counted.
fn what_is_least_urgent_is_dropped<P: Protocol>() {
    let scene = Scene::<P>::new();
    let mut messages = looks::<P>(1000..6000);
    messages.extend(scene.renewals(0..200));
    scene.link.take();
    scene.server.faults.overflowed.store(1, SeqCst);
    let replies = scene.answers(&messages);
    let renewed = replies.iter().filter(|reply| reply.says() == Says::Yours).count();
    assert_eq!(renewed, 200);
    let dropped = scene.dropped("queue-full");
    assert!(dropped > 500, "{dropped}");
    assert_eq!(scene.dropped("receive-drop"), dropped + 1, "and what the system dropped");
    assert_eq!(scene.dropped("limit-exceeded"), 0);
}

/// However much one client sends, others are served as if it had sent no more than its share, and what is beyond that is
/// dropped first.
fn a_greedy_client_waits_for_others<P: Protocol>() {
    let scene = Scene::<P>::new();
    let mut greedy = P::client(1);
    let mut messages: Vec<_> = (0..4000)
        .map(|_| {
            P::go_on(&mut greedy);
            P::look(&greedy)
        })
        .collect();
    messages.extend(looks::<P>(100..200));
    let replies = scene.answers(&messages);
    let is_greedy = |reply: &P::Reply| reply.client() == P::sender(&messages[0]);
    assert_eq!(replies.iter().filter(|reply| !is_greedy(reply)).count(), 100);
    assert!(last(&replies, |reply| !is_greedy(reply)) < 2000);
    assert!(scene.dropped("limit-exceeded") > 1000);
    assert_eq!(scene.dropped("queue-full"), 0);
    assert_eq!(scene.server.ask("status-get", json!({}))["sockets"]["status"], "ready");
}

/// A configuration that comes into effect meanwhile loses nothing of what waits.
fn a_new_configuration_answers_what_waits<P: Protocol>() {
    let scene = Scene::<P>::new();
    let messages = looks::<P>(0..4000);
    std::thread::scope(|scope| {
        let answers = scope.spawn(|| scene.answers(&messages));
        for dns in 54..64 {
            scene.server.reconfigure(P::config(1, dns)).expect("the configuration is good");
        }
        assert_eq!(answers.join().expect("no panic").len(), messages.len());
    });
    assert_eq!(scene.server.counted("receive-drop"), 0);
}

both! {
    renewals_go_before_those_who_look,
    what_is_least_urgent_is_dropped,
    a_greedy_client_waits_for_others,
    a_new_configuration_answers_what_waits,
}
