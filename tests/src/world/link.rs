//! Links: a cable between two hosts, or a switch that many share.

use super::{Host, World, host};

/// A switch: what one host sends, all others hear.
#[derive(Debug)]
pub struct Link {
    switch: Host,
}

impl World {
    /// Joins two hosts with a cable; its ends are the interfaces named.
    pub fn cable(&self, a: (&Host, &str), b: (&Host, &str)) {
        host::ip(&format!(
            "link add {} netns {} type veth peer name {} netns {}",
            a.1,
            a.0.name(),
            b.1,
            b.0.name()
        ));
        for (host, interface) in [a, b] {
            host.ip(&format!("link set {interface} up"));
        }
    }

    /// A link that any number of hosts can [join](Link::join).
    pub fn link(&self, name: &str) -> Link {
        let switch = self.host(name);
        switch.ip("link add switch type bridge");
        switch.ip("link set switch up");
        Link { switch }
    }
}

impl Link {
    /// Gives a host an interface on this link.
    pub fn join(&self, host: &Host, interface: &str) {
        // Interface names have at most 15 characters.
        let port: String = format!("{}.{interface}", host.name()).chars().take(15).collect();
        host::ip(&format!(
            "link add {port} netns {} type veth peer name {interface} netns {}",
            self.switch.name(),
            host.name()
        ));
        self.switch.ip(&format!("link set {port} master switch"));
        self.switch.ip(&format!("link set {port} up"));
        host.ip(&format!("link set {interface} up"));
    }
}
