//! Queries of DHCPv4, from the configuration to the reply.

use std::net::Ipv4Addr;

use kotare_model::{HwAddr, Lease4, LeaseState, Lifetime, SubnetId, Timestamp};
use kotare_store::conformance::lease;
use kotare_testkit::{Answer, Client, Message, SERVER, Via, World};
use kotare_wire::v4::{MessageType, OptionCode};
use serde_json::{Value as Json, json};

use crate::test_world::world;

const RELAY: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 250);

fn configured(parameters: &Json) -> Json {
    json!({
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.10 - 192.0.2.99"}],
            "calculate-tee-times": true}],
        "hooks-libraries": [{"library": "libdhcp_lease_query.so", "parameters": parameters}],
    })
}

/// A server that answers [`RELAY`], where these leases are.
fn with(leases: impl IntoIterator<Item = Lease4>) -> World {
    let world = world(&configured(&json!({"requesters": [RELAY.to_string()]}))).expect("a server");
    leases.into_iter().for_each(|lease| world.store.plant(lease));
    world
}

/// A lease of an hour that was extended so many seconds ago.
fn leased(host: u8, age: i64) -> Lease4 {
    Lease4 { cltt: Timestamp(1_000_000 - age), ..lease(host) }
}

fn query() -> Message {
    let nobody = Client { hwaddr: Vec::new(), wants: Vec::new(), ..Client::new(7) };
    Message { giaddr: RELAY, htype: 0, ..nobody.message(MessageType::LEASEQUERY) }
}

fn by_address(host: u8) -> Message {
    Message { ciaddr: Ipv4Addr::new(192, 0, 2, host), ..query() }
}

fn ask(world: &mut World, query: &Message) -> Option<Answer> {
    world.send(query, Via::relay(RELAY))
}

fn kind(answer: &Answer) -> MessageType {
    answer.view().message_type().expect("a type")
}

/// By address: who has it, since when and for how long, with what the relay said.
#[test]
fn an_address_is_told_of_with_its_client() {
    let agent = r#"{ "ISC": { "relay-agent-info": { "sub-options": "0x0102AABB" } } }"#;
    let mut world = with([Lease4 { user_context: Some(agent.into()), ..leased(20, 600) }]);
    let answer = ask(&mut world, &by_address(20)).expect("an answer");
    assert_eq!(kind(&answer), MessageType::LEASEACTIVE);
    assert_eq!(answer.codes(), [53, 51, 54, 58, 59, 61, 91, 82]);
    let view = answer.view();
    assert_eq!((view.ciaddr(), view.giaddr(), view.xid()), (Ipv4Addr::new(192, 0, 2, 20), RELAY, 7 << 8));
    assert_eq!((view.chaddr(), view.htype().0), (&[2, 0, 0, 0, 0, 20][..], 1));
    assert_eq!(answer.number(OptionCode::LEASE_TIME), Some(3000));
    assert_eq!(answer.number(OptionCode::CLIENT_LAST_TRANSACTION_TIME), Some(600));
    assert_eq!(answer.number(OptionCode::RENEWAL_TIME), Some(1200));
    assert_eq!(answer.number(OptionCode::REBINDING_TIME), Some(2550));
    assert_eq!(answer.option(OptionCode::CLIENT_IDENTIFIER), Some(vec![1, 2, 0, 0, 0, 0, 20]));
    assert_eq!(answer.option(OptionCode::RELAY_AGENT_INFORMATION), Some(vec![1, 2, 0xaa, 0xbb]));
    assert_eq!(answer.option(OptionCode::SERVER_IDENTIFIER), Some(SERVER.octets().to_vec()));
    let to = answer.departure.destination;
    assert_eq!((*to.ip(), to.port()), (RELAY, 67));
    assert_eq!(world.stat("pkt4-lease-query-received"), 1);
    assert_eq!(world.stat("pkt4-lease-query-response-active-sent"), 1);
    assert_eq!((world.stat("pkt4-received"), world.stat("pkt4-sent")), (1, 1));
    assert_eq!(world.stat("pkt4-receive-drop"), 0);
}

