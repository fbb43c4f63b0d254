//! Long walks at random: few clients, few addresses and prefixes, every kind of message, in an order nobody thought of.

mod guarded;
mod reservations;

use std::net::Ipv6Addr;

use kotare_model::Chance;
use kotare_tests::world::sandboxed;
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::{Value, json};

use super::configuration::{configuration, merge, subnet};
use super::link::SERVER_ID;
use super::query::{Options, Query, duid, mac};
use super::stage::{Script, Side, compare};

/// How many messages a walk has.
const STEPS: usize = 1500;

/// Clients on the link, in one subnet.
#[test]
fn a_walk() {
    play("a_walk", json!({}), &[("walk", |side| walk(side, 21, false))]);
}

/// Through relay agents, into subnets and shared networks that are told by address and by interface-id.
#[test]
fn a_relayed_walk() {
    let changes = networks();
    play("a_relayed_walk", changes, &[("relayed walk", |side| walk(side, 22, true))]);
}

/// With reservations of every kind.
#[test]
fn a_walk_with_reservations() {
    let mut changes = networks();
    let id =
        |client: u16| duid(client).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
    let hw = |client: u16| mac(client).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
    changes["subnet6"][0]["reservations"] = json!([
        {"duid": id(0), "ip-addresses": ["2001:db8:1::100"], "hostname": "zero",
         "option-data": [{"name": "dns-servers", "data": "2001:db8:1::99"}]},
        {"duid": id(1), "ip-addresses": ["2001:db8:1::20", "2001:db8:1::21"], "prefixes": ["2001:db8:8000::/56"]},
        {"hw-address": hw(2), "prefixes": ["2001:db8:9000::/60"]},
        {"hw-address": hw(3), "hostname": "three.example.org"},
    ]);
    changes["subnet6"][1]["reservations"] = json!([
        {"duid": id(0), "ip-addresses": ["2001:db8:2::101"]},
    ]);
    changes["shared-networks"][0]["subnet6"][1]["reservations"] = json!([
        {"duid": id(0), "ip-addresses": ["2001:db8:6::101"]},
        {"duid": id(4), "ip-addresses": ["2001:db8:6::102"], "prefixes": ["2001:db8:8600:300::/56"]},
    ]);
    play("a_walk_with_reservations", changes, &[("walk with reservations", |side| walk(side, 23, true))]);
}

/// With client classes that guard subnets and pools, and give options and lifetimes.
#[test]
fn a_walk_with_classes() {
    let mut changes = networks();
    changes["client-classes"] = json!([
        {"name": "early", "test": "(substring(option[1].hex, 9, 1) == 0x01 or substring(option[1].hex, 9, 1) == 0x00) and substring(option[1].hex, 1, 1) == 0x03"},
        {"name": "named", "test": "option[39].exists", "option-data": [{"name": "sip-server-addr", "data": "2001:db8::51"}]},
        {"name": "vendored", "test": "vendor[4491].exists", "option-data": [{"name": "nisp-servers", "data": "2001:db8::52"}]},
        {"name": "rapid", "test": "option[14].exists", "option-data": [{"name": "preference", "data": "200"}]},
        {"name": "even", "test": "substring(option[1].hex, -1, 1) == 0x02 or substring(option[1].hex, -1, 1) == 0x04 or substring(option[1].hex, -1, 1) == 0x00"},
        {"name": "late", "only-if-required": true, "test": "member('even')", "option-data": [{"name": "bootfile-url", "data": "tftp://x", "always-send": true}]},
        {"name": "DROP", "test": "option[15].exists"},
    ]);
    changes["subnet6"][0]["pools"] = json!([
        {"pool": "2001:db8:1::100 - 2001:db8:1::103", "client-class": "even"},
        {"pool": "2001:db8:1::104 - 2001:db8:1::107", "require-client-classes": ["late"],
         "option-data": [{"name": "nis-servers", "data": "2001:db8::61"}]},
    ]);
    changes["subnet6"][0]["pd-pools"][0]["client-class"] = "early".into();
    changes["subnet6"][1]["client-class"] = "even".into();
    changes["shared-networks"][0]["subnet6"][0]["client-class"] = "early".into();
    changes["shared-networks"][0]["require-client-classes"] = json!(["late"]);
    play("a_walk_with_classes", changes, &[("walk with classes", |side| walk(side, 24, true))]);
}

