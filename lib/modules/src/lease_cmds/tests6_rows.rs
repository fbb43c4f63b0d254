//! Leases in rows, as servers of ours tell each other of them.

use std::thread;

use serde_json::{Value as Json, json};

use super::tests6::{done, lease, prefix, server, told};
use crate::test_server6::TestServer6;

/// What one server shows in rows another one takes, with all that is kept with it; and rows of what is gone remove it.
#[test]
fn leases_go_from_server_to_server_in_rows() {
    let [one, other] = [server(), server()];
    let more = json!({
        "hostname": "urania.example.org", "fqdn-fwd": true, "hw-address": "1a:1b", "user-context": {"a": "ü, &\n"},
        "valid-lft": 1000, "preferred-lft": 500
    });
    done(&one, "lease6-add", lease(&more));
    done(&one, "lease6-add", prefix());
    let page = json!({"from": "start", "limit": 10, "rows": true});
    let shown = one.answer("lease6-get-page", Some(page));
    assert_eq!((&shown["text"], &shown["arguments"]["count"]), (&json!("2 IPv6 lease(s) found."), &json!(2)));
    let rows = shown["arguments"]["rows"].as_str().expect("rows").to_owned();
    let apply =
        |rows: &str| told(&other, "lease6-bulk-apply", Some(json!({"rows": rows, "origin": "ha-partner"})));
    assert_eq!(apply(&rows), (0, "Bulk apply of 2 IPv6 leases completed.".into()));
    let all = |server: &TestServer6| server.answer("lease6-get-all", None)["arguments"].take();
    assert_eq!(all(&other), all(&one));
    let gone: Vec<String> = rows
        .lines()
        .enumerate()
        .map(|(at, row)| if at == 0 { row.to_owned() } else { format!("-{row}") })
        .collect();
    assert_eq!(apply(&gone.join("\n")), (0, "Bulk apply of 2 IPv6 leases completed.".into()));
    assert_eq!(all(&other), json!({"leases": []}));
    let again = other.answer("lease6-bulk-apply", Some(json!({"rows": gone.join("\n")})));
    assert_eq!(again["result"], 3);
    let failed = again["arguments"]["failed-deleted-leases"].as_array().expect("a list");
    assert_eq!((failed.len(), &failed[0]["error-message"]), (2, &json!("lease not found")));
}

/// What was given back and is kept for its client, with no lifetime, is kept there, too.
#[test]
fn what_is_kept_for_its_client_is_kept() {
    let [one, other] = [server(), server()];
    done(&one, "lease6-add", lease(&json!({"valid-lft": 0, "preferred-lft": 0, "state": 3})));
    let page = json!({"from": "start", "limit": 10, "rows": true});
    let rows = one.answer("lease6-get-page", Some(page))["arguments"]["rows"].take();
    assert_eq!(told(&other, "lease6-bulk-apply", Some(json!({"rows": rows}))).0, 0);
    let kept = |server: &TestServer6| server.answer("lease6-get-all", None)["arguments"]["leases"].take();
    assert_eq!(kept(&other)[0]["state"], 3);
    assert_eq!(kept(&other), kept(&one));
}

/// Of two rows of one address the second counts; if one is malformed or has no place, nothing is done.
#[test]
fn rows_are_judged_together() {
    let server = server();
    done(&server, "lease6-add", lease(&json!({"valid-lft": 1000})));
    let shown = server.answer("lease6-get-page", Some(json!({"from": "start", "limit": 10, "rows": true})));
    let rows = shown["arguments"]["rows"].as_str().expect("rows").to_owned();
    let row = rows.lines().nth(1).expect("a row").to_owned();
    let apply = |rows: String| told(&server, "lease6-bulk-apply", Some(json!({"rows": rows})));
    let later = rows.replace(",1000,", ",2000,") + &row.replace(",1000,", ",3000,");
    assert_eq!(apply(later).0, 0);
    let valid = || {
        let lease = server.answer("lease6-get", Some(json!({"ip-address": "2001:db8:1::1"})));
        lease["arguments"]["valid-lft"].clone()
    };
    assert_eq!(valid(), 3000);
    let (result, text) = apply(format!("{rows}nobody,1\n"));
    assert!(result == 1 && text.starts_with("row 'nobody,1': "), "{result} {text}");
    let (result, text) = apply(format!("{rows}{}\n", row.replace("2001:db8:1::1,", "2001:db8:99::1,")));
    assert_eq!(
        (result, &*text),
        (4, "The address 2001:db8:99::1 does not belong to subnet 2001:db8:1::/64, subnet-id=1")
    );
    assert_eq!(valid(), 3000);
    let both = json!({"rows": rows, "leases": []});
    assert_eq!(told(&server, "lease6-bulk-apply", Some(both)).0, 1);
    assert_eq!(told(&server, "lease6-bulk-apply", Some(json!({"rows": Json::Null}))).0, 1);
    assert_eq!(apply(String::new()).0, 1);
}

/// The thread that reads commands of partners keeps their leases if that takes no time, and otherwise leaves it to one that may
/// wait, so that heartbeats are read meanwhile.
#[test]
fn who_reads_commands_waits_for_no_disk() {
    let server = server();
    done(&server, "lease6-add", lease(&json!({})));
    let shown = server.answer("lease6-get-page", Some(json!({"from": "start", "limit": 10, "rows": true})));
    let rows = shown["arguments"]["rows"].as_str().expect("rows").to_owned();
    let kept_here = |busy| {
        server.store.be_busy(busy);
        assert_eq!(told(&server, "lease6-bulk-apply", Some(json!({"rows": rows}))).0, 0);
        server.store.flushed_on() == Some(thread::current().id())
    };
    assert!(kept_here(false));
    assert!(!kept_here(true));
}
