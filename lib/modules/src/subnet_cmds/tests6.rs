//! The commands of a DHCPv6 server.

use serde_json::{Value as Json, json};

use crate::test_server6::TestServer6;

fn server() -> TestServer6 {
    let subnet =
        json!({"id": 1, "subnet": "2001:db8:1::/48", "pools": [{"pool": "2001:db8:1::10-2001:db8:1::1f"}]});
    TestServer6::new(json!({"subnet6": [subnet]}), &["subnet_cmds"])
}

fn said(server: &TestServer6, command: &str, arguments: Json) -> (i64, String) {
    let answer = server.answer(command, Some(arguments));
    (answer["result"].as_i64().unwrap(), answer["text"].as_str().unwrap_or_default().to_owned())
}

fn subnet(subnet: Json) -> Json {
    json!({"subnet6": [subnet]})
}

fn get(server: &TestServer6, id: u32) -> Json {
    server.answer("subnet6-get", Some(json!({"id": id})))["arguments"]["subnet6"][0].clone()
}

/// Subnets are listed, added, shown by id and prefix, replaced and removed.
#[test]
fn subnets_come_and_go() {
    let server = server();
    let second = json!({"id": 2, "subnet": "2001:db8:2::/48", "preferred-lifetime": 60,
        "pd-pools": [{"prefix": "2001:db8:2:8000::", "prefix-len": 49, "delegated-len": 56}]});
    assert_eq!(said(&server, "subnet6-add", subnet(second.clone())), (0, "IPv6 subnet added".into()));
    let again = said(&server, "subnet6-add", subnet(second));
    assert_eq!(again, (1, "ID of the new IPv6 subnet '2' is already in use".into()));
    let same = said(&server, "subnet6-add", subnet(json!({"id": 3, "subnet": "2001:db8:2:0::/48"})));
    assert_eq!(same, (1, "subnet with the prefix of '2001:db8:2::/48' already exists".into()));
    let list = server.answer("subnet6-list", None);
    assert_eq!((&list["result"], &list["text"]), (&json!(0), &json!("2 IPv6 subnets found")));
    let row = json!({"id": 2, "subnet": "2001:db8:2::/48", "shared-network-name": null});
    assert_eq!(list["arguments"]["subnets"][1], row);
    let got = server.answer("subnet6-get", Some(json!({"subnet": "2001:db8:2::/48"})));
    assert_eq!(got["text"], "Info about IPv6 subnet 2001:db8:2::/48 (id 2) returned");
    let shown = &got["arguments"]["subnet6"][0];
    assert_eq!(
        (&shown["preferred-lifetime"], &shown["pd-pools"][0]["delegated-len"]),
        (&json!(60), &json!(56))
    );
    let other = json!({"id": 2, "subnet": "2001:db8:2::/48", "rapid-commit": true});
    assert_eq!(said(&server, "subnet6-update", subnet(other)), (0, "IPv6 subnet updated".into()));
    let shown = get(&server, 2);
    assert_eq!((&shown["rapid-commit"], &shown["pd-pools"]), (&json!(true), &json!([])));
    let gone = said(&server, "subnet6-del", json!({"id": 2}));
    assert_eq!(gone, (0, "IPv6 subnet 2001:db8:2::/48 (id 2) deleted".into()));
    assert_eq!(said(&server, "subnet6-del", json!({"id": 2})), (3, "no subnet with id 2 found".into()));
    assert_eq!(said(&server, "subnet6-get", json!({"id": 2})), (3, "No subnet with id 2 found".into()));
}

