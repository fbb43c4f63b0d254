//! The scene of tests with relay agents of DHCPv6: a link behind a router.

use std::net::Ipv6Addr;

use serde_json::{Value, json};

use super::{Client6, Client6Program, Host, Link, Relay, Wish, World, lan6_configuration};

/// A server's host, and behind a relay agent that is a router, too, a link with clients.
#[derive(Debug)]
pub struct Office6<'a> {
    world: &'a World,
    /// Where the server runs; it is on `eth0`.
    pub server: Host,
    /// Where the relay agent runs: the server is on its `eth0`, clients on `eth1`.
    pub relay: Host,
    /// The link of the clients.
    pub link: Link,
}

impl World {
    /// A server behind a relay agent; see [`Office6`].
    pub fn office6(&self) -> Office6<'_> {
        let (server, relay, link) = (self.host("server"), self.host("relay"), self.link("office"));
        server.trust_addresses();
        relay.trust_addresses();
        self.cable((&server, "eth0"), (&relay, "eth0"));
        link.join(&relay, "eth1");
        server.address("eth0", &format!("{}/64", Office6::SERVER));
        relay.address("eth0", "2001:db8:1::2/64");
        relay.address("eth1", "2001:db8:2::1/64");
        for (host, interface) in [(&server, "eth0"), (&relay, "eth0"), (&relay, "eth1")] {
            host.link_local(interface);
        }
        Office6 { world: self, server, relay, link }
    }
}

impl Office6<'_> {
    /// The server, as relay agents know it.
    pub const SERVER: &'static str = "2001:db8:1::1";

    /// The same as an address.
    pub fn server(&self) -> Ipv6Addr {
        Self::SERVER.parse().expect("an address")
    }

    /// Relays to the server; with options such as `-I`, which adds the interface identifier.
    pub fn relaying(&self, options: &[&str]) -> Relay {
        Relay::start6(self.world, &self.relay, "eth1", "eth0", Self::SERVER, options)
    }

    /// A client program on a host of its own behind the relay agent, which is named after it, not running yet.
    pub fn client(&self, program: Client6Program, wish: Wish) -> Client6 {
        let host = self.world.host6(program.name(), &self.link);
        Client6::new(self.world, &host, "eth0", program, wish)
    }
}

/// The server's own link and, behind the relay agent of an [`Office6`], two more. The server is heard at its own address,
/// too.
pub fn office6_configuration() -> Value {
    let mut dhcp6 = lan6_configuration();
    dhcp6["interfaces-config"]["interfaces"] = json!([format!("eth0/{}", Office6::SERVER)]);
    for id in [2, 3] {
        dhcp6["subnet6"].as_array_mut().expect("subnets").push(json!({
            "id": id,
            "subnet": format!("2001:db8:{id}::/64"),
            "pools": [{"pool": format!("2001:db8:{id}::100 - 2001:db8:{id}::1ff")}],
            "pd-pools": [{"prefix": format!("2001:db8:c0{id}0::"), "prefix-len": 48, "delegated-len": 56}],
            "option-data": [{"name": "dns-servers", "data": format!("2001:db8:{id}::53")}],
        }));
    }
    dhcp6
}
