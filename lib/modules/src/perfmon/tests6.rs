//! Durations of a DHCPv6 server, and what can be asked of them.

use std::time::Duration;

use kotare_engine::hooks::{Timed, Times};
use kotare_model::SubnetId;
use serde_json::{Value as Json, json};

use crate::test_server6::TestServer6;

fn configured(parameters: &Json) -> Json {
    json!({
        "subnet6": [{"id": 7, "subnet": "2001:db8::/64"}],
        "hooks-libraries": [{"library": "libdhcp_perfmon.so", "parameters": parameters}],
    })
}

fn server(parameters: &Json) -> TestServer6 {
    TestServer6::configured(&configured(parameters)).expect("a server")
}

/// A SOLICIT was answered with an ADVERTISE at this second, which took 3 ms of which it waited one, half of that in line; 4 ms
/// more it had waited in the kernel.
fn answered(server: &TestServer6, second: u64) {
    let times = Times {
        waited: Some(Duration::from_millis(4)),
        read: Duration::from_secs(second),
        queued: Some(Duration::from_micros(500)),
        started: Duration::from_millis(1),
        completed: Duration::from_millis(3),
    };
    let (query, subnet) = (&"a client" as &dyn std::fmt::Display, Some(SubnetId(7)));
    server.monitor().expect("a monitor").answered(Timed { query, asked: 1, replied: 2, subnet, times });
}

/// What an interval comes to is a statistic and shown by command, for the subnet and for all.
#[test]
fn durations_are_summed_up() {
    let server = server(&json!({"enable-monitoring": true, "interval-width-secs": 5}));
    let command = |arguments| server.answer("perfmon-get-all-durations", arguments);
    let none = command(None);
    assert_eq!((&none["result"], &none["text"]), (&json!(3), &json!("perfmon-get-all-durations: 0 found")));
    [100, 101, 107].into_iter().for_each(|second| answered(&server, second));
    for (name, micros) in [
        ("subnet-id[7].perfmon.SOLICIT-ADVERTISE.socket_received-buffer_read.mean-usecs", 4000),
        ("subnet-id[7].perfmon.SOLICIT-ADVERTISE.buffer_read-mt_queued.mean-usecs", 500),
        ("subnet-id[7].perfmon.SOLICIT-ADVERTISE.mt_queued-process_started.mean-usecs", 500),
        ("subnet-id[7].perfmon.SOLICIT-ADVERTISE.process_started-process_completed.mean-usecs", 2000),
        ("perfmon.SOLICIT-ADVERTISE.composite-total_response.mean-usecs", 7000),
    ] {
        assert_eq!(server.statistic(name), micros, "{name}");
    }
    let found = command(None);
    assert_eq!(
        (&found["result"], &found["text"]),
        (&json!(0), &json!("perfmon-get-all-durations: 10 found"))
    );
    let durations = found["arguments"]["durations"].as_array().expect("durations");
    let whole = json!({
        "duration-key": {"query-type": "SOLICIT", "response-type": "ADVERTISE", "start-event": "composite",
            "stop-event": "total_response", "subnet-id": 7},
        "start-time": "1970-01-01 00:01:40.003000", "occurrences": 2, "min-duration-usecs": 7000,
        "max-duration-usecs": 7000, "total-duration-usecs": 14000, "mean-duration-usecs": 7000,
    });
    assert!(durations.contains(&whole), "{found}");
    let found = command(Some(json!({"result-set-format": true})));
    let set = &found["arguments"]["durations-result-set"];
    assert_eq!(
        (set["columns"].as_array().map(Vec::len), set["rows"].as_array().map(Vec::len)),
        (Some(11), Some(10))
    );
    let whole = json!([
        "SOLICIT",
        "ADVERTISE",
        "composite",
        "total_response",
        7,
        "1970-01-01 00:01:40.003000",
        2,
        7000,
        7000,
        14000,
        7000
    ]);
    assert!(set["rows"].as_array().is_some_and(|rows| rows.contains(&whole)), "{found}");
}

/// What is measured can be told by command; what is not wanted is not done.
#[test]
fn monitoring_is_controlled() {
    let server = server(&json!({}));
    let control = |arguments| server.answer("perfmon-control", arguments);
    let flags = |monitors: bool, reports: bool| json!({"enable-monitoring": monitors, "stats-mgr-reporting": reports});
    assert_eq!(control(None)["arguments"], flags(false, true));
    answered(&server, 100);
    assert_eq!(server.answer("perfmon-get-all-durations", None)["result"], 3);
    let answer = control(Some(json!({"enable-monitoring": true, "stats-mgr-reporting": false})));
    assert_eq!(answer["text"], "perfmon-control success");
    assert_eq!(answer["arguments"], flags(true, false));
    [100, 200].into_iter().for_each(|second| answered(&server, second));
    assert_eq!(server.answer("perfmon-get-all-durations", None)["result"], 0);
    assert_eq!(server.statistic("perfmon.SOLICIT-ADVERTISE.composite-total_response.mean-usecs"), 0);
    for wrong in [json!({"enable-monitoring": 1}), json!({"x": true})] {
        assert_eq!(control(Some(wrong.clone()))["result"], 1, "{wrong}");
        assert_eq!(server.answer("perfmon-get-all-durations", Some(wrong))["result"], 1);
    }
}

/// What is wrong is said, and the manual's example is right in the words of this protocol.
#[test]
fn parameters_are_judged() {
    let alarm = |query: &str, response: &str, start: &str, high: i64| {
        json!({"alarms": [{"duration-key": {"query-type": query, "response-type": response,
            "start-event": start, "stop-event": "process-completed", "subnet-id": 0},
            "enable-alarm": true, "high-water-ms": high, "low-water-ms": 25}]})
    };
    let right =
        |parameters: &Json| assert!(TestServer6::configured(&configured(parameters)).is_ok(), "{parameters}");
    right(&json!({"enable-monitoring": true, "interval-width-secs": 5, "stats-mgr-reporting": true,
        "alarm-report-secs": 600}));
    right(&alarm("SOLICIT", "ADVERTISE", "process-started", 500));
    right(&alarm("SOLICIT", "ADVERTISE", "mt_queued", 500));
    let wrong = |parameters: Json| {
        TestServer6::configured(&configured(&parameters)).map(drop).expect_err("what is wrong").join("\n")
    };
    assert!(
        wrong(alarm("DHCPDISCOVER", "ADVERTISE", "process_started", 500))
            .contains("'DHCPDISCOVER' is not a valid")
    );
    assert!(
        wrong(alarm("SOLICIT", "REQUEST", "process_started", 500))
            .contains("not valid for query type: SOLICIT")
    );
    assert!(wrong(alarm("SOLICIT", "ADVERTISE", "process_started", 25)).contains("must be less than"));
    for (keyword, value) in [("interval-width-secs", 0), ("alarm-report-secs", -1), ("else", 1)] {
        assert!(wrong(json!({keyword: value})).contains(keyword));
    }
}
