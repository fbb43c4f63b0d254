//! Commands, statistics and errors over the control socket.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;

use kotare_config::json::format::{Shape, text};
use kotare_tests::world::{World, eventually, partner, sandboxed};
use serde_json::{Value, json};

use crate::explained::EXPLAINED;
use crate::scripts::configuration;
use crate::stage::with_both;
use crate::verdict::{Difference, judge, statistics};

/// Every command that Kea has, ours has; every statistic that Kea has, ours has, with the same value.
#[test]
fn commands_and_statistics() {
    sandboxed("control::commands_and_statistics", |world| {
        let told = with_both(world, &configuration(json!({})), |server, _| {
            [server.command("list-commands", None), statistics(server)]
        });
        let Some([kea, ours]) = told else { return };
        let names = |list: &Value| -> BTreeSet<String> {
            list["arguments"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        };
        let ours_can = names(&ours[0]);
        let mut differences: Vec<Difference> = names(&kea[0])
            .into_iter()
            .filter(|command| !ours_can.contains(command))
            .map(|command| difference("commands", "list-commands", &command, "there", "missing"))
            .collect();
        let samples = |all: &Value| all["arguments"].as_object().cloned().unwrap_or_default();
        let our_samples = samples(&ours[1]);
        for (name, kea) in samples(&kea[1]) {
            let value = |samples: &Value| samples[0][0].to_string();
            let ours = our_samples.get(&name).map_or_else(|| "missing".to_owned(), value);
            if ours != value(&kea) {
                differences.push(difference("statistics", "statistic-get-all", &name, &value(&kea), &ours));
            }
        }
        judge(EXPLAINED, &differences, |row| ["commands", "statistics"].contains(&row.script));
    });
}

/// The file of `config-write` has the layout that Kea gives it: the real one's file, laid out anew, is the same text.
#[test]
fn written_files() {
    sandboxed("control::written_files", |world| {
        let told = with_both(world, &configuration(json!({})), |server, _| {
            let answer = server.command("config-write", None);
            let file = server.folder().join("kea-dhcp4.conf");
            let written = std::fs::read_to_string(file).expect("config-write wrote UTF-8");
            assert_eq!(answer["arguments"]["size"], written.len(), "{answer}");
            written
        });
        for written in told.into_iter().flatten() {
            let value: Value = serde_json::from_str(&written).expect("config-write writes JSON");
            assert_eq!(text(&value, Shape::Indented), written);
        }
    });
}

/// What is no command, or one with wrong arguments, is answered in the words that clients match.
#[test]
fn bad_commands() {
    sandboxed("control::bad_commands", |world| {
        compare(world, "bad commands", BAD_COMMANDS, json!({}));
    });
}

/// Sends these texts to both, one after the other, and judges where the answers differ.
fn compare(world: &World, script: &str, requests: &[&str], dhcp4: Value) {
    let told = with_both(world, &configuration(dhcp4), |server, _| {
        // An answer may be heard before its message is counted.
        eventually("what came at the start is counted", || {
            (server.statistic("pkt4-received") > 0).then_some(())
        });
        let socket = server.folder().join("control");
        requests.iter().map(|text| without_times(say(&socket, text))).collect::<Vec<_>>()
    });
    let Some(both) = told else { return };
    judge(EXPLAINED, &between_answers(script, requests, &both), |row| row.script == script);
}

/// How the answers of Kea and ours to these requests differ.
pub(crate) fn between_answers(
    script: &str,
    requests: &[&str],
    [kea, ours]: &[Vec<Value>; 2],
) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (request, (kea, ours)) in requests.iter().zip(kea.iter().zip(ours)) {
        for field in ["result", "text", "arguments"] {
            let (kea, ours) = (kea[field].to_string(), ours[field].to_string());
            // Kea says where in the command a wrong value stands.
            let shortened = kea.split("(<").next().unwrap_or_default().trim_end().trim_end_matches('"');
            if kea != ours && shortened != ours.trim_end_matches('"') {
                differences.push(difference(script, request, field, &kea, &ours));
            }
        }
    }
    differences
}

/// The answer without when something was counted.
pub(crate) fn without_times(mut answer: Value) -> Value {
    if let Some(time) = answer.pointer_mut("/arguments/result-set/timestamp") {
        *time = Value::Null;
    }
    for statistic in answer["arguments"].as_object_mut().into_iter().flat_map(|map| map.values_mut()) {
        for sample in statistic.as_array_mut().into_iter().flatten().filter_map(Value::as_array_mut) {
            sample.truncate(1);
        }
    }
    answer
}

