//! `keactrl` with a real server.

use std::fs;
use std::process::Command;

use kotare_tests::world::{World, eventually, lan_configuration, program, sandboxed};
use serde_json::json;

/// Runs it; what it said, and whether it succeeded.
fn keactrl(world: &World, host: &kotare_tests::world::Host, words: &[&str]) -> (String, bool) {
    let mut command = host.command(program("keactrl"));
    command.args(words).arg("-c").arg(world.path("keactrl.conf"));
    command.env("KEA_PIDFILE_DIR", world.folder()).env("KEA_LOCKFILE_DIR", world.folder());
    command.env("KEA_LOGGER_DESTINATION", world.path("early.log")).env("KEA_DHCP_DATA_DIR", world.folder());
    // What it starts keeps its standard output: a file, as a pipe would have no end.
    let file = world.path("said");
    let output = fs::File::create(&file).expect("make a file");
    command.stdout(output.try_clone().expect("a second handle")).stderr(output);
    let status = command.status().expect("keactrl can be run");
    (fs::read_to_string(file).expect("it writes UTF-8"), status.success())
}

/// Kea's manual, "Commands": a server is started once, told to read its configuration, and ended; what runs is told.
#[test]
fn a_server_is_looked_after() {
    sandboxed("a_server_is_looked_after", |world| {
        let lan = world.lan();
        let configuration = |lifetime: u32| {
            let mut dhcp4 = lan_configuration();
            dhcp4["lease-database"] =
                json!({"type": "memfile", "name": world.path("leases"), "lfc-interval": 0});
            dhcp4["valid-lifetime"] = lifetime.into();
            dhcp4["loggers"] = json!([{
                "name": "kea-dhcp4", "severity": "INFO", "output-options": [{"output": world.path("log")}],
            }]);
            fs::write(world.path("four.conf"), json!({"Dhcp4": dhcp4}).to_string()).expect("write it");
        };
        configuration(3600);
        let text = format!(
            "here={}\nkea_dhcp4_config_file=\"${{here}}/four.conf\"\ndhcp4_srv={}\ndhcp4_cli_options=\"-X\"\ndhcp4=Yes\n",
            world.folder().display(),
            program("kea-dhcp4").display()
        );
        fs::write(world.path("keactrl.conf"), text).expect("write it");
        let run = |words: &[&str]| keactrl(world, &lan.server, words);
        let log = || fs::read_to_string(world.path("log")).unwrap_or_default();

        let (said, success) = run(&["start"]);
        assert!(
            success && said.contains("INFO/keactrl: Starting ") && said.contains("four.conf -X"),
            "{said}"
        );
        eventually("it runs", || log().contains("DHCP4_STARTED").then_some(()));
        let pid_file = world.path("four.kea-dhcp4.pid");
        let pid = fs::read_to_string(&pid_file).expect("a pid file").trim().to_owned();
        let (said, success) = run(&["start"]);
        assert!(
            success && said.contains(&format!("kea-dhcp4 appears to be running, see: PID {pid}, ")),
            "{said}"
        );
        let (said, success) = run(&["status"]);
        assert!(success && said.starts_with("DHCPv4 server: active\nDHCPv6 server: inactive\n"), "{said}");
        let (said, success) = run(&["version", "-s", "dhcp4"]);
        assert_eq!((&*said, success), ("keactrl: 3.3.1\nkea-dhcp4: 3.3.1\n", true));

        configuration(7200);
        assert_eq!(
            run(&["reload", "-s", "dhcp4"]),
            ("INFO/keactrl: Reloading kea-dhcp4...\n".to_owned(), true)
        );
        eventually("it reads its configuration", || {
            log().contains("DHCP4_DYNAMIC_RECONFIGURATION_SUCCESS").then_some(())
        });
        assert_eq!(run(&["stop", "-s", "dhcp4"]), ("INFO/keactrl: Stopping kea-dhcp4...\n".to_owned(), true));
        eventually("it ends", || (!pid_file.exists()).then_some(()));
        assert_eq!(
            run(&["stop", "-s", "dhcp4"]),
            ("INFO/keactrl: kea-dhcp4 isn't running.\n".to_owned(), true)
        );
    });
}

