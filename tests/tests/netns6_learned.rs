//! Subnets that follow a prefix which a provider delegates to the router (`prefix-from`): real clients on both sides.

use std::net::Ipv6Addr;

use kotare_tests::world::{
    Client6, Client6Program, Host, Lease6, Link, Server6, Wish, World, eventually, lan6_configuration,
    sandboxed,
};
use serde_json::{Value, json};

/// A router between a provider's link (`wan0`) and its own (`lan0`).
struct Scene<'a> {
    world: &'a World,
    isp: Host,
    router: Host,
    lan: Link,
}

impl<'a> Scene<'a> {
    fn new(world: &'a World) -> Self {
        let (uplink, lan) = (world.link("uplink"), world.link("lan"));
        let isp = world.host6("isp", &uplink);
        let router = world.host("router");
        router.trust_addresses();
        router.ip("link set lo up");
        for (link, interface) in [(&uplink, "wan0"), (&lan, "lan0")] {
            link.join(&router, interface);
            router.link_local(interface);
        }
        Self { world, isp, router, lan }
    }

    /// The provider's server, which delegates prefixes of 56 bits from this one of 40.
    fn provider(&self, prefix: &str) -> Value {
        let mut dhcp6 = lan6_configuration();
        dhcp6["subnet6"] = json!([{
            "id": 1, "interface": "eth0", "subnet": "2001:db8:f::/64",
            "pd-pools": [{"prefix": prefix, "prefix-len": 40, "delegated-len": 56}],
        }]);
        dhcp6["server-id"] = json!({"type": "EN", "enterprise-id": 9, "identifier": "0123"});
        // A client that renews at once gets an answer of its own.
        dhcp6["cache-threshold"] = 0.0001.into();
        dhcp6
    }

    /// The router's server: a subnet that follows `from`, and clients that renew every two seconds.
    fn follower(&self, from: Value) -> Value {
        let mut dhcp6 = lan6_configuration();
        dhcp6["interfaces-config"] = json!({"interfaces": ["lan0"]});
        dhcp6["renew-timer"] = 2.into();
        dhcp6["rebind-timer"] = 1000.into();
        dhcp6["cache-threshold"] = 0.0001.into();
        dhcp6["subnet6"] = json!([{
            "id": 7, "interface": "lan0", "prefix-from": from, "subnet": "0:0:0:1::/64",
            "pools": [{"pool": "::100 - ::1ff"}],
            "pd-pools": [{"prefix": "0:0:0:80::", "prefix-len": 57, "delegated-len": 60}],
        }]);
        dhcp6
    }

    fn client(&self, name: &str, program: Client6Program) -> Client6 {
        let host = self.world.host6(name, &self.lan);
        Client6::new(self.world, &host, "eth0", program, Wish::Both)
    }
}

/// Whether an address is of the pool behind a prefix of 56 bits, and a delegated prefix of the pool of prefixes.
fn is_behind(prefix: &str, address: Ipv6Addr, delegated: &str) -> bool {
    let bits = |text: &str| {
        let address: Ipv6Addr =
            text.split('/').next().and_then(|bits| bits.parse().ok()).expect("an address");
        u128::from(address)
    };
    let (prefix, address, delegated) = (bits(prefix), u128::from(address), bits(delegated));
    let of_pool = (prefix | (1 << 64) | 0x100)..=(prefix | (1 << 64) | 0x1ff);
    of_pool.contains(&address) && (delegated ^ prefix) >> 71 == 1
}

fn has(lease: &Lease6, prefix: &str) -> bool {
    is_behind(prefix, lease.address.expect("an address"), lease.prefix.as_ref().expect("a prefix"))
}

/// What the server says keeps it from serving.
fn unserved(server: &Server6) -> Value {
    server.command("status-get", None)["arguments"]["unserved-subnets"].clone()
}

/// Waits until a client's interface has one address, from behind a prefix.
fn await_address(client: &Client6, prefix: &str) {
    eventually("the client has one address, from the new prefix", || match client.addresses()[..] {
        [address] => (u128::from(address) >> 72 == prefix_bits(prefix)).then_some(()),
        _ => None,
    });
}

fn prefix_bits(prefix: &str) -> u128 {
    let address: Ipv6Addr = prefix.split('/').next().and_then(|bits| bits.parse().ok()).expect("an address");
    u128::from(address) >> 72
}

