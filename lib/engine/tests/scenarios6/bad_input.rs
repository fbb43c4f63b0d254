//! What nobody sends who means well.

use kotare_engine::v6::{Dropped, Violation};
use kotare_testkit::v6::{Associated, Client, Relay, configured};
use kotare_wire::v6::{MAX_RELAYS, Malformed, OptionCode};
use proptest::prelude::*;
use serde_json::json;

use crate::world::{World, address, through};

fn usual() -> World {
    World::new(configured(&json!({"subnet6": [{"id": 1, "subnet": "2001:db8::/64", "interface": "eth0"}]})))
}

fn chain(count: usize) -> Vec<Relay> {
    (0..count).map(|_| Relay::new(address("2001:db8::1"), address("fe80::7"))).collect()
}

/// §11.1: a DUID has 3 to 130 bytes, and is not the one of nobody.
#[test]
fn duids_of_any_length_are_taken_or_refused() {
    let world = usual();
    for len in [0, 1, 2, 3, 128, 129, 130, 131, 65_400] {
        let solicit = Client::new(7).solicit().without(OptionCode::CLIENTID);
        let solicit = solicit.option(OptionCode::CLIENTID, &vec![7; len]).bytes();
        match world.intake(&solicit) {
            Ok(query) => {
                assert_eq!((query.duid().unwrap().as_bytes().len(), (3..=130).contains(&len)), (len, true))
            }
            Err(refused) => assert!(
                matches!(refused.reason, Dropped::Violation(Violation::NoDuid(_, it)) if it == len)
                    && !(3..=130).contains(&len)
            ),
        }
    }
    let nobody = Client::new(7).with_duid(&[0; 3]).solicit().bytes();
    assert!(matches!(world.refusal(&nobody), Dropped::Violation(Violation::Nobody(_))));
}

/// §19.1.2: a message passes 32 relay agents at most, and each part of it is as long as it says.
#[test]
fn chains_of_relay_agents_end() {
    let (world, solicit) = (usual(), Client::new(7).solicit().bytes());
    let longest = through(&solicit, &chain(MAX_RELAYS));
    assert_eq!(world.intake(&longest).unwrap().relays, MAX_RELAYS);
    let longer = through(&solicit, &chain(MAX_RELAYS + 1));
    assert!(matches!(world.refusal(&longer), Dropped::Malformed(Malformed::TooManyRelays)));
    // Cut anywhere, it is refused or taken as far as it goes, never more.
    let message = through(&solicit, &chain(3));
    for len in 0..message.len() {
        if let Ok(query) = world.intake(&message[..len]) {
            assert!(query.relays <= 3);
        }
    }
    assert!(matches!(world.refusal(&message[..33]), Dropped::Malformed(Malformed::ShortRelay { .. })));
}

/// As many associations as fit, the same one often: all of it is let in, and none of it is looked at yet.
#[test]
fn many_associations_are_let_in() {
    let world = usual();
    let mut solicit = Client::new(7).solicit();
    for iaid in 0..200 {
        solicit = solicit.ia(iaid / 2, Associated::Prefixes(&[(address("2001:db8:1::"), 255)]));
    }
    assert_eq!(world.subnet(&solicit.bytes()), Some(1));
}

/// Options within options that say they go on for ever.
#[test]
fn options_nested_without_end_are_let_in() {
    let mut inner = Vec::new();
    for _ in 0..4000 {
        let mut outer = vec![0, 17];
        outer.extend((inner.len() as u16 + 4).to_be_bytes());
        outer.extend([0, 0, 0x11, 0x8b]);
        outer.extend(inner);
        inner = outer;
    }
    let message = Client::new(7).solicit().option(OptionCode::VENDOR_OPTS, &inner[4..]);
    assert_eq!(usual().subnet(&message.bytes()), Some(1));
}

proptest! {
    /// Whatever comes, it is refused or let in, and then it can be said where it is from.
    #[test]
    fn any_bytes_are_dealt_with(
        kind in any::<u8>(),
        tail in proptest::collection::vec(any::<u8>(), 0..300),
        relays in 0_usize..4,
    ) {
        let world = usual();
        let bytes = through(&[&[kind][..], &tail].concat(), &chain(relays));
        if world.intake(&bytes).is_ok() {
            prop_assert!(world.locate(&bytes).1.is_ok());
        }
    }

    /// A sound message with one byte of it changed is refused or let in, and then it says who sent it or asks for
    /// configuration alone.
    #[test]
    fn damage_is_dealt_with(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let world = usual();
        let mut bytes = through(&Client::new(7).solicit().bytes(), &chain(2));
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(query) = world.intake(&bytes) {
            prop_assert!(query.relays <= 2 && (query.duid().is_some() || !query.kind.changes_leases()));
        }
    }
}
