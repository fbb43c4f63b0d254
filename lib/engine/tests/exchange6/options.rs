//! Which options a reply has, and what they say.

use kotare_testkit::{Logged, logged};
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use crate::told::{ask, relayed};
use crate::world::{World, config, duid};

const SOLICIT: MessageType = MessageType::SOLICIT;
const INFORMATION_REQUEST: MessageType = MessageType::INFORMATION_REQUEST;

/// Who asks for options alone gets what it asks for and what is always sent, from the most specific level.
#[test]
fn configuration_alone() {
    let mut world = World::new(config(json!({
        "option-data": [
            { "name": "dns-servers", "data": "2001:db8::53" },
            { "name": "domain-search", "data": "example.com" },
            { "name": "information-refresh-time", "data": "7200", "always-send": true },
        ],
    })));
    let told = world.ask(&ask(INFORMATION_REQUEST, 1).oro(&[23, 22]));
    assert_eq!(told, "REPLY 23=20010db8000000000000000000000053 32=00001c20");
    let told = world.ask(&ask(INFORMATION_REQUEST, 1));
    assert_eq!(told, "REPLY 32=00001c20");
}

/// RFC 9915 has the option by which a server lets clients send to it alone no more: it is sent, as Kea does, and warned about
/// each time; who does not ask for it hears nothing of it.
#[test]
fn server_unicast_is_warned_about() {
    let mut world =
        World::new(config(json!({ "option-data": [{ "name": "unicast", "data": "2001:db8::1" }] })));
    let warns = |lines: Vec<Logged>| lines.iter().any(|line| line.id == "DHCP6_ADD_DEPRECATED_UNICAST");
    let (told, lines) = logged(|| world.ask(&ask(INFORMATION_REQUEST, 1).oro(&[12])));
    assert_eq!((&*told, warns(lines)), ("REPLY 12=20010db8000000000000000000000001", true));
    let (told, lines) = logged(|| world.ask(&ask(INFORMATION_REQUEST, 1).oro(&[23])));
    assert_eq!((&*told, warns(lines)), ("REPLY", false));
}

/// Reservation, pool, prefix pool, subnet, server: the most specific one holds.
#[test]
fn the_most_specific_level_holds() {
    let preference = |value: u8| json!([{ "name": "preference", "data": value.to_string() }]);
    let mut text = config(json!({
        "option-data": preference(3),
        "pools": [{ "pool": "2001:db8:1::10/124", "option-data": preference(1) }],
        "pd-pools": [{
            "prefix": "2001:db8:f000::", "prefix-len": 40, "delegated-len": 56, "option-data": preference(2),
        }],
        "reservations": [{ "duid": duid(9), "option-data": preference(0) }],
    }));
    text["Dhcp6"]["option-data"] = preference(4);
    let mut world = World::new(text);
    for (message, value) in [
        (ask(SOLICIT, 9).na(1, &[]).pd(2, &[]), 0),
        (ask(SOLICIT, 1).na(1, &[]).pd(2, &[]), 1),
        (ask(SOLICIT, 1).pd(2, &[]), 2),
        (ask(INFORMATION_REQUEST, 1), 3),
    ] {
        let told = world.ask(&message.oro(&[7]));
        assert!(told.contains(&format!(" 7=0{value}")), "{value}: {told}");
    }
    let mut nowhere = world.moved("eth9");
    assert_eq!(nowhere.ask(&ask(INFORMATION_REQUEST, 1).oro(&[7])), "REPLY 7=04");
}

/// `never-send` goes before all else.
#[test]
fn what_is_never_sent() {
    let mut text =
        config(json!({ "option-data": [{ "name": "preference", "data": "1", "always-send": true }] }));
    text["Dhcp6"]["option-data"] = json!([{ "name": "preference", "never-send": true }]);
    let mut world = World::new(text);
    assert_eq!(world.ask(&ask(INFORMATION_REQUEST, 1).oro(&[7])), "REPLY");
}

