//! Clients of DHCPv6 that are known by an expression.

use std::net::Ipv6Addr;

use kotare_model::Duid;
use kotare_testkit::v6::{Associated, Client, Message, Relay, relayed};
use kotare_wire::v6::{Association, Index, Message as View, MessageType, OptionCode};
use serde_json::{Value as Json, json};

use crate::test_server6::TestServer6;

fn server(parameters: &Json, reservations: &Json) -> Result<TestServer6, Vec<String>> {
    TestServer6::configured(&json!({
        "host-reservation-identifiers": ["flex-id", "duid"],
        "subnet6": [{
            "id": 1, "subnet": "2001:db8:1::/64",
            "pools": [{"pool": "2001:db8:1::10 - 2001:db8:1::1f"}],
            "pd-pools": [{"prefix": "2001:db8:f000::", "prefix-len": 40, "delegated-len": 56}],
            "reservations": reservations,
        }],
        "hooks-libraries": [{"library": "/any/libdhcp_flex_id.so", "parameters": parameters}],
    }))
}

const BY_PORT: &str = "relay6[0].option[37].hex";

fn client(number: u8) -> (Client, Vec<u8>) {
    let duid = vec![0, 3, 0, 1, 2, 0, 0, 0, 0, number];
    (Client::new(number.into()).with_duid(&duid), duid)
}

/// A reply as its client reads it.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    duid: Option<Vec<u8>>,
    /// Of associations: the code, the IAID and the first address or prefix.
    associations: Vec<(OptionCode, u32, Option<Ipv6Addr>)>,
}

/// The reply to a message that comes through a relay agent, from this port.
fn ask(server: &TestServer6, message: &Message, port: &[u8]) -> Answer {
    let (link, peer) = ("2001:db8:1::1".parse().unwrap(), "fe80::1".parse().unwrap());
    let relay = Relay::new(link, peer).option(OptionCode::REMOTE_ID, port);
    let reply = server.send(&relayed(&message.bytes(), &relay)).expect("a reply");
    let mut index = Index::new();
    let view = View::parse(&reply, &mut index).unwrap();
    let associations = view.options().filter_map(|(code, value)| {
        let skipped = match code {
            OptionCode::IA_NA => 0,
            OptionCode::IA_PD => 9,
            _ => return None,
        };
        let association = Association::read(value).unwrap();
        let inner = association.options.clone().find(|(code, _)| *code != OptionCode::STATUS_CODE);
        let address = inner.map(|(_, value)| Ipv6Addr::from(*value[skipped..].first_chunk::<16>().unwrap()));
        Some((code, association.iaid, address))
    });
    Answer {
        duid: view.option(OptionCode::CLIENTID).map(<[u8]>::to_vec),
        associations: associations.collect(),
    }
}

fn request(client: &Client) -> Message {
    client.message(MessageType::REQUEST, Some(&[0, 3, 0, 1, 2, 3]))
}

const NONE: Associated<'_> = Associated::Addresses(&[]);

/// Whatever device comes to a port, it gets the address of the port, and hears its own DUID.
#[test]
fn the_identifier_takes_the_place_of_the_duid() {
    let server =
        server(&json!({"identifier-expression": BY_PORT, "replace-client-id": true}), &json!([])).unwrap();
    let ((one, one_duid), (other, other_duid)) = (client(1), client(2));
    let first = ask(&server, &request(&one).ia(1, NONE), b"port7");
    assert_eq!(first.duid, Some(one_duid));
    let second = ask(&server, &request(&other).ia(1, NONE), b"port7");
    assert_eq!((second.duid, &second.associations), (Some(other_duid), &first.associations));
    let duids: Vec<_> = server.store.all().into_iter().map(|lease| lease.duid).collect();
    assert_eq!(duids, [Duid::new(b"\0\0port7").unwrap()]);
    let elsewhere = ask(&server, &request(&one).ia(1, NONE), b"port8");
    assert_ne!(elsewhere.associations, first.associations);
    // Who names itself nowhere is not named in the reply either.
    let nobody = Client::new(3).with_duid(&[]).information_request();
    assert_eq!(ask(&server, &nobody, b"port7"), Answer { duid: None, associations: vec![] });
}

