//! Client classes: what clients belong to, where they are served from because of it, and what they get.

use kotare_model::Chance;
use kotare_tests::world::sandboxed;
use kotare_wire::v4::{MessageType, OptionCode};
use serde_json::json;

use super::{COMMON_WISHES, WISHES, configuration, host, subnet};
use crate::packets::{Query, SERVER, mac};
use crate::stage::{Script, Side, compare};

/// Classes of all kinds, pools and subnets that are for some of them, options, lifetimes and fields of classes.
#[test]
fn classes() {
    sandboxed("scripts::classes::classes", |world| {
        let dhcp4 = configuration(json!({
            "next-server": "10.9.9.9",
            "option-data": [{"name": "domain-name", "data": "example.org"}],
            "expired-leases-processing": {"hold-reclaimed-time": 0},
            "client-classes": [
                {"name": "stranger", "test": "member('UNKNOWN') and not member('KNOWN')",
                 "option-data": [{"name": "log-servers", "data": "10.0.0.7", "always-send": true}],
                 "boot-file-name": "stranger.boot"},
                {"name": "phone", "test": "option[60].text == 'phone'", "next-server": "10.0.0.1",
                 "valid-lifetime": 600, "min-valid-lifetime": 300, "max-valid-lifetime": 900,
                 "option-data": [{"name": "domain-name", "data": "phone.example.org"}]},
                {"name": "red", "test": "member('phone') and option[77].hex == 'red'", "next-server": "10.0.0.2",
                 "server-hostname": "red", "boot-file-name": "red.boot",
                 "option-data": [{"name": "domain-name", "data": "red.example.org"},
                                 {"name": "domain-name-servers", "data": "10.0.0.2"}]},
                {"name": "late", "test": "member('red') or member('VENDOR_CLASS_tv')", "only-if-required": true,
                 "option-data": [{"name": "ntp-servers", "data": "10.0.0.8"}, {"name": "domain-name", "data": "late"}]},
                {"name": "unasked", "test": "member('ALL')", "only-if-required": true,
                 "option-data": [{"name": "routers", "data": "10.0.0.9"}]},
                {"name": "DROP", "test": "option[12].text == 'drop'"},
            ],
            "subnet4": [subnet(json!({
                "require-client-classes": ["late"],
                "pools": [
                    {"pool": "192.0.2.100 - 192.0.2.119", "client-class": "phone"},
                    {"pool": "192.0.2.120 - 192.0.2.139", "client-class": "VENDOR_CLASS_tv"},
                    {"pool": "192.0.2.140 - 192.0.2.159", "client-class": "nobody"},
                    {"pool": "192.0.2.160 - 192.0.2.199"},
                ],
            }))],
            "shared-networks": [{
                "name": "floor", "relay": {"ip-addresses": ["192.0.2.5"]}, "require-client-classes": ["late"],
                "subnet4": [
                    {"id": 5, "subnet": "10.0.5.0/24", "pools": [{"pool": "10.0.5.100 - 10.0.5.100"}], "client-class": "phone"},
                    {"id": 6, "subnet": "10.0.6.0/24", "pools": [{"pool": "10.0.6.100 - 10.0.6.100"}], "client-class": "VENDOR_CLASS_tv"},
                    {"id": 7, "subnet": "10.0.7.0/24", "pools": [{"pool": "10.0.7.100 - 10.0.7.101"}]},
                ],
            }],
        }));
        compare(world, &dhcp4, SCRIPTS);
    });
}

const SCRIPTS: &[Script] = &[("steps", steps), ("walk", |side| walk(side, 21))];

/// What devices say they are.
const DEVICES: [&[u8]; 4] = [b"phone", b"tv", b"phones", b""];

fn is(query: Query, device: &[u8]) -> Query {
    if device.is_empty() { query } else { query.option(OptionCode::VENDOR_CLASS_IDENTIFIER, device) }
}

fn steps(side: &mut Side) {
    // An address of each pool, for each device.
    for (nth, device) in DEVICES.into_iter().enumerate() {
        for (at, pool) in [101, 121, 141, 161].into_iter().enumerate() {
            let client = 10 * (1 + nth as u8) + at as u8;
            let discover = is(Query::discover(client.into()).requested(host(pool + nth as u8)), device);
            side.ask(
                &format!("{} from pool {at}", device.escape_ascii()),
                discover.option(WISHES, COMMON_WISHES),
            );
        }
    }
    let red = |query: Query| is(query, b"phone").option(OptionCode(77), b"red").option(WISHES, COMMON_WISHES);
    side.ask("a red phone", red(Query::discover(60).requested(host(110))));
    side.ask("a red phone gets its lease", red(Query::request(60).server_id(SERVER).requested(host(110))));
    side.ask("no phone any more", is(Query::request(60).server_id(SERVER).requested(host(110)), b"tv"));
    side.ask("the phone again", red(Query::request(60).server_id(SERVER).requested(host(110))));
    let wish = |seconds: u32| {
        is(Query::discover(61).requested(host(111)), b"phone").option(OptionCode(51), &seconds.to_be_bytes())
    };
    for seconds in [1, 500, 5000] {
        side.ask(&format!("for {seconds} seconds"), wish(seconds));
    }
    // In the shared network: a subnet for each device, and one for all.
    for client in 63..69 {
        let device = DEVICES[usize::from(client) % 4];
        let floor = |query: Query| is(query, device).option(WISHES, COMMON_WISHES).relayed(host(5));
        let address = side.address("behind a relay", floor(Query::discover(client)));
        side.ask("its lease", floor(Query::request(client).server_id(SERVER).requested(address)));
        let other = DEVICES[(usize::from(client) + 1) % 4];
        side.ask("as another device", is(Query::discover(client), other).relayed(host(5)));
    }
    let dropped = Query::discover(62).requested(host(170)).option(OptionCode::HOST_NAME, b"drop");
    side.ask("not answered", dropped);
    side.ask("a renewal that is not answered", Query::request(60).option(OptionCode::HOST_NAME, b"drop"));
}

/// Devices that take addresses, keep them and come back as something else.
fn walk(side: &mut Side, seed: u64) {
    let mut noise = Chance::new(seed);
    for step in 0..400 {
        let client = 100 + noise.below(6) as u16;
        let device = DEVICES[noise.below(4)];
        let wish = host([102, 122, 142, 162][noise.below(4)] + noise.below(2) as u8);
        let (what, query) = match noise.below(3) {
            0 => ("DISCOVER", Query::discover(client).requested(wish)),
            1 => ("REQUEST", Query::request(client).server_id(SERVER).requested(wish)),
            _ => ("RELEASE", Query::new(MessageType::RELEASE, mac(client)).holding(wish).unicast()),
        };
        let query = is(query, device).option(WISHES, COMMON_WISHES);
        side.ask(&format!("{step}: {what} of {wish} by {client} as '{}'", device.escape_ascii()), query);
    }
}
