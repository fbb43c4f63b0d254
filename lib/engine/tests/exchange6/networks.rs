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