const BAD_COMMANDS: &[&str] = &[
    "",
    " ",
    "nonsense",
    "[]",
    "{}",
    "42",
    "\"version-get\"",
    "{\"command\"",
    "{\"command\": 5}",
    "{\"command\": \"\"}",
    "{\"command\": \"no-such-command\"}",
    "{\"command\": \"version-get\", \"arguments\": 5}",
    "{\"command\": \"version-get\", \"surprise\": 5}",
    "{\"arguments\": {}}",
    "{\"command\": \"statistic-get\"}",
    "{\"command\": \"statistic-get\", \"arguments\": {}}",
    "{\"command\": \"statistic-get\", \"arguments\": {\"name\": 5}}",
    "{\"command\": \"statistic-get\", \"arguments\": {\"name\": \"\"}}",
    "{\"command\": \"statistic-get\", \"arguments\": {\"name\": \"no-such-statistic\"}}",
    "{\"command\": \"statistic-reset\", \"arguments\": {\"name\": \"no-such-statistic\"}}",
    "{\"command\": \"statistic-remove\", \"arguments\": {\"name\": \"no-such-statistic\"}}",
    "{\"command\": \"statistic-sample-count-set\", \"arguments\": {\"name\": \"no-such-statistic\", \"max-samples\": 5}}",
    "{\"command\": \"statistic-sample-count-set\", \"arguments\": {\"name\": \"pkt4-received\", \"max-samples\": 0}}",
    "{\"command\": \"statistic-sample-count-set\", \"arguments\": {\"name\": \"pkt4-received\"}}",
    "{\"command\": \"statistic-sample-age-set\", \"arguments\": {\"name\": \"pkt4-received\", \"duration\": \"x\"}}",
    "{\"command\": \"statistic-sample-age-set-all\", \"arguments\": {}}",
    "{\"command\": \"statistic-reset-all\"}",
    "{\"command\": \"leases-reclaim\"}",
    "{\"command\": \"leases-reclaim\", \"arguments\": {}}",
    "{\"command\": \"leases-reclaim\", \"arguments\": {\"remove\": \"yes\"}}",
    "{\"command\": \"leases-reclaim\", \"arguments\": {\"remove\": true}}",
    "{\"command\": \"dhcp-disable\", \"arguments\": {\"max-period\": -1}}",
    "{\"command\": \"dhcp-disable\", \"arguments\": {\"max-period\": \"x\"}}",
    "{\"command\": \"dhcp-disable\", \"arguments\": {\"max-period\": 0}}",
    "{\"command\": \"dhcp-disable\", \"arguments\": []}",
    "{\"command\": \"dhcp-disable\", \"arguments\": {\"origin\": \"nobody\"}}",
    "{\"command\": \"dhcp-enable\", \"arguments\": {\"origin\": 5}}",
    "{\"command\": \"dhcp-disable\"}",
    "{\"command\": \"dhcp-enable\"}",
    "{\"command\": \"config-test\"}",
    "{\"command\": \"config-test\", \"arguments\": {}}",
    "{\"command\": \"config-test\", \"arguments\": {\"Dhcp6\": {}}}",
    "{\"command\": \"config-test\", \"arguments\": {\"Dhcp4\": 5}}",
    "{\"command\": \"config-set\"}",
    "{\"command\": \"config-set\", \"arguments\": {\"Dhcp6\": {}}}",
    "{\"command\": \"config-write\", \"arguments\": {\"filename\": 5}}",
    "{\"command\": \"config-write\", \"arguments\": {\"filename\": \"/no/such/folder/file\"}}",
    "{\"command\": \"shutdown\", \"arguments\": {\"exit-value\": \"x\"}}",
    "{\"command\": \"server-tag-get\"}",
];

/// What the commands of leases do and say, right or wrong, one after the other.
#[test]
fn lease_commands() {
    sandboxed("control::lease_commands", |world| {
        compare(world, "lease commands", LEASE_COMMANDS, json!({"hooks-libraries": libraries()}));
    });
}

/// The libraries of commands about leases, where Kea has them; ours go by the names alone.
pub(crate) fn libraries() -> Value {
    let library = |name: &str| {
        let path = partner(name).map_or_else(|| name.to_owned(), |path| path.display().to_string());
        json!({"library": path})
    };
    json!([library("libdhcp_lease_cmds.so"), library("libdhcp_stat_cmds.so")])
}

