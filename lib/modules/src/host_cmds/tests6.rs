//! The commands of a DHCPv6 server.

use serde_json::{Value as Json, json};

use crate::test_server6::TestServer6;

fn server() -> TestServer6 {
    let subnets = json!([{"id": 1, "subnet": "2001:db8:1::/48"}, {"id": 2, "subnet": "2001:db8:2::/48"}]);
    TestServer6::new(json!({"subnet6": subnets}), &["host_cmds"])
}

fn said(server: &TestServer6, command: &str, arguments: Json) -> (i64, String) {
    let answer = server.answer(command, Some(arguments));
    (answer["result"].as_i64().unwrap(), answer["text"].as_str().unwrap_or_default().to_owned())
}

fn add(server: &TestServer6, reservation: &Json) -> (i64, String) {
    said(server, "reservation-add", json!({"reservation": reservation, "operation-target": "memory"}))
}

fn laptop() -> Json {
    json!({"subnet-id": 1, "duid": "01:02:03:04:05", "ip-addresses": ["2001:db8:1::7", "2001:db8:1::8"],
        "prefixes": ["2001:db8:f000::/40", "2001:db8:e::/48"], "excluded-prefixes": ["2001:db8:f000::/64", ""],
        "hostname": "laptop"})
}

/// A reservation of several addresses and prefixes is added, found by all that there is of it, replaced and removed.
#[test]
fn reservations_come_and_go() {
    let server = server();
    assert_eq!(add(&server, &laptop()), (0, "Host added.".into()));
    let one = |arguments: Json| server.answer("reservation-get", Some(arguments));
    let by_id = one(json!({"subnet-id": 1, "identifier-type": "duid", "identifier": "0102030405"}));
    assert_eq!(by_id["text"], "Host found.");
    let shown = &by_id["arguments"];
    assert_eq!(shown["ip-addresses"], json!(["2001:db8:1::7", "2001:db8:1::8"]));
    assert_eq!(shown["prefixes"], json!(["2001:db8:f000::/40", "2001:db8:e::/48"]));
    assert_eq!(shown["excluded-prefixes"], json!(["2001:db8:f000::/64", ""]));
    assert_eq!((&shown["subnet-id"], &shown["hostname"]), (&json!(1), &json!("laptop")));
    for address in ["2001:db8:1::7", "2001:db8:1::8", "2001:db8:f000::", "2001:db8:e::"] {
        let found = one(json!({"subnet-id": 1, "ip-address": address}));
        assert_eq!(found["arguments"], *shown, "{address}");
        let found = server.answer("reservation-get-by-address", Some(json!({"ip-address": address})));
        assert_eq!(
            (&found["text"], &found["arguments"]["hosts"][0]),
            (&json!("1 IPv6 host(s) found."), shown)
        );
        let found =
            said(&server, "reservation-get-by-address", json!({"ip-address": address, "subnet-id": 2}));
        assert_eq!(found, (3, "0 IPv6 host(s) found.".into()));
    }
    assert_eq!(one(json!({"subnet-id": 1, "ip-address": "2001:db8:1::9"}))["result"], 3);
    let by_name = said(&server, "reservation-get-by-hostname", json!({"hostname": "LAPTOP"}));
    assert_eq!(by_name, (0, "1 IPv6 host(s) found.".into()));
    let other = json!({"subnet-id": 1, "duid": "01:02:03:04:05", "ip-addresses": ["2001:db8:1::9"]});
    let updated = json!({"reservation": other, "operation-target": "memory"});
    assert_eq!(said(&server, "reservation-update", updated), (0, "Host updated.".into()));
    assert_eq!(one(json!({"subnet-id": 1, "ip-address": "2001:db8:1::7"}))["result"], 3);
    let gone = json!({"subnet-id": 1, "ip-address": "2001:db8:1::9", "operation-target": "memory"});
    assert_eq!(said(&server, "reservation-del", gone.clone()), (0, "Host deleted.".into()));
    assert_eq!(said(&server, "reservation-del", gone), (3, "Host not deleted (not found).".into()));
}

/// Clients are named by DUID, hardware address and what a module makes of their messages; pages go through all.
#[test]
fn every_identifier_names_a_client() {
    let server = server();
    let named = [("duid", "0a0b0c"), ("hw-address", "02:00:00:00:00:01"), ("flex-id", "'port7'")];
    for (number, (kind, id)) in named.into_iter().enumerate() {
        let address = format!("2001:db8:1::{number}");
        let host = json!({"subnet-id": 1, kind: id, "ip-addresses": [address]});
        assert_eq!(add(&server, &host), (0, "Host added.".into()), "{kind}");
        let found =
            said(&server, "reservation-get-by-id", json!({"identifier-type": kind, "identifier": id}));
        assert_eq!(found, (0, "1 IPv6 host(s) found.".into()), "{kind}");
    }
    let all = said(&server, "reservation-get-all", json!({"subnet-id": 1}));
    assert_eq!(all, (0, "3 IPv6 host(s) found.".into()));
    let page = server.answer("reservation-get-page", Some(json!({"limit": 2})));
    let next = page["arguments"]["next"]["from"].clone();
    assert_eq!(page["arguments"]["count"], 2, "{page}");
    let page = server.answer("reservation-get-page", Some(json!({"limit": 2, "from": next})));
    assert_eq!(
        (&page["arguments"]["count"], &page["arguments"]["hosts"][0]["flex-id"]),
        (&json!(1), &json!("706F727437"))
    );
}

