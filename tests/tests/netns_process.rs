//! The server as a process: signals, its pid file, its end.

use std::fs;

use kotare_tests::world::{ClientProgram, Server, eventually, lan_configuration, program, sandboxed};
use serde_json::json;

/// Kea's manual, "Starting and Stopping the DHCPv4 Server": SIGTERM and SIGINT end the server in order, with success.
#[test]
fn signals_end_it_in_order() {
    sandboxed("signals_end_it_in_order", |world| {
        let lan = world.lan();
        for signal in ["TERM", "INT"] {
            let mut server = Server::under_test(world, &lan.server, "server", lan_configuration());
            server.signal(signal);
            assert!(server.wait(), "SIG{signal}: {}", server.log());
            assert!(server.log().contains("DHCP4_SHUTDOWN"), "{}", server.log());
            assert!(!server.folder().join("kea-dhcp4.kea-dhcp4.pid").exists(), "its pid file is gone");
            assert!(!server.folder().join("control").exists(), "its control socket is gone");
        }
    });
}

/// Kea's manual, "shutdown": the command ends the server with the exit code it names.
#[test]
fn the_shutdown_command_names_the_exit_code() {
    sandboxed("the_shutdown_command_names_the_exit_code", |world| {
        let lan = world.lan();
        for (code, success) in [(0, true), (3, false)] {
            let mut server = Server::under_test(world, &lan.server, "server", lan_configuration());
            let answer = server.command("shutdown", Some(json!({"exit-value": code})));
            assert_eq!(answer["result"], 0, "{answer}");
            assert_eq!(server.wait(), success);
        }
    });
}

/// Kea's manual, "Starting and Stopping the DHCPv4 Server": SIGHUP reads the configuration again; a wrong one is
/// refused and the running one goes on.
#[test]
fn sighup_reads_the_configuration_again() {
    sandboxed("sighup_reads_the_configuration_again", |world| {
        let lan = world.lan();
        let server = Server::under_test(world, &lan.server, "server", lan_configuration());
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        assert_eq!(client.obtain().lifetime(), 3600);

        let mut dhcp4 = lan_configuration();
        dhcp4["valid-lifetime"] = 7200.into();
        server.write_configuration(dhcp4.clone());
        server.signal("HUP");
        eventually("clients get the new lifetime", || {
            // One that has this lease for some seconds only would keep the lifetime it has.
            client.release();
            (client.obtain().lifetime() == 7200).then_some(())
        });

        dhcp4["valid-lifetime"] = "long".into();
        server.write_configuration(dhcp4);
        server.signal("HUP");
        eventually("the refusal is logged", || {
            server.log().contains("DHCP4_DYNAMIC_RECONFIGURATION_FAIL").then_some(())
        });
        client.release();
        assert_eq!(client.obtain().lifetime(), 7200);
    });
}

/// Kea's manual, "Command line": a running server's pid file keeps a second one from starting; one that a killed
/// server left behind does not.
#[test]
fn a_pid_file_keeps_out_a_second_server_only_while_the_first_runs() {
    sandboxed("a_pid_file_keeps_out_a_second_server_only_while_the_first_runs", |world| {
        let lan = world.lan();
        let mut first = Server::under_test(world, &lan.server, "server", lan_configuration());
        let file = first.folder().join("kea-dhcp4.kea-dhcp4.pid");
        let pid = fs::read_to_string(&file).expect("a pid file");
        assert_eq!(pid.trim(), first.pid().to_string());

        if !Server::is_kea_under_test() {
            let second =
                Server::launch(world, &lan.server, "server", &program("kea-dhcp4"), lan_configuration());
            let mut second = second;
            assert!(!second.wait(), "a second one of the same configuration ends with an error");
            let told = format!(
                "kea-dhcp4 already running? Daemon::createPIDFile: PID: {} exists, PID file: {}",
                first.pid(),
                file.display()
            );
            let log = second.log();
            assert!(log.lines().any(|line| line == told), "standard error has it alone: {log}");
            assert!(log.contains(&format!("DHCP4_ALREADY_RUNNING {told}")), "{log}");
            assert!(!log.contains("DHCP4_INIT_FAIL"), "{log}");
        }
        assert_eq!(fs::read_to_string(&file).expect("the pid file of the first"), pid);

        first.signal("KILL");
        first.wait();
        assert!(file.exists());
        let third = Server::under_test(world, &lan.server, "server", lan_configuration());
        let own = fs::read_to_string(&file).expect("a pid file");
        assert_eq!(own.trim(), third.pid().to_string());
    });
}

/// A server that waits at its start for a database (`retry-on-startup`) ends when it is told to. One that serves refuses a
/// configuration with such a database at once: its commands, and its end, do not wait.
#[test]
fn a_missing_database_keeps_nobody_waiting() {
    sandboxed("a_missing_database_keeps_nobody_waiting", |world| {
        if Server::is_kea_under_test() {
            return;
        }
        let lan = world.lan();
        let database = json!({"type": "mysql", "name": "kea", "host": "127.0.0.1", "port": 1,
            "retry-on-startup": true, "on-fail": "serve-retry-continue", "reconnect-wait-time": 10});
        let mut without = lan_configuration();
        without["lease-database"] = database.clone();
        for signal in ["TERM", "INT"] {
            let program = program("kea-dhcp4");
            let mut waiting = Server::launch(world, &lan.server, signal, &program, without.clone());
            waiting.await_log(&["DHCPSRV_LEASE_MGR_DB_OPEN_CONNECTION_WITH_RETRY_FAILED"]);
            waiting.signal(signal);
            assert!(waiting.wait(), "SIG{signal}: {}", waiting.log());
            assert!(!waiting.folder().join("kea-dhcp4.kea-dhcp4.pid").exists(), "its pid file is gone");
        }
        let mut server = Server::kotare(world, &lan.server, "server", lan_configuration());
        let mut hosts = lan_configuration();
        hosts["hosts-databases"] = json!([database]);
        let mut config = lan_configuration();
        config["config-control"] = json!({"config-databases": [database]});
        for map in [without, hosts, config] {
            let refused = server.command("config-set", Some(server.configuration(map)));
            assert_eq!(refused["result"], 1, "{refused}");
        }
        let set = server.command("config-set", Some(server.configuration(lan_configuration())));
        assert_eq!(set["result"], 0, "{set}");
        assert_eq!(lan.client("client", ClientProgram::Udhcpc).obtain().lifetime(), 3600);
        server.signal("TERM");
        assert!(server.wait(), "{}", server.log());
    });
}