/// What the commands of statistics do and say, one after the other.
#[test]
fn statistic_commands() {
    sandboxed("control::statistic_commands", |world| {
        compare(world, "statistic commands", STATISTIC_COMMANDS, json!({}));
    });
}

const STATISTIC_COMMANDS: &[&str] = &[
    r#"{"command": "statistic-get", "arguments": {"name": "pkt4-received"}}"#,
    r#"{"command": "statistic-get", "arguments": {"name": "subnet[1].total-addresses"}}"#,
    r#"{"command": "statistic-get", "arguments": {"name": "subnet[2].total-addresses"}}"#,
    r#"{"command": "statistic-get", "arguments": {"name": "subnet[1].total-addresses", "surprise": [1, {}]}}"#,
    r#"{"command": "statistic-sample-count-set", "arguments": {"name": "pkt4-received", "max-samples": 3}}"#,
    r#"{"command": "statistic-sample-count-set", "arguments": {"name": "pkt4-received", "max-samples": 1.5}}"#,
    r#"{"command": "statistic-sample-count-set-all", "arguments": {"max-samples": 7}}"#,
    r#"{"command": "statistic-sample-age-set", "arguments": {"name": "pkt4-received", "duration": 60}}"#,
    r#"{"command": "statistic-sample-age-set-all", "arguments": {"duration": 60}}"#,
    r#"{"command": "statistic-reset", "arguments": {"name": "pkt4-received"}}"#,
    r#"{"command": "statistic-get", "arguments": {"name": "pkt4-received"}}"#,
    r#"{"command": "statistic-reset", "arguments": {"name": "subnet[1].total-addresses"}}"#,
    r#"{"command": "statistic-get", "arguments": {"name": "subnet[1].total-addresses"}}"#,
    r#"{"command": "statistic-remove", "arguments": {"name": "pkt4-received"}}"#,
    r#"{"command": "statistic-remove", "arguments": {"name": "pkt4-received"}}"#,
    r#"{"command": "statistic-get", "arguments": {"name": "pkt4-received"}}"#,
    r#"{"command": "statistic-reset-all"}"#,
    r#"{"command": "statistic-get", "arguments": {"name": "declined-addresses"}}"#,
    r#"{"command": "statistic-remove-all"}"#,
    r#"{"command": "statistic-get-all"}"#,
];

