//! What the log tells of how leases are found and given back, at its debug levels, and when leases cannot be kept.

use std::net::Ipv6Addr;

use kotare_model::LeaseState;
use kotare_testkit::{Logged, logged};
use kotare_wire::v6::MessageType;
use serde_json::{Value, json};

use crate::register::registers;
use crate::told::{Ask, ask};
use crate::world::{World, config, duid};

const SOLICIT: MessageType = MessageType::SOLICIT;
const REQUEST: MessageType = MessageType::REQUEST;
const RENEW: MessageType = MessageType::RENEW;
const REBIND: MessageType = MessageType::REBIND;
const RELEASE: MessageType = MessageType::RELEASE;
const DECLINE: MessageType = MessageType::DECLINE;
const CONFIRM: MessageType = MessageType::CONFIRM;

/// A configuration in which these parameters hold, with a single address to give.
fn one_address(parameters: Value) -> Value {
    let mut text = config(parameters);
    text["Dhcp6"]["subnet6"][0]["pools"] = json!([{"pool": "2001:db8:1::10/128"}]);
    text
}

/// What is logged of a message.
fn lines(world: &mut World, ask: &Ask) -> Vec<Logged> {
    logged(|| world.ask(ask)).1
}

/// The only line with this identifier.
fn line<'l>(lines: &'l [Logged], id: &str) -> &'l str {
    let mut found = lines.iter().filter(|line| line.id == id);
    match (found.next(), found.next()) {
        (Some(line), None) => &line.text,
        _ => panic!("one {id} in {lines:#?}"),
    }
}

/// Which of these are among the lines, in the order of the lines.
fn which<'l>(lines: &'l [Logged], of: &[&str]) -> Vec<&'l str> {
    lines.iter().map(|line| line.id).filter(|id| of.contains(id)).collect()
}

/// A lease as it is told, when the clock says second 1 000 000.
fn lease(address: &str, iaid: u32, (preferred, valid): (u32, u32)) -> String {
    format!(
        "Type:          IA_NA\nAddress:       {address}\nIAID:          {iaid}\nPref life:     {preferred}\n\
         Valid life:    {valid}\nCltt:          1000000\nDUID:          00:03:00:01:02:00:00:00:00:01\n\
         Hardware addr: 02:00:00:00:00:01\nSubnet ID:     1\nPool ID:       0\nState:         default"
    )
}

/// All of a lease that is offered or given is told, which none has been made for an offer; all of one that is extended
/// before and after.
#[test]
fn leases_are_told_whole() {
    let mut world = World::new(one_address(json!({})));
    let client = "duid=[00:03:00:01:02:00:00:00:00:01]";
    for kind in [SOLICIT, REQUEST, REQUEST] {
        let told = lines(&mut world, &ask(kind, 1).na(7, &[]));
        let data = line(&told, "DHCP6_LEASE_DATA");
        assert!(data.starts_with(client), "{data}");
        let whole = format!("what it gets for iaid=7: {}", lease("2001:db8:1::10", 7, (3000, 4000)));
        assert!(data.ends_with(&whole), "{data}");
    }
    let prefix = lines(&mut world, &ask(REQUEST, 1).pd(8, &[]));
    let data = line(&prefix, "DHCP6_LEASE_DATA");
    assert!(
        data.contains("Type:          IA_PD\nAddress:       2001:db8:f000::\nPrefix length: 56\n"),
        "{data}"
    );
    world.reconfigure(one_address(json!({"valid-lifetime": 5000})));
    for kind in [RENEW, REBIND] {
        let told = lines(&mut world, &ask(kind, 1).na(7, &["2001:db8:1::10"]));
        assert_eq!(which(&told, &["DHCP6_LEASE_DATA"]), [""; 0]);
        let before = if kind == RENEW { 4000 } else { 5000 };
        let data = line(&told, "ALLOC_ENGINE_V6_EXTEND_LEASE_DATA");
        assert!(data.ends_with(&lease("2001:db8:1::10", 7, (3000, before))), "{data}");
        let data = line(&told, "ALLOC_ENGINE_V6_EXTEND_NEW_LEASE_DATA");
        assert!(data.ends_with(&lease("2001:db8:1::10", 7, (3000, 5000))), "{data}");
    }
}

