//! `subnet6-explain`: what it says would happen is what happens then, and it changes nothing.

use std::collections::BTreeMap;
use std::net::Ipv6Addr;
use std::time::Duration;

use kotare_model::{Chance, Hex};
use kotare_testkit::v6::{Client, Message, Relay};
use kotare_wire::v6::{Association, IaAddress, IaPrefix, Index, Message as View, MessageType, OptionCode};
use serde_json::{Value, json};

use crate::explaining::{Scene, UNCERTAIN};
use crate::protocol6::V6;

const CLIENTS: usize = 9;
/// How many associations of each kind a client has at most.
const IAIDS: u32 = 2;

/// What a client was told last of each of its associations: addresses, and prefixes with their lengths.
type Given = BTreeMap<(usize, OptionCode, u32), Vec<(Ipv6Addr, u8)>>;

/// Some address or prefix, mostly of a pool.
fn some_place(chance: &mut Chance, code: OptionCode) -> (Ipv6Addr, u8) {
    let subnet = 1 + chance.below(2) as u16;
    if code == OptionCode::IA_NA {
        return (Ipv6Addr::new(0x2001, 0xdb8, subnet, 0, 0, 0, 0, 0xf + chance.below(9) as u16), 128);
    }
    let prefix = Ipv6Addr::new(0x2001, 0xdb8, 0x10 * subnet, chance.below(9) as u16, 0, 0, 0, 0);
    [(prefix, 64), (Ipv6Addr::UNSPECIFIED, 64), (Ipv6Addr::UNSPECIFIED, 0)][chance.below(3)]
}

/// Adds an association with what is wished in it, and for how long.
fn with_association(
    message: Message,
    code: OptionCode,
    iaid: u32,
    places: &[(Ipv6Addr, u8)],
    wish: [u32; 2],
) -> Message {
    let mut value = [&iaid.to_be_bytes()[..], &[0; 8]].concat();
    let times = wish.map(u32::to_be_bytes).concat();
    for (address, len) in places {
        let (inner, fields) = match code {
            OptionCode::IA_NA => (OptionCode::IAADDR, [&address.octets()[..], &times].concat()),
            _ => (OptionCode::IAPREFIX, [&times[..], &[*len], &address.octets()].concat()),
        };
        value.extend(inner.0.to_be_bytes());
        value.extend((fields.len() as u16).to_be_bytes());
        value.extend(fields);
    }
    message.option(code, &value)
}

