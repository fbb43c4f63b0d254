//! What the servers are configured with.

use serde_json::{Value, json};

/// A server on `eth0` with the first subnet and these changes, made by the keys of the `Dhcp6` map.
pub(crate) fn configuration(changes: Value) -> Value {
    let mut dhcp6 = json!({
        "interfaces-config": {"interfaces": ["eth0"]},
        "multi-threading": {"enable-multi-threading": false},
        "preferred-lifetime": 1800,
        "valid-lifetime": 3600,
        // Kea 3 lets a lease that was just given run on instead of renewing it (lease caching), Kea 2.2 does not.
        "cache-max-age": 0,
        // Kea 2.2 forgets what is released; so do we, when it is not to be held.
        "expired-leases-processing": {"hold-reclaimed-time": 0},
        "dhcp-ddns": {"enable-updates": false},
        "subnet6": [subnet(1, json!({"interface": "eth0"}))],
    });
    merge(&mut dhcp6, changes);
    dhcp6
}

/// The subnet of that number, with few addresses and prefixes, a name server, and these changes.
pub(crate) fn subnet(number: u16, changes: Value) -> Value {
    let mut subnet = json!({
        "id": number,
        "subnet": format!("2001:db8:{number}::/64"),
        "pools": [{"pool": format!("2001:db8:{number}::100 - 2001:db8:{number}::107")}],
        "pd-pools": [{"prefix": format!("2001:db8:8{number}00::"), "prefix-len": 53, "delegated-len": 56}],
        "option-data": [{"name": "dns-servers", "data": format!("2001:db8:{number}::53")}],
    });
    merge(&mut subnet, changes);
    subnet
}

pub(crate) fn merge(map: &mut Value, changes: Value) {
    let (Some(map), Value::Object(changes)) = (map.as_object_mut(), changes) else { panic!("maps") };
    map.extend(changes);
}