/// An address of ours without a client is unassigned, one that is not ours is unknown; what was asked is given back.
#[test]
fn addresses_that_nobody_has_are_told_apart() {
    let states = [LeaseState::Declined, LeaseState::ExpiredReclaimed, LeaseState::Released];
    let planted = states.into_iter().zip(30..).map(|(state, host)| Lease4 { state, ..leased(host, 0) });
    let mut world = with(planted.chain([leased(40, 3600)]));
    for host in [20, 30, 31, 32, 40] {
        let answer = ask(&mut world, &by_address(host)).expect("an answer");
        assert_eq!((kind(&answer), host), (MessageType::LEASEUNASSIGNED, host));
        assert_eq!((answer.codes(), answer.view().ciaddr().octets()[3]), (vec![53, 54], host));
    }
    for host in [9, 100] {
        let answer = ask(&mut world, &by_address(host)).expect("an answer");
        assert_eq!(kind(&answer), MessageType::LEASEUNKNOWN);
    }
    assert_eq!(world.stat("pkt4-lease-query-response-unassigned-sent"), 5);
    assert_eq!(world.stat("pkt4-lease-query-response-unknown-sent"), 2);
}

/// By client: the newest lease, and which other addresses it has.
#[test]
fn a_client_is_told_of_with_all_its_addresses() {
    let hwaddr = HwAddr::new(1, &[2, 0, 0, 0, 0, 20]).unwrap();
    let id = leased(20, 0).client_id;
    let of_client = |host, age| Lease4 { hwaddr, client_id: id.clone(), ..leased(host, age) };
    let infinite = Lease4 { valid_lifetime: Lifetime::INFINITE, ..of_client(21, 10) };
    let mut world =
        with([of_client(20, 100), infinite, of_client(22, 50), of_client(23, 4000), leased(24, 0)]);
    let by_hwaddr = Message { chaddr: hwaddr.as_bytes().to_vec(), htype: 1, ..query() };
    let by_id = query().option(OptionCode::CLIENT_IDENTIFIER, &[1, 2, 0, 0, 0, 0, 20]);
    for query in [&by_hwaddr, &by_id] {
        let answer = ask(&mut world, query).expect("an answer");
        assert_eq!((kind(&answer), answer.view().ciaddr().octets()[3]), (MessageType::LEASEACTIVE, 21));
        assert_eq!(answer.option(OptionCode::ASSOCIATED_IP), Some(vec![192, 0, 2, 22, 192, 0, 2, 20]));
        assert_eq!(answer.number(OptionCode::LEASE_TIME), Some(u32::MAX));
        assert_eq!(answer.option(OptionCode::RENEWAL_TIME), None);
    }
    let unknown = Message { chaddr: vec![2, 2, 2, 2, 2, 2], htype: 1, ..query() };
    let answer = ask(&mut world, &unknown).expect("an answer");
    assert_eq!(kind(&answer), MessageType::LEASEUNKNOWN);
    assert_eq!(answer.view().chaddr(), [2; 6]);
    let unknown = query().option(OptionCode::CLIENT_IDENTIFIER, b"nobody");
    let answer = ask(&mut world, &unknown).expect("an answer");
    assert_eq!(answer.option(OptionCode::CLIENT_IDENTIFIER), Some(b"nobody".to_vec()));
}

/// A client with very many leases is told of as far as there is room.
#[test]
fn answers_end_where_a_message_does() {
    let hwaddr = HwAddr::new(1, &[2; 6]).unwrap();
    let many = (0..2000_u32).map(|number| Lease4 {
        address: Ipv4Addr::from(0xc0a8_0000 + number),
        hwaddr,
        client_id: None,
        ..leased(1, 0)
    });
    let mut world = with(many);
    let answer = ask(&mut world, &Message { chaddr: vec![2; 6], htype: 1, ..query() }).expect("an answer");
    let others = answer.option(OptionCode::ASSOCIATED_IP).expect("others");
    assert!(others.len() > 400 && others.len().is_multiple_of(4), "{}", others.len());
}