/// The message of some client, with some associations (of which one may come twice), options and relay agents.
fn some_message(chance: &mut Chance, given: &Given, server: &[u8]) -> (usize, Message) {
    let number = chance.below(CLIENTS);
    let mut client = Client::new(number as u32);
    client.transaction = chance.below(1 << 20) as u32;
    client.wants = [vec![], vec![23, 24], vec![23, 24, 31, 39, 59, 67, 82, 83]][chance.below(3)].clone();
    let meant = if chance.below(12) == 0 { &b"another"[..] } else { server };
    let (kind, meant) = match chance.below(14) {
        0..=3 => (MessageType::SOLICIT, None),
        4..=6 => (MessageType::REQUEST, Some(meant)),
        7 | 8 => (MessageType::RENEW, Some(meant)),
        9 => (MessageType::REBIND, None),
        10 => (MessageType::CONFIRM, None),
        11 => (MessageType::RELEASE, Some(meant)),
        12 => (MessageType::DECLINE, Some(meant)),
        _ => (MessageType::INFORMATION_REQUEST, None),
    };
    let mut message = client.message(kind, meant);
    let count = if kind == MessageType::INFORMATION_REQUEST { 0 } else { chance.below(4) };
    for _ in 0..count {
        let code = [OptionCode::IA_NA, OptionCode::IA_PD][chance.below(2)];
        let iaid = 1 + chance.below(IAIDS as usize) as u32;
        let own = given.get(&(number, code, iaid)).cloned().unwrap_or_default();
        let places = match chance.below(6) {
            0 => vec![],
            1 => vec![some_place(chance, code)],
            2 => [own, vec![some_place(chance, code)]].concat(),
            _ => own,
        };
        let wish = [[0, 0], [0, 0], [20, 700], [5000, 9], [u32::MAX; 2]][chance.below(5)];
        message = with_association(message, code, iaid, &places, wish);
    }
    if kind == MessageType::SOLICIT && chance.below(3) == 0 {
        message = message.option(OptionCode::RAPID_COMMIT, &[]);
    }
    for (code, values) in [
        (60, [&b"foo"[..], b"bar", b"docsis3.0"]),
        (61, [b"staff", b"guest", b"DROP"]),
        (39, [&b"\x00\x07Printer\x00"[..], b"\x01\x02my\x04host\x07example\x00", b"\x04\x01a"]),
    ] {
        if chance.below(3) == 0 {
            message = message.option(OptionCode(code), values[chance.below(3)]);
        }
    }
    let link = |subnet: u16| Ipv6Addr::new(0x2001, 0xdb8, subnet, 0, 0, 0, 0, 1);
    for _ in 0..chance.below(6).saturating_sub(3) {
        let links = [link(1), link(2), link(7), Ipv6Addr::UNSPECIFIED];
        let mut relay = Relay::new(links[chance.below(4)], client.address);
        for (code, values) in [
            (OptionCode::INTERFACE_ID, [&b"port7"[..], b"port8"]),
            (OptionCode(37), [&b"\0\0\0\x09us"[..], b"\0\0\0\x09them"]),
            (OptionCode(79), [&b"\0\x01\0\x0c\0\0\0\x02"[..], b"\0\x01\x02\0\0\0\0\x07"]),
        ] {
            if chance.below(3) == 0 {
                relay = relay.option(code, values[chance.below(2)]);
            }
        }
        message = message.through(relay);
    }
    (number, message)
}

