//! Delegated prefixes: hints of their length, excluded prefixes (RFC 6603).

use kotare_wire::v6::MessageType;
use serde_json::json;

use crate::told::ask;
use crate::world::{World, config};

const SOLICIT: MessageType = MessageType::SOLICIT;

fn pools() -> serde_json::Value {
    let pool = |prefix, len, delegated: u8| json!({ "prefix": prefix, "prefix-len": len, "delegated-len": delegated });
    json!(
        [pool("2001:db8:a000::", 40, 48), pool("2001:db8:b000::", 40, 56), pool("2001:db8:c000::", 40, 64),]
    )
}

/// The manual's rules of prefix length hints: the same length, else a shorter one, else a longer one.
#[test]
fn the_next_best_length_is_given() {
    let mut world = World::new(config(json!({ "pd-pools": pools() })));
    for (hint, given) in [
        ("::/48", "2001:db8:a000::/48"),
        ("::/56", "2001:db8:b000::/56"),
        ("::/64", "2001:db8:c000::/64"),
        // A shorter one, of whatever length.
        ("::/60", "2001:db8:a000:"),
        ("::/40", "2001:db8:a000:"),
        // A prefix says where, too.
        ("2001:db8:b000:700::/56", "2001:db8:b000:700::/56"),
        ("2001:db8:c000:7::/60", "2001:db8:a000:"),
    ] {
        let mut world = World::new(config(json!({ "pd-pools": pools() })));
        let offer = world.ask(&ask(SOLICIT, 1).pd(1, &[hint]));
        assert!(offer.contains(&format!("[{given}")), "{hint}: {offer}");
    }
    let none = world.ask(&ask(SOLICIT, 1).pd(1, &["::/200"]));
    assert!(none.contains("[2001:db8:a000::/48"), "a length that is none says nothing: {none}");
}

/// What is excluded is told to who asks for the option.
#[test]
fn a_part_is_excluded() {
    let pool = json!([{
        "prefix": "2001:db8:b000::", "prefix-len": 48, "delegated-len": 56,
        "excluded-prefix": "2001:db8:b000:a0::", "excluded-prefix-len": 64,
    }]);
    let mut world = World::new(config(json!({ "pd-pools": pool })));
    let offer = world.ask(&ask(SOLICIT, 1).pd(1, &["2001:db8:b000:100::/56"]).oro(&[67]));
    assert!(offer.ends_with("[2001:db8:b000:100::/56 3000/4000 but [40, a0]]"), "{offer}");
    let offer = world.ask(&ask(SOLICIT, 1).pd(1, &[]));
    assert!(offer.ends_with("/56 3000/4000]"), "{offer}");
}

/// When no prefix is left, that is what is told.
#[test]
fn no_prefix_is_left() {
    let pool = json!([{ "prefix": "2001:db8:b000::", "prefix-len": 56, "delegated-len": 56 }]);
    let mut world = World::new(config(json!({ "pd-pools": pool })));
    let given = world.ask(&ask(MessageType::REQUEST, 1).pd(1, &[]));
    assert_eq!(given, "REPLY pd 1 t1=1000 t2=2000 [2001:db8:b000::/56 3000/4000]");
    assert_eq!(world.leases(), ["2001:db8:b000::/56 IA_PD 1 client 1 in 1 default"]);
    assert_eq!(
        world.ask(&ask(SOLICIT, 2).pd(1, &[])),
        "ADVERTISE pd 1 t1=0 t2=0 [NoPrefixAvail: Sorry, no prefixes could be allocated.]"
    );
}
