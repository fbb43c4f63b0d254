//! Associations as nobody writes them who means well.

use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use crate::told::{Ask, ask};
use crate::world::{World, config};

const KINDS: [MessageType; 6] = [
    MessageType::SOLICIT,
    MessageType::REQUEST,
    MessageType::RENEW,
    MessageType::REBIND,
    MessageType::RELEASE,
    MessageType::DECLINE,
];

fn value(iaid: u8, inner: &[u8]) -> Vec<u8> {
    [&[0, 0, 0, iaid, 0, 0, 0, 0, 0, 0, 0, 0][..], inner].concat()
}

/// An IA Prefix option with these bytes where its length is.
fn prefix(len: u8, network: [u8; 4]) -> Vec<u8> {
    let fields = [&[0, 26, 0, 25][..], &[0; 8], &[len], &network, &[0; 12]];
    fields.concat()
}

/// A prefix of more than 128 bits is none: the client is given something, and what is renewed or given back is nothing.
#[test]
fn prefixes_are_128_bits_at_most() {
    for len in [129, 200, 255] {
        let mut world = World::new(config(json!({})));
        let wish = value(1, &prefix(len, [0x20, 0x01, 0x0d, 0xb8]));
        for kind in KINDS {
            let told = world.ask(&ask(kind, 1).option(OptionCode::IA_PD, &wish));
            assert!(!told.contains(&format!("/{len}")) && !told.contains("dropped"), "{kind} {len}: {told}");
        }
        assert_eq!(world.leases().len(), 1, "{len}: {:?}", world.leases());
    }
}

/// Of a prefix that has more bits than its length says, those beyond are not looked at.
#[test]
fn bits_beyond_the_length_are_not_looked_at() {
    let mut world = World::new(config(json!({})));
    let told = world.ask(&ask(MessageType::REQUEST, 1).pd(1, &["2001:db8:f0ab:cdef::1/56"]));
    assert!(told.contains("2001:db8:f0ab:cd00::/56 3000/4000"), "{told}");
    let told = world.ask(&ask(MessageType::RENEW, 1).pd(1, &["2001:db8:f0ab:cdff:ffff::/56"]));
    assert!(told.contains("2001:db8:f0ab:cd00::/56 3000/4000") && !told.contains(" 0/0"), "{told}");
    assert_eq!(world.leases(), ["2001:db8:f0ab:cd00::/56 IA_PD 1 client 1 in 1 default"]);
    world.ask(&ask(MessageType::RELEASE, 1).pd(1, &["2001:db8:f0ab:cd01::/56"]));
    assert_eq!(world.held(), 0);
}

/// Addresses in an association of prefixes and prefixes in one of addresses say nothing.
#[test]
fn what_is_in_the_wrong_association_says_nothing() {
    let address = [&[0, 5, 0, 24][..], &[0x20, 1, 0x0d, 0xb8, 0, 1], &[0; 9], &[0x15], &[0; 8]].concat();
    for kind in KINDS {
        let mut world = World::new(config(json!({})));
        let message = ask(kind, 1)
            .option(OptionCode::IA_NA, &value(1, &prefix(56, [0x20, 0x01, 0x0d, 0xb8])))
            .option(OptionCode::IA_PD, &value(2, &address));
        let told = world.ask(&message);
        let plain = World::new(config(json!({}))).ask(&ask(kind, 1).na(1, &[]).pd(2, &[]));
        assert_eq!(told, plain, "{kind}");
    }
}

/// What a client wants of times is kept within what is configured, be it nothing, for ever, or upside down; and of T1 and
/// T2 it is not asked.
#[test]
fn wishes_for_times_are_kept_within_bounds() {
    for times in ["0/0", "4294967295/4294967295", "4294967295/0", "0/4294967295", "4294967295/1"] {
        let mut world = World::new(config(json!({})));
        let (na, pd) = (format!("2001:db8:1::10 {times}"), format!("2001:db8:f000::/56 {times}"));
        for kind in &KINDS[..4] {
            let told = world.ask(&ask(*kind, 1).na(1, &[&na]).pd(2, &[&pd]));
            assert!(told.contains("2001:db8:1::10 3000/4000"), "{kind} {times}: {told}");
            assert!(told.contains("2001:db8:f000::/56 3000/4000"), "{kind} {times}: {told}");
            assert_eq!(told.matches("t1=1000 t2=2000").count(), 2, "{kind} {times}: {told}");
        }
    }
    let mut world = World::new(config(json!({})));
    let message =
        ask(MessageType::REQUEST, 1).option(OptionCode::IA_NA, &[&[0, 0, 0, 1][..], &[0xff; 8]].concat());
    let told = world.ask(&message);
    assert!(told.contains("na 1 t1=1000 t2=2000 [2001:db8:1::10 3000/4000]"), "{told}");
}