fn networks() -> Value {
    json!({
        // What a client has must not depend on what relay agents say of it: Kea takes it away with a SOLICIT, too.
        "mac-sources": ["duid", "ipv6-link-local"],
        "subnet6": [
            // Kea 2.2 does not look for a pool with prefixes of the length that is asked for: each subnet has one length.
            subnet(1, json!({"interface": "eth0", "pd-pools": [
                {"prefix": "2001:db8:8000::", "prefix-len": 55, "delegated-len": 56},
                {"prefix": "2001:db8:8100::", "prefix-len": 54, "delegated-len": 56},
            ]})),
            subnet(2, json!({"pd-pools": [{"prefix": "2001:db8:8200::", "prefix-len": 53, "delegated-len": 56,
                 "excluded-prefix": "2001:db8:8200:7f::", "excluded-prefix-len": 64}],
                "relay": {"ip-addresses": ["2001:db8:2::1"]}, "renew-timer": 300, "rebind-timer": 600,
                "rapid-commit": true})),
            subnet(3, json!({"interface-id": "port3", "pools": [], "preferred-lifetime": 500})),
            subnet(4, json!({"pd-pools": [], "renew-timer": 100, "rebind-timer": 200})),
        ],
        "shared-networks": [{
            "name": "floor", "relay": {"ip-addresses": ["2001:db8:5::1"]},
            "option-data": [{"name": "dns-servers", "data": "2001:db8:5::53"}],
            "subnet6": [
                subnet(5, json!({"option-data": [], "pools": [{"pool": "2001:db8:5::100 - 2001:db8:5::101"}]})),
                subnet(6, json!({"option-data": [], "pools": [{"pool": "2001:db8:6::100 - 2001:db8:6::103"}]})),
            ],
        }],
    })
}

fn play(test: &str, changes: Value, scripts: &[Script]) {
    sandboxed(&format!("v6::walk::{test}"), |world| {
        let mut dhcp6 = configuration(json!({
            "option-data": [
                {"name": "preference", "data": "7"},
                {"name": "domain-search", "data": "example.com, example.org"},
                {"name": "sntp-servers", "data": "2001:db8::123", "always-send": true},
            ],
        }));
        merge(&mut dhcp6, changes);
        compare(world, &dhcp6, scripts);
    });
}

fn walk(side: &mut Side, seed: u64, relays: bool) {
    let mut noise = Chance::new(seed);
    for step in 0..STEPS {
        let (what, query) = any(&mut noise, relays);
        side.ask(&format!("{step}: {what}"), &query);
    }
}

