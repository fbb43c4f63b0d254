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
        (json!({"option-data6": [{"name": "no-such", "data": "1"}]}), "an option in option-data"),
    ] {
        let mut entry = manual();
        entry.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (result, text) = said(&server, "cache-insert", json!([manual(), entry]));
        assert!(result == 1 && text.contains(reason), "{text}");
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
        assert_eq!(find(&[1, 1, 1]).unwrap().1, "memory");
    }
}