/// With what a client comes, leases and reservations, is told before anything is looked for; who extends what it has not is
/// told to look for something new.
#[test]
fn what_there_is_to_begin_with_is_told() {
    let standing = [
        "ALLOC_ENGINE_V6_ALLOC_NO_LEASES_HR",
        "ALLOC_ENGINE_V6_ALLOC_LEASES_NO_HR",
        "ALLOC_ENGINE_V6_ALLOC_LEASES_HR",
        "ALLOC_ENGINE_V6_ALLOC_UNRESERVED",
        "ALLOC_ENGINE_V6_RENEW_REMOVE_RESERVED",
        "ALLOC_ENGINE_V6_RENEW_HR",
        "ALLOC_ENGINE_V6_EXTEND_ALLOC_UNRESERVED",
    ];
    let of = |world: &mut World, ask: &Ask| -> Vec<String> {
        let told = lines(world, ask);
        which(&told, &standing)
            .iter()
            .map(|id| id.trim_start_matches("ALLOC_ENGINE_V6_").to_owned())
            .collect()
    };
    let host = json!([{"duid": duid(1), "ip-addresses": ["2001:db8:1::aa"]}]);
    let mut world = World::new(config(json!({"reservations": host})));
    assert_eq!(of(&mut world, &ask(RENEW, 2).na(1, &[])), ["EXTEND_ALLOC_UNRESERVED"]);
    assert_eq!(of(&mut world, &ask(REQUEST, 2).na(1, &[])), ["ALLOC_LEASES_NO_HR"]);
    assert_eq!(of(&mut world, &ask(RENEW, 2).na(1, &[])), ["RENEW_REMOVE_RESERVED"]);
    assert_eq!(of(&mut world, &ask(SOLICIT, 3).na(1, &[])), ["ALLOC_UNRESERVED"]);
    assert_eq!(of(&mut world, &ask(REQUEST, 1).na(1, &[])), ["ALLOC_NO_LEASES_HR"]);
    assert_eq!(of(&mut world, &ask(REQUEST, 1).na(1, &[])), ["ALLOC_LEASES_HR"]);
    assert_eq!(of(&mut world, &ask(RENEW, 1).na(1, &[])), ["RENEW_REMOVE_RESERVED", "RENEW_HR"]);
}

/// How long something is preferred is told where it had to be computed.
#[test]
fn computed_lifetimes_are_told() {
    let id = "ALLOC_ENGINE_V6_CALCULATED_PREFERRED_LIFETIME";
    let mut world = World::new(config(json!({})));
    assert_eq!(which(&lines(&mut world, &ask(REQUEST, 1).na(1, &[])), &[id]), [""; 0]);
    for preferred in [Value::Null, json!(9000)] {
        let mut text = config(json!({"preferred-lifetime": preferred, "valid-lifetime": 800}));
        text["Dhcp6"]["preferred-lifetime"] = json!(0);
        world.reconfigure(text);
        let told = lines(&mut world, &ask(REQUEST, 1).na(1, &[]));
        assert!(line(&told, id).ends_with("preferred for 500 seconds, computed from how long it is valid"));
    }
}

