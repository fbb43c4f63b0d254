//! Shared networks, classes of pools and subnets.

use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::{Value, json};

use crate::told::ask;
use crate::world::{World, duid, shared};

const REQUEST: MessageType = MessageType::REQUEST;
const RENEW: MessageType = MessageType::RENEW;

fn subnet(id: u32, more: Value) -> Value {
    let mut subnet = json!({
        "id": id,
        "subnet": format!("2001:db8:{id}::/64"),
        "pools": [{ "pool": format!("2001:db8:{id}::10/127") }],
    });
    subnet.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    subnet
}

/// When one subnet of the network is full, another one serves.
#[test]
fn another_subnet_serves_when_one_is_full() {
    let mut world = World::new(shared(json!([subnet(1, json!({})), subnet(2, json!({}))]), json!({})));
    for client in 1..=4 {
        let told = world.ask(&ask(REQUEST, client).na(1, &[]));
        assert!(told.contains(" 3000/4000]"), "{told}");
    }
    assert_eq!(world.leases().iter().filter(|lease| lease.contains(" in 2 ")).count(), 2);
    let told = world.ask(&ask(REQUEST, 5).na(1, &[]));
    assert!(told.contains("NoAddrsAvail"), "{told}");
    // It is renewed there.
    let told = world.ask(&ask(RENEW, 3).na(1, &[]));
    assert!(told.contains(" 3000/4000]"), "{told}");
    assert_eq!(world.held(), 4);
}

/// Subnets and pools are for clients of their classes.
#[test]
fn a_guard_keeps_others_out() {
    let classes = json!({ "client-classes": [
        { "name": "a", "test": "option[15].hex == 0x000161" },
        { "name": "b", "test": "option[15].hex == 0x000162" },
    ] });
    let subnets = json!([
        subnet(1, json!({ "client-classes": ["a"] })),
        subnet(
            2,
            json!({ "pools": [
            { "pool": "2001:db8:2::10/128", "client-classes": ["b"] },
            { "pool": "2001:db8:2::20/128" },
        ] })
        ),
    ]);
    let mut world = World::new(shared(subnets, classes));
    let of =
        |client, class: u8| ask(REQUEST, client).na(1, &[]).option(OptionCode::USER_CLASS, &[0, 1, class]);
    assert!(world.ask(&of(1, b'a')).contains("[2001:db8:1::10 "));
    assert!(world.ask(&of(2, b'b')).contains("[2001:db8:2::10 "));
    assert!(world.ask(&of(3, b'c')).contains("[2001:db8:2::20 "));
    assert!(world.ask(&of(4, b'c')).contains("NoAddrsAvail"));
    // Who is not of the class any more loses what it has.
    let told = world.ask(&ask(RENEW, 1).na(1, &["2001:db8:1::10"]));
    assert_eq!(
        told,
        "REPLY na 1 t1=0 t2=0 [2001:db8:1::10 0/0, NoAddrsAvail: Sorry, no addresses could be assigned at this time.]"
    );
}

/// What any subnet of the network reserves for a client comes first.
#[test]
fn a_reservation_of_another_subnet_counts() {
    let host = json!({ "reservations": [{ "duid": duid(1), "ip-addresses": ["2001:db8:2::ff"] }] });
    let mut world = World::new(shared(json!([subnet(1, json!({})), subnet(2, host)]), json!({})));
    let told = world.ask(&ask(REQUEST, 1).na(1, &[]));
    assert_eq!(told, "REPLY na 1 t1=1000 t2=2000 [2001:db8:2::ff 3000/4000]");
    assert_eq!(world.leases(), ["2001:db8:2::ff IA_NA 1 client 1 in 2 default"]);
}

fn delegating(id: u32, more: Value) -> Value {
    let pool = json!({ "prefix": format!("2001:db8:f{id}00::"), "prefix-len": 55, "delegated-len": 56 });
    let mut subnet = subnet(id, json!({ "pd-pools": [pool] }));
    subnet.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    subnet
}

/// Where addresses are looked for last says nothing of where prefixes are.
#[test]
fn what_was_found_last_is_remembered_for_each_kind() {
    let subnets = json!([
        delegating(1, json!({ "pools": [{ "pool": "2001:db8:1::10/128" }] })),
        delegating(2, json!({ "pools": [{ "pool": "2001:db8:2::10/124" }] })),
    ]);
    let mut world = World::new(shared(subnets, json!({})));
    assert!(world.ask(&ask(REQUEST, 1).pd(1, &[])).contains("[2001:db8:f100::/56 "));
    assert!(world.ask(&ask(REQUEST, 1).na(1, &[])).contains("[2001:db8:1::10 "));
    assert!(world.ask(&ask(REQUEST, 2).na(1, &[])).contains("[2001:db8:2::10 "));
    assert!(world.ask(&ask(REQUEST, 3).na(1, &[])).contains("[2001:db8:2::11 "));
    assert!(world.ask(&ask(REQUEST, 3).pd(1, &[])).contains("[2001:db8:f100:100::/56 "));
}

/// That there are no prefixes of the length asked for does not count as looking for one.
#[test]
fn a_length_that_there_is_not_is_not_looked_for() {
    let mut world =
        World::new(shared(json!([delegating(1, json!({})), delegating(2, json!({}))]), json!({})));
    for client in 1..=2 {
        let told = world.ask(&ask(REQUEST, client).pd(1, &["::/60"]));
        assert!(told.contains("[2001:db8:f100:"), "{told}");
    }
}

/// Where one association is served from the next one is, too, and the reply has the options of that subnet.
#[test]
fn associations_are_served_from_one_subnet() {
    let pools = json!([{ "pool": "2001:db8:2::10/124" }]);
    let server = |id: u32| json!([{ "name": "dns-servers", "data": format!("2001:db8:{id}::53") }]);
    let subnets = json!([
        delegating(1, json!({ "pools": [], "option-data": server(1) })),
        delegating(2, json!({ "pools": pools, "option-data": server(2) })),
    ]);
    let mut world = World::new(shared(subnets, json!({})));
    let told = world.ask(&ask(REQUEST, 1).na(1, &[]).pd(2, &[]).oro(&[23]));
    assert!(told.contains("[2001:db8:2::10 ") && told.contains("[2001:db8:f200::/56 "), "{told}");
    assert!(told.contains(" 23=20010db8000200000000000000000053"), "{told}");
}
