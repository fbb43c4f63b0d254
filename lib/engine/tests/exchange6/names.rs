//! Option 39 (RFC 4704): what the client is called, in its leases and in the reply.

use kotare_testkit::logged;
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::{Value, json};

use crate::told::ask;
use crate::world::{World, config, duid};

const REQUEST: MessageType = MessageType::REQUEST;
const SOLICIT: MessageType = MessageType::SOLICIT;

const S: u8 = 1;
const O: u8 = 2;
const N: u8 = 4;

fn naming(more: Value) -> Value {
    let mut parameters = json!({ "ddns-qualifying-suffix": "example.com" });
    parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut config = config(parameters);
    config["Dhcp6"]["dhcp-ddns"] = json!({ "enable-updates": true });
    config
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A partial name gets the domain; the flags say who updates.
#[test]
fn a_partial_name_is_completed() {
    for (client, server) in [(S, S), (0, 0), (N, N)] {
        let mut world = World::new(naming(json!({})));
        let told = world.ask(
            &ask(REQUEST, 1)
                .na(1, &[])
                .option(OptionCode::CLIENT_FQDN, &[&[client][..], b"\x04Host"].concat()),
        );
        let expected = hex(&[&[server][..], b"\x04host\x07example\x03com\0"].concat());
        assert!(told.ends_with(&format!(" 39={expected}")), "{client}: {told}");
        let expected = match client {
            S => "host.example.com. fwd rev",
            0 => "host.example.com. rev",
            _ => "host.example.com.",
        };
        assert_eq!(world.names(), [expected]);
    }
}

/// A name is made up of the first address, for who sends none or an empty one; offered, it is not made up yet.
#[test]
fn a_name_is_made_up() {
    let mut world = World::new(naming(json!({ "ddns-replace-client-name": "when-not-present" })));
    let told = world.ask(&ask(SOLICIT, 1).na(1, &[]));
    assert!(told.ends_with(" 39=01"), "{told}");
    let told = world.ask(&ask(REQUEST, 1).na(1, &["2001:db8:1::10"]).na(2, &[]).pd(3, &[]));
    let expected = hex(b"\x01\x15myhost-2001-db8-1--10\x07example\x03com\0");
    assert!(told.ends_with(&format!(" 39={expected}")), "{told}");
    assert_eq!(
        world.names(),
        ["myhost-2001-db8-1--10.example.com. fwd rev", " fwd rev", " fwd rev"],
        "one address has the name that is made of it"
    );
}

/// What prefix, address and domain make may be too long for a name: the client is told none, and the log why.
#[test]
fn what_is_made_up_may_be_no_name() {
    let suffix = ["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(50)].join(".");
    let long = json!({ "ddns-replace-client-name": "always", "ddns-qualifying-suffix": suffix });
    let mut world = World::new(naming(long));
    let (told, lines) = logged(|| world.ask(&ask(REQUEST, 1).na(1, &["2001:db8:1::10"])));
    assert!(!told.contains(" 39="), "{told}");
    let line =
        lines.iter().find(|line| line.id == "DHCP6_DDNS_GENERATED_FQDN_UPDATE_FAIL").expect("it is told");
    let end = ": failed to update the lease using address 2001:db8:1::10, after generating FQDN for a client, reason: \
               the name is longer than 253 characters";
    assert!(line.text.ends_with(end), "{}", line.text);
}

/// Who leaves two messages out is named, too.
#[test]
fn a_name_is_made_up_at_once() {
    let made_up = json!({ "ddns-replace-client-name": "always", "rapid-commit": true });
    let mut world = World::new(naming(made_up));
    let told = world.ask(&ask(SOLICIT, 1).na(1, &[]).option(OptionCode::RAPID_COMMIT, b""));
    let expected = hex(b"\x01\x15myhost-2001-db8-1--10\x07example\x03com\0");
    assert!(told.ends_with(&format!(" 39={expected}")), "{told}");
    assert_eq!(world.names(), ["myhost-2001-db8-1--10.example.com. fwd rev"]);
}

/// A reserved name goes before what the client calls itself; a client that wants to update itself may be overruled.
#[test]
fn a_reserved_name_goes_first() {
    let host = json!([{ "duid": duid(1), "hostname": "mine" }]);
    let mut world = World::new(naming(json!({ "reservations": host, "ddns-override-client-update": true })));
    let told = world.ask(&ask(REQUEST, 1).na(1, &[]).option(OptionCode::CLIENT_FQDN, b"\0\x05other"));
    let expected = hex(&[&[S | O][..], b"\x04mine\x07example\x03com\0"].concat());
    assert!(told.ends_with(&format!(" 39={expected}")), "{told}");
    assert_eq!(world.names(), ["mine.example.com. fwd rev"]);
    // Without the option it is kept all the same.
    let mut world = World::new(naming(json!({ "reservations": host })));
    assert!(!world.ask(&ask(REQUEST, 1).na(1, &[])).contains(" 39="));
    assert_eq!(world.names(), ["mine.example.com"]);
}

/// A client with a reservation of its subnet, which names it not or otherwise, and a global one: what it is called goes with
/// its address.
#[test]
fn a_global_address_brings_its_name() {
    for local in [json!({ "prefixes": ["2001:db8:7::/56"] }), json!({ "hostname": "local" })] {
        let mut host = local.clone();
        host["duid"] = duid(1).into();
        let mut config = naming(json!({ "reservations-global": true, "reservations": [host] }));
        config["Dhcp6"]["reservations"] =
            json!([{ "duid": duid(1), "ip-addresses": ["2001:db8:1::bb"], "hostname": "global" }]);
        let mut world = World::new(config);
        let told = world.ask(&ask(REQUEST, 1).na(1, &[]).option(OptionCode::CLIENT_FQDN, b"\x01\x05other"));
        let expected = hex(b"\x01\x06global\x07example\x03com\0");
        assert!(told.contains("[2001:db8:1::bb "), "{local}: {told}");
        assert!(told.ends_with(&format!(" 39={expected}")), "{local}: {told}");
        assert_eq!(world.names(), ["global.example.com. fwd rev"], "{local}");
    }
}

/// What is no name is as if it had not been sent.
#[test]
fn what_is_no_name_is_none() {
    let root = &b"\0\0"[..];
    for value in [b"", root, b"\0\x09cut", b"\0\x00\x01a", b"\0\x01!", b"\0\x01!\0", b"\0\x01a\x01!\x01b\0"] {
        let mut world = World::new(naming(json!({})));
        let told = world.ask(&ask(REQUEST, 1).na(1, &[]).option(OptionCode::CLIENT_FQDN, value));
        assert!(!told.contains(" 39=") && told.contains("3000/4000"), "{}: {told}", value.escape_ascii());
        assert_eq!(world.names(), [""]);
    }
}

/// Who is on no subnet hears its own name, and that nobody updates DNS for it.
#[test]
fn a_client_is_named_on_no_subnet() {
    for (client, server) in [(S, O | N), (0, N), (N, N)] {
        let mut config = naming(json!({ "interface": "eth9", "ddns-replace-client-name": "always" }));
        config["Dhcp6"]["dhcp-ddns"] = json!({ "enable-updates": true });
        let mut world = World::new(config);
        let name = [&[client][..], b"\x04Host\0"].concat();
        let told = world.ask(&ask(REQUEST, 1).na(1, &[]).option(OptionCode::CLIENT_FQDN, &name));
        let expected = hex(&[&[server][..], b"\x04host\0"].concat());
        assert!(told.contains("NoAddrsAvail") && told.ends_with(&format!(" 39={expected}")), "{told}");
    }
}

/// What the manual says of names: a client that wants no updates may be overruled, what is no character of a name is replaced
/// in what the client sent alone, a name made up never ends with a hyphen, and flags that contradict each other are read as
/// if N were not set.
#[test]
fn names_are_as_configured() {
    let told = |more: Value, sent: &[u8]| {
        let mut world = World::new(naming(more));
        let told = world.ask(&ask(REQUEST, 1).na(1, &[]).option(OptionCode::CLIENT_FQDN, sent));
        let (_, name) = told.split_once(" 39=").expect("a name");
        name.to_owned()
    };
    assert_eq!(
        told(json!({ "ddns-override-no-update": true }), b"\x04\x04host\x03org\0"),
        hex(b"\x03\x04host\x03org\0")
    );
    assert_eq!(
        told(json!({ "hostname-char-replacement": "x" }), b"\x01\x09myhost-$[\x03org\0"),
        hex(b"\x01\x09myhost-xx\x03org\0")
    );
    let lowest = json!({ "ddns-replace-client-name": "always", "pools": [{ "pool": "2001:db8:1::/128" }] });
    assert_eq!(told(lowest, b"\x01\x04host"), hex(b"\x01\x14myhost-2001-db8-1--0\x07example\x03com\0"));
    assert_eq!(told(json!({}), b"\x05\x04host\x03org\0"), hex(b"\x01\x04host\x03org\0"));
    let host = json!([{ "duid": duid(1), "hostname": "mark-desktop.example.org" }]);
    let unqualified = json!({ "reservations": host, "ddns-qualifying-suffix": "" });
    assert_eq!(told(unqualified, b"\x01\x04host"), hex(b"\x01\x0cmark-desktop\x07example\x03org\0"));
}
