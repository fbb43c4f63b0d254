//! The hosts of the demo and what joins them.

use kotare_tests::world::{Host, Link, World};

/// What it looks like.
pub(super) const PICTURE: &str = "
  server ──┬── laptop    udhcpc
           ├── phone     dhclient
           ├── printer   dhcpcd, for which an address and a name are reserved
           ├── desktop   dhclient -6, for which an address is reserved
           ├── router    dhcpcd -6, which wants a prefix for a network of its own, too
           └── relay ─┬─ tablet    udhcpc, through dhcrelay
                      └─ camera    dhclient -6, through dhcrelay -6
";

/// All hosts; each has `eth0`.
pub(super) struct Network {
    pub(super) server: Host,
    pub(super) laptop: Host,
    pub(super) phone: Host,
    pub(super) printer: Host,
    pub(super) desktop: Host,
    pub(super) router: Host,
    /// Its `eth1` is on the link of the hosts behind it.
    pub(super) relay: Host,
    pub(super) tablet: Host,
    pub(super) camera: Host,
    /// They are there as long as these are.
    _links: [Link; 2],
}

/// The server's addresses.
pub(super) const SERVER4: &str = "192.0.2.1";
pub(super) const SERVER6: &str = "2001:db8:1::1";

impl Network {
    pub(super) fn new(world: &World) -> Self {
        let (near, far) = (world.link("link"), world.link("far-link"));
        let [server, laptop, phone, printer, desktop, router, relay] =
            ["server", "laptop", "phone", "printer", "desktop", "router", "relay"]
                .map(|name| world.host6(name, &near));
        let [tablet, camera] = ["tablet", "camera"].map(|name| world.host6(name, &far));
        far.join(&relay, "eth1");
        server.address("eth0", &format!("{SERVER4}/24"));
        server.address("eth0", &format!("{SERVER6}/64"));
        for (interface, addresses) in [
            ("eth0", ["192.0.2.2/24", "2001:db8:1::2/64"]),
            ("eth1", ["198.51.100.1/24", "2001:db8:2::1/64"]),
        ] {
            addresses.iter().for_each(|address| relay.address(interface, address));
            relay.link_local(interface);
        }
        relay.forward();
        server.ip("route add 198.51.100.0/24 via 192.0.2.2");
        server.ip("-6 route add 2001:db8:2::/64 via 2001:db8:1::2");
        let links = [near, far];
        Self { server, laptop, phone, printer, desktop, router, relay, tablet, camera, _links: links }
    }
}
