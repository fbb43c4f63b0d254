//! Lease commands of DHCPv6, asked of a server.

use std::net::Ipv6Addr;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::test_server6::{NOW, TestServer6};

pub(super) fn server() -> TestServer6 {
    TestServer6::new(
        json!({
            "valid-lifetime": 4000, "preferred-lifetime": 3000, "client-classes": [{"name": "phones"}],
            "subnet6": [
                {"id": 1, "subnet": "2001:db8:1::/64", "pools": [{"pool": "2001:db8:1::/80", "pool-id": 7}]},
                {"id": 2, "subnet": "2001:db8:2::/64",
                    "pd-pools": [{"prefix": "2001:db8:8000::", "prefix-len": 48, "delegated-len": 64, "pool-id": 8}]},
                {"id": 3, "subnet": "2001:db8:3::/64", "client-classes": ["phones"]},
            ],
        }),
        &["lease_cmds"],
    )
}

/// An address or prefix with what must be said of it.
pub(super) fn lease(more: &Json) -> Json {
    let mut lease = json!({"ip-address": "2001:db8:1::1", "duid": "01:02:03", "iaid": 5});
    let map = lease.as_object_mut().expect("a map");
    map.extend(more.as_object().expect("a map").clone());
    map.retain(|_, value| !value.is_null());
    lease
}

pub(super) fn prefix() -> Json {
    lease(&json!({"ip-address": "2001:db8:8000:5::", "type": "IA_PD", "prefix-len": 64, "subnet-id": 2}))
}

/// What a command answers: result and text.
pub(super) fn told(server: &TestServer6, command: &str, arguments: Option<Json>) -> (i64, String) {
    let answer = server.answer(command, arguments);
    (answer["result"].as_i64().unwrap_or(-1), answer["text"].as_str().unwrap_or_default().to_owned())
}

pub(super) fn done(server: &TestServer6, command: &str, arguments: Json) -> String {
    let (result, text) = told(server, command, Some(arguments));
    assert_eq!(result, 0, "{command}: {text}");
    text
}

fn addresses(answer: &Json) -> Vec<&str> {
    let leases = answer["arguments"]["leases"].as_array().expect("leases");
    leases.iter().filter_map(|lease| lease["ip-address"].as_str()).collect()
}

/// What is not said of a lease is as its subnet has it; all that is said of it is shown.
#[test]
fn leases_are_added_and_shown() {
    let server = server();
    assert_eq!(
        done(&server, "lease6-add", lease(&json!({}))),
        "Lease for address 2001:db8:1::1, subnet-id 1 added."
    );
    let shown = server.answer("lease6-get", Some(json!({"ip-address": "2001:db8:1::1"})));
    assert_eq!(
        shown,
        json!({
            "arguments": {
                "cltt": NOW.0, "duid": "01:02:03", "fqdn-fwd": false, "fqdn-rev": false, "hostname": "", "iaid": 5,
                "ip-address": "2001:db8:1::1", "pool-id": 7, "preferred-lft": 4000, "state": 0, "subnet-id": 1,
                "type": "IA_NA", "valid-lft": 4000
            },
            "result": 0,
            "text": "IPv6 lease found."
        })
    );
    let full = json!({
        "valid-lft": 1000, "preferred-lft": 500, "expire": NOW.0 + 500, "fqdn-fwd": true, "fqdn-rev": true,
        "hostname": "Urania.Example.ORG", "hw-address": "1A:1b", "user-context": {"version": 1}, "comment": "by hand",
        "state": 2
    });
    let mut full_prefix = prefix();
    full_prefix.as_object_mut().expect("a map").extend(full.as_object().expect("a map").clone());
    assert_eq!(
        done(&server, "lease6-add", full_prefix),
        "Lease for prefix 2001:db8:8000:5::/64, subnet-id 2 added."
    );
    let of = |more: Json| server.answer("lease6-get", Some(more))["arguments"].take();
    let shown = of(json!({"ip-address": "2001:db8:8000:5::", "type": "IA_PD"}));
    assert_eq!(
        shown,
        json!({
            "cltt": NOW.0 - 500, "duid": "01:02:03", "fqdn-fwd": true, "fqdn-rev": true,
            "hostname": "urania.example.org", "hw-address": "1a:1b", "iaid": 5, "ip-address": "2001:db8:8000:5::",
            "pool-id": 8, "preferred-lft": 500, "prefix-len": 64, "state": 2, "subnet-id": 2, "type": "IA_PD",
            "user-context": {"comment": "by hand", "version": 1}, "valid-lft": 1000
        })
    );
    let keys: Vec<_> = shown.as_object().expect("a map").keys().collect();
    assert!(keys.is_sorted(), "{keys:?}");
    // Another way to name them; what has the address may be of another type.
    let by_duid = json!({"type": "IA_PD", "subnet-id": 2, "identifier-type": "duid", "identifier": "010203", "iaid": 5});
    assert_eq!(of(by_duid), shown);
    assert_eq!(of(json!({"ip-address": "2001:db8:8000:5::"})), Json::Null);
    assert_eq!(server.statistic("subnet[1].assigned-nas"), 1);
    assert_eq!(
        told(&server, "lease6-add", Some(lease(&json!({"duid": "09:09:09"})))),
        (4, "IPv6 lease already exists.".into())
    );
}

