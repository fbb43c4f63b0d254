//! Options whose meaning depends on the client's class (manual, "DHCPv4 Private Options", "DHCPv4 Vendor-Specific
//! Options"), and what is told of expressions about them (manual, "Debugging Expressions").

use kotare_testkit::{Answer, Client, Message, Via, logged};
use kotare_wire::v4::OptionCode;
use serde_json::{Value as Json, json};

use crate::classes::world;

/// Two vendors who put different things into option 43, and one who has a name for option 224.
fn vendors() -> Json {
    let vendor = |name: &str, option: Json| {
        json!({
            "name": name, "test": format!("option[vendor-class-identifier].text == '{name}'"),
            "option-def": [{
                "name": "vendor-encapsulated-options", "code": 43, "type": "empty", "encapsulate": name,
            }],
            "option-data": [option, {"name": "vendor-encapsulated-options"}],
        })
    };
    json!({
        "subnet4": [{
            "id": 1, "subnet": "192.0.2.0/24", "interface": "eth0", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
        }],
        "option-def": [
            {"name": "cookie", "code": 1, "type": "string", "space": "APC"},
            {"name": "mtftp-ip", "code": 1, "type": "ipv4-address", "space": "PXE"},
            {"name": "number", "code": 224, "type": "uint16"},
        ],
        "client-classes": [
            vendor("APC", json!({"name": "cookie", "space": "APC", "data": "1APC"})),
            vendor("PXE", json!({"name": "mtftp-ip", "space": "PXE", "data": "0.0.0.0"})),
            {
                "name": "raw", "test": "option[60].text == 'raw'",
                "option-def": [
                    {"name": "bytes", "code": 43, "type": "binary"},
                    {"name": "number", "code": 224, "type": "string"},
                ],
                "option-data": [{"name": "bytes", "data": "0102ff"}, {"name": "number", "data": "seven"}],
            },
        ],
        "option-data": [{"name": "number", "data": "7"}],
    })
}

fn of(vendor: &str) -> Message {
    let mut client = Client::new(1);
    client.wants = vec![43, 224];
    client.discover().option(OptionCode::VENDOR_CLASS_IDENTIFIER, vendor.as_bytes())
}

fn offer(config: &Json, query: &Message) -> Answer {
    world(config).send(query, Via::BROADCAST).expect("an offer")
}

/// What a class defines is how its own options are written; others are written as the server defines them.
#[test]
fn options_are_written_as_the_class_defines_them() {
    for (vendor, specific, number) in [
        ("APC", Some(&b"\x01\x041APC"[..]), &[0, 7][..]),
        ("PXE", Some(b"\x01\x04\0\0\0\0"), &[0, 7]),
        ("raw", Some(&[1, 2, 255]), b"seven"),
        ("other", None, &[0, 7]),
    ] {
        let offer = offer(&vendors(), &of(vendor));
        assert_eq!(offer.option(OptionCode(43)).as_deref(), specific, "{vendor}");
        assert_eq!(offer.option(OptionCode(224)).as_deref(), Some(number), "{vendor}");
    }
}

/// A message's own private options mean nothing to the classes that are found out first; to those that depend on a
/// reservation they mean what the first class that the message is of has defined.
#[test]
fn later_classes_read_them_as_the_class_defines_them() {
    let mut config = vendors();
    let classes = config["client-classes"].as_array_mut().unwrap();
    let tells = |name: &str, test: &str| json!({"name": name, "test": test, "option-data": [{"name": "domain-name", "data": name, "always-send": true}]});
    classes.insert(
        0,
        tells("early", "option[43].option[1].exists or option[224].text == 'type=224, len=002: 7 (uint16)'"),
    );
    for (name, test) in [
        ("cookie", "option[43].option[1].text == 'cookie'"),
        ("address", "option[43].option[1].text == 'type=001, len=004: 10.0.0.1 (ipv4-address)'"),
        ("string", "option[224].text == 'ab'"),
        ("number", "option[224].text == 'type=224, len=002: 24930 (uint16)'"),
        ("nothing", "option[43].exists and not option[43].option[1].exists"),
    ] {
        classes.push(tells(name, &format!("member('UNKNOWN') and {test}")));
    }
    for (vendor, specific, private, class) in [
        ("APC", &b"\x01\x06cookie"[..], &b""[..], "cookie"),
        ("PXE", b"\x01\x04\x0a\0\0\x01", b"", "address"),
        ("raw", b"", b"ab", "string"),
        ("raw", b"\x01\x01x", b"", "nothing"),
        ("other", b"", b"ab", "number"),
    ] {
        let mut query = of(vendor);
        for (code, value) in [(43, specific), (224, private)] {
            if !value.is_empty() {
                query = query.option(OptionCode(code), value);
            }
        }
        let offer = offer(&config, &query);
        let told =
            offer.option(OptionCode::DOMAIN_NAME).map(|name| String::from_utf8_lossy(&name).into_owned());
        assert_eq!(told.as_deref(), Some(class), "{vendor}");
    }
}

/// Each step of an evaluation is told as Kea tells it: what is taken from its stack, the last first, and what is put
/// there.
#[test]
fn evaluations_are_told_step_by_step() {
    let told = |test: &str| {
        let config = json!({"client-classes": [{"name": "a", "test": test}]});
        let query = Client::new(1).with_id(b"foobar").discover();
        let lines = logged(|| world(&config).send(&query, Via::BROADCAST)).1;
        let label = "[hwtype=1 02:00:00:00:00:01], cid=[66:6f:6f:62:61:72], tid=0x100: ";
        let lines = lines.into_iter().filter(|line| line.id.starts_with("EVAL_DEBUG_"));
        lines
            .map(|line| format!("{} {}", &line.id["EVAL_DEBUG_".len()..], line.text.replace(label, "")))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told("substring(option[61].hex,0,3) == 'foo'"),
        [
            "OPTION Pushing option[61] with value 0x666F6F626172",
            "STRING Pushing text string '0'",
            "STRING Pushing text string '3'",
            "SUBSTRING Popping length 3, start 0, string 0x666F6F626172 pushing result 0x666F6F",
            "STRING Pushing text string 'foo'",
            "EQUAL Popping 0x666F6F and 0x666F6F pushing result 'true'",
        ]
    );
    assert_eq!(
        told("not member('ALL') and option[12].exists or pkt4.hlen == 6"),
        [
            "MEMBER Checking membership of 'ALL', pushing result 'true'",
            "NOT Popping 'true' pushing 'false'",
            "POP_OR_BRANCH_FALSE Value is false: keeping it and branching to 1",
            "PKT4 Pushing PKT4 field hlen with value 0x00000006",
            "STRING Pushing text string '\\x00\\x00\\x00\\x06'",
            "EQUAL Popping 0x00000006 and 0x00000006 pushing result 'true'",
        ]
    );
    assert_eq!(
        told("ifelse(vendor[9].exists, 'a', 'b' + 0x63) == hexstring(10.0.0.1, ':')"),
        [
            "VENDOR_NO_OPTION Option with code 125 missing, pushing result 'false'",
            "POP_AND_BRANCH_FALSE Value is false: branching to 1",
            "STRING Pushing text string 'b'",
            "HEXSTRING Pushing hex string 0x63",
            "CONCAT Popping 0x63 and 0x62 pushing 0x6263",
            "IPADDRESS Pushing IPAddress 0x0A000001",
            "STRING Pushing text string ':'",
            "TOHEXSTRING Popping binary value 0x0A000001 and separator :, pushing result 0a:00:00:01",
            "EQUAL Popping 0x30613A30303A30303A3031 and 0x6263 pushing result 'false'",
        ]
    );
}