/// Any message of any client.
fn any(noise: &mut Chance, relays: bool) -> (String, Query) {
    let client = noise.below(9) as u16;
    let kind = match noise.below(60) {
        0..14 => MessageType::SOLICIT,
        14..30 => MessageType::REQUEST,
        30..38 => MessageType::RENEW,
        38..44 => MessageType::REBIND,
        44..47 => MessageType::CONFIRM,
        47..55 => MessageType::RELEASE,
        55 if noise.below(6) == 0 => MessageType::DECLINE,
        _ => MessageType::INFORMATION_REQUEST,
    };
    let mut what = format!("client {client}: {kind}");
    let mut query = match noise.below(70) {
        0 => {
            what += ", anonymous";
            Query::anonymous(kind, client)
        }
        _ => Query::new(kind, client),
    };
    let names_server = match kind {
        MessageType::REQUEST | MessageType::RENEW | MessageType::RELEASE | MessageType::DECLINE => {
            noise.below(60) != 0
        }
        MessageType::INFORMATION_REQUEST => noise.below(3) == 0,
        _ => noise.below(60) == 0,
    };
    if names_server {
        let mut id = SERVER_ID.to_vec();
        if noise.below(30) == 0 {
            what += ", of another server";
            id.push(b'x');
        } else if [MessageType::SOLICIT, MessageType::CONFIRM, MessageType::REBIND].contains(&kind) {
            what += ", naming a server";
        }
        query = query.option(OptionCode::SERVERID, &id);
    } else if [MessageType::REQUEST, MessageType::RENEW, MessageType::RELEASE, MessageType::DECLINE]
        .contains(&kind)
    {
        what += ", naming no server";
    }
    // One place is all there is in what is given back: see the scripts for more.
    let most = if [MessageType::RELEASE, MessageType::DECLINE].contains(&kind) { 1 } else { 2 };
    let associations = noise.below(20);
    let associations: &[OptionCode] = match associations {
        0..9 => &[OptionCode::IA_NA],
        9..13 => &[OptionCode::IA_PD],
        13..16 => &[OptionCode::IA_NA, OptionCode::IA_PD],
        16 => &[OptionCode::IA_PD, OptionCode::IA_NA],
        // Where little is left Kea offers two associations of a message the same thing; ours does not.
        17 | 18 if kind == MessageType::SOLICIT => &[OptionCode::IA_PD, OptionCode::IA_NA],
        17 => &[OptionCode::IA_NA, OptionCode::IA_NA],
        18 => &[OptionCode::IA_PD, OptionCode::IA_PD, OptionCode::IA_NA],
        _ => &[],
    };
    if kind != MessageType::INFORMATION_REQUEST || noise.below(10) == 0 {
        for (nth, code) in associations.iter().enumerate() {
            let (said, within) = any_places(noise, *code, kind, most);
            let iaid = 1 + nth as u32 + 10 * u32::from(noise.below(8) == 0);
            what += &format!(", {} {iaid} [{said}]", if *code == OptionCode::IA_NA { "NA" } else { "PD" });
            query = query.association(*code, iaid, within);
        }
        if noise.below(40) == 0 {
            what += ", TA";
            query = query.association(OptionCode::IA_TA, 1, Options::default());
        }
    }
    if noise.below(4) == 0 && (kind == MessageType::SOLICIT || noise.below(10) == 0) {
        what += ", rapid";
        query = query.option(OptionCode::RAPID_COMMIT, &[]);
    }
    if noise.below(3) == 0 {
        let wishes = any_wishes(noise);
        what += &format!(", wishes {wishes:?}");
        query = query.wishes(&wishes);
    }
    if noise.below(3) == 0 {
        query = query.option(OptionCode::ELAPSED_TIME, &[0, 100]);
    }
    if noise.below(6) == 0 {
        let flags = [0, 1, 2, 4][noise.below(4)];
        let name: &[u8] =
            [&b"\x06myhost\x07example\x03com\0"[..], b"\x06myhost", b"", b"\x06MyHost\0"][noise.below(4)];
        what += &format!(", name {flags} {}", name.escape_ascii());
        query = query.option(OptionCode::CLIENT_FQDN, &[&[flags], name].concat());
    }
    if noise.below(10) == 0 {
        let enterprise: u32 = [4491, 25623][noise.below(2)];
        what += &format!(", vendor {enterprise}");
        query = query
            .option(OptionCode::VENDOR_CLASS, &[&enterprise.to_be_bytes()[..], b"\0\x06docsis"].concat());
        if noise.below(2) == 0 {
            what += " with options";
            query = query.option(
                OptionCode::VENDOR_OPTS,
                &[&enterprise.to_be_bytes()[..], b"\0\x01\0\x04\0\x20\0\x21"].concat(),
            );
        }
    }
    if noise.below(60) == 0 {
        what += ", user class";
        query = query.option(OptionCode::USER_CLASS, b"\0\x03abc");
    }
    if relays && noise.below(3) == 0 {
        let (said, relayed) = any_relays(noise, query, client);
        what += &said;
        query = relayed;
    }
    (what, query)
}

