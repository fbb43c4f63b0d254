//! Parameters that may be set globally, for a shared network and for a subnet: the innermost one holds.

use std::net::Ipv4Addr;

use kotare_engine::v4::ReplyKind;
use kotare_store::{By4, LeaseStore};
use kotare_testkit::{Client, SERVER, Via, World, address, configured, relayed, run};
use kotare_wire::v4::OptionCode;
use serde_json::{Value, json};

fn merged(mut map: Value, more: &Value) -> Value {
    let more = more.as_object().expect("a map").clone();
    map.as_object_mut().expect("a map").extend(more);
    map
}

/// Servers with `on` at one level and `off` at the one around it, and the other way round: with what holds.
fn servers(on: Value, off: Value) -> Vec<(World, bool)> {
    let server = |global: &Value, network: &Value, subnet: &Value| {
        let pools = json!([{"pool": "192.0.2.100 - 192.0.2.199"}]);
        let subnet = merged(json!({"id": 1, "subnet": "192.0.2.0/24", "pools": pools}), subnet);
        let network = merged(json!({"name": "floor", "subnet4": [subnet]}), network);
        World::new(configured(&merged(json!({"shared-networks": [network]}), global)))
    };
    let none = json!({});
    vec![
        (server(&on, &none, &none), true),
        (server(&off, &on, &none), true),
        (server(&off, &none, &on), true),
        (server(&on, &off, &none), false),
        (server(&none, &on, &off), false),
        (server(&on, &none, &off), false),
    ]
}

/// `authoritative` and what says otherwise. A subnet must agree with its shared network, so that is left out.
#[test]
fn authority_is_of_the_innermost_level() {
    for (global, network, authority) in
        [(true, None, true), (false, Some(true), true), (true, Some(false), false)]
    {
        let network = network.map_or(json!({}), |network| json!({"authoritative": network}));
        let subnet =
            json!({"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}]});
        let network = merged(json!({"name": "floor", "subnet4": [subnet]}), &network);
        let mut world =
            World::new(configured(&json!({"authoritative": global, "shared-networks": [network]})));
        let answer = world.send(&Client::new(1).reboot(address("192.0.2.100")), Via::BROADCAST);
        assert_eq!(answer.map(|answer| answer.kind), authority.then_some(ReplyKind::Nak));
    }
}

/// `store-extended-info`
#[test]
fn what_relays_say_is_stored_where_it_is_wanted() {
    for (mut world, holds) in
        servers(json!({"store-extended-info": true}), json!({"store-extended-info": false}))
    {
        let request = relayed(Client::new(1).request(), address("192.0.2.1"), &[1, 2, 7, 8]);
        let leased = world.send(&request, Via::relay(address("192.0.2.1"))).unwrap().yiaddr();
        let found = run(world.store.get(By4::Address(leased))).unwrap();
        let context = found.first().unwrap().user_context.clone();
        let stored = context.as_deref().map(|it| it.split_whitespace().collect::<String>());
        let expected = r#"{"ISC":{"relay-agent-info":{"sub-options":"0x01020708"}}}"#.to_owned();
        assert_eq!(stored, holds.then_some(expected));
    }
}

/// `offer-lifetime`
#[test]
fn offers_are_kept_where_it_is_wanted() {
    for (mut world, holds) in servers(json!({"offer-lifetime": 60}), json!({"offer-lifetime": 0})) {
        world.send(&Client::new(1).discover(), Via::BROADCAST).unwrap();
        assert_eq!(world.stat("assigned-addresses"), i64::from(holds));
        assert_eq!(world.stat("subnet[1].assigned-addresses"), i64::from(holds));
    }
}

/// `match-client-id`
#[test]
fn identifiers_count_where_it_is_wanted() {
    for (mut world, holds) in servers(json!({"match-client-id": false}), json!({"match-client-id": true})) {
        let first = world.lease(&Client::new(1).with_id(b"\0one"));
        assert_eq!(world.lease(&Client::new(1).with_id(b"\0two")) == first, holds);
    }
}

/// `cache-threshold` and `cache-max-age`
#[test]
fn leases_are_cached_where_it_is_wanted() {
    let cached = |servers: Vec<(World, bool)>| {
        for (mut world, holds) in servers {
            let client = Client::new(1);
            let leased = world.lease(&client).unwrap();
            world.pass(10);
            let answer = world.send(&client.renew(leased), Via::unicast(leased)).unwrap();
            let told = answer.number(OptionCode::LEASE_TIME).unwrap();
            assert_eq!(told, if holds { 7190 } else { 7200 });
            assert_eq!(world.stat("v4-lease-reuses"), i64::from(holds));
        }
    };
    cached(servers(json!({"cache-threshold": 0.25}), json!({"cache-threshold": 0.0})));
    cached(servers(json!({"cache-max-age": 100}), json!({"cache-max-age": 0})));
}

/// Option 54 (`dhcp-server-identifier`) of the innermost level is the server's name; by the name of any level it can be
/// meant, and by its address.
#[test]
fn the_server_has_the_name_of_the_innermost_level() {
    let named = |name: &str| json!({"option-data": [{"name": "dhcp-server-identifier", "data": name}]});
    for (mut world, holds) in servers(named("10.2.5.76"), named("10.9.9.9")) {
        let client = Client::new(1);
        let offer = world.send(&client.discover(), Via::BROADCAST).unwrap();
        let name = Ipv4Addr::from(offer.number(OptionCode::SERVER_IDENTIFIER).unwrap());
        assert_eq!(name, address(if holds { "10.2.5.76" } else { "10.9.9.9" }));
        for meant in [name, SERVER] {
            let request = client.request().address(OptionCode::SERVER_IDENTIFIER, meant);
            let request = request.address(OptionCode::REQUESTED_ADDRESS, offer.yiaddr());
            assert_eq!(world.send(&request, Via::BROADCAST).unwrap().kind, ReplyKind::Ack);
        }
        let other = client.request().address(OptionCode::SERVER_IDENTIFIER, address("10.8.8.8"));
        assert!(world.send(&other, Via::BROADCAST).is_none());
        assert_eq!(world.stat("pkt4-not-for-us"), 1);
    }
    // `ignore-dhcp-server-identifier`
    let mut world = World::new(configured(&json!({
        "compatibility": {"ignore-dhcp-server-identifier": true},
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}]}],
    })));
    let other = Client::new(1).request().address(OptionCode::SERVER_IDENTIFIER, address("10.8.8.8"));
    assert_eq!(world.send(&other, Via::BROADCAST).unwrap().kind, ReplyKind::Ack);
}

