//! The same as `durable` of DHCPv6.

use std::collections::BTreeSet;
use std::net::Ipv6Addr;
use std::time::Duration;

use kotare_model::Chance;
use kotare_tests::world::{Server6, Turns, World, busy6_configuration, eventually};
use serde_json::{Value, json};

use crate::bind::Bind;
use crate::daemon::Ddns;
use crate::durable::await_zones;
use crate::{FORWARD, REVERSE6, domain, with_bind};

fn ddns_map(world: &World) -> Value {
    json!({
        "dns-server-timeout": 100,
        "request-queue": {"persist": true, "name": world.path("ddns").join("requests")},
        "forward-ddns": {"ddns-domains": [domain(FORWARD, &["127.0.0.1"])]},
        "reverse-ddns": {"ddns-domains": [domain(REVERSE6, &["127.0.0.1"])]},
    })
}

/// A server that names all its clients.
fn dhcp6_map(world: &World) -> Value {
    let mut dhcp6 = busy6_configuration();
    let file = world.path("server").join("requests");
    dhcp6["dhcp-ddns"] = json!({"enable-updates": true, "request-queue": {"persist": true, "name": file}});
    dhcp6["ddns-qualifying-suffix"] = json!(FORWARD);
    dhcp6["ddns-replace-client-name"] = json!("always");
    dhcp6["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
    dhcp6
}

/// The leases.
fn leases(server: &Server6) -> Vec<Value> {
    let answer = server.command("lease6-get-all", None);
    answer["arguments"]["leases"].as_array().cloned().unwrap_or_default()
}

/// What leases say of names and addresses, as records of the zones do.
fn named(server: &Server6) -> BTreeSet<String> {
    let records = leases(server).into_iter().flat_map(|lease| {
        let (name, address) = (lease["hostname"].as_str(), lease["ip-address"].as_str());
        let name = name.expect("a name").trim_end_matches('.');
        let address: Ipv6Addr = address.expect("an address").parse().expect("an address");
        let digits =
            address.octets().into_iter().rev().map(|byte| format!("{:x}.{:x}.", byte & 15, byte >> 4));
        [format!("{name}. AAAA {address}"), format!("{}ip6.arpa. PTR {name}.", digits.collect::<String>())]
    });
    records.collect()
}

/// The records of the zones that clients have.
fn records(bind: &Bind) -> BTreeSet<String> {
    let all = [FORWARD, REVERSE6].into_iter().flat_map(|zone| bind.transfer(zone));
    let all = all.filter(|record| [" AAAA ", " PTR "].iter().any(|kind| record.contains(kind)));
    // BIND writes digits as whoever said them first.
    all.map(|record| record.to_lowercase().replace(" aaaa ", " AAAA ").replace(" ptr ", " PTR ")).collect()
}

/// Both servers are killed at random moments while leases are given and renewed, and without a DNS server at first: in the end the
/// zones are what the leases say.
#[test]
fn kills_lose_nothing_of_dhcpv6() {
    with_bind("durable6::kills_lose_nothing_of_dhcpv6", |world| {
        let busy = world.busy6();
        let mut chance = Chance::new(6);
        let mut bind = None;
        for round in 1..=4 {
            let ddns = Ddns::kotare(world, &busy.server, ddns_map(world));
            let mut server = Server6::kotare(world, &busy.server, "server", dhcp6_map(world));
            if round == 2 {
                let zones = [(FORWARD, "any"), (REVERSE6, "any")];
                bind = Bind::start(world, &busy.server, "127.0.0.1", &[], &zones);
            }
            // Each time there are some who were not there before.
            let silence = Duration::from_secs(2);
            let clients = 30 * round;
            let load =
                busy.load(Turns { clients, half: None, exchanges: None, silence, until_silent: false });
            let replied = || server.statistic("pkt6-reply-sent");
            let until = |count: i64| eventually("leases are given", || (replied() >= count).then_some(()));
            until(i64::from(clients / 2) + chance.below(60) as i64);
            if round % 2 == 0 {
                // Dropped, it is killed.
                drop(ddns);
                until(replied() + chance.below(60) as i64);
            }
            server.signal("KILL");
            server.wait();
            load.give_up();
        }
        let bind = bind.expect("it was started");
        let _ddns = Ddns::kotare(world, &busy.server, ddns_map(world));
        let server = Server6::kotare(world, &busy.server, "server", dhcp6_map(world));
        for lease in leases(&server).iter().take(20) {
            let named = json!({"ip-address": lease["ip-address"], "update-ddns": true});
            assert_eq!(server.command("lease6-del", Some(named))["result"], 0);
        }
        let expected = named(&server);
        assert!(expected.len() >= 40, "{expected:?}");
        await_zones(&expected, || records(&bind), || server.command("status-get", None));
        assert_eq!(server.command("status-get", None)["arguments"]["name-change-requests-lost"], 0);
        assert!(server.stop());
    });
}
