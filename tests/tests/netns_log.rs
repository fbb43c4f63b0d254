//! What stands in the log, and in which: scripts and people look there when a server starts, is reloaded and ends.

use std::fs;
use std::path::Path;
use std::process::Command;

use kotare_tests::world::{Server, World, eventually, lan_configuration, program, sandboxed};
use serde_json::{Value, json};

/// A `Dhcp4` map that logs to this file alone.
fn logging_to(file: &Path) -> Value {
    let mut dhcp4 = lan_configuration();
    dhcp4["multi-threading"] = json!({"enable-multi-threading": false});
    dhcp4["loggers"] =
        json!([{"name": "kea-dhcp4", "severity": "INFO", "output-options": [{"output": file}]}]);
    dhcp4
}

/// The severities and identifiers of a log from the line with these words on, in order, without what depends on who runs
/// the test and how it spells.
fn told(file: &Path, from: &str) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let ids = text.lines().skip_while(|line| !line.contains(from)).filter_map(|line| {
        let mut words = line.split_whitespace().skip(2);
        let (severity, _, id) = (words.next()?, words.next()?, words.next()?);
        Some(format!("{severity} {id}"))
    });
    let usual = |id: &String| !id.contains("SECURITY") && !id.contains("SYNTAX_WARNING");
    ids.filter(usual).collect()
}

/// Waits until a log has a line with these words.
fn wait_for(file: &Path, words: &str) {
    let what = format!("{} says {words}", file.display());
    eventually(&what, || fs::read_to_string(file).is_ok_and(|text| text.contains(words)).then_some(()));
}

/// The file that is configured has all from the moment the configuration is understood: the leases that are read, the
/// sockets, reloads, the end. The order is Kea's, and the sentences are those that start scripts wait for.
#[test]
fn a_life_stands_in_the_configured_log() {
    sandboxed("a_life_stands_in_the_configured_log", |world| {
        let lan = world.lan();
        let log = world.path("kea.log");
        let server = Server::kotare(world, &lan.server, "server", logging_to(&log));
        wait_for(&log, "Kea DHCPv4 server version ");
        let start = [
            "INFO DHCPSRV_CFGMGR_NEW_SUBNET4",
            "INFO DHCPSRV_CFGMGR_ADD_IFACE",
            "INFO DHCPSRV_CFGMGR_SOCKET_TYPE_DEFAULT",
            "INFO DHCPSRV_LEASE_MGR_BACKENDS_REGISTERED",
            "INFO HOSTS_BACKENDS_REGISTERED",
            "INFO DHCPSRV_FORENSIC_BACKENDS_REGISTERED",
            "INFO CONFIG_BACKENDS_REGISTERED",
            "INFO DHCP4_CONFIG_COMPLETE",
            "INFO DHCPSRV_MEMFILE_DB",
            "INFO DHCPSRV_MEMFILE_LEASE_FILE_LOAD",
            "INFO DHCPSRV_MEMFILE_EXTRACT_EXTENDED_INFO4",
            "INFO DHCPSRV_CFGMGR_USE_ALLOCATOR",
        ];
        let known = told(&log, "");
        assert_eq!(known[..start.len()], start, "{known:#?}");
        assert_eq!(known.iter().filter(|id| id.contains("DHCP4_STARTED")).count(), 1, "{known:#?}");
        // Before there was a configuration, the console was the log.
        let console = server.log();
        for words in
            ["DHCP4_STARTING Kea DHCPv4 server version ", "COMMAND_RECEIVED Received command 'config-set'"]
        {
            assert!(console.contains(words), "{console}");
        }
        assert!(!console.contains("DHCP4_CONFIG_COMPLETE"), "{console}");

        server.signal("HUP");
        wait_for(&log, "dynamic server reconfiguration succeeded with file: ");
        let known = told(&log, "'config-reload'");
        assert_eq!(
            known[..3],
            ["INFO COMMAND_RECEIVED", "INFO DHCP4_DYNAMIC_RECONFIGURATION", "INFO COMMAND_RECEIVED"],
            "{known:#?}"
        );
        assert!(known.contains(&"INFO DHCP4_CONFIG_COMPLETE".to_owned()), "{known:#?}");

        assert!(server.stop());
        let text = fs::read_to_string(&log).expect("the log is there");
        assert!(text.contains("COMMAND_RECEIVED Received command 'shutdown'"), "{text}");
        assert!(text.ends_with("DHCP4_SHUTDOWN server shutdown\n"), "{text}");
    });
}

