//! Limits of a DHCPv6 server in virtual time, and of leases that commands change or that were there before.

use std::net::Ipv6Addr;
use std::time::Duration;

use kotare_testkit::v6::{Associated, Client};
use kotare_wire::v6::{Association, Index, Message as View, MessageType, OptionCode};
use serde_json::{Value as Json, json};

use crate::test_server6::TestServer6;

const SERVER: [u8; 6] = [0, 3, 0, 1, 2, 3];

fn server(class: Json, subnet: Json) -> TestServer6 {
    let server = TestServer6::configured(&json!({
        "client-classes": [{"name": "all", "test": "member('ALL')", "user-context": {"limits": class}}],
        "subnet6": [{
            "id": 1, "subnet": "2001:db8:1::/64", "interface": "eth0",
            "pools": [{"pool": "2001:db8:1::10 - 2001:db8:1::1f"}],
            "pd-pools": [{"prefix": "2001:db8:f000::", "prefix-len": 40, "delegated-len": 56}],
            "user-context": {"limits": subnet},
        }],
        "hooks-libraries": [{"library": "libdhcp_limits.so"}, {"library": "libdhcp_lease_cmds.so"}],
    }));
    let server = server.unwrap_or_else(|errors| panic!("{errors:?}"));
    server.beside.begin(None);
    server
}

/// Whether a client gets an address, and whether a prefix; `None` without a reply.
fn ask(server: &TestServer6, client: u32) -> Option<(bool, bool)> {
    let request = Client::new(client).message(MessageType::REQUEST, Some(&SERVER));
    let request = request.ia(1, Associated::Addresses(&[])).ia(2, Associated::Prefixes(&[]));
    let reply = server.send(&request.bytes())?;
    let mut index = Index::new();
    let reply = View::parse(&reply, &mut index).expect("a message");
    let has = |code, within: OptionCode| {
        let association = reply.option(code).and_then(Association::read).expect("an association");
        association.options.clone().any(|(code, _)| code == within)
    };
    Some((has(OptionCode::IA_NA, OptionCode::IAADDR), has(OptionCode::IA_PD, OptionCode::IAPREFIX)))
}

/// Addresses and prefixes are limited each by itself, of classes and of subnets.
#[test]
fn addresses_and_prefixes_are_limited() {
    for (class, subnet) in [
        (json!({"address-limit": 2, "prefix-limit": 1}), json!({})),
        (json!({}), json!({"address-limit": 2, "prefix-limit": 1})),
    ] {
        let server = server(class, subnet);
        let got = [1, 2, 3].map(|client| ask(&server, client));
        assert_eq!(got, [Some((true, true)), Some((true, false)), Some((false, false))]);
        assert_eq!(ask(&server, 1), Some((true, true)), "what a client has it keeps");
    }
}

/// Within any second there are so many packets; time gives others their turn.
#[test]
fn packets_too_many_are_dropped() {
    for (class, subnet) in [
        (json!({"rate-limit": "2 packets per second"}), json!({})),
        (json!({}), json!({"rate-limit": "2 packets per second"})),
    ] {
        let server = server(class, subnet);
        let replied = |client| ask(&server, client).is_some();
        assert_eq!([1, 2, 3].map(replied), [true, true, false]);
        server.pass(Duration::from_millis(600));
        assert!(!replied(3));
        server.pass(Duration::from_millis(500));
        assert_eq!([3, 4, 5].map(replied), [true, true, false]);
    }
}

fn lease(address: &str, classes: &[&str]) -> Json {
    json!({"ip-address": address, "subnet-id": 1, "duid": "00:03:00:01:aa:bb", "iaid": 7,
           "user-context": {"ISC": {"client-classes": classes}}})
}

/// What commands do to leases counts.
#[test]
fn leases_of_commands_count() {
    let server = server(json!({"address-limit": 1}), json!({}));
    let done = |command: &str, arguments: Json| {
        let answer = server.answer(command, Some(arguments));
        assert_eq!(answer["result"], 0, "{command}: {answer}");
    };
    done("lease6-add", lease("2001:db8:1::77", &["all"]));
    done("lease6-add", lease("2001:db8:1::78", &["none"]));
    assert_eq!(ask(&server, 1).map(|got| got.0), Some(false));
    done("lease6-update", lease("2001:db8:1::77", &["none"]));
    assert_eq!(ask(&server, 1).map(|got| got.0), Some(true));
    assert_eq!(ask(&server, 2).map(|got| got.0), Some(false));
    let address: Ipv6Addr = server.store.all().iter().find(|lease| lease.iaid == 1).expect("a lease").address;
    done("lease6-del", json!({"ip-address": address}));
    assert_eq!(ask(&server, 2).map(|got| got.0), Some(true));
}

/// What was there when a configuration with limits takes effect counts, once.
#[test]
fn leases_that_were_there_count() {
    let server = server(json!({"address-limit": 2}), json!({"address-limit": 5}));
    // Everything is counted anew, as after a start, from a ledger that was told of nothing.
    let limiter = server.modules.kept::<super::Limiter<kotare_model::Lease6>>();
    let counted = |name: &str| {
        let group = super::ledger::Group::Class(name.into(), kotare_model::LeaseType::Na);
        limiter.recount.as_ref().expect("leases are in memory").ledger().count(&group)
    };
    assert!(ask(&server, 1).is_some() && ask(&server, 2).is_some());
    assert_eq!(counted("all"), 2);
    let ledger = super::ledger::Ledger::new(limiter.interest());
    ledger.recount();
    let leases = server.store.all();
    let addresses: Vec<_> = leases.iter().filter(|lease| lease.iaid == 1).collect();
    // One ends before the recount gets to it.
    ledger.changed(addresses[0].address, None);
    leases.iter().chain(&leases).for_each(|lease| ledger.found(lease));
    ledger.recounted();
    let group = super::ledger::Group::Subnet(kotare_model::SubnetId(1), kotare_model::LeaseType::Na);
    assert_eq!(ledger.count(&group), 1);
}