/// What is wrong is said in Kea's words, with its result.
#[test]
fn wrong_requests_are_refused_in_keas_words() {
    let server = server();
    done(&server, "lease6-add", lease(&json!({"ip-address": "2001:db8:1::9"})));
    done(&server, "lease6-add", lease(&json!({"ip-address": "2001:db8:1::a"})));
    let failed = "failed to update the lease with address 2001:db8:1::1 either because the lease has been deleted or it \
                  has changed in the database, in both cases a retry might succeed";
    let by =
        |kind: &str| json!({"subnet-id": 1, "identifier-type": kind, "identifier": "01:02:03", "iaid": 5});
    for (command, arguments, result, text) in [
        ("lease6-add", json!({"ip-address": "192.0.2.1"}), 1, "Non-IPv6 address specified: 192.0.2.1"),
        ("lease6-add", json!({"duid": null}), 1, "missing parameter 'duid'"),
        ("lease6-add", json!({"duid": "01:02"}), 1, "identifier is too short (2), at least 3 is required"),
        (
            "lease6-add",
            json!({"type": "IA_TA"}),
            1,
            "Incorrect lease type: IA_TA, the only supported values are: IA_NA and IA_PD",
        ),
        ("lease6-add", json!({"type": "IA_PD"}), 1, "missing parameter 'prefix-len'"),
        (
            "lease6-add",
            json!({"type": "IA_PD", "prefix-len": 64}),
            1,
            "Subnet-id is 0 or not specified. This is allowed for address leases only, not prefix leases.",
        ),
        (
            "lease6-add",
            json!({"type": "IA_PD", "prefix-len": 0, "subnet-id": 1}),
            1,
            "Invalid prefix length: 0",
        ),
        (
            "lease6-add",
            json!({"type": "IA_PD", "prefix-len": 129, "subnet-id": 1}),
            1,
            "Invalid prefix length: 129",
        ),
        (
            "lease6-add",
            json!({"type": "IA_PD", "prefix-len": 64, "subnet-id": 1}),
            1,
            "Prefix address: 2001:db8:1::1 exceeds prefix/prefix-len pair: 2001:db8:1::/64",
        ),
        (
            "lease6-add",
            json!({"type": "IA_PD", "prefix-len": 128, "subnet-id": 1, "state": 1}),
            1,
            "Invalid declined state for PD prefix.",
        ),
        (
            "lease6-add",
            json!({"subnet-id": 9}),
            4,
            "Invalid subnet-id: No IPv6 subnet with subnet-id=9 currently configured.",
        ),
        (
            "lease6-add",
            json!({"subnet-id": 2}),
            4,
            "The address 2001:db8:1::1 does not belong to subnet 2001:db8:2::/64, subnet-id=2",
        ),
        (
            "lease6-add",
            json!({"ip-address": "2001:db8:3::1"}),
            4,
            "subnet-id not specified and failed to find a subnet for address 2001:db8:3::1",
        ),
        ("lease6-add", json!({"iaid": null}), 1, "missing parameter 'iaid'"),
        ("lease6-add", json!({"iaid": -1}), 1, "out of range value (-1) specified for parameter 'iaid'"),
        ("lease6-update", json!({}), 4, failed),
        (
            "lease6-update",
            json!({"ip-address": "2001:db8:1::9", "state": 4}),
            1,
            "address in use: 2001:db8:1::9 can't be registered",
        ),
        (
            "lease6-update",
            json!({"ip-address": "2001:db8:1::9", "type": "IA_PD", "prefix-len": 128, "subnet-id": 1,
                "force-create": true}),
            4,
            "lost race between calls to get and add",
        ),
    ] {
        assert_eq!(told(&server, command, Some(lease(&arguments))), (result, text.to_owned()), "{arguments}");
    }
    for (command, arguments, result, text) in [
        ("lease6-get", json!({"ip-address": "192.0.2.1"}), 1, "Invalid IPv6 address specified: 192.0.2.1"),
        ("lease6-get", json!({"subnet-id": 1, "iaid": "5"}), 1, "'iaid' parameter is not integer."),
        ("lease6-get", by("hw-address"), 1, "Query by hw-address is not allowed in v6."),
        ("lease6-get", by("client-id"), 1, "Query by client-id is not allowed in v6."),
        (
            "lease6-get",
            by("duid"),
            1,
            "More than one lease found for type 0, duid 01:02:03, iaid 5 and subnet-id 1",
        ),
        ("lease6-get", json!({"ip-address": "2001:db8:1::9", "type": "V4"}), 3, "Lease not found."),
        ("lease6-del", by("hw-address"), 1, "Delete by hw-address is not allowed in v6."),
        ("lease6-del", by("client-id"), 1, "Unknown query type: 3"),
        ("lease6-del", json!({"ip-address": "2001:db8:1::b"}), 3, "IPv6 lease not found."),
        ("lease6-get-by-duid", json!({}), 1, "'duid' parameter not specified"),
        (
            "lease6-get-by-duid",
            json!({"duid": "01"}),
            1,
            "bad 'duid' parameter: identifier is too short (1), at least 3 is required",
        ),
        (
            "lease6-get-page",
            json!({"from": "192.0.2.1", "limit": 1}),
            1,
            "'from' parameter value 192.0.2.1 is not an IPv6 address",
        ),
        ("lease6-resend-ddns", json!({"ip-address": "::1"}), 4, "DDNS updating is not enabled"),
        (
            "lease6-resend-ddns",
            json!({"ip-address": "192.0.2.1"}),
            1,
            "Invalid IPv6 address specified: 192.0.2.1",
        ),
        ("lease6-bulk-apply", json!({}), 1, "neither 'deleted-leases' nor 'leases' parameter specified"),
        ("lease6-bulk-apply", json!({"leases": 1}), 1, "the 'leases' parameter must be a list"),
        (
            "lease6-bulk-apply",
            json!({"deleted-leases": 1}),
            1,
            "the 'deleted-leases' parameter must be a list",
        ),
        ("lease6-bulk-apply", json!({"leases": []}), 3, "Bulk apply of 0 IPv6 leases completed."),
        ("lease6-wipe", json!({"subnet-id": 2}), 3, "Deleted 0 IPv6 lease(s) from subnet(s) 2"),
        ("lease6-write", json!({"filename": "a.csv"}), 0, "IPv6 lease database into 'a.csv'."),
        (
            "sflq-pool6-get-by-range",
            json!({"start-address": "2001:db8::2", "end-address": "2001:db8::1"}),
            1,
            "invalid V6 range - start_address 2001:db8::2, end_address 2001:db8::1, must be V6 addresses where \
             start_address <= end_address",
        ),
        (
            "sflq-pool6-del",
            json!({"start-address": "2001:db8::1", "end-address": "2001:db8::2"}),
            1,
            "LeaseMgr::sflqPool6Del() called",
        ),
    ] {
        let said = told(&server, command, Some(arguments.clone()));
        assert_eq!(said, (result, text.to_owned()), "{command} {arguments}");
    }
    let none = |command| told(&server, command, None);
    assert_eq!(none("lease6-add"), (1, "no parameters specified for the command".into()));
    assert_eq!(none("lease6-update"), (1, "no parameters specified for lease6-update command".into()));
    assert_eq!(none("lease6-bulk-apply"), (1, "Command arguments missing or a not a map.".into()));
    assert_eq!(
        none("lease6-get-page"),
        (1, "no parameters specified for the lease6-get-page command".into())
    );
}