/// Timers of 0, which leave renewing to the client, and lifetimes without end, as they are configured.
#[test]
fn times_of_nothing_and_of_for_ever_are_told() {
    let forever = 4_294_967_295_u32;
    let mut world = World::new(config(json!({
        "renew-timer": 0, "rebind-timer": 0, "preferred-lifetime": forever, "valid-lifetime": forever,
    })));
    let message = |kind| ask(kind, 1).na(1, &["2001:db8:1::10"]).pd(2, &["2001:db8:f000::/56"]);
    for kind in &KINDS[..4] {
        let told = world.ask(&message(*kind));
        assert_eq!(told.matches("t1=0 t2=0").count(), 2, "{kind}: {told}");
        assert_eq!(told.matches("4294967295/4294967295").count(), 2, "{kind}: {told}");
        world.pass(u64::from(u32::MAX));
    }
    assert_eq!(world.held(), 2, "they never end");
    world.ask(&message(MessageType::RELEASE));
    assert_eq!(world.held(), 0);
}

/// An association that comes often is answered once, whatever it says later.
#[test]
fn an_association_is_answered_once() {
    for kind in KINDS {
        let mut world = World::new(config(json!({})));
        let mut message = ask(kind, 1).na(1, &["2001:db8:1::11"]);
        for host in 0x12..0x1a {
            message = message.na(1, &[&format!("2001:db8:1::{host:x}")]);
        }
        let told = world.ask(&message.pd(1, &[]).pd(1, &["2001:db8:f000:500::/56"]));
        // Prefixes are not declined (RFC 9915 §18.2.8).
        let prefixes = usize::from(kind != MessageType::DECLINE);
        let answers = (told.matches("na 1 ").count(), told.matches("pd 1 ").count());
        assert_eq!(answers, (1, prefixes), "{kind}: {told}");
        assert!(world.held() <= 2, "{kind}: {:?}", world.leases());
    }
}

/// A client of very many interfaces: what fits into a reply is answered, prefixes too, and all is given back.
#[test]
fn many_associations_are_answered() {
    let text = json!({
        "pools": [{ "pool": "2001:db8:1::/112" }],
        "pd-pools": [{ "prefix": "2001:db8:f000::", "prefix-len": 40, "delegated-len": 56 }],
    });
    let mut world = World::new(config(text));
    world.room = 4054;
    let message = |kind| {
        let addresses = (0..60).map(|iaid| (iaid, format!("2001:db8:1::{:x}", 0x100 + iaid)));
        let of_addresses = |message: Ask, (iaid, address): (u32, String)| message.na(iaid, &[&*address]);
        addresses.fold(ask(kind, 1), of_addresses).pd(1, &["2001:db8:f000:500::/56"])
    };
    for kind in [MessageType::SOLICIT, MessageType::REQUEST, MessageType::RENEW, MessageType::REBIND] {
        let told = world.ask(&message(kind));
        let answered = (told.matches(" na ").count(), told.matches(" pd ").count());
        assert_eq!(answered, (60, 1), "{kind}: {told}");
    }
    assert_eq!(world.held(), 61);
    world.ask(&message(MessageType::RELEASE));
    assert_eq!(world.held(), 0);
}

/// Two hundred associations cost as much as some, and the reply is a message.
#[test]
fn some_of_many_associations_are_answered() {
    let mut world = World::new(config(json!({ "pools": [{ "pool": "2001:db8:1::/112" }] })));
    for room in [1232, 4096, 65_000] {
        world.room = room;
        for kind in KINDS {
            let mut message = ask(kind, 1);
            for iaid in 0..100 {
                message = message.na(iaid, &["2001:db8:1::10", "::"]).pd(iaid, &["::/56"]);
            }
            let told = world.ask(&message);
            let answered = told.matches(" na ").count() + told.matches(" pd ").count();
            assert!((1..=64).contains(&answered), "{kind} in {room} bytes: {answered}");
        }
    }
    assert!(world.leases().len() <= 64, "{}", world.leases().len());
}
