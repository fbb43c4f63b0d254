//! A server, and a host that wishes it ill.

use std::net::Ipv6Addr;

use kotare_model::Chance;
use kotare_testkit::v6::Client;
use kotare_tests::world::{Host, Port6, Server6, World, eventually};
use kotare_wire::v6::{Index, Message, MessageType};
use serde_json::{Value, json};

/// All servers and relay agents of the link (RFC 9915 §7.1).
pub(crate) const ALL_SERVERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);
/// The first transaction of those that ask whether the server is there; others are below.
const PROBES: u32 = 0x00ff_0000;
/// How many datagrams go out before the server is asked whether it is still there: no more than its socket holds.
const BURST: usize = 100;

/// A server on its host, and another host on the link.
pub(crate) struct Scene {
    pub(crate) host: Host,
    pub(crate) server: Server6,
    /// A port of a client.
    client: Port6,
    /// A port of a relay agent.
    relay: Port6,
    probes: u32,
}

impl Scene {
    /// A server that serves.
    pub(crate) fn new(world: &World) -> Self {
        Self::with(world, json!({}))
    }

    /// A server that serves under a configuration with these changes.
    pub(crate) fn with(world: &World, changes: Value) -> Self {
        let lan = world.lan6();
        let server = Server6::kotare(world, &lan.server, "server", configuration(changes));
        let host = lan.host("attacker");
        // Replies to relay agents are for this one.
        host.address("eth0", "2001:db8:1::666/64");
        let (client, relay) = (host.port6(546), host.port6(547));
        let mut scene = Self { host: lan.server, server, client, relay, probes: 0 };
        scene.assert_serves();
        scene
    }

    /// Sends all of these, each from a port of a client and one of a relay agent, and lets the server keep up.
    pub(crate) fn send_all(&mut self, datagrams: impl IntoIterator<Item = Vec<u8>>) {
        for (sent, datagram) in datagrams.into_iter().enumerate() {
            self.client.send(ALL_SERVERS, &datagram);
            self.relay.send(ALL_SERVERS, &datagram);
            if sent % BURST == BURST - 1 {
                self.await_probe();
            }
        }
        self.await_probe();
    }

    /// The answer to this message, with these octets of transaction.
    pub(crate) fn ask(&mut self, message: &[u8]) -> Vec<u8> {
        let transaction = Message::parse(message, &mut Index::new()).expect("it is sound").transaction_id();
        self.client.send(ALL_SERVERS, message);
        self.answer(transaction)
    }

    /// The server answers a client that it has never seen with an address, and nothing in it has panicked.
    pub(crate) fn assert_serves(&mut self) {
        self.probes += 1;
        let mut client = Client::new(0x00e0_0000 + self.probes);
        client.transaction = PROBES + self.probes;
        let transaction = client.transaction;
        eventually("a client is offered an address", || {
            let offer = self.ask(&client.solicit().bytes());
            let mut index = Index::new();
            let offer = Message::parse(&offer, &mut index).expect("the answer is sound");
            let offered =
                offer.options().any(|(_, value)| value.windows(4).any(|four| four == [0, 5, 0, 24]));
            (offer.message_type() == MessageType::ADVERTISE && offered).then_some(())
        });
        assert_eq!(transaction, PROBES + self.probes);
        self.assert_calm();
    }

    /// Nothing in the server has panicked.
    pub(crate) fn assert_calm(&self) {
        let log = self.server.log();
        let lines: Vec<&str> = log.lines().collect();
        let end = lines[lines.len().saturating_sub(30)..].join("\n");
        assert!(!log.contains("panicked"), "the server panicked; log:\n{end}");
    }

    /// The memory that the server has.
    pub(crate) fn resident_kib(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.pid()));
        let status = status.expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
        line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
    }

    /// What was sent before is done, and the server is still there.
    fn await_probe(&mut self) {
        self.probes += 1;
        let mut client = Client::new(1);
        client.transaction = PROBES + self.probes;
        self.ask(&client.information_request().bytes());
    }

    /// The answer of this transaction; others are passed over.
    fn answer(&self, transaction: u32) -> Vec<u8> {
        loop {
            let datagram = self.client.receive();
            let mut index = Index::new();
            let answer = Message::parse(&datagram, &mut index).expect("every answer is sound");
            if answer.transaction_id() == transaction {
                return datagram;
            }
        }
    }
}

/// A `Dhcp6` map for the link, with these changes; everything is logged, as hostile input goes to the log, too.
pub(crate) fn configuration(changes: Value) -> Value {
    let mut dhcp6 = json!({
        "interfaces-config": {"interfaces": ["eth0"]},
        "multi-threading": {"enable-multi-threading": false},
        "preferred-lifetime": 1800,
        "valid-lifetime": 3600,
        "store-extended-info": true,
        "mac-sources": ["any"],
        "relay-supplied-options": ["65", "110"],
        "ddns-send-updates": false,
        "client-classes": [
            {"name": "a", "test": "option[16].text == 'a' or substring(option[1].hex, 0, 2) == 0x0001"},
            {"name": "b", "test": "relay6[0].option[37].exists and vendor[4491].option[1].hex == 'b'"},
        ],
        "subnet6": [{
            "id": 1,
            "subnet": "2001:db8:1::/64",
            "interface": "eth0",
            "rapid-commit": true,
            "pools": [{"pool": "2001:db8:1::1:0/112"}],
            "pd-pools": [{
                "prefix": "2001:db8:8000::", "prefix-len": 40, "delegated-len": 56,
                "excluded-prefix": "2001:db8:8000:00ff::", "excluded-prefix-len": 64,
            }],
            "option-data": [
                {"name": "dns-servers", "data": "2001:db8:1::53"},
                {"name": "vendor-opts", "data": "4491"},
            ],
        }],
        "loggers": [{
            "name": "kea-dhcp6", "severity": "DEBUG", "debuglevel": 99,
            "output-options": [{"output": "stdout", "flush": true}],
        }],
    });
    let (Some(map), Value::Object(changes)) = (dhcp6.as_object_mut(), changes) else { panic!("maps") };
    map.extend(changes);
    dhcp6
}

/// So many bytes without meaning.
pub(crate) fn bytes(noise: &mut Chance, len: usize) -> Vec<u8> {
    (0..len).map(|_| noise.below(256) as u8).collect()
}
