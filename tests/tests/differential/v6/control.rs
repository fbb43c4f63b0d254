//! Commands of leases over the control socket.

use std::collections::BTreeSet;
use std::path::Path;
use std::thread;

use kotare_tests::tell;
use kotare_tests::world::{Server6, World, partner, program, sandboxed};
use serde_json::{Value, json};

use super::configuration::configuration;
use crate::control::{between_answers, libraries, say, without_times};
use crate::verdict::{ANYTHING, Explained, judge, row};

/// The name of the script.
const SCRIPT: &str = "v6 lease commands";

/// What the commands of leases do and say, right or wrong, one after the other; and every command that Kea has with these
/// libraries, ours has.
#[test]
fn lease_commands() {
    sandboxed("v6::control::lease_commands", |world| {
        let Some(kea) = partner("kea-dhcp6") else {
            return tell("skipped: KOTARE_PARTNERS has no kea-dhcp6 to compare with");
        };
        let programs = [("kea", kea), ("ours", program("kea-dhcp6"))];
        let [kea, ours] = thread::scope(|scope| {
            let both =
                programs.each_ref().map(|(name, program)| scope.spawn(move || answers(world, name, program)));
            both.map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        // Its libraries have those of DHCPv4 in either server; it has removed libreload since.
        let is_ours = |command: &&String| !command.contains('4') && *command != "libreload";
        let missing: Vec<_> = kea.0.difference(&ours.0).filter(is_ours).collect();
        assert!(missing.is_empty(), "{missing:?}");
        judge(EXPLAINED, &between_answers(SCRIPT, LEASE_COMMANDS, &[kea.1, ours.1]), |_| true);
    });
}

/// The commands that a server has, and what it answers.
fn answers(world: &World, name: &str, program: &Path) -> (BTreeSet<String>, Vec<Value>) {
    let host = world.host6(name, &world.link(&format!("{name}-lan")));
    let dhcp6 = configuration(json!({"hooks-libraries": libraries()}));
    let server = Server6::start(world, &host, name, program, dhcp6);
    let list = server.command("list-commands", None);
    let names =
        list["arguments"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    let socket = server.control_socket();
    (names.collect(), LEASE_COMMANDS.iter().map(|text| without_times(say(socket, text))).collect())
}

const WORDING: &str = "Kea 3 words it so";
const COLUMNS: &str =
    "Kea 3 counts addresses in probation among those that are assigned, and has its own name of the column";

/// What is meant to differ.
const EXPLAINED: &[Explained] = &[
    row(SCRIPT, ANYTHING, "result", ["1", "4"], "Kea 3 tells a conflict from an error"),
    row(
        SCRIPT,
        r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:1::201", "duid": "01:02:03:04", "iaid": 1, "type": "IA_TA"}}"#,
        "text",
        [ANYTHING; 2],
        "Kea 3 knows no leases of temporary addresses",
    ),
    row(
        SCRIPT,
        r#"{"command": "lease6-get", "arguments": {"ip-address": "2001:db8:8101::", "type": "IA_XX"}}"#,
        "text",
        [ANYTHING; 2],
        "Kea 3 knows no leases of temporary addresses",
    ),
    row(
        SCRIPT,
        r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:1::203", "duid": "01:02:03:04", "iaid": 1, "state": 9}}"#,
        "text",
        [ANYTHING; 2],
        "Kea 3 has more states",
    ),
    row(
        SCRIPT,
        r#"{"command": "lease6-get", "arguments": {"identifier-type": "flex-id", "identifier": "01:02:03", "iaid": 1, "subnet-id": 1}}"#,
        "text",
        [ANYTHING; 2],
        WORDING,
    ),
    row(
        SCRIPT,
        r#"{"command": "lease6-get", "arguments": {"identifier-type": "duid", "identifier": "x", "iaid": 1, "subnet-id": 1}}"#,
        "text",
        [ANYTHING; 2],
        WORDING,
    ),
    row(
        SCRIPT,
        r#"{"command": "lease6-get-page", "arguments": {"from": "start", "limit": 0}}"#,
        "text",
        [ANYTHING; 2],
        WORDING,
    ),
    row(SCRIPT, r#"{"command": "stat-lease6-get"}"#, "arguments", [ANYTHING; 2], COLUMNS),
    row(
        SCRIPT,
        r#"{"command": "stat-lease6-get", "arguments": {"subnet-range": {"first-subnet-id": 1, "last-subnet-id": 5}}}"#,
        "arguments",
        [ANYTHING; 2],
        COLUMNS,
    ),
];

const LEASE_COMMANDS: &[&str] = &[
    r#"{"command": "lease6-add"}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:1::201"}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:1::201", "duid": "1g", "iaid": 1}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:1::201", "duid": "01:02:03:04"}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "nowhere", "duid": "01:02:03:04", "iaid": 1}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "192.0.2.1", "duid": "01:02:03:04", "iaid": 1}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:99::1", "duid": "01:02:03:04", "iaid": 1}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:99::1", "duid": "01:02:03:04", "iaid": 1, "subnet-id": 1}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:1::201", "duid": "01:02:03:04", "iaid": 1, "subnet-id": 77}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:1::201", "duid": "01:02:03:04", "iaid": 1, "type": "IA_TA"}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:1::201", "duid": "01:02:03:04", "iaid": "1"}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:1::201", "duid": "01:02:03:04", "iaid": 1, "expire": 2000000000,
        "valid-lft": 500, "preferred-lft": 400, "hostname": "Some.Host", "fqdn-fwd": true, "hw-address": "1A:1b:1",
        "user-context": {"b": 1, "a": [true, null]}}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:1::201", "duid": "01:02:03:04", "iaid": 1}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:1::202", "duid": "01:02:03:05", "iaid": 2, "expire": 2000000000,
        "state": 1, "comment": "mine"}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:1::203", "duid": "01:02:03:04", "iaid": 1, "state": 9}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:1::203", "duid": "01:02:03:04", "iaid": 1, "fqdn-rev": true}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:8101::", "duid": "01:02:03:04", "iaid": 7, "type": "IA_PD"}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:8101::", "prefix-len": 56, "duid": "01:02:03:04", "iaid": 7,
        "type": "IA_PD"}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:8101::", "prefix-len": 56, "duid": "01:02:03:04", "iaid": 7,
        "type": "IA_PD", "subnet-id": 1, "expire": 2000000000}}"#,
    r#"{"command": "lease6-add", "arguments": {"ip-address": "2001:db8:8102::", "prefix-len": 56, "duid": "01:02:03:04", "iaid": 7,
        "type": "IA_PD", "subnet-id": 1, "state": 1}}"#,
    r#"{"command": "lease6-get", "arguments": {"ip-address": "2001:db8:1::201"}}"#,
    r#"{"command": "lease6-get", "arguments": {"ip-address": "2001:db8:1::202"}}"#,
    r#"{"command": "lease6-get", "arguments": {"ip-address": "2001:db8:1::203"}}"#,
    r#"{"command": "lease6-get", "arguments": {"ip-address": "2001:db8:8101::", "type": "IA_PD"}}"#,
    r#"{"command": "lease6-get", "arguments": {"ip-address": "2001:db8:8101::", "type": "IA_XX"}}"#,
    r#"{"command": "lease6-get", "arguments": {"ip-address": "192.0.2.1"}}"#,
    r#"{"command": "lease6-get", "arguments": {"identifier-type": "duid", "identifier": "01:02:03:04", "iaid": 1, "subnet-id": 1}}"#,
    r#"{"command": "lease6-get", "arguments": {"identifier-type": "duid", "identifier": "01:02:03:04", "iaid": 2, "subnet-id": 1}}"#,
    r#"{"command": "lease6-get", "arguments": {"identifier-type": "duid", "identifier": "01:02:03:04", "iaid": 7, "subnet-id": 1,
        "type": "IA_PD"}}"#,
    r#"{"command": "lease6-get", "arguments": {"identifier-type": "hw-address", "identifier": "01:02", "iaid": 1, "subnet-id": 1}}"#,
    r#"{"command": "lease6-get", "arguments": {"identifier-type": "flex-id", "identifier": "01:02:03", "iaid": 1, "subnet-id": 1}}"#,
    r#"{"command": "lease6-get", "arguments": {"identifier-type": "duid", "identifier": "x", "iaid": 1, "subnet-id": 1}}"#,
    r#"{"command": "lease6-get-all"}"#,
    r#"{"command": "lease6-get-all", "arguments": {"subnets": [1, 9]}}"#,
    r#"{"command": "lease6-get-all", "arguments": {"subnets": ["1"]}}"#,
    r#"{"command": "lease6-get-page", "arguments": {"from": "start", "limit": 1}}"#,
    r#"{"command": "lease6-get-page", "arguments": {"from": "2001:db8:1::201", "limit": 10}}"#,
    r#"{"command": "lease6-get-page", "arguments": {"from": "ffff::", "limit": 10}}"#,
    r#"{"command": "lease6-get-page", "arguments": {"from": "192.0.2.1", "limit": 10}}"#,
    r#"{"command": "lease6-get-page", "arguments": {"from": "start", "limit": 0}}"#,
    r#"{"command": "lease6-get-by-duid", "arguments": {"duid": "01:02:03:04"}}"#,
    r#"{"command": "lease6-get-by-duid", "arguments": {"duid": "01:02:03:99"}}"#,
    r#"{"command": "lease6-get-by-duid", "arguments": {"duid": 5}}"#,
    r#"{"command": "lease6-get-by-hostname", "arguments": {"hostname": "SOME.host"}}"#,
    r#"{"command": "lease6-get-by-hostname", "arguments": {"hostname": ""}}"#,
    r#"{"command": "stat-lease6-get"}"#,
    r#"{"command": "stat-lease6-get", "arguments": {"subnet-id": 9}}"#,
    r#"{"command": "stat-lease6-get", "arguments": {"subnet-range": {"first-subnet-id": 1, "last-subnet-id": 5}}}"#,
    r#"{"command": "stat-lease6-get", "arguments": {"subnet-range": {"first-subnet-id": 5, "last-subnet-id": 1}}}"#,
    r#"{"command": "lease6-update"}"#,
    r#"{"command": "lease6-update", "arguments": {"ip-address": "2001:db8:1::203", "duid": "01:02:03:06", "iaid": 3}}"#,
    r#"{"command": "lease6-update", "arguments": {"ip-address": "2001:db8:1::203", "duid": "01:02:03:06", "iaid": 3,
        "force-create": true, "expire": 2000000000}}"#,
    r#"{"command": "lease6-update", "arguments": {"ip-address": "2001:db8:1::203", "duid": "01:02:03:07", "iaid": 3,
        "expire": 2000000001}}"#,
    r#"{"command": "lease6-get", "arguments": {"ip-address": "2001:db8:1::203"}}"#,
    r#"{"command": "lease6-resend-ddns", "arguments": {"ip-address": "2001:db8:1::201"}}"#,
    r#"{"command": "lease6-bulk-apply"}"#,
    r#"{"command": "lease6-bulk-apply", "arguments": {}}"#,
    r#"{"command": "lease6-bulk-apply", "arguments": {"leases": 5}}"#,
    r#"{"command": "lease6-bulk-apply", "arguments": {"deleted-leases": [{"ip-address": "2001:db8:1::203", "type": "IA_NA"},
        {"ip-address": "2001:db8:1::2ff", "type": "IA_NA"}], "leases": [{"ip-address": "2001:db8:1::204", "duid": "01:02:03:08",
        "iaid": 1, "expire": 2000000000}]}}"#,
    r#"{"command": "lease6-bulk-apply", "arguments": {"leases": [{"ip-address": "2001:db8:1::205"}]}}"#,
    r#"{"command": "lease6-del", "arguments": {"ip-address": "2001:db8:1::204"}}"#,
    r#"{"command": "lease6-del", "arguments": {"ip-address": "2001:db8:1::204"}}"#,
    r#"{"command": "lease6-del", "arguments": {"ip-address": "2001:db8:8101::", "type": "IA_PD"}}"#,
    r#"{"command": "lease6-del", "arguments": {"identifier-type": "hw-address", "identifier": "01:02", "iaid": 1, "subnet-id": 1}}"#,
    r#"{"command": "lease6-del", "arguments": {"identifier-type": "duid", "identifier": "01:02:03:05", "iaid": 2, "subnet-id": 1}}"#,
    r#"{"command": "lease6-wipe", "arguments": {"subnet-id": 1}}"#,
    r#"{"command": "lease6-wipe", "arguments": {"subnet-id": 1}}"#,
    r#"{"command": "lease6-wipe", "arguments": {"subnet-id": "1"}}"#,
    r#"{"command": "lease6-wipe"}"#,
    r#"{"command": "lease6-get-all"}"#,
];