/// What a client registered stays its own (RFC 9686); everything else is replaced.
#[test]
fn leases_are_replaced() {
    let server = server();
    let mut forced = lease(&json!({"force-create": true, "hostname": "a"}));
    assert_eq!(done(&server, "lease6-update", forced.clone()), "IPv6 lease added.");
    forced["hostname"] = "b".into();
    assert_eq!(done(&server, "lease6-update", forced), "IPv6 lease updated.");
    let by_name = server.answer("lease6-get-by-hostname", Some(json!({"hostname": "B"})));
    assert_eq!(addresses(&by_name), ["2001:db8:1::1"]);
    let registered = lease(&json!({"ip-address": "2001:db8:1::2", "state": 4}));
    done(&server, "lease6-add", registered.clone());
    assert_eq!(done(&server, "lease6-update", registered), "IPv6 lease updated.");
    let reused = lease(&json!({"ip-address": "2001:db8:1::2"}));
    assert_eq!(
        told(&server, "lease6-update", Some(reused)),
        (1, "illegal reuse of registered address 2001:db8:1::2".into())
    );
    assert_eq!(
        told(&server, "lease6-get-by-state", Some(json!({"state": "registered", "subnet-id": 1}))),
        (0, "1 IPv6 lease(s) found with state registered (4) in subnet 1.".into())
    );
    assert_eq!(
        done(&server, "lease6-del", json!({"ip-address": "2001:db8:1::2", "update-ddns": true})),
        "IPv6 lease deleted."
    );
}

