//! Clients that are known by an expression.

use kotare_model::ClientId;
use kotare_testkit::{Client, Message, Via, World, address, relayed};
use kotare_wire::v4::OptionCode;
use serde_json::{Value as Json, json};

use crate::test_world::world;

fn server(parameters: &Json) -> Result<World, Vec<String>> {
    world(&json!({
        "subnet4": [{
            "id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
        }],
        "hooks-libraries": [{"library": "/any/libdhcp_flex_id.so", "parameters": parameters}],
    }))
}

/// By the circuit that a relay names.
fn by_circuit(more: &Json) -> World {
    let mut parameters = json!({"identifier-expression": "relay4[1].hex", "replace-client-id": true});
    for (keyword, value) in more.as_object().unwrap() {
        parameters[keyword] = value.clone();
    }
    server(&parameters).unwrap()
}

const RELAY: &str = "192.0.2.1";

/// Through the relay, from circuit 7:8.
fn on_circuit(message: Message) -> Message {
    relayed(message, address(RELAY), &[1, 2, 7, 8])
}

/// Leases the address that is offered, and gives it with the client identifier of the lease and that of the reply.
fn lease(world: &mut World, client: &Client) -> (std::net::Ipv4Addr, Option<ClientId>, Option<Vec<u8>>) {
    let via = Via::relay(address(RELAY));
    let offer = world.send(&on_circuit(client.discover()), via).expect("an offer");
    let ack = world.send(&on_circuit(client.select(&offer)), via).expect("an acknowledgement");
    assert_eq!(offer.option(OptionCode::CLIENT_IDENTIFIER), ack.option(OptionCode::CLIENT_IDENTIFIER));
    let lease = world.store.lease(ack.yiaddr()).expect("a lease");
    (ack.yiaddr(), lease.client_id, ack.option(OptionCode::CLIENT_IDENTIFIER))
}

/// Whatever device comes to a circuit, it gets the address of the circuit, and hears its own client identifier, or none
/// if it has none, whatever `echo-client-id` says.
#[test]
fn the_identifier_takes_the_place_of_the_client_s() {
    for (more, id) in [
        (json!({}), &[0, 7, 8][..]),
        (json!({"cid-as-rfc4361-duid": true, "ignore-iaid": "of DHCPv6"}), &[255, 0, 0, 0, 0, 7, 8]),
    ] {
        let mut world = by_circuit(&more);
        let id = Some(ClientId::new(id).unwrap());
        let (one, other, third) =
            (Client::new(1).with_id(&[1, 1, 1]), Client::new(2).with_id(&[1, 2]), Client::new(3));
        let first = lease(&mut world, &one);
        assert_eq!(first, (address("192.0.2.100"), id.clone(), Some(vec![1, 1, 1])));
        assert_eq!(lease(&mut world, &other), (first.0, id.clone(), Some(vec![1, 2])));
        assert_eq!(lease(&mut world, &third), (first.0, id, None));
        // Its renewal comes without relay: the expression is empty, and the client is who it says it is.
        assert!(
            world
                .send(&one.renew(first.0), Via::unicast(first.0))
                .is_none_or(|answer| answer.yiaddr() != first.0)
        );
    }
}

/// Without `replace-client-id`, an empty value, or one that cannot be found out, clients are who they say they are.
#[test]
fn clients_stay_who_they_are_otherwise() {
    for parameters in [
        json!({"identifier-expression": "relay4[1].hex"}),
        json!({"identifier-expression": "option[200].hex", "replace-client-id": true}),
        json!({"identifier-expression": "uint32totext(relay4[1].hex)", "replace-client-id": true}),
        json!({"identifier-expression": "", "replace-client-id": true}),
        json!({"replace-client-id": true}),
        json!({}),
    ] {
        let mut world = server(&parameters).unwrap();
        for number in 1..=2 {
            let id = [1, number as u8];
            let (_, leased, told) = lease(&mut world, &Client::new(number).with_id(&id));
            assert_eq!((leased, told), (ClientId::new(&id).ok(), Some(id.to_vec())), "{parameters}");
        }
    }
}

/// What is no expression with a value is told with its place.
#[test]
fn errors_are_told() {
    for (parameters, error) in [
        (json!({"identifier-expression": "option[1]"}), "\"identifier-expression\" has no value: column 10"),
        (json!({"identifier-expression": "1 == 1"}), "a string is expected"),
        (json!({"identifier-expression": 7}), "identifier-expression"),
        (json!({"replace-client-id": "yes"}), "replace-client-id"),
        (json!({"cid-as-rfc4361-duid": 1}), "cid-as-rfc4361-duid"),
    ] {
        let errors = server(&parameters).expect_err("an error").join("\n");
        assert!(errors.contains(error), "{parameters}: {errors}");
    }
    assert!(server(&json!({"identifier-expression": "ifelse(member('any'), 'a', 'b')"})).is_ok());
}

/// What is reserved for an identifier is found by the expression, whoever the client says it is; also where the
/// identifier has taken the place of the client's, of which the expression speaks.
#[test]
fn reservations_are_found_by_the_identifier() {
    let server = |expression: &str, replaces: bool, id: &str| {
        world(&json!({
            "host-reservation-identifiers": ["flex-id", "hw-address"],
            "subnet4": [{
                "id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
                "reservations": [{"flex-id": id, "ip-address": "192.0.2.7", "hostname": "seven"}],
            }],
            "hooks-libraries": [{
                "library": "/any/libdhcp_flex_id.so",
                "parameters": {"identifier-expression": expression, "replace-client-id": replaces},
            }],
        }))
        .unwrap()
    };
    for replaces in [false, true] {
        for (expression, id) in [
            ("relay4[1].hex", "0708"),
            ("'port' + hexstring(relay4[1].hex, '')", "'port0708'"),
            ("substring(option[61].hex, 1, all)", "'me'"),
        ] {
            let mut world = server(expression, replaces, id);
            let client = Client::new(1).with_id(b"\x00me");
            assert_eq!(lease(&mut world, &client).0, address("192.0.2.7"), "{expression}, {replaces}");
            let other = Client::new(2).with_id(b"\x00you");
            let via = Via::relay(address(RELAY));
            let elsewhere = relayed(other.discover(), address(RELAY), &[1, 2, 9, 9]);
            assert_eq!(world.send(&elsewhere, via).unwrap().yiaddr(), address("192.0.2.100"), "{expression}");
        }
    }
}
