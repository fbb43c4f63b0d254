//! What a script is told of leases of DHCPv6.

use std::net::Ipv6Addr;

use kotare_model::{Lease6, LeaseState, Lifetime};
use kotare_store::{Change, LeaseStore};
use kotare_testkit::run;
use kotare_testkit::v6::{Associated, Client, Message, Relay, relayed};
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use super::RunScript;
use super::tests::lines;
use crate::test_server6::{NOW, TestServer6};

const SERVER: [u8; 6] = [0, 3, 0, 1, 2, 3];
const DUID: [u8; 10] = [0, 3, 0, 1, 2, 0, 0, 0, 0, 1];

fn server() -> TestServer6 {
    let server = TestServer6::configured(&json!({
        "valid-lifetime": 4000, "preferred-lifetime": 3000, "cache-threshold": 0.0, "mac-sources": ["client-link-addr-option"],
        "subnet6": [{
            "id": 1, "subnet": "2001:db8:1::/64",
            "pools": [{"pool": "2001:db8:1::10/128"}],
            "pd-pools": [{"prefix": "2001:db8:f000::", "prefix-len": 56, "delegated-len": 56}],
        }],
        "hooks-libraries": [{"library": "libdhcp_run_script.so", "parameters": {"name": "/bin/true"}}],
    }));
    server.unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// Has a message pass a relay agent, and says what the script would have been run for.
fn told(server: &TestServer6, message: &Message) -> Vec<(&'static str, Vec<String>)> {
    let relay = Relay::new("2001:db8:1::1".parse().unwrap(), "fe80::1".parse().unwrap());
    let relay =
        relay.option(OptionCode::REMOTE_ID, b"\0\0\0\x09port").option(OptionCode::INTERFACE_ID, b"eth7");
    server.send(&relayed(&message.bytes(), &relay)).expect("a reply");
    let runs = server.modules.kept::<RunScript<Lease6>>().runner.waiting();
    runs.into_iter().map(|run| (run.point, lines(&run))).collect()
}

fn points(runs: &[(&'static str, Vec<String>)]) -> Vec<&'static str> {
    runs.iter().map(|(point, _)| *point).collect()
}

fn query(kind: &str) -> Vec<String> {
    [
        &format!("TYPE={kind}"),
        "TXID=1",
        "LOCAL_ADDR=ff02::1:2",
        "LOCAL_PORT=547",
        "REMOTE_ADDR=fe80::1",
        "REMOTE_PORT=547",
        "IFACE_INDEX=2",
        "IFACE_NAME=eth0",
        "REMOTE_HWADDR=",
        "REMOTE_HWADDR_TYPE=",
        "PROTO=UDP",
        "CLIENT_ID=00:03:00:01:02:00:00:00:00:01",
        "OPTION_18=0x65746837",
        "OPTION_37=0x00000009706F7274",
    ]
    .map(|line| format!("QUERY6_{line}"))
    .to_vec()
}

/// What is told of the address, or the prefix, of the client.
fn lease(prefix: &str, is_prefix: bool) -> Vec<String> {
    let (address, iaid, len, kind) = match is_prefix {
        false => ("2001:db8:1::10", 1, 128, "IA_NA"),
        true => ("2001:db8:f000::", 2, 56, "IA_PD"),
    };
    [
        format!("ADDRESS={address}"),
        format!("CLTT={}", NOW.0),
        "HOSTNAME=".into(),
        "HWADDR=".into(),
        "HWADDR_TYPE=".into(),
        "STATE=default".into(),
        "SUBNET_ID=1".into(),
        "VALID_LIFETIME=4000".into(),
        "DUID=00:03:00:01:02:00:00:00:00:01".into(),
        format!("IAID={iaid}"),
        "PREFERRED_LIFETIME=3000".into(),
        format!("PREFIX_LEN={len}"),
        format!("TYPE={kind}"),
    ]
    .map(|line| format!("{prefix}_{line}"))
    .to_vec()
}

fn both(message: Message) -> Message {
    let (address, prefix) = ("2001:db8:1::10".parse().unwrap(), "2001:db8:f000::".parse().unwrap());
    message.ia(1, Associated::Addresses(&[address])).ia(2, Associated::Prefixes(&[(prefix, 56)]))
}

/// An address and a prefix are given, extended and given back.
#[test]
fn leases_are_told_from_beginning_to_end() {
    let server = server();
    let client = Client::new(1).with_duid(&DUID);
    let runs = told(&server, &both(client.message(MessageType::REQUEST, Some(&SERVER))));
    let mut wanted = query("REQUEST");
    wanted.push("LEASES6_SIZE=2".into());
    wanted.extend(lease("LEASES6_AT0", false));
    wanted.extend(lease("LEASES6_AT1", true));
    wanted.push("DELETED_LEASES6_SIZE=0".into());
    assert_eq!(runs, [("leases6_committed", wanted)]);

    for (kind, server_id, point, name) in [
        (MessageType::RENEW, Some(&SERVER[..]), "lease6_renew", "RENEW"),
        (MessageType::REBIND, None, "lease6_rebind", "REBIND"),
    ] {
        let runs = told(&server, &both(client.message(kind, server_id)));
        assert_eq!(points(&runs), [point, point, "leases6_committed"]);
        for (is_prefix, code) in [(false, 3), (true, 25)] {
            let mut wanted = query(name);
            wanted.extend(lease("LEASE6", is_prefix));
            let iaid = if is_prefix { 2 } else { 1 };
            let association =
                [format!("IAID={iaid}"), format!("IA_TYPE={code}"), "IA_T1=0".into(), "IA_T2=0".into()];
            wanted.extend(association.map(|line| format!("PKT6_IA_{line}")));
            assert_eq!(runs[usize::from(is_prefix)].1, wanted);
        }
    }

    let runs = told(&server, &both(client.message(MessageType::RELEASE, Some(&SERVER))));
    assert_eq!(points(&runs), ["lease6_release", "lease6_release", "leases6_committed"]);
    let mut wanted = query("RELEASE");
    wanted.extend(lease("LEASE6", true));
    assert_eq!(runs[1].1, wanted);
    assert!(runs[2].1.contains(&"LEASES6_AT0_STATE=released".into()), "{:?}", runs[2]);
}

/// An address that its client found in use, and one that was in use when its time was up and then is another's.
#[test]
fn what_is_declined_or_expired_is_told() {
    let server = server();
    let client = Client::new(1).with_duid(&DUID);
    let address: Ipv6Addr = "2001:db8:1::10".parse().unwrap();
    let request = |client: &Client| client.message(MessageType::REQUEST, Some(&SERVER));
    let addresses = |message: Message| message.ia(1, Associated::Addresses(&[address]));
    told(&server, &addresses(request(&client)));
    let runs = told(&server, &addresses(client.message(MessageType::DECLINE, Some(&SERVER))));
    assert_eq!(points(&runs), ["lease6_decline", "leases6_committed"]);
    let mut wanted = query("DECLINE");
    wanted.extend(lease("LEASE6", false));
    assert_eq!(runs[0].1, wanted);
    assert!(runs[1].1.contains(&"LEASES6_AT0_DUID=00:00:00".into()), "{:?}", runs[1]);

    let declined = server.store.all().into_iter().next().expect("a lease");
    assert_eq!(declined.state, LeaseState::Declined);
    let expired = Lease6 { valid_lifetime: Lifetime(0), ..declined.clone() };
    run(server.store.put(Change { address, from: Some(&declined), to: Some(&expired) }))
        .expect("the store works");
    let runs = told(&server, &addresses(request(&Client::new(2))));
    assert_eq!(points(&runs), ["lease6_expire", "lease6_recover", "leases6_committed"]);
    assert_eq!(runs[0].1.last().map(String::as_str), Some("REMOVE_LEASE=false"));
}

/// An address that its client made is registered, and once more.
#[test]
fn a_registration_is_told() {
    let server = server();
    let client = Client::new(1).with_duid(&DUID);
    let address: Ipv6Addr = "2001:db8:1::77".parse().unwrap();
    let relay = Relay::new("2001:db8:1::1".parse().unwrap(), address);
    for again in [false, true] {
        server.send(&relayed(&client.register(address, 100, 200).bytes(), &relay)).expect("a reply");
        let runs = server.modules.kept::<RunScript<Lease6>>().runner.waiting();
        let runs: Vec<_> = runs.into_iter().map(|run| (run.point, lines(&run))).collect();
        assert_eq!(points(&runs), ["addr6_register", "leases6_committed"]);
        let registered = &runs[0].1;
        assert!(registered.contains(&format!("ADDRESS6={address}")), "{registered:?}");
        assert_eq!(registered.contains(&format!("OLD_LEASE6_ADDRESS={address}")), again, "{registered:?}");
        assert!(registered.contains(&"NEW_LEASE6_STATE=registered".into()), "{registered:?}");
    }
}
