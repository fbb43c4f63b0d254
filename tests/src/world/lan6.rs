//! The scene of most tests of DHCPv6: one link with a server on it.

use serde_json::{Value, json};

use super::{Client6, Client6Program, Host, Link, Wish, World};

/// A link with a server's host at 2001:db8:1::1 on `eth0`. Addresses are used at once, without asking for duplicates.
#[derive(Debug)]
pub struct Lan6<'a> {
    world: &'a World,
    /// Where the server runs.
    pub server: Host,
    /// The link.
    pub link: Link,
}

impl World {
    /// A link with a server's host; see [`Lan6`].
    pub fn lan6(&self) -> Lan6<'_> {
        let link = self.link("lan");
        let server = self.host6("server", &link);
        server.address("eth0", "2001:db8:1::1/64");
        Lan6 { world: self, server, link }
    }

    /// A host with `eth0` on a link, and a link-local address that it may speak from.
    pub fn host6(&self, name: &str, link: &Link) -> Host {
        let host = self.host(name);
        host.trust_addresses();
        link.join(&host, "eth0");
        host.link_local("eth0");
        host
    }
}

impl Lan6<'_> {
    /// One more host on the link, with nothing but a link-local address; its interface is `eth0`.
    pub fn host(&self, name: &str) -> Host {
        self.world.host6(name, &self.link)
    }

    /// A client program on a host of its own on the link, not running yet.
    pub fn client(&self, name: &str, program: Client6Program, wish: Wish) -> Client6 {
        Client6::new(self.world, &self.host(name), "eth0", program, wish)
    }
}

/// A `Dhcp6` map that serves the [`Lan6`]: leases that are valid for an hour and preferred for half of it, of 256 addresses
/// and of 256 prefixes, and a name server. Tests change what they are about.
pub fn lan6_configuration() -> Value {
    let output = json!([{"output": "stdout"}]);
    json!({
        "interfaces-config": {"interfaces": ["eth0"]},
        "preferred-lifetime": 1800,
        "valid-lifetime": 3600,
        "subnet6": [{
            "id": 1,
            "subnet": "2001:db8:1::/64",
            "interface": "eth0",
            "pools": [{"pool": "2001:db8:1::100 - 2001:db8:1::1ff"}],
            "pd-pools": [{"prefix": "2001:db8:8000::", "prefix-len": 48, "delegated-len": 56}],
            "option-data": [{"name": "dns-servers", "data": "2001:db8:1::53"}],
        }],
        "loggers": [
            {"name": "kea-dhcp6", "severity": "DEBUG", "debuglevel": 40, "output_options": output},
            // What the tests ask would drown what they are about.
            {"name": "kea-dhcp6.commands", "severity": "WARN", "output_options": output},
        ],
    })
}