/// A server that does not start leaves the reason where its configuration wants the log, and on the console.
#[test]
fn a_failed_start_stands_in_the_configured_log() {
    sandboxed("a_failed_start_stands_in_the_configured_log", |world| {
        let lan = world.lan();
        let log = world.path("kea.log");
        let mut dhcp4 = logging_to(&log);
        dhcp4["subnet4"][0]["pools"] = json!([{"pool": "10.9.9.1 - 10.9.9.9"}]);
        let mut server = Server::launch(world, &lan.server, "server", &program("kea-dhcp4"), dhcp4);
        assert!(!server.wait(), "{}", server.log());
        assert_eq!(
            told(&log, ""),
            ["ERROR DHCP4_PARSER_FAIL", "ERROR DHCP4_CONFIG_LOAD_FAIL", "ERROR DHCP4_INIT_FAIL"]
        );
        let text = fs::read_to_string(&log).expect("the log is there");
        let element = "failed to create or run parser for configuration element subnet4: ";
        assert!(text.contains(element) && text.contains("kea-dhcp4.conf:"), "{text}");
        let sentence = "DHCP4_INIT_FAIL failed to initialize Kea server: configuration error using file '";
        assert!(text.contains(sentence) && server.log().contains(sentence), "{text}\n{}", server.log());
    });
}

/// What is wrong besides parameters has a message of its own.
#[test]
fn each_failure_has_its_message() {
    sandboxed("each_failure_has_its_message", |world| {
        let lan = world.lan();
        let sockets =
            json!({"interfaces-config": {"interfaces": ["eth9"], "service-sockets-require-all": true}});
        let control =
            json!({"control-sockets": [{"socket-type": "unix", "socket-name": "/no/such/folder/socket"}]});
        for (name, changes, message) in [
            ("control", control, "ERROR DHCP4_PARSER_COMMIT_FAIL"),
            ("sockets", sockets, "FATAL DHCP4_FATAL_OPEN_SOCKETS_FAILED"),
        ] {
            let log = world.path(&format!("{name}.log"));
            let mut dhcp4 = logging_to(&log);
            let changes = changes.as_object().expect("a map").clone();
            dhcp4.as_object_mut().expect("a map").extend(changes);
            let mut server = Server::launch(world, &lan.server, name, &program("kea-dhcp4"), dhcp4);
            assert!(!server.wait(), "{}", server.log());
            let expected = [message, "ERROR DHCP4_CONFIG_LOAD_FAIL", "ERROR DHCP4_INIT_FAIL"];
            let told = told(&log, "");
            assert_eq!(told[told.len() - 3..], expected, "{told:#?}");
        }
    });
}

/// What can be served and should be changed is told as Kea tells it.
#[test]
fn warnings_are_keas() {
    sandboxed("warnings_are_keas", |world| {
        let lan = world.lan();
        let log = world.path("kea.log");
        let mut dhcp4 = logging_to(&log);
        dhcp4["multi-threading"] = json!({"enable-multi-threading": true});
        dhcp4["reservations-lookup-first"] = json!(true);
        dhcp4["dhcp-queue-control"] = json!({"enable-queue": true, "queue-type": "kea-ring4"});
        dhcp4["client-classes"] = json!([{"name": "one", "only-if-required": true}]);
        let subnet = &mut dhcp4["subnet4"][0];
        subnet["renew-timer"] = json!(900);
        subnet["rebind-timer"] = json!(800);
        subnet["client-class"] = json!("");
        subnet["require-client-classes"] = json!(["one"]);
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        wait_for(&log, "DHCP4_STARTED");
        let text = fs::read_to_string(&log).expect("the log is there");
        let folder = server.folder().display();
        for line in [
            "DHCP4_RESERVATIONS_LOOKUP_FIRST_ENABLED Multi-threading is enabled and".to_owned(),
            "DHCPSRV_MT_DISABLED_QUEUE_CONTROL disabling dhcp queue control".to_owned(),
            "DHCPSRV_ONLY_IF_REQUIRED_DEPRECATED The parameter 'only-if-required' is".to_owned(),
            "DHCPSRV_CLIENT_CLASS_DEPRECATED The parameter 'client-class' is".to_owned(),
            "DHCPSRV_REQUIRE_CLIENT_CLASSES_DEPRECATED The parameter 'require-client-classes'".to_owned(),
            "DHCPSRV_CFGMGR_RENEW_GTR_REBIND in subnet-id 1, the value of renew-timer 900 is greater than the value of \
             rebind-timer 800, ignoring renew-timer"
                .to_owned(),
            format!("DHCPSRV_MEMFILE_PATH_SECURITY_WARNING Lease file path specified is NOT SECURE: invalid path \
             specified: '{folder}', supported path is "),
            format!("COMMAND_UNIX_SOCKET_PATH_SECURITY_WARNING unix socket path is NOT SECURE: invalid path \
             specified: '{folder}', supported path is "),
            "DCTL_LOG_PATH_SECURITY_WARNING Log output path specified is NOT SECURE: invalid path".to_owned(),
        ] {
            assert!(text.contains(&line), "{line}\n{text}");
        }
    });
}

