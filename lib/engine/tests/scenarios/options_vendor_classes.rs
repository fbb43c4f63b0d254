//! Options of vendors that a client's class decides (manual, "DHCPv4 Private Options", "DHCPv4 Vendor-Specific Options",
//! "Nested DHCPv4 Options").

use kotare_testkit::{Client, Via, World};
use kotare_wire::v4::OptionCode;
use serde_json::json;

use crate::classes::world;

const VSI: OptionCode = OptionCode::VENDOR_ENCAPSULATED_OPTIONS;

/// What a client that says this as option 60 is given as `code`, each instance on its own, if it asks for that.
fn told(world: &mut World, vendor: &[u8], code: OptionCode) -> Vec<Vec<u8>> {
    let mut client = Client::new(1);
    client.wants = vec![code.0];
    let message = client.discover();
    let message = match vendor {
        [] => message,
        vendor => message.option(OptionCode::VENDOR_CLASS_IDENTIFIER, vendor),
    };
    let offer = world.send(&message, Via::BROADCAST).expect("an offer");
    let instances = offer.view().options().filter(|(there, _)| *there == code);
    instances.map(|(_, value)| value.to_vec()).collect()
}

/// Two vendors read option 43 in two ways, a third wants bytes, and who is of none of them has what is for all.
#[test]
fn the_class_decides_what_option_43_holds() {
    let definition = |kind: &str, space: &str| json!([{"name": "vendor-encapsulated-options", "code": 43, "type": kind, "encapsulate": space}]);
    let class = |name: &str, definition, options| {
        let test = format!("option[vendor-class-identifier].text == '{name}'");
        json!({"name": name, "test": test, "option-def": definition, "option-data": options})
    };
    let mut world = world(&json!({
        "option-def": [
            {"name": "cookie", "code": 1, "type": "string", "space": "APC"},
            {"name": "mtftp-ip", "code": 1, "type": "ipv4-address", "space": "PXE"},
            {"name": "foo", "code": 2, "type": "uint16", "space": "vendor-encapsulated-options-space"},
        ],
        "option-data": [
            {"name": "vendor-encapsulated-options"},
            {"name": "foo", "space": "vendor-encapsulated-options-space", "data": "258"},
        ],
        "client-classes": [
            class("APC", definition("empty", "APC"), json!([
                {"name": "cookie", "space": "APC", "data": "1APC"},
                {"name": "vendor-encapsulated-options"},
            ])),
            class("PXE", definition("empty", "PXE"), json!([
                {"name": "mtftp-ip", "space": "PXE", "data": "0.0.0.0"},
                {"name": "vendor-encapsulated-options"},
            ])),
            class("RAW", definition("binary", ""), json!([
                {"name": "vendor-encapsulated-options", "data": "0a0b"},
            ])),
        ],
    }));
    assert_eq!(told(&mut world, b"APC", VSI), [b"\x01\x041APC"]);
    assert_eq!(told(&mut world, b"PXE", VSI), [[1, 4, 0, 0, 0, 0]]);
    assert_eq!(told(&mut world, b"RAW", VSI), [[10, 11]]);
    assert_eq!(told(&mut world, b"other", VSI), [[2, 2, 1, 2]]);
}

/// A private option is one thing for a class and another for all.
#[test]
fn the_class_decides_what_a_private_option_is() {
    let mut world = world(&json!({
        "option-def": [{"name": "number", "code": 230, "type": "uint32"}],
        "option-data": [{"name": "number", "data": "7"}],
        "client-classes": [{
            "name": "words", "test": "option[60].text == 'words'",
            "option-def": [{"name": "word", "code": 230, "type": "string"}],
            "option-data": [{"name": "word", "data": "seven"}],
        }],
    }));
    assert_eq!(told(&mut world, b"words", OptionCode(230)), [b"seven".to_vec()]);
    assert_eq!(told(&mut world, b"", OptionCode(230)), [vec![0, 0, 0, 7]]);
}

/// A device that does not name its vendor gets the vendor's sub-options with the option of its class.
#[test]
fn a_class_stands_for_a_vendor() {
    let mut world = world(&json!({
        "option-def": [{"name": "tftp", "code": 2, "space": "vendor-25167", "type": "string"}],
        "client-classes": [{
            "name": "cpe_genexis", "test": "substring(option[60].hex,0,7) == 'HMC1000'",
            "option-data": [
                {"name": "vivso-suboptions", "data": "25167"},
                {"name": "tftp", "space": "vendor-25167", "data": "tftp://192.0.2.1/genexis", "always-send": true},
            ],
        }],
    }));
    let expected = [&[0, 0, 0x62, 0x4f, 26, 2, 24][..], b"tftp://192.0.2.1/genexis"].concat();
    assert_eq!(told(&mut world, b"HMC1000.v1", OptionCode::VIVSO), [expected]);
    assert!(told(&mut world, b"HMC2000", OptionCode::VIVSO).is_empty());
}

/// Several vendors at once, whether or not the client names any.
#[test]
fn several_vendors_at_once() {
    let mut world = world(&json!({
        "option-def": [
            {"name": "tag", "code": 22, "space": "vendor-2234", "type": "string"},
            {"name": "url", "code": 11, "space": "vendor-3561", "type": "string"},
        ],
        "option-data": [
            {"name": "vivso-suboptions", "data": "2234"},
            {"name": "vivso-suboptions", "data": "3561"},
            {"name": "tag", "space": "vendor-2234", "data": "tagged", "always-send": true},
            {"name": "url", "space": "vendor-3561", "data": "https://e.x", "always-send": true},
        ],
    }));
    let of = |vendor: u32, code: u8, text: &[u8]| {
        let len = text.len() as u8;
        [&vendor.to_be_bytes()[..], &[len + 2, code, len], text].concat()
    };
    let both = [of(3561, 11, b"https://e.x"), of(2234, 22, b"tagged")];
    assert_eq!(told(&mut world, b"", OptionCode::VIVSO), both);
}

/// Values that a class has stay below those of a subnet, and its flags hold there, too.
#[test]
fn classes_stand_between_network_and_server() {
    let mut world = world(&json!({
        "option-data": [{"name": "tcode", "data": "global"}, {"name": "pcode", "data": "global"}],
        "client-classes": [{
            "name": "some", "test": "option[60].text == 'some'",
            "option-data": [
                {"name": "tcode", "data": "class", "always-send": true},
                {"name": "pcode", "data": "class"},
                {"name": "root-path", "never-send": true},
            ],
        }],
        "subnet4": [{
            "id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
            "option-data": [{"name": "tcode", "data": "subnet"}, {"name": "root-path", "data": "subnet"}],
        }],
    }));
    let text = |world: &mut World, vendor: &[u8], asked: u8| -> Vec<Option<Vec<u8>>> {
        let mut client = Client::new(1);
        client.wants = vec![asked];
        let message = client.discover().option(OptionCode::VENDOR_CLASS_IDENTIFIER, vendor);
        let offer = world.send(&message, Via::BROADCAST).expect("an offer");
        [100, 101, 17].map(|code| offer.option(OptionCode(code))).to_vec()
    };
    let is = |text: &str| Some(text.as_bytes().to_vec());
    assert_eq!(text(&mut world, b"some", 100), [is("class"), is("subnet"), None]);
    assert_eq!(text(&mut world, b"some", 17), [None, is("subnet"), None]);
    assert_eq!(text(&mut world, b"else", 17), [None, None, is("subnet")]);
    assert_eq!(text(&mut world, b"else", 100), [is("global"), None, None]);
}