/// Without `replace-client-id`, an empty value, or one that cannot be found out or is too long, clients are who they say
/// they are.
#[test]
fn clients_stay_who_they_are_otherwise() {
    for parameters in [
        json!({"identifier-expression": BY_PORT}),
        json!({"identifier-expression": "option[200].hex", "replace-client-id": true}),
        json!({"identifier-expression": "uint32totext(relay6[0].option[37].hex)", "replace-client-id": true}),
        json!({"identifier-expression": format!("'{}'", "x".repeat(129)), "replace-client-id": true}),
        json!({"identifier-expression": "", "replace-client-id": true}),
        json!({}),
    ] {
        let server = server(&parameters, &json!([])).unwrap();
        for number in 1..=2 {
            let (client, duid) = client(number);
            assert_eq!(ask(&server, &request(&client).ia(1, NONE), b"port7").duid, Some(duid));
        }
        let duids: Vec<_> = server.store.all().into_iter().map(|lease| lease.duid).collect();
        assert!(duids.len() == 2 && duids.iter().all(|duid| duid.as_bytes().len() == 10), "{parameters}");
    }
}

/// The only association of a kind is number 0 in leases, and has the client's number in replies; several keep theirs.
#[test]
fn associations_are_told_apart_where_there_are_several() {
    let server = server(&json!({"ignore-iaid": true}), &json!([])).unwrap();
    let (device, _) = client(1);
    let prefixes = Associated::Prefixes(&[]);
    let first = ask(&server, &request(&device).ia(7, NONE).ia(8, prefixes), b"port7");
    let [(OptionCode::IA_NA, 7, Some(address)), (OptionCode::IA_PD, 8, Some(prefix))] =
        first.associations[..]
    else {
        panic!("{first:?}")
    };
    assert!(server.store.all().iter().all(|lease| lease.iaid == 0) && server.store.all().len() == 2);
    let again = ask(&server, &request(&device).ia(9, NONE).ia(10, prefixes), b"port7");
    let expected = [(OptionCode::IA_NA, 9, Some(address)), (OptionCode::IA_PD, 10, Some(prefix))];
    assert_eq!(again.associations, expected);
    let (several, _) = client(2);
    let answer = ask(&server, &request(&several).ia(3, NONE).ia(4, NONE).ia(5, prefixes), b"port7");
    let iaids: Vec<_> = answer.associations.iter().map(|(_, iaid, _)| *iaid).collect();
    assert_eq!(iaids, [3, 4, 5]);
    let mut leased: Vec<_> = server.store.all().iter().map(|lease| lease.iaid).collect();
    leased.sort_unstable();
    assert_eq!(leased, [0, 0, 0, 3, 4]);
}

/// What is reserved for an identifier is found by the expression, also where the identifier has taken the place of the
/// DUID, of which the expression speaks.
#[test]
fn reservations_are_found_by_the_identifier() {
    for replaces in [false, true] {
        for (expression, id) in [
            (BY_PORT, "'port7'"),
            ("'on ' + relay6[0].option[37].hex", "'on port7'"),
            ("substring(option[1].hex, 8, all)", "0001"),
        ] {
            let parameters = json!({"identifier-expression": expression, "replace-client-id": replaces});
            let reservations = json!([{"flex-id": id, "ip-addresses": ["2001:db8:1::77"]}]);
            let server = server(&parameters, &reservations).unwrap();
            let address = |number, port| {
                ask(&server, &request(&client(number).0).ia(1, NONE), port).associations[0].2.unwrap()
            };
            let reserved: Ipv6Addr = "2001:db8:1::77".parse().unwrap();
            assert_eq!(address(1, b"port7"), reserved, "{expression}, {replaces}");
            assert_ne!(address(2, b"port8"), reserved, "{expression}, {replaces}");
        }
    }
}

/// What is no expression with a value is told with its place.
#[test]
fn errors_are_told() {
    for (parameters, error) in [
        (json!({"identifier-expression": "option[1]"}), "\"identifier-expression\" has no value: column 10"),
        (json!({"identifier-expression": "relay4[1].hex"}), "\"identifier-expression\" has no value"),
        (json!({"identifier-expression": 7}), "identifier-expression"),
        (json!({"replace-client-id": "yes"}), "replace-client-id"),
        (json!({"ignore-iaid": 1}), "\"ignore-iaid\" is true or false"),
    ] {
        let errors = server(&parameters, &json!([])).err().expect("an error").join("\n");
        assert!(errors.contains(error), "{parameters}: {errors}");
    }
}
