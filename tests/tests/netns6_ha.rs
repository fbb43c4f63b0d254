//! High availability of `kea-dhcp6` with real clients: pairs of ours, and pairs with Debian's Kea 2.2 as the partner.

use kotare_tests::world::{
    Client6, Client6Program, Kind, Lan6, Pair, V6, Wish, World, lan6_configuration, sandboxed, server_duid,
};
use serde_json::json;

use Kind::{Keas, Ours};

/// A link with two servers that are partners.
struct Scene<'a> {
    lan: Lan6<'a>,
    pair: Pair<'a, V6>,
}

impl<'a> Scene<'a> {
    fn start(world: &'a World, kinds: [Kind; 2], mode: &str) -> Option<Self> {
        let lan = world.lan6();
        let hosts = ["server1", "server2"].map(|name| lan.host(name));
        hosts[0].address("eth0", "2001:db8:1::11/64");
        hosts[1].address("eth0", "2001:db8:1::12/64");
        let urls = ["http://[2001:db8:1::11]:8005/", "http://[2001:db8:1::12]:8005/"];
        let pair = Pair::start(world, hosts, urls, kinds, &lan6_configuration(), &json!({"mode": mode}))?;
        Some(Self { lan, pair })
    }

    /// A client that has an address and a prefix, which these are, and which server gave them.
    fn client(&self, name: &str, program: Client6Program) -> (Client6, [String; 2], usize) {
        let mut client = self.lan.client(name, program, Wish::Both);
        let lease = client.obtain();
        let prefix = lease.prefix.expect("a prefix");
        let prefix = prefix.split_once('/').expect("a prefix has a length").0.to_owned();
        let gave = usize::from(lease.told.server() == server_duid("server2"));
        (client, [lease.address.expect("an address").to_string(), prefix], gave)
    }

    fn know(&self, own: usize, leases: &[String; 2]) {
        let known = self.pair.leases(own);
        assert!(leases.iter().all(|lease| known.contains_key(lease)), "{leases:?} in {known:#?}");
    }
}

/// As with DHCPv4: the standby has every lease before its client, takes over, and gives back.
fn a_standby_takes_over(world: &World, kinds: [Kind; 2]) {
    let Some(mut scene) = Scene::start(world, kinds, "hot-standby") else { return };
    let normal = ["hot-standby"; 2];
    scene.pair.awaits(normal);
    for program in Client6Program::ALL {
        let (_client, leases, server) = scene.client(program.name(), program);
        assert_eq!(server, 0);
        scene.know(1, &leases);
    }
    scene.pair.agree();
    scene.pair.kill(0);
    scene.pair.awaits_one(1, "partner-down");
    let (_late, late, server) = scene.client("late", Client6Program::ALL[0]);
    assert_eq!(server, 1);
    scene.pair.run(0);
    scene.pair.awaits(normal);
    scene.know(0, &late);
    scene.pair.agree();
    scene.pair.kill(1);
    scene.pair.awaits_one(0, "partner-down");
    let (mut gone, released, server) = scene.client("alone", Client6Program::ALL[0]);
    assert_eq!(server, 0);
    scene.pair.run(1);
    scene.pair.awaits(normal);
    scene.know(1, &released);
    scene.pair.agree();
    gone.release();
    if kinds == [Ours, Ours] {
        scene.pair.agree();
    }
    assert!(scene.pair.stop(), "both end in order");
}

#[test]
fn a_standby_of_ours_takes_over_from_ours() {
    sandboxed("a_standby_of_ours_takes_over_from_ours", |world| a_standby_takes_over(world, [Ours, Ours]));
}

#[test]
fn a_standby_of_ours_takes_over_from_kea() {
    sandboxed("a_standby_of_ours_takes_over_from_kea", |world| a_standby_takes_over(world, [Keas, Ours]));
}

#[test]
fn a_standby_of_kea_takes_over_from_ours() {
    sandboxed("a_standby_of_kea_takes_over_from_ours", |world| a_standby_takes_over(world, [Ours, Keas]));
}

/// Each server answers its half of the clients, both know all leases.
fn halves_are_shared(world: &World, kinds: [Kind; 2]) {
    let Some(mut scene) = Scene::start(world, kinds, "load-balancing") else { return };
    let normal = ["load-balancing"; 2];
    scene.pair.awaits(normal);
    let mut clients: Vec<(Client6, usize)> = Vec::new();
    let both = |clients: &[(Client6, usize)]| {
        [0, 1].iter().all(|server| clients.iter().any(|(_, gave)| gave == server))
    };
    // Whose a client is its DUID says, which is another each time.
    for number in 0..24 {
        if both(&clients) {
            break;
        }
        let program = Client6Program::ALL[number % Client6Program::ALL.len()];
        let (client, leases, server) = scene.client(&format!("client{number}"), program);
        scene.know(1 - server, &leases);
        clients.push((client, server));
    }
    assert!(both(&clients));
    scene.pair.agree();
    scene.pair.kill(0);
    scene.pair.awaits_one(1, "partner-down");
    let (_late, late, _) = scene.client("late", Client6Program::ALL[0]);
    scene.pair.run(0);
    scene.pair.awaits(normal);
    scene.know(0, &late);
    scene.pair.agree();
    let own = usize::from(kinds[0] == Keas);
    let diff = scene.pair.server(own).command("ha-diff", None);
    assert_eq!((&diff["arguments"]["count"], diff["result"].as_u64()), (&json!(0), Some(0)), "{diff}");
    assert!(scene.pair.stop(), "both end in order");
}

#[test]
fn ours_share_their_clients() {
    sandboxed("ours_share_their_clients", |world| halves_are_shared(world, [Ours, Ours]));
}

#[test]
fn ours_shares_clients_with_kea() {
    sandboxed("ours_shares_clients_with_kea", |world| halves_are_shared(world, [Ours, Keas]));
}

#[test]
fn kea_shares_clients_with_ours() {
    sandboxed("kea_shares_clients_with_ours", |world| halves_are_shared(world, [Keas, Ours]));
}