/// A check says whether the form of a file is wrong or what it says, as Kea's does.
#[test]
fn a_check_tells_form_from_content() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("kea.conf");
    for (text, words) in [
        ("{ \"Dhcp4\": { ", "Syntax check failed with: "),
        ("{ \"Dhcp4\": { \"foo\": 1 } }", "Syntax check failed with: "),
        ("{ \"Dhcp4\": { \"valid-lifetime\": -1 } }", "Error encountered: "),
    ] {
        fs::write(&file, text).expect("write the configuration");
        let output = Command::new(program("kea-dhcp4")).arg("-t").arg(&file).output().expect("it can be run");
        let said = String::from_utf8_lossy(&output.stderr);
        let place = format!("{words}{}:1:", file.display());
        assert!(said.starts_with(&place), "{said} does not begin with {place}");
        assert_eq!(output.status.code(), Some(1));
    }
    let output = Command::new(program("kea-dhcp4")).arg("-t").arg(folder.path().join("none")).output();
    let said =
        output.map(|output| String::from_utf8_lossy(&output.stderr).into_owned()).expect("it can be run");
    assert!(said.starts_with("Syntax check failed with: "), "{said}");
}

/// A row of the lease file that cannot be read is told in the configured log.
#[test]
fn bad_rows_stand_in_the_configured_log() {
    sandboxed("bad_rows_stand_in_the_configured_log", |world| {
        let lan = world.lan();
        let log = world.path("kea.log");
        let server = Server::kotare(world, &lan.server, "server", logging_to(&log));
        let leases = server.folder().join("leases.csv");
        assert!(server.stop());
        let header = fs::read_to_string(&leases).expect("a lease file is made");
        fs::write(&leases, format!("{header}no,lease\n")).expect("write the lease file");
        let _server = Server::again(world, &lan.server, "server");
        wait_for(&log, "DHCPSRV_MEMFILE_LEASE_LOAD_ROW_ERROR discarding row ");
    });
}

/// A configuration that is refused while serving is told in the log in use, and its own log is not begun.
#[test]
fn a_refused_reload_stands_in_the_log_in_use() {
    sandboxed("a_refused_reload_stands_in_the_log_in_use", |world| {
        refused_reload(world);
    });
}

fn refused_reload(world: &World) {
    let lan = world.lan();
    let (log, other) = (world.path("kea.log"), world.path("other.log"));
    let server = Server::kotare(world, &lan.server, "server", logging_to(&log));
    // It takes commands before it says that it has started.
    wait_for(&log, "DHCP4_STARTED");
    let mut refused = logging_to(&other);
    refused["valid-lifetime"] = json!(-1);
    server.write_configuration(refused);
    let answer = server.command("config-reload", None)["text"].to_string();
    assert!(answer.contains("Config reload failed: configuration error using file '"), "{answer}");
    wait_for(&log, "DHCP4_DYNAMIC_RECONFIGURATION_FAIL");
    assert_eq!(
        told(&log, "'config-reload'"),
        [
            "INFO COMMAND_RECEIVED",
            "INFO DHCP4_DYNAMIC_RECONFIGURATION",
            "INFO COMMAND_RECEIVED",
            "ERROR DHCP4_PARSER_FAIL",
            "ERROR DHCP4_CONFIG_LOAD_FAIL",
            "ERROR DHCP4_DYNAMIC_RECONFIGURATION_FAIL",
        ]
    );
    assert!(!other.exists(), "the log of what is refused is not begun");
}

/// Hook libraries are said to be loaded, unloaded and at fault, as Kea says it.
#[test]
fn hook_libraries_stand_in_the_log() {
    sandboxed("hook_libraries_stand_in_the_log", |world| {
        let lan = world.lan();
        let log = world.path("kea.log");
        let with_options = |options: Value| {
            let mut dhcp4 = logging_to(&log);
            let library = "/no/such/folder/libdhcp_flex_option.so";
            dhcp4["hooks-libraries"] = json!([{"library": library, "parameters": {"options": options}}]);
            dhcp4
        };
        let option = |value: &str| json!([{"code": 67, "add": value}]);
        let server = Server::kotare(world, &lan.server, "server", with_options(option("'file'")));
        wait_for(
            &log,
            "HOOKS_LIBRARY_LOADED hooks library /no/such/folder/libdhcp_flex_option.so successfully loaded",
        );

        wait_for(&log, "DHCP4_STARTED");
        let reload = |dhcp4: Value| server.write_configuration(dhcp4);
        reload(with_options(option("no expression")));
        assert_eq!(server.command("config-reload", None)["result"], json!(1));
        wait_for(&log, "DHCP4_DYNAMIC_RECONFIGURATION_FAIL");
        assert_eq!(
            told(&log, "FLEX_OPTION_LOAD_ERROR")[..3],
            ["ERROR FLEX_OPTION_LOAD_ERROR", "ERROR HOOKS_LOAD_ERROR", "ERROR DHCP4_PARSER_FAIL"]
        );

        reload(logging_to(&log));
        assert_eq!(server.command("config-reload", None)["result"], json!(0));
        wait_for(&log, "HOOKS_LIBRARY_CLOSED");
        let ends = |id: &String| id.contains("UNLOAD") || id.contains("CLOSED");
        assert_eq!(
            told(&log, "").into_iter().filter(ends).collect::<Vec<_>>(),
            ["INFO FLEX_OPTION_UNLOAD", "INFO HOOKS_LIBRARY_UNLOADED", "INFO HOOKS_LIBRARY_CLOSED"]
        );
    });
}