/// RFC 7084, WPD-1 and what follows: the router asks its provider for a prefix with a client of its own, whose route to
/// nowhere the server sees, and gives its own clients addresses and prefixes behind it. When the provider changes it, they
/// get new ones with their next renewal and lose the old ones (RFC 9915 §18.3.4), and what is written stays as it was.
#[test]
fn clients_follow_the_prefix_of_the_provider() {
    sandboxed("clients_follow_the_prefix_of_the_provider", |world| {
        let scene = Scene::new(world);
        let server =
            Server6::kotare(world, &scene.router, "router", scene.follower(json!({"interface": "lo"})));
        assert_eq!(unserved(&server), json!(["the subnet with id 7 waits: no prefix is known on 'lo'"]));
        let written = server.command("config-get", None)["arguments"].clone();

        let isp = Server6::kotare(world, &scene.isp, "isp", scene.provider("2001:db8:1200::"));
        let mut uplink = Client6::new(world, &scene.router, "wan0", Client6Program::Dhcpcd, Wish::Prefix);
        let first = uplink.obtain().prefix.expect("a prefix");
        server.await_log(&["KOTARE_SUBNET_FOLLOWS", &first]);
        eventually("it is served", || unserved(&server).is_null().then_some(()));
        let mut client = scene.client("client", Client6Program::Dhclient);
        let lease = client.obtain();
        assert!(has(&lease, &first), "{lease:?} is behind {first}");

        isp.write_configuration(scene.provider("2001:db8:3400::"));
        isp.signal("HUP");
        isp.await_log(&["DHCP6_DYNAMIC_RECONFIGURATION_SUCCESS"]);
        let second = eventually("the provider's new prefix", || {
            uplink.renew().prefixes().into_iter().find(|prefix| prefix.starts_with("2001:db8:34"))
        });
        server.await_log(&["KOTARE_SUBNET_FOLLOWS", &second]);
        await_address(&client, &second);
        let listed = server.command("learned-prefix-list", None)["arguments"].clone();
        let subnet = &listed["subnets"][0];
        assert_eq!((&subnet["id"], &subnet["prefix"]), (&json!(7), &json!(second)));
        let rows = server.lease_rows();
        let lost = |row: &&String| row.starts_with(&format!("{},", lease.address.expect("an address")));
        let last = rows.iter().rfind(lost).expect("it was written");
        assert_eq!(last.split(',').nth(2), Some("0"), "it is taken from the client: {last}");
        assert_eq!(server.statistic("subnet[7].assigned-nas"), 1);
        assert_eq!(server.command("config-get", None)["arguments"], written);
        // A start in the middle of all that serves at once.
        assert!(server.stop());
        let server = Server6::again(world, &scene.router, "router");
        assert_eq!(unserved(&server), Value::Null);
    });
}

/// Whoever has the prefix can hand it in, or leave it as an address on the router's own link; what is told goes before what
/// shows, and nobody is served when it is taken back. A prefix that does not fit is refused with the reason.
#[test]
fn a_prefix_is_told_or_shows_as_an_address() {
    sandboxed("a_prefix_is_told_or_shows_as_an_address", |world| {
        let scene = Scene::new(world);
        let mut dhcp6 = scene.follower(json!({"interface": "lan0", "by": "address"}));
        dhcp6["subnet6"][0]["subnet"] = "::/64".into();
        dhcp6["subnet6"][0]["pd-pools"] = json!([]);
        let server = Server6::kotare(world, &scene.router, "router", dhcp6);
        let subnet =
            || server.command("learned-prefix-list", None)["arguments"]["subnets"][0]["subnet"].clone();
        scene.router.ip("-6 address add 2001:db8:5:1::1/64 dev lan0");
        eventually("the address is seen", || (subnet() == "2001:db8:5:1::/64").then_some(()));
        let host = world.host6("client", &scene.lan);
        let mut client = Client6::new(world, &host, "eth0", Client6Program::Dhcpcd, Wish::Address);
        let address = client.obtain().address.expect("an address");
        assert!(address.to_string().starts_with("2001:db8:5:1::1"), "{address}");

        scene.router.ip("-6 address add 2001:db8:6:1::1/64 dev lan0");
        scene.router.ip("-6 address change 2001:db8:5:1::1/64 dev lan0 preferred_lft 0 valid_lft 600");
        eventually("the address that is not deprecated counts", || {
            (subnet() == "2001:db8:6:1::/64").then_some(())
        });
        eventually("the client is told", || {
            let told = client.renew().addresses();
            told.iter().any(|address| address.to_string().starts_with("2001:db8:6:1::1")).then_some(())
        });

        let tell = |prefix: &str| {
            server.command("learned-prefix-set", Some(json!({"interface": "lan0", "prefix": prefix})))
        };
        let told = tell("2001:db8:7:1::/64");
        assert_eq!((&told["result"], subnet()), (&json!(0), json!("2001:db8:7:1::/64")), "{told}");
        let told = tell("2001:db8:7:1::/65");
        assert_eq!(told["result"], 1, "{told}");
        assert_eq!(told["text"], "'::/64' does not fit behind the prefix 2001:db8:7:1::/65");
        assert_eq!(
            unserved(&server),
            json!(["the subnet with id 7 waits: '::/64' does not fit behind the prefix 2001:db8:7:1::/65"])
        );
        let taken = server.command("learned-prefix-del", Some(json!({"interface": "lan0"})));
        assert_eq!((&taken["result"], subnet()), (&json!(0), json!("2001:db8:6:1::/64")), "{taken}");
        let again = server.command("learned-prefix-del", Some(json!({"interface": "lan0"})));
        assert_eq!(again["result"], 3, "{again}");
        for wrong in [
            json!({"interface": "lan0"}),
            json!({"interface": "lan0", "prefix": "::/0"}),
            json!({"interface": "", "prefix": "2001:db8::/48"}),
            json!({"interface": "lan0", "prefix": "2001:db8::/48", "valid-lifetime": 0}),
        ] {
            assert_eq!(server.command("learned-prefix-set", Some(wrong.clone()))["result"], 1, "{wrong}");
        }
    });
}
