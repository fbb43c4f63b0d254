//! What leases say, and how long they last.

use kotare_model::{LeaseState, Lifetime, Timestamp};
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use crate::told::ask;
use crate::world::{World, config};

const REQUEST: MessageType = MessageType::REQUEST;
const RENEW: MessageType = MessageType::RENEW;
const SOLICIT: MessageType = MessageType::SOLICIT;

/// What relay agents say is kept, the one nearest to the server first, and follows the client.
#[test]
fn what_relay_agents_say_is_kept() {
    let mut world = World::new(config(json!({ "store-extended-info": true })));
    let message = |kind| ask(kind, 1).na(1, &[]).via("2001:db8:1::1", &[(OptionCode::INTERFACE_ID, b"e1")]);
    world.ask(&message(REQUEST));
    let context = world.store.all().remove(0).user_context.unwrap();
    assert_eq!(
        &*context,
        r#"{ "ISC": { "relay-info": [ { "hop": 0, "link": "2001:db8:1::1", "options": "0x001200026531", "peer": "fe80::c1" } ] } }"#
    );
    // Without relay agents it stays.
    world.ask(&ask(RENEW, 1).na(1, &[]));
    assert_eq!(world.store.all().remove(0).user_context.as_ref(), Some(&context));
    // Nor does asking once more elsewhere change it, but renewing there does.
    let elsewhere = |kind| ask(kind, 1).na(1, &[]).via("2001:db8:1::2", &[]);
    world.ask(&elsewhere(REQUEST));
    assert_eq!(world.store.all().remove(0).user_context, Some(context));
    world.ask(&elsewhere(RENEW));
    let context = world.store.all().remove(0).user_context.unwrap();
    assert!(context.contains(r#""link": "2001:db8:1::2""#), "{context}");
    let mut world = World::new(config(json!({})));
    world.ask(&message(REQUEST));
    assert_eq!(world.store.all().remove(0).user_context, None);
}

/// The lifetimes of a class go before those of the subnet; what has no preferred lifetime has five eighths.
#[test]
fn classes_have_lifetimes_of_their_own() {
    let mut text = config(json!({ "preferred-lifetime": null }));
    text["Dhcp6"]["client-classes"] = json!([{ "name": "short", "test": "option[15].exists", "valid-lifetime": 80, "preferred-lifetime": 50 }]);
    let mut world = World::new(text);
    let told = world.ask(&ask(SOLICIT, 1).na(1, &[]));
    assert!(told.ends_with("2500/4000]"), "{told}");
    let told = world.ask(&ask(SOLICIT, 1).na(1, &[]).option(OptionCode::USER_CLASS, &[0, 1, 7]));
    assert!(told.ends_with("50/80]"), "{told}");
}

/// A lease that never ends is told so and kept so.
#[test]
fn a_lease_never_ends() {
    let mut world = World::new(config(
        json!({ "valid-lifetime": 4_294_967_295_u32, "preferred-lifetime": 4_294_967_295_u32 }),
    ));
    let told = world.ask(&ask(REQUEST, 1).na(1, &[]));
    assert!(told.ends_with("4294967295/4294967295]"), "{told}");
    let lease = world.store.all().remove(0);
    assert_eq!((lease.valid_lifetime, lease.expires()), (Lifetime::INFINITE, Timestamp::NEVER));
}

/// A reclaimed lease comes back to its client, and is anybody's otherwise.
#[test]
fn a_reclaimed_lease_comes_back() {
    let mut world = World::new(config(json!({ "pools": [{ "pool": "2001:db8:1::10/128" }] })));
    world.ask(&ask(REQUEST, 1).na(1, &[]));
    world.pass(5000);
    let mut lease = world.store.uproot("2001:db8:1::10".parse().unwrap()).unwrap();
    lease.state = LeaseState::ExpiredReclaimed;
    world.store.plant(lease);
    world.reconfigure(config(json!({ "pools": [{ "pool": "2001:db8:1::10/127" }] })));
    let told = world.ask(&ask(REQUEST, 1).na(1, &[]));
    assert!(told.contains("[2001:db8:1::10 "), "{told}");
    assert_eq!(world.leases(), ["2001:db8:1::10 IA_NA 1 client 1 in 1 default"]);
    world.pass(5000);
    let told = world.ask(&ask(REQUEST, 2).na(1, &["2001:db8:1::10"]));
    assert!(told.contains("[2001:db8:1::10 "), "{told}");
    assert_eq!(world.leases(), ["2001:db8:1::10 IA_NA 1 client 2 in 1 default"]);
}

/// What the store cannot keep is not promised.
#[test]
fn a_store_that_fails_is_not_answered_for() {
    let mut world = World::new(config(json!({})));
    world.store.fail(true);
    assert!(world.outcome_only(&ask(REQUEST, 1).na(1, &[])).starts_with("dropped"));
    world.store.fail(false);
    assert!(world.ask(&ask(REQUEST, 1).na(1, &[])).contains("3000/4000"));
}

/// A message of the class REJECT is refused association by association, one of the class DROP is not answered.
#[test]
fn classes_refuse() {
    let class = |name: &str| {
        let mut text = config(json!({}));
        text["Dhcp6"]["client-classes"] = json!([{ "name": name, "test": "option[15].exists" }]);
        World::new(text)
    };
    let message = |kind| ask(kind, 1).na(1, &[]).pd(2, &[]).option(OptionCode::USER_CLASS, &[0, 1, 7]);
    for (kind, name) in [(SOLICIT, "ADVERTISE"), (REQUEST, "REPLY"), (RENEW, "REPLY")] {
        let told = class("REJECT").ask(&message(kind));
        let refused = "na 1 t1=0 t2=0 [NoAddrsAvail: Server rejected this request] \
                       pd 2 t1=0 t2=0 [NoPrefixAvail: Server rejected this request]";
        assert_eq!(told, format!("{name} {refused}"));
    }
    assert!(class("DROP").ask(&message(REQUEST)).starts_with("dropped"));
}
