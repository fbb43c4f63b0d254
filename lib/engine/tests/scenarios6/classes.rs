//! What a message belongs to (manual, "Client Classification in DHCPv6").

use kotare_engine::v6::Dropped;
use kotare_testkit::v6::{Client, configured};
use kotare_wire::v6::OptionCode;
use serde_json::{Value, json};

use crate::world::World;

fn world(classes: Value) -> World {
    World::new(configured(&json!({
        "client-classes": classes,
        "subnet6": [{"id": 1, "subnet": "2001:db8::/64", "interface": "eth0"}],
    })))
}

fn vendor(pieces: &[&[u8]]) -> Vec<u8> {
    let mut value = vec![0, 0, 0x11, 0x8b];
    for piece in pieces {
        value.extend((piece.len() as u16).to_be_bytes());
        value.extend(*piece);
    }
    value
}

/// Tests and templates, in order, and whether the client is known.
#[test]
fn tests_are_evaluated_in_their_order() {
    let world = world(json!([
        {"name": "solicits", "test": "pkt6.msgtype == 1"},
        {"name": "both", "test": "member('solicits') and member('UNKNOWN')"},
        {"name": "late", "test": "pkt6.msgtype == 1", "only-in-additional-list": true},
        {"name": "tag", "template-test": "substring(option[1].hex, 0, 2)"},
    ]));
    let classes = world.classes(&Client::new(7).solicit().bytes());
    assert_eq!(classes, ["ALL", "solicits", "tag", "UNKNOWN", "both"]);
}

/// Option 16: the first piece, unless one of them is a cable modem's; several vendors are several classes.
#[test]
fn vendors_make_classes() {
    let world = world(json!([
        {"name": "VENDOR_CLASS_docsis3.0"}, {"name": "VENDOR_CLASS_phone"}, {"name": "VENDOR_CLASS_other"},
    ]));
    let classes = |values: &[Vec<u8>]| {
        let solicit = Client::new(7).solicit();
        let solicit = values.iter().fold(solicit, |it, value| it.option(OptionCode::VENDOR_CLASS, value));
        world.classes(&solicit.bytes())
    };
    assert_eq!(classes(&[vendor(&[b"phone", b"other"])]), ["ALL", "VENDOR_CLASS_phone", "UNKNOWN"]);
    assert_eq!(classes(&[vendor(&[b"other", b"docsis3.0"])]), ["ALL", "VENDOR_CLASS_docsis3.0", "UNKNOWN"]);
    let both = [vendor(&[b"other"]), vendor(&[b"phone"])];
    assert_eq!(classes(&both), ["ALL", "VENDOR_CLASS_other", "VENDOR_CLASS_phone", "UNKNOWN"]);
    assert_eq!(classes(&[vendor(&[])]), ["ALL", "UNKNOWN"]);
    assert_eq!(classes(&[vec![0, 0]]), ["ALL", "UNKNOWN"]);
}

/// What is of the class DROP is not answered, whether that is known at once or when reservations were looked up.
#[test]
fn the_class_drop_drops() {
    for test in ["pkt6.msgtype == 1", "member('UNKNOWN')"] {
        let world = world(json!([{"name": "DROP", "test": test}]));
        let (_, located) = world.locate(&Client::new(7).solicit().bytes());
        assert!(matches!(located, Err(Dropped::ByClass)), "{test}");
    }
}
