//! Options of several levels in one reply (manual, "Standard DHCPv6 Options", "Shared Networks in DHCPv6").

use kotare_wire::v6::MessageType;
use serde_json::{Value, json};

use crate::told::ask;
use crate::world::{World, config, shared};

const SOLICIT: MessageType = MessageType::SOLICIT;
const REQUEST: MessageType = MessageType::REQUEST;
const INFORMATION_REQUEST: MessageType = MessageType::INFORMATION_REQUEST;

/// `preference` of this value.
fn preference(value: u8, more: Value) -> Value {
    let mut option = json!({ "name": "preference", "data": value.to_string() });
    option.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!([option])
}

/// `always-send` and `never-send` hold wherever they are written, whatever is written elsewhere, and the latter goes first;
/// the value is that of the most specific level all the same.
#[test]
fn flags_stick() {
    for (subnet, global, asked, unasked) in [
        (json!({ "always-send": false }), json!({ "always-send": true }), "REPLY 7=01", "REPLY 7=01"),
        (json!({}), json!({}), "REPLY 7=01", "REPLY"),
        (
            json!({ "always-send": true, "never-send": true }),
            json!({ "always-send": true }),
            "REPLY",
            "REPLY",
        ),
        (
            json!({ "never-send": false, "always-send": true }),
            json!({ "never-send": true }),
            "REPLY",
            "REPLY",
        ),
    ] {
        let mut text = config(json!({ "option-data": preference(1, subnet.clone()) }));
        text["Dhcp6"]["option-data"] = preference(2, global.clone());
        let mut world = World::new(text);
        let message = ask(INFORMATION_REQUEST, 1);
        assert_eq!(world.ask(&message), unasked, "{subnet} {global}");
        assert_eq!(world.ask(&message.oro(&[7])), asked, "{subnet} {global}");
    }
}

/// The options of all pools that a client gets something of; of one that several have, it gets one.
#[test]
fn all_pools_have_a_say() {
    let mut world = World::new(config(json!({
        "pools": [
            { "pool": "2001:db8:1::10/128", "option-data": preference(1, json!({})) },
            { "pool": "2001:db8:1::20/128", "option-data": [
                { "name": "preference", "data": "2" }, { "name": "solmax-rt", "data": "60" },
            ] },
        ],
        "pd-pools": [{
            "prefix": "2001:db8:f000::", "prefix-len": 40, "delegated-len": 56,
            "option-data": [{ "name": "inf-max-rt", "data": "61" }],
        }],
    })));
    let told = world.ask(&ask(REQUEST, 1).na(1, &[]).na(2, &[]).pd(3, &[]).oro(&[7, 82, 83]));
    assert!(told.contains(" 7=01") && told.contains(" 82=0000003c 83=0000003d"), "{told}");
    let told = world.ask(&ask(SOLICIT, 2).pd(3, &[]).oro(&[7, 82, 83]));
    assert!(told.ends_with("3000/4000] 83=0000003d"), "{told}");
}

/// The manual's shared network: one subnet has its own way, the other one the network's.
#[test]
fn subnets_override_their_network() {
    let own = json!([
        { "name": "dns-servers", "data": "2001:db8::888" }, { "name": "unicast", "data": "2001:abcd::1" },
    ]);
    let mut text = shared(
        json!([
            { "id": 1, "subnet": "2001:db8:1::/64", "valid-lifetime": 1200, "option-data": own,
              "pools": [{ "pool": "2001:db8:1::10/128" }] },
            { "id": 2, "subnet": "2001:db8:2::/64", "pools": [{ "pool": "2001:db8:2::10/128" }] },
        ]),
        json!({ "preferred-lifetime": null }),
    );
    text["Dhcp6"]["shared-networks"][0]["valid-lifetime"] = 600.into();
    text["Dhcp6"]["shared-networks"][0]["option-data"] =
        json!([{ "name": "dns-servers", "data": "2001:db8:cafe::1" }]);
    let mut world = World::new(text);
    let mut told = |client| world.ask(&ask(REQUEST, client).na(1, &[]).oro(&[12, 23]));
    assert_eq!(
        told(1),
        "REPLY na 1 t1=1000 t2=2000 [2001:db8:1::10 750/1200] \
         12=2001abcd000000000000000000000001 23=20010db8000000000000000000000888"
    );
    assert_eq!(
        told(2),
        "REPLY na 1 t1=1000 t2=2000 [2001:db8:2::10 375/600] 23=20010db8cafe00000000000000000001"
    );
}

/// "Stateless DHCPv6": a server without subnets has options for everybody, and addresses for nobody.
#[test]
fn a_server_has_options_alone() {
    let mut world = World::new(json!({ "Dhcp6": {
        "interfaces-config": { "interfaces": ["eth0"] },
        "option-data": [{ "name": "dns-servers", "data": "2001:db8::45" }],
    } }));
    let servers = "23=20010db8000000000000000000000045";
    assert_eq!(world.ask(&ask(INFORMATION_REQUEST, 1).oro(&[23])), format!("REPLY {servers}"));
    assert_eq!(
        world.ask(&ask(SOLICIT, 1).na(1, &[]).oro(&[23])),
        format!(
            "ADVERTISE na 1 t1=0 t2=0 [NoAddrsAvail: Server could not select subnet for this client] {servers}"
        )
    );
}
