//! `subnet4-explain`: what it says would happen is what happens then, and it changes nothing.

use std::net::Ipv4Addr;
use std::time::Duration;

use kotare_model::{Chance, Hex};
use kotare_testkit::{Client, Message};
use kotare_wire::v4::OptionCode;
use serde_json::{Value, json};

use crate::explaining::Scene;
use crate::protocol4::V4;
use crate::recount::assert_counted;
use crate::server::config;

/// Has a message explained and sends it: see [`Scene::try_out`]. What is said of its address is true, too.
fn try_out(scene: &mut Scene<V4>, message: &Message, what: &str) -> Value {
    let (told, reply) = scene.try_out(message, what);
    let address = reply.filter(|reply| !reply.yiaddr.is_unspecified()).map(|reply| reply.yiaddr.to_string());
    assert_eq!(told["arguments"]["address"]["ip-address"].as_str(), address.as_deref(), "{what}");
    told
}

/// A server with classes, a reservation and a shared network, on a quiet link.
fn quiet() -> Scene<V4> {
    let mut written = config(1, 53);
    let dhcp4 = &mut written["Dhcp4"];
    dhcp4["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
    dhcp4["client-classes"] = json!([
        {"name": "phones", "test": "option[60].text == 'phone' and not member('KNOWN')", "valid-lifetime": 77,
         "option-data": [{"name": "tftp-server-name", "data": "phones.example"}]},
        {"name": "relayed", "test": "relay4[1].hex == 'port7'"},
    ]);
    dhcp4["subnet4"] = json!([
        {"id": 1, "subnet": "192.0.2.0/24", "client-classes": ["relayed"], "pools": [{"pool": "192.0.2.10 - 192.0.2.20"}]},
    ]);
    dhcp4["shared-networks"] = json!([{"name": "floor", "interface": "eth0", "renew-timer": 20, "subnet4": [
        {"id": 2, "subnet": "192.0.2.0/25", "relay": {"ip-addresses": ["10.9.9.9"]}, "reservations": [
            {"client-id": "'printer'", "ip-address": "192.0.2.99", "hostname": "printer"},
        ], "pools": [{"pool": "192.0.2.50 - 192.0.2.50", "client-classes": ["relayed"]}, {"pool": "192.0.2.60 - 192.0.2.70"}]},
        {"id": 3, "subnet": "192.0.3.0/24", "boot-file-name": "three.img"},
    ]}]);
    Scene::new(written)
}

/// What speaks for a subnet, a class, a reservation, an address and an option, and what against others, is told.
#[test]
fn each_decision_is_told() {
    let scene = quiet();
    let ask = |arguments: Value| {
        let answer = scene.server.answer("subnet4-explain", Some(arguments));
        assert_eq!(answer["result"], 0, "{answer}");
        answer
    };
    let told = ask(
        json!({"hw-address": "02:00:00:00:00:01", "options": [{"code": 60, "data": "phone"}], "requested-options": ["tftp-server-name", 6]}),
    );
    assert_eq!(told["text"], "DHCPOFFER of 192.0.2.60 from subnet 192.0.2.0/25 (id 2)", "{told:#}");
    let told = &told["arguments"];
    assert_eq!(told["subnet"]["selected"]["shared-network"], "floor");
    let why = |id: u64| {
        let candidates = told["subnet"]["candidates"].as_array().unwrap();
        candidates.iter().find(|it| it["id"] == id).map(|it| it["why"].to_string()).unwrap()
    };
    assert!(why(1).contains("does not name the interface eth0"), "{told:#}");
    assert!(why(2).contains("it names the interface eth0"), "{told:#}");
    assert!(why(3).contains("comes first") && why(3).contains("same shared network"), "{told:#}");
    assert_eq!(told["classes"]["member-of"], json!(["ALL", "UNKNOWN", "phones"]));
    let evaluated = told["classes"]["evaluated"].as_array().unwrap();
    let phones = evaluated.iter().find(|it| it["class"] == "phones").unwrap();
    assert_eq!(
        (&phones["result"], &phones["values"][0]["expression"], &phones["values"][0]["value"]),
        (&json!(true), &json!("option[60].text"), &json!("'phone'"))
    );
    assert_eq!(told["reservations"]["lookups"][0]["found"], Value::Null);
    assert_eq!(
        (&told["address"]["because"], &told["address"]["certain"]),
        (&json!("next free"), &json!(true))
    );
    let pools = told["address"]["pools"].to_string();
    assert!(
        pools.contains("it is for clients of the class relayed")
            && pools.contains("the address is of this pool"),
        "{pools}"
    );
    let lifetime = &told["address"]["lifetime"];
    assert_eq!((&lifetime["valid-lifetime"], &lifetime["from"]), (&json!("77"), &json!("class phones")));
    let from = |code: u64| {
        let options = told["reply"]["options"].as_array().unwrap();
        options
            .iter()
            .find(|it| it["code"] == code)
            .map(|it| (it["data"].clone(), it["from"].clone()))
            .unwrap_or_default()
    };
    assert_eq!(from(66), (json!("phones.example"), json!("class phones")));
    assert_eq!(from(6), (json!("192.0.2.53"), json!("global")));
    assert_eq!(from(1), (json!("255.255.255.128"), json!("server")));
    assert_eq!(told["reply"]["fields"]["file"], json!({"value": "", "from": "default"}));

    // Known by its identifier; nothing else is said of it, and modules that a subnet is for say no more.
    let told = ask(json!({"client-id": "'printer'", "relay": "10.9.9.9", "circuit-id": "'port7'"}));
    assert_eq!(told["text"], "DHCPOFFER of 192.0.2.99 from subnet 192.0.2.0/25 (id 2)", "{told:#}");
    let told = &told["arguments"];
    assert!(told["subnet"]["tried"][0]["by"].as_str().unwrap().contains("the relay 10.9.9.9"), "{told:#}");
    assert_eq!(
        (&told["address"]["because"], &told["reply"]["destination"]),
        (&json!("reserved"), &json!("10.9.9.9:67"))
    );
    assert_eq!(told["reservations"]["counts"], json!({"subnet-id": 2, "ip-address": "192.0.2.99"}));
    assert_eq!(told["reply"]["hostname"], json!({"name": "printer", "from": "reservation"}));
    assert!(told["remarks"][0].as_str().unwrap().contains("requested-options"));

    // Nobody is there.
    let told = ask(json!({"hw-address": "02:00:00:00:00:01", "relay": "10.1.1.1"}));
    assert_eq!(told["text"], "no answer: no subnet is configured for where the client is");
    assert_eq!(told["arguments"]["reply"]["type"], Value::Null);
    let told = ask(
        json!({"hw-address": "02:00:00:00:00:01", "message-type": "request", "address": "192.0.2.61", "server-identifier": "10.0.0.1"}),
    );
    assert_eq!(told["text"], "no answer: another server is meant (option 54)");
}

/// An explanation is no packet: none of it is in the log, and a class that is assumed counts.
#[test]
fn classes_can_be_assumed() {
    let scene = quiet();
    let arguments = json!({"hw-address": "02:00:00:00:00:01", "relay": "192.0.2.1", "classes": ["relayed"]});
    let told = scene.server.answer("subnet4-explain", Some(arguments));
    assert_eq!(told["text"], "DHCPOFFER of 192.0.2.10 from subnet 192.0.2.0/24 (id 1)", "{told:#}");
    scene.server.answer("dhcp-disable", None);
    let told = scene.server.answer("subnet4-explain", Some(json!({"hw-address": "02:00:00:00:00:01"})));
    assert!(told["arguments"]["remarks"].to_string().contains("dhcp-disable"), "{told:#}");
}

/// Whatever is wrong with the arguments is said, and nothing breaks.
#[test]
fn wrong_arguments_are_refused() {
    let scene = quiet();
    for (arguments, text) in [
        (json!({}), "no client: one of 'hw-address', 'client-id' and 'packet' is needed"),
        (json!([]), "arguments must be a map"),
        (json!({"x": 1}), "unknown entry 'x'"),
        (json!({"hw-address": 1}), "'hw-address' entry must be a string"),
        (json!({"hw-address": "zz"}), "bad 'hw-address' entry: 'zz' is neither hexadecimal digits"),
        (json!({"hw-address": "00".repeat(17)}), "'hw-address' has 17 bytes, at most 16 are possible"),
        (json!({"hw-address": "01", "htype": 256}), "'htype' entry must be an integer from 0 to 255"),
        (
            json!({"hw-address": "01", "relay": "10.0.0"}),
            "bad 'relay' entry: '10.0.0' is not an IPv4 address",
        ),
        (
            json!({"hw-address": "01", "interface": "eth9"}),
            "bad 'interface' entry: nothing is listened to on 'eth9', but on: eth0",
        ),
        (
            json!({"hw-address": "01", "message-type": "offer"}),
            "bad 'message-type' entry: 'offer' is none of",
        ),
        (
            json!({"hw-address": "01", "classes": ["nobody's"]}),
            "the class 'nobody's' is not named in the configuration",
        ),
        (
            json!({"hw-address": "01", "classes": vec![""; 1001]}),
            "'classes' entry must be a list of at most 1000 names",
        ),
        (json!({"hw-address": "01", "options": {}}), "'options' entry must be a list of at most 1000 maps"),
        (
            json!({"hw-address": "01", "options": vec![json!({"code": 60, "data": "x"}); 1001]}),
            "'options' entry must be a list of at most 1000 maps",
        ),
        (json!({"hw-address": "01", "options": [{"code": 60, "hex": "zz"}]}), "bad 'options' entry [0]: "),
        (
            json!({"hw-address": "01", "options": [{"code": 60, "data": "x".repeat(20_000)}]}),
            "bad 'options' entry [0]: 'data' has 20000 characters",
        ),
        (
            json!({"hw-address": "01", "options": [{"code": 60, "hex": "00", "data": "x"}]}),
            "bad 'options' entry [0]: 'hex' stands for",
        ),
        (
            json!({"hw-address": "01", "options": [{"name": "nothing", "data": "x"}]}),
            "bad 'options' entry [0]: ",
        ),
        (
            json!({"hw-address": "01", "options": [{"code": 1, "space": "lost", "data": "01"}]}),
            "bad 'options' entry: no option carries the space 'lost'",
        ),
        (
            json!({"hw-address": "01", "client-id": "0102", "options": [{"code": 61, "hex": "0103"}]}),
            "option 61 is given twice",
        ),
        (
            json!({"hw-address": "01", "requested-options": [300]}),
            "bad 'requested-options' entry: 300 is no option",
        ),
        (json!({"packet": "01", "hw-address": "01"}), "'hw-address' does not go with 'packet'"),
        (
            json!({"packet": "0x"}),
            "bad 'packet' entry: it is neither a DHCP message (no magic cookie 63825363 at byte 236) nor an IPv4 packet \
             or an Ethernet frame with a UDP datagram (the frame ends after 0 bytes, within its headers)",
        ),
        (json!({"packet": "f".repeat(600_000)}), "bad 'packet' entry: it has 600000 characters"),
        (json!({"packet": "45 ü"}), "bad 'packet' entry: 'ü' is no hexadecimal digit"),
    ] {
        let answer = scene.server.answer("subnet4-explain", Some(arguments));
        let said = answer["text"].as_str().unwrap_or_default();
        assert!(answer["result"] == 1 && said.starts_with(text), "{text}: {answer}");
    }
}

/// Bytes of any kind in place of a message are explained or refused, and change nothing.
#[test]
fn any_bytes_can_be_asked_about() {
    let scene = quiet();
    let mut chance = Chance::new(5);
    let before = scene.state();
    let whole = Client::new(3).discover().option(OptionCode(82), b"\x01\x05port7").bytes();
    for _ in 0..300 {
        let mut bytes = whole.clone();
        for _ in 0..chance.below(6) {
            let at = chance.below(bytes.len());
            bytes[at] = chance.number() as u8;
        }
        bytes.truncate(bytes.len() - [0, 0, chance.below(bytes.len())][chance.below(3)]);
        let packet = format!("{:x}", Hex(&bytes));
        let answer = scene.server.answer("subnet4-explain", Some(json!({"packet": packet})));
        assert!(answer["text"].as_str().is_some_and(|text| !text.is_empty()), "{packet}: {answer}");
    }
    assert_eq!(scene.state(), before);
}

const CLIENTS: usize = 9;

/// The message of some client, with some options.
fn some_message(chance: &mut Chance, given: &[Option<Ipv4Addr>; CLIENTS]) -> (usize, Message) {
    let number = chance.below(CLIENTS);
    let mut client = Client::new(number as u32);
    client.xid = chance.below(1 << 20) as u32;
    client.wants = [vec![], vec![1, 3, 6, 15], vec![6, 12, 43, 66, 67, 119, 15]][chance.below(3)].clone();
    if number.is_multiple_of(3) {
        client = client.with_id(&[0, number as u8]);
    }
    let any = Ipv4Addr::new(192, 0, 2 + chance.below(2) as u8, 9 + chance.below(12) as u8);
    let address = given[number].filter(|_| chance.below(4) > 0).unwrap_or(any);
    let server = Ipv4Addr::new(192, 0, 2, 1);
    let mut message = match chance.below(10) {
        0..=2 => client.discover(),
        3 => client.discover().address(OptionCode::REQUESTED_ADDRESS, address),
        4 => client.request().address(OptionCode::SERVER_IDENTIFIER, server),
        5 => client
            .request()
            .address(OptionCode::SERVER_IDENTIFIER, server)
            .address(OptionCode::REQUESTED_ADDRESS, address),
        6 => [client.renew(address), client.reboot(address)][chance.below(2)].clone(),
        7 => client.inform(address),
        8 => client.release(address, server),
        _ => client.decline(address, server),
    };
    for (code, values) in [
        (60, [&b"foo"[..], b"bar", b"docsis3.0"]),
        (77, [b"staff", b"guest", b"DROP"]),
        (12, [b"Printer", b"my host!", b"a.b.c."]),
        (51, [&[0, 0, 0, 9], &[0, 0, 2, 0], &[255; 4]]),
    ] {
        if chance.below(3) == 0 {
            message = message.option(OptionCode(code), values[chance.below(3)]);
        }
    }
    (number, message)
}

/// A configuration in which much decides: classes, reservations, pools that are not for everybody, options everywhere.
fn some_config(chance: &mut Chance) -> Value {
    let mut config = config(1, 53);
    let dhcp4 = &mut config["Dhcp4"];
    dhcp4["hooks-libraries"] = json!([
        {"library": "libdhcp_lease_cmds.so"},
        {"library": "libdhcp_flex_option.so", "parameters": {"options": [
            {"code": 67, "supersede": "ifelse(option[60].exists, concat('/boot/', option[60].hex), '')"},
        ]}},
    ]);
    dhcp4["offer-lifetime"] = [0, 60][chance.below(2)].into();
    let hold = [0, 3600][chance.below(2)];
    dhcp4["expired-leases-processing"] = json!({"reclaim-timer-wait-time": 0, "hold-reclaimed-time": hold});
    dhcp4["authoritative"] = (chance.below(2) == 0).into();
    dhcp4["early-global-reservations-lookup"] = (chance.below(3) == 0).into();
    dhcp4["reservations-global"] = (chance.below(2) == 0).into();
    dhcp4["valid-lifetime"] = 600.into();
    dhcp4["max-valid-lifetime"] = 900.into();
    dhcp4["cache-threshold"] = [0.0, 0.5][chance.below(2)].into();
    dhcp4["ddns-replace-client-name"] = ["never", "always", "when-not-present"][chance.below(3)].into();
    dhcp4["hostname-char-set"] = "[^A-Za-z0-9.-]".into();
    dhcp4["client-classes"] = json!([
        {"name": "foo", "test": "option[60].text == 'foo' or member('VENDOR_CLASS_bar')", "valid-lifetime": 100,
         "option-data": [{"name": "domain-name", "data": "foo.example"}], "next-server": "192.0.2.77"},
        {"name": "staff", "test": "lcase(option[77].hex) == 'staff' and not member('foo')"},
        {"name": "DROP", "test": "option[77].hex == 'DROP' and member('UNKNOWN')"},
        {"name": "known-foo", "test": "member('KNOWN') and substring(option[60].hex, 0, 3) == 'foo'",
         "option-data": [{"name": "boot-file-name", "data": "known.efi"}], "boot-file-name": "known.img"},
        {"name": "late", "test": "not (pkt4.mac == 0x020000000001) and not (int32totext(option[51].hex) == '9')", "only-in-additional-list": true,
         "option-data": [{"name": "tftp-server-name", "data": "late"}]},
        {"name": "made", "template-test": "substring(option[60].hex, 0, 4)"},
        {"name": "SPAWN_made_docs", "option-data": [{"name": "domain-search", "data": "docs.example"}]},
        {"name": "reserved"},
    ]);
    dhcp4["reservations"] = json!([
        {"hw-address": "02:00:00:00:00:01", "hostname": "one", "client-classes": ["staff"]},
        {"hw-address": "02:00:00:00:00:02", "ip-address": "192.0.2.12"},
    ]);
    let pool = |chance: &mut Chance, text: String| {
        let mut pool = json!({"pool": text, "option-data": [{"code": 6, "data": "192.0.2.99"}]});
        match chance.below(5) {
            0 => pool["client-classes"] = json!(["staff"]),
            1 => pool["client-classes"] = json!(["foo", "UNKNOWN"]),
            2 => pool["evaluate-additional-classes"] = json!(["late", "reserved"]),
            _ => {}
        }
        pool
    };
    let mut subnets = Vec::new();
    for (at, third) in [2, 3].into_iter().enumerate() {
        let mut subnet = json!({
            "id": at + 1, "subnet": format!("192.0.{third}.0/24"),
            "pools": [pool(chance, format!("192.0.{third}.10 - 192.0.{third}.12")), pool(chance, format!("192.0.{third}.13 - 192.0.{third}.16"))],
            "option-data": [{"name": "routers", "data": format!("192.0.{third}.254")}, {"code": 43, "data": "0102", "csv-format": false, "always-send": true}],
            "reservations": [
                {"hw-address": format!("02:00:00:00:00:{:02x}", 3 + at), "ip-address": format!("192.0.{third}.{}", 11 + 9 * at),
                 "hostname": "three", "option-data": [{"name": "domain-name", "data": "three.example"}]},
                {"client-id": format!("00:{:02x}", 6), "client-classes": ["reserved", "foo"]},
            ],
        });
        if chance.below(4) == 0 {
            subnet["client-classes"] = json!(["foo"]);
        }
        if chance.below(3) == 0 {
            subnet["valid-lifetime"] = 300.into();
        }
        if at == 0 {
            subnet["interface"] = "eth0".into();
        }
        subnets.push(subnet);
    }
    match chance.below(2) {
        0 => dhcp4["subnet4"] = subnets.into(),
        _ => {
            // They share the interface.
            subnets[0].as_object_mut().map(|map| map.remove("interface"));
            dhcp4["subnet4"] = json!([]);
            dhcp4["shared-networks"] = json!([{"name": "floor", "interface": "eth0", "subnet4": subnets,
                "option-data": [{"name": "ntp-servers", "data": "192.0.2.123", "always-send": true}]}]);
        }
    }
    config
}

/// For many configurations and clients: the reply is that which was explained, byte for byte, and an explanation leaves
/// leases, statistics and what addresses are chosen by as they were.
#[test]
fn what_is_explained_is_what_happens() {
    let mut happened = std::collections::BTreeMap::<String, usize>::new();
    for seed in 0..12 {
        let mut chance = Chance::new(seed);
        let mut scene = Scene::<V4>::new(some_config(&mut chance));
        let mut given = [None; CLIENTS];
        for step in 0..60 {
            if chance.below(8) == 0 {
                scene.server.hands.advance(Duration::from_secs(chance.below(400) as u64));
            }
            let (number, message) = some_message(&mut chance, &given);
            let told = try_out(&mut scene, &message, &format!("seed {seed}, step {step}"));
            let address = told["arguments"]["address"]["ip-address"].as_str();
            given[number] = address.and_then(|address| address.parse().ok()).or(given[number]);
            let kind = told["arguments"]["reply"]["type"].as_str().unwrap_or("none");
            *happened.entry(kind.to_owned()).or_default() += 1;
            let because = told["arguments"]["address"]["because"].as_str();
            because.into_iter().for_each(|because| *happened.entry(because.to_owned()).or_default() += 1);
        }
        assert_counted(&scene.server, &format!("seed {seed}"));
    }
    for what in
        ["DHCPOFFER", "DHCPACK", "DHCPNAK", "none", "reserved", "existing lease", "requested", "next free"]
    {
        assert!(happened.get(what).is_some_and(|count| *count > 3), "little happens: {happened:?}");
    }
}