/// Who is not known, asks nothing or everything at once, or asks another server hears nothing; why is counted.
#[test]
fn what_is_not_answered_is_counted() {
    let mut world = with([leased(20, 0)]);
    let address = |message: Message, address| message.address(OptionCode::SERVER_IDENTIFIER, address);
    let no_relay = Message { giaddr: Ipv4Addr::UNSPECIFIED, ..by_address(20) };
    let stranger = Message { giaddr: Ipv4Addr::new(192, 0, 2, 251), ..by_address(20) };
    let several = by_address(20).option(OptionCode::CLIENT_IDENTIFIER, b"id");
    let other = address(by_address(20), Ipv4Addr::new(192, 0, 2, 5));
    let nobody = address(by_address(20), Ipv4Addr::UNSPECIFIED);
    let short = by_address(20).option(OptionCode::SERVER_IDENTIFIER, &[1]);
    let no_id = query().option(OptionCode::CLIENT_IDENTIFIER, &[]);
    let cases = [
        (no_relay, "pkt4-rfc-violation"),
        (stranger, "pkt4-admin-filtered"),
        (query(), "pkt4-rfc-violation"),
        (several, "pkt4-rfc-violation"),
        (other, "pkt4-not-for-us"),
        (nobody, "pkt4-rfc-violation"),
        (short, "pkt4-rfc-violation"),
        (no_id, "pkt4-processing-failed"),
    ];
    for (number, (query, counted)) in cases.into_iter().enumerate() {
        let before = world.stat(counted);
        assert!(ask(&mut world, &query).is_none(), "{query:?}");
        assert_eq!((world.stat(counted), number), (before + 1, number));
        assert_eq!(world.stat("pkt4-receive-drop"), number as i64 + 1);
    }
    assert_eq!(world.stat("pkt4-lease-query-received"), 8);
    let ours = address(by_address(20), SERVER);
    assert!(ask(&mut world, &ours).is_some());
    // A lease of a subnet that is gone cannot be told of.
    world.store.plant(Lease4 { subnet_id: SubnetId(9), ..leased(50, 0) });
    assert!(ask(&mut world, &by_address(50)).is_none());
    assert_eq!(world.stat("pkt4-processing-failed"), 2);
}

/// Without the module nobody is answered, as before.
#[test]
fn without_the_module_a_query_is_unknown() {
    let mut world = world(&json!({"subnet4": [{"id": 1, "subnet": "192.0.2.0/24"}]})).expect("a server");
    assert!(ask(&mut world, &by_address(20)).is_none());
    assert_eq!((world.stat("pkt4-lease-query-received"), world.stat("pkt4-unknown-received")), (0, 1));
}

/// What is wrong with the parameters is said, and the manual's examples are right.
#[test]
fn parameters_are_judged() {
    let wrong =
        |parameters: Json| world(&configured(&parameters)).map(drop).expect_err("what is wrong").join("\n");
    assert!(wrong(json!({"requesters": []})).contains("'requesters' list cannot be empty"));
    assert!(wrong(json!({})).contains("requesters"));
    for (entry, reason) in [
        (
            "x",
            "'requesters' address entry 'x' is invalid: Failed to convert string to address 'x': Invalid argument",
        ),
        ("2001:db8::1", "'requesters' address entry '2001:db8::1' is invalid: not a IPv4 address"),
        (
            "192.0.2.0/33",
            "'requesters' CIDR entry '192.0.2.0/33' is invalid: prefix length 33 is out of range",
        ),
        ("2001:db8::/64", "'requesters' CIDR entry '2001:db8::/64' is invalid: not a IPv4 address"),
    ] {
        let told = wrong(json!({ "requesters": [entry] }));
        assert!(told.contains(reason), "{told}");
    }
    assert!(wrong(json!({"requesters": ["10.0.0.1", "10.0.0.1"]})).contains("already in the list"));
    let advanced = |advanced: Json| wrong(json!({"requesters": ["10.0.0.1"], "advanced": advanced}));
    assert!(advanced(json!({"active-query-enabled": true})).contains("Active query is not supported"));
    assert!(advanced(json!({"lease-query-ip": "::1"})).contains("invalid lease-query-ip '::1'"));
    for (keyword, value) in [
        ("lease-query-tcp-port", 0),
        ("lease-query-tcp-port", 65536),
        ("max-requester-connections", 0),
        ("max-concurrent-queries", -1),
        ("max-requester-idle-time", 0),
        ("max-requester-idle-time", 2_147_484),
        ("max-leases-per-fetch", 0),
        ("unheard-of", 1),
    ] {
        assert!(advanced(json!({keyword: value})).contains(keyword), "{keyword} {value}");
    }
    let right = |parameters: Json| assert!(world(&configured(&parameters)).is_ok(), "{parameters}");
    right(json!({"requesters": ["192.0.1.1", "10.0.0.2", "192.0.1.0/24"], "comment": "x"}));
    right(json!({"requesters": ["192.0.2.1", "192.0.2.2"], "advanced": {
        "bulk-query-enabled": true, "active-query-enabled": false,
        "lease-query-ip": "127.0.0.1", "lease-query-tcp-port": 67,
        "max-bulk-query-threads": 0, "max-requester-connections": 10, "max-concurrent-queries": 4,
        "max-requester-idle-time": 300, "max-leases-per-fetch": 100}}));
}
