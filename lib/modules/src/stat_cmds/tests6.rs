//! `stat-lease6-get`: columns, rows, and what is wrong.

use serde_json::{Value as Json, json};

use crate::test_server6::TestServer6;

fn server() -> TestServer6 {
    let subnets = json!([
        {"id": 1, "subnet": "2001:db8:1::/64", "pools": [{"pool": "2001:db8:1::/64"}]},
        {"id": 2, "subnet": "2001:db8:2::/64", "pools": [{"pool": "2001:db8:2::10 - 2001:db8:2::1f"}],
            "pd-pools": [{"prefix": "2001:db8:8000::", "prefix-len": 48, "delegated-len": 64}]},
        {"id": 5, "subnet": "2001:db8:5::/64"},
    ]);
    TestServer6::new(json!({"subnet6": subnets}), &["lease_cmds", "stat_cmds"])
}

fn rows(answer: &Json) -> &Json {
    &answer["arguments"]["result-set"]["rows"]
}

/// Addresses and prefixes are counted apart; a number of addresses may need more than 64 bits.
#[test]
fn leases_of_subnets_are_counted() {
    let server = server();
    for lease in [
        json!({"ip-address": "2001:db8:2::10"}),
        json!({"ip-address": "2001:db8:2::11", "state": 1}),
        json!({"ip-address": "2001:db8:2::12", "state": 4}),
        json!({"ip-address": "2001:db8:8000::", "type": "IA_PD", "prefix-len": 64, "subnet-id": 2}),
    ] {
        let mut lease = lease;
        lease["duid"] = "01:02:03".into();
        lease["iaid"] = 7.into();
        let answer = server.answer("lease6-add", Some(lease));
        assert_eq!(answer["result"], 0, "{answer}");
    }
    let answer = server.answer("stat-lease6-get", None);
    assert_eq!(answer["text"], "stat-lease6-get[all subnets]: 3 rows found");
    assert_eq!(
        answer["arguments"]["result-set"]["columns"],
        json!([
            "subnet-id",
            "total-nas",
            "cumulative-assigned-nas",
            "assigned-nas",
            "declined-addresses",
            "total-pds",
            "cumulative-assigned-pds",
            "assigned-pds"
        ])
    );
    let all = rows(&answer).as_array().expect("rows");
    // What an operator adds was not given to a client, ever.
    assert_eq!(all[1], json!([2, 16, 0, 2, 1, 65536, 0, 1]));
    assert_eq!(all[2], json!([5, 0, 0, 0, 0, 0, 0, 0]));
    assert_eq!(server.statistic("subnet[1].total-nas"), 1 << 64);
    assert_eq!(all[0][1].as_f64(), Some(18_446_744_073_709_551_616.0));
    let timestamp = answer["arguments"]["result-set"]["timestamp"].as_str().expect("a timestamp");
    assert!(timestamp.starts_with("2023-11-14 22:13:20"), "{timestamp}");
    let one = server.answer("stat-lease6-get", Some(json!({"subnet-id": 2})));
    assert_eq!(rows(&one).as_array().map(Vec::len), Some(1));
    let range = json!({"subnet-range": {"first-subnet-id": 2, "last-subnet-id": 9}});
    assert_eq!(rows(&server.answer("stat-lease6-get", Some(range))).as_array().map(Vec::len), Some(2));
}

/// What is wrong, and what there is nothing of, is said in Kea's words.
#[test]
fn wrong_selections_are_refused() {
    let server = server();
    for (arguments, result, text) in [
        (json!([]), 1, "'arguments' parameter is not a map"),
        (json!({"subnet-id": 0}), 1, "'subnet-id' parameter must be > 0"),
        (
            json!({"subnet-id": 9}),
            3,
            "stat-lease6-get[subnet-id=9]: no matching data, subnet-id: 9 does not exist",
        ),
        (
            json!({"subnet-range": {"first-subnet-id": 3, "last-subnet-id": 4}}),
            3,
            "stat-lease6-get[subnets 3 through 4]: no matching data, selected ID range: 3 through 4 includes no known \
             subnets",
        ),
    ] {
        let answer = server.answer("stat-lease6-get", Some(arguments));
        assert_eq!((&answer["result"], &answer["text"]), (&json!(result), &json!(text)));
    }
}
