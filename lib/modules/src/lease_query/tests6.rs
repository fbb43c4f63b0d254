//! Queries of DHCPv6, from the configuration to the reply.

use std::net::Ipv6Addr;

use kotare_model::{Lease6, LeaseState, LeaseType, Lifetime, SubnetId, Timestamp};
use kotare_store::conformance::lease6;
use kotare_wire::v6::{IaAddress, IaPrefix, MessageType, OptionCode, Options, Writer};
use serde_json::{Value as Json, json};

use crate::test_server6::{NOW, TestServer6};

/// Where the test server's messages come from.
const REQUESTER: &str = "fe80::1";

pub(super) fn configured(parameters: Json) -> Json {
    json!({
        "subnet6": [
            {"id": 1, "subnet": "2001:db8::/64", "pools": [{"pool": "2001:db8::/100"}],
                "pd-pools": [{"prefix": "2001:db8:8000::", "prefix-len": 40, "delegated-len": 56}]},
            {"id": 2, "subnet": "2001:db8:2::/64", "pools": [{"pool": "2001:db8:2::/100"}]},
        ],
        "hooks-libraries": [{"library": "libdhcp_lease_query.so", "parameters": parameters}],
    })
}

/// A server that answers, where these leases are.
fn with(leases: impl IntoIterator<Item = Lease6>) -> TestServer6 {
    let config = configured(json!({"requesters": [REQUESTER]}));
    let server = TestServer6::configured(&config).expect("a server");
    leases.into_iter().for_each(|lease| server.store.plant(lease));
    server
}

/// A lease of an hour that was extended so many seconds ago.
pub(super) fn leased(host: u8, age: i64) -> Lease6 {
    Lease6 { cltt: Timestamp(NOW.0 - age), ..lease6(host) }
}

pub(super) fn prefix(age: i64) -> Lease6 {
    let address = "2001:db8:8000:100::".parse().unwrap();
    Lease6 { address, prefix_len: 56, lease_type: LeaseType::Pd, ..leased(1, age) }
}

pub(super) fn query(kind: u8, link: &str, within: &[(OptionCode, &[u8])]) -> Vec<u8> {
    asked(&[(OptionCode::CLIENTID, &[0, 3, 0, 1, 9])], kind, link, within)
}

fn asked(options: &[(OptionCode, &[u8])], kind: u8, link: &str, within: &[(OptionCode, &[u8])]) -> Vec<u8> {
    let mut buffer = [0; 1000];
    let mut writer = Writer::new(&mut buffer);
    writer.header(MessageType::LEASEQUERY, 0x12_3456).unwrap();
    for (code, value) in options {
        writer.option(*code, value).unwrap();
    }
    let question = writer.open(OptionCode::LQ_QUERY).unwrap();
    writer.bytes(&[kind]).unwrap();
    writer.bytes(&link.parse::<Ipv6Addr>().unwrap().octets()).unwrap();
    for (code, value) in within {
        writer.option(*code, value).unwrap();
    }
    writer.close(question);
    writer.as_bytes().to_vec()
}

pub(super) fn by_address(address: &str) -> Vec<u8> {
    let address = address.parse::<Ipv6Addr>().unwrap().octets();
    query(1, "::", &[(OptionCode::IAADDR, &[&address[..], &[0; 8]].concat())])
}

fn by_client(link: &str, host: u8) -> Vec<u8> {
    query(2, link, &[(OptionCode::CLIENTID, leased(host, 0).duid.as_bytes())])
}

/// The options of an answer, and its status code and text.
fn answered(server: &TestServer6, query: &[u8]) -> (Vec<u8>, u16, String) {
    let reply = server.send(query).expect("an answer");
    assert_eq!(reply[..4], [15, 0x12, 0x34, 0x56]);
    let options = Options::new(&reply[4..]);
    assert_eq!(options.clone().find_code(OptionCode::CLIENTID), Some(&[0, 3, 0, 1, 9][..]));
    assert_eq!(options.clone().find_code(OptionCode::SERVERID), Some(&[0, 3, 0, 1, 2, 3][..]));
    let status = options.find_code(OptionCode::STATUS_CODE).expect("a status");
    let code = u16::from_be_bytes([status[0], status[1]]);
    (reply[4..].to_vec(), code, String::from_utf8(status[2..].to_vec()).unwrap())
}

fn status(server: &TestServer6, query: &[u8]) -> (u16, String) {
    let (options, code, text) = answered(server, query);
    assert_eq!(Options::new(&options).count(), 3, "{text}");
    (code, text)
}

