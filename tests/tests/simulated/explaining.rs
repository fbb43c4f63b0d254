//! Messages that are explained before they are sent.

use std::collections::BTreeMap;

use kotare_model::Hex;
use kotare_tests::world::eventually;
use serde_json::{Value, json};

use crate::link::LinkOf;
use crate::protocol::{Protocol, Reply};
use crate::server::ServerOf;
use crate::store::DatabaseOf;

/// What is remarked when a message frees what it may get itself.
pub(crate) const UNCERTAIN: &str = "may get what is taken from the client before";

/// A link with a server, to which clients talk of whom it is told before what would become of their messages.
pub(crate) struct Scene<P: Protocol> {
    link: LinkOf<P>,
    pub(crate) server: ServerOf<P>,
    sent: i64,
}

impl<P: Protocol> Scene<P> {
    pub(crate) fn new(config: Value) -> Self {
        let link = LinkOf::default();
        let server = ServerOf::with_database(&link, config, &DatabaseOf::<P>::new());
        Self { link, server, sent: 0 }
    }

    /// What is explained of a message; leases and statistics are as before, and it says the same again.
    fn explain(&self, message: &P::Message) -> Value {
        let packet = format!("{:x}", Hex(&P::bytes(message)));
        let arguments = json!({"packet": packet, "local": P::LOCAL, "remote": P::REMOTE});
        let before = self.state();
        let answer = self.server.answer(P::EXPLAIN, Some(arguments.clone()));
        assert_eq!(answer["result"], 0, "{answer}");
        assert_eq!(self.server.answer(P::EXPLAIN, Some(arguments)), answer);
        assert_eq!(self.state(), before);
        answer
    }

    /// All leases and all statistics.
    pub(crate) fn state(&self) -> (Value, Value) {
        (self.server.answer(P::LEASES, None), self.server.answer("statistic-get-all", None))
    }

    /// All leases by address.
    fn leases(&self) -> BTreeMap<String, Value> {
        let all = self.server.answer(P::LEASES, None);
        let leases = all["arguments"]["leases"].as_array().cloned().unwrap_or_default();
        leases.into_iter().map(|lease| (address(&lease), lease)).collect()
    }

    /// Sends a message, and waits until it was dealt with: the reply, if there is one.
    pub(crate) fn say(&mut self, message: &P::Message) -> Option<P::Reply> {
        self.link.broadcast(message);
        self.sent += 1;
        let (server, sent) = (&self.server, self.sent);
        eventually("it is counted", || (server.counted("received") == sent).then_some(()));
        self.link.take().pop()
    }

    /// Has a message explained and sends it. The reply is what was said, byte for byte, and leases are changed as was
    /// said, but where it is said that this is not certain. What was said, and the reply.
    pub(crate) fn try_out(&mut self, message: &P::Message, what: &str) -> (Value, Option<P::Reply>) {
        let told = self.explain(message);
        let mut leases = self.leases();
        let reply = self.say(message);
        if told["arguments"]["remarks"].to_string().contains(UNCERTAIN) {
            return (told, reply);
        }
        let packet = reply.as_ref().map(|reply| format!("{:x}", Hex(reply.bytes())));
        let said = told["arguments"]["reply"]["packet"].as_str();
        assert_eq!(said, packet.as_deref(), "{what}: {told:#}");
        for change in told["arguments"]["lease-changes"].as_array().expect("a list") {
            let (before, after) = (&change["before"], &change["after"]);
            let place = address(if after.is_null() { before } else { after });
            let there = leases.remove(&place).unwrap_or_default();
            assert_eq!(before, &there, "{what}: {told:#}");
            if !after.is_null() {
                leases.insert(place, after.clone());
            }
        }
        assert_eq!(leases, self.leases(), "{what}: {told:#}");
        (told, reply)
    }
}

/// The address of a lease as commands show it.
fn address(lease: &Value) -> String {
    lease["ip-address"].as_str().expect("a lease has an address").to_owned()
}
