//! Walks for which options clients get, of whatever is configured at whatever level.

use kotare_model::Chance;
use serde_json::{Value, json};

use super::drawn::{each, once_in, one_of};
use super::messages::Manner;
use super::{plain_networks, play_each, walk_in};
use crate::v6::configuration::configuration;
use crate::v6::query::duid;
use crate::v6::stage::Act;

/// The options that are configured somewhere, and some that are not.
const WISHES: &[u16] = &[7, 16, 17, 21, 22, 23, 24, 27, 29, 31, 32, 41, 59, 60, 65, 82, 65000, 65001, 65002];

/// Options of the server, classes, shared networks, subnets, pools and reservations, with sub-options.
#[test]
fn a_walk_through_options() {
    play_each(
        "options::a_walk_through_options",
        &[1, 2, 3],
        |seed| Act { seed, ..Act::of(drawn(&mut Chance::new(seed))) },
        &[("options", |side| {
            walk_in(side, &Manner { relays: true, wishes: WISHES, ..Manner::default() });
        })],
    );
}

pub(super) fn drawn(noise: &mut Chance) -> Value {
    let mut dhcp6 = configuration(plain_networks());
    dhcp6["option-def"] = json!([
        {"name": "mine", "code": 65000, "type": "uint32"},
        {"name": "own", "code": 65001, "type": "empty", "encapsulate": "own-space"},
        {"name": "list", "code": 65002, "type": "string", "array": false},
        {"name": "first", "code": 1, "type": "uint16", "space": "own-space"},
        {"name": "second", "code": 2, "type": "ipv6-address", "array": true, "space": "own-space"},
    ]);
    dhcp6["client-classes"] = json!([
        {"name": "even", "test": "substring(option[1].hex, -1, 1) == 0x02 or substring(option[1].hex, -1, 1) == 0x04"},
        {"name": "named", "test": "option[39].exists"},
        {"name": "vendored", "test": "vendor-class[4491].exists"},
        {"name": "reserved"},
    ]);
    let mut nth = 0;
    for class in dhcp6["client-classes"].as_array_mut().expect("classes") {
        options(noise, &mut nth, class, 1);
    }
    each(&mut dhcp6, &mut |_, scope| options(noise, &mut nth, scope, 2));
    dhcp6["subnet6"][0]["reservations"] = json!([
        reservation(noise, &mut nth, 0),
        reservation(noise, &mut nth, 1),
        reservation(noise, &mut nth, 3)
    ]);
    dhcp6
}

fn reservation(noise: &mut Chance, nth: &mut u16, client: u16) -> Value {
    let id = duid(client).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
    let mut reservation = json!({"duid": id});
    if once_in(noise, 2) {
        reservation["client-classes"] = json!(["reserved"]);
    }
    options(noise, nth, &mut reservation, 1);
    reservation
}

/// Gives a scope options, once in so many; each has a value of its own.
fn options(noise: &mut Chance, nth: &mut u16, scope: &mut Value, turns: usize) {
    if !once_in(noise, turns) {
        return;
    }
    let count = 1 + noise.below(5);
    let mut data: Vec<Value> = Vec::new();
    for _ in 0..count {
        *nth += 1;
        for option in any_option(noise, *nth) {
            let is_it = |other: &Value| ["name", "code", "space"].iter().all(|key| other[key] == option[key]);
            if !data.iter().any(is_it) {
                data.push(option);
            }
        }
    }
    scope["option-data"] = data.into();
}

/// An option, with its sub-options.
fn any_option(noise: &mut Chance, nth: u16) -> Vec<Value> {
    let address = format!("2001:db8::{nth:x}");
    let hex = format!("{nth:04x}");
    let mut option = match noise.below(17) {
        0 => json!({"name": "dns-servers", "data": format!("{address}, 2001:db8::53")}),
        1 => json!({"name": "domain-search", "data": format!("d{nth}.example.com, example.org")}),
        2 => json!({"name": "sntp-servers", "data": address}),
        3 => json!({"name": "sip-server-addr", "data": address}),
        4 => json!({"name": "sip-server-dns", "data": format!("sip{nth}.example.com")}),
        5 => json!({"name": "nis-servers", "data": address}),
        6 => json!({"name": "nis-domain-name", "data": format!("nis{nth}.example.com")}),
        7 => json!({"name": "information-refresh-time", "data": (600 + nth).to_string()}),
        8 => json!({"name": "bootfile-url", "data": format!("tftp://[{address}]/file")}),
        9 => json!({"name": "preference", "data": (nth % 256).to_string()}),
        10 => json!({"name": "new-posix-timezone", "data": format!("EST{nth}")}),
        11 => json!({"code": 82, "csv-format": false, "data": format!("0000{hex}")}),
        12 => json!({"name": "mine", "data": nth.to_string()}),
        13 => json!({"name": "list", "data": format!("text {nth}")}),
        14 => {
            let first = json!({"name": "first", "space": "own-space", "data": nth.to_string()});
            let second = json!({"name": "second", "space": "own-space", "data": address});
            let own = json!({"name": "own"});
            return match noise.below(3) {
                0 => vec![own, first],
                1 => vec![own, second],
                _ => vec![own, first, second],
            };
        }
        15 => {
            let enterprise: &str = one_of(noise, &["4491", "25623"]);
            let space = format!("vendor-{enterprise}");
            let code = one_of(noise, &[200, 201, 700]);
            let within = json!({"code": code, "space": space, "csv-format": false, "data": hex});
            return vec![json!({"name": "vendor-opts", "data": enterprise}), within];
        }
        _ => json!({"name": "vendor-class", "csv-format": false, "data": format!("0000118b0002{hex}")}),
    };
    if once_in(noise, 4) {
        option["always-send"] = true.into();
    }
    vec![option]
}