/// By address: the client, its times, and what relay agents said of it.
#[test]
fn an_address_is_told_of_with_its_client() {
    let info = r#"{ "ISC": { "relay-info": [ { "hop": 0, "link": "::", "peer": "fe80::9" } ] } }"#;
    let server = with([Lease6 { user_context: Some(info.into()), ..leased(7, 600) }]);
    let (options, code, text) = answered(&server, &by_address("2001:db8::7"));
    assert_eq!((code, &*text), (0, "active lease found"));
    let data = Options::new(&options).find_code(OptionCode::CLIENT_DATA).expect("what is known of it");
    let codes: Vec<_> = Options::new(data).map(|(code, _)| code.0).collect();
    assert_eq!(codes, [1, 5, 46]);
    let of = |code| Options::new(data).find_code(code).unwrap();
    assert_eq!(of(OptionCode::CLIENTID), leased(7, 0).duid.as_bytes());
    assert_eq!(of(OptionCode::CLT_TIME), 600_u32.to_be_bytes());
    let address = IaAddress::read(of(OptionCode::IAADDR)).unwrap();
    assert_eq!((address.preferred, address.valid), (1200, 3000));
    assert_eq!(address.address, "2001:db8::7".parse::<Ipv6Addr>().unwrap());
    let relays = Options::new(&options).find_code(OptionCode::LQ_RELAY_DATA).expect("the way it came");
    assert_eq!((relays[..16].to_vec(), relays[16], relays.len()), (relays[34..50].to_vec(), 12, 50));
}

/// An address in a delegated prefix is found by the lengths of pools, or by those that are configured.
#[test]
fn an_address_in_a_prefix_is_its_clients() {
    let ask = by_address("2001:db8:8000:1ab::5");
    let server = with([prefix(0)]);
    let (options, ..) = answered(&server, &ask);
    let data = Options::new(&options).find_code(OptionCode::CLIENT_DATA).expect("what is known of it");
    let found = IaPrefix::read(Options::new(data).find_code(OptionCode::IAPREFIX).unwrap()).unwrap();
    assert_eq!((found.length, found.prefix, found.valid), (56, prefix(0).address, 3600));
    for lengths in [json!([]), json!([64, 48])] {
        let config = configured(json!({"requesters": [REQUESTER], "prefix-lengths": lengths}));
        let server = TestServer6::configured(&config).unwrap();
        server.store.plant(prefix(0));
        assert_eq!(status(&server, &ask), (0, "no active lease".to_owned()));
    }
}

/// What nobody has is told apart, with the manual's words.
#[test]
fn addresses_that_nobody_has_are_told_apart() {
    let declined = Lease6 { state: LeaseState::Declined, ..leased(8, 0) };
    let server = with([declined, leased(9, 3600)]);
    let inactive = (0, "inactive lease exists".to_owned());
    assert_eq!(status(&server, &by_address("2001:db8::8")), inactive);
    assert_eq!(status(&server, &by_address("2001:db8::9")), inactive);
    assert_eq!(status(&server, &by_address("2001:db8::a")), (0, "no active lease".to_owned()));
    let elsewhere = (9, "address not in a configured pool".to_owned());
    assert_eq!(status(&server, &by_address("2001:db9::1")), elsewhere);
    assert_eq!(status(&server, &query(1, "::", &[])), (8, "missing D6O_IAADDR".to_owned()));
    assert_eq!(status(&server, &query(1, "::", &[(OptionCode::IAADDR, &[0; 5])])).0, 8);
    for kind in [0, 3, 4, 5, 255] {
        assert_eq!(status(&server, &query(kind, "::", &[])), (7, "unknown query-type".to_owned()));
    }
}

/// By client: all its leases on a link; where it is on several, which they are.
#[test]
fn a_client_is_told_of_by_link() {
    let elsewhere = Lease6 {
        address: "2001:db8:2::1".parse().unwrap(),
        subnet_id: SubnetId(2),
        iaid: 9,
        valid_lifetime: Lifetime::INFINITE,
        ..leased(1, 5)
    };
    let server = with([leased(1, 100), prefix(50), elsewhere, leased(3, 0)]);
    let (options, code, text) = answered(&server, &by_client("2001:db8::", 1));
    assert_eq!((code, &*text), (0, "active lease(s) found"));
    let data = Options::new(&options).find_code(OptionCode::CLIENT_DATA).expect("what is known of it");
    let codes: Vec<_> = Options::new(data).map(|(code, _)| code.0).collect();
    assert_eq!(codes, [1, 5, 26, 46]);
    assert_eq!(Options::new(data).find_code(OptionCode::CLT_TIME), Some(&50_u32.to_be_bytes()[..]));
    let (options, ..) = answered(&server, &by_client("2001:db8:2::", 1));
    let data = Options::new(&options).find_code(OptionCode::CLIENT_DATA).expect("what is known of it");
    let address = IaAddress::read(Options::new(data).find_code(OptionCode::IAADDR).unwrap()).unwrap();
    assert_eq!((address.preferred, address.valid), (1795, u32::MAX));
    let (options, ..) = answered(&server, &by_client("::", 1));
    let links = Options::new(&options).find_code(OptionCode::LQ_CLIENT_LINK).expect("its links");
    let expected = ["2001:db8::", "2001:db8:2::"].map(|link| link.parse::<Ipv6Addr>().unwrap().octets());
    assert_eq!(links, expected.concat());
    assert_eq!(status(&server, &by_client("::", 4)), (0, "no active leases".to_owned()));
    assert_eq!(status(&server, &by_client("2001:db9::", 1)), (9, "not a configured link".to_owned()));
    assert_eq!(status(&server, &query(2, "::", &[])), (8, "missing D6O_CLIENTID".to_owned()));
    let short: &[(OptionCode, &[u8])] = &[(OptionCode::CLIENTID, &[1])];
    assert_eq!(status(&server, &query(2, "::", short)), (8, "malformed D6O_CLIENTID".to_owned()));
}