/// Leases are listed as they are asked for, by address.
#[test]
fn leases_are_listed() {
    let server = server();
    done(&server, "lease6-add", prefix());
    for number in [3, 1, 2] {
        let more =
            json!({"ip-address": format!("2001:db8:1::{number}"), "hw-address": format!("01:0{number}")});
        done(&server, "lease6-add", lease(&more));
    }
    let all = ["2001:db8:1::1", "2001:db8:1::2", "2001:db8:1::3", "2001:db8:8000:5::"];
    let found = |command: &str, arguments: Option<Json>| {
        let answer = server.answer(command, arguments);
        addresses(&answer).into_iter().map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found("lease6-get-all", None), all);
    assert_eq!(found("lease6-get-all", Some(json!({"subnets": [2]}))), all[3..]);
    assert_eq!(found("lease6-get-by-duid", Some(json!({"duid": "01:02:03"}))), all);
    assert_eq!(found("lease6-get-by-hw-address", Some(json!({"hw-address": "01:02"}))), all[1..2]);
    let page = server.answer("lease6-get-page", Some(json!({"from": "start", "limit": 3})));
    assert_eq!((addresses(&page), &page["arguments"]["count"]), (all[..3].to_vec(), &json!(3)));
    assert_eq!(found("lease6-get-page", Some(json!({"from": all[2], "limit": 3}))), all[3..]);
}

