//! `kea-ctrl-agent` with real daemons and real clients: ours before ours, ours before Debian's, Debian's before ours.

use std::fs;
use std::io::Read;
use std::os::unix::net::UnixListener;
use std::process::Stdio;
use std::thread;

use kotare_tests::world::{
    AGENT_URL, Agent, Server, World, eventually, lan_configuration, program, sandboxed,
};
use serde_json::{Value, json};

/// The answer to a reload that everything is well with, as management programs compare it.
const RELOADED: &str = "Configuration successful.";

/// An agent's map with the daemon `server` as `dhcp4`.
fn before(server: &Server) -> Value {
    json!({"control-sockets": {"dhcp4": {"socket-type": "unix", "socket-name": server.control_socket()}}})
}

/// A sentence of Kea's for a daemon that gives no answer.
fn offline(service: &str, reason: &str) -> Value {
    let text = format!(
        "unable to forward command to the {service} service: {reason}. The server is likely to be offline"
    );
    json!({"result": 1, "text": text})
}

/// The LAN's configuration with this lifetime.
fn lasting(seconds: u32) -> Value {
    let mut dhcp4 = lan_configuration();
    dhcp4["valid-lifetime"] = seconds.into();
    dhcp4
}

/// Kea's manual, "Overview of the Kea Control Agent": commands with a service are passed on, in the order of the services,
/// others are answered by the agent; a daemon that is away or not configured is an error in Kea's words, and needs no
/// other agent when it is back.
#[test]
fn commands_reach_daemons_through_the_agent() {
    sandboxed("commands_reach_daemons_through_the_agent", |world| {
        let lan = world.lan();
        let server = Server::kotare(world, &lan.server, "server", lan_configuration());
        let mut map = before(&server);
        map["control-sockets"]["dhcp6"] = json!({"socket-type": "unix", "socket-name": world.path("none")});
        let agent = Agent::kotare(world, &lan.server, "agent", map);
        let version = server.command("version-get", None);
        assert_eq!(agent.ask("version-get", &["dhcp4"]), json!([version]));
        assert!(
            version["arguments"]["extended"].as_str().is_some_and(|text| text.contains("lease backends"))
        );
        let unknown = "forwarding socket is not configured for the server type d2";
        let answers = agent.ask("version-get", &["d2", "dhcp4", "dhcp6"]);
        let away = offline("dhcp6", "No such file or directory");
        assert_eq!(answers, json!([{"result": 1, "text": unknown}, version, away]));
        agent.await_log(&[
            "ctrl-agent",
            "CTRL_AGENT_COMMAND_FORWARDED command version-get successfully forwarded to the service dhcp4 from remote address 127.0.0.1",
        ]);

        let own = agent.request(&json!({"command": "version-get"}));
        assert_eq!((&own[0]["result"], own[0]["text"].as_str()), (&json!(0), Some("3.3.1")));
        assert_ne!(own, json!([version]));
        let lost = agent.request(&json!({"command": "lease4-get-all"}));
        assert!(
            lost[0]["text"].as_str().is_some_and(|text| text.contains("You did not include \"service\"")),
            "{lost}"
        );

        let mut shell = lan.server.command(program("kea-shell"));
        let output = shell.args(["--service", "dhcp4", "status-get"]).stdin(Stdio::null()).output();
        let said = String::from_utf8(output.expect("kea-shell can be started").stdout).expect("text");
        assert!(said.contains(&format!("\"pid\": {}", server.pid())), "{said}");

        server.signal("KILL");
        let mut ended = server;
        ended.wait();
        let away = offline("dhcp4", "Connection refused");
        assert_eq!(agent.ask("version-get", &["dhcp4"]), json!([away]));
        let server = Server::again(world, &lan.server, "server");
        assert_eq!(agent.ask("version-get", &["dhcp4"]), json!([version]));
        assert!(server.stop());
        let away = offline("dhcp4", "No such file or directory");
        assert_eq!(agent.ask("version-get", &["dhcp4"]), json!([away]));
        assert!(agent.stop());
    });
}

