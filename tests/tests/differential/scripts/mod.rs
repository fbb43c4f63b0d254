//! What clients and relays do, by topic; each topic with the configuration it is about.

mod boot;
mod bootp;
mod classes;
mod every_option;
mod exhausted;
mod expressions;
mod flex_option;
mod hosts;
mod identity;
mod lifetimes;
mod malformed;
mod names;
mod naming;
mod options;
mod relays;
mod requests;
mod sockets;
mod states;
mod walk;

use std::net::Ipv4Addr;

use kotare_wire::v4::OptionCode;
use serde_json::{Value, json};

/// The last address of 192.0.2.0/24 with this byte.
fn host(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(192, 0, 2, last)
}

/// A server on `eth0` with one subnet and these changes, made by the keys of the `Dhcp4` map.
pub(crate) fn configuration(changes: Value) -> Value {
    let mut dhcp4 = json!({
        "interfaces-config": {"interfaces": ["eth0"], "dhcp-socket-type": "raw"},
        "multi-threading": {"enable-multi-threading": false},
        "valid-lifetime": 3600,
        // Kea 3 lets a lease that was just given run on instead of renewing it (lease caching), Kea 2.2 does not.
        "cache-max-age": 0,
        "dhcp-ddns": {"enable-updates": false},
        "subnet4": [subnet(json!({}))],
    });
    merge(&mut dhcp4, changes);
    dhcp4
}

/// The subnet of the cable with a pool, and these changes.
fn subnet(changes: Value) -> Value {
    let mut subnet =
        json!({"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}]});
    merge(&mut subnet, changes);
    subnet
}

fn merge(map: &mut Value, changes: Value) {
    let (Some(map), Value::Object(changes)) = (map.as_object_mut(), changes) else { panic!("maps") };
    map.extend(changes);
}

/// The parameter request list of a common client.
const COMMON_WISHES: &[u8] = &[1, 3, 6, 12, 15, 28, 42, 51, 54, 58, 59, 119, 121];

/// An option that lists what the client wants.
const WISHES: OptionCode = OptionCode::PARAMETER_REQUEST_LIST;
