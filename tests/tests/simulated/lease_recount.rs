//! Whatever commands and clients do to leases, the statistics are what a recount of the leases says.

use std::collections::BTreeMap;

use kotare_model::Chance;
use kotare_testkit::Client;
use serde_json::{Value, json};

use crate::lease_commands::configuration;
use crate::link::Link;
use crate::server::Server;
use crate::store::Database;

/// The statistics of leases, from the leases: for each name, how many.
fn recount(server: &Server) -> BTreeMap<String, i64> {
    let leases = server.answer("lease4-get-all", None);
    let mut counts = BTreeMap::new();
    for lease in leases["arguments"]["leases"].as_array().expect("leases") {
        let (subnet, pool) = (&lease["subnet-id"], lease["pool-id"].as_u64().unwrap_or(0));
        let counted: &[&str] = match lease["state"].as_u64() {
            Some(0) => &["assigned-addresses"],
            Some(1) => &["assigned-addresses", "declined-addresses"],
            _ => &[],
        };
        for name in counted {
            let mut places = vec![String::new(), format!("subnet[{subnet}].")];
            // What is in no pool of the subnet is counted in none.
            if [(1, 0), (2, 7), (2, 8)].contains(&(subnet.as_u64().unwrap_or(0), pool)) {
                places.push(format!("subnet[{subnet}].pool[{pool}]."));
            }
            for place in places {
                *counts.entry(format!("{place}{name}")).or_default() += 1;
            }
        }
    }
    counts
}

/// The same statistics, as the server has them; those that are 0 are left out.
fn counted(server: &Server) -> BTreeMap<String, i64> {
    let all = server.ask("statistic-get-all", json!({}));
    let all = all.as_object().expect("a map");
    let is_of_leases = |name: &str| {
        let last = name.rsplit('.').next().unwrap_or(name);
        ["assigned-addresses", "declined-addresses"].contains(&last)
    };
    let value = |samples: &Value| samples[0][0].as_i64().expect("a number");
    all.iter()
        .filter(|(name, samples)| is_of_leases(name) && value(samples) != 0)
        .map(|(name, samples)| (name.clone(), value(samples)))
        .collect()
}

/// Some lease of a few addresses, in pools and beside them, in any state, ended or not.
fn some_lease(chance: &mut Chance) -> Value {
    let (subnet, address) = match chance.below(3) {
        0 => (1, format!("192.0.8.{}", chance.below(4))),
        1 => (1, format!("192.0.2.{}", 1 + chance.below(4))),
        _ => (2, format!("198.51.100.{}", 8 + chance.below(16))),
    };
    let mut lease = json!({
        "ip-address": address, "hw-address": format!("02:00:00:00:00:{:02x}", chance.below(8)),
        "subnet-id": subnet, "state": chance.below(4), "force-create": chance.below(2) == 0,
    });
    if chance.below(4) == 0 {
        lease["expire"] = json!(1_700_000_000_usize - 10 + chance.below(20));
        lease["valid-lft"] = 5.into();
    }
    if chance.below(8) == 0 {
        lease["pool-id"] = [7, 8, 9][chance.below(3)].into();
    }
    lease
}

#[test]
fn statistics_are_what_a_recount_says() {
    let (link, mut chance) = (Link::default(), Chance::new(42));
    let server = Server::with_database(&link, configuration(), &Database::new());
    for step in 0..600 {
        let what = chance.below(20);
        match what {
            0..=6 => drop(server.answer("lease4-add", Some(some_lease(&mut chance)))),
            7..=13 => drop(server.answer("lease4-update", Some(some_lease(&mut chance)))),
            14..=16 => drop(server.answer("lease4-del", Some(some_lease(&mut chance)))),
            17 => {
                let subnet = chance.below(3);
                if chance.below(8) == 0 {
                    server.answer("lease4-wipe", Some(json!({"subnet-id": subnet})));
                }
            }
            18 => drop(server.answer("leases-reclaim", Some(json!({"remove": chance.below(2) == 0})))),
            _ => drop(server.lease(&link, &mut Client::new(chance.below(8) as u32))),
        }
        assert_eq!(counted(&server), recount(&server), "after step {step}, {what}");
    }
}