const LEASE_COMMANDS: &[&str] = &[
    r#"{"command": "lease4-add"}"#,
    r#"{"command": "lease4-add", "arguments": {"ip-address": "192.0.2.201"}}"#,
    r#"{"command": "lease4-add", "arguments": {"ip-address": "192.0.2.201", "hw-address": "1g"}}"#,
    r#"{"command": "lease4-add", "arguments": {"ip-address": "nowhere", "hw-address": "01:01"}}"#,
    r#"{"command": "lease4-add", "arguments": {"ip-address": "10.0.0.1", "hw-address": "01:01"}}"#,
    r#"{"command": "lease4-add", "arguments": {"ip-address": "10.0.0.1", "hw-address": "01:01", "subnet-id": 1}}"#,
    r#"{"command": "lease4-add", "arguments": {"ip-address": "192.0.2.201", "hw-address": "01:01", "subnet-id": 77}}"#,
    r#"{"command": "lease4-add", "arguments": {"ip-address": "192.0.2.201", "hw-address": "1A:1b:1", "client-id": "010203",
        "expire": 2000000000, "valid-lft": 500, "hostname": "Some.Host", "fqdn-fwd": true,
        "user-context": {"b": 1, "a": [true, null]}}}"#,
    r#"{"command": "lease4-add", "arguments": {"ip-address": "192.0.2.201", "hw-address": "01:01"}}"#,
    r#"{"command": "lease4-add", "arguments": {"ip-address": "192.0.2.202", "hw-address": "01:01", "expire": 2000000000,
        "state": 1, "comment": "mine"}}"#,
    r#"{"command": "lease4-add", "arguments": {"ip-address": "192.0.2.203", "hw-address": "01:01", "state": 9}}"#,
    r#"{"command": "lease4-add", "arguments": {"ip-address": "192.0.2.203", "hw-address": "01:01", "fqdn-rev": true}}"#,
    r#"{"command": "lease4-get", "arguments": {"ip-address": "192.0.2.201"}}"#,
    r#"{"command": "lease4-get", "arguments": {"ip-address": "192.0.2.202"}}"#,
    r#"{"command": "lease4-get", "arguments": {"ip-address": "192.0.2.203"}}"#,
    r#"{"command": "lease4-get", "arguments": {"identifier-type": "client-id", "identifier": "01:02:03", "subnet-id": 1}}"#,
    r#"{"command": "lease4-get", "arguments": {"identifier-type": "flex-id", "identifier": "01:02:03", "subnet-id": 1}}"#,
    r#"{"command": "lease4-get", "arguments": {"identifier-type": "hw-address", "identifier": "x", "subnet-id": 1}}"#,
    r#"{"command": "lease4-get-all"}"#,
    r#"{"command": "lease4-get-all", "arguments": {"subnets": [1, 9]}}"#,
    r#"{"command": "lease4-get-all", "arguments": {"subnets": ["1"]}}"#,
    r#"{"command": "lease4-get-page", "arguments": {"from": "start", "limit": 1}}"#,
    r#"{"command": "lease4-get-page", "arguments": {"from": "192.0.2.201", "limit": 10}}"#,
    r#"{"command": "lease4-get-page", "arguments": {"from": "192.0.2.202", "limit": 10}}"#,
    r#"{"command": "lease4-get-page", "arguments": {"from": "::1", "limit": 10}}"#,
    r#"{"command": "lease4-get-by-hw-address", "arguments": {"hw-address": "01:01"}}"#,
    r#"{"command": "lease4-get-by-client-id", "arguments": {"client-id": "01:02:03"}}"#,
    r#"{"command": "lease4-get-by-hostname", "arguments": {"hostname": "SOME.host"}}"#,
    r#"{"command": "lease4-get-by-hostname", "arguments": {"hostname": ""}}"#,
    r#"{"command": "stat-lease4-get"}"#,
    r#"{"command": "stat-lease4-get", "arguments": {"subnet-id": 9}}"#,
    r#"{"command": "stat-lease4-get", "arguments": {"subnet-range": {"first-subnet-id": 1, "last-subnet-id": 5}}}"#,
    r#"{"command": "stat-lease4-get", "arguments": {"subnet-range": {"first-subnet-id": 5, "last-subnet-id": 1}}}"#,
    r#"{"command": "lease4-update", "arguments": {"ip-address": "192.0.2.203", "hw-address": "03:03"}}"#,
    r#"{"command": "lease4-update", "arguments": {"ip-address": "192.0.2.203", "hw-address": "03:03", "force-create": true,
        "expire": 2000000000}}"#,
    r#"{"command": "lease4-update", "arguments": {"ip-address": "192.0.2.203", "hw-address": "04:04",
        "expire": 2000000001}}"#,
    r#"{"command": "lease4-get", "arguments": {"ip-address": "192.0.2.203"}}"#,
    r#"{"command": "statistic-get", "arguments": {"name": "no-such-statistic"}}"#,
    r#"{"command": "lease4-resend-ddns", "arguments": {"ip-address": "192.0.2.201"}}"#,
    r#"{"command": "lease4-del", "arguments": {"ip-address": "192.0.2.203"}}"#,
    r#"{"command": "lease4-del", "arguments": {"ip-address": "192.0.2.203"}}"#,
    r#"{"command": "lease4-del", "arguments": {"identifier-type": "duid", "identifier": "01:02:03", "subnet-id": 1}}"#,
    r#"{"command": "lease4-wipe", "arguments": {"subnet-id": 1}}"#,
    r#"{"command": "lease4-wipe", "arguments": {"subnet-id": 1}}"#,
    r#"{"command": "lease4-wipe"}"#,
    r#"{"command": "lease4-get-all"}"#,
];

/// Sends this text and returns the answer; null where there is none.
pub(crate) fn say(socket: &Path, text: &str) -> Value {
    let mut stream = UnixStream::connect(socket).expect("the server listens");
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(text.as_bytes());
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    serde_json::from_str(&answer).unwrap_or(Value::Null)
}

fn difference(script: &str, step: &str, field: &str, kea: &str, ours: &str) -> Difference {
    let [script, step, field, kea, ours] = [script, step, field, kea, ours].map(str::to_owned);
    Difference { script, step, field, kea, ours }
}