/// Who is not known, does not say who asks, asks nothing or another server hears nothing.
#[test]
fn what_is_not_answered() {
    let server = with([leased(7, 0)]);
    let client: (OptionCode, &[u8]) = (OptionCode::CLIENTID, &[0, 3, 0, 1, 9]);
    let refused = |options: &[(OptionCode, &[u8])]| server.send(&asked(options, 1, "::", &[])).is_none();
    assert!(refused(&[]));
    assert!(refused(&[(OptionCode::CLIENTID, &[0, 3])]));
    assert!(refused(&[client, (OptionCode::SERVERID, &[0, 3, 9, 9])]));
    assert!(refused(&[client, (OptionCode::SERVERID, &[1])]));
    assert!(!refused(&[client, (OptionCode::SERVERID, &[0, 3, 0, 1, 2, 3])]));
    let mut without = vec![14, 0, 0, 1, 0, 1, 0, 5, 0, 3, 0, 1, 9];
    assert!(server.send(&without).is_none());
    without.extend([0, 44, 0, 5, 1, 0, 0, 0, 0]);
    assert!(server.send(&without).is_none());
    let strangers = configured(json!({"requesters": ["fe80::2"]}));
    let server = TestServer6::configured(&strangers).unwrap();
    assert!(server.send(&by_address("2001:db8::7")).is_none());
    let server = TestServer6::new(json!({}), &[]);
    assert!(server.send(&by_address("2001:db8::7")).is_none());
}

/// What relays said in a former form is brought into today's, once.
#[test]
fn what_relays_said_is_upgraded_on_demand() {
    let former = r#"{ "ISC": { "relays": [ { "hop": 0, "link": "2001:db8::1", "peer": "fe80::1" } ] } }"#;
    let server = with([Lease6 { user_context: Some(former.into()), ..leased(7, 0) }, prefix(0)]);
    let upgrade = || server.answer("extended-info6-upgrade", None)["text"].as_str().map(str::to_owned);
    assert_eq!(upgrade().as_deref(), Some("Upgraded 1 lease"));
    let context = server.store.lease(leased(7, 0).address).unwrap().user_context.unwrap();
    assert!(context.contains("relay-info") && !context.contains("relays"), "{context}");
    assert_eq!(upgrade().as_deref(), Some("Upgraded 0 leases"));
}

/// The manual's examples are right, and what is wrong is said.
#[test]
fn parameters_are_judged() {
    let right = |parameters: Json| {
        assert!(TestServer6::configured(&configured(parameters.clone())).is_ok(), "{parameters}");
    };
    right(json!({"requesters": ["2001:db8:1::1", "2001:db8:2::1"], "prefix-lengths": [72]}));
    right(json!({"requesters": ["2001:db8:1::/64"], "prefix-lengths": []}));
    right(json!({"requesters": ["2001:db8:1::1", "2001:db8:2::1"], "advanced": {
        "bulk-query-enabled": true, "active-query-enabled": false, "extended-info-tables-enabled": true,
        "lease-query-ip": "::1", "lease-query-tcp-port": 547, "max-bulk-query-threads": 0,
        "max-requester-connections": 10, "max-concurrent-queries": 4, "max-requester-idle-time": 300,
        "max-leases-per-fetch": 100}}));
    for lengths in [json!(72), json!([0]), json!([129]), json!(["x"])] {
        let config = configured(json!({"requesters": ["2001:db8::1"], "prefix-lengths": lengths}));
        let wrong = TestServer6::configured(&config).map(drop).expect_err("what is wrong").join("\n");
        assert!(wrong.contains("prefix-lengths"), "{wrong}");
    }
}

/// `status-get` says whether leases are found by what relay agents said: as configured, or else if there are bulk queries. That
/// of DHCPv4 says nothing of it.
#[test]
fn tables_are_told_of() {
    let told = |advanced: Json, status: Json| {
        let parameters = json!({"requesters": [REQUESTER], "advanced": advanced});
        let server = TestServer6::configured(&configured(parameters)).expect("a server");
        let mut status = status.as_object().expect("a map").clone();
        server.beside.report(&mut status);
        Json::from(status)
    };
    for (advanced, enabled) in [
        (json!({}), false),
        (json!({"bulk-query-enabled": true}), true),
        (json!({"bulk-query-enabled": true, "extended-info-tables-enabled": false}), false),
        (json!({"extended-info-tables-enabled": true}), true),
    ] {
        let status = told(advanced.clone(), json!({"extended-info-tables": false}));
        assert_eq!(status, json!({"extended-info-tables": enabled}), "{advanced}");
    }
    assert_eq!(told(json!({"bulk-query-enabled": true}), json!({})), json!({}));
}