/// Of several leases what can be done is done, and what cannot is told; nothing is done if one is malformed.
#[test]
fn leases_are_applied_in_bulk() {
    let server = server();
    done(&server, "lease6-add", lease(&json!({})));
    done(&server, "lease6-add", lease(&json!({"ip-address": "2001:db8:1::2", "state": 4})));
    let deleted = json!([
        {"ip-address": "2001:db8:1::1"},
        {"ip-address": "2001:db8:1::9"},
        {"type": "IA_PD", "subnet-id": 2, "identifier-type": "duid", "identifier": "01:02:03", "iaid": 5},
    ]);
    let bad = json!({"deleted-leases": deleted, "leases": [prefix(), {"ip-address": "2001:db8:1::3"}]});
    assert_eq!(told(&server, "lease6-bulk-apply", Some(bad)), (1, "missing parameter 'duid'".into()));
    assert_eq!(server.store.all().len(), 2, "nothing was done");
    let answer = server.answer(
        "lease6-bulk-apply",
        Some(json!({"deleted-leases": deleted, "leases": [prefix(), lease(&json!({"ip-address": "2001:db8:1::2"}))]})),
    );
    assert_eq!(
        answer,
        json!({
            "arguments": {
                "failed-deleted-leases": [{
                    "error-message": "lease not found", "ip-address": "2001:db8:1::9", "result": 3, "type": "IA_NA"
                }],
                "failed-leases": [{
                    "error-message": "illegal reuse of registered address 2001:db8:1::2",
                    "ip-address": "2001:db8:1::2", "result": 1, "type": "IA_NA"
                }]
            },
            "result": 0,
            "text": "Bulk apply of 2 IPv6 leases completed."
        })
    );
    let left: Vec<_> = server.store.all().iter().map(|lease| lease.address.to_string()).collect();
    assert_eq!(left, ["2001:db8:1::2", "2001:db8:8000:5::"]);
}

/// An address or prefix of the configuration.
fn any_lease() -> impl Strategy<Value = Json> {
    let place = prop_oneof![
        (1_u128..64).prop_map(|at| {
            let address = Ipv6Addr::from((0x2001_0db8_0001_u128 << 80) + at);
            json!({"ip-address": address.to_string(), "subnet-id": 1})
        }),
        (0_u128..64).prop_map(|at| {
            let address = Ipv6Addr::from((0x2001_0db8_8000_u128 << 80) + (at << 64));
            json!({"ip-address": address.to_string(), "subnet-id": 2, "type": "IA_PD", "prefix-len": 64})
        }),
    ];
    let client = (any::<[u8; 5]>(), any::<u32>(), 0_i64..100_000, prop_oneof![Just(0_u8), Just(2), Just(3)]);
    (place, client).prop_map(|(place, (duid, iaid, valid, state))| {
        let duid = duid.map(|byte| format!("{byte:02x}")).join(":");
        let more = json!({"duid": format!("01:{duid}"), "iaid": iaid, "valid-lft": valid, "state": state});
        let mut place = place;
        place.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
        place
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// What is added is shown, can be given back as it is shown, and is gone when it is wiped; statistics know.
    #[test]
    fn leases_come_and_go(leases in prop::collection::vec(any_lease(), 1..40)) {
        let server = server();
        let mut there = std::collections::BTreeSet::new();
        for lease in &leases {
            let place = lease["ip-address"].as_str().expect("an address").to_owned();
            let (result, text) = told(&server, "lease6-add", Some(lease.clone()));
            prop_assert_eq!(result, if there.insert(place) { 0 } else { 4 }, "{}", text);
        }
        let all = server.answer("lease6-get-all", None)["arguments"]["leases"].take();
        let all = all.as_array().cloned().unwrap_or_default();
        prop_assert_eq!(all.len(), there.len());
        for shown in &all {
            let named = json!({"ip-address": shown["ip-address"], "type": shown["type"]});
            prop_assert_eq!(&server.answer("lease6-get", Some(named))["arguments"], shown);
        }
        // As one server tells another.
        let (gone, stays) = all.split_at(all.len() / 2);
        let answer = server.answer("lease6-bulk-apply", Some(json!({"deleted-leases": gone, "leases": stays})));
        prop_assert_eq!(&answer["text"], &json!(format!("Bulk apply of {} IPv6 leases completed.", all.len())));
        prop_assert_eq!(&answer["arguments"], &Json::Null);
        let left = server.answer("lease6-get-all", None)["arguments"]["leases"].take();
        prop_assert_eq!(left.as_array().map_or(&[][..], |left| left), stays);
        let answer = server.answer("lease6-wipe", None);
        prop_assert_eq!(
            &answer["text"],
            &json!(format!("Deleted {} IPv6 lease(s) from subnet(s) 1 2 3", stays.len()))
        );
        prop_assert!(server.store.all().is_empty());
        for name in ["assigned-nas", "assigned-pds", "declined-addresses"] {
            prop_assert_eq!(server.statistic(name), 0, "{}", name);
        }
    }
}