/// A configuration in which much decides: classes, reservations, pools that are not for everybody, options everywhere.
fn some_config(chance: &mut Chance) -> Value {
    let either = |chance: &mut Chance| chance.below(2) == 0;
    let pool = |chance: &mut Chance, mut pool: Value| {
        match chance.below(5) {
            0 => pool["client-classes"] = json!(["staff"]),
            1 => pool["client-classes"] = json!(["foo", "UNKNOWN"]),
            2 => pool["evaluate-additional-classes"] = json!(["late", "reserved"]),
            _ => {}
        }
        pool
    };
    let mut subnets = Vec::new();
    for number in 1..=2 {
        let address = |last: u16| format!("2001:db8:{number}::{last:x}");
        let pool_of = |range: [u16; 2]| {
            json!({"pool": format!("{} - {}", address(range[0]), address(range[1])),
                "option-data": [{"code": 23, "data": "2001:db8::99"}]})
        };
        let prefixes = format!("2001:db8:{number}0::");
        let excluded = if either(chance) { prefixes.clone() } else { "::".to_owned() };
        let mut delegating = json!({"prefix": prefixes, "prefix-len": 61, "delegated-len": 64});
        if excluded != "::" {
            delegating["excluded-prefix"] = excluded.into();
            delegating["excluded-prefix-len"] = 72.into();
        }
        let reserved = [0x11, 0x30];
        let mut subnet = json!({
            "id": number, "subnet": format!("2001:db8:{number}::/48"),
            "pools": [pool(chance, pool_of([0x10, 0x12])), pool(chance, pool_of([0x13, 0x16]))],
            "pd-pools": [pool(chance, delegating)],
            "option-data": [{"name": "sip-server-addr", "data": address(5), "always-send": either(chance)},
                {"code": 59, "data": "tftp://three.example/x", "always-send": either(chance)}],
            "rapid-commit": either(chance),
            "reservations": [
                {"duid": format!("00:03:00:01:00:0c:00:00:00:{:02x}", 2 + number), "hostname": "three",
                 "ip-addresses": [address(reserved[number as usize - 1])],
                 "prefixes": [format!("2001:db8:{number}0:2::/64")],
                 "option-data": [{"name": "domain-search", "data": "three.example"}]},
                {"hw-address": "00:0c:00:00:00:06", "client-classes": ["reserved", "foo"]},
                {"duid": "00:03:00:01:00:0c:00:00:00:07", "ip-addresses": [address(0x12), address(0x31)]},
            ],
        });
        if chance.below(4) == 0 {
            subnet["client-classes"] = json!(["foo"]);
        }
        if chance.below(3) == 0 {
            subnet["valid-lifetime"] = 300.into();
            subnet["preferred-lifetime"] = 200.into();
        }
        match chance.below(3) {
            0 => subnet["interface-id"] = "port7".into(),
            1 => subnet["relay"] = json!({"ip-addresses": ["2001:db8:7::1"]}),
            _ => {}
        }
        if number == 1 && subnet.get("interface-id").is_none() {
            subnet["interface"] = "eth0".into();
        }
        subnets.push(subnet);
    }
    let mut dhcp6 = json!({
        "interfaces-config": {"interfaces": ["eth0"]},
        "lease-database": {"type": "memfile", "persist": false},
        "multi-threading": {"enable-multi-threading": false},
        "hooks-libraries": [{"library": "libdhcp_lease_cmds.so"}],
        "expired-leases-processing": {"reclaim-timer-wait-time": 0, "hold-reclaimed-time": ([0, 3600][chance.below(2)])},
        "early-global-reservations-lookup": chance.below(3) == 0,
        "reservations-global": either(chance),
        "preferred-lifetime": 400, "max-preferred-lifetime": 500,
        "valid-lifetime": 600, "min-valid-lifetime": 100, "max-valid-lifetime": 900,
        "calculate-tee-times": either(chance),
        "cache-threshold": ([0.0, 0.5][chance.below(2)]),
        "store-extended-info": either(chance),
        "ddns-replace-client-name": (["never", "always", "when-not-present"][chance.below(3)]),
        "hostname-char-set": "[^A-Za-z0-9.-]",
        "option-data": [{"name": "dns-servers", "data": "2001:db8::53"}],
        "client-classes": [
            {"name": "foo", "test": "option[60].hex == 'foo' or relay6[0].option[37].exists", "valid-lifetime": 100,
             "option-data": [{"name": "domain-search", "data": "foo.example"}]},
            {"name": "staff", "test": "lcase(option[61].hex) == 'staff' and not member('foo')", "preferred-lifetime": 70},
            {"name": "DROP", "test": "option[61].hex == 'DROP' and member('UNKNOWN')"},
            {"name": "known-foo", "test": "member('KNOWN') and substring(option[60].hex, 0, 3) == 'foo'",
             "option-data": [{"name": "bootfile-url", "data": "known.efi"}]},
            {"name": "late", "test": "not (option[1].hex == 0x0003000100000001)", "only-in-additional-list": true,
             "option-data": [{"name": "new-posix-timezone", "data": "late"}]},
            {"name": "made", "template-test": "substring(option[60].hex, 0, 4)"},
            {"name": "SPAWN_made_docs", "option-data": [{"name": "domain-search", "data": "docs.example"}]},
            {"name": "reserved"},
        ],
        "reservations": [
            {"duid": "00:03:00:01:00:0c:00:00:00:01", "hostname": "one", "client-classes": ["staff"]},
            {"hw-address": "00:0c:00:00:00:02", "ip-addresses": ["2001:db8:1::14"], "prefixes": ["2001:db8:10:5::/64"]},
        ],
    });
    match either(chance) {
        true => dhcp6["subnet6"] = subnets.into(),
        false => {
            // They share the interface.
            for subnet in &mut subnets {
                subnet.as_object_mut().map(|map| map.remove("interface"));
                subnet.as_object_mut().map(|map| map.remove("interface-id"));
                subnet.as_object_mut().map(|map| map.remove("rapid-commit"));
            }
            dhcp6["shared-networks"] = json!([{"name": "floor", "interface": "eth0", "subnet6": subnets,
                "rapid-commit": either(chance),
                "option-data": [{"name": "sntp-servers", "data": "2001:db8::123", "always-send": true}]}]);
        }
    }
    json!({"Dhcp6": dhcp6})
}

