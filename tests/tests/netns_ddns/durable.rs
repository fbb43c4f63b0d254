//! Requests from a lease to the DNS: neither SIGKILL of either server nor a DNS server that is away loses a change.

use std::collections::BTreeSet;

use kotare_model::Chance;
use kotare_tests::world::{Server, World, busy_configuration, eventually};
use serde_json::{Value, json};

use crate::bind::Bind;
use crate::daemon::Ddns;
use crate::{FORWARD, domain, with_bind};

const REVERSE: &str = "0.0.10.in-addr.arpa";

/// The zones of a small pool, with requests kept in this folder.
fn ddns_map(world: &World) -> Value {
    json!({
        "dns-server-timeout": 100,
        "request-queue": {"persist": true, "name": world.path("ddns").join("requests")},
        "forward-ddns": {"ddns-domains": [domain(FORWARD, &["127.0.0.1"])]},
        "reverse-ddns": {"ddns-domains": [domain(REVERSE, &["127.0.0.1"])]},
    })
}

/// A server of that pool which tells the DNS with every renewal.
fn dhcp4_map(world: &World) -> Value {
    let mut dhcp4 = busy_configuration();
    dhcp4["subnet4"][0]["subnet"] = json!("10.0.0.0/24");
    dhcp4["subnet4"][0]["pools"] = json!([{"pool": "10.0.0.1 - 10.0.0.250"}]);
    let file = world.path("server").join("requests");
    dhcp4["dhcp-ddns"] = json!({"enable-updates": true, "request-queue": {"persist": true, "name": file}});
    dhcp4["ddns-qualifying-suffix"] = json!(FORWARD);
    dhcp4["ddns-replace-client-name"] = json!("always");
    dhcp4["ddns-update-on-renew"] = json!(true);
    dhcp4["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
    dhcp4
}

/// What leases say of names and addresses, as records of the zones do.
fn named(server: &Server) -> BTreeSet<String> {
    let answer = server.command("lease4-get-all", None);
    let leases = answer["arguments"]["leases"].as_array().cloned().unwrap_or_default();
    let records = leases.iter().flat_map(|lease| {
        let (name, address) = (lease["hostname"].as_str(), lease["ip-address"].as_str());
        let (name, address) = (name.expect("a name").trim_end_matches('.'), address.expect("an address"));
        let last = address.rsplit('.').next().expect("a number");
        [format!("{name}. A {address}"), format!("{last}.{REVERSE}. PTR {name}.")]
    });
    records.collect()
}

/// The records of the zones that clients have.
fn records(bind: &Bind) -> BTreeSet<String> {
    let all = [FORWARD, REVERSE].into_iter().flat_map(|zone| bind.transfer(zone));
    let of_clients = |record: &String| !["fixed.", "ns."].iter().any(|name| record.starts_with(name));
    let all = all.filter(|record| [" A ", " PTR "].iter().any(|kind| record.contains(kind)));
    all.filter(of_clients).collect()
}

/// Waits until the zones have these records; what they lack and have too much is told, and what the server says.
pub(crate) fn await_zones(
    expected: &BTreeSet<String>,
    records: impl Fn() -> BTreeSet<String>,
    status: impl Fn() -> Value,
) {
    let mut last = BTreeSet::new();
    let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        eventually("the zones are what the leases say", || {
            last = records();
            (last == *expected).then_some(())
        });
    }));
    assert!(
        told.is_ok(),
        "missing: {:?}; stale: {:?}; status {}",
        expected.difference(&last).collect::<Vec<_>>(),
        last.difference(expected).collect::<Vec<_>>(),
        status()
    );
}

/// Killed one, the other or both at random moments while leases are given and renewed, and without a DNS server at first: in
/// the end the zones are what the leases say. Clients whose lease was not kept when the server was killed do not come back.
#[test]
fn kills_of_either_server_lose_nothing() {
    with_bind("durable::kills_of_either_server_lose_nothing", |world| kills_lose_nothing(world, None));
}

/// The same with leases in a database, and requests that survive a power cut.
#[test]
fn kills_lose_nothing_of_a_database() {
    with_bind("durable::kills_lose_nothing_of_a_database", |world| {
        let database = json!({"type": "sqlite", "name": world.path("leases.sqlite")});
        kills_lose_nothing(world, Some(database));
    });
}

fn kills_lose_nothing(world: &World, database: Option<Value>) {
    let mut dhcp4 = dhcp4_map(world);
    if let Some(database) = database {
        dhcp4["lease-database"] = database;
        dhcp4["dhcp-ddns"]["request-queue"]["durability"] = json!("system");
    }
    let busy = world.busy();
    let mut chance = Chance::new(2);
    let mut bind = None;
    for round in 0..6 {
        let mut ddns = Some(Ddns::kotare(world, &busy.server, ddns_map(world)));
        let mut server = Server::kotare(world, &busy.server, "server", dhcp4.clone());
        if round == 2 {
            let zones = [(FORWARD, "any"), (REVERSE, "any")];
            bind = Bind::start(world, &busy.server, "127.0.0.1", &[], &zones);
        }
        // Killed with the rest: nobody waits for what nobody answers.
        let first = (1000 * round).to_string();
        let load = busy.lasting_load(&server, &["--first", &first, "--clients", "40", "--in-flight", "4"]);
        let acknowledged = || server.statistic("pkt4-ack-sent");
        let until = |count: i64| eventually("leases are given", || (acknowledged() >= count).then_some(()));
        until(acknowledged() + chance.below(60) as i64);
        if round % 3 != 1 {
            // Dropped, it is killed.
            ddns.take();
            until(acknowledged() + chance.below(60) as i64);
        }
        if round % 3 == 2 {
            ddns = Some(Ddns::kotare(world, &busy.server, ddns_map(world)));
            until(acknowledged() + chance.below(60) as i64);
        }
        server.signal("KILL");
        server.wait();
        drop((load, ddns));
    }
    let bind = bind.expect("it was started");
    let _ddns = Ddns::kotare(world, &busy.server, ddns_map(world));
    let server = Server::kotare(world, &busy.server, "server", dhcp4);
    for host in 1..=20 {
        let named = json!({"ip-address": format!("10.0.0.{host}"), "update-ddns": true});
        server.command("lease4-del", Some(named));
    }
    let expected = named(&server);
    assert!(expected.len() >= 40, "{expected:?}");
    await_zones(&expected, || records(&bind), || server.command("status-get", None));
    let status = server.command("status-get", None);
    assert_eq!(status["arguments"]["name-change-receipts"], true, "{status}");
    assert_eq!(status["arguments"]["name-change-requests-lost"], 0, "{status}");
    assert!(server.stop());
}

