//! Clients of BOOTP: who is let in, what they get, and what they get to see.

use kotare_engine::v4::ReplyKind;
use kotare_model::Lifetime;
use kotare_testkit::{Answer, Client, Message, SERVER, Via, World, address, relayed};
use kotare_wire::v4::OptionCode;
use serde_json::{Value as Json, json};

use crate::test_world::world;

/// A server with the module, or without; a subnet of one router and two addresses.
fn server(libraries: &Json) -> World {
    world(&json!({
        "subnet4": [{
            "id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.101"}],
            "valid-lifetime": 600, "renew-timer": 100, "rebind-timer": 200,
            "option-data": [{"name": "routers", "data": "192.0.2.1"}],
        }],
        "hooks-libraries": libraries,
    }))
    .unwrap()
}

fn with_module() -> World {
    server(&json!([{"library": "/any/libdhcp_bootp.so"}]))
}

/// A request as RFC 1497 has it: no option of DHCP in it.
fn request(client: &Client) -> Message {
    client.request().without(OptionCode::MESSAGE_TYPE).without(OptionCode::PARAMETER_REQUEST_LIST)
}

fn padded(answer: &Answer) {
    assert_eq!(answer.bytes.len(), 300);
    assert_eq!(answer.bytes.iter().rfind(|byte| **byte != 0), Some(&OptionCode::END.0));
}

/// Without the module such requests are dropped; with it the client gets an address for ever, at every start the same,
/// and nothing of DHCP is in the reply.
#[test]
fn clients_of_bootp_get_leases_that_never_end() {
    let client = Client::new(1);
    assert!(server(&json!([])).send(&request(&client), Via::BROADCAST).is_none());
    let mut world = with_module();
    for _ in 0..2 {
        let answer = world.send(&request(&client), Via::BROADCAST).expect("a reply");
        assert_eq!((answer.yiaddr(), answer.codes()), (address("192.0.2.100"), vec![1, 3]));
        padded(&answer);
        let lease = world.store.lease(answer.yiaddr()).expect("a lease");
        assert_eq!((lease.valid_lifetime, lease.hwaddr.as_bytes()), (Lifetime::INFINITE, &*client.hwaddr));
        world.pass(100_000);
        assert_eq!(world.reclaim().leases, 0);
    }
    assert_eq!(world.stat("pkt4-request-received"), 2);
}

/// A relay's information goes back with the reply; a client that has an address may say so.
#[test]
fn relays_are_answered() {
    let mut world = with_module();
    let client = Client::new(1);
    let answer = world
        .send(&relayed(request(&client), address("192.0.2.1"), &[1, 1, 9]), Via::relay(address("192.0.2.1")));
    let answer = answer.expect("a reply");
    assert_eq!(answer.option(OptionCode::RELAY_AGENT_INFORMATION), Some(vec![1, 1, 9]));
    let again = Message { ciaddr: answer.yiaddr(), ..request(&client) };
    assert_eq!(
        world.send(&again, Via::unicast(answer.yiaddr())).map(|again| again.yiaddr()),
        Some(answer.yiaddr())
    );
}

/// Who speaks DHCP is answered as without the module.
#[test]
fn dhcp_goes_on_beside_it() {
    let mut world = with_module();
    let client = Client::new(1);
    let offer = world.send(&client.discover(), Via::BROADCAST).expect("an offer");
    let ack = world.send(&client.select(&offer), Via::BROADCAST).expect("an acknowledgement");
    assert_eq!(ack.number(OptionCode::LEASE_TIME), Some(600));
    assert_eq!(ack.option(OptionCode::SERVER_IDENTIFIER), Some(SERVER.octets().to_vec()));
    assert_eq!(ack.kind, ReplyKind::Ack);
}

/// A message that is no request, or has a type that nobody knows, is as wrong as without it. Where there is no address,
/// silence is the answer: without its type, a refusal would look like a gift.
#[test]
fn the_rest_is_not_answered() {
    let mut world = with_module();
    let client = Client::new(9);
    assert!(world.send(&Message { op: 2, ..request(&client) }, Via::BROADCAST).is_none());
    let unknown = request(&client).option(OptionCode::MESSAGE_TYPE, &[77]);
    assert!(world.send(&unknown, Via::BROADCAST).is_none());
    let elsewhere = address("203.0.113.1");
    assert!(world.send(&relayed(request(&client), elsewhere, &[1, 1, 9]), Via::relay(elsewhere)).is_none());
    for number in 1..=2 {
        world.send(&request(&Client::new(number)), Via::BROADCAST).expect("a reply");
    }
    assert!(world.send(&request(&client), Via::BROADCAST).is_none());
}
