//! `kea-shell` with a real server: over its UNIX socket, and through Debian's control agent over HTTP.

use std::process::{Command, Output, Stdio};

use kotare_tests::world::{Agent, ClientProgram, Host, Server, lan_configuration, program, sandboxed};
use serde_json::{Value, json};

/// Runs it on a host, with no arguments for the command but these.
fn shell(host: &Host, words: &[&str], arguments: &str) -> Output {
    use std::io::Write;
    let mut command: Command = host.command(program("kea-shell"));
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("kea-shell can be started");
    child.stdin.take().expect("piped").write_all(arguments.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

fn shown(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("it writes UTF-8")
}

/// Kea's manual, "The Kea Shell": commands, their arguments and answers, over either way to the server.
#[test]
fn commands_reach_the_server() {
    sandboxed("commands_reach_the_server", |world| {
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        dhcp4["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let address = client.obtain().address().to_string();

        let socket = server.control_socket().to_str().expect("a test's path");
        let version: Value =
            serde_json::from_str(&shown(&shell(&lan.server, &["--socket", socket, "version-get"], "")))
                .expect("an answer is JSON");
        assert_eq!(version, server.command("version-get", None));
        let lease = shown(&shell(
            &lan.server,
            &["--socket", socket, "lease4-get"],
            &format!("\"ip-address\": \"{address}\""),
        ));
        assert!(lease.contains(&address), "{lease}");
        let table =
            shown(&shell(&lan.server, &["--socket", socket, "--output", "table", "lease4-get-all"], ""));
        let (names, row) = table.split_once('\n').expect("a line of names");
        assert!(names.contains("ip-address") && row.contains(&address), "{table}");
        let csv =
            shown(&shell(&lan.server, &["--socket", socket, "--output", "csv", "statistic-get-all"], ""));
        assert!(csv.starts_with("name,value,time\n") && csv.contains("\npkt4-received,"), "{csv}");

        let sockets = json!({"dhcp4": {"socket-type": "unix", "socket-name": server.control_socket()}});
        let agent = Agent::kea(world, &lan.server, "agent", json!({"control-sockets": sockets}));
        let Some(_agent) = agent else { return };
        let through = |words: &[&str]| shell(&lan.server, &[&["--service", "dhcp4"], words].concat(), "");
        let answers: Value =
            serde_json::from_str(&shown(&through(&["version-get"]))).expect("an answer is JSON");
        assert_eq!(answers, json!([server.command("version-get", None)]));
        let csv = shown(&through(&["--output", "csv", "lease4-get-all"]));
        assert!(csv.lines().any(|line| line.contains(&address)), "{csv}");
    });
}