/// A kea-dhcp-ddns of Debian takes requests as if they came from a server of Kea, although receipts are asked for.
#[test]
fn a_partner_of_kea_is_not_disturbed() {
    with_bind("durable::a_partner_of_kea_is_not_disturbed", |world| {
        let busy = world.busy();
        let zones = [(FORWARD, "any"), (REVERSE, "any")];
        let bind = Bind::start(world, &busy.server, "127.0.0.1", &[], &zones).expect("BIND is unpacked");
        let mut map = ddns_map(world);
        map.as_object_mut().expect("a map").remove("request-queue");
        let Some(ddns) = Ddns::kea(world, &busy.server, map) else {
            return kotare_tests::tell("skipped: Debian's kea-dhcp-ddns is not unpacked");
        };
        let mut dhcp4 = dhcp4_map(world);
        dhcp4["dhcp-ddns"]["lease-expires-on"] = json!(true);
        let server = Server::kotare(world, &busy.server, "server", dhcp4);
        let load = busy.load(&["--clients", "4", "--in-flight", "1", "--exchanges", "4", "--seconds", "600"]);
        load.finish();
        let expected = named(&server);
        assert_eq!(expected.len(), 8, "{expected:?}");
        eventually("the zones are what the leases say", || (records(&bind) == expected).then_some(()));
        // Sending is enough from here on.
        eventually("nothing waits", || {
            let status = server.command("status-get", None);
            (status["arguments"]["name-change-requests-waiting"] == 0).then_some(())
        });
        let status = server.command("status-get", None);
        assert_eq!(status["arguments"]["name-change-receipts"], false, "{status}");
        assert!(!ddns.log().contains("INVALID_NCR"), "{}", ddns.log());
        assert!(server.stop());
    });
}

/// A kea-dhcp-ddns of Debian takes the place of ours after there were receipts, and ours takes it back: names follow leases all the
/// time, and Debian's is not asked again and again.
#[test]
fn a_partner_of_kea_takes_the_place_of_ours() {
    with_bind("durable::a_partner_of_kea_takes_the_place_of_ours", |world| {
        let busy = world.busy();
        let zones = [(FORWARD, "any"), (REVERSE, "any")];
        let bind = Bind::start(world, &busy.server, "127.0.0.1", &[], &zones).expect("BIND is unpacked");
        let ddns = Ddns::kotare(world, &busy.server, ddns_map(world));
        let mut dhcp4 = dhcp4_map(world);
        dhcp4["dhcp-ddns"]["lease-expires-on"] = json!(true);
        let server = Server::kotare(world, &busy.server, "server", dhcp4);
        let status = |what: &str| server.command("status-get", None)["arguments"][what].clone();
        // Four more clients, of whom the zones are told.
        let more = |first: &str| {
            let options = ["--first", first, "--clients", "4", "--in-flight", "1", "--exchanges", "4"];
            busy.load(&[&options[..], &["--seconds", "600"]].concat()).finish();
            let expected = named(&server);
            eventually("the zones are what the leases say", || (records(&bind) == expected).then_some(()));
            expected.len()
        };
        assert_eq!(more("1000"), 8);
        eventually("there are receipts", || (status("name-change-receipts") == true).then_some(()));
        drop(ddns);

        let mut map = ddns_map(world);
        map.as_object_mut().expect("a map").remove("request-queue");
        let Some(ddns) = Ddns::kea(world, &busy.server, map) else {
            return kotare_tests::tell("skipped: Debian's kea-dhcp-ddns is not unpacked");
        };
        assert_eq!(more("2000"), 16);
        // It takes half a minute until no receipts are waited for any more.
        let nothing_waits = || status("name-change-requests-waiting") == 0;
        eventually("nothing waits", || nothing_waits().then_some(()));
        assert_eq!(status("name-change-receipts"), false);
        let before = ddns.statistic("ncr-received");
        assert_eq!(more("3000"), 24);
        assert!(nothing_waits());
        let asked = ddns.statistic("ncr-received") - before;
        assert!((4..8).contains(&asked), "{asked} requests for four names");
        drop(ddns);

        let _ddns = Ddns::kotare(world, &busy.server, ddns_map(world));
        assert_eq!(more("4000"), 32);
        eventually("there are receipts", || (status("name-change-receipts") == true).then_some(()));
        eventually("nothing waits", || nothing_waits().then_some(()));
        let expected = named(&server);
        eventually("the zones are what the leases say", || (records(&bind) == expected).then_some(()));
        assert!(server.stop());
    });
}
