//! The scene of tests of DHCPv6 under load: a server, and a relay agent with very many clients.

use std::net::Ipv6Addr;

use serde_json::{Value, json};

use super::{Host, Load6, Server6, Turns, World, eventually};

/// The server's address.
const SERVER: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 1);
/// What the relay agent calls the link of its clients.
const LINK: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 2, 0, 0, 0, 0, 1);

/// A server's host and a relay agent's, with a cable between them.
#[derive(Debug)]
pub struct Busy6 {
    /// Where the server runs.
    pub server: Host,
    /// Where the load comes from.
    pub relay: Host,
}

impl World {
    /// A server's host and a relay agent's; see [`Busy6`].
    pub fn busy6(&self) -> Busy6 {
        let (server, relay) = (self.host("server"), self.host("relay"));
        server.trust_addresses();
        relay.trust_addresses();
        self.cable((&server, "eth0"), (&relay, "eth0"));
        server.address("eth0", &format!("{SERVER}/64"));
        relay.address("eth0", "2001:db8:1::2/64");
        for host in [&server, &relay] {
            host.link_local("eth0");
        }
        Busy6 { server, relay }
    }
}

impl Busy6 {
    /// Starts a load.
    pub fn load(&self, turns: Turns) -> Load6 {
        Load6::start(&self.relay, SERVER, LINK, turns)
    }

    /// Starts a load that goes on until its end is waited for, and counts as resent what was lost. It has begun when this
    /// returns.
    pub fn lasting_load(&self, server: &Server6, clients: u32) -> Load6 {
        // A machine that has other things to do takes its time for an answer; what is lost is not answered at all.
        let silence = std::time::Duration::from_secs(20);
        let load = self.load(Turns { clients, half: None, exchanges: None, silence, until_silent: false });
        eventually("leases are acknowledged", || (server.statistic("pkt6-reply-sent") > 0).then_some(()));
        load
    }
}

/// A `Dhcp6` map that serves the relay agent of a [`Busy6`] scene, and logs little.
pub fn busy6_configuration() -> Value {
    json!({
        "interfaces-config": {"interfaces": [format!("eth0/{SERVER}")]},
        "preferred-lifetime": 1800,
        "valid-lifetime": 3600,
        "subnet6": [{
            "id": 1,
            "subnet": "2001:db8:2::/64",
            "pools": [{"pool": "2001:db8:2::1:0:0/96"}],
        }],
        "loggers": [{"name": "kea-dhcp6", "severity": "INFO", "output_options": [{"output": "stdout"}]},
            // A line for each lease is more than the test is about.
            {"name": "kea-dhcp6.leases", "severity": "WARN", "output_options": [{"output": "stdout"}]},
        ],
    })
}
