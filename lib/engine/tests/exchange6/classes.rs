//! What clients get because of the classes they belong to (manual, "Client Classification").

use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::{Value, json};

use crate::told::{Ask, ask};
use crate::world::{World, config, duid, shared};

const REQUEST: MessageType = MessageType::REQUEST;
const INFORMATION_REQUEST: MessageType = MessageType::INFORMATION_REQUEST;

/// A configuration with these classes.
fn classified(mut text: Value, classes: Value) -> Value {
    text["Dhcp6"]["client-classes"] = classes;
    text
}

/// A DNS server for who asks for it.
fn server(last: u8) -> Value {
    json!({ "name": "dns-servers", "data": format!("2001:db8::{last:x}") })
}

/// The DNS server in a reply.
fn told_server(told: &str) -> Option<u8> {
    let (_, value) = told.split_once(" 23=")?;
    u8::from_str_radix(value.get(30..32)?, 16).ok()
}

/// With the user class that the tests ask for.
fn special(ask: Ask) -> Ask {
    ask.option(OptionCode::USER_CLASS, &[0, 1, 7])
}

/// "Option Class-Tagging": of several values of an option, the one for the client's class counts, then the one for all.
#[test]
fn values_are_for_classes() {
    let tagged = json!({ "name": "dns-servers", "data": "2001:db8::1", "client-classes": ["special"] });
    let text = config(json!({ "option-data": [tagged, server(2)] }));
    let mut world = World::new(classified(text, json!([{ "name": "special", "test": "option[15].exists" }])));
    let message = || ask(INFORMATION_REQUEST, 1).oro(&[23]);
    assert_eq!(told_server(&world.ask(&message())), Some(2));
    assert_eq!(told_server(&world.ask(&special(message()))), Some(1));
}

/// "Class Priority": of the classes of a client the one that was joined first decides.
#[test]
fn the_first_class_decides() {
    let text = config(json!({}));
    let mut world = World::new(classified(
        text,
        json!([
            { "name": "b", "test": "option[15].exists", "option-data": [server(1)], "valid-lifetime": 900 },
            { "name": "a", "test": "option[1].exists", "option-data": [server(2)], "valid-lifetime": 800 },
        ]),
    ));
    let both = world.ask(&special(ask(REQUEST, 1).na(1, &[]).oro(&[23])));
    assert!(told_server(&both) == Some(1) && both.contains("/900]"), "{both}");
    let one = world.ask(&ask(REQUEST, 2).na(1, &[]).oro(&[23]));
    assert!(told_server(&one) == Some(2) && one.contains("/800]"), "{one}");
}

/// "Additional Classification": what pools, subnet and network ask for is evaluated in this order once it is known that the
/// client is served from them; a class without a test is every client's.
#[test]
fn places_ask_for_further_classes() {
    let class = |name: &str, options: Value| json!({ "name": name, "only-in-additional-list": true, "option-data": options });
    let mut pool = class("pool", json!([server(3)]));
    pool["test"] = "option[15].exists".into();
    let nis = json!({ "name": "nis-servers", "data": "2001:db8::11" });
    let sip = json!({ "name": "sip-server-addr", "data": "2001:db8::12" });
    let classes = json!([
        class("network", json!([server(1), nis])),
        class("subnet", json!([server(2)])),
        pool,
        class("prefixes", json!([sip])),
    ]);
    let mut text = shared(
        json!([{
            "id": 1, "subnet": "2001:db8:1::/64", "evaluate-additional-classes": ["subnet"],
            "pools": [{ "pool": "2001:db8:1::10/124", "evaluate-additional-classes": ["pool"] }],
            "pd-pools": [{
                "prefix": "2001:db8:f000::", "prefix-len": 40, "delegated-len": 56,
                "evaluate-additional-classes": ["prefixes"],
            }],
        }]),
        json!({}),
    );
    text["Dhcp6"]["shared-networks"][0]["evaluate-additional-classes"] = json!(["network"]);
    let mut world = World::new(classified(text, classes));
    let mut told = |message: Ask| {
        let told = world.ask(&message.oro(&[22, 23, 27]));
        (told_server(&told), told.contains(" 27="), told.contains(" 22="))
    };
    assert_eq!(told(ask(REQUEST, 1).na(1, &[])), (Some(2), true, false));
    assert_eq!(told(special(ask(REQUEST, 1).na(1, &[]))), (Some(3), true, false));
    assert_eq!(told(special(ask(REQUEST, 1).pd(1, &[]))), (Some(2), true, true));
    assert_eq!(told(special(ask(INFORMATION_REQUEST, 1))), (Some(2), true, false));
}