/// Parts are added, changed and taken out: pools of addresses by their range, pools of prefixes by prefix and lengths,
/// options of the space of DHCPv6.
#[test]
fn subnets_are_changed_in_parts() {
    let server = server();
    let delta = |command: &str, parts: Json| {
        let mut given = json!({"id": 1, "subnet": "2001:db8:1::/48"});
        given.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
        let answer = server.answer(command, Some(subnet(given)));
        assert_eq!(
            (&answer["result"], &answer["text"]),
            (&json!(0), &json!("IPv6 subnet updated")),
            "{answer}"
        );
        get(&server, 1)
    };
    let pd = |parts: Json| {
        let mut pool = json!({"prefix": "2001:db8:8::", "prefix-len": 48, "delegated-len": 56});
        pool.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
        json!([pool])
    };
    let dns = json!([{"name": "dns-servers", "data": "2001:db8::53"}]);
    let shown = delta(
        "subnet6-delta-add",
        json!({"pd-pools": pd(json!({})), "option-data": dns,
        "pools": [{"pool": "2001:db8:1::10 - 2001:db8:1::1f", "pool-id": 7}, {"pool": "2001:db8:1:1::/64"}]}),
    );
    assert_eq!(shown["pools"].as_array().unwrap().len(), 2, "{shown}");
    assert_eq!(
        (&shown["pools"][0]["pool-id"], &shown["pd-pools"][0]["delegated-len"]),
        (&json!(7), &json!(56))
    );
    let shown = delta(
        "subnet6-delta-add",
        json!({"option-data": [{"code": 23, "data": "2001:db8::54"}],
        "pd-pools": pd(json!({"excluded-prefix": "2001:db8:8:0:80::", "excluded-prefix-len": 72}))}),
    );
    assert_eq!(
        (shown["pd-pools"].as_array().unwrap().len(), &shown["pd-pools"][0]["excluded-prefix-len"]),
        (1, &json!(72))
    );
    assert_eq!(
        (shown["option-data"].as_array().unwrap().len(), &shown["option-data"][0]["data"]),
        (1, &json!("2001:db8::54"))
    );
    let other = json!([{"prefix": "2001:db8:8::", "prefix-len": 48, "delegated-len": 60}]);
    assert_eq!(
        delta("subnet6-delta-del", json!({"pd-pools": other}))["pd-pools"].as_array().unwrap().len(),
        1
    );
    let shown = delta(
        "subnet6-delta-del",
        json!({"pd-pools": pd(json!({})), "option-data": [{"name": "dns-servers"}],
        "pools": [{"pool": "2001:db8:1:1::/64"}]}),
    );
    assert_eq!((&shown["pd-pools"], &shown["option-data"]), (&json!([]), &json!([])));
    assert_eq!(shown["pools"].as_array().unwrap().len(), 1, "{shown}");
}

/// Shared networks are added, shown and removed; subnets come to them and leave them, and keep what they inherited.
#[test]
fn networks_come_and_go() {
    let server = server();
    let nothing = server.answer("network6-list", None);
    assert_eq!((&nothing["result"], &nothing["text"]), (&json!(3), &json!("0 IPv6 networks found")));
    let network = json!({"name": "floor", "valid-lifetime": 1234, "interface-id": "port",
        "subnet6": [{"id": 5, "subnet": "2001:db8:5::/48"}]});
    let network = json!({"shared-networks": [network]});
    let added = said(&server, "network6-add", network.clone());
    assert_eq!(added, (0, "A new IPv6 shared network 'floor' added".into()));
    let again = said(&server, "network6-add", network);
    assert_eq!(again, (1, "duplicate network 'floor' found in the configuration".into()));
    let both = json!({"name": "floor", "id": 1});
    let moved = said(&server, "network6-subnet-add", both.clone());
    assert_eq!(moved, (0, "IPv6 subnet 2001:db8:1::/48 (id 1) is now part of shared network 'floor'".into()));
    let got = server.answer("network6-get", Some(json!({"name": "floor"})));
    assert_eq!(got["text"], "Info about IPv6 shared network 'floor' returned");
    assert_eq!(got["arguments"]["shared-networks"][0]["subnet6"].as_array().unwrap().len(), 2);
    let left = said(&server, "network6-subnet-del", both);
    assert_eq!(
        left,
        (0, "IPv6 subnet 2001:db8:1::/48 (id 1) is now removed from shared network 'floor'".into())
    );
    assert_eq!(get(&server, 1)["valid-lifetime"], 1234);
    let gone = said(&server, "network6-del", json!({"name": "floor", "subnets-action": "delete"}));
    assert_eq!(gone, (0, "IPv6 shared network 'floor' deleted".into()));
    assert_eq!(server.answer("subnet6-list", None)["text"], "1 IPv6 subnet found");
    let none = said(&server, "network6-subnet-add", json!({"name": "floor", "id": 1}));
    assert_eq!(none, (3, "no IPv6 shared network with name 'floor' found".into()));
}

/// What is wrong is told in the words of the family, and changes nothing.
#[test]
fn what_is_wrong_changes_nothing() {
    let server = server();
    let refused = |command: &str, arguments: Json| {
        let (result, text) = said(&server, command, arguments);
        assert_eq!(
            (result, &server.answer("subnet6-list", None)["text"]),
            (1, &json!("1 IPv6 subnet found"))
        );
        text
    };
    let text = refused("subnet6-add", json!({}));
    assert_eq!(text, "invalid number of arguments 0 for the 'subnet6-add' command. Expecting 'subnet6' list");
    let text = refused("subnet6-add", json!({"subnet4": []}));
    assert_eq!(text, "missing 'subnet6' argument for the 'subnet6-add' command");
    assert!(
        refused("subnet6-add", subnet(json!({"id": 2, "subnet": "192.0.2.0/24"}))).contains("192.0.2.0/24")
    );
    let with = json!({"id": 2, "subnet": "2001:db8:2::/48", "reservations": []});
    assert!(
        refused("subnet6-add", subnet(with))
            .starts_with("must not specify host reservations with 'subnet6-add'")
    );
}