/// Options 16 and 17 for several vendors, with what the devices of one ask for.
#[test]
fn vendors_have_options_of_their_own() {
    let mut world = World::new(config(json!({
        "option-data": [
            { "name": "vendor-opts", "data": "4491" },
            { "name": "tftp-servers", "space": "vendor-4491", "data": "2001:db8::1" },
            { "name": "config-file", "space": "vendor-4491", "data": "x.cfg", "always-send": true },
            { "code": 7, "space": "vendor-1234", "data": "aabb", "csv-format": false, "always-send": true },
        ],
    })));
    let vendor = [&4491_u32.to_be_bytes()[..], &[0, 1, 0, 2, 0, 32]].concat();
    let other = [&1234_u32.to_be_bytes()[..], &[0, 1, b'v']].concat();
    let told = world.ask(
        &ask(INFORMATION_REQUEST, 1)
            .option(OptionCode::VENDOR_CLASS, &other)
            .option(OptionCode::VENDOR_OPTS, &vendor)
            .oro(&[17]),
    );
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut cable = 4491_u32.to_be_bytes().to_vec();
    cable.extend([0, 32, 0, 16]);
    cable.extend("2001:db8::1".parse::<std::net::Ipv6Addr>().unwrap().octets());
    cable.extend([0, 33, 0, 5]);
    cable.extend(b"x.cfg");
    let mut second = 1234_u32.to_be_bytes().to_vec();
    second.extend([0, 7, 0, 2, 0xaa, 0xbb]);
    assert_eq!(told, format!("REPLY 17={} 17={}", hex(&cable), hex(&second)));
    // Whom nobody names gets nothing of it.
    assert_eq!(world.ask(&ask(INFORMATION_REQUEST, 1)), "REPLY");
}

/// A reply goes back the way that the query came, with what relay agents get back (RFC 9915 §19.3, RFC 4994).
#[test]
fn relay_agents_get_what_they_sent() {
    let mut world = World::new(config(json!({})));
    let message = ask(SOLICIT, 1)
        .na(1, &[])
        .via(
            "2001:db8:1::1",
            &[(OptionCode::INTERFACE_ID, b"port 1"), (OptionCode::REMOTE_ID, b"\0\0\0\x09x")],
        )
        .via(
            "2001:db8:ffff::1",
            &[
                (OptionCode::ERO, &[0, 37, 0, 53]),
                (OptionCode::RELAY_ID, &[0, 3, 7]),
                (OptionCode::RELAY_SOURCE_PORT, &[0, 0]),
            ],
        );
    let served = world.send(&message).expect("an answer");
    assert_eq!(
        relayed(&served.bytes),
        [vec![(135, vec![0, 0]), (53, vec![0, 3, 7])], vec![(18, b"port 1".to_vec())],]
    );
    assert_eq!(served.departure.destination.port(), 40_000, "a relay agent has a port of its own");
    let direct = world.send(&ask(SOLICIT, 1).na(1, &[])).expect("an answer");
    assert_eq!(direct.departure.destination.port(), 546);
}

/// What a relay agent supplies is taken over where that is allowed and the server has nothing (RFC 6422).
#[test]
fn relay_agents_supply_options() {
    let mut text = config(json!({}));
    text["Dhcp6"]["relay-supplied-options"] = json!(["110"]);
    let mut world = World::new(text);
    let supplied = [0, 110, 0, 1, 7, 0, 111, 0, 1, 8, 0, 65, 0, 2, 1, b'a'];
    let message = ask(INFORMATION_REQUEST, 1).via("2001:db8:1::1", &[(OptionCode::RSOO, &supplied)]);
    // 65 is always allowed (RFC 6440).
    assert_eq!(world.ask(&message), "REPLY 65=0161 110=07");
}

/// What does not fit is left out, what matters least first.
#[test]
fn what_does_not_fit_is_left_out() {
    let large = "ab".repeat(600);
    let option = |code: u16, always: bool| json!({ "code": code, "space": "dhcp6", "data": large, "csv-format": false, "always-send": always });
    let mut world = World::new(config(json!({ "option-data": [option(250, false), option(251, true)] })));
    world.room = 1000;
    let told = world.ask(&ask(SOLICIT, 1).na(1, &[]).oro(&[250]));
    assert!(told.contains(" 250=") && !told.contains(" 251=") && told.contains("3000/4000"), "{told}");
}

/// Which options have no room is told once, however many clients it befalls; each reply is counted.
#[test]
fn what_is_left_out_is_told_once() {
    let large = "ab".repeat(600);
    let option = |code: u16| json!({ "code": code, "space": "dhcp6", "data": large, "csv-format": false });
    let mut world = World::new(config(json!({ "option-data": [option(250), option(251)] })));
    world.room = 1000;
    let ((), lines) = logged(|| {
        for client in 1..=10 {
            world.ask(&ask(SOLICIT, client).na(1, &[]).oro(&[251, 250]));
        }
        assert!(
            world.ask(&ask(SOLICIT, 1).na(1, &[]).oro(&[251])).contains(" 251="),
            "there is room for one"
        );
    });
    let told: Vec<_> = lines.iter().filter(|line| line.id == "KOTARE_OPTIONS_LEFT_OUT").collect();
    assert_eq!(told.len(), 1, "{lines:?}");
    assert!(
        told[0].text.contains("the ADVERTISE of ") && told[0].text.contains("for the options 250,"),
        "{told:?}"
    );
    assert_eq!((world.stat("pkt6-options-left-out"), world.stat("pkt6-sent")), (10, 11));
}