/// What the reply says of each association and of the whole is told, before the reply is.
#[test]
fn status_codes_are_told() {
    let (ia, whole) = ("DHCP6_ADD_STATUS_CODE_FOR_IA", "DHCP6_ADD_GLOBAL_STATUS_CODE");
    let begins = ["DHCP6_PROCESS_IA_NA_RELEASE", "DHCP6_DECLINE_PROCESS_IA"];
    let mut world = World::new(one_address(json!({"pd-pools": []})));
    let told = lines(&mut world, &ask(SOLICIT, 1).na(1, &[]).pd(2, &[]));
    let sorry = "it is told of iaid=2: NoPrefixAvail(6) \"Sorry, no prefixes could be allocated.\"";
    assert!(line(&told, ia).ends_with(sorry), "{told:#?}");
    assert_eq!(which(&told, &[ia, whole, "DHCP6_PACKET_SEND"]), [ia, "DHCP6_PACKET_SEND"]);

    let told = lines(&mut world, &ask(CONFIRM, 1).na(1, &["2001:db8:9::1"]));
    let off = "it is told of the whole: NotOnLink(4) \"Address 2001:db8:9::1 is not on link.\"";
    assert!(line(&told, whole).ends_with(off), "{told:#?}");
    let told = lines(&mut world, &ask(CONFIRM, 1).na(1, &["2001:db8:1::1"]));
    assert!(line(&told, whole).ends_with("Success(0) \"All addresses are on-link\""), "{told:#?}");

    world.ask(&ask(REQUEST, 1).na(1, &[]));
    let told = lines(&mut world, &ask(RELEASE, 1).na(9, &["2001:db8:1::10"]).pd(2, &["2001:db8:f000::/56"]));
    assert_eq!(which(&told, &[begins[0], begins[1], ia, whole]), [begins[0], ia, ia, whole]);
    assert!(line(&told, begins[0]).ends_with("of iaid=9"), "{told:#?}");
    let summary = "NoBinding(3) \"Summary status for all processed IA_NAs\"";
    assert!(line(&told, whole).ends_with(summary), "{told:#?}");

    let told = lines(&mut world, &ask(DECLINE, 1).na(1, &["2001:db8:1::10"]));
    assert_eq!(which(&told, &[begins[0], begins[1], ia, whole]), [begins[1], ia]);
    assert!(line(&told, begins[1]).ends_with("of iaid=1"), "{told:#?}");
    assert!(line(&told, ia).contains("iaid=1: Success(0) \"Lease declined."), "{told:#?}");
    assert_eq!(
        world.store.lease(Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 0x10)).unwrap().state,
        LeaseState::Declined
    );
}

/// When leases cannot be kept, one line says what did not come of the message, and for which address.
#[test]
fn what_fails_is_told_by_what_was_asked() {
    let ids = [
        "ALLOC_ENGINE_V6_ALLOC_ERROR",
        "ALLOC_ENGINE_V6_EXTEND_ERROR",
        "DHCP6_DECLINE_FAIL",
        "DHCP6_REGISTERED_LEASE_UPDATE_FAIL",
        "DHCP6_PACKET_PROCESS_STD_EXCEPTION",
    ];
    let mut world = World::new(config(json!({})));
    world.store.fail(true);
    let address = "2001:db8:1::10";
    for (message, id) in [
        (ask(SOLICIT, 1).na(1, &[]), ids[0]),
        (ask(REQUEST, 1).na(1, &[]), ids[0]),
        (ask(RENEW, 1).na(1, &[address]), ids[1]),
        (ask(REBIND, 1).na(1, &[address]), ids[1]),
        (ask(DECLINE, 1).na(1, &[address]), ids[2]),
        (ask(RELEASE, 1).na(1, &[address]), ids[4]),
    ] {
        let told = lines(&mut world, &message);
        assert_eq!(which(&told, &ids), [id]);
        assert!(line(&told, id).contains("it was told to fail"), "{told:#?}");
    }
    let told = lines(&mut world, &ask(DECLINE, 1).na(1, &[address]));
    assert!(line(&told, ids[2]).contains("error on decline lease for address 2001:db8:1::10: "), "{told:#?}");
    world.source = "2001:db8:1::abc".parse().unwrap();
    let told = lines(&mut world, &registers(1, "2001:db8:1::abc"));
    assert_eq!(which(&told, &ids), [ids[3]]);
    assert!(
        line(&told, ids[3]).starts_with("error in registered lease update for 2001:db8:1::abc: "),
        "{told:#?}"
    );
}
