//! The scene most tests play in: one link with a server on it.

use serde_json::{Value, json};

use super::{Client, ClientProgram, Host, Link, World};

/// A link with a server's host at 192.0.2.1 on `eth0`.
#[derive(Debug)]
pub struct Lan<'a> {
    world: &'a World,
    /// Where the server runs.
    pub server: Host,
    /// The link.
    pub link: Link,
}

impl World {
    /// A link with a server's host; see [`Lan`].
    pub fn lan(&self) -> Lan<'_> {
        let (server, link) = (self.host("server"), self.link("lan"));
        link.join(&server, "eth0");
        server.address("eth0", "192.0.2.1/24");
        Lan { world: self, server, link }
    }
}

impl Lan<'_> {
    /// One more host on the link, without an address; its interface is `eth0`.
    pub fn host(&self, name: &str) -> Host {
        let host = self.world.host(name);
        self.link.join(&host, "eth0");
        host
    }

    /// A client program on a host of its own on the link, not running yet.
    pub fn client(&self, name: &str, program: ClientProgram) -> Client {
        Client::new(self.world, &self.host(name), "eth0", program)
    }
}

/// A `Dhcp4` map that serves the [`Lan`]: an hour's leases of 192.0.2.100 to 192.0.2.199, with a router and a name
/// server. Tests change what they are about.
pub fn lan_configuration() -> Value {
    let output = json!([{"output": "stdout"}]);
    json!({
        "interfaces-config": {"interfaces": ["eth0"]},
        "valid-lifetime": 3600,
        "subnet4": [{
            "id": 1,
            "subnet": "192.0.2.0/24",
            "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
            "option-data": [
                {"name": "routers", "data": "192.0.2.1"},
                {"name": "domain-name-servers", "data": "192.0.2.53"},
            ],
        }],
        "loggers": [
            {"name": "kea-dhcp4", "severity": "DEBUG", "debuglevel": 40, "output_options": output},
            // What the tests ask would drown what they are about.
            {"name": "kea-dhcp4.commands", "severity": "WARN", "output_options": output},
        ],
    })
}