fn any_relays(noise: &mut Chance, mut query: Query, client: u16) -> (String, Query) {
    let mut what = String::new();
    let levels = if noise.below(3) == 0 { 2 } else { 1 };
    for _ in 0..levels {
        let link: Ipv6Addr = [
            "2001:db8:1::9",
            "2001:db8:2::1",
            "2001:db8:3::1",
            "2001:db8:4::1",
            "2001:db8:5::1",
            "2001:db8:6::1",
            "::",
            "fe80::1",
            "2001:db8:ffff::1",
        ][noise.below(9)]
        .parse()
        .expect("an address");
        what += &format!(", relayed by {link}");
        let mut options = Options::default();
        // Kea 2.2 takes a client behind a relay agent that names no address for one on the link, whatever its interface-id.
        let names_a_link = !link.is_unspecified() && link.segments()[0] != 0xfe80;
        if noise.below(3) == 0 && names_a_link {
            let port: &[u8] = [&b"port3"[..], b"port4", b""][noise.below(3)];
            what += &format!(" {}", port.escape_ascii());
            options = options.option(OptionCode::INTERFACE_ID, port);
        }
        if noise.below(4) == 0 {
            what += " remote-id";
            options = options.option(OptionCode::REMOTE_ID, b"\0\0\0\x09remote");
        }
        if noise.below(4) == 0 {
            what += " subscriber-id";
            options = options.option(OptionCode::SUBSCRIBER_ID, b"subscriber");
        }
        if noise.below(4) == 0 {
            what += " 79";
            options =
                options.option(OptionCode::CLIENT_LINKLAYER_ADDR, &[&[0, 1][..], &mac(client)].concat());
        }
        query = query.relayed(link, options);
    }
    (what, query)
}

fn any_wishes(noise: &mut Chance) -> Vec<u16> {
    const ALL: &[u16] = &[23, 24, 31, 21, 22, 39, 82, 83, 67, 17, 59, 7, 27, 32, 65000];
    let count = 1 + noise.below(8);
    (0..count).map(|_| ALL[noise.below(ALL.len())]).collect()
}

/// Addresses or prefixes within an association, `most` at most.
fn any_places(noise: &mut Chance, code: OptionCode, kind: MessageType, most: usize) -> (String, Options) {
    let (mut said, mut within): (Vec<String>, _) = (Vec::new(), Options::default());
    let count = match noise.below(10) {
        0..2 => 0,
        2..9 => 1,
        _ => most,
    };
    for _ in 0..count {
        let lifetimes = match noise.below(4) {
            0 => [[100, 200], [0, 50_000], [2000, 3000], [1700, 0]][noise.below(4)],
            _ => [0, 0],
        };
        if code == OptionCode::IA_NA {
            let mut address = any_address(noise);
            if kind == MessageType::DECLINE {
                address = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 0x106 + noise.below(2) as u16);
            } else if kind == MessageType::RELEASE
                && address.segments()[7] >= 0x106
                && address.segments()[2] == 1
            {
                // Kea 2.2 words it otherwise when an address was declined.
                continue;
            }
            // Ours says once that the client must not use it.
            if said.iter().any(|it| it.contains(&format!("{address} "))) {
                continue;
            }
            // What goes with no address Kea 2.2 does not look at.
            let lifetimes = if address.is_unspecified() { [0, 0] } else { lifetimes };
            said.push(format!("{address} {lifetimes:?}"));
            within = within.address(address, lifetimes);
        } else {
            let (prefix, len) = any_prefix(noise);
            if said.iter().any(|it| it.contains(&format!("{prefix}/"))) {
                continue;
            }
            said.push(format!("{prefix}/{len} {lifetimes:?}"));
            within = within.prefix((prefix, len), lifetimes);
        }
    }
    (said.join(" "), within)
}

/// An address of a pool, nearly always.
fn any_address(noise: &mut Chance) -> Ipv6Addr {
    let host = 0x100 + noise.below(8) as u16;
    let address = |net: u16, host: u16| Ipv6Addr::new(0x2001, 0xdb8, net, 0, 0, 0, 0, host);
    match noise.below(20) {
        0 => address(1, 0x20),
        1 => address(0xfff, 7),
        2 => Ipv6Addr::UNSPECIFIED,
        3..9 => address(2 + noise.below(5) as u16, host),
        _ => address(1, host),
    }
}

/// A prefix of a pool, nearly always.
fn any_prefix(noise: &mut Chance) -> (Ipv6Addr, u8) {
    let nth = noise.below(8) as u16;
    let prefix = |high: u16, low: u16| Ipv6Addr::new(0x2001, 0xdb8, high, low, 0, 0, 0, 0);
    match noise.below(20) {
        0 => (prefix(0xfff, 0), 56),
        1 => (Ipv6Addr::UNSPECIFIED, [0, 56][noise.below(2)]),
        2..9 => (prefix(0x8200 + 0x100 * noise.below(5) as u16, nth << 8), 56),
        9..12 => (prefix(0x8000, nth << 8), 56),
        _ => (prefix(0x8100, nth << 8), 56),
    }
}