/// "Template Classes": what a client says makes a class, and whoever says anything is of the template's.
#[test]
fn templates_make_classes() {
    let text = config(json!({ "pools": [
        { "pool": "2001:db8:1::10/124", "client-classes": ["SPAWN_say_ab"] },
        { "pool": "2001:db8:1::20/124", "client-classes": ["say"] },
    ] }));
    let classes = json!([
        { "name": "say", "template-test": "substring(option[15].hex, 2, all)" },
        { "name": "SPAWN_say_ab", "option-data": [server(3)] },
    ]);
    let mut world = World::new(classified(text, classes));
    let mut says = |client: u8, text: &[u8]| {
        let value = [&[0, text.len() as u8], text].concat();
        let message = ask(REQUEST, client).na(1, &[]).oro(&[23]);
        world.ask(&message.option(OptionCode::USER_CLASS, &value))
    };
    let told = says(1, b"ab");
    assert!(told.contains("[2001:db8:1::10 ") && told_server(&told) == Some(3), "{told}");
    let told = says(2, b"ac");
    assert!(told.contains("[2001:db8:1::20 ") && told_server(&told).is_none(), "{told}");
    assert!(says(3, b"").contains("NoAddrsAvail"));
}

/// Pools of prefixes are guarded as those of addresses are.
#[test]
fn pools_of_prefixes_are_guarded() {
    let pool = |prefix: &str, class: &str| json!({ "prefix": prefix, "prefix-len": 56, "delegated-len": 56, "client-classes": [class] });
    let pools = [pool("2001:db8:a000::", "special"), pool("2001:db8:b000::", "others")];
    let mut world = World::new(classified(
        config(json!({ "pd-pools": pools })),
        json!([
            { "name": "special", "test": "option[15].exists" },
            { "name": "others", "test": "not member('special')" },
        ]),
    ));
    assert!(world.ask(&ask(REQUEST, 1).pd(1, &["2001:db8:a000::/56"])).contains("[2001:db8:b000::/56 "));
    assert!(world.ask(&ask(REQUEST, 2).pd(1, &[])).contains("NoPrefixAvail"));
    assert!(world.ask(&special(ask(REQUEST, 2).pd(1, &[]))).contains("[2001:db8:a000::/56 "));
}

/// "Client Classification in DHCPv6": pools for who has a reservation, whatever it says, and for who has none.
#[test]
fn known_clients_have_pools_of_their_own() {
    let mut world = World::new(config(json!({
        "pools": [
            { "pool": "2001:db8:1::10/128", "client-classes": ["KNOWN"] },
            { "pool": "2001:db8:1::20/128", "client-classes": ["UNKNOWN"] },
        ],
        "reservations": [{ "duid": duid(1) }],
    })));
    assert!(world.ask(&ask(REQUEST, 2).na(1, &["2001:db8:1::10"])).contains("[2001:db8:1::20 "));
    assert!(world.ask(&ask(REQUEST, 3).na(1, &[])).contains("NoAddrsAvail"));
    assert!(world.ask(&ask(REQUEST, 1).na(1, &["2001:db8:1::20"])).contains("[2001:db8:1::10 "));
}