/// An association: which one it is, and what is valid in it, with its preferred and valid lifetime.
type Told = (OptionCode, u32, Vec<(String, u32, u32)>);

/// What the reply says of each association.
fn associations(bytes: &[u8]) -> Vec<Told> {
    let mut index = Index::new();
    let view = View::parse(bytes, &mut index).expect("a server sends messages");
    let read = |code: OptionCode, value| {
        let association = Association::read(value).expect("a server writes them whole");
        let inside = match code {
            OptionCode::IA_NA => {
                let all = association.options.clone().all_of(OptionCode::IAADDR).filter_map(IaAddress::read);
                all.map(|it| (it.address.to_string(), it.preferred, it.valid)).collect::<Vec<_>>()
            }
            _ => {
                let all = association.options.clone().all_of(OptionCode::IAPREFIX).filter_map(IaPrefix::read);
                all.map(|it| (format!("{}/{}", it.prefix, it.length), it.preferred, it.valid)).collect()
            }
        };
        (code, association.iaid, inside.into_iter().filter(|(_, _, valid)| *valid > 0).collect())
    };
    let of = |code| view.all(code).map(move |value| read(code, value));
    of(OptionCode::IA_NA).chain(of(OptionCode::IA_PD)).collect()
}

/// What is said of the associations is what the reply says of them, and of each thing granted it is said why.
fn assert_associations(told: &Value, bytes: &[u8], what: &str) {
    let said = told["arguments"]["associations"].as_array().expect("a list").iter().map(|one| {
        let code = if one["type"] == "IA_NA" { OptionCode::IA_NA } else { OptionCode::IA_PD };
        let granted = one["granted"].as_array().expect("a list").iter().map(|granted| {
            let lifetime = &granted["lifetime"];
            let seconds = |key: &str| {
                let text = lifetime[key].as_str().expect("a text");
                text.parse().unwrap_or(u32::MAX)
            };
            assert!(granted["because"].is_string() && granted["certain"] == true, "{what}: {told:#}");
            for from in ["preferred-from", "valid-from"] {
                assert!(
                    lifetime[from].is_string() || lifetime["because"].to_string().contains("left"),
                    "{what}: {told:#}"
                );
            }
            let lease = granted["lease"].as_str().expect("a text").to_owned();
            (lease, seconds("preferred-lifetime"), seconds("valid-lifetime"))
        });
        (code, one["iaid"].as_u64().expect("a number") as u32, granted.collect::<Vec<_>>())
    });
    assert_eq!(said.collect::<Vec<_>>(), associations(bytes), "{what}: {told:#}");
}

