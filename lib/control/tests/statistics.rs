//! The `statistic-…` commands, with the answers that Kea 2.2 gave to the same commands (Kea 3.3 for those it lacks).

mod common;

use common::{Fixture, Server, ask, send};
use kotare_control::statistics::commands;
use kotare_control::unix::Limits;
use kotare_control::{Access, Request};
use kotare_model::SubnetId;
use kotare_stats::{PoolLayout, Stat4, SubnetLayout};
use serde_json::json;

/// Each command in turn, on a server with one subnet, and Kea's answer.
#[tokio::test]
async fn answers_are_keas() {
    let (fixture, path) = Fixture::serving(Limits::default());
    let statistics = &fixture.server.statistics;
    let layout = [SubnetLayout { id: SubnetId(7), pools: vec![PoolLayout::of_addresses(0, 10u8)] }];
    statistics.publish(statistics.prepare(&layout), &[], common::START);
    for (command, arguments, answer) in [
        ("get", "", r#""result": 1, "text": "Missing mandatory 'name' parameter.""#),
        ("get", "{}", r#""result": 1, "text": "Missing mandatory 'name' parameter.""#),
        ("get", r#"{"name":1}"#, r#""result": 1, "text": "'name' parameter expected to be a string.""#),
        ("get", r#"{"name":"nope"}"#, r#""arguments": {  }, "result": 0"#),
        (
            "get",
            r#"{"name":"pkt4-received"}"#,
            r#""arguments": { "pkt4-received": [ [ 0, "2026-11-21 18:31:42.141368" ] ] }, "result": 0"#,
        ),
        (
            "get",
            r#"{"name":"subnet[7].total-addresses","unknown":1}"#,
            r#""arguments": { "subnet[7].total-addresses": [ [ 10, "2026-11-21 18:31:42.141368" ] ] }, "result": 0"#,
        ),
        (
            "get",
            r#"{"name":"subnet[7].pool[0].total-addresses"}"#,
            r#""arguments": { "subnet[7].pool[0].total-addresses": [ [ 10, "2026-11-21 18:31:42.141368" ] ] }, "result": 0"#,
        ),
        (
            "reset",
            r#"{"name":"pkt4-received"}"#,
            r#""result": 0, "text": "Statistic 'pkt4-received' reset.""#,
        ),
        ("reset", r#"{"name":"nope"}"#, r#""result": 1, "text": "No 'nope' statistic found""#),
        ("reset", "", r#""result": 1, "text": "Missing mandatory 'name' parameter.""#),
        (
            "sample-age-set",
            r#"{"name":"pkt4-received","duration":5}"#,
            r#""result": 0, "text": "Statistic 'pkt4-received' duration limit is set.""#,
        ),
        (
            "sample-age-set",
            r#"{"name":"nope","duration":5}"#,
            r#""result": 1, "text": "No 'nope' statistic found""#,
        ),
        (
            "sample-age-set",
            r#"{"name":"pkt4-received"}"#,
            r#""result": 1, "text": "Missing mandatory 'duration' parameter.""#,
        ),
        (
            "sample-age-set",
            r#"{"duration":5}"#,
            r#""result": 1, "text": "Missing mandatory 'name' parameter.""#,
        ),
        (
            "sample-count-set",
            r#"{"name":"pkt4-received","max-samples":5}"#,
            r#""result": 0, "text": "Statistic 'pkt4-received' count limit is set.""#,
        ),
        (
            "sample-count-set",
            r#"{"name":"nope","max-samples":5}"#,
            r#""result": 1, "text": "No 'nope' statistic found""#,
        ),
        (
            "sample-count-set",
            r#"{"name":"pkt4-received","max-samples":"x"}"#,
            r#""result": 1, "text": "'max-samples' parameter expected to be an integer.""#,
        ),
        (
            "sample-count-set",
            r#"{"name":"pkt4-received"}"#,
            r#""result": 1, "text": "Missing mandatory 'max-samples' parameter.""#,
        ),
        (
            "sample-count-set",
            r#"{"name":"pkt4-sent","max-samples":0}"#,
            r#""result": 0, "text": "Statistic 'pkt4-sent' count limit is set.""#,
        ),
        (
            "sample-count-set-all",
            r#"{"max-samples":0}"#,
            r#""result": 1, "text": "'max-samples' parameter must not be zero""#,
        ),
        (
            "sample-count-set-all",
            r#"{"max-samples":3}"#,
            r#""result": 0, "text": "All statistics count limit are set.""#,
        ),
        (
            "sample-age-set-all",
            r#"{"duration":3}"#,
            r#""result": 0, "text": "All statistics duration limit are set.""#,
        ),
        ("sample-age-set-all", "", r#""result": 1, "text": "Missing mandatory 'duration' parameter.""#),
        ("sample-count-set-all", "", r#""result": 1, "text": "Missing mandatory 'max-samples' parameter.""#),
        (
            "remove",
            r#"{"name":"pkt4-received"}"#,
            r#""result": 0, "text": "Statistic 'pkt4-received' removed.""#,
        ),
        (
            "remove",
            r#"{"name":"pkt4-received"}"#,
            r#""result": 1, "text": "No 'pkt4-received' statistic found""#,
        ),
        ("reset-all", "", r#""result": 0, "text": "All statistics reset to neutral values.""#),
        (
            "remove-all",
            "",
            r#""result": 0, "text": "Warning: statistic-remove-all command is deprecated. All statistics removed.""#,
        ),
        ("get-all", "", r#""arguments": {  }, "result": 0"#),
        ("global-get-all", "", r#""arguments": {  }, "result": 0"#),
    ] {
        let arguments =
            if arguments.is_empty() { String::new() } else { format!(r#","arguments":{arguments}"#) };
        let sent = format!(r#"{{"command":"statistic-{command}"{arguments}}}"#);
        assert_eq!(ask(&path, sent.as_bytes()).await, format!("{{ {answer} }}"), "{sent}");
    }
}

/// What Kea answers with an internal error, or does not survive at all, is refused.
#[tokio::test]
async fn wrong_types_are_refused() {
    let (_fixture, path) = Fixture::serving(Limits::default());
    let age = Request::new("statistic-sample-age-set-all");
    let no_integer = "Error during command processing: intValue() called on non-integer Element";
    for (duration, told) in [
        (json!(-5), "'duration' parameter must not be negative."),
        (json!("x"), no_integer),
        (json!(1.5), no_integer),
        (json!(u64::MAX), no_integer),
    ] {
        let answer = send(&path, age.clone().with(json!({"duration": duration}))).await;
        assert_eq!(answer, json!({"result": 1, "text": told}));
    }
    assert_eq!(
        send(&path, Request::new("statistic-get").with("x")).await["text"],
        "Error during command processing: get(string) called on a non-map Element"
    );
}

/// Numbers of samples are cut to 32 bits, as Kea does: -1 keeps all there can be.
#[tokio::test]
async fn sample_counts_may_be_negative() {
    let (_fixture, path) = Fixture::serving(Limits::default());
    let count =
        |samples: i64| Request::new("statistic-sample-count-set-all").with(json!({"max-samples": samples}));
    for samples in [-1, 1 + (1 << 32)] {
        assert_eq!(send(&path, count(samples)).await["text"], "All statistics count limit are set.");
    }
    assert_eq!(send(&path, count(1 << 32)).await["text"], "'max-samples' parameter must not be zero");
}

/// `statistic-get-all` shows what workers counted, `statistic-global-get-all` only what is of no subnet.
#[tokio::test]
async fn everything_is_shown_at_once() {
    let (fixture, path) = Fixture::serving(Limits::default());
    let statistics = &fixture.server.statistics;
    let prepared = statistics.prepare(&[SubnetLayout { id: SubnetId(7), pools: Vec::new() }]);
    statistics.publish(prepared, &[], common::START);
    statistics.worker().count(Stat4::DiscoverReceived);
    let all = send(&path, Request::new("statistic-get-all")).await;
    assert_eq!(all["arguments"]["pkt4-discover-received"][0][0], 1);
    assert_eq!(all["arguments"]["subnet[7].total-addresses"][0][0], 0);
    let global = send(&path, Request::new("statistic-global-get-all")).await;
    assert_eq!(global["arguments"]["pkt4-discover-received"][0][0], 1);
    assert_eq!(global["arguments"]["subnet[7].total-addresses"], json!(null));
}

/// Commands that change something say so, as Kea's API description does.
#[test]
fn access_is_keas() {
    for command in commands::<Server>() {
        let reads = command.name.contains("-get");
        assert_eq!(command.access == Access::Read, reads, "{}", command.name);
    }
}