/// What does not belong to the subnet, is there already or is of DHCPv4 is refused in Kea's words.
#[test]
fn what_is_wrong_changes_nothing() {
    let server = server();
    assert_eq!(add(&server, &laptop()).0, 0);
    let refused = |reservation: Json| {
        let (result, text) = add(&server, &reservation);
        let all = said(&server, "reservation-get-page", json!({"limit": 9}));
        assert_eq!((result, all), (1, (0, "1 IPv6 host(s) found.".into())), "{text}");
        text
    };
    let text =
        refused(json!({"subnet-id": 1, "duid": "02", "ip-addresses": ["2001:db8:1::1", "2001:db8:2::1"]}));
    let words =
        "specified reservation '2001:db8:2::1' is not matching the IPv6 subnet prefix '2001:db8:1::/48'";
    assert_eq!(text, words);
    assert_eq!(
        refused(json!({"subnet-id": 9, "duid": "02"})),
        "IPv6 subnet with ID of '9' is not configured"
    );
    let text = refused(laptop());
    let words = "failed to add new host using the DUID '01:02:03:04:05' to the IPv6 subnet id '1' as this host has already \
                 been added";
    assert_eq!(text, words);
    let text = refused(json!({"subnet-id": 1, "duid": "0203", "prefixes": ["2001:db8:e::/48"]}));
    let words = "failed to add address reservation for host using the HW address '(null) and DUID '02:03' to the IPv6 \
                 subnet id '1' for address/prefix 2001:db8:e::: There's already reservation for this address/prefix";
    assert_eq!(text, words);
    let text = refused(json!({"duid": "0203", "ip-addresses": ["2001:db8:2::1"]}));
    let words = "Mandatory 'subnet-id' parameter missing. Reserved IPv6 addresses belong to subnet '2001:db8:2::/48' id 2.";
    assert_eq!(text, words);
    let text = refused(json!({"duid": "0203", "ip-addresses": ["2001:db8:2::1", "2001:db8:1::1"]}));
    let words = "Mandatory 'subnet-id' parameter missing. Reserved IPv6 addresses do not belong to a common configured \
                 subnet.";
    assert_eq!(text, words);
    let text = refused(json!({"duid": "0203", "prefixes": ["2001:db8:d::/48"]}));
    let words = "Mandatory 'subnet-id' parameter missing. Prefixes are not attached to subnets so no hint is available.";
    assert_eq!(text, words);
    assert!(
        refused(json!({"subnet-id": 1, "duid": "0203", "ip-address": "192.0.2.1"})).contains("ip-address")
    );
    assert!(refused(json!({"subnet-id": 1, "circuit-id": "0203"})).contains("circuit-id"));
}

/// What is plain is served without reading the whole configuration; what there is something to say of is read, and so is what
/// takes it away again.
#[test]
fn plain_reservations_are_exchanged() {
    let server = server();
    let change = |command: &str, client: u8, more: Json| {
        let mut reservation = json!({"subnet-id": 1, "duid": format!("00:01:{client:02x}")});
        more.as_object().unwrap().iter().for_each(|(key, value)| reservation[key] = value.clone());
        let answer =
            said(&server, command, json!({"reservation": reservation, "operation-target": "memory"}));
        assert_eq!(answer.0, 0, "{answer:?}");
        server.known_edits()
    };
    let delete = |client: u8| {
        let named = format!("00:01:{client:02x}");
        let arguments = json!({"subnet-id": 1, "identifier-type": "duid", "identifier": named,
            "operation-target": "memory"});
        assert_eq!(said(&server, "reservation-del", arguments).0, 0);
        server.known_edits()
    };
    let plain = json!({"ip-addresses": ["2001:db8:1::1"], "hostname": "one"});
    assert_eq!(change("reservation-add", 1, plain), 1);
    let options = json!({"option-data": [{"name": "dns-servers", "data": "2001:db8::53"}]});
    assert_eq!(change("reservation-add", 2, options), 2);
    assert_eq!(change("reservation-update", 1, json!({"ip-addresses": ["2001:db8:1::2"]})), 3);
    assert_eq!(change("reservation-add", 3, json!({"client-classes": ["unheard-of"]})), 3);
    assert_eq!(delete(3), 3);
    assert_eq!(delete(2), 4);
    // The next one is found beside those that there are.
    assert_eq!(add(&server, &json!({"subnet-id": 1, "duid": "00:01:01"})).0, 1);
    assert_eq!(server.known_edits(), 4);
    assert_eq!(delete(1), 5);
}
