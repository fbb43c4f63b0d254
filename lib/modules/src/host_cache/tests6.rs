//! The commands of a DHCPv6 server, and what is asked of places where reservations are.

use kotare_model::{HostId, HostIdType, Reservation, Reserved6, SubnetId};
use kotare_store::{HostCache, HostKey, HostQuery, HostSources, Wanted};
use kotare_testkit::{MemoryHosts, run};
use serde_json::{Value as Json, json};

use super::cache::{Cache, Settings};
use crate::test_server6::TestServer6;

fn server() -> TestServer6 {
    TestServer6::new(json!({"subnet6": [{"id": 1, "subnet": "2001:db8:1::/48"}]}), &["host_cache"])
}

fn said(server: &TestServer6, command: &str, arguments: Json) -> (i64, String) {
    let answer = server.answer(command, Some(arguments));
    (answer["result"].as_i64().unwrap(), answer["text"].as_str().unwrap_or_default().to_owned())
}

/// The example of the manual.
fn manual() -> Json {
    json!({
        "hw-address": "01:02:03:04:05:06", "subnet-id4": 0, "subnet-id6": 6, "ip-addresses": ["2001:db8::cafe:babe"],
        "prefixes": ["2001:db8:dead:beef::/64"], "hostname": "", "client-classes4": [], "client-classes6": [],
        "option-data4": [], "option-data6": [{"name": "dns-servers", "data": "2001:db8::1"}],
        "next-server": "0.0.0.0", "server-hostname": "", "boot-file-name": "", "host-id": 0,
    })
}

/// What is inserted is shown, found by its client, and can be inserted again as it is shown.
#[test]
fn what_is_inserted_is_shown() {
    let server = server();
    assert_eq!(said(&server, "cache-size", json!({})), (0, "0 entries.".into()));
    assert_eq!(said(&server, "cache-get", json!({})), (3, "0 entries returned.".into()));
    let inserted = said(&server, "cache-insert", manual());
    assert_eq!(inserted, (0, "1 entries inserted (0 overwritten by more recent entries).".into()));
    let shown = server.answer("cache-get", None)["arguments"].clone();
    for keyword in
        ["hw-address", "subnet-id6", "ip-addresses", "prefixes", "hostname", "next-server", "host-id"]
    {
        assert_eq!(shown[0][keyword], manual()[keyword], "{shown}");
    }
    assert_eq!(shown[0]["option-data6"][0]["data"], "2001:db8::1");
    let again = said(&server, "cache-insert", shown.clone());
    assert_eq!(again, (0, "1 entries inserted (1 overwritten by more recent entries).".into()));
    assert_eq!(server.answer("cache-get", None)["arguments"], shown);
    let by_id = |id: Json| said(&server, "cache-get-by-id", id);
    assert_eq!(by_id(json!({"hw-address": "01:02:03:04:05:06"})), (0, "1 entries returned.".into()));
    assert_eq!(by_id(json!({"duid": "01:02:03:04:05:06"})), (3, "0 entries returned.".into()));
    assert_eq!(by_id(json!({"duid": "01", "hw-address": "01"})).1, "only one identifier can be specified");
    assert_eq!(by_id(json!({"name": "a"})).1, "unknown parameter 'name'");
    assert_eq!(
        said(&server, "cache-flush", json!(0)).1,
        "invalid (0) parameter: please use cache-clear command"
    );
    assert_eq!(said(&server, "cache-flush", json!(7)), (0, "Cache flushed (1 entries removed).".into()));
    assert_eq!(said(&server, "cache-clear", json!({})), (0, "Cache cleared.".into()));
}

/// What makes no sense is refused, and nothing of a list is taken then.
#[test]
fn bad_entries_are_refused() {
    let server = server();
    for (change, reason) in [
        (json!({"duid": "01"}), "are mutually exclusive"),
        (json!({"unknown": 1}), "unknown parameter: unknown"),
        (json!({"subnet-id6": u32::MAX}), "subnet-id6 is missing"),
        (
            json!({"option-data6": [{"name": "no-such", "data": "1"}]}),
            "an option makes no sense in (option-data6)",
        ),
    ] {
        let mut entry = manual();
        entry.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (result, text) = said(&server, "cache-insert", json!([manual(), entry]));
        assert!(result == 1 && text.contains(reason) && text.ends_with(" (entry 2)"), "{text}");
    }
    assert_eq!(said(&server, "cache-size", json!({})).1, "0 entries.");
}

