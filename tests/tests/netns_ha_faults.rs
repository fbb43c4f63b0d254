//! What happens to a pair of DHCPv4 under load and between real clients: partners that are cut off, frozen and killed. After
//! each both have the same leases, and none that was acknowledged is missing at either; but see
//! [`partners_are_killed_under_load`].

use std::collections::BTreeMap;

use kotare_tests::world::{
    ClientProgram, Kind, Lan, Load, Pair, V4, World, busy_configuration, eventually, lan_configuration,
    sandboxed,
};
use serde_json::{Value, json};

const URLS: [&str; 2] = ["http://192.0.2.11:8005/", "http://192.0.2.12:8005/"];
const NORMAL: [&str; 2] = ["hot-standby"; 2];

/// A link with a pair in hot-standby.
fn scene<'a>(world: &'a World, map: &Value, changes: Value) -> (Lan<'a>, Pair<'a, V4>) {
    let lan = world.lan();
    let hosts = ["server1", "server2"].map(|name| lan.host(name));
    hosts[0].address("eth0", "192.0.2.11/24");
    hosts[1].address("eth0", "192.0.2.12/24");
    let mut relationship = json!({"mode": "hot-standby"});
    for (key, value) in changes.as_object().into_iter().flatten() {
        relationship[key] = value.clone();
    }
    let pair = Pair::start(world, hosts, URLS, [Kind::Ours; 2], map, &relationship).expect("ours are there");
    pair.awaits(NORMAL);
    (lan, pair)
}

/// The address that a client of this name gets.
fn obtain(lan: &Lan<'_>, name: &str) -> String {
    lan.client(name, ClientProgram::ALL[0]).obtain().address().to_string()
}

/// Both have what is wanted, and the same.
fn both_have(pair: &Pair<'_, V4>, addresses: &[String]) {
    pair.agree();
    [0, 1].into_iter().for_each(|own| knows(pair, own, addresses));
}

/// A server has leases of all these.
fn knows(pair: &Pair<'_, V4>, own: usize, addresses: &[String]) {
    let leases = pair.leases(own);
    let missing: Vec<_> = addresses.iter().filter(|address| !leases.contains_key(*address)).collect();
    assert!(missing.is_empty(), "server{} lacks {} of {}", own + 1, missing.len(), addresses.len());
}

/// Who is cut off from its partner, in one direction or both, while clients reach both: the primary goes on alone, the standby
/// sees that its clients are answered and is silent. Both come together by themselves.
#[test]
fn partners_are_cut_off() {
    sandboxed("partners_are_cut_off", |world| {
        let (lan, pair) = scene(world, &lan_configuration(), json!({"max-unacked-clients": 10}));
        let mut addresses = vec![obtain(&lan, "first")];
        for (number, deaf) in [&[0][..], &[1], &[0, 1]].into_iter().enumerate() {
            let route = |what: &str, own: usize| {
                pair.host(own).ip(&format!("route {what} blackhole 192.0.2.1{}/32", 2 - own));
            };
            deaf.iter().for_each(|own| route("add", *own));
            pair.awaits_one(0, "partner-down");
            addresses.push(obtain(&lan, &format!("cut{number}")));
            deaf.iter().for_each(|own| route("del", *own));
            pair.awaits(NORMAL);
            both_have(&pair, &addresses);
        }
        assert!(pair.stop(), "both end in order");
    });
}

/// A primary that is frozen (SIGSTOP) is taken over from, and comes back with what was given meanwhile.
#[test]
fn a_partner_is_frozen() {
    sandboxed("a_partner_is_frozen", |world| {
        let (lan, pair) = scene(world, &lan_configuration(), json!({}));
        let first = obtain(&lan, "first");
        pair.server(0).signal("STOP");
        pair.awaits_one(1, "partner-down");
        let late = obtain(&lan, "late");
        pair.server(0).signal("CONT");
        pair.awaits(NORMAL);
        both_have(&pair, &[first, late]);
        assert!(pair.stop(), "both end in order");
    });
}

/// Under a load that never pauses the standby is killed and comes back; then the primary is killed, and the standby has every
/// lease that was acknowledged. When the primary is back, they differ in nothing.
#[test]
fn partners_are_killed_under_load() {
    sandboxed("partners_are_killed_under_load", |world| {
        let (lan, mut pair) = scene(world, &busy_configuration(), json!({"sync-page-limit": 500}));
        let relay = lan.host("relay");
        relay.address("eth0", "192.0.2.2/24");
        let lasting =
            ["--until-closed", "--seconds", "600", "--resend", "1", "--silence", "4", "--in-flight", "32"];
        let load = Load::start(world, &relay, "192.0.2.11", "192.0.2.2", &lasting);
        let goes_on = |pair: &Pair<'_, V4>, own: usize| {
            let acknowledged = || pair.server(own).statistic("pkt4-ack-sent");
            let before = acknowledged();
            eventually("leases are acknowledged", || (acknowledged() > before + 300).then_some(()));
        };
        goes_on(&pair, 0);
        pair.kill(1);
        pair.awaits_one(0, "partner-down");
        goes_on(&pair, 0);
        pair.run(1);
        pair.awaits(NORMAL);
        goes_on(&pair, 0);
        pair.kill(0);
        let acknowledged: BTreeMap<String, String> = load.finish().1;
        let addresses: Vec<String> = acknowledged.into_values().collect();
        assert!(addresses.len() >= 900, "{}", addresses.len());
        pair.awaits_one(1, "partner-down");
        knows(&pair, 1, &addresses);
        pair.run(0);
        pair.awaits(NORMAL);
        knows(&pair, 0, &addresses);
        knows(&pair, 1, &addresses);
        // The primary was killed with leases under way, of which it has told the standby.
        let diff = pair.server(0).command("ha-diff", None);
        assert_eq!((&diff["result"], &diff["arguments"]["count"]), (&json!(0), &json!(0)), "{diff}");
        assert!(pair.stop(), "both end in order");
    });
}