/// What a management program does: it writes the server's file and asks for a reload through the agent. A good file is
/// served from, a broken one is an error and changes nothing.
fn reload_by_hand(agent: &Agent, server: &Server) {
    let lifetime = || {
        let answer = agent.ask("config-get", &["dhcp4"]);
        answer[0]["arguments"]["Dhcp4"]["valid-lifetime"].as_u64()
    };
    let command = json!({"command": "config-reload", "service": ["dhcp4"]});
    server.write_configuration(lasting(1800));
    let mut answers = agent.request(&command);
    // Kea tells the hash since 2.4, and so does our server.
    if let Some(arguments) = answers[0].as_object_mut().and_then(|answer| answer.remove("arguments")) {
        assert_eq!(
            arguments.as_object().map(|map| map.keys().collect::<Vec<_>>()),
            Some(vec![&"hash".to_owned()])
        );
    }
    assert_eq!(answers, json!([{"result": 0, "text": RELOADED}]));
    assert_eq!(lifetime(), Some(1800));

    let file = server.folder().join("kea-dhcp4.conf");
    let good = fs::read_to_string(&file).expect("a configuration");
    for broken in [
        good.replace("\"subnet4\"", "\"subnet44\""),
        good.replace("1800", "[1200"),
        good[..good.len() / 2].to_owned(),
    ] {
        fs::write(&file, broken).expect("write it");
        let answers = agent.request(&command);
        let text = answers[0]["text"].as_str().unwrap_or_default();
        assert!(answers[0]["result"] == 1 && text.contains("kea-dhcp4.conf"), "{answers}");
        assert_eq!(lifetime(), Some(1800));
    }
    fs::write(&file, good.replace("1800", "900")).expect("write it");
    assert_eq!(agent.request(&command)[0]["text"], RELOADED);
    assert_eq!(lifetime(), Some(900));
}

/// A server's file that was written by hand is read when the agent is told to.
#[test]
fn a_file_written_by_hand_is_reloaded_through_the_agent() {
    sandboxed("a_file_written_by_hand_is_reloaded_through_the_agent", |world| {
        let lan = world.lan();
        let server = Server::kotare(world, &lan.server, "server", lasting(3600));
        let agent = Agent::kotare(world, &lan.server, "agent", before(&server));
        reload_by_hand(&agent, &server);
    });
}

/// Our agent serves Debian's server, and Debian's agent ours, in the same way.
#[test]
fn agents_and_servers_of_debian_and_ours_go_together() {
    sandboxed("agents_and_servers_of_debian_and_ours_go_together", |world| {
        let lan = world.lan();
        {
            let Some(server) = Server::kea(world, &lan.server, "theirs", lasting(3600)) else { return };
            let agent = Agent::kotare(world, &lan.server, "agent", before(&server));
            let version = agent.ask("version-get", &["dhcp4"]);
            assert!(version[0]["text"].as_str().is_some_and(|text| text.starts_with("2.2")), "{version}");
            server.write_configuration(lasting(1800));
            let said = agent.curl(&[], &json!({"command": "config-reload", "service": ["dhcp4"]}));
            assert_eq!(said, format!("[ {{ \"result\": 0, \"text\": \"{RELOADED}\" }} ]"));
            server.write_configuration(lasting(3600));
            reload_by_hand(&agent, &server);
            assert!(agent.stop());
            assert!(server.stop());
        }
        let server = Server::kotare(world, &lan.server, "ours", lasting(3600));
        let Some(agent) = Agent::kea(world, &lan.server, "their-agent", before(&server)) else { return };
        assert_eq!(agent.ask("version-get", &["dhcp4"]), json!([server.command("version-get", None)]));
        reload_by_hand(&agent, &server);
    });
}

