//! Options for clients of some classes (manual, "Option Class-Tagging").

use kotare_testkit::{Answer, Client, Message, Via};
use kotare_wire::v4::OptionCode;
use serde_json::{Value as Json, json};

use crate::classes::world;

/// Classes by what a client says in option 77: `one`, `two`, or both in turn.
fn tags() -> Json {
    json!([
        {"name": "one", "test": "substring(option[77].hex, 0, 3) == 'one'"},
        {"name": "two", "test": "substring(option[77].hex, 3, 3) == 'two'"},
    ])
}

/// An offer to a client that asks for these options and says this of itself.
fn offer(config: &Json, wants: &[u8], says: &[u8]) -> Answer {
    let mut config = config.clone();
    config["client-classes"] = tags();
    let mut client = Client::new(1);
    client.wants = wants.to_vec();
    let message: Message = client.discover();
    let message = if says.is_empty() { message } else { message.option(OptionCode(77), says) };
    world(&config).send(&message, Via::BROADCAST).expect("an offer")
}

fn text(offer: &Answer, code: u8) -> Option<String> {
    offer.option(OptionCode(code)).map(|value| String::from_utf8(value).expect("text"))
}

/// One value for a class, one for another, one for everybody else, in whatever order they are written.
#[test]
fn values_for_classes_are_chosen() {
    let value = |class: &[&str], data: &str| json!({"name": "tcode", "client-classes": class, "data": data});
    let entries = [value(&["one"], "first"), value(&["two"], "second"), value(&[], "other")];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let config = json!({"option-data": order.map(|at| entries[at].clone())});
        for (says, expected) in
            [(&b""[..], "other"), (b"one", "first"), (b"???two", "second"), (b"else", "other")]
        {
            assert_eq!(text(&offer(&config, &[101], says), 101).as_deref(), Some(expected));
        }
    }
    // A client of both: as in Kea, what is written last.
    let config = json!({"option-data": entries});
    assert_eq!(text(&offer(&config, &[101], b"onetwo"), 101).as_deref(), Some("second"));
    // One of the classes is enough.
    let config = json!({"option-data": [value(&["two", "nobody", "one"], "any")]});
    let told = [&b"one"[..], b"???two", b""].map(|says| text(&offer(&config, &[101], says), 101));
    assert_eq!(told, [Some("any".into()), Some("any".into()), None]);
}

/// Where the class of a value is not the client's, it is as if the value were not written at that scope.
#[test]
fn other_scopes_give_what_a_class_has_not() {
    let guarded = |data: &str| json!([{"name": "tcode", "client-classes": ["one"], "data": data}]);
    let config = json!({
        "option-data": [{"name": "tcode", "data": "global"}],
        "subnet4": [],
        "shared-networks": [{
            "name": "net", "option-data": [{"name": "tcode", "client-classes": ["two"], "data": "network"}],
            "subnet4": [{
                "id": 1, "subnet": "192.0.2.0/24",
                "pools": [{"pool": "192.0.2.100 - 192.0.2.199", "option-data": guarded("pool")}],
            }],
        }],
    });
    let told = [&b""[..], b"one", b"???two", b"onetwo"].map(|says| text(&offer(&config, &[101], says), 101));
    assert_eq!(told.map(Option::unwrap), ["global", "pool", "network", "pool"]);
}

/// `always-send` sends a value to those who may have it; `never-send` holds for everybody, whoever its value is for.
#[test]
fn flags_hold_for_everybody() {
    let config = json!({"option-data": [
        {"name": "tcode", "client-classes": ["one"], "data": "one", "always-send": true},
        {"name": "pcode", "data": "all"},
        {"name": "pcode", "client-classes": ["two"], "data": "two", "always-send": true},
        {"name": "root-path", "data": "all", "always-send": true},
        {"name": "root-path", "client-classes": ["one"], "never-send": true},
    ]});
    let told = |says: &[u8]| [101, 100, 17].map(|code| text(&offer(&config, &[17], says), code));
    assert_eq!(told(b""), [None, Some("all".into()), None]);
    assert_eq!(told(b"one"), [Some("one".into()), Some("all".into()), None]);
    assert_eq!(told(b"???two"), [None, Some("two".into()), None]);
}

/// A value for nobody is no option: nothing empty is sent, and what Kea sends without being asked is none either.
#[test]
fn what_is_for_others_is_not_there() {
    let config = json!({"option-data": [
        {"name": "routers", "client-classes": ["one"], "data": "192.0.2.1"},
        {"name": "tcode", "client-classes": ["one"], "data": "one", "always-send": true},
    ]});
    assert_eq!(offer(&config, &[3, 101], b"").codes(), [53, 1, 51, 54]);
    assert_eq!(offer(&config, &[], b"one").codes(), [53, 1, 3, 51, 54, 101]);
}

/// Options of vendors (124, 125) and what is in a vendor's space are for classes, too.
#[test]
fn options_of_vendors_have_classes() {
    let config = json!({
        "option-def": [{"name": "what", "space": "vendor-25506", "code": 1, "type": "string"}],
        "option-data": [
            {"name": "vivso-suboptions", "data": "25506", "always-send": true},
            {"name": "what", "space": "vendor-25506", "data": "all", "always-send": true},
            {"name": "what", "space": "vendor-25506", "data": "one", "client-classes": ["one"]},
            {"name": "vivco-suboptions", "data": "25506, 0161"},
            {"name": "vivco-suboptions", "data": "9, 0162", "client-classes": ["two"], "always-send": true},
        ],
    });
    let inside = |says: &[u8]| offer(&config, &[], says).option(OptionCode::VIVSO).unwrap()[5..].to_vec();
    assert_eq!([inside(b""), inside(b"one")], [b"\x01\x03all".to_vec(), b"\x01\x03one".to_vec()]);
    let vendors = |says: &[u8]| {
        let offer = offer(&config, &[], says);
        let classes = offer.view().options().filter(|(code, _)| *code == OptionCode::VIVCO);
        classes.map(|(_, value)| value.to_vec()[3]).collect::<Vec<_>>()
    };
    assert_eq!([vendors(b""), vendors(b"???two")], [vec![0xa2], vec![9, 0xa2]]);
}

/// Option 108 that is not for a client does not keep addresses from it (RFC 8925 §3.3).
#[test]
fn ipv6_only_is_for_classes() {
    let config = json!({"subnet4": [{
        "id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
        "option-data": [{"name": "v6-only-preferred", "data": "1800", "client-classes": ["one"]}],
    }]});
    let address = |says: &[u8]| offer(&config, &[108], says).yiaddr().is_unspecified();
    assert!(address(b"one") && !address(b""));
}

/// Sub-options go into the option that carries them whoever they are for, as in Kea: only who gets that counts.
#[test]
fn sub_options_have_no_classes_of_their_own() {
    let config = json!({
        "option-def": [
            {"name": "a", "space": "vendor-encapsulated-options-space", "code": 1, "type": "string"},
        ],
        "option-data": [
            {"name": "a", "space": "vendor-encapsulated-options-space", "data": "x", "client-classes": ["one"]},
            {"name": "vendor-encapsulated-options", "client-classes": ["two"]},
        ],
    });
    let told = [&b""[..], b"one", b"???two"].map(|says| offer(&config, &[43], says).option(OptionCode(43)));
    assert_eq!(told, [None, None, Some(b"\x01\x01x".to_vec())]);
}
