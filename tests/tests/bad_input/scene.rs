//! A server and the cable to it.

use std::fs::File;
use std::net::Ipv4Addr;
use std::thread;

use kotare_model::Chance;
use kotare_tests::world::{Host, Server, World, eventually, program};
use kotare_wire::v4::MessageType;
use nix::sched::{CloneFlags, setns};
use serde_json::{Value, json};

use crate::packets::{Answer, Link, Query, SERVER, mac};

/// A server on its host, with a link to it.
pub(crate) struct Scene<'w> {
    world: &'w World,
    pub(crate) host: Host,
    pub(crate) link: Link,
    pub(crate) server: Server,
    client: u16,
}

impl<'w> Scene<'w> {
    /// A server that serves.
    pub(crate) fn new(world: &'w World) -> Self {
        Self::with(world, json!({}))
    }

    /// A server that serves under a configuration with these changes.
    pub(crate) fn with(world: &'w World, changes: Value) -> Self {
        let (host, link) = Link::new(world, "bad");
        let server = Server::kotare(world, &host, "server", configuration(changes));
        let mut scene = Self { world, host, link, server, client: 0xff00 };
        scene.assert_serves();
        scene
    }

    /// Starts the server again, after `meanwhile` had its way with the files in its folder.
    pub(crate) fn restart(&mut self, changes: Value, meanwhile: impl FnOnce(&Self)) {
        self.server.signal("TERM");
        assert!(self.server.wait(), "the server ends in order");
        meanwhile(self);
        self.server = Server::kotare(self.world, &self.host, "server", configuration(changes));
    }

    /// The server answers a client it has never seen, and nothing in it has panicked.
    pub(crate) fn assert_serves(&mut self) {
        self.client += 1;
        let query = Query::discover(self.client);
        let client = mac(self.client);
        let offered = |answer: &Answer| {
            answer.message_type() == Some(MessageType::OFFER) && answer.payload[28..34] == client
        };
        // Where several workers serve, the offer may come after what was asked later; then it is asked for again.
        let link = &mut self.link;
        eventually("a client is offered a lease", || link.ask(&query).iter().any(offered).then_some(()));
        self.assert_calm();
    }

    /// Nothing in the server has panicked.
    pub(crate) fn assert_calm(&self) {
        let log = self.server.log();
        assert!(!log.contains("panicked"), "the server panicked; log:\n{}", tail(&log));
    }

    /// Lets a client obtain a lease; its address, if it is acknowledged.
    pub(crate) fn lease(&mut self, client: u16) -> Option<Ipv4Addr> {
        let offer = self.link.ask(&Query::discover(client)).pop()?;
        let request = Query::request(client).server_id(SERVER).requested(offer.yiaddr());
        let answer = self.link.ask(&request).pop()?;
        (answer.message_type() == Some(MessageType::ACK)).then(|| answer.yiaddr())
    }

    /// Whether the server confirms that this client has this lease (INIT-REBOOT; strangers hear nothing).
    pub(crate) fn confirms(&mut self, client: u16, address: Ipv4Addr) -> bool {
        let answers = self.link.ask(&Query::request(client).requested(address));
        answers.iter().any(|answer| answer.message_type() == Some(MessageType::ACK))
    }
}

/// A `Dhcp4` map for the cable, with these changes; everything is logged, as hostile input goes to the log, too.
pub(crate) fn configuration(changes: Value) -> Value {
    let mut dhcp4 = json!({
        "interfaces-config": {"interfaces": ["eth0"]},
        "multi-threading": {"enable-multi-threading": false},
        "valid-lifetime": 3600,
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}]}],
        "loggers": [{
            "name": "kea-dhcp4", "severity": "DEBUG", "debuglevel": 99,
            "output-options": [{"output": "stdout", "flush": true}],
        }],
    });
    let (Some(map), Value::Object(changes)) = (dhcp4.as_object_mut(), changes) else { panic!("maps") };
    map.extend(changes);
    dhcp4
}

/// Does this on a host: what is opened stays there.
pub(crate) fn on<T: Send + 'static>(host: &Host, work: impl FnOnce() -> T + Send + 'static) -> T {
    let namespace = File::open(format!("/run/netns/{}", host.name())).expect("a host has a namespace");
    // A thread of its own enters the namespace and ends.
    let worked = thread::spawn(move || {
        setns(&namespace, CloneFlags::CLONE_NEWNET).expect("the namespace can be entered");
        work()
    });
    worked.join().expect("the thread does not panic")
}

/// So many bytes without meaning.
pub(crate) fn bytes(noise: &mut Chance, len: usize) -> Vec<u8> {
    (0..len).map(|_| noise.below(256) as u8).collect()
}

/// The end of a log.
pub(crate) fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}

/// Our server program.
pub(crate) fn server_program() -> std::path::PathBuf {
    program("kea-dhcp4")
}
