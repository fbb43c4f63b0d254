//! The scene of tests under load: a server, and a relay with more clients than it can count.

use serde_json::{Value, json};

use super::{Host, Load, Server, World, eventually};

/// A server's host at 192.0.2.1 on `eth0` and a relay's at 192.0.2.2.
#[derive(Debug)]
pub struct Busy<'a> {
    world: &'a World,
    /// Where the server runs.
    pub server: Host,
    /// Where the load comes from.
    pub relay: Host,
}

impl World {
    /// A server's host and a relay's; see [`Busy`].
    pub fn busy(&self) -> Busy<'_> {
        let (server, relay) = (self.host("server"), self.host("relay"));
        self.cable((&server, "eth0"), (&relay, "eth0"));
        server.address("eth0", "192.0.2.1/24");
        relay.address("eth0", "192.0.2.2/24");
        Busy { world: self, server, relay }
    }
}

impl Busy<'_> {
    /// Starts a load with these options of `kotare-load`.
    pub fn load(&self, options: &[&str]) -> Load {
        Load::start(self.world, &self.relay, "192.0.2.1", "192.0.2.2", options)
    }

    /// The same, which goes on until its end is waited for, and counts as resent what was lost. It has begun when this
    /// returns.
    pub fn lasting_load(&self, server: &Server, options: &[&str]) -> Load {
        // A machine that has other things to do takes its time for an answer; what is lost is not answered at all.
        let lasting = ["--until-closed", "--seconds", "600", "--resend", "20", "--silence", "60"];
        let load = self.load(&[&lasting, options].concat());
        eventually("leases are acknowledged", || (server.statistic("pkt4-ack-sent") > 0).then_some(()));
        load
    }
}

/// A `Dhcp4` map that serves the relay of a [`Busy`] scene from a pool of four million addresses, and logs little.
pub fn busy_configuration() -> Value {
    json!({
        "interfaces-config": {"interfaces": ["eth0"]},
        "valid-lifetime": 3600,
        "subnet4": [{
            "id": 1,
            "subnet": "10.0.0.0/8",
            "relay": {"ip-addresses": ["192.0.2.2"]},
            "pools": [{"pool": "10.0.0.1 - 10.63.255.255"}],
        }],
        "loggers": [{"name": "kea-dhcp4", "severity": "INFO", "output_options": [{"output": "stdout"}]},
            // A line for each lease is more than the test is about.
            {"name": "kea-dhcp4.leases", "severity": "WARN", "output_options": [{"output": "stdout"}]},
        ],
    })
}