/// Every value of an entry that is none is refused in Kea's words, with its keyword where Kea says in which column it stands.
#[test]
fn values_that_are_none_are_named() {
    let server = server();
    let wrong = [
        ("hw-address", json!(7), "stringValue() called on non-string Element"),
        ("hw-address", json!(""), "empty host identifier used"),
        ("hw-address", json!("xy"), "invalid host identifier value 'xy'"),
        ("hw-address", json!("01".repeat(21)), "too long client identifier type hw-address length 21"),
        ("subnet-id4", json!("4"), "intValue() called on non-integer Element"),
        ("subnet-id6", json!(1.5), "intValue() called on non-integer Element"),
        ("host-id", json!(null), "intValue() called on non-integer Element"),
        ("hostname", json!(["a"]), "stringValue() called on non-string Element"),
        ("ip-address", json!("a"), "Failed to convert string to address 'a': Invalid argument"),
        ("ip-address", json!("::1"), "address '::1' is not a valid IPv4 address"),
        ("ip-address", json!("0.0.0.0"), "must not make reservation for the '0.0.0.0' address"),
        ("ip-addresses", json!("::1"), "listValue() called on non-list Element"),
        ("ip-addresses", json!(["::1", 7]), "stringValue() called on non-string Element"),
        ("ip-addresses", json!(["192.0.2.1"]), "invalid prefix '192.0.2.1' for new IPv6 reservation"),
        ("ip-addresses", json!(["ff02::1"]), "invalid prefix 'ff02::1' for new IPv6 reservation"),
        ("prefixes", json!(["2001:db8::"]), "bad prefix (no /)"),
        ("prefixes", json!(["2001:db8::/"]), "bad prefix (end /)"),
        ("prefixes", json!(["2001:db8::/x"]), "bad prefix length"),
        ("prefixes", json!(["2001:db8::/129"]), "invalid prefix length '129' for new IPv6 reservation"),
        (
            "prefixes",
            json!(["2001:db8::1/64"]),
            "Prefix address: 2001:db8::1 exceeds prefix/prefix-len pair: 2001:db8::/64",
        ),
        ("client-classes6", json!([1]), "stringValue() called on non-string Element"),
        ("option-data6", json!({}), "listValue() called on non-list Element"),
        ("option-data6", json!(["a"]), "mapValue() called on non-map Element"),
        ("next-server", json!("255.255.255.255"), "invalid next server address '255.255.255.255'"),
        ("next-server", json!("::1"), "next server address '::1' is not a valid IPv4 address"),
        ("server-hostname", json!("a".repeat(64)), "server hostname length must not exceed 63"),
        ("boot-file-name", json!("a".repeat(128)), "boot file length must not exceed 127"),
        ("user-context", json!("a"), "mapValue() called on non-map Element"),
        ("negative", json!(1), "boolValue() called on non-Bool Element"),
    ];
    for (keyword, value, words) in wrong {
        let mut entry = manual();
        entry[keyword] = value;
        assert_eq!(said(&server, "cache-insert", entry), (1, format!("{words} in ({keyword})")));
    }
    let mut other = manual();
    other.as_object_mut().unwrap().shift_remove("hw-address");
    other["circuit-id"] = json!("01");
    let told = "circuit-id is not what clients of DHCPv6 have in (circuit-id)";
    assert_eq!(said(&server, "cache-insert", other), (1, told.into()));
    for (command, arguments, told) in [
        ("cache-get-by-id", json!({"duid": 7}), "stringValue() called on non-string Element in (duid)"),
        ("cache-get-by-id", json!({"duid": ""}), "invalid (empty) identifier"),
        ("cache-get-by-id", json!({"duid": "xy"}), "invalid identifier 'xy'"),
        ("cache-get-by-id", json!([]), "invalid (not a map) parameter"),
        ("cache-insert", json!("a"), "invalid (not a map) parameter"),
        ("cache-flush", json!("7"), "intValue() called on non-integer Element"),
        ("cache-flush", json!(-1), "invalid (<0) parameter"),
        ("cache-write", json!(7), "invalid (not a string) parameter"),
        ("cache-load", json!(""), "invalid (empty string) parameter"),
        (
            "cache-remove",
            json!({"subnet-id": "6"}),
            "intValue() called on non-integer Element in (subnet-id)",
        ),
        (
            "cache-remove",
            json!({"ip-address": 7}),
            "stringValue() called on non-string Element in (ip-address)",
        ),
        (
            "cache-remove",
            json!({"subnet-id": 6, "ip-address": "a"}),
            "Failed to convert string to address 'a': Invalid argument in (ip-address)",
        ),
        (
            "cache-remove",
            json!({"hw-address": [1]}),
            "stringValue() called on non-string Element in (hw-address)",
        ),
    ] {
        assert_eq!(said(&server, command, arguments), (1, told.to_owned()), "{command}");
    }
    assert_eq!(said(&server, "cache-size", json!({})).1, "0 entries.");
}

