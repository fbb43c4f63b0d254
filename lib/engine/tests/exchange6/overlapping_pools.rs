//! Pools of several subnets that have addresses and prefixes in common (manual, "Overlapping Pools").

use kotare_wire::v6::MessageType;
use serde_json::{Value, json};

use crate::told::ask;
use crate::world::{World, config, duid};

const REQUEST: MessageType = MessageType::REQUEST;
const REBIND: MessageType = MessageType::REBIND;

/// Two subnets with the same pools on these interfaces, and what else there is. Clients are on `eth0`.
fn twins(interfaces: [&str; 2], more: Value) -> Value {
    let mut text = config(json!({ "interface": interfaces[0] }));
    let mut other = text["Dhcp6"]["subnet6"][0].clone();
    other["id"] = 2.into();
    other["subnet"] = "2001:db8:1::/60".into();
    other["interface"] = interfaces[1].into();
    text["Dhcp6"]["subnet6"].as_array_mut().unwrap().push(other);
    text["Dhcp6"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    text
}

/// What one client has in one subnet nobody gets in the other, but the client itself when it moves there: its lease goes
/// with it.
#[test]
fn a_lease_moves_with_its_client() {
    let mut world = World::new(twins(["eth0", "eth1"], json!({})));
    let first = world.ask(&ask(REQUEST, 1).na(1, &["2001:db8:1::15"]).pd(2, &[]));
    let told = "na 1 t1=1000 t2=2000 [2001:db8:1::15 3000/4000] \
                pd 2 t1=1000 t2=2000 [2001:db8:f000::/56 3000/4000]";
    assert_eq!(first, format!("REPLY {told}"));
    world.reconfigure(twins(["eth1", "eth0"], json!({})));
    let both = ["2001:db8:1::15", "2001:db8:f000::/56"];
    let other = world.ask(&ask(REQUEST, 2).na(1, &both[..1]).pd(2, &both[1..]));
    assert!(other.contains("[2001:db8:1::10 ") && other.contains("[2001:db8:f000:100::/56 "), "{other}");
    // Another association of the same client is another holder.
    let other = world.ask(&ask(REBIND, 1).na(9, &both[..1]));
    assert!(other.contains("2001:db8:1::11 3000/4000, 2001:db8:1::15 0/0"), "{other}");
    assert_eq!(world.ask(&ask(REBIND, 1).na(1, &both[..1]).pd(2, &both[1..])), format!("REPLY {told}"));
    assert_eq!(
        world.leases(),
        [
            "2001:db8:1::10 IA_NA 1 client 2 in 2 default",
            "2001:db8:1::11 IA_NA 9 client 1 in 2 default",
            "2001:db8:1::15 IA_NA 1 client 1 in 2 default",
            "2001:db8:f000::/56 IA_PD 2 client 1 in 2 default",
            "2001:db8:f000:100::/56 IA_PD 2 client 2 in 2 default",
        ]
    );
    let counted = |name: &str| [1, 2].map(|id| world.stat(&format!("subnet[{id}].{name}")));
    assert_eq!((counted("assigned-nas"), counted("assigned-pds")), ([0, 3], [0, 2]));
    assert_eq!(world.stat("assigned-nas"), 3);
    assert_eq!(world.stat("cumulative-assigned-nas"), 3, "a lease that moves is not another one");
}

/// So does what is reserved for a client wherever it is.
#[test]
fn what_is_reserved_globally_moves_with_its_client() {
    let host = json!({
        "reservations-global": true,
        "reservations": [{ "duid": duid(1), "ip-addresses": ["2001:db8:1::aa"], "prefixes": ["2001:db8:7::/56"] }],
    });
    let mut world = World::new(twins(["eth0", "eth1"], host.clone()));
    let told = "REPLY na 1 t1=1000 t2=2000 [2001:db8:1::aa 3000/4000] \
                pd 2 t1=1000 t2=2000 [2001:db8:7::/56 3000/4000]";
    assert_eq!(world.ask(&ask(REQUEST, 1).na(1, &[]).pd(2, &[])), told);
    world.reconfigure(twins(["eth1", "eth0"], host));
    assert_eq!(world.ask(&ask(REQUEST, 1).na(1, &[]).pd(2, &[])), told);
    assert_eq!(
        world.leases(),
        ["2001:db8:1::aa IA_NA 1 client 1 in 2 default", "2001:db8:7::/56 IA_PD 2 client 1 in 2 default"]
    );
}