/// "Pool Selection with Client Class Reservations": what a test said before a reservation was found is asked again.
#[test]
fn a_reserved_class_selects_a_pool() {
    let text = config(json!({
        "pools": [
            { "pool": "2001:db8:1::10/124", "client-classes": ["unreserved"] },
            { "pool": "2001:db8:1::30/128", "client-classes": ["reserved"] },
        ],
        "reservations": [{ "duid": duid(1), "client-classes": ["reserved"] }],
    }));
    let mut world = World::new(classified(text, reserved_and_not()));
    assert!(world.ask(&ask(REQUEST, 1).na(1, &[])).contains("[2001:db8:1::30 "));
    assert!(world.ask(&ask(REQUEST, 2).na(1, &["2001:db8:1::30"])).contains("[2001:db8:1::10 "));
}

fn reserved_and_not() -> Value {
    json!([{ "name": "reserved" }, { "name": "unreserved", "test": "not member('reserved')" }])
}

/// "Subnet Selection with Client Class Reservations": within a network by the class of a global reservation; elsewhere only
/// where that is looked up early.
#[test]
fn a_reserved_class_selects_a_subnet() {
    let subnet =
        |id: u32, pool: Value| json!({ "id": id, "subnet": format!("2001:db8:{id}::/64"), "pools": [pool] });
    let subnets = json!([
        subnet(1, json!({ "pool": "2001:db8:1::10/128", "client-classes": ["unreserved"] })),
        subnet(2, json!({ "pool": "2001:db8:2::10/128", "client-classes": ["reserved"] })),
        subnet(3, json!({ "pool": "2001:db8:3::10/127" })),
    ]);
    let hosts = json!({
        "reservations-global": true,
        "reservations": [
            { "duid": duid(1), "client-classes": ["reserved"] },
            { "duid": duid(2), "client-classes": ["reserved"] },
        ],
    });
    let mut world = World::new(classified(shared(subnets, hosts.clone()), reserved_and_not()));
    let mut given = |client| world.ask(&ask(REQUEST, client).na(1, &[]));
    assert!(given(1).contains("[2001:db8:2::10 "), "its own");
    assert!(given(2).contains("[2001:db8:3::1"), "its own is full");
    assert!(given(3).contains("[2001:db8:3::1"), "where was looked last");
    assert!(given(4).contains("[2001:db8:1::10 "));
    assert!(given(5).contains("NoAddrsAvail"));

    let mut text = config(json!({ "client-classes": ["unreserved"] }));
    let other = json!({
        "id": 2, "subnet": "2001:db8:2::/64", "interface": "eth0", "client-classes": ["reserved"],
        "pools": [{ "pool": "2001:db8:2::10/124" }],
    });
    text["Dhcp6"]["subnet6"].as_array_mut().unwrap().push(other);
    text["Dhcp6"].as_object_mut().unwrap().extend(hosts.as_object().unwrap().clone());
    let mut late = World::new(classified(text.clone(), reserved_and_not()));
    assert!(late.ask(&ask(REQUEST, 1).na(1, &[])).contains("NoAddrsAvail"));
    text["Dhcp6"]["early-global-reservations-lookup"] = true.into();
    let mut early = World::new(classified(text, reserved_and_not()));
    assert!(early.ask(&ask(REQUEST, 1).na(1, &[])).contains("[2001:db8:2::10 "));
    assert!(early.ask(&ask(REQUEST, 3).na(1, &[])).contains("[2001:db8:1::10 "));
}

/// "Lenient Option Parsing": what a vendor says that is shorter than it claims is read as it is.
#[test]
fn a_vendor_says_less_than_it_claims() {
    let text =
        config(json!({ "pools": [{ "pool": "2001:db8:1::10/124", "client-classes": ["VENDOR_CLASS_ab"] }] }));
    let mut world = World::new(classified(text, json!([{ "name": "VENDOR_CLASS_ab" }])));
    let mut says = |client: u8, data: &[u8]| {
        let value = [&[0, 0, 0, 9], data].concat();
        world.ask(&ask(REQUEST, client).na(1, &[]).option(OptionCode::VENDOR_CLASS, &value))
    };
    assert!(says(1, &[0, 255, b'a', b'b']).contains("[2001:db8:1::10 "));
    assert!(says(2, &[0, 2, b'a', b'b']).contains("[2001:db8:1::11 "));
    assert!(says(3, &[0, 2, b'a']).contains("NoAddrsAvail"));
}