/// An entry is removed by its subnet and its client or address.
#[test]
fn entries_are_removed() {
    let server = server();
    let removed = |arguments: Json| {
        said(&server, "cache-insert", manual());
        said(&server, "cache-remove", arguments)
    };
    let done = (0, "Host removed.".to_owned());
    assert_eq!(removed(json!({"subnet-id6": 6, "hw-address": "01:02:03:04:05:06"})), done);
    assert_eq!(removed(json!({"subnet-id": 6, "ip-address": "2001:db8::cafe:babe"})), done);
    assert_eq!(removed(json!({"subnet-id6": 7, "ip-address": "2001:db8::cafe:babe"})).0, 3);
    for (arguments, reason) in [
        (json!({"subnet-id": 6, "hw-address": "01"}), "either subnet-id4 or subnet-id6 is required"),
        (json!({"subnet-id6": 6}), "either ip-address or an identifier is required"),
        (json!({"ip-address": "::1"}), "subnet-id is required"),
        (json!({"subnet-id4": 6, "ip-address": "::1"}), "inconsistent parameters"),
        (json!({"subnet-id6": 6, "ip-address": "::"}), "invalid ip-address '::'"),
        (json!({"what": 6}), "unknown parameter 'what'"),
    ] {
        assert_eq!(removed(arguments), (1, reason.to_owned()));
    }
}

/// What is known is not asked for, whether there is a reservation or none; what commands change is known at once.
#[test]
fn what_is_known_is_not_asked_for() {
    let id = |bytes: &'static [u8]| HostId { kind: HostIdType::Duid, bytes };
    let reserved = Reserved6 { addresses: vec!["2001:db8:1::7".parse().unwrap()], prefixes: Vec::new() };
    let hosts = MemoryHosts::new([Reservation::new(id(&[1, 1, 1]), SubnetId(1), reserved)]);
    for negative in [true, false] {
        let cache = std::sync::Arc::new(Cache::new(Settings { maximum: 0, negative }, "IPv6"));
        let sources: HostSources<Reserved6> = hosts.alone().with_cache(Some(cache.clone()));
        let find = |bytes: &'static [u8]| {
            let (ids, wanted) = ([id(bytes)], [Wanted { subnet: SubnetId(1), ids: 1 }]);
            run(sources.of_client(&ids, &wanted))
                .unwrap()
                .first()
                .map(|(host, from)| (host.id.clone(), *from))
        };
        assert_eq!(find(&[1, 1, 1]).unwrap().1, "memory");
        assert_eq!(find(&[2, 2, 2]), None);
        assert_eq!(cache.len(), 1 + usize::from(negative));
        hosts.suspend(true);
        assert_eq!(find(&[1, 1, 1]).unwrap().1, "cache");
        let ids = [id(&[2, 2, 2])];
        let wanted = [Wanted { subnet: SubnetId(1), ids: 1 }];
        let asks = kotare_testkit::Task::start(sources.of_client(&ids, &wanted));
        assert_eq!(asks.has_ended(), negative);
        drop(asks);
        hosts.suspend(false);
        cache.forget(HostQuery { key: HostKey::Ids(&[id(&[1, 1, 1])]), subnets: Some(&[SubnetId(1)]) });
        // Who was asked before it went may say that it is there, and it is not remembered.
        hosts.suspend(true);
        let ids = [id(&[1, 1, 1])];
        let gone = HostQuery { key: HostKey::Ids(&ids), subnets: Some(&[SubnetId(1)]) };
        cache.forget(gone);
        let mut asks = kotare_testkit::Task::start(sources.of_client(&ids, &wanted));
        cache.forget(gone);
        hosts.suspend(false);
        hosts.waiting().into_iter().for_each(|(call, _)| hosts.resume(call));
        assert_eq!(asks.go_on().expect("an end").expect("an answer").len(), 1);
        drop(asks);
        assert_eq!(find(&[1, 1, 1]).unwrap().1, "memory");
    }
}