/// A daemon behind a UNIX socket that takes commands and answers none.
fn silent(world: &World, name: &str) {
    let listener = UnixListener::bind(world.path(name)).expect("a socket can be made");
    thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || client.read_to_end(&mut Vec::new()));
        }
    });
}

/// A daemon that accepts and never answers is an error after its time; others are answered for meanwhile, however many
/// wait for it.
#[test]
fn a_daemon_that_hangs_hangs_nobody() {
    sandboxed("a_daemon_that_hangs_hangs_nobody", |world| {
        let lan = world.lan();
        silent(world, "silent");
        let server = Server::kotare(world, &lan.server, "server", lan_configuration());
        let mut map = before(&server);
        let entry = |timeout: u32| json!({"socket-name": world.path("silent"), "timeout": timeout});
        map["control-sockets"]["dhcp6"] = entry(600);
        map["control-sockets"]["d2"] = entry(1);
        let agent = Agent::kotare(world, &lan.server, "agent", map);
        let late = offline("d2", "Connection timed out");
        assert_eq!(agent.ask("status-get", &["d2"]), json!([late]));

        let waiting: Vec<_> = (0..100)
            .map(|_| {
                let mut curl = agent.curl_command();
                curl.args([
                    "--json",
                    &json!({"command": "status-get", "service": ["dhcp6"]}).to_string(),
                    AGENT_URL,
                ]);
                curl.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("curl is installed")
            })
            .collect();
        let busy = offline("dhcp6", "64 commands wait for its answer already");
        eventually("as many commands wait as may", || {
            let mut curl = agent.curl_command();
            let text = json!({"command": "status-get", "service": ["dhcp6"]}).to_string();
            let output = curl
                .args(["--max-time", "5", "--json", &text, AGENT_URL])
                .output()
                .expect("curl is installed");
            let answers: Option<Value> = serde_json::from_slice(&output.stdout).ok();
            (answers == Some(json!([busy]))).then_some(())
        });
        let version = server.command("version-get", None);
        assert_eq!(agent.ask("version-get", &["dhcp4", "d2"]), json!([version, late]));
        assert_eq!(agent.request(&json!({"command": "status-get"}))[0]["result"], 0);
        for mut curl in waiting {
            let _ = curl.kill();
            let _ = curl.wait();
        }
        assert!(agent.stop());
    });
}

/// Kea's manual, "Configuration": who knows a name and its password sends commands. The agent itself has such a name for
/// a server that it reaches over HTTP.
#[test]
fn names_and_passwords_are_asked_for_and_told() {
    sandboxed("names_and_passwords_are_asked_for_and_told", |world| {
        let lan = world.lan();
        fs::write(world.path("secret"), "operator:much: secret\n").expect("write a secret");
        let clients =
            json!({"type": "basic", "directory": world.folder(), "clients": [{"password-file": "secret"}]});
        let mut dhcp4 = lan_configuration();
        dhcp4["control-sockets"] = json!([
            {"socket-type": "unix", "socket-name": world.path("server").join("control")},
            {"socket-type": "http", "socket-address": "192.0.2.1", "socket-port": 8004, "authentication": clients},
        ]);
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        let way = |file: &str| {
            json!({"socket-type": "http", "socket-address": "192.0.2.1", "socket-port": 8004, "authentication":
                {"type": "basic", "directory": world.folder(), "password-file": file}})
        };
        fs::write(world.path("wrong"), "operator:little\n").expect("write a secret");
        let map = json!({"authentication": clients, "http-headers": [{"name": "X-Here", "value": "yes"}],
            "control-sockets": {"dhcp4": way("secret"), "d2": way("wrong")}});
        let agent = Agent::kotare(world, &lan.server, "agent", map);
        let command = json!({"command": "version-get", "service": ["dhcp4"]});
        for options in [&[][..], &["--user", "operator:little"], &["--user", "operator:"]] {
            let said = agent.curl(&[options, &["--include"]].concat(), &command);
            assert!(said.starts_with("HTTP/1.1 401 Unauthorized\r\n"), "{said}");
            assert!(said.contains("uthenticate: Basic realm=\"kea-control-agent\"\r\n"), "{said}");
            assert!(said.ends_with("{ \"result\": 401, \"text\": \"Unauthorized\" }"), "{said}");
        }
        let user = ["--user", "operator:much: secret"];
        let said = agent.curl(&[&user[..], &["--include"]].concat(), &command);
        assert!(said.contains("\r\nX-Here: yes\r\n"), "{said}");
        let answer: Value = serde_json::from_str(&agent.curl(&user, &command)).expect("JSON");
        assert_eq!(answer, json!([server.command("version-get", None)]));
        let both = json!({"command": "version-get", "service": ["d2", "dhcp4"]});
        let answers: Value = serde_json::from_str(&agent.curl(&user, &both)).expect("JSON");
        let told = offline("d2", "http://192.0.2.1:8004/: HTTP Error 401: Unauthorized");
        assert_eq!(answers, json!([told, server.command("version-get", None)]));
        assert!(!agent.log().contains("much: secret"), "{}", agent.log());
    });
}