/// `relay`, with several addresses, of a subnet or of its network, chooses it also where the relay's address is in another
/// subnet.
#[test]
fn relays_are_named_by_subnets_and_networks() {
    let mut world = World::new(configured(&json!({
        "subnet4": [
            {"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.0/25"}],
             "relay": {"ip-addresses": ["10.0.0.1", "10.0.0.2"]}},
            {"id": 2, "subnet": "10.0.0.0/24", "pools": [{"pool": "10.0.0.128/25"}]},
        ],
        "shared-networks": [{"name": "floor", "relay": {"ip-addresses": ["10.0.0.3"]}, "subnet4": [
            {"id": 3, "subnet": "198.51.100.0/24", "pools": [{"pool": "198.51.100.0/24"}]},
        ]}],
    })));
    let mut by = |relay: &str| {
        let request = relayed(Client::new(1).request(), address(relay), &[]);
        world.send(&request, Via::relay(address(relay))).unwrap().yiaddr().octets()[0]
    };
    assert_eq!(
        [by("10.0.0.1"), by("10.0.0.2"), by("10.0.0.3"), by("10.0.0.4"), by("192.0.2.9")],
        [192, 192, 198, 10, 192]
    );
}

/// Kea's manual, "Segregating IPv4 Clients in a Cable Network": behind one relay, modems are told apart by their class.
#[test]
fn modems_and_what_is_behind_them_are_told_apart() {
    let relay = json!({"ip-addresses": ["10.1.1.1"]});
    let mut world = World::new(configured(&json!({
        "client-classes": [{"name": "docsis3.0", "test": "substring(option[60].hex, 0, 9) == 'docsis3.0'"}],
        "subnet4": [
            {"id": 1, "subnet": "10.1.1.0/24", "pools": [{"pool": "10.1.1.2 - 10.1.1.20"}],
             "client-classes": ["docsis3.0"], "relay": relay},
            {"id": 2, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.10 - 192.0.2.20"}], "relay": relay},
        ],
    })));
    let mut ask = |message| {
        let request = relayed(message, address("10.1.1.1"), &[]);
        world.send(&request, Via::relay(address("10.1.1.1"))).unwrap().yiaddr()
    };
    let modem = Client::new(1).discover().option(OptionCode(60), b"docsis3.0:...");
    assert_eq!(ask(modem), address("10.1.1.2"));
    assert_eq!(ask(Client::new(2).discover()), address("192.0.2.10"));
}

/// Kea's manual, "Known RFC Violations": who gives an address back or declines it need not name the server, though RFC
/// 2131, table 5, wants that.
#[test]
fn addresses_can_be_given_back_without_naming_the_server() {
    let subnet = json!({"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}]});
    let mut world = World::new(configured(&json!({"subnet4": [subnet]})));
    let (one, two) = (Client::new(1), Client::new(2));
    let [first, second] = [&one, &two].map(|client| world.lease(client).unwrap());
    world.send(&one.release(first, SERVER).without(OptionCode::SERVER_IDENTIFIER), Via::unicast(first));
    assert_eq!(world.stat("assigned-addresses"), 1);
    world.send(&two.decline(second, SERVER).without(OptionCode::SERVER_IDENTIFIER), Via::BROADCAST);
    assert_eq!(world.stat("declined-addresses"), 1);
}
