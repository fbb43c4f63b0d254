//! A server that messages are brought to, up to where leases would be touched.

use std::net::{Ipv6Addr, SocketAddrV6};
use std::sync::Arc;

use kotare_config::v6::Config6;
use kotare_engine::Leases6;
use kotare_engine::hooks::v6::Hooks6;
use kotare_engine::v4::Ports;
use kotare_engine::v6::{Dropped, Located, Query6, Received, Refused, Server};
use kotare_model::{Arrival6, Duid, SubnetId, Timestamp};
use kotare_stats::Counters6;
use kotare_testkit::v6::{Relay, relayed};
use kotare_testkit::{MemoryStore6, run};
use kotare_wire::v6::{Index, Message};

/// What the server calls itself.
pub(crate) const SERVER: &[u8] = &[0, 3, 0, 1, 2, 2, 2, 2, 2, 2];
/// The group of all servers and relay agents.
pub(crate) const GROUP: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);

/// A server.
pub(crate) struct World {
    pub(crate) server: Server,
    /// Where messages come from.
    pub(crate) source: Ipv6Addr,
    /// Where messages go to.
    pub(crate) destination: Ipv6Addr,
}

/// An address of its text.
pub(crate) fn address(text: &str) -> Ipv6Addr {
    text.parse().unwrap()
}

/// What relay agents make of a message, the one nearest to the client first.
pub(crate) fn through(message: &[u8], relays: &[Relay]) -> Vec<u8> {
    relays.iter().fold(message.to_vec(), |message, relay| relayed(&message, relay))
}

impl World {
    pub(crate) fn new(config: Config6) -> Self {
        let leases = Leases6::new(MemoryStore6::new(), Counters6::unread());
        let plan = run(leases.plan(&config, &[])).unwrap();
        let (ports, duid) = (Ports::default(), Duid::new(SERVER).unwrap());
        let server = Server::new(Arc::new(config), plan, ports, Hooks6::default(), duid);
        Self { server, source: address("fe80::1"), destination: GROUP }
    }

    /// Whether a message is let in.
    pub(crate) fn intake(&self, bytes: &[u8]) -> Result<Query6, Box<Refused>> {
        self.server.intake(&self.received(bytes), &mut Index::new()).map_err(Box::new)
    }

    /// Why a message is not let in.
    pub(crate) fn refusal(&self, bytes: &[u8]) -> Dropped {
        self.intake(bytes).expect_err("it is not let in").reason
    }

    /// What is found out of a message, and where its client is.
    pub(crate) fn locate(&self, bytes: &[u8]) -> (Query6, Result<Located, Dropped>) {
        let mut index = Index::new();
        let mut query = self.server.intake(&self.received(bytes), &mut index).expect("it is let in");
        let message = Message::new(bytes, &index).unwrap();
        let located = match self.server.admit(message, &mut query) {
            Ok(_) => run(self.server.locate(message, &mut query, Timestamp(1_000_000))),
            Err(dropped) => Err(dropped),
        };
        (query, located)
    }

    /// The id of the subnet that the client is on who sent a message.
    pub(crate) fn subnet(&self, bytes: &[u8]) -> Option<u32> {
        let (_, located) = self.locate(bytes);
        let config = self.server.config();
        located.expect("it is not dropped").selected.map(|at| config[at].id).map(|SubnetId(id)| id)
    }

    /// The names of the classes of a message.
    pub(crate) fn classes(&self, bytes: &[u8]) -> Vec<String> {
        let (query, _) = self.locate(bytes);
        let classes = &self.server.config().classes;
        query
            .classes
            .in_order()
            .filter_map(|id| classes.get(id))
            .map(|class| class.name.to_string())
            .collect()
    }

    /// A datagram as it comes.
    pub(crate) fn received<'a>(&self, datagram: &'a [u8]) -> Received<'a> {
        let arrival = Arrival6 {
            ifindex: 7,
            local: address("fe80::ffff"),
            destination: self.destination,
            source: SocketAddrV6::new(self.source, 546, 0, 7),
        };
        Received { datagram, arrival, interface: "eth0" }
    }
}