/// The server of DHCPv6 is another one, which runs beside or not.
#[test]
fn the_server_of_dhcpv6_is_looked_after() {
    sandboxed("the_server_of_dhcpv6_is_looked_after", |world| {
        let lan = world.lan();
        let output = json!([{"output": world.path("log")}]);
        let map = json!({
            "lease-database": {"type": "memfile", "name": world.path("leases"), "lfc-interval": 0},
            "loggers": [{"name": "kea-dhcp6", "severity": "INFO", "output-options": output}],
        });
        fs::write(world.path("six.conf"), json!({"Dhcp6": map}).to_string()).expect("write it");
        let text = format!(
            "kea_dhcp6_config_file={}\ndhcp6_srv={}\ndhcp6_cli_options=-X\ndhcp4=no\ndhcp6=yes\n",
            world.path("six.conf").display(),
            program("kea-dhcp6").display()
        );
        fs::write(world.path("keactrl.conf"), text).expect("write it");
        let run = |words: &[&str]| keactrl(world, &lan.server, words);
        let logged = |text: &str| {
            let log = || fs::read_to_string(world.path("log")).unwrap_or_default();
            eventually(text, || log().contains(text).then_some(()));
        };
        let (said, success) = run(&["start"]);
        assert!(success && said.contains("kea-dhcp6 -c ") && said.contains("six.conf -X"), "{said}");
        logged("DHCP6_STARTED");
        let (said, success) = run(&["status"]);
        assert!(success && said.starts_with("DHCPv4 server: inactive\nDHCPv6 server: active\n"), "{said}");
        let (said, success) = run(&["version", "-s", "dhcp6"]);
        assert_eq!((&*said, success), ("keactrl: 3.3.1\nkea-dhcp6: 3.3.1\n", true));
        let (said, success) = run(&["reload", "-s", "dhcp6"]);
        assert_eq!((&*said, success), ("INFO/keactrl: Reloading kea-dhcp6...\n", true));
        logged("DHCP6_DYNAMIC_RECONFIGURATION_SUCCESS");
        let (said, success) = run(&["stop", "-s", "dhcp6"]);
        assert_eq!((&*said, success), ("INFO/keactrl: Stopping kea-dhcp6...\n", true));
        let pid_file = world.path("six.kea-dhcp6.pid");
        eventually("it ends", || (!pid_file.exists()).then_some(()));
    });
}

/// The control agent is looked after as the servers are.
#[test]
fn the_control_agent_is_looked_after() {
    sandboxed("the_control_agent_is_looked_after", |world| {
        let host = world.host("server");
        let configuration = |port: u16| {
            let output = json!([{"output": world.path("log")}]);
            let loggers = json!([{"name": "kea-ctrl-agent", "severity": "INFO", "output-options": output}]);
            let map = json!({"Control-agent": {"http-port": port, "loggers": loggers}});
            fs::write(world.path("agent.conf"), map.to_string()).expect("write it");
        };
        configuration(8000);
        let text = format!(
            "kea_ctrl_agent_config_file={}\nctrl_agent_srv={}\nctrl_agent_cli_options=-X\nctrl_agent=yes\n",
            world.path("agent.conf").display(),
            program("kea-ctrl-agent").display()
        );
        fs::write(world.path("keactrl.conf"), text).expect("write it");
        let run = |words: &[&str]| keactrl(world, &host, words);
        let logged = |text: &str| {
            let log = || fs::read_to_string(world.path("log")).unwrap_or_default();
            eventually(text, || log().contains(text).then_some(()));
        };
        let (said, success) = run(&["start"]);
        assert!(success && said.contains("kea-ctrl-agent -c ") && said.contains("agent.conf -X"), "{said}");
        logged("CTRL_AGENT_STARTED");
        let (said, success) = run(&["status"]);
        assert!(success && said.contains("\nControl Agent: active\n"), "{said}");
        assert!(said.contains("Kea Control Agent configuration file: "), "{said}");
        configuration(8001);
        let (said, success) = run(&["reload", "-s", "ctrl_agent"]);
        assert_eq!((&*said, success), ("INFO/keactrl: Reloading kea-ctrl-agent...\n", true));
        logged("HTTP service bound to address: 127.0.0.1 port: 8001");
        let (said, success) = run(&["stop"]);
        assert!(success && said.contains("INFO/keactrl: Stopping kea-ctrl-agent...\n"), "{said}");
        let pid_file = world.path("agent.kea-ctrl-agent.pid");
        eventually("it ends", || (!pid_file.exists()).then_some(()));
    });
}

/// A pid file that a crash left may name a process which has nothing to do with it: that one is let alone.
#[test]
fn strangers_are_let_alone() {
    sandboxed("strangers_are_let_alone", |world| {
        let lan = world.lan();
        let mut stranger = Command::new("sleep").arg("600").spawn().expect("sleep can be run");
        fs::write(world.path("kea-dhcp4.kea-dhcp4.pid"), format!("{}\n", stranger.id())).expect("write it");
        fs::write(world.path("keactrl.conf"), "kea_dhcp4_config_file=/nowhere/kea-dhcp4.conf\ndhcp4=yes\n")
            .expect("write it");
        for action in ["stop", "reload"] {
            let (said, success) = keactrl(world, &lan.server, &[action, "-s", "dhcp4"]);
            assert_eq!((&*said, success), ("INFO/keactrl: kea-dhcp4 isn't running.\n", true));
        }
        let (said, success) = keactrl(world, &lan.server, &["start", "-s", "dhcp4"]);
        assert!(!success && said.contains("/nowhere/kea-dhcp4.conf"), "{said}");
        assert!(stranger.try_wait().expect("a child can be asked").is_none(), "it lives");
        let _ = stranger.kill();
        let _ = stranger.wait();
    });
}
