//! The statistics of leases, counted anew from the leases and the configuration there are.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::protocol::Protocol;
use crate::server::ServerOf;

/// Statistics that can be counted anew: how many of what there are now. All is told of DHCPv4.
const COUNTABLE: [&str; 3] = ["assigned-addresses", "declined-addresses", "total-addresses"];

/// The statistics are what a recount says, of the server, of its subnets and of their pools, no more and no fewer of
/// them, and none is below zero.
pub(crate) fn assert_counted<P: Protocol>(server: &ServerOf<P>, when: &str) {
    let all = server.told("statistic-get-all", json!({}));
    let all = all.as_object().expect("a map");
    let value = |samples: &Value| samples[0][0].as_i64();
    let negative = all.iter().find(|(_, samples)| value(samples).is_some_and(|value| value < 0));
    assert_eq!(negative, None, "{when}");
    let is_countable = |name: &str| COUNTABLE.contains(&name.rsplit('.').next().unwrap_or(name));
    let counted: BTreeMap<String, i64> = all
        .iter()
        .filter(|(name, _)| is_countable(name))
        .map(|(name, samples)| (name.clone(), value(samples).expect("a number")))
        .collect();
    assert_eq!(counted, recount(server), "{when}");
}

fn recount<P: Protocol>(server: &ServerOf<P>) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    let mut places = vec![(String::new(), 0)];
    for subnet in subnets(server) {
        let place = format!("subnet[{}].", subnet["id"]);
        let mut total = 0;
        for pool in subnet["pools"].as_array().into_iter().flatten() {
            let size = size(pool["pool"].as_str().expect("a pool"));
            places.push((format!("{place}pool[{}].", pool["pool-id"].as_u64().unwrap_or(0)), size));
            total += size;
        }
        places.push((place, total));
    }
    for (place, total) in places {
        for name in COUNTABLE {
            let count: &mut i64 = counts.entry(format!("{place}{name}")).or_default();
            if name == "total-addresses" {
                // Pools of one id are counted together.
                *count += total;
            }
        }
    }
    counts.remove("total-addresses");
    let leases = server.retold("lease4-get-all", None);
    for lease in leases["arguments"]["leases"].as_array().expect("leases") {
        let subnet = &lease["subnet-id"];
        let pool = lease["pool-id"].as_u64().unwrap_or(0);
        let names = match lease["state"].as_u64() {
            Some(0) => &COUNTABLE[..1],
            Some(1) => &COUNTABLE[..2],
            _ => &[],
        };
        for name in names {
            for place in
                [String::new(), format!("subnet[{subnet}]."), format!("subnet[{subnet}].pool[{pool}].")]
            {
                // What is in no subnet or pool of the configuration counts for the server alone.
                if let Some(count) = counts.get_mut(&format!("{place}{name}")) {
                    *count += 1;
                }
            }
        }
    }
    counts
}

/// All subnets as they are configured.
fn subnets<P: Protocol>(server: &ServerOf<P>) -> Vec<Value> {
    let config = server.told("config-get", json!({}));
    let list = |map: &Value, keyword: &str| map[keyword].as_array().cloned().unwrap_or_default();
    let networks = list(&config["Dhcp4"], "shared-networks");
    let inside = networks.iter().flat_map(|network| list(network, "subnet4"));
    list(&config["Dhcp4"], "subnet4").into_iter().chain(inside).collect()
}

/// How many addresses a pool has.
fn size(pool: &str) -> i64 {
    let (first, last) = kotare_config::parse_pool::<std::net::Ipv4Addr>(pool).expect("a pool");
    i64::from(u32::from(last)) - i64::from(u32::from(first)) + 1
}
