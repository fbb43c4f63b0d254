//! Whatever commands and clients do to leases, the statistics are what a recount of the leases says.

use kotare_model::Chance;
use serde_json::{Value, json};

use crate::lease_commands::configuration;
use crate::link::LinkOf;
use crate::protocol::Protocol;
use crate::recount::assert_counted;
use crate::server::ServerOf;
use crate::store::DatabaseOf;

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

fn leases<P: Protocol>(server: &ServerOf<P>) -> Value {
    server.retold("lease4-get-all", None)
}

fn statistics_are_what_a_recount_says<P: Protocol>() {
    let (link, mut chance) = (LinkOf::<P>::default(), Chance::new(42));
    let server = ServerOf::with_database(&link, configuration::<P>(), &DatabaseOf::<P>::new());
    for step in 0..600 {
        let what = chance.below(21);
        match what {
            0..=6 => drop(server.retold("lease4-add", Some(some_lease(&mut chance)))),
            7..=13 => drop(server.retold("lease4-update", Some(some_lease(&mut chance)))),
            14..=16 => drop(server.retold("lease4-del", Some(some_lease(&mut chance)))),
            17 => {
                let subnet = chance.below(3);
                if chance.below(8) == 0 {
                    server.retold("lease4-wipe", Some(json!({"subnet-id": subnet})));
                }
            }
            18 => {
                // What is reset is no longer what there is, until leases are counted anew.
                for name in
                    ["assigned-addresses", "subnet[1].declined-addresses", "subnet[2].assigned-addresses"]
                {
                    server.retold("statistic-reset", Some(json!({"name": name})));
                }
                let (value, there) = (server.told_statistic("assigned-addresses"), leases(&server));
                assert_eq!(value, 0, "after step {step}");
                let counted = server.told("leases-recount", json!({}));
                assert_eq!(
                    counted["assigned-addresses"].as_i64(),
                    Some(server.told_statistic("assigned-addresses"))
                );
                assert_eq!(leases(&server), there, "leases are only counted");
            }
            19 => drop(server.retold("leases-reclaim", Some(json!({"remove": chance.below(2) == 0})))),
            _ => drop(server.lease(&link, &mut P::client(chance.below(8) as u32))),
        }
        assert_counted(&server, &format!("after step {step}, {what}"));
    }
}

both! { statistics_are_what_a_recount_says }