/// The agent is reconfigured like a server: by command, by signal, and not at all by what is wrong. Two with one file are
/// one too many.
#[test]
fn the_agent_is_reconfigured_while_it_serves() {
    sandboxed("the_agent_is_reconfigured_while_it_serves", |world| {
        let lan = world.lan();
        let server = Server::kotare(world, &lan.server, "server", lan_configuration());
        let agent = Agent::kotare(world, &lan.server, "agent", json!({}));
        let unknown = "forwarding socket is not configured for the server type dhcp4";
        assert_eq!(agent.ask("status-get", &["dhcp4"]), json!([{"result": 1, "text": unknown}]));
        agent.write_configuration(before(&server));
        agent.signal("HUP");
        eventually("the daemon is known", || {
            (agent.ask("status-get", &["dhcp4"])[0]["result"] == 0).then_some(())
        });
        agent.write_configuration(json!({"http-port": "eight"}));
        let answers = agent.request(&json!({"command": "config-reload"}));
        let text = answers[0]["text"].as_str().unwrap_or_default();
        assert!(answers[0]["result"] == 1 && text.contains("kea-ctrl-agent.conf:"), "{answers}");
        agent.signal("HUP");
        agent.await_log(&["DCTL_CFG_FILE_RELOAD_ERROR", "kea-ctrl-agent.conf:"]);
        assert_eq!(agent.ask("status-get", &["dhcp4"])[0]["result"], 0);

        let mut moved = before(&server);
        moved["http-port"] = 8001.into();
        let answers = agent.request(&json!({"command": "config-set", "arguments": {"Control-agent": moved}}));
        assert_eq!(answers, json!([{"result": 0, "text": "Configuration applied successfully."}]));
        let mut curl = agent.curl_command();
        let text = json!({"command": "status-get", "service": ["dhcp4"]}).to_string();
        let output =
            curl.args(["--json", &text, "http://127.0.0.1:8001/"]).output().expect("curl is installed");
        let answers: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(answers[0]["result"], 0);
        assert!(
            agent.curl(&[], &json!({"command": "status-get"})).contains("Failed to connect"),
            "the port is closed"
        );

        agent.write_configuration(before(&server));
        let again = lan
            .server
            .command(program("kea-ctrl-agent"))
            .arg("-c")
            .arg(world.path("agent/kea-ctrl-agent.conf"))
            .env("KEA_PIDFILE_DIR", world.path("agent"))
            .output()
            .expect("it can be started");
        let said = String::from_utf8_lossy(&again.stderr);
        assert!(!again.status.success() && said.contains("already running?"), "{said}");
        assert!(agent.stop());
    });
}