/// For many configurations and clients: the reply is that which was explained, byte for byte, as are the changes of
/// leases, and an explanation leaves leases, statistics and what is chosen by as they were.
#[test]
fn what_is_explained_is_what_happens() {
    let mut happened = BTreeMap::<String, usize>::new();
    for seed in 0..14 {
        let mut chance = Chance::new(seed);
        let mut scene = Scene::<V6>::new(some_config(&mut chance));
        let mut given = Given::new();
        let server = scene.say(&Client::new(99).information_request()).expect("it is answered").server_id;
        for step in 0..60 {
            if chance.below(8) == 0 {
                scene.server.hands.advance(Duration::from_secs(chance.below(400) as u64));
            }
            let (number, message) = some_message(&mut chance, &given, &server);
            let what = format!("seed {seed}, step {step}");
            let (told, reply) = scene.try_out(&message, &what);
            let told = &told["arguments"];
            let kind = told["reply"]["type"].as_str().unwrap_or("none");
            *happened.entry(kind.to_owned()).or_default() += 1;
            let is_certain = !told["remarks"].to_string().contains(UNCERTAIN);
            *happened.entry(if is_certain { "certain" } else { "uncertain" }.to_owned()).or_default() += 1;
            let Some(reply) = reply else { continue };
            if is_certain
                && matches!(
                    message.kind,
                    MessageType::SOLICIT | MessageType::REQUEST | MessageType::RENEW | MessageType::REBIND
                )
            {
                assert_associations(&json!({"arguments": told}), &reply.bytes, &what);
            }
            for (code, iaid, inside) in associations(&reply.bytes) {
                let place = |text: &str| match text.split_once('/') {
                    Some((prefix, len)) => {
                        (prefix.parse().expect("a prefix"), len.parse().expect("a length"))
                    }
                    None => (text.parse().expect("an address"), 128),
                };
                given.insert((number, code, iaid), inside.iter().map(|(text, _, _)| place(text)).collect());
            }
            for association in told["associations"].as_array().expect("a list") {
                let mut count = |what: &Value| {
                    what.as_str()
                        .into_iter()
                        .for_each(|what| *happened.entry(what.to_owned()).or_default() += 1);
                };
                count(&association["status"]["code"]);
                for granted in association["granted"].as_array().expect("a list") {
                    count(&granted["because"]);
                    count(&granted["lifetime"]["valid-from"]);
                    count(&granted["lifetime"]["preferred-from"]);
                }
                for returned in association["given-back"].as_array().expect("a list") {
                    count(&returned["result"]);
                }
            }
        }
    }
    for what in [
        "ADVERTISE",
        "REPLY",
        "none",
        "reserved",
        "existing lease",
        "requested",
        "next free",
        "lease ended",
        "NoAddrsAvail",
        "NoPrefixAvail",
        "NoBinding",
        "class foo",
        "class staff",
        "subnet",
        "global",
    ] {
        assert!(happened.get(what).is_some_and(|count| *count > 3), "{what}, little happens: {happened:?}");
    }
    for what in [
        "released, and its lease kept for the client",
        "released, and its lease removed",
        "put in probation for 86400 seconds",
    ] {
        assert!(happened.contains_key(what), "{what}, little happens: {happened:?}");
    }
    let uncertain = happened.get("uncertain").copied().unwrap_or(0);
    assert!(uncertain * 50 < happened["certain"], "little is certain: {happened:?}");
}

/// Bytes of any kind in place of a message are explained or refused, and change nothing.
#[test]
fn any_bytes_can_be_asked_about() {
    let mut chance = Chance::new(5);
    let scene = Scene::<V6>::new(some_config(&mut chance));
    let before = scene.state();
    let (_, message) = some_message(&mut chance, &Given::new(), b"somebody");
    let relay = Relay::new(Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 1), Ipv6Addr::LOCALHOST);
    let whole = message.through(relay.option(OptionCode::INTERFACE_ID, b"port7")).bytes();
    for _ in 0..300 {
        let mut bytes = whole.clone();
        for _ in 0..chance.below(6) {
            let at = chance.below(bytes.len());
            bytes[at] = chance.number() as u8;
        }
        bytes.truncate(bytes.len() - [0, 0, chance.below(bytes.len())][chance.below(3)]);
        let packet = format!("{:x}", Hex(&bytes));
        let answer = scene.server.answer("subnet6-explain", Some(json!({"packet": packet})));
        assert!(answer["text"].as_str().is_some_and(|text| !text.is_empty()), "{packet}: {answer}");
    }
    assert_eq!(scene.state(), before);
}
